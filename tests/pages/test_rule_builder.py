from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from engine import decode, encode
from engine.domain.rules import MAX_DEPTH, MAX_NODES
from pages._ui import rule_document, rule_values
from pages._ui.rule_builder import ROOT, Condition, Group, Kept, Tree, blank, walk
from pages._ui.rule_fields import FieldChoice, OperatorChoice, field_choices
from pages._ui.rule_history import History
from pages._ui.rule_values import SpanDraft

if TYPE_CHECKING:
    from engine import Crm

    Document = dict[str, object]


def choice(name: str, kind: str, *operators: tuple[str, str]) -> FieldChoice:
    known = {op: OperatorChoice(op, op, takes) for op, takes in operators}
    return FieldChoice(name, name, kind, "Profile", MappingProxyType(known))


TEXT = (("equals", "one"), ("not_equals", "one"), ("in", "many"), ("is_set", "nothing"))
NUMBER = (("greater_than", "one"), ("between", "range"), ("is_set", "nothing"))
TIME = (("in_the_last", "span"), ("on", "day"), ("after", "one"), ("between", "range"))
FIELDS = {
    one.name: one
    for one in (
        choice("city", "text", *TEXT),
        choice("country", "text", *TEXT),
        choice("order_count", "number", *NUMBER),
        choice("total_spend", "money", *NUMBER),
        choice("last_order_at", "time", *TIME),
    )
}


def keys(tree: Tree, group: str = ROOT) -> list[str]:
    found = tree.find(group)
    assert isinstance(found, Group)
    return [one.key for one in found.children]


def condition(tree: Tree, key: str) -> Condition:
    found = tree.find(key)
    assert isinstance(found, Condition)
    return found


def three() -> Tree:
    """Conditions n1 and n2, then a group n3 of n4."""
    return blank().add_condition(ROOT).add_group(ROOT)


def rule(*nodes: Document) -> Document:
    return {"version": 1, "rule": {"all": list(nodes)}}


def test_a_new_rule_is_one_condition_without_a_field() -> None:
    assert [condition(blank(), key).field for key in keys(blank())] == [""]


def test_a_group_is_added_with_a_blank_condition_in_it() -> None:
    assert keys(three()) == ["n1", "n2", "n3"]
    assert keys(three(), "n3") == ["n4"]


def test_keys_are_never_given_twice() -> None:
    tree = three().remove("n4").add_condition("n3").duplicate("n3")
    found = [node.key for node, _ in walk(tree.root)]
    assert len(found) == len(set(found))


def test_removing_a_group_removes_what_is_in_it() -> None:
    tree = three().remove("n3")
    assert keys(tree) == ["n1", "n2"]
    assert tree.find("n4") is None


def test_moving_walks_through_every_place_from_the_first_to_the_last() -> None:
    tree = three().move("n1", up=False)
    assert keys(tree) == ["n2", "n1", "n3"]
    tree = tree.move("n1", up=False)
    assert keys(tree, "n3") == ["n1", "n4"]
    tree = tree.move("n1", up=False)
    assert keys(tree, "n3") == ["n4", "n1"]
    tree = tree.move("n1", up=False)
    assert keys(tree) == ["n2", "n3", "n1"]
    assert tree.move("n1", up=False) == tree


def test_moving_up_takes_the_same_places_back() -> None:
    tree = three()
    there = tree
    for _ in range(4):
        there = there.move("n1", up=False)
    for _ in range(4):
        there = there.move("n1", up=True)
    assert there == tree


def test_a_group_moves_past_a_group_and_not_into_it() -> None:
    tree = three().add_group(ROOT).move("n5", up=True)
    assert keys(tree) == ["n1", "n2", "n5", "n3"]


def test_the_root_neither_moves_nor_goes() -> None:
    assert three().move(ROOT, up=True) == three()
    assert three().duplicate(ROOT).size == three().size


def test_a_copy_stands_after_its_original_with_keys_of_its_own() -> None:
    tree = three().duplicate("n3")
    assert keys(tree) == ["n1", "n2", "n3", "n5"]
    assert keys(tree, "n5") == ["n6"]


def test_an_edit_of_a_node_that_is_gone_changes_nothing() -> None:
    tree = three().remove("n1")
    assert tree.set_value("n1", "x") == tree
    assert tree.move("n1", up=True) == tree
    assert tree.duplicate("n1") == tree


def test_groups_nest_no_deeper_than_a_rule_may() -> None:
    tree, group = Tree(Group(key=ROOT)), ROOT
    while tree.may_nest(group):
        tree = tree.add_group(group)
        group = next(
            node.key for node, _ in reversed(list(walk(tree.root))) if isinstance(node, Group)
        )
    assert max(depth for _, depth in walk(tree.root)) == MAX_DEPTH
    assert tree.add_group(group) == tree


