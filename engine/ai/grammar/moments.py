"""Times to the values of rules: windows of orders, tests of fields that hold an instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from datetime import time as clock
from typing import TYPE_CHECKING

from engine.ai.grammar.choosing import Document, Picker, Unsayable
from engine.ai.grammar.times import Ahead, Days, Recent, Stretch
from engine.domain.calendar import Span, back

if TYPE_CHECKING:
    from datetime import date

    from engine.ai.grammar.times import Time
    from engine.ai.grammar.tree import Moment, Purchase
    from engine.domain.calendar import Unit

FIRST_DAY, LAST_DAY = "1900-01-01", "2199-12-31"
"""The days that stand for no beginning and no end."""
_DAYS = {"month": 30}
_DAY = timedelta(days=1)


def settled(time: Time, picker: Picker) -> Time:
    """Return the time with everything chosen that can be taken in two ways."""
    if isinstance(time, Days):
        return _dated(time, picker)
    if not isinstance(time, Recent):
        return time
    phrase = picker.phrase(time.first, time.end)
    if time.calendar is not None:
        rolling = f"the {_length(time)} until now"
        calendar = f"{time.calendar.first:%-d %b %Y} to {time.calendar.last:%-d %b %Y}"
        if picker.pick(phrase, f"Which days is “{phrase}”?", (rolling, calendar)):
            return time.calendar
        return time
    if time.unit in _DAYS and time.end > time.first:
        years, months = divmod(time.n, 12)
        days = 365 * years if not months else time.n * _DAYS[time.unit]
        labels = (_length(time), f"{days} days")
        if picker.pick(phrase, f"How long is “{phrase}”?", labels):
            return Recent(days, "day", time.older, time.at, time.op)
    return time


def _dated(time: Days, picker: Picker) -> Days:
    for note in time.notes:
        picker.note(note)
    if time.other is None:
        return time
    phrase = picker.phrase(time.first_token, time.end_token)
    labels = tuple(
        " to ".join(f"{day:%-d %B %Y}" for day in (one.first, one.last) if day) or phrase
        for one in (_shown(time), _shown(time.other))
    )
    taken = picker.pick(phrase, f"Which day is “{phrase}”?", labels)
    return time.other if taken else time


def _shown(time: Days) -> Days:
    return Days(time.first, None if time.first == time.last else time.last)


def _length(time: Recent) -> str:
    calendar = "calendar " if time.unit in _DAYS else ""
    return f"{time.n} {calendar}{time.unit}{'s' * (time.n != 1)}"


def span(time: Recent) -> Document:
    """Return the span of a rule."""
    return {"n": time.n, "unit": time.unit}


def window(purchase: Purchase, picker: Picker) -> Document:
    """Return the window of a behaviour."""
    time = purchase.time
    if time is None:
        return {"ever": True}
    time = settled(time, picker)
    if isinstance(time, Recent):
        if time.at:
            picker.note(_AT.format(picker.phrase(purchase.first, purchase.end)))
        if time.older or time.at:
            return {"before_the_last": span(time)}
        if time.op and not purchase.negated and time.op in {"greater_than", "greater_or_equal"}:
            raise Unsayable(purchase.first, purchase.end)
        if purchase.negated and time.op in {"less_than", "less_or_equal"}:
            raise Unsayable(purchase.first, purchase.end)
        return {"in_the_last": span(time)}
    if isinstance(time, Days):
        return {"between": [_iso(time.first) or FIRST_DAY, _iso(time.last) or LAST_DAY]}
    if isinstance(time, Stretch):
        days = [_ago(one, picker).isoformat() for one in (time.far, time.near)]
        picker.note(f"Orders of fixed days were taken: {days[0]} to {days[1]}.")
        return {"between": days}
    raise Unsayable(purchase.first, purchase.end)


_AT = "“{}” was taken as: that long ago, or longer."


def _ago(time: Recent, picker: Picker) -> date:

    zone = picker.vocabulary.workspace.zone
    noon = datetime.combine(picker.today, clock(12), zone).astimezone(UTC)
    unit: Unit = time.unit  # type: ignore[assignment]  # made of units only
    return back(noon, Span(time.n, unit), zone).astimezone(zone).date()


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def tested(moment: Moment, picker: Picker) -> Document:
    """Return the test of a field of time."""
    name, time = moment.field, settled(moment.time, picker)
    match time:
        case Days():
            found = during(name, time)
        case Recent(older=older, at=at):
            found = {"field": name, "op": "in_the_last", "value": span(time)}
            if at:
                picker.note(_AT.format(picker.phrase(moment.first, moment.end)))
            if older or at or (time.op in {"greater_than", "greater_or_equal"}):
                found = _older(name, time)
        case Stretch(near=near, far=far):
            recent: Document = {"field": name, "op": "in_the_last", "value": span(far)}
            not_near: Document = {"field": name, "op": "not_in_the_last", "value": span(near)}
            found = {"all": [recent, not_near]}
        case Ahead(n=n):
            found = {"field": name, "op": "in_the_next", "value": {"n": n, "unit": "day"}}
    return {"not": found} if moment.negated else found


def _older(name: str, time: Recent) -> Document:
    old: Document = {"field": name, "op": "not_in_the_last", "value": span(time)}
    return {"all": [{"field": name, "op": "is_set"}, old]}


def during(name: str, time: Days) -> Document:
    """Return the test that a field is within days."""
    if time.first and time.last:
        if time.first == time.last:
            return {"field": name, "op": "on", "value": time.first.isoformat()}
        days = [time.first.isoformat(), time.last.isoformat()]
        return {"field": name, "op": "between", "value": days}
    if time.first:
        return {"field": name, "op": "after", "value": (time.first - _DAY).isoformat()}
    if time.last:
        return {"field": name, "op": "before", "value": (time.last + _DAY).isoformat()}
    return {"field": name, "op": "is_set"}
