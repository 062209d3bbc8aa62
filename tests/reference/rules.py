"""RULES.md read aloud in plain Python: whether one customer is a member, one customer at a time.

No index, no SQL, no shortcut. It shares with the engine the tree, the typed values and the
calendar (which have tests of their own), and nothing that decides what an operator means.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from engine.domain import rules
from engine.domain.calendar import Span, ahead, back, day_bounds, local_date
from engine.domain.order import Order, OrderStatus
from engine.domain.text import fold
from engine.rules.values import typed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.domain.customer import Customer
    from engine.domain.workspace import Workspace
    from engine.rules.catalogue import Catalogue

COMPLEMENTS = {
    "not_equals": "equals",
    "not_contains": "contains",
    "not_starts_with": "starts_with",
    "not_ends_with": "ends_with",
    "not_in": "in",
    "not_in_the_last": "in_the_last",
    "is_not_set": "is_set",
    "is_not_empty": "is_empty",
    "contains_none": "contains_any",
}


@dataclass(frozen=True)
class Person:
    """A customer and all of their orders."""

    customer: Customer
    orders: tuple[Order, ...] = ()


@dataclass(frozen=True)
class Reference:
    """Evaluates rules at one instant."""

    now: datetime
    workspace: Workspace
    catalogue: Catalogue

    def members(self, rule: rules.Rule, people: Iterable[Person]) -> list[bool]:
        root = without_skipped(rule.root)
        return [root is None or self.matches(root, person) for person in people]

    def matches(self, node: rules.Node, person: Person) -> bool:
        match node:
            case rules.All(children=children):
                return all(self.matches(child, person) for child in children)
            case rules.Any(children=children):
                return any(self.matches(child, person) for child in children)
            case rules.Not(child=child):
                return not self.matches(child, person)
            case rules.FieldCondition():
                return self.holds(node, person)
        raise NotImplementedError(type(node).__name__)

    def holds(self, condition: rules.FieldCondition, person: Person) -> bool:
        field = self.catalogue.field(condition.field)
        value = typed(field.type, field.operator(condition.op), condition.value, self.workspace)
        op = COMPLEMENTS.get(condition.op, condition.op)
        answer = self.positive(op, self.has(field.name, person), value)
        return answer if op == condition.op else not answer

    def positive(self, op: str, has: Any, value: Any) -> bool:  # noqa: ANN401, PLR0911 - any type
        if isinstance(has, tuple):
            return list_test(op, {fold(one) for one in has}, {fold(one) for one in value or ()})
        if has is None:
            return False
        if op == "is_set":
            return True
        if isinstance(has, bool):
            return {"is_true": has, "is_false": not has}[op]
        if isinstance(has, str):
            wanted = [fold(one) for one in value] if op == "in" else fold(value)
            return text_test(op, fold(has), wanted)
        if isinstance(has, date):  # a datetime is a date to Python, too
            return self.time_test(op, has, value)
        return number_test(op, has, value)

    def time_test(self, op: str, has: date, value: Any) -> bool:  # noqa: ANN401 - as above
        zone, now = self.workspace.zone, self.now
        if op == "anniversary_in_the_next":
            return self.anniversary(
                local_date(has, zone) if isinstance(has, datetime) else has, value
            )
        # A date without a time stands at the first instant of its local day.
        at = has if isinstance(has, datetime) else day_bounds(has, zone)[0]
        if isinstance(value, Span):
            if op == "in_the_last":
                return back(now, value, zone) < at <= now
            return now < at <= ahead(now, value, zone)
        if op == "between":
            low, high = value
            return not self.is_before(at, low) and not self.is_after(at, high)
        before, after = self.is_before(at, value), self.is_after(at, value)
        return {"before": before, "after": after, "on": not before and not after}[op]

    def is_before(self, at: datetime, value: date) -> bool:
        if isinstance(value, datetime):
            return at < value
        return at < day_bounds(value, self.workspace.zone)[0]

    def is_after(self, at: datetime, value: date) -> bool:
        if isinstance(value, datetime):
            return at > value
        return at >= day_bounds(value, self.workspace.zone)[1]

    def anniversary(self, day: date, days: int) -> bool:
        today = local_date(self.now, self.workspace.zone)
        return any(
            kept_in(day, coming.year) == coming
            for coming in (today + timedelta(days=n) for n in range(1, min(days, 400) + 1))
        )

    def has(self, name: str, person: Person) -> Any:  # noqa: ANN401, PLR0911 - one return a field
        """Return the customer's value: text, number, Fraction, day, instant, tuple or None."""
        completed = [one for one in person.orders if one.status is OrderStatus.COMPLETED]
        spent = [
            one
            for one in person.orders
            if one.status in {OrderStatus.COMPLETED, OrderStatus.REFUNDED}
        ]
        times = [one.ordered_at for one in completed]
        match name:
            case "order_count":
                return len(completed)
            case "total_spend":
                return sum(one.amount for one in spent)
            case "average_order_value":
                total = sum(one.amount for one in completed)
                return Fraction(total, len(completed)) if completed else None
            case "first_order_at":
                return min(times, default=None)
            case "last_order_at":
                return max(times, default=None)
            case "days_since_last_order":
                zone = self.workspace.zone
                last = local_date(max(times), zone) if times else None
                return (local_date(self.now, zone) - last).days if last else None
        if name.startswith("attributes."):
            attribute = name.removeprefix("attributes.")
            missing = () if self.catalogue.field(name).type == "list" else None
            return person.customer.attributes.get(attribute, missing)
        return getattr(person.customer, name)


def without_skipped(node: rules.Node) -> rules.Node | None:
    """Return the tree as if disabled nodes, and a ``not`` of nothing, were not there."""
    if not node.enabled:
        return None
    match node:
        case rules.All(children=children) | rules.Any(children=children):
            kept = [without_skipped(child) for child in children]
            return type(node)(tuple(child for child in kept if child is not None))
        case rules.Not(child=child):
            inner = without_skipped(child)
            return None if inner is None else rules.Not(inner)
    return node


def text_test(op: str, has: str, value: str | list[str]) -> bool:
    if op == "in":
        return has in list(value)
    wanted = str(value)
    return {
        "equals": has == wanted,
        "contains": wanted in has,
        "starts_with": has.startswith(wanted),
        "ends_with": has.endswith(wanted),
    }[op]


def number_test(op: str, has: Fraction | float, value: Any) -> bool:  # noqa: ANN401 - one or two
    if op == "between":
        return bool(value[0] <= has <= value[1])
    return bool(
        {
            "equals": has == value,
            "greater_than": has > value,
            "greater_or_equal": has >= value,
            "less_than": has < value,
            "less_or_equal": has <= value,
        }[op],
    )


def list_test(op: str, has: set[str], wanted: set[str]) -> bool:
    return {
        "contains_any": bool(has & wanted),
        "contains_all": wanted <= has,
        "is_empty": not has,
    }[op]


def kept_in(day: date, year: int) -> date:
    """Return the day that the anniversary of ``day`` is kept on in ``year``."""
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 2, 28)
