from __future__ import annotations

import json
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.money import currency
from engine.domain.segment import SegmentContent
from engine.domain.segment_change import Change, ChangeKind
from engine.domain.workspace import Workspace
from engine.rules.difference import difference
from tests.reference import generated
from tests.reference.generated import CATALOGUE

PLACE = generated.world(1, 0)
WORKSPACE = Workspace("Test", currency("INR"), ZoneInfo("Asia/Kolkata"), "en_IN")

SPEND: dict[str, Any] = {"field": "total_spend", "op": "greater_than", "value": "5000.00"}
MORE: dict[str, Any] = SPEND | {"value": "9000.00"}
PUNE: dict[str, Any] = {"field": "city", "op": "equals", "value": "Pune"}
EMAIL: dict[str, Any] = {"field": "email", "op": "is_set"}
GONE: dict[str, Any] = {"field": "shoe_size", "op": "equals", "value": "9"}
SPENT, EARNED = "total spend is greater than ₹5,000.00", "total spend is greater than ₹9,000.00"
IN_PUNE = 'city is "Pune"'


def content(node: dict[str, Any], **changed: Any) -> SegmentContent:  # noqa: ANN401 - a field
    fields = {"name": "A", "description": "", "tags": (), **changed}
    return SegmentContent(document={"version": 1, "rule": node}, **fields)


def changes(before: dict[str, Any], after: dict[str, Any], **names: str) -> tuple[Change, ...]:
    return difference(content(before), content(after), CATALOGUE, WORKSPACE, names)


def said(before: dict[str, Any], after: dict[str, Any], **names: str) -> list[str]:
    return [one.sentence for one in changes(before, after, **names)]


def numbered(node: dict[str, Any], name: str) -> dict[str, Any]:
    return {**node, "id": name}


@pytest.mark.parametrize(
    ("before", "after", "sentences"),
    [
        ({"all": [SPEND]}, {"all": [SPEND, PUNE]}, [f"added a condition: {IN_PUNE}"]),
        ({"all": [SPEND, PUNE]}, {"all": [PUNE]}, [f"removed a condition: {SPENT}"]),
        ({"all": [SPEND]}, {"all": [MORE]}, [f"a condition: from {SPENT} to {EARNED}"]),
        (
            {"all": [numbered(SPEND, "x")]},
            {"all": [numbered(PUNE, "x")]},
            [f"a condition: from {SPENT} to {IN_PUNE}"],
        ),
        (
            {"all": [SPEND]},
            {"all": [PUNE]},
            [f"removed a condition: {SPENT}", f"added a condition: {IN_PUNE}"],
        ),
        (
            {"all": [SPEND, PUNE]},
            {"any": [SPEND, PUNE]},
            ["the rule: from all of these to any of these"],
        ),
        (
            {"all": [{"all": [SPEND, PUNE]}, EMAIL]},
            {"all": [{"not": {"any": [SPEND, PUNE]}}, EMAIL]},
            [f"the group ({SPENT} and {IN_PUNE}): from all of these to none of these"],
        ),
        ({"all": [SPEND]}, {"all": [SPEND | {"enabled": False}]}, [f"switched off: {SPENT}"]),
        ({"all": [SPEND | {"enabled": False}]}, {"all": [SPEND]}, [f"switched on: {SPENT}"]),
        (
            {"all": [SPEND, {"any": [PUNE, EMAIL]}]},
            {"all": [{"any": [PUNE, EMAIL, SPEND]}]},
            [
                (
                    f"moved from the rule to the group ({IN_PUNE} or e-mail is set or {SPENT}): "
                    f"{SPENT}"
                ),
            ],
        ),
        (
            {"all": [SPEND]},
            {"all": [SPEND, {"any": [PUNE, EMAIL]}]},
            [f"added a group: {IN_PUNE} or e-mail is set"],
        ),
        (
            {"all": [SPEND, {"any": [PUNE, EMAIL]}]},
            {"all": [SPEND, PUNE]},
            [
                f"moved from the group ({IN_PUNE} or e-mail is set) to the rule: {IN_PUNE}",
                f"removed a group: {IN_PUNE} or e-mail is set",
            ],
        ),
        (
            {"all": [GONE]},
            {"all": [GONE | {"value": "10"}]},
            [
                (
                    'a condition: from {"field": "shoe_size", "op": "equals", "value": "9"} '
                    'to {"field": "shoe_size", "op": "equals", "value": "10"}'
                )
            ],
        ),
        ({"all": [SPEND, PUNE]}, {"all": [PUNE, SPEND]}, ["only the order changed in the rule"]),
    ],
)
def test_what_changed_in_a_rule_is_said(
    before: dict[str, Any], after: dict[str, Any], sentences: list[str]
) -> None:
    assert said(before, after) == sentences


def test_a_condition_that_moved_and_changed_is_known_by_its_id() -> None:
    before = {"all": [numbered(SPEND, "x"), {"any": [PUNE, EMAIL]}]}
    after = {"all": [{"any": [PUNE, EMAIL, numbered(MORE, "x")]}]}
    assert [one.kind for one in changes(before, after)] == [ChangeKind.CHANGED, ChangeKind.MOVED]


