"""A customer's record to a customer."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from engine.domain.attributes import MOST_ATTRIBUTES, no_room
from engine.domain.customer import REMOVABLE, TEXT_FIELDS, AttributeType, Customer
from engine.domain.refusal import shown, unknown
from engine.domain.scalars import bounded
from engine.domain.text import nfc
from engine.errors import InvalidInput
from engine.ingest.complaints import read_fields
from engine.ingest.contacts import email, phone
from engine.ingest.fields import ATTRIBUTE_PREFIX, attribute_name
from engine.ingest.mapping import TimeFormat
from engine.ingest.mapping_check import MAX_ATTRIBUTES
from engine.ingest.record_values import (
    customer,
    day,
    entries,
    fields,
    instant,
    line,
    of_another_type,
    text_of,
)
from engine.ingest.rejects import BadValue, Reason
from engine.ingest.values import instant as instant_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from engine.domain.customer import Attribute
    from engine.domain.workspace import Workspace
    from engine.ingest.complaints import Complaints

_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}\S*([Zz]|[+-][0-9]{2}:?[0-9]{2})"
)
"""A text that makes a new attribute one of instants: nobody writes a name or a size like this."""

_CHOICES = (*REMOVABLE, f"{ATTRIBUTE_PREFIX}<name>")


class CustomerRecords:
    """Reads customers in one workspace; ``types`` are the attributes known so far, by name.

    ``learnt`` collects the types of names that were new, from records without a problem.
    """

    def __init__(self, workspace: Workspace, types: Mapping[str, AttributeType]) -> None:
        self.learnt: dict[str, AttributeType] = {}
        self._types = dict(types)
        self._by_case = {name.casefold(): name for name in types}
        self._zone = zone = workspace.zone
        region = workspace.region
        self.parsers: Mapping[str, Callable[[object], Any]] = {
            "customer_id": customer,
            **dict.fromkeys(TEXT_FIELDS, line),
            "email": lambda value: email(text) if (text := text_of(value)) else None,
            "phone": lambda value: phone(text, region) if (text := text_of(value)) else None,
            "birth_date": day,
            "signed_up_at": lambda value: instant(value, zone),
            "tags": entries,
            "attributes": lambda value: fields(value, "attributes"),
            "unset": _unset,
        }

    def read(self, record: Mapping[str, object], complaints: Complaints) -> Customer | None:
        """Return the customer, or None where there are complaints."""
        found: dict[str, Any] = read_fields(record, self.parsers, "", "field", complaints)
        if "customer_id" not in found and record.get("customer_id") is None:
            complaints.missing("customer_id", 'such as "c-7"')
        given = found.get("attributes")
        new: dict[str, AttributeType] = {}
        emptied: set[str] = {"tags"} if found.get("tags") == () else set()
        attributes = self._attributes(given, new, emptied, complaints) if given else {}
        unset: frozenset[str] = found.get("unset", frozenset())
        for name in sorted(
            unset & {*_said(found), *(ATTRIBUTE_PREFIX + one for one in attributes)}
        ):
            detail = "give a value for it, or take it away"
            complaints.add("unset", BadValue(Reason.TAKEN_AWAY, name, detail))
        if complaints:
            return None
        for name, type_ in new.items():
            self.learnt[name] = self._types[name] = type_
            self._by_case[name.casefold()] = name
        return Customer(
            customer_id=found["customer_id"],
            **{name: found.get(name) for name in TEXT_FIELDS},
            birth_date=found.get("birth_date"),
            signed_up_at=found.get("signed_up_at"),
            tags=found.get("tags", ()),
            attributes=MappingProxyType(attributes),
            unset=unset | emptied,
        )

    def _attributes(
        self,
        given: Mapping[str, object],
        new: dict[str, AttributeType],
        emptied: set[str],
        complaints: Complaints,
    ) -> dict[str, Attribute]:
        if len(given) > MAX_ATTRIBUTES:
            detail = f"{len(given)} attributes, at most {MAX_ATTRIBUTES} are taken"
            complaints.add("attributes", BadValue(Reason.TOO_LONG, shown(given), detail))
            return {}
        found: dict[str, Attribute] = {}
        for raw, value in given.items():
            path = f"attributes/{raw}"
            try:
                name = self._name(raw, (*found, *new))
                if value is None:
                    continue
                known = self._types.get(name)
                read, type_ = self._value(value, known)
                if read == () and known is AttributeType.LIST:
                    emptied.add(ATTRIBUTE_PREFIX + name)
                if read is None or read == ():
                    continue
                if known is not None and type_ is not known:
                    detail = f"attribute {name!r} holds {known.value}, not {type_.value}"
                    raise BadValue(Reason.TYPE, shown(value), detail)  # noqa: TRY301 - one way out
            except BadValue as bad:
                complaints.add(path, bad)
                continue
            if known is None:
                if len(self._types) + len(new) >= MOST_ATTRIBUTES:
                    detail = no_room(len(self._types))
                    complaints.add(path, BadValue(Reason.ATTRIBUTE, raw, detail))
                    continue
                new[name] = type_
            found[name] = read
        return found

    def _name(self, raw: str, others: tuple[str, ...]) -> str:
        name = attribute_name(ATTRIBUTE_PREFIX + nfc(raw))
        if name is None:
            detail = "a name is a letter, then up to 63 letters, digits or _"
        elif name.casefold().endswith("_folded"):
            detail = "a name must not end in '_folded'; give it another"
        else:
            of_same_case = self._by_case.get(name.casefold(), name)
            twin = next((o for o in others if o.casefold() == name.casefold()), None)
            if of_same_case == name and twin is None:
                return name
            other = twin or of_same_case
            detail = f"it differs only by case from {other!r}; use one of them"
        raise BadValue(Reason.ATTRIBUTE, raw, detail)

    def _value(
        self, value: object, known: AttributeType | None
    ) -> tuple[Attribute | None, AttributeType]:
        kind = type(value)
        if kind is bool:
            return value, AttributeType.BOOLEAN  # type: ignore[return-value]
        if kind is int or kind is float:
            return _number(value), AttributeType.NUMBER  # type: ignore[arg-type]
        if kind is list:
            return entries(value), AttributeType.LIST
        if kind is not str:
            raise of_another_type(value, "text, a number, true, false, or a list of text")
        text = line(value)
        if text is None:
            return None, AttributeType.TEXT
        if known is AttributeType.TIME or (known is None and _INSTANT.fullmatch(text)):
            return instant_of(text, TimeFormat.ISO, self._zone), AttributeType.TIME
        return text, AttributeType.TEXT


def _said(found: Mapping[str, object]) -> Iterator[str]:
    """Yield the fields of which a record gives a value."""
    return (name for name in REMOVABLE if found.get(name))


def _unset(value: object) -> frozenset[str]:
    """Return the names of fields that are to be taken away."""
    names = entries(value)
    for name in names:
        if name not in REMOVABLE and attribute_name(name) is None:
            detail = unknown(name, _CHOICES, "field")
            raise BadValue(Reason.UNKNOWN_FIELD, name, detail).among(_CHOICES)
    return frozenset(names)


def _number(value: float) -> float:
    try:
        return float(bounded(value))
    except InvalidInput as error:
        raise BadValue(Reason.RANGE, shown(value), str(error)) from None
