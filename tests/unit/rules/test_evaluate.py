from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from engine.domain.customer import Attribute, Customer
from engine.domain.money import currency
from engine.domain.order import Order, OrderStatus
from engine.domain.rule_codec import decode
from engine.domain.workspace import Workspace
from engine.errors import InvalidInput, RuleError
from engine.rules.catalogue import Catalogue
from engine.rules.evaluate import Evaluator
from tests.reference.rules import Person
from tests.reference.snapshot import plain_snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
ATTRIBUTES = {"vip": "boolean", "sizes": "list"}
CATALOGUE = Catalogue.build(ATTRIBUTES)
EVERYONE: dict[str, Any] = {"all": []}


def workspace(zone: str = "UTC") -> Workspace:
    return Workspace("Test", currency("INR"), ZoneInfo(zone), "en_IN")


def person(customer_id: str, *orders: Order, **known: Any) -> Person:  # noqa: ANN401 - any field
    return Person(Customer(customer_id=customer_id, **known), orders)


def order(at: datetime, amount: int = 100, status: OrderStatus = OrderStatus.COMPLETED) -> Order:
    return Order(
        order_id="o", customer_id="c", ordered_at=at, status=status, channel=None, amount=amount
    )


def members(
    node: Mapping[str, Any], *people: Person, zone: str = "UTC", now: datetime = NOW
) -> str:
    rule = decode({"version": 1, "rule": node})
    snapshot = plain_snapshot(people, ATTRIBUTES, ZoneInfo(zone))
    bits = Evaluator(workspace(zone)).evaluate(rule, snapshot, now, CATALOGUE).members
    return " ".join(one.customer.customer_id for one, bit in zip(people, bits, strict=True) if bit)


def field(name: str, op: str, value: Any = None) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"field": name, "op": op, "value": value}


def test_in_the_last_is_open_at_its_start_and_closed_at_now() -> None:
    start, ms = NOW - timedelta(days=1), timedelta(milliseconds=1)
    instants = {
        "before": start - ms,
        "start": start,
        "in": start + ms,
        "now": NOW,
        "to-come": NOW + ms,
    }
    people = [person(name, order(at)) for name, at in instants.items()]
    day = {"n": 1, "unit": "day"}
    assert members(field("last_order_at", "in_the_last", day), *people, person("none")) == "in now"
    assert (
        members(field("last_order_at", "not_in_the_last", day), *people, person("none"))
        == "before start to-come none"
    )


def test_in_the_next_is_open_at_now_and_closed_at_its_end() -> None:
    end, ms = NOW + timedelta(days=1), timedelta(milliseconds=1)
    instants = {"now": NOW, "soon": NOW + ms, "end": end, "late": end + ms}
    people = [person(name, signed_up_at=at) for name, at in instants.items()]
    span = {"n": 1, "unit": "day"}
    assert members(field("signed_up_at", "in_the_next", span), *people) == "soon end"


def test_a_day_is_a_calendar_day_where_the_clocks_change() -> None:
    # In New York the day before noon UTC of 9 March 2026 begins 23 hours earlier... at 13:00 UTC.
    at = datetime(2026, 3, 8, 12, 30, tzinfo=UTC)
    noon = datetime(2026, 3, 8, 17, tzinfo=UTC)
    one = person("a", order(at - timedelta(days=1)))
    day, hours = {"n": 1, "unit": "day"}, {"n": 24, "unit": "hour"}
    last = "last_order_at"
    assert members(field(last, "in_the_last", day), one, zone="America/New_York", now=at) == ""
    assert members(field(last, "in_the_last", hours), one, zone="America/New_York", now=at) == ""
    early = person("a", order(noon - timedelta(hours=23, minutes=30)))
    assert members(field(last, "in_the_last", day), early, zone="America/New_York", now=noon) == ""
    assert members(field(last, "in_the_last", hours), early, zone="America/New_York", now=noon)


def test_a_date_value_is_a_whole_local_day_of_a_time_field() -> None:
    ms = timedelta(milliseconds=1)
    start = datetime(2026, 3, 8, 5, tzinfo=UTC)
    end = datetime(2026, 3, 9, 4, tzinfo=UTC)
    instants = {"eve": start - ms, "start": start, "last": end - ms, "end": end}
    people = [person(name, signed_up_at=at) for name, at in instants.items()]
    zone = "America/New_York"
    for op, expected in (("on", "start last"), ("before", "eve"), ("after", "end")):
        assert members(field("signed_up_at", op, "2026-03-08"), *people, zone=zone) == expected
    both = field("signed_up_at", "between", ["2026-03-07", "2026-03-08"])
    assert members(both, *people, zone=zone) == "eve start last"


