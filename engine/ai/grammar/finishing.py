"""A condition whose words were all read, out of the places that they filled."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.ai.grammar.frames import MEASURES, MOMENTS
from engine.ai.grammar.times import Ahead, Days, Recent, Stretch, moved
from engine.ai.grammar.tree import Aged, Birthday, Group, Moment, Purchase, Share, Test

if TYPE_CHECKING:
    from engine.ai.grammar.frames import Frame
    from engine.ai.grammar.quantities import Quantity
    from engine.ai.grammar.times import Time
    from engine.ai.grammar.tree import Tree

_OLDEST = 150
"""Years that nobody outlives."""


def finished(frame: Frame) -> Tree | None:  # noqa: PLR0911 - one return a kind of head
    """Return the condition, or None where something it needs was not said."""
    if frame.of_orders:
        return _purchase(frame)
    if frame.head in MOMENTS or frame.head == "moment":
        return _moment(frame)
    match frame.head:
        case "birthday":
            return _birthday(frame)
        case "since_last" | "field" if frame.amount is not None:
            name = frame.field or "days_since_last_order"
            return Test(
                field=name,
                op="",
                quantity=frame.amount,
                negated=frame.negated,
                first=frame.first,
                end=frame.end,
            )
        case "age" | "older" | "younger" if frame.amount is not None:
            return _aged(frame)
        case "turning" if frame.amount is not None:
            return _turning(frame, frame.amount)
        case "random" if frame.amount is not None:
            return (
                None
                if frame.negated
                else Share(percent=frame.amount, first=frame.first, end=frame.end)
            )
        case _:
            return None


def _purchase(frame: Frame) -> Tree | None:
    time = frame.time
    point = isinstance(time, Recent) and time.at  # "stopped ordering 6 months ago"
    if frame.head == "inactive" and time is not None and (point or isinstance(time, Stretch)):
        return Moment(
            field="last_order_at",
            time=time,
            negated=frame.negated,
            first=frame.first,
            end=frame.end,
        )
    measured = _measured(frame)
    if measured is None or _lacks(frame):
        return None
    measure, amount, each = measured
    count = frame.count
    single = count is not None and count.value == 1 and not count.op
    if frame.negated and single and frame.head != "order_count":
        count = None  # "not a single order", "haven't placed one order": none at all
    if "one_time" in frame.flags and frame.time is not None and not frame.negated:
        return _only_one(frame)
    return Purchase(
        measure=measure,
        negated=frame.negated != (frame.head == "inactive"),
        count=count,
        amount=amount,
        each=each,
        units=None if _per_order(frame) else frame.units,
        each_units=frame.units if _per_order(frame) else None,
        distinct=_kinds(frame),
        values=tuple(frame.values),
        time=frame.time,
        idle=frame.head == "inactive",
        goes_on=frame.goes_on,
        elliptic=frame.elliptic,
        led=frame.led,
        guessed=frame.guessed,
        ever=bool(frame.flags & {"ever", "in_total"}),
        nothing_else="nothing_else" in frame.flags,
        first=frame.first,
        end=frame.end,
    )


def _per_order(frame: Frame) -> bool:
    """Whether the items are those of a single order: "orders of 3 or more items"."""
    return (frame.noun or "each" in frame.flags) and "in_total" not in frame.flags


def _only_one(frame: Frame) -> Tree:
    """As in "first-time buyers in the last month": one order in all, and that one then."""
    then = Purchase(
        measure="count",
        values=tuple(frame.values),
        time=frame.time,
        first=frame.first,
        end=frame.end,
    )
    return Group("all", (replace(then, count=frame.count, time=None, ever=True), then))


def _lacks(frame: Frame) -> bool:  # noqa: PLR0911 - one return a kind of head
    """Whether the head asks for a number or a time that was not said."""
    if frame.noun and frame.distinct is not None and frame.distinct.unit == "skus":
        return True  # "orders with 4 different items"
    figures = (frame.count, frame.amount, frame.each, frame.units, frame.distinct)
    plain = len(frame.values) == 1 and not frame.negated and all(one is None for one in figures)
    if "nothing_else" in frame.flags and not plain:
        return True
    single = "each" in frame.flags
    if single and (frame.distinct or any(one.joined in {"and", "both"} for one in frame.values)):
        return True  # of what one order holds together, nothing can be asked
    if "by_quantity" in frame.flags or (frame.bare and "figure" in frame.flags):
        return not (frame.values or frame.time) or frame.head != "spend"
    match frame.head:
        case "inactive" | "active":
            return frame.time is None
        case "average" | "maximum" | "minimum" | "gap":
            return frame.amount is None
        case "order_count":
            return frame.count is None
        case "items_total":
            return frame.units is None
        case head:
            return head.startswith("distinct_") and frame.distinct is None


def _measured(frame: Frame) -> tuple[str, Quantity | None, Quantity | None] | None:
    """Return the measure, what it is compared with, and what every order comes to."""
    amount, each = frame.amount, frame.each
    if frame.head == "every_order":
        bounds = {"greater": "minimum", "less": "maximum"}
        measure = bounds.get(amount.op.split("_")[0], "") if amount else ""
        return (measure, amount, each) if measure else None
    measure = MEASURES.get(frame.head, "count")
    if measure == "count" and amount is not None and "in_total" not in frame.flags:
        counted = frame.counts and frame.count is not None
        if counted or amount.op in {"less_than", "less_or_equal"}:
            amount, each = None, amount  # each order comes to that
    if "on_average" in frame.flags and measure in {"sum", "count"}:
        return ("average", amount or each, None) if amount or each else None
    if "each" in frame.flags and measure == "sum":
        return ("count", None, each or amount) if each or amount else None
    return measure, amount, each


def _kinds(frame: Frame) -> Quantity | None:
    if frame.distinct is None or not frame.head.startswith("distinct_"):
        return frame.distinct
    return replace(frame.distinct, unit=frame.head.removeprefix("distinct_"))


def _moment(frame: Frame) -> Tree | None:
    time = frame.time
    if time is None and frame.head == "born" and frame.negated:
        return Test(field="birth_date", op="is_set", negated=True, first=frame.first, end=frame.end)
    if time is None:
        return None
    name = frame.field or MOMENTS[frame.head]
    if name == "birth_date" and _yearless(time):
        return None  # nobody means those born this May
    if isinstance(time, Ahead):
        return (
            None
            if name in MOMENTS.values()
            else Moment(
                field=name, time=time, negated=frame.negated, first=frame.first, end=frame.end
            )
        )
    if frame.head == "tenure" and isinstance(time, Recent):
        time = replace(time, older=time.op not in {"less_than", "less_or_equal"}, at=False)
    if frame.since and isinstance(time, Days):
        time = replace(time, last=None, other=None)
    return Moment(field=name, time=time, negated=frame.negated, first=frame.first, end=frame.end)


def _turning(frame: Frame, given: Quantity) -> Tree | None:
    """As in "turning 30 this year": born so many years before that time."""
    time, years = frame.time, given.value
    if not isinstance(time, Days) or time.guessed or time.first is None or time.last is None:
        return None
    if given.op not in {"", "equals"} or years != int(years) or not 0 < years <= _OLDEST:
        return None
    born = moved(time, time.first.year - int(years))
    return Moment(
        field="birth_date", time=born, negated=frame.negated, first=frame.first, end=frame.end
    )


def _yearless(time: Time) -> bool:
    """Whether days were said that come again every year: "born in May", "born last week"."""
    if isinstance(time, Days):
        return time.guessed or time.of_now
    return isinstance(time, Recent) and time.calendar is not None


def _birthday(frame: Frame) -> Tree | None:
    if frame.time is None and ("known" in frame.flags or frame.negated):
        return Test(
            field="birth_date",
            op="is_set",
            negated=frame.negated,
            first=frame.first,
            end=frame.end,
        )
    if not isinstance(frame.time, Ahead):
        return None
    return Birthday(
        days=frame.time.n,
        negated=frame.negated,
        note=frame.time.note,
        first=frame.first,
        end=frame.end,
    )


def _aged(frame: Frame) -> Tree | None:
    given = frame.amount
    if given is None:
        return None
    if frame.head in {"older", "younger"}:
        if given.op:
            return None
        given = replace(given, op="greater_than" if frame.head == "older" else "less_than")
    return Aged(quantity=given, negated=frame.negated, first=frame.first, end=frame.end)
