"""What stands around the rule in the builder: its count, its instant, its members, its JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import TYPE_CHECKING, cast

import streamlit as st

from engine import decode, decode_text, encode
from engine.domain.calendar import to_utc
from engine.errors import CrmError, RuleError
from pages._ui.feedback import sentence, show_error
from pages._ui.format import count, number, outline, plain, share, when
from pages._ui.frames import Column, table
from pages._ui.rule_document import read, written
from pages._ui.rule_widgets import DAY_FIRST, DAY_LAST, show
from pages._ui.segment_draft import DRAFTS, keep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine import Crm
    from pages._ui.rule_fields import FieldChoice
    from pages._ui.rule_reading import Reading
    from pages._ui.segment_draft import SegmentDraft

DAY, TIME, PASTED = "evaluated_on", "evaluated_at", "pasted_json"

SAMPLE = {
    "customer_id": Column("Customer id", pinned=True),
    "name": Column("Name"),
    "email": Column("E-mail", width=180),
    "city": Column("City"),
    "country": Column("Country"),
    "order_count": Column("Orders", "number", help="Completed orders"),
    "total_spend": Column("Total spend", "money", help="Completed orders less refunds"),
    "last_order_at": Column("Last order", "instant"),
}


@dataclass(frozen=True, slots=True)
class RulePanels:
    """The panels of one draft."""

    crm: Crm
    draft: SegmentDraft
    fields: Mapping[str, FieldChoice]
    reading: Reading

    def count(self) -> None:
        """Say how many customers match, of how many, as of when, and what was left out."""
        found = self.reading.count
        with st.container(border=True, key="rule_count", gap="small"):
            if found is None:
                st.subheader("No count yet", anchor=False)
                for problem in self.reading.problems.get("", ()):
                    st.error(plain(sentence(problem)), icon=":material/error:")
                if self.reading.problems.keys() - {""}:
                    st.caption("Put right or switch off what is marked below to see the count.")
                return
            part = share(found.members, found.total)
            st.subheader(
                plain(f"{number(found.members)} of {count(found.total, 'customer')} ({part})"),
                anchor=False,
            )
            st.progress(found.members / found.total if found.total else 0.0)
            took = number(round(found.elapsed_ms, 1))
            st.caption(plain(f"Data as of {when(found.as_of)} · evaluated in {took} ms"))
            left_out = len(self.reading.missing)
            if left_out:
                st.caption(f":material/pending: Without {count(left_out, 'unfinished condition')}")
            wrong = len(self.reading.problems)
            if wrong:
                part = count(wrong, "part that is", "parts that are")
                st.markdown(f":red[:material/error: Counted without {part} wrong, marked below.]")
            if self.draft.now is not None:
                self._other_instant(self.draft.now)

    def instant(self) -> None:
        """Let the analyst evaluate at another instant than the present."""
        zone = self.crm.workspace.zone
        local = None if self.draft.now is None else self.draft.now.astimezone(zone)
        show(DAY, local.date() if local else None)
        show(TIME, local.time() if local else time.min)
        with st.expander("Evaluate as of another time", key="evaluate_at"):
            st.caption(
                "For data that ends in the past: “in the last 30 days” then counts back from that "
                "time. It changes only what you see here. It is not saved with the segment, and a "
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

    def members(self) -> None:
        """Show the first members."""
        found = self.reading.count
        if found is None or not found.members:
            st.caption("No one to show." if found else "Shown once there is a count.")
            return
        table(found.sample, SAMPLE, alt="First members of the segment", key="rule_sample")
        shown = number(found.sample.height)
        st.caption(
            plain(
                f"The first {shown} of {count(found.members, 'member')} by customer id · "
                f"data as of {when(found.as_of)}"
            )
        )

    def words(self) -> None:
        """Say the rule in plain words, as far as it is counted."""
        try:
            rule = decode(written(self.reading.counted, self.fields).document)
            lines = self.crm.words(rule)
        except CrmError as error:
            show_error(error)
            return
        st.text(outline(lines))

    def as_json(self) -> None:
        """Show the rule as JSON to copy, and take one that is pasted."""
        document = written(self.draft.history.present, self.fields).document
        text = json.dumps(document, indent=2, ensure_ascii=False)
        st.code(text, language="json", height=320 if text.count("\n") > 16 else "content")  # noqa: PLR2004 - lines that 320 px hold
        st.text_area(
            "Replace the rule with this JSON",
            key=PASTED,
            placeholder='{"version": 1, "rule": {"all": []}}',
            height=160,
        )
        with st.container(horizontal=True):
            st.button("Apply JSON", key="apply_json", on_click=self._pasted)
            st.button(
                "Start from the rule above",
                key="copy_json",
                type="tertiary",
                on_click=lambda: st.session_state.update({PASTED: text}),
            )
        for problem in self.draft.json_problems:
            st.error(plain(problem), icon=":material/error:")

    def _pasted(self) -> None:
        draft = DRAFTS.get()[self.draft.segment_id]
        try:
            tree = read(encode(decode_text(st.session_state[PASTED])), self.fields)
        except RuleError as error:
            keep(replace(draft, json_problems=error.problems))
            return
        st.session_state[PASTED] = ""
        keep(replace(draft, json_problems=(), history=draft.history.edited(tree)))

    def _instant_chosen(self) -> None:
        day = cast("date | None", st.session_state[DAY])
        at = cast("time | None", st.session_state[TIME]) or time.min
        zone = self.crm.workspace.zone
        self._evaluate_at(None if day is None else to_utc(datetime.combine(day, at), zone))

    def _evaluate_at(self, now: datetime | None) -> None:
        keep(replace(DRAFTS.get()[self.draft.segment_id], now=now))

    def _other_instant(self, now: datetime) -> None:
        with st.container(horizontal=True, vertical_alignment="center", key="other_instant"):
            st.markdown(
                f":material/history: Evaluated as of **{plain(when(now))}**, not at the present. "
                "A campaign evaluates at the moment of its launch.",
                width="stretch",
            )
            st.button(
                "Back to the present",
                key="at_present",
                on_click=lambda: self._evaluate_at(None),
            )