def test_an_instant_value_is_strict_to_the_microsecond() -> None:
    at = datetime(2026, 3, 8, 5, tzinfo=UTC)
    one = person("a", signed_up_at=at)
    for op, text, expected in (
        ("before", "2026-03-08T05:00:00Z", ""),
        ("before", "2026-03-08T05:00:00.000001Z", "a"),
        ("after", "2026-03-08T05:00:00Z", ""),
        ("after", "2026-03-08T04:59:59.999999Z", "a"),
    ):
        assert members(field("signed_up_at", op, text), one) == expected
    at_both_ends = field("signed_up_at", "between", ["2026-03-08T05:00Z", "2026-03-08T05:00Z"])
    assert members(at_both_ends, one) == "a"


def test_a_date_field_is_held_against_the_local_day() -> None:
    # 10:30 UTC on 31 December is half past midnight of 1 January on Kiritimati.
    now = datetime(2025, 12, 31, 10, 30, tzinfo=UTC)
    people = [
        person(day, birth_date=date.fromisoformat(day))
        for day in ("2025-12-30", "2025-12-31", "2026-01-01", "2026-01-02", "2026-01-03")
    ]
    day, kiritimati = {"n": 1, "unit": "day"}, "Pacific/Kiritimati"
    for op, expected in (("in_the_last", "2026-01-01"), ("in_the_next", "2026-01-02")):
        node = field("birth_date", op, day)
        assert members(node, *people, zone=kiritimati, now=now) == expected
    two_hours = field("birth_date", "in_the_last", {"n": 2, "unit": "hour"})
    half_hour = field("birth_date", "in_the_last", {"n": 30, "unit": "minute"})
    assert members(two_hours, *people, zone=kiritimati, now=now) == "2026-01-01"
    assert members(half_hour, *people, zone=kiritimati, now=now) == ""


def test_29_february_is_kept_on_28_february_in_common_years() -> None:
    one = person("a", birth_date=date(2000, 2, 29))
    coming = field("birth_date", "anniversary_in_the_next", {"n": 1, "unit": "day"})
    kept = {
        text: bool(members(coming, one, now=datetime.fromisoformat(f"{text}T12:00:00+00:00")))
        for text in ("2026-02-26", "2026-02-27", "2026-02-28", "2028-02-27", "2028-02-28")
    }
    assert kept == {
        "2026-02-26": False,
        "2026-02-27": True,
        "2026-02-28": False,
        "2028-02-27": False,
        "2028-02-28": True,
    }


def test_an_anniversary_looks_over_the_new_year_and_today_is_not_in_it() -> None:
    people = [
        person(day, birth_date=date.fromisoformat(f"1990-{day}"))
        for day in ("12-30", "12-31", "01-06", "01-07")
    ]
    coming = field("birth_date", "anniversary_in_the_next", {"n": 7, "unit": "day"})
    now = datetime(2026, 12, 30, 12, tzinfo=UTC)
    assert members(coming, *people, now=now) == "12-31 01-06"


def test_days_since_the_last_order_counts_local_midnights() -> None:
    # 23:59 in Kolkata is 18:29 UTC; a minute later it is the next day there.
    one = person("a", order(datetime(2026, 3, 8, 18, 29, tzinfo=UTC)))
    now = datetime(2026, 3, 8, 18, 30, tzinfo=UTC)
    days = field("days_since_last_order", "equals", 1)
    assert members(days, one, person("none"), zone="Asia/Kolkata", now=now) == "a"
    assert members(days, one, zone="UTC", now=now) == ""


def test_text_folds_and_patterns_stand_for_themselves() -> None:
    people = [person("a", city="Straße 50%"), person("b", city="STRASSE 500"), person("c")]
    assert members(field("city", "starts_with", "strasse"), *people) == "a b"
    assert members(field("city", "contains", "50%"), *people) == "a"
    assert members(field("city", "contains", "_"), *people) == ""
    assert members(field("city", "not_contains", "50%"), *people) == "b c"


