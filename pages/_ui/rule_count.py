"""What stands beside the rule while it is built: its count, its steps, its instant."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import TYPE_CHECKING, cast

import streamlit as st

from engine.domain.calendar import to_utc
from pages._ui.feedback import sentence
from pages._ui.format import count, number, plain, share, when
from pages._ui.inputs import DAY_FIRST, DAY_LAST, show
from pages._ui.rule_reading import WHOLE
from pages._ui.rule_waterfall import waterfall
from pages._ui.segment_draft import DRAFTS, keep

if TYPE_CHECKING:
    from engine import Crm, Explanation
    from pages._ui.rule_reading import Reading
    from pages._ui.segment_draft import SegmentDraft

DAY, TIME = "evaluated_on", "evaluated_at"
BESIDE = "beside_rule"
STAYS = f"""<style>
@media (min-width: 641px) {{
  [data-testid="stLayoutWrapper"]:has(> .st-key-{BESIDE}) {{ position: sticky; top: 4rem; }}
}}
</style>"""
"""Keeps the count in view while a long rule scrolls; on a phone it stands below the rule."""


@dataclass(frozen=True, slots=True)
class RuleCount:
    """The count of one draft, and what belongs to it."""

    crm: Crm
    draft: SegmentDraft
    reading: Reading

    def draw(self) -> None:
        """Say how many customers match, how they came to be so many, and at which instant."""
        explanation = self.reading.explanation
        st.html(STAYS)
        with st.container(key=BESIDE):
            with st.container(border=True, key="rule_count", gap="small"):
                if explanation is None:
                    self._none()
                else:
                    self._headline(explanation)
                    self._left_out()
                if self.draft.now is not None:
                    self._other_instant(self.draft.now)
            if explanation is not None:
                waterfall(explanation, self.crm.workspace.locale)
            self._instant()

    def _none(self) -> None:
        st.subheader("No count yet", anchor=False)
        for problem in self.reading.problems.get(WHOLE, ()):
            st.error(plain(sentence(problem)), icon=":material/error:")
        if self.reading.problems.keys() - {WHOLE}:
            st.caption("Put right or switch off what is marked in the rule to see the count.")

    def _headline(self, explanation: Explanation) -> None:
        found = explanation.preview()
        part = share(found.count, found.total)
        st.subheader(
            plain(f"{number(found.count)} of {count(found.total, 'customer')} ({part})"),
            anchor=False,
        )
        st.progress(found.count / found.total if found.total else 0.0)
        took = number(round(found.elapsed_ms, 1))
        st.caption(plain(f"Data as of {when(found.as_of)} · evaluated in {took} ms"))

    def _left_out(self) -> None:
        left_out = self.reading.unfinished
        if left_out:
            st.caption(f":material/pending: Without {count(left_out, 'unfinished condition')}")
        wrong = len(self.reading.problems)
        if wrong:
            parts = count(wrong, "part that is", "parts that are")
            st.markdown(
                f":red[:material/error: Counted without {parts} wrong, marked in the rule.]"
            )

    def _other_instant(self, now: datetime) -> None:
        st.markdown(
            f":material/history: Evaluated as of **{plain(when(now))}**, not at the present. "
            "A campaign evaluates at the moment of its launch."
        )
        st.button("Back to the present", key="at_present", on_click=lambda: self._evaluate_at(None))

    def _instant(self) -> None:
        zone = self.crm.workspace.zone
        local = None if self.draft.now is None else self.draft.now.astimezone(zone)
        show(DAY, local.date() if local else None)
        show(TIME, local.time() if local else time.min)
        with st.expander("Evaluate as of another time", key="evaluate_at"):
            st.caption(
                "For data that ends in the past: “in the last 30 days” then counts back from that "
                "time. Lifetime figures such as total spend hold every order all the same. "
                "It changes only what you see here. It is not saved with the segment, and a "
                "campaign always evaluates the segment at the moment of its launch."
            )
            with st.container(horizontal=True, vertical_alignment="bottom"):
                st.date_input(
                    "Evaluate on",
                    value=None,
                    key=DAY,
                    min_value=DAY_FIRST,
                    max_value=DAY_LAST,
                    format="YYYY-MM-DD",
                    on_change=self._instant_chosen,
                )
                st.time_input(
                    f"At (time in {zone.key})",
                    value=None,
                    key=TIME,
                    step=60,
                    on_change=self._instant_chosen,
                )

    def _instant_chosen(self) -> None:
        day = cast("date | None", st.session_state[DAY])
        at = cast("time | None", st.session_state[TIME]) or time.min
        zone = self.crm.workspace.zone
        self._evaluate_at(None if day is None else to_utc(datetime.combine(day, at), zone))

    def _evaluate_at(self, now: datetime | None) -> None:
        keep(replace(DRAFTS.get()[self.draft.segment_id], now=now))