def test_a_rule_grows_no_larger_than_it_may() -> None:
    tree = Tree(Group(key=ROOT))
    for _ in range(MAX_NODES + 5):
        tree = tree.add_condition(ROOT)
    assert tree.size == MAX_NODES
    assert tree.duplicate("n1") == tree


def test_a_field_of_the_same_type_keeps_operator_and_value() -> None:
    tree = blank().set_field("n1", FIELDS["city"], None).set_operator("n1", "in", FIELDS["city"])
    tree = tree.set_value("n1", ("Pune",)).set_field("n1", FIELDS["country"], FIELDS["city"])
    assert condition(tree, "n1") == Condition(key="n1", field="country", op="in", value=("Pune",))


def test_a_field_of_another_type_starts_afresh() -> None:
    tree = blank().set_field("n1", FIELDS["city"], None).set_value("n1", "Pune")
    tree = tree.set_field("n1", FIELDS["last_order_at"], FIELDS["city"])
    assert condition(tree, "n1").op == "in_the_last"
    assert condition(tree, "n1").value == SpanDraft(30, "day")


@pytest.mark.parametrize(
    ("old", "new", "draft", "left"),
    [
        ("one", "many", "Pune", ("Pune",)),
        ("one", "many", " ", ()),
        ("many", "one", ("Pune", "Goa"), "Pune"),
        ("many", "one", (), ""),
        ("one", "range", "5", ("5", "")),
        ("range", "one", ("5", "9"), "5"),
        ("one", "nothing", "5", None),
        ("nothing", "one", None, ""),
        ("one", "day", "2026-03-31T09:30", "2026-03-31"),
        ("span", "days", SpanDraft(2, "week"), SpanDraft(2, "day")),
        ("span", "one", SpanDraft(2, "week"), ""),
        ("one", "span", "2026-03-31", SpanDraft(30, "day")),
    ],
)
def test_of_a_value_stays_what_the_new_operator_can_take(
    old: str, new: str, draft: rule_values.Draft, left: rule_values.Draft
) -> None:
    assert rule_values.carried(old, new, draft) == left


@pytest.mark.parametrize(
    ("takes", "draft"),
    [
        ("one", " "),
        ("many", ()),
        ("range", ("5", "")),
        ("span", SpanDraft(None, "day")),
    ],
)
def test_a_value_with_a_part_missing_is_incomplete(takes: str, draft: rule_values.Draft) -> None:
    assert not rule_values.complete(takes, draft)


@pytest.mark.parametrize(
    ("text", "value"),
    [("5", 5), ("-2.50", -2.5), (" 7 ", 7), ("1,000", "1,000"), ("x", "x"), ("٣", "٣")],
)
def test_what_is_no_number_stays_text_for_the_engine_to_refuse(text: str, value: object) -> None:
    assert rule_values.to_json("number", text) == value


SAME = [
    {"all": []},
    {"any": [{"field": "city", "op": "equals", "value": "Pune"}]},
    {"all": [{"field": "city", "op": "is_set"}, {"field": "city", "op": "in", "value": ["a"]}]},
    {"all": [{"field": "order_count", "op": "between", "value": [1, 2.5]}]},
    {"all": [{"field": "total_spend", "op": "greater_than", "value": "5000.00"}]},
    {"all": [{"field": "last_order_at", "op": "in_the_last", "value": {"n": 9, "unit": "day"}}]},
    {"all": [{"field": "last_order_at", "op": "after", "value": "2026-03-31T09:30:00Z"}]},
    {"not": {"any": [{"field": "city", "op": "is_set"}, {"field": "country", "op": "is_set"}]}},
    {"not": {"all": [{"field": "city", "op": "is_set"}]}},
    {"all": [{"not": {"field": "city", "op": "is_set"}}]},
    {"all": [{"not": {"field": "city", "op": "is_set", "enabled": False}}]},
    {"all": [{"not": {"any": [{"field": "city", "op": "is_set", "enabled": False}]}}]},
    {"all": [{"not": {"not": {"field": "city", "op": "is_set"}}}]},
    {"all": [{"field": "gone", "op": "equals", "value": "x", "id": "a", "enabled": False}]},
    {"all": [{"field": "city", "op": "equals", "value": 5}]},
    {"all": [{"field": "order_count", "op": "greater_than", "value": True}]},
    {"all": [{"orders": "count", "ever": True, "op": "at_least", "value": 1}]},
    {"any": [{"segment": "s"}, {"random_bucket": {"salt": "s", "from": 0, "to": 10}}]},
    {"all": [{"any": [], "id": "group", "enabled": False}], "id": "root"},
]


