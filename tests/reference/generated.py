"""Generated rules and dirty customers: what Hypothesis draws to compare evaluators on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, cached_property
from random import Random
from typing import TYPE_CHECKING, Any, TypeAlias
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from engine.domain.calendar import EARLIEST, LATEST, Span, ahead, back, day_bounds, local_date
from engine.domain.money import currency
from engine.domain.workspace import Workspace
from engine.rules.catalogue import Catalogue, Field
from engine.rules.operators import FieldType, Takes
from tests.reference.people import AMOUNTS, ATTRIBUTES, HOSTILE, LETTERS, NUMBERS, WORDS, People
from tests.reference.snapshot import plain_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.mirror.snapshot import Snapshot
    from tests.reference.rules import Person

__all__ = ["ATTRIBUTES", "CATALOGUE", "PLACES", "World", "conditions", "rule_nodes", "world"]

CATALOGUE = Catalogue.build(ATTRIBUTES)

# Places and instants where a calendar goes wrong: a gap, a repeated hour, a skipped midnight, a
# skipped day, half-hour changes, the end of February, the turn of the year (in one zone it has come
# before UTC reaches it), a midnight that comes twice, a quiet afternoon.
PLACES = (
    ("UTC", "2026-03-31T09:30:00"),
    ("Asia/Kolkata", "2026-08-15T18:29:59.999500"),
    ("America/New_York", "2026-03-08T07:00:00"),
    ("America/New_York", "2026-11-01T06:30:00"),
    ("America/Sao_Paulo", "2018-11-04T03:00:00"),
    ("Pacific/Apia", "2011-12-31T10:00:00"),
    ("Australia/Lord_Howe", "2026-04-04T15:15:00"),
    ("UTC", "2024-02-28T12:00:00"),
    ("UTC", "2026-02-28T00:00:00"),
    ("Asia/Kolkata", "2025-12-31T12:00:00"),
    ("Pacific/Kiritimati", "2025-12-31T10:30:00"),
    ("Pacific/Pago_Pago", "2026-01-01T10:59:59.999"),
    ("America/St_Johns", "2010-11-07T03:05:00"),
)
SPANS = tuple(
    Span(n, unit)
    for n in (1, 2, 30, 365)
    for unit in ("minute", "hour", "day", "week", "month", "year")
)
PAISE = currency("INR")


Leaves: TypeAlias = "Callable[[World], st.SearchStrategy[dict[str, Any]]]"


@dataclass(frozen=True)
class World:
    """One place at one instant, with customers who stand on the edges of its windows."""

    workspace: Workspace
    now: datetime
    seed: int

    @cached_property
    def instants(self) -> tuple[datetime, ...]:
        """Instants at, just before and just after the edges of windows; to the millisecond."""
        zone, now = self.workspace.zone, self.now
        edges = {now, EARLIEST, datetime(2024, 2, 29, 12, tzinfo=UTC)}
        for span in SPANS:
            edges |= {back(now, span, zone), ahead(now, span, zone)}
        for edge in tuple(edges):
            edges |= set(day_bounds(local_date(edge, zone), zone))
        steps = (timedelta(milliseconds=-1), timedelta(0), timedelta(milliseconds=1))
        moved = {edge + step for edge in edges for step in steps}
        return tuple(
            sorted(
                one.replace(microsecond=one.microsecond // 1000 * 1000)
                for one in moved
                if EARLIEST <= one < LATEST - timedelta(days=2)
            ),
        )

    @cached_property
    def days(self) -> tuple[date, ...]:
        """Days on the edges of windows and, in other years, of anniversaries."""
        near = {local_date(one, self.workspace.zone) for one in self.instants}
        near = {day for day in near if day > EARLIEST.date()}
        other = {day.replace(year=year) for day in near if day.day < 29 for year in (1996, 2001)}
        return tuple(sorted(near | other | {date(2000, 2, 29), date(1996, 2, 29)}))

    @cached_property
    def people(self) -> tuple[Person, ...]:
        """Sixty customers with anything missing, and orders of any status."""
        random = Random(self.seed)  # noqa: S311 - test data
        return People(random, self.instants, self.days).make(60)

    @cached_property
    def snapshot(self) -> Snapshot:
        """The customers in DuckDB, in this order."""
        coded = {"city", "email", 'attributes.odd "name" ? $1 ; --'}
        some = frozenset(coded if self.seed % 2 else ())
        return plain_snapshot(self.people, ATTRIBUTES, self.workspace.zone, some)


@cache
def world(place: int, seed: int) -> World:
    """Return one world; its table is made once."""
    zone, now = PLACES[place]
    workspace = Workspace("Test", PAISE, ZoneInfo(zone), "en_IN")
    return World(workspace, datetime.fromisoformat(now).replace(tzinfo=UTC), seed)


worlds = st.builds(world, st.integers(0, len(PLACES) - 1), st.integers(0, 2))
texts = st.text(LETTERS, min_size=1, max_size=4) | st.sampled_from((*HOSTILE, *WORDS))
words = st.sampled_from(WORDS) | texts
amounts = st.sampled_from(AMOUNTS)
spans = st.sampled_from(SPANS).map(lambda span: {"n": span.n, "unit": span.unit})
numbers = st.sampled_from(NUMBERS) | st.integers(-3, 400)


@st.composite
def conditions(draw: st.DrawFn, world: World) -> dict[str, Any]:
    """Draw a condition on any field, with a value that is near what customers have."""
    return draw(conditions_on(draw(st.sampled_from(tuple(CATALOGUE.fields.values()))), world))


@st.composite
def rule_nodes(
    draw: st.DrawFn, world: World, depth: int = 3, leaves: Leaves = conditions
) -> dict[str, Any]:
    """Draw a node: nested groups of these leaves, disabled nodes."""
    kind = draw(st.sampled_from(("leaf", "leaf", "all", "any", "not")))
    below = rule_nodes(world, depth - 1, leaves)
    if depth == 0 or kind == "leaf":
        node = draw(leaves(world))
    elif kind == "not":
        node = {"not": draw(below)}
    else:
        node = {kind: draw(st.lists(below, max_size=3))}
    if draw(st.integers(0, 9)) == 0:
        node["enabled"] = False
    return node


@st.composite
def conditions_on(draw: st.DrawFn, field: Field, world: World) -> dict[str, Any]:
    """Draw a condition on this field of a customer or an order, with any of its operators."""
    operator = draw(st.sampled_from(tuple(field.operators.values())))
    node: dict[str, Any] = {"field": field.name, "op": operator.name}
    one = _values(field, world)
    match operator.takes:
        case Takes.NOTHING:
            return node
        case Takes.ONE:
            value: Any = draw(one)
        case Takes.DAY:
            value = draw(st.sampled_from(world.days)).isoformat()
        case Takes.RANGE:
            value = draw(_ranges(field, world))
        case Takes.MANY:
            value = draw(st.lists(one, min_size=1, max_size=3))
        case Takes.SPAN:
            value = draw(spans)
        case Takes.DAYS:
            value = {"n": draw(st.sampled_from((1, 2, 7, 30, 364, 365, 366, 9999))), "unit": "day"}
    return {**node, "value": value}


def _values(field: Field, world: World) -> st.SearchStrategy[Any]:
    day = st.sampled_from(world.days).map(date.isoformat)
    if field.choices:
        return st.sampled_from((*field.choices, *(one.title() for one in field.choices)))
    match field.type:
        case FieldType.NUMBER:
            return numbers
        case FieldType.MONEY:
            return amounts.map(PAISE.text)
        case FieldType.DATE:
            return day
        case FieldType.TIME:
            return day | st.sampled_from(world.instants).map(datetime.isoformat)
        case _:
            return texts if field.column else words  # an order's field has no column


@st.composite
def _ranges(draw: st.DrawFn, field: Field, world: World) -> list[Any]:
    if field.type is FieldType.NUMBER:
        return sorted(draw(st.tuples(numbers, numbers)))
    if field.type is FieldType.MONEY:
        return [PAISE.text(one) for one in sorted(draw(st.tuples(amounts, amounts)))]
    zone, day = world.workspace.zone, st.sampled_from(world.days)
    low, high = sorted(draw(st.tuples(day, day)))
    ends = [low.isoformat(), high.isoformat()]
    if field.type is FieldType.TIME:
        # The days' own edges keep the two ends in order whichever is given as an instant.
        instants = [day_bounds(low, zone)[0].isoformat(), day_bounds(high, zone)[1].isoformat()]
        ends = [draw(st.sampled_from(choice)) for choice in zip(ends, instants, strict=True)]
    return ends
