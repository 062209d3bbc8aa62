"""Drawing the rule that is being built: bordered groups, one row a condition."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import streamlit as st

from engine import decode
from engine.domain.rules import RULE_VERSION
from engine.errors import CrmError
from pages._ui.feedback import sentence
from pages._ui.format import outline, plain
from pages._ui.rule_builder import ROOT, Condition, Group, Kept
from pages._ui.rule_widgets import ValueBoxes, show
from pages._ui.segment_draft import DRAFTS, keep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine import Crm
    from pages._ui.rule_builder import How, Node, Tree
    from pages._ui.rule_fields import FieldChoice
    from pages._ui.rule_reading import Reading
    from pages._ui.rule_values import Draft

HOW: dict[How, str] = {"all": "All of", "any": "Any of", "none": "None of"}
UP, DOWN, COPY, OFF, ON, REMOVE = (
    "Move up",
    "Move down",
    "Duplicate",
    "Switch off",
    "Switch on",
    "Remove",
)
ROW = (2.8, 2.3, 4, 1)


@dataclass(frozen=True, slots=True)
class RuleForm:
    """Draws one draft's rule and writes its edits back to the draft."""

    crm: Crm
    draft_id: str
    fields: Mapping[str, FieldChoice]
    reading: Reading

    def draw(self) -> None:
        """Draw the whole rule."""
        self._group(self._tree.root)

    @property
    def _tree(self) -> Tree:
        return DRAFTS.get()[self.draft_id].history.present

    def _edit(self, tree: Tree) -> None:
        draft = DRAFTS.get()[self.draft_id]
        keep(replace(draft, history=draft.history.edited(tree)))

    def _typed(self, key: str, value: Draft) -> None:
        draft = DRAFTS.get()[self.draft_id]
        tree = draft.history.present.set_value(key, value)
        history = draft.history
        history = (
            history.typed(tree, key, value) if isinstance(value, str) else history.edited(tree)
        )
        keep(replace(draft, history=history))

    def _group(self, group: Group) -> None:
        with st.container(border=True, key=f"group_{group.key}"):
            self._group_head(group)
            for child in group.children:
                match child:
                    case Group():
                        self._group(child)
                    case Condition():
                        self._condition(child)
                    case Kept():
                        self._kept(child)
                self._remarks(child)
            if not group.children:
                everyone = group.how != "any"
                st.caption(
                    "Empty: this holds everyone." if everyone else "Empty: this holds no one."
                )
            with st.container(horizontal=True, gap="small"):
                st.button(
                    "Add condition",
                    key=f"{group.key}_add",
                    icon=":material/add:",
                    type="tertiary",
                    on_click=lambda: self._edit(self._tree.add_condition(group.key)),
                )
                if self._tree.may_nest(group.key):
                    st.button(
                        "Add group",
                        key=f"{group.key}_add_group",
                        icon=":material/add_box:",
                        type="tertiary",
                        on_click=lambda: self._edit(self._tree.add_group(group.key)),
                    )

    def _group_head(self, group: Group) -> None:
        key = f"{group.key}_how"

        def changed() -> None:
            self._edit(self._tree.set_how(group.key, st.session_state[key]))

        with st.container(
            horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
        ):
            with st.container(horizontal=True, vertical_alignment="center", width="content"):
                show(key, group.how)
                st.segmented_control(
                    "How the conditions of this group combine",
                    list(HOW),
                    key=key,
                    required=True,
                    on_change=changed,
                    format_func=lambda how: HOW[cast("How", how)],
                    label_visibility="collapsed",
                )
                st.text("these are true")
                if not group.enabled:
                    st.badge("Off", color="gray")
            if group.key != ROOT or not group.enabled:
                self._menu(group)

    def _condition(self, node: Condition) -> None:
        known = self.fields.get(node.field)
        cells = st.columns(ROW, gap="small", vertical_alignment="center")
        with cells[0]:
            self._field(node, known)
        if known is not None:
            with cells[1]:
                self._operator(node, known)
            with cells[2]:
                boxes = ValueBoxes(node.key, known, self.crm.workspace, self._typed)
                boxes.draw(known.operators[node.op], node.value)
        with cells[3]:
            self._menu(node)

    def _field(self, node: Condition, known: FieldChoice | None) -> None:
        key = f"{node.key}_field"

        def changed() -> None:
            chosen = self.fields.get(st.session_state[key])
            if chosen is not None:
                self._edit(self._tree.set_field(node.key, chosen, known))

        show(key, known.name if known else None)
        st.selectbox(
            "Field",
            list(self.fields),
            index=None,
            key=key,
            on_change=changed,
            format_func=lambda name: self.fields[name].title,
            placeholder="Choose a field",
            required=True,
            label_visibility="collapsed",
        )

    def _operator(self, node: Condition, known: FieldChoice) -> None:
        key = f"{node.key}_op"

        def changed() -> None:
            self._edit(self._tree.set_operator(node.key, st.session_state[key], known))

        show(key, node.op)
        st.selectbox(
            "Operator",
            list(known.operators),
            key=key,
            on_change=changed,
            format_func=lambda op: known.operators[op].label,
            label_visibility="collapsed",
        )

    def _kept(self, node: Kept) -> None:
        cells = st.columns((ROW[0] + ROW[1] + ROW[2], ROW[3]), vertical_alignment="center")
        with cells[0]:
            try:
                rule = decode({"version": RULE_VERSION, "rule": dict(node.document)})
                st.text(outline(self.crm.words(rule)))
            except CrmError:
                st.text(json.dumps(node.document, ensure_ascii=False))
            st.caption("Edit this one under As JSON.")
        with cells[1]:
            self._menu(node)

    def _menu(self, node: Node) -> None:
        key = f"{node.key}_menu"
        choices = [UP, DOWN, COPY, OFF if node.enabled else ON, REMOVE]
        if node.key == ROOT:
            choices = [ON]

        def chosen() -> None:
            self._act(node.key, st.session_state[key])

        st.menu_button(
            "Edit",
            choices,
            key=key,
            on_click=chosen,
            type="tertiary",
            help="Move, duplicate, switch off or remove",
        )

    def _act(self, key: str, action: str | None) -> None:
        tree = self._tree
        match action:
            case "Move up" | "Move down":
                tree = tree.move(key, up=action == UP)
            case "Duplicate":
                tree = tree.duplicate(key)
            case "Switch off" | "Switch on":
                tree = tree.enable(key, enabled=action == ON)
            case "Remove":
                tree = tree.remove(key)
            case _:
                return
        self._edit(tree)

    def _remarks(self, node: Node) -> None:
        for problem in self.reading.problems.get(node.key, ()):
            st.markdown(f":red[:material/error: {plain(sentence(problem))}]")
        if node.key in self.reading.missing:
            needs = "a value" if isinstance(node, Condition) and node.field else "a field"
            st.caption(f":material/pending: Needs {needs}; not counted until it has one.")
        if not node.enabled and not isinstance(node, Group):
            st.caption(":material/visibility_off: Switched off: as if it were not there.")