@pytest.mark.parametrize("root", SAME)
def test_a_rule_is_written_as_it_was_read(root: Document) -> None:
    document: Document = {"version": 1, "rule": root}
    read = rule_document.read(encode(decode(document)), FIELDS)
    written = rule_document.written(read, FIELDS).document
    meaning = {"not": {"any": [{"not": {"field": "city", "op": "is_set"}}]}}
    expected = {"all": [meaning]} if root == SAME[12] else root
    assert written == {"version": 1, "rule": expected}
    again = rule_document.read(encode(decode(written)), FIELDS)
    assert rule_document.written(again, FIELDS).document == written


def test_what_has_no_boxes_is_kept_as_it_came() -> None:
    orders: Document = {"orders": "count", "ever": True, "op": "at_least", "value": 1}
    tree = rule_document.read(rule({**orders, "id": "x"}), FIELDS)
    assert tree.root.children == (Kept(key="n2", id="x", document=orders),)


def test_a_lone_condition_opens_inside_a_group() -> None:
    tree = rule_document.read({"version": 1, "rule": {"field": "city", "op": "is_set"}}, FIELDS)
    assert tree.root.how == "all"
    assert [type(one) for one in tree.root.children] == [Condition]


def test_a_problem_is_found_at_the_node_that_its_path_names() -> None:
    tree = rule_document.read(
        rule(
            {"field": "city", "op": "is_set"},
            {
                "not": {
                    "any": [
                        {"field": "city", "op": "is_set"},
                        {"field": "country", "op": "in", "value": ["a"]},
                    ]
                }
            },
        ),
        FIELDS,
    )
    written = rule_document.written(tree, FIELDS)
    deepest = next(n.key for n, _ in walk(tree.root) if isinstance(n, Condition) and n.op == "in")
    assert written.node_at("rule.all[1].not.any[1].value[0]") == deepest
    assert written.node_at("rule.all[0].field") == keys(tree)[0]
    assert written.node_at("rule") == ROOT
    assert written.node_at("document") is None


def test_a_condition_without_a_field_is_not_in_the_document_and_shifts_no_path() -> None:
    tree = blank().add_condition(ROOT).set_field("n2", FIELDS["city"], None)
    written = rule_document.written(tree, FIELDS)
    assert written.document == rule({"field": "city", "op": "equals"})
    assert written.node_at("rule.all[0].value") == "n2"


def test_only_what_takes_part_is_incomplete() -> None:
    tree = three().enable("n1", enabled=False)
    assert rule_document.incomplete(tree, FIELDS) == {"n2", "n4"}
    assert rule_document.incomplete(tree.enable("n3", enabled=False), FIELDS) == {"n2"}


def test_a_group_that_holds_nothing_but_what_is_left_out_is_left_out() -> None:
    tree = three().set_field("n1", FIELDS["city"], None).set_value("n1", "Pune")
    left = rule_document.without(tree, rule_document.incomplete(tree, FIELDS))
    assert keys(left) == ["n1"]


def test_a_group_that_was_empty_stays() -> None:
    tree = three().remove("n4")
    assert keys(rule_document.without(tree, frozenset({"n1", "n2"}))) == ["n3"]


def test_undo_and_redo_walk_through_the_edits() -> None:
    first = History(blank())
    second = first.edited(first.present.add_condition(ROOT))
    third = second.edited(second.present.remove("n1"))
    assert third.undone().undone().present == first.present
    assert third.undone().undone().undone() == third.undone().undone()
    assert third.undone().redone().present == third.present
    assert third.undone().edited(first.present).redone().present == first.present


def test_an_edit_that_changes_nothing_is_no_edit() -> None:
    start = History(blank())
    assert start.edited(blank().move("n1", up=True)) == start


def test_letters_typed_one_after_another_are_one_edit() -> None:
    start = History(blank().set_field("n1", FIELDS["city"], None))
    history = start
    for text in ("P", "Pu", "Pun", "Pu"):
        history = history.typed(history.present.set_value("n1", text), "n1", text)
    assert history.undone().present == start.present
    other = history.typed(history.present.set_value("n1", "Goa"), "n1", "Goa")
    assert condition(other.undone().present, "n1").value == "Pu"


def test_every_field_and_operator_of_the_catalogue_can_be_chosen(crm: Crm) -> None:
    fields = field_choices(crm)
    assert set(fields) == set(crm.catalogue().fields)
    for field in fields.values():
        assert field.first_operator in field.operators
        for operator in field.operators.values():
            assert operator.takes in {"nothing", "one", "day", "range", "many", "span", "days"}
