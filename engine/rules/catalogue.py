"""The catalogue: every field a rule may name. The only source of SQL identifiers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.domain.attributes import told_apart
from engine.domain.order import OrderStatus
from engine.domain.refusal import unknown
from engine.errors import InvalidInput
from engine.rules.operators import CHOICE_OPERATORS, OPERATORS, FieldType, Operator

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Aggregate", "Catalogue", "Field", "FieldType"]

ATTRIBUTE_PREFIX = "attributes."


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name in rules, how it reads, its type and its column in the snapshot.

    ``column`` is empty for a field of orders, which the customers' table has no column for.
    ``choices`` is not empty where the text is one of a few.
    """

    name: str
    label: str
    type: FieldType
    column: str = ""
    choices: tuple[str, ...] = ()

    @property
    def sql(self) -> str:
        """The column as a quoted SQL identifier."""
        return quoted(self.column)

    @property
    def folded_sql(self) -> str:
        """The column of the folded text (RULES.md, "Text") as a quoted SQL identifier."""
        return quoted(f"{self.column}_folded")

    @property
    def operators(self) -> Mapping[str, Operator]:
        """The operators this field has, by name."""
        return CHOICE_OPERATORS if self.choices else OPERATORS[self.type]

    def operator(self, name: str) -> Operator:
        """Return one of this field's operators; InvalidInput lists them if it has no such one."""
        if (found := self.operators.get(name)) is None:
            raise InvalidInput(unknown(name, self.operators, f"{self.type} operator"))
        return found


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A figure over orders: how it reads, and the fields it may be ``of`` (none for count)."""

    name: str
    label: str
    of: tuple[str, ...] = ()
    of_required: bool = True

    def result(self, of: str | None) -> FieldType:
        """Return the type of the figure: money over amounts, else a number."""
        money = of == "amount" and self.name in {"sum", "average", "minimum", "maximum"}
        return FieldType.MONEY if money else FieldType.NUMBER


def _fields(*rows: tuple[str, str, FieldType, str]) -> tuple[Field, ...]:
    return tuple(Field(*row) for row in rows)


CUSTOMER_FIELDS = _fields(
    ("customer_id", "customer id", FieldType.TEXT, "customer_id"),
    ("email", "e-mail", FieldType.TEXT, "email"),
    ("phone", "phone", FieldType.TEXT, "phone"),
    ("name", "name", FieldType.TEXT, "name"),
    ("city", "city", FieldType.TEXT, "city"),
    ("country", "country", FieldType.TEXT, "country"),
    ("gender", "gender", FieldType.TEXT, "gender"),
    ("birth_date", "birth date", FieldType.DATE, "birth_date"),
    ("signed_up_at", "sign-up", FieldType.TIME, "signed_up_at"),
    ("tags", "tag list", FieldType.LIST, "tags"),
    ("order_count", "number of orders", FieldType.NUMBER, "order_count"),
    ("total_spend", "total spend", FieldType.MONEY, "total_spend"),
    # An average is compared through its sum and its count, never as a quotient.
    ("average_order_value", "average order value", FieldType.MONEY, "completed_amount"),
    ("first_order_at", "first order", FieldType.TIME, "first_order_at"),
    ("last_order_at", "last order", FieldType.TIME, "last_order_at"),
    ("days_since_last_order", "days since the last order", FieldType.NUMBER, "last_order_on"),
)

ORDER_FIELDS = (
    Field("category", "category", FieldType.TEXT),
    Field("sku", "SKU", FieldType.TEXT),
    Field("status", "status", FieldType.TEXT, choices=tuple(one.value for one in OrderStatus)),
    Field("channel", "channel", FieldType.TEXT),
    Field("amount", "amount", FieldType.MONEY),
    Field("quantity", "quantity", FieldType.NUMBER),
)
"""What a behaviour's ``where`` may test."""

_MEASURES = ("amount", "quantity")
AGGREGATES = (
    Aggregate("count", "number of orders"),
    Aggregate("sum", "sum of order {of}", _MEASURES),
    Aggregate("average", "average order {of}", _MEASURES),
    Aggregate("minimum", "smallest order {of}", _MEASURES),
    Aggregate("maximum", "largest order {of}", _MEASURES),
    Aggregate("distinct", "number of distinct order {of}", ("category", "sku", "channel")),
    # RULES.md lets all but count name `of`; a gap between orders is the same whatever it names.
    Aggregate("days_between", "mean days between orders", _MEASURES, of_required=False),
)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The fields of customers (profile, aggregates, learnt attributes) and of their orders."""

    fields: Mapping[str, Field]
    order_fields: Mapping[str, Field]
    aggregates: Mapping[str, Aggregate]

    @classmethod
    def build(cls, attribute_types: Mapping[str, str]) -> Catalogue:
        """Return the catalogue for these attributes: name (without prefix) to field type.

        Attributes whose columns cannot be told apart are left out, and so refused.
        """
        clear = [
            _attribute(name, FieldType(kind))
            for name, kind in sorted(told_apart(attribute_types).items())
        ]
        return cls(
            fields=_by_name((*CUSTOMER_FIELDS, *clear)),
            order_fields=_by_name(ORDER_FIELDS),
            aggregates=MappingProxyType({one.name: one for one in AGGREGATES}),
        )

    def field(self, name: str) -> Field:
        """Return a customer's field; InvalidInput names the nearest and lists all."""
        if (found := self.fields.get(name)) is None:
            raise InvalidInput(unknown(name, self.fields, "field"))
        return found

    def order_field(self, name: str) -> Field:
        """Return a field that ``where`` may test; InvalidInput lists all."""
        if (found := self.order_fields.get(name)) is None:
            raise InvalidInput(unknown(name, self.order_fields, "order field"))
        return found

    def aggregate(self, name: str) -> Aggregate:
        """Return an aggregate over orders; InvalidInput lists all."""
        if (found := self.aggregates.get(name)) is None:
            raise InvalidInput(unknown(name, self.aggregates, "order aggregate"))
        return found


def quoted(identifier: str) -> str:
    """Return a SQL identifier in quotes; any character may stand in it."""
    return '"' + identifier.replace('"', '""') + '"'


def _attribute(name: str, kind: FieldType) -> Field:
    # The quotes keep a name such as `city is "x" or name` from reading as more than a name.
    label = f"attribute {json.dumps(name, ensure_ascii=False)}"
    return Field(ATTRIBUTE_PREFIX + name, label, kind, ATTRIBUTE_PREFIX + name)


def _by_name(fields: tuple[Field, ...]) -> Mapping[str, Field]:
    return MappingProxyType({field.name: field for field in fields})
