"""Documents of rules that are being edited, whole or unfinished."""

from __future__ import annotations

from typing import Any

import pytest

from pages._ui.rule_document import bare, node_at, taking_part, walk, with_ids, without

A, B, C = ({"field": name, "op": "is_set", "id": name} for name in "abc")


def rule(root: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "rule": root}


def test_every_node_gets_an_id_of_its_own_and_keeps_the_one_it_has() -> None:
    twice = {"field": "x", "op": "is_set", "id": "n1"}
    given = rule(
        {"any": [twice, {"not": {"all": [twice, {"segment": "s"}]}}, {"id": 7, "all": []}]}
    )
    named = with_ids(given)
    ids = [node["id"] for _, node in walk(named)]
    assert ids[1] == "n1"
    assert len(set(ids)) == len(ids) == 7
    assert all(isinstance(one, str) for one in ids)
    assert with_ids(named) == named
    assert given["rule"]["any"][0] is twice
    assert "id" not in given["rule"], "what was given stays as it was"


def test_ids_and_flags_that_say_nothing_make_no_difference() -> None:
    given = rule({"all": [{"not": {"any": [A]}}, {**B, "enabled": False, "locked": True}]})
    named = with_ids(given)
    named_flags = with_ids(rule({**given["rule"], "enabled": True, "locked": False}))
    assert bare(named) == bare(named_flags) == bare(given)
    assert bare(given) != bare(rule({"all": [{"not": {"any": [A]}}, {**B, "enabled": False}]}))
    assert bare(given) != bare(rule({"all": [{"not": {"any": [A]}}, {**B, "locked": True}]}))


@pytest.mark.parametrize(
    ("root", "gone", "left"),
    [
        ({"all": [A, B]}, {"a"}, {"all": [B]}),
        ({"all": [A, {"any": [B], "id": "g"}]}, {"b"}, {"all": [A]}),
        ({"all": [A, {"not": B, "id": "n"}]}, {"b"}, {"all": [A]}),
        ({"all": [A, {"not": {"any": [B, C], "id": "i"}, "id": "n"}]}, {"b", "c"}, {"all": [A]}),
        ({"all": [A, {"any": [], "id": "g"}]}, {"a"}, {"all": [{"any": [], "id": "g"}]}),
        ({"any": [A], "id": "r"}, {"a"}, {"any": [], "id": "r"}),
        ({**A, "id": "r"}, {"r"}, {"all": [], "id": "n1"}),
        ({"not": A, "id": "r"}, {"a"}, {"all": [], "id": "n1"}),
        ({"all": [A, 7]}, {"b"}, {"all": [A, 7]}),
    ],
)
def test_what_is_left_out_takes_along_what_held_nothing_else(
    root: dict[str, Any], gone: set[str], left: dict[str, Any]
) -> None:
    assert without(rule(root), gone) == rule(left)


def test_a_path_leads_to_the_innermost_node_it_is_in() -> None:
    eleven = [{"field": "x", "op": "is_set", "id": f"x{n}"} for n in range(11)]
    document = rule({"id": "r", "all": [*eleven, {"id": "n", "not": A}]})
    assert node_at(document, "rule") == "r"
    assert node_at(document, "rule.all") == "r"
    assert node_at(document, "rule.all[1].value[3]") == "x1"
    assert node_at(document, "rule.all[10]") == "x10"
    assert node_at(document, "rule.all[11].not.op") == "a"
    assert node_at(document, "version") is None


def test_what_is_switched_off_takes_no_part_nor_what_is_in_it() -> None:
    document = rule({"id": "r", "all": [A, {"id": "g", "any": [B], "enabled": False}]})
    assert taking_part(document) == {"r", "a"}
