"""What explains a rule: its members, what each condition costs, why, in words, as queries, as JSON.

Only the tab that is open is worked out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import streamlit as st

from engine import decode_text, encode
from engine.errors import NotFound, RuleError
from pages._ui.feedback import sentence
from pages._ui.format import count, number, outline, plain, when
from pages._ui.frames import Column, table
from pages._ui.rule_costs import costs
from pages._ui.rule_document import bare
from pages._ui.rule_queries import pipeline, queries
from pages._ui.segment_draft import DRAFTS, keep

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine import Crm, Explanation
    from pages._ui.rule_reading import Reading
    from pages._ui.segment_draft import SegmentDraft

PASTED, CUSTOMER = "pasted_json", "why_customer"
SAMPLE = 10
YES, NO = ":green[:material/check: Yes]", ":red[:material/close: No]"
TALL = 320  # pixels, of JSON that would be taller than some 16 lines
FEW_LINES = 16
COLUMNS = {
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
class RuleTabs:
    """The tabs of one draft."""

    crm: Crm
    draft: SegmentDraft
    reading: Reading

    def draw(self) -> None:
        """Draw the tabs, and what is in the open one."""
        explaining: Mapping[str, Callable[[Explanation], None]] = {
            "First members": self._members,
            "What each condition costs": costs,
            "Why a customer": self._why,
            "In words": self._words,
            "SQL": queries,
            "MongoDB": pipeline,
        }
        tabs = st.tabs([*explaining, "JSON"], key="rule_tabs", on_change="rerun")
        for tab, content in zip(tabs, [*explaining.values(), None], strict=True):
            if not tab.open:
                continue
            with tab:
                if content is None:
                    self._as_json()
                elif self.reading.explanation is None:
                    st.caption("Shown once there is a count.")
                else:
                    content(self.reading.explanation)

    def _members(self, explanation: Explanation) -> None:
        found = explanation.preview(SAMPLE)
        if not found.count:
            st.caption("No one to show.")
            return
        table(found.sample, COLUMNS, alt="First members of the segment", key="rule_sample")
        shown = number(found.sample.height)
        st.caption(
            plain(
                f"The first {shown} of {count(found.count, 'member')} by customer id · "
                f"data as of {when(found.as_of)}"
            )
        )

    def _why(self, explanation: Explanation) -> None:
        customer_id = st.text_input(
            "Customer id",
            key=CUSTOMER,
            placeholder="Such as the first of the members",
            width=320,
        )
        if not customer_id or not customer_id.strip():
            st.caption("Type a customer's id to see which conditions they meet.")
            return
        try:
            verdicts = explanation.why(customer_id.strip())
        except NotFound as error:
            st.warning(plain(sentence(str(error))), icon=":material/person_off:")
            return
        whole = verdicts[0].holds if verdicts else True
        said = "is in this segment" if whole else "is not in this segment"
        st.markdown(f"**{plain(customer_id.strip())} {said}**")
        # The outermost group is what was just said.
        shown = verdicts[1:] if len(verdicts) > 1 else verdicts
        least = min((one.depth for one in shown), default=0)
        lines = [
            f"{'  ' * (one.depth - least)}- {YES if one.holds else NO} · {plain(one.words)}"
            for one in shown
        ]
        st.markdown("\n".join(lines))
        found = explanation.preview()
        st.caption(
            plain(f"Evaluated as of {when(explanation.now)}, data as of {when(found.as_of)}")
        )

    def _words(self, explanation: Explanation) -> None:
        st.text(outline(self.crm.words(explanation.evaluation.rule)))

    def _as_json(self) -> None:
        document = {**self.draft.document, "rule": bare(self.draft.document)}
        text = json.dumps(document, indent=2, ensure_ascii=False)
        tall = text.count("\n") > FEW_LINES
        st.code(text, language="json", height=TALL if tall else "content")
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
            document = encode(decode_text(st.session_state[PASTED]))
        except RuleError as error:
            keep(replace(draft, json_problems=error.problems))
            return
        st.session_state[PASTED] = ""
        keep(draft.replaced(document))
