"""Customers in MongoDB: one document each, folded text beside the text.

A value says where it came from: one that an order file brought carries the instant and the id of
that order in ``order_derived.<field>`` (``at``, ``order``), so that an older order never overwrites
what a later one said, whichever file comes first, and nothing that an order file brings overwrites
what a customer file said. Of two orders at the same instant the one with the greater id is later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from pymongo import UpdateOne

from engine.domain import bucket
from engine.domain.customer import TEXT_FIELDS, Customer
from engine.domain.text import fold
from engine.errors import NotFound
from engine.store.faults import mapped_errors
from engine.store.revisions import GONE, merged
from engine.store.writes import WriteCounts, insert_new, upsert_all

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from pymongo.database import Database

    from engine.domain.customer import Attribute


_TEXTS = frozenset(TEXT_FIELDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A text that an order brought, and the order."""

    value: str
    ordered_at: datetime
    order_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderProfile:
    """What a file's orders say of one customer: text fields by name, each from its latest order."""

    customer_id: str
    fields: Mapping[str, Said]


class CustomerStore:
    """The collection ``customers``; unique by ``customer_id``."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._customers = database["customers"]

    @mapped_errors()
    def upsert(
        self,
        customers: Sequence[Customer],
        *,
        source: str,
        revision: int | None = None,
    ) -> WriteCounts:
        """Set the values that are given; None and empty leave the stored value alone.

        What is ``unset`` goes; an order file that is imported later may say it again.

        With a ``revision`` (microseconds since 1970) a field is set only where the stored one was
        set with none or a lower one.
        """
        operations = [
            _explicit(one, source) if revision is None else _explicit_at(one, source, revision)
            for one in customers
        ]
        return upsert_all(self._customers, operations)

    @mapped_errors()
    def upsert_from_orders(
        self, profiles: Sequence[OrderProfile], *, source: str, revision: int | None = None
    ) -> WriteCounts:
        """Make the customers that orders name, and take what later orders say of them.

        With a ``revision`` (microseconds since 1970), of what one order said twice the higher
        revision holds, whichever comes first.
        """
        return upsert_all(self._customers, [_derived(one, source, revision) for one in profiles])

    @mapped_errors()
    def insert(self, customers: Sequence[Customer], *, source: str) -> int:
        """Insert those of the customers that are not there yet (demo data); returns how many."""
        documents = [
            {**_stored(one), **_identity(one.customer_id), "source": source} for one in customers
        ]
        return insert_new(self._customers, documents)

    @mapped_errors()
    def get(self, customer_id: str) -> Customer:
        """Return one customer; raises NotFound."""
        document = self._customers.find_one({"customer_id": customer_id})
        if document is None:
            msg = f"there is no customer {customer_id!r}"
            raise NotFound(msg)
        return _restored(document)

    @mapped_errors()
    def find(self, customer_ids: Sequence[str]) -> dict[str, Customer]:
        """Return those of the customers that exist, by id, in the order of the ids."""
        wanted = {"customer_id": {"$in": list(customer_ids)}}
        found = self._customers.find(wanted).sort("customer_id")
        return {document["customer_id"]: _restored(document) for document in found}

    def stream(self) -> Iterator[Customer]:
        """Yield every customer, in the order in which they lie."""
        with mapped_errors():
            for document in self._customers.find():
                yield _restored(document)

    @mapped_errors()
    def known(self, customer_ids: Sequence[str]) -> frozenset[str]:
        """Return those of the ids that there are customers of; only the index is read."""
        wanted = {"customer_id": {"$in": list(customer_ids)}}
        size = len(customer_ids) + 1  # all in one reply: by itself MongoDB begins with 101
        found = self._customers.find(wanted, {"_id": 0, "customer_id": 1}, batch_size=size)
        return frozenset(document["customer_id"] for document in found)

    @mapped_errors()
    def is_empty(self) -> bool:
        """Tell whether there are none; the count that MongoDB keeps can be wrong after a crash."""
        return self._customers.find_one({}, {"_id": 1}) is None

    @mapped_errors()
    def count(self, *, source: str | None = None) -> int:
        """Return how many customers there are, or came from ``source``."""
        return self._customers.count_documents({} if source is None else {"source": source})

    @mapped_errors()
    def remove(self, *, source: str) -> int:
        """Delete every customer that only ``source`` has written; returns how many."""
        return self._customers.delete_many({"source": source}).deleted_count


def _identity(customer_id: str) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "customer_id_folded": fold(customer_id),
        "seed": bucket.seed(customer_id),
    }


def _explicit(customer: Customer, source: str) -> UpdateOne:
    values: dict[str, Any] = {"source": source}
    for name, value in _stored(customer).items():
        if isinstance(value, dict):
            values |= {f"{name}.{key}": inner for key, inner in value.items()}
        else:
            values[name] = value
    given = {name for name in TEXT_FIELDS if getattr(customer, name) is not None}
    gone = [f"order_derived.{name}" for name in sorted(given.union(customer.unset & _TEXTS))]
    gone += [path for name in sorted(customer.unset) for path in _paths(name)]
    update: dict[str, Any] = {"$set": values, "$setOnInsert": _identity(customer.customer_id)}
    if gone:
        update["$unset"] = dict.fromkeys(gone, "")
    return UpdateOne({"customer_id": customer.customer_id}, update, upsert=True)


def _explicit_at(customer: Customer, source: str, revision: int) -> UpdateOne:
    fields: dict[str, dict[str, Any]] = {}
    for name, value in _stored(customer).items():
        field = name.removesuffix("_folded")
        if isinstance(value, dict):
            for key, inner in value.items():
                fields.setdefault(f"{field}.{key}", {})[f"{name}.{key}"] = inner
        else:
            fields.setdefault(field, {})[name] = value
    for name in customer.unset:
        fields[name] = dict.fromkeys(_paths(name), GONE)
    always = _made(customer.customer_id, source)
    update = merged(always, fields, revision, derived=_TEXTS)
    return UpdateOne({"customer_id": customer.customer_id}, update, upsert=True)


def _paths(field: str) -> tuple[str, ...]:
    """Return where a field lies; what rules compare lies folded beside it."""
    if field in ("birth_date", "signed_up_at"):
        return (field,)
    name, dot, inner = field.partition(".")
    return (field, f"{name}_folded{dot}{inner}")


def _made(customer_id: str, source: str) -> dict[str, Any]:
    """Return, as expressions, what a customer has from the first write on."""
    made: dict[str, Any] = {
        name: {"$ifNull": [f"${name}", {"$literal": value}]}
        for name, value in _identity(customer_id).items()
        if name != "customer_id"  # the filter brings it
    }
    return {**made, "source": {"$literal": source}}


def _derived(profile: OrderProfile, source: str, revision: int | None) -> UpdateOne:
    values = _made(profile.customer_id, source)
    for name, said in profile.fields.items():
        taken_at = f"$order_derived.{name}"
        # Documents compare field by field: by instant, then by id, then by revision.
        instant: dict[str, Any] = {"at": said.ordered_at, "order": said.order_id}
        if revision is None:
            taken: object = {"at": f"{taken_at}.at", "order": f"{taken_at}.order"}
        else:
            taken = taken_at
            instant["revision"] = revision
        at = {"$literal": instant}
        take = {
            "$or": [
                {"$eq": [{"$type": f"${name}"}, "missing"]},
                {
                    "$and": [
                        {"$ne": [{"$type": taken_at}, "missing"]},
                        {"$lte": [taken, at]},
                    ]
                },
            ]
        }
        text, folded = {"$literal": said.value}, {"$literal": fold(said.value)}
        values[name] = {"$cond": [take, text, f"${name}"]}
        values[f"{name}_folded"] = {"$cond": [take, folded, f"${name}_folded"]}
        values[f"order_derived.{name}"] = {"$cond": [take, at, taken_at]}
    return UpdateOne({"customer_id": profile.customer_id}, [{"$set": values}], upsert=True)


def _stored(customer: Customer) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in TEXT_FIELDS:
        value = getattr(customer, name)
        if value is not None:
            values |= {name: value, f"{name}_folded": fold(value)}
    if customer.birth_date is not None:
        values["birth_date"] = customer.birth_date.isoformat()
    if customer.signed_up_at is not None:
        values["signed_up_at"] = customer.signed_up_at
    if customer.tags:
        values["tags"] = list(customer.tags)
        values["tags_folded"] = [fold(tag) for tag in customer.tags]
    if customer.attributes:
        values |= _stored_attributes(customer.attributes)
    return values


def _stored_attributes(attributes: Mapping[str, Attribute]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    folded: dict[str, Any] = {}
    for name, value in attributes.items():
        plain[name] = _bson(value)
        if isinstance(value, str):
            folded[name] = fold(value)
        elif isinstance(value, tuple):
            folded[name] = [fold(entry) for entry in value]
    return {"attributes": plain, "attributes_folded": folded} if folded else {"attributes": plain}


def _bson(value: Attribute) -> object:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)  # one BSON type for every number of an attribute
    return value


def _restored(document: dict[str, Any]) -> Customer:
    born = document.get("birth_date")
    texts: dict[str, Any] = {name: document.get(name) for name in TEXT_FIELDS}
    return Customer(
        customer_id=document["customer_id"],
        **texts,
        birth_date=None if born is None else date.fromisoformat(born),
        signed_up_at=document.get("signed_up_at"),
        tags=tuple(document.get("tags", ())),
        attributes={
            name: tuple(value) if isinstance(value, list) else value
            for name, value in document.get("attributes", {}).items()
        },
    )