def test_is_false_does_not_match_missing_but_a_missing_list_is_empty() -> None:
    some: dict[str, Attribute] = {"vip": False, "sizes": ("XL",)}
    people = [person("a", attributes=some), person("b", attributes={"sizes": ()}), person("c")]
    assert members(field("attributes.vip", "is_false"), *people) == "a"
    assert members(field("attributes.sizes", "is_empty"), *people) == "b c"
    assert members(field("attributes.sizes", "is_not_empty"), *people) == "a"
    assert members(field("attributes.sizes", "contains_none", ["xl"]), *people) == "b c"


def test_averages_compare_exactly() -> None:
    # 2**53 and 2**53 + 1 are one double; their halves differ by half a minor unit.
    big = 2**52
    people = [
        person("even", order(NOW, big), order(NOW, big)),
        person("odd", order(NOW, big + 1), order(NOW, big)),
    ]
    value = currency("INR").text(big)
    assert members(field("average_order_value", "equals", value), *people) == "even"
    assert members(field("average_order_value", "greater_than", value), *people) == "odd"


def test_refunds_count_in_total_spend_only() -> None:
    refund = order(NOW, -100, OrderStatus.REFUNDED)
    one = person("a", order(NOW, 100), refund, order(NOW, 900, OrderStatus.CANCELLED))
    assert members(field("total_spend", "equals", "0.00"), one) == "a"
    assert members(field("order_count", "equals", 1), one) == "a"
    assert members(field("average_order_value", "equals", "1.00"), one) == "a"
    refunds_only = person("b", refund)
    assert members(field("last_order_at", "is_set"), refunds_only) == ""
    assert members(field("total_spend", "less_than", "0"), refunds_only) == "b"


OFF = {"field": "city", "op": "is_set", "enabled": False}
TRUE = {"field": "customer_id", "op": "is_set"}


@pytest.mark.parametrize(
    ("node", "matches"),
    [
        (EVERYONE, True),
        ({"any": []}, False),
        ({"not": EVERYONE}, False),
        ({"not": {"any": []}}, True),
        (OFF, True),
        ({"not": OFF}, True),
        ({"not": {"not": OFF}}, True),
        ({"all": [OFF]}, True),
        ({"any": [OFF]}, False),
        ({"any": [OFF, TRUE]}, True),
        ({"any": [{"not": OFF}]}, False),
        ({"all": [TRUE, {"not": OFF}]}, True),
        ({"not": {"all": [OFF]}}, False),
        ({"any": [TRUE], "enabled": False}, True),
        ({"all": [{"any": [], "enabled": False}, TRUE]}, True),
    ],
)
def test_a_skipped_node_is_as_if_it_were_not_there(node: dict[str, Any], *, matches: bool) -> None:
    assert members(node, person("a")) == ("a" if matches else "")


def test_a_wrong_rule_is_never_evaluated() -> None:
    with pytest.raises(RuleError, match=r"rule\.field: 'ctiy' is no field; did you mean 'city'"):
        members(field("ctiy", "is_set"), person("a"))


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 3, 9),  # noqa: DTZ001 - a naive one is what must be refused
        datetime(1899, 12, 31, tzinfo=UTC),
        datetime(2200, 1, 1, tzinfo=UTC),
    ],
)
def test_now_must_be_an_instant_the_engine_takes(now: datetime) -> None:
    with pytest.raises(InvalidInput, match="now must"):
        members(EVERYONE, person("a"), now=now)


def test_now_may_be_given_in_any_zone() -> None:
    node = field("last_order_at", "in_the_last", {"n": 1, "unit": "hour"})
    abroad = NOW.astimezone(ZoneInfo("Asia/Kolkata"))
    assert members(node, person("a", order(NOW)), now=abroad) == "a"


def test_no_customers_give_no_bits() -> None:
    assert members(field("city", "is_set")) == ""
    assert members(EVERYONE) == ""


def test_bits_come_in_the_order_of_the_rows_however_many_there_are() -> None:
    people = [person(f"{number:06}", city=f"{number % 3}") for number in range(300_000)]
    snapshot = plain_snapshot(people, {}, ZoneInfo("UTC"))
    rule = decode({"version": 1, "rule": field("city", "equals", "1")})
    bits = Evaluator(workspace()).evaluate(rule, snapshot, NOW, CATALOGUE).members
    assert bits.to_list() == [number % 3 == 1 for number in range(300_000)]


def test_a_tag_that_stands_twice_does_not_stand_for_another() -> None:
    people = [person("twice", tags=("a", "A")), person("both", tags=("a", "b"))]
    assert members(field("tags", "contains_all", ["a", "b"]), *people) == "both"
    assert members(field("tags", "contains_all", ["a", "A"]), *people) == "twice both"
