"""RULES.md, "Operators": whether a value passes a test, whatever holds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from engine.domain.calendar import Span, ahead, back, day_bounds, local_date
from engine.domain.text import fold
from engine.rules.values import typed

if TYPE_CHECKING:
    from fractions import Fraction

    from engine.domain.rules import FieldCondition, OrderFilter
    from engine.domain.workspace import Workspace
    from engine.rules.catalogue import Field

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
class Conditions:
    """Tests values at one instant."""

    now: datetime
    workspace: Workspace

    def holds(self, condition: FieldCondition | OrderFilter, field: Field, has: Any) -> bool:  # noqa: ANN401 - any type
        value = typed(field.type, field.operator(condition.op), condition.value, self.workspace)
        op = COMPLEMENTS.get(condition.op, condition.op)
        answer = self.positive(op, has, value)
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
