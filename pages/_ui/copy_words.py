"""How message copy reads on the pages: goals, tones, who wrote it, and what was found in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from engine.domain.message_copy import CopySource, Goal, Rewriting, Tone
from pages._ui.feedback import sentence
from pages._ui.format import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.domain.message_copy import Finding

GOALS: Mapping[Goal, str] = {
    Goal.WIN_BACK: "Win back",
    Goal.WELCOME: "Welcome",
    Goal.THANK: "Thank",
    Goal.ANNOUNCE: "Announce something",
    Goal.OFFER: "Sale or offer",
    Goal.REVIEW: "Ask for a review",
    Goal.BIRTHDAY: "Birthday",
    Goal.REPLENISH: "Time to reorder",
    Goal.CUSTOM: "Something else",
}
TONES: Mapping[Tone, str] = {
    Tone.FRIENDLY: "Friendly",
    Tone.FORMAL: "Formal",
    Tone.PLAYFUL: "Playful",
    Tone.URGENT: "Urgent",
}
WAYS: Mapping[Rewriting, str] = {
    Rewriting.SHORTER: "Shorter",
    Rewriting.WARMER: "Warmer",
    Rewriting.CLEARER: "Clearer",
}


def show_source(source: CopySource) -> None:
    """Say what wrote it."""
    if source is CopySource.MODEL:
        st.badge("Written by Gemini", icon=":material/auto_awesome:", color="violet")
    else:
        st.badge("From built-in templates", icon=":material/description:", color="gray")


def show_findings(findings: Iterable[Finding]) -> None:
    """Show what was found in a message, each with whether it can be sent so."""
    for one in findings:
        words = plain(sentence(one.words))
        if one.blocks:
            st.markdown(f":red[:material/error: {words}]")
        else:
            st.caption(f":orange[:material/warning:] {words}")
