"""An audience in words: a box above the rule, and what became of what was typed there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from engine import decode
from engine.domain.asking import MAX_WORDS
from engine.domain.permission import Permission
from pages._ui.engine import may
from pages._ui.feedback import guard
from pages._ui.format import plain
from pages._ui.rule_answer import Asked
from pages._ui.rule_document import bare, everyone
from pages._ui.rule_examples import beginnings, changes
from pages._ui.rule_reading import reading
from pages._ui.segment_draft import DRAFTS, NEW, keep
from pages._ui.state import Slot

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine import Crm
    from engine.domain.rules import Rule
    from pages._ui.segment_draft import SegmentDraft

ASKED: Slot[Asked | None] = Slot("words_asked", None)
"""Words that the run that follows is to have read."""

BOX = "rule_words"
NO_HINT = f"""<style>
.st-key-{BOX} [data-testid="InputInstructions"] {{ display: none; }}
</style>"""
"""Leaves out what Streamlit writes over the end of a long text: how to send it, its length."""

CHANGE, ANEW = "Change this rule", "Start anew"
UNFINISHED = (
    "Words change a rule that is finished. Give what is marked in the rule what it lacks or "
    "remove it, or choose to start anew."
)


def rule_words(crm: Crm, draft: SegmentDraft) -> SegmentDraft:
    """Have read what was asked, draw the box, and return the draft as it stands then.

    The rule that words become is in the draft before the rest of the page is drawn.
    """
    with st.container(key=BOX, gap="small"):
        st.html(NO_HINT)
        box, said = st.container(gap="small"), st.container()
        asked = ASKED.take()
        if asked is not None and asked.draft_id == draft.segment_id:
            with said, guard():
                _read(crm, draft, asked)
            draft = DRAFTS.get().get(draft.segment_id, draft)
        with box:
            _box(crm, draft)
    return draft


def _read(crm: Crm, draft: SegmentDraft, asked: Asked) -> None:
    base = None
    if asked.again is not None:
        base = asked.again.base
    elif asked.edits:
        base = _finished_rule(crm, draft)
        if base is None:
            st.error(UNFINISHED, icon=":material/error:")
            return
    with st.spinner("Reading your words…"):
        found = crm.ask(
            asked.words,
            now=draft.now,
            base=base,
            taken=asked.taken,
            editing=draft.segment_id or None,
        )
    if asked.again is not None:
        found = found.doubting(asked.again.found)
    # A run that another has taken the place of ends here, where what is remembered is asked for
    # again: it changes nothing.
    if DRAFTS.get().get(asked.draft_id) is not draft:
        return
    keep(draft.answered(found, base, again=asked.again, taken=asked.taken))
    if found.rule is not None and asked.again is None:
        st.session_state.update({words_key(draft): "", mode_key(draft): CHANGE})


def _finished_rule(crm: Crm, draft: SegmentDraft) -> Rule | None:
    """Return the rule that there is; None where something in it is unfinished or wrong."""
    found = reading(crm, draft.document, draft.incomplete, draft.now)
    return None if found.missing or found.problems else decode(draft.document)


def _box(crm: Crm, draft: SegmentDraft) -> None:
    begins = bare(draft.document) == bare(everyone())
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        edits = not begins and _edits(draft)
        phrases = changes(crm) if edits else beginnings(crm)
        _form(draft, edits=edits, placeholder=f"Such as: {phrases[0]}")
    if draft.segment_id == NEW and begins and draft.answer is None:
        example_buttons(draft, phrases)


def _form(draft: SegmentDraft, *, edits: bool, placeholder: str) -> None:

    def ask() -> None:
        if may(Permission.PEOPLE):
            words = str(st.session_state[words_key(draft)] or "")
            ASKED.set(Asked(draft_id=draft.segment_id, words=words, edits=edits))

    with (
        st.form(f"words_form_{draft.editor}", border=False),
        st.container(horizontal=True, vertical_alignment="bottom", gap="small"),
    ):
        st.text_input(
            "Change it in words" if edits else "Describe the audience",
            key=words_key(draft),
            max_chars=MAX_WORDS,
            placeholder=placeholder,
            autocomplete="off",
            icon=":material/chat:",
        )
        st.form_submit_button(
            "Change rule" if edits else "Build rule", key="ask_words", on_click=ask
        )


def _edits(draft: SegmentDraft) -> bool:
    """Ask whether the words change the rule that there is; return whether they do."""
    st.session_state.setdefault(mode_key(draft), CHANGE)
    chosen = st.radio(
        "What the words do",
        [CHANGE, ANEW],
        key=mode_key(draft),
        horizontal=True,
        label_visibility="collapsed",
    )
    return chosen == CHANGE


def words_key(draft: SegmentDraft) -> str:
    """Return the key of the box for words, which a new segment keeps when it is saved."""
    return f"words_{draft.editor}"


def mode_key(draft: SegmentDraft) -> str:
    """Return the key of what says whether words change the rule or begin anew."""
    return f"words_mode_{draft.editor}"


def example_buttons(draft: SegmentDraft, phrases: Iterable[str]) -> None:
    """Offer phrases that fill the box."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.caption("Such as", width="content")
        for n, phrase in enumerate(phrases):
            st.button(
                plain(phrase),
                key=f"example_{n}",
                type="tertiary",
                on_click=partial(st.session_state.update, {words_key(draft): phrase}),
            )