def test_lists_that_differ_past_what_words_show_are_told_apart() -> None:
    cities = [f"City {n}" for n in range(30)]
    before = {"field": "city", "op": "in", "value": cities}
    (change,) = changes({"all": [before]}, {"all": [{**before, "value": [*cities[:-1], "Agra"]}]})
    assert "Agra" in change.after
    assert "City 29" in change.before


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"all": [numbered(SPEND, "x"), PUNE]}, {"all": [numbered(SPEND, "y"), PUNE]}),
        ({"all": [SPEND]}, SPEND),
        (
            {"all": [numbered(SPEND, "x"), numbered(PUNE, "y")]},
            {"all": [numbered(SPEND, "y"), numbered(PUNE, "x")]},
        ),
    ],
)
def test_nothing_but_ids_and_the_way_of_writing_is_told_apart(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    (change,) = changes(before, after)
    assert change.kind is ChangeKind.REWRITTEN
    assert not change.kind.changes_meaning


def test_order_and_ids_alone_change_no_meaning() -> None:
    before = {"all": [numbered(SPEND, "x"), numbered(PUNE, "y")]}
    after = {"all": [numbered(PUNE, "x"), numbered(SPEND, "y")]}
    assert [one.kind for one in changes(before, after)] == [ChangeKind.REORDERED]


def test_a_rule_that_cannot_be_decoded_is_compared_by_its_json() -> None:
    (change,) = changes({"all": [SPEND]}, {"sometime": []})
    assert change.kind is ChangeKind.CHANGED
    assert change.after == '{"rule": {"sometime": []}, "version": 1}'
    assert changes({"sometime": []}, {"sometime": []}) == ()


def test_a_segment_is_called_by_its_name_where_it_has_one() -> None:
    assert said({"all": []}, {"all": [{"segment": "s1"}]}, s1="VIPs") == [
        'added a condition: is in the segment "VIPs"'
    ]
    assert said({"all": [{"segment": "s1"}]}, {"all": [{"segment": "s2"}]}, s1="VIPs") == [
        'a condition: from is in the segment "VIPs" to is in the segment "s2"'
    ]


def test_name_description_and_tags_are_compared_as_well() -> None:
    found = difference(
        content(SPEND, description="Old", tags=("a",)),
        content(SPEND, name='B "b"', tags=("A", "b")),
        CATALOGUE,
        WORKSPACE,
    )
    assert [one.sentence for one in found] == [
        'name: from "A" to "B \\"b\\""',
        'description: from "Old" to none',
        'removed the tag: "a"',
        'added the tag: "A"',
        'added the tag: "b"',
    ]
    (order,) = difference(
        content(SPEND, tags=("a", "b")), content(SPEND, tags=("b", "a")), CATALOGUE, WORKSPACE
    )
    assert order.sentence == "only the order changed in the tags"


def shuffled(node: Any, random: Random) -> Any:  # noqa: ANN401 - JSON
    """The same rule in another order and under other ids."""
    if not isinstance(node, dict):
        return node
    found = {key: shuffled(one, random) for key, one in node.items() if key != "id"}
    for key in ("all", "any"):
        if key in found:
            found[key] = [shuffled(one, random) for one in found[key]]
            random.shuffle(found[key])
    return {**found, "id": f"i{random.random()}"} if {"all", "field"} & found.keys() else found


def plain(node: Any) -> Any:  # noqa: ANN401 - JSON
    """A rule without order and ids, written by somebody else than the code under test."""
    body = {key: one for key, one in node.items() if key != "id"}
    for key in ("all", "any"):
        if key in body:
            body[key] = sorted((plain(one) for one in body[key]), key=json.dumps)
    if "not" in body:
        body["not"] = plain(body["not"])
    return dict(sorted(body.items()))


def meaning_changed(before: dict[str, Any], after: dict[str, Any]) -> bool:
    return any(one.kind.changes_meaning for one in changes({"all": [before]}, {"all": [after]}))


@settings(max_examples=300, deadline=None)
@given(generated.rule_nodes(PLACE), st.integers())
def test_the_same_rule_in_another_order_and_under_other_ids_says_the_same(
    node: dict[str, Any], seed: int
) -> None:
    assert not meaning_changed(node, shuffled(node, Random(seed)))  # noqa: S311 - test data


@settings(max_examples=500, deadline=None)
@given(st.data())
def test_two_rules_differ_in_meaning_if_and_only_if_a_change_says_so(data: st.DataObject) -> None:
    before = data.draw(generated.rule_nodes(PLACE))
    after = data.draw(generated.rule_nodes(PLACE) | mutations(before))
    found = changes({"all": [before]}, {"all": [after]})
    assert meaning_changed(before, after) == (plain(before) != plain(after))
    assert bool(found) == (before != after)
    whole = [one for one in found if one.kind is ChangeKind.CHANGED and one.what == "the rule"]
    assert whole == [], "each difference was placed, none left to comparing the JSON"


@st.composite
def mutations(draw: st.DrawFn, node: dict[str, Any]) -> dict[str, Any]:
    """Draw a rule that differs from another in one place, at most."""
    changed: dict[str, Any] = json.loads(json.dumps(node))
    places = [changed]
    for one in places:
        places += [
            *one.get("all", ()),
            *one.get("any", ()),
            *([one["not"]] if "not" in one else []),
        ]
    one = draw(st.sampled_from(places))
    match draw(st.sampled_from(("switch", "shuffle", "drop", "turn", "wrap", "id"))):
        case "switch":
            one["enabled"] = not one.get("enabled", True)
        case "drop" if one.get("all"):
            del one["all"][draw(st.integers(0, len(one["all"]) - 1))]
        case "shuffle" if one.get("any"):
            one["any"] = draw(st.permutations(one["any"]))
        case "turn" if "all" in one:
            one["any"] = one.pop("all")
        case "wrap":
            inner = dict(one)
            one.clear()
            one["not"] = inner
        case "id":
            one["id"] = draw(st.sampled_from(("x", "y")))
        case _:
            pass
    return changed
