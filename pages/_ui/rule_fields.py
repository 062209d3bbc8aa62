"""The fields and operators an analyst may choose, as the rule builder shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine import Crm

PROFILE, ORDERS, ATTRIBUTES = "Profile", "Orders", "Attributes"
_LIFETIME = (
    "order_count",
    "total_spend",
    "average_order_value",
    "first_order_at",
    "last_order_at",
    "days_since_last_order",
)
_FIRST = {"number": "greater_than", "money": "greater_than", "date": "after", "time": "in_the_last"}
"""The operator a fresh condition starts with, where it is not the type's first."""


@dataclass(frozen=True, slots=True)
class OperatorChoice:
    """An operator: its name in rules, its words, and what value it takes.

    ``takes`` is ``nothing``, ``one``, ``day``, ``range``, ``many``, ``span`` or ``days``.
    """

    name: str
    label: str
    takes: str


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """A field: its name in rules, its words, its type, and the operators it has."""

    name: str
    label: str
    kind: str
    group: str
    operators: Mapping[str, OperatorChoice]

    @property
    def title(self) -> str:
        """The field as a list of fields shows it: ``Orders · Total spend``."""
        return f"{self.group} · {self.label[:1].upper()}{self.label[1:]}"

    @property
    def first_operator(self) -> str:
        """The operator a fresh condition on this field starts with."""
        return _FIRST.get(self.kind, next(iter(self.operators)))


def field_choices(crm: Crm) -> Mapping[str, FieldChoice]:
    """Return the fields a rule may name now, by name: those of orders, profile, attributes."""
    found = []
    for field in crm.catalogue().fields.values():
        operators = {
            one.name: OperatorChoice(one.name, one.label, one.takes.name.lower())
            for one in field.operators.values()
        }
        label, group = field.label, PROFILE
        if field.name in _LIFETIME:
            group = ORDERS
        elif field.name.startswith("attributes."):
            label, group = field.name.removeprefix("attributes."), ATTRIBUTES
        found.append(FieldChoice(field.name, label, str(field.type), group, operators))
    order = (ORDERS, PROFILE, ATTRIBUTES)
    return {one.name: one for one in sorted(found, key=lambda one: order.index(one.group))}
