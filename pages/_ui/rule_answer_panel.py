"""What words became, told beside the rule: each phrase, what is in doubt, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import streamlit as st

from engine.domain.asking import Source
from engine.domain.permission import Permission
from engine.errors import CrmError
from pages._ui.engine import may
from pages._ui.feedback import sentence
from pages._ui.format import count, plain
from pages._ui.inputs import show
from pages._ui.rule_answer import Asked, parts
from pages._ui.rule_examples import beginnings, changes
from pages._ui.rule_words import ASKED, example_buttons, words_key
from pages._ui.segment_draft import DRAFTS, keep

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine import Crm
    from engine.domain.asking import Choice, Option
    from pages._ui.rule_answer import Answer
    from pages._ui.segment_draft import SegmentDraft

SOURCES = {
    Source.GRAMMAR: "Read by the built-in grammar",
    Source.MODEL: "Written by Gemini and checked by the grammar",
}
UNCHECKED = "Nothing has confirmed this rule"
EDITED = (
    "You have edited the rule since: it is no longer what these words became, and the choices no "
    "longer apply. Undo in the editor brings both back."
)


@dataclass(frozen=True, slots=True)
class AnswerPanel:
    """The answer beside one draft."""

    crm: Crm
    draft: SegmentDraft

    def draw(self) -> None:
        """Tell what became of the words that were asked last, until that is put away."""
        answer = self.draft.answer
        if answer is None:
            return
        with st.container(border=True, key="words_answer", gap="small"):
            if answer.put is None:
                self._without_rule(answer)
            else:
                self._with_rule(answer)

    def _with_rule(self, answer: Answer) -> None:
        found, holds = answer.found, self.draft.as_answered
        self._head(UNCHECKED if found.warnings else SOURCES[found.source], undo=holds)
        st.markdown(marked(answer))
        if found.understood:
            # In the order of the words; a meaning may stand for words that lie apart.
            rows = sorted(found.understood, key=lambda one: found.words.find(one.phrase))
            st.table(
                {
                    "Your words": [plain(one.phrase) for one in rows],
                    "In the rule": [plain(one.meaning) for one in rows],
                },
                border="horizontal",
                hide_index=True,
                alt="What each phrase became",
            )
        for one in found.warnings:
            st.warning(plain(sentence(one)), icon=":material/warning:")
        missed = self.draft.left_out if holds else found.not_understood
        if missed:
            st.warning(
                plain(f"Not understood, and not in the rule: {quoted(missed)}."),
                icon=":material/help:",
            )
        if not holds:
            st.caption(f":material/edit: {EDITED}")
        for n, choice in enumerate(found.choices):
            self._choice(answer, choice, n, holds=holds)
        for note in found.notes:
            st.caption(plain(sentence(note)))

    def _without_rule(self, answer: Answer) -> None:
        found = answer.found
        self._head("These words made no rule. Nothing was changed.", undo=False)
        said = " ".join(map(sentence, (*found.warnings, *found.notes)))
        if found.not_understood:
            said = f"{said} Not understood: {quoted(found.not_understood)}.".strip()
        st.info(
            plain(said or "They name nothing that the data holds."),
            icon=":material/help:",
        )
        phrases = beginnings(self.crm) if answer.base is None else changes(self.crm)
        example_buttons(self.draft, phrases)

    def _head(self, said: str, *, undo: bool) -> None:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(said, width="stretch")
            if undo:
                st.button(
                    "Undo",
                    key="undo_words",
                    icon=":material/undo:",
                    type="tertiary",
                    help="Bring back the rule as it was before these words.",
                    on_click=self._undo,
                )
            st.button(
                "Dismiss",
                key="dismiss_answer",
                icon=":material/close:",
                type="tertiary",
                help="Put this answer away. The rule stays as it is.",
                on_click=self._dismiss,
            )

    def _choice(self, answer: Answer, choice: Choice, n: int, *, holds: bool) -> None:
        key = f"taken_{answer.serial}_{n}"
        labels = [self._label(option, counted=holds) for option in choice.options]
        show(key, choice.taken)
        st.radio(
            plain(choice.question),
            range(len(labels)),
            format_func=labels.__getitem__,
            key=key,
            disabled=not holds,
            on_change=self._take,
            args=(answer, choice, key),
        )

    def _label(self, option: Option, *, counted: bool) -> str:
        if not counted or option.reading is not None:  # the other reading's label holds its count
            return plain(option.label)
        try:
            members = self.crm.preview(option.rule, now=self.draft.now).count
        except CrmError:  # the rule itself says what is wrong once this option is taken
            return plain(option.label)
        return plain(f"{option.label} ({count(members, 'customer')})")

    def _take(self, answer: Answer, choice: Choice, key: str) -> None:
        draft = self._present()
        if draft is None or draft.answer is not answer or not draft.as_answered:
            return
        index = st.session_state[key]
        reading = choice.options[index].reading
        if reading is not None:
            choices = (replace(choice, taken=index), *reading.choices)
            keep(draft.answered(replace(reading, choices=choices), answer.base, again=answer))
            return
        # All as they stand: what a model took differs from what the grammar takes by itself.
        standing = {one.phrase: one.taken for one in answer.found.choices if not _readings(one)}
        ASKED.set(
            Asked(
                draft_id=draft.segment_id,
                words=answer.found.words,
                edits=answer.base is not None,
                again=answer,
                taken={**answer.taken, **standing, choice.phrase: index},
            )
        )

    def _undo(self) -> None:
        draft = self._present()
        if draft is not None and draft.answer is not None and draft.as_answered:
            keep(draft.unanswered())
            st.session_state[words_key(draft)] = draft.answer.found.words

    def _dismiss(self) -> None:
        draft = self._present()
        if draft is None or draft.answer is None:
            return
        keep(draft.unanswered() if draft.answer.put is None else replace(draft, answer=None))

    def _present(self) -> SegmentDraft | None:
        """Return the draft as it stands at a click; None for whom it is not any more."""
        return DRAFTS.get().get(self.draft.segment_id) if may(Permission.SEGMENTS) else None


def marked(answer: Answer) -> str:
    """Return the words as Markdown: green where they are in the rule, orange where not."""
    colours = {None: "{}", True: ":green-background[{}]", False: ":orange-background[{}]"}
    return "".join(
        colours[part.understood].format(plain(part.text)) for part in parts(answer.found)
    )


def _readings(choice: Choice) -> bool:
    return any(option.reading is not None for option in choice.options)


def quoted(phrases: Iterable[str]) -> str:
    """Return phrases in quotes, one after the other."""
    return ", ".join(f"“{phrase}”" for phrase in phrases)
