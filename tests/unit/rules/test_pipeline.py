from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from engine.domain.money import currency
from engine.domain.rule_codec import decode
from engine.domain.rule_decoder import MAX_FILTERS
from engine.domain.rules import MAX_NODES
from engine.domain.workspace import Workspace
from engine.errors import InvalidInput, NotEvaluatedYet, RuleError
from engine.rules.pipeline.compiler import MAX_STAGES, count_pipeline, member_pipeline
from engine.rules.pipeline.instants import first_not_before, last_not_after
from tests.reference.generated import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.domain.rules import Rule

FIXTURE = Path(__file__).with_name("pipeline.txt")
NEW_YORK = Workspace("Test", currency("INR"), ZoneInfo("America/New_York"), "en_IN")
NOW = datetime(2026, 3, 8, 7, tzinfo=UTC)
VIP = {"field": "attributes.vip", "op": "is_true"}
BOUGHT = {"orders": "count", "ever": True, "op": "at_least", "value": 1}
IDS = {"$project": {"_id": 0, "customer_id": 1}}
SEGMENTS = {"vips": VIP, "buyers": {"all": [{"segment": "vips"}, BOUGHT]}}


def cases() -> list[tuple[str, str]]:
    blocks = FIXTURE.read_text(encoding="utf-8").split("\n\n")
    lines = [[line for line in block.splitlines() if not line.startswith("#")] for block in blocks]
    return [(block[0], "\n".join(block[1:])) for block in lines if block]


def rule(node: object) -> Rule:
    return decode({"version": 1, "rule": node})


def compiled(
    node: object, segments: Mapping[str, object] = SEGMENTS, now: datetime = NOW
) -> list[dict[str, Any]]:
    rules = {name: rule(one) for name, one in segments.items()}
    return member_pipeline(rule(node), now, NEW_YORK, CATALOGUE, rules)


def rendered(pipeline: list[dict[str, Any]]) -> list[str]:
    def date_of(value: object) -> dict[str, str]:
        assert isinstance(value, (date, datetime))
        return {"$date": value.isoformat()}

    return [json.dumps(stage, default=date_of, ensure_ascii=False) for stage in pipeline]


@pytest.mark.parametrize(("node", "stages"), cases())
def test_a_rule_becomes_this_pipeline(node: str, stages: str) -> None:
    pipeline = compiled(json.loads(node))
    assert pipeline[-1] == IDS
    assert "\n".join(rendered(pipeline[:-1])) == stages


def test_a_count_asks_the_same_and_ends_otherwise() -> None:
    both = [
        compile_(rule({"all": [VIP, BOUGHT]}), NOW, NEW_YORK, CATALOGUE, {})
        for compile_ in (member_pipeline, count_pipeline)
    ]
    assert both[0][:-1] == both[1][:-1]
    assert both[1][-1] == {"$count": "members"}


MARK = '$$ROOT.\'; DROP {"$gt": ""} % 🙂'


