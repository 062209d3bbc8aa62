"""What is said at each node of a rule, and what is left out so that the rest can be counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine import Step
from pages._ui.rule_reading import WHOLE, figures, placed, reading
from tests.pages.campaign_shop import stock
from tests.pages.rule_edits import spent

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine import Crm
    from pages._ui.rule_reading import Reading

NEVER = {"campaign": "c", "outcome": "opened"}


def rule(root: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "rule": root}


def step(path: str, node_id: str | None, before: int, after: int) -> Step:
    return Step(path=path, node_id=node_id, words="", alone=0, before=before, after=after)


def test_a_part_of_all_takes_away_and_a_part_of_any_brings_in() -> None:
    found = figures(
        [
            step("rule.all[0]", "a", 10, 7),
            step("rule.all[1].any[0]", "b", 0, 3),
            step("rule.all[1].not.all[11]", "c", 3, 3),
            step("rule.all[2]", None, 7, 7),
        ]
    )
    assert found == {
        "a": {"count": 7, "removed": 3},
        "b": {"count": 3, "added": 3},
        "c": {"count": 3, "removed": 0},
    }


def test_problems_are_placed_at_their_nodes() -> None:
    document = rule({"id": "r", "all": [spent("x", "a"), spent("y", "b")]})
    problems = [
        "rule.all[1].value: is wrong: so",
        "rule.all[1].op: too",
        "rule: is too long",
        "version: 2 is not known",
    ]
    assert placed(problems, document) == {
        "b": ("is wrong: so", "too"),
        WHOLE: ("rule: is too long", "version: 2 is not known"),
    }
    leaf = rule(spent("x", "a"))
    assert placed(["rule.value: is wrong"], leaf) == {"a": ("is wrong",)}


@pytest.fixture
def read(crm: Crm, imported: Callable[..., None]) -> Callable[..., Reading]:
    """Read a rule over customers who spent 1, 1001 and 2001."""
    stock(imported)
    return lambda root, *incomplete: reading(crm, rule(root), frozenset(incomplete), None)


def counted(found: Reading) -> int:
    assert found.explanation is not None
    return found.explanation.preview().count


def test_each_node_says_what_it_leaves(read: Callable[..., Reading]) -> None:
    either = {"id": "g", "any": [spent("2000.00", "b"), spent("500.00", "c")]}
    found = read({"id": "r", "all": [spent("1000.00", "a"), either]})
    assert found.notes() == {
        "r": {"count": 2},
        "a": {"count": 2, "removed": 1},
        "g": {"count": 2, "removed": 0},
        "b": {"count": 1, "added": 1},
        "c": {"count": 2, "added": 1},
    }


def test_what_is_unfinished_or_wrong_is_left_out_of_the_count(
    read: Callable[..., Reading],
) -> None:
    parts = [
        spent("1000.00", "a"),
        {"id": "b", "field": "", "op": ""},
        {"id": "g", "any": [spent("12.345", "c")]},
        {"id": "o", "field": "", "op": "", "enabled": False},
    ]
    found = read({"id": "r", "all": parts}, "b", "o", "gone")
    assert counted(found) == 2
    assert found.missing == {"b", "o"}
    assert found.unfinished == 1
    assert found.problems.keys() == {"c"}
    notes = found.notes()
    assert "at most 2 decimals" in notes["c"]["problem"]
    assert notes["a"] == {"count": 2, "removed": 1}


def test_what_this_version_does_not_record_is_named_wherever_it_is_asked(
    read: Callable[..., Reading], crm: Crm
) -> None:
    parts = [{**NEVER, "id": "a"}, spent("1000.00", "b"), {"not": {**NEVER, "id": "c"}, "id": "n"}]
    found = read({"id": "r", "all": parts})
    assert counted(found) == 2
    assert found.problems.keys() == {"a", "c"}
    assert crm


def test_a_wrong_root_is_left_out_and_a_wrong_rule_is_not_counted(
    read: Callable[..., Reading],
) -> None:
    assert counted(read(spent("1.234", "a"))) == 3
    assert read(spent("1.234", "a")).problems.keys() == {"a"}
    found = read({"id": "r", "all": [], "what": 1})
    assert found.explanation is None
    assert found.problems.keys() == {WHOLE}