def outside_literals(value: object) -> Iterator[str]:
    """Yield every text of a pipeline that MongoDB would read as more than a text."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            if key != "$literal":
                yield from outside_literals(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from outside_literals(inner)
    elif isinstance(value, str):
        yield value


def test_no_value_of_a_rule_stands_outside_a_literal() -> None:
    texts = [
        {"field": field, "op": op, "value": [MARK] if op in {"in", "not_in"} else MARK}
        for field in ("city", "attributes.tier", 'attributes.odd "name" ? $1 ; --')
        for op, operator in CATALOGUE.field(field).operators.items()
        if operator.takes.name in {"ONE", "MANY"}
    ]
    lists = [
        {"field": field, "op": op, "value": [MARK]}
        for field in ("tags", "attributes.sizes")
        for op in ("contains_any", "contains_all", "contains_none")
    ]
    where = [
        {"field": field, "op": op, "value": MARK}
        for field in ("category", "sku", "channel")
        for op in ("equals", "not_contains", "starts_with", "ends_with")
    ]
    others = [
        {**BOUGHT, "where": where},
        {"campaign": MARK, "outcome": "sent"},
        {"segment": MARK},
        {"random_bucket": {"salt": MARK, "from": 0, "to": 10}},
    ]
    pipeline = compiled({"any": [*texts, *lists, *others]}, {MARK: VIP})
    assert str(pipeline).count("DROP") + str(pipeline).count("drop") > len(texts) + len(where)
    read = set(outside_literals(pipeline))
    assert [one for one in read if "drop" in one.lower() or "🙂" in one] == []
    assert [one for one in read if "odd" in one] == [], "names of attributes are literals, too"
    assert read.isdisjoint({"$where", "$function", "$accumulator", "$regex", "$regexMatch"})


def kinds(pipeline: list[dict[str, Any]]) -> str:
    return " ".join(key for stage in pipeline for key in stage)


def test_what_needs_no_lookup_is_asked_first() -> None:
    pipeline = compiled({"all": [BOUGHT, {"all": [VIP]}]})
    assert kinds(pipeline) == "$match $lookup $match $project"
    assert "vip" in str(pipeline[0])


def test_a_lookup_that_two_tests_need_is_made_once() -> None:
    more = {**BOUGHT, "op": "at_most", "value": 5}
    spent = {"field": "total_spend", "op": "greater_than", "value": "5.00"}
    bought = {"field": "order_count", "op": "greater_than", "value": 1}
    assert kinds(compiled({"any": [BOUGHT, more]})) == "$lookup $match $project"
    assert kinds(compiled({"any": [spent, bought]})) == "$lookup $match $project"
    lately = {key: value for key, value in BOUGHT.items() if key != "ever"}
    lately["in_the_last"] = {"n": 1, "unit": "day"}
    assert kinds(compiled({"any": [BOUGHT, lately]})) == "$lookup $lookup $match $project"


def test_a_segment_is_worked_out_once_however_often_it_is_named() -> None:
    doubling: dict[str, object] = {"s0": VIP}
    for n in range(1, 40):
        doubling[f"s{n}"] = {"any": [{"segment": f"s{n - 1}"}, {"segment": f"s{max(0, n - 2)}"}]}
    pipeline = compiled({"segment": "s39"}, doubling)
    assert kinds(pipeline) == "$set " * 40 + "$match $project"


def refused(node: object, segments: Mapping[str, object] = SEGMENTS) -> tuple[str, ...]:
    with pytest.raises(RuleError) as error:
        compiled(node, segments)
    return error.value.problems


def test_a_segment_that_is_gone_is_refused_by_its_place() -> None:
    node = {"all": [VIP, {"not": {"segment": "gone"}}]}
    gone = "there is no segment 'gone'; it may have been deleted"
    assert refused(node) == (f"rule.all[1].not.segment: {gone}",)
    within = "rule.segment: in the segment 'a', rule.any[0].segment"
    assert refused({"segment": "a"}, {"a": {"any": [{"segment": "gone"}]}}) == (
        f"{within}: {gone}",
    )


def test_segments_that_lead_back_to_themselves_are_refused() -> None:
    (problem,) = refused({"segment": "a"}, {"a": {"segment": "b"}, "b": {"not": {"segment": "a"}}})
    assert problem == (
        "rule.segment: in the segment 'a', rule.segment: in the segment 'b', rule.not.segment:"
        " the segment leads back to itself ('a' -> 'b' -> 'a')"
    )


def test_a_segment_whose_rule_means_nothing_is_refused_with_its_problem() -> None:
    (problem,) = refused({"segment": "a"}, {"a": {"field": "ctiy", "op": "is_set"}})
    assert problem.startswith("rule.segment: in the segment 'a', rule.field: 'ctiy' is no field")
    assert refused({"field": "ctiy", "op": "is_set"})[0].startswith("rule.field: 'ctiy'")


def test_a_reference_that_is_skipped_is_not_looked_at() -> None:
    nodes = [{"segment": "gone", "enabled": False}, {"not": {"segment": "x", "enabled": False}}]
    assert compiled({"all": nodes}) == [IDS]
    assert compiled(nodes[0]) == [IDS]
    everyone = [{"$set": {"found.segment_1": {"$literal": True}}}]
    pipeline = compiled({"segment": "off"}, {"off": {**VIP, "enabled": False}})
    assert pipeline == [*everyone, {"$match": {"$expr": "$found.segment_1"}}, IDS]


@pytest.mark.parametrize("outcome", ["delivered", "opened", "clicked", "converted", "held_out"])
def test_an_outcome_that_is_not_recorded_is_refused_by_name(outcome: str) -> None:
    with pytest.raises(NotEvaluatedYet, match=rf"^rule\.all\[1\]: .*{outcome}"):
        compiled({"all": [VIP, {"campaign": "c", "outcome": outcome}]})
    with pytest.raises(NotEvaluatedYet, match=outcome):
        compiled({"segment": "s"}, {"s": {"campaign": "c", "outcome": outcome}})


def test_more_stages_than_mongodb_takes_are_refused() -> None:
    def many(n: int) -> dict[str, object]:
        behaviours: list[dict[str, object]] = []
        for index in range(MAX_NODES - 1):
            where = [{"field": "quantity", "op": "equals", "value": n * MAX_NODES + index}]
            behaviours.append({**BOUGHT, "where": where[:MAX_FILTERS]})
        return {"any": behaviours}

    segments = {f"s{n}": many(n) for n in range(6)}
    few = {"any": [{"segment": f"s{n}"} for n in range(4)]}
    assert len(compiled(few, segments)) < MAX_STAGES
    (problem,) = refused({"any": [{"segment": name} for name in segments]}, segments)
    assert "1,202 stages" in problem


def test_now_has_a_zone_and_lies_in_the_years_taken() -> None:
    with pytest.raises(InvalidInput, match="time zone"):
        compiled(VIP, now=datetime(2026, 1, 1))  # noqa: DTZ001 - what is refused
    with pytest.raises(InvalidInput, match="1900 to 2199"):
        compiled(VIP, now=datetime(2300, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("microseconds", [0, 1, 999, 1_000, 500_500, 999_999])
def test_a_bound_becomes_a_millisecond_without_changing_who_passes(microseconds: int) -> None:
    bound = NOW + timedelta(microseconds=microseconds)
    for ms in (-1, 0, 1, 2, 499, 500, 501, 999, 1_000, 1_001):
        at = NOW + timedelta(milliseconds=ms)
        assert (at > bound) == (at > last_not_after(bound))
        assert (at <= bound) == (at <= last_not_after(bound))
        assert (at < bound) == (at < first_not_before(bound))
        assert (at >= bound) == (at >= first_not_before(bound))


def test_the_anniversary_of_an_instant_is_found_by_the_local_days_of_every_year() -> None:
    value = {"n": 7, "unit": "day"}
    node = {"field": "signed_up_at", "op": "anniversary_in_the_next", "value": value}
    (found, when, otherwise) = compiled(node)[0]["$match"]["$expr"]["$cond"]
    assert found == {"$eq": [{"$type": "$signed_up_at"}, "date"]}
    assert otherwise is False
    variables = when["$let"]["vars"]
    starts, ends = variables.pop("starts")["$literal"], variables.pop("ends")["$literal"]
    assert variables == {"at": "$signed_up_at", "year": {"$year": "$signed_up_at"}}
    # From 9 to 15 March: before the clocks change in 2001, after they have in 2026.
    assert starts[2001 - 1899] == datetime(2001, 3, 9, 5, tzinfo=UTC)
    assert ends[2001 - 1899] == datetime(2001, 3, 16, 5, tzinfo=UTC)
    assert starts[2026 - 1899] == datetime(2026, 3, 9, 4, tzinfo=UTC)
    places = [{"$add": ["$$year", before]} for before in (-1900, -1899, -1898)]
    assert when["$let"]["in"]["$or"] == [
        {
            "$and": [
                {"$gte": ["$$at", {"$arrayElemAt": ["$$starts", place]}]},
                {"$lt": ["$$at", {"$arrayElemAt": ["$$ends", place]}]},
            ]
        }
        for place in places
    ]
