"""The audit log: who did what, when and from where; filtered, in pages, and whole as CSV."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from engine.domain.audit import Action, AuditFilter
from pages._ui.audit_csv import audit_file
from pages._ui.audit_words import ACTIONS, OUTCOMES, subject, value
from pages._ui.engine import crm, for_later, workspace
from pages._ui.feedback import empty_state, guard
from pages._ui.format import plain, when
from pages._ui.frames import Column, selectable, table
from pages._ui.inputs import DAY_FIRST, DAY_LAST, LIVE
from pages._ui.pager import PAGE, Paging, pager, paging
from pages._ui.state import Slot

if TYPE_CHECKING:
    from engine.domain.audit import AuditEntry

WHO, WHAT, KIND, ID, DAYS = "audit_who", "audit_what", "audit_kind", "audit_id", "audit_days"
KINDS = (
    *("segment", "campaign", "import", "mapping", "customer", "person", "session", "API key"),
    *("credential", "dead letter", "call", "rule", "frame", "audit log"),
)
COLUMNS = {
    "at": Column("When", "instant", pinned=True),
    "who": Column("Who", width=170),
    "action": Column("What", width=160),
    "about": Column("Object", width=170),
    "outcome": Column("Outcome", width=90),
    "address": Column("From", width=110, help="The network address, as far as it is known"),
    "reason": Column("Reason", width=300),
}


PAGING: Slot[Paging[AuditFilter]] = Slot("audit_paging", Paging(AuditFilter()))


def audit_log() -> None:
    """Draw the log with its filters, paging, one line at a time, and its download."""
    st.subheader("Audit log", anchor=False)
    st.markdown(
        "Who did what, when and from where. Lines are only ever added. None holds a message or a "
        "rule. Names of segments, campaigns and files stand as people gave them, without secrets, "
        "e-mail addresses and phone numbers as far as they can be told."
    )
    with guard():
        wanted = _filters()
        at = paging(PAGING, wanted)
        found = crm().audit_page(wanted, after=at.after, limit=PAGE)
        if found.entries:
            _table(found.entries, at)
        elif wanted == AuditFilter():
            empty_state("Nothing yet", "Whatever is changed, exported or refused appears here.")
            return
        else:
            st.caption("No line is like this.")
        names = "Later lines", "Earlier lines"
        shown = len(found.entries)
        pager(PAGING, "audit", names, shown, found.after, rows="Lines", order="the latest first")
        _download(wanted)


def _filters() -> AuditFilter:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        who = st.selectbox(
            "Who", crm().audit_actors(), key=WHO, index=None, placeholder="Everybody", width=180
        )
        what = st.selectbox(
            "What",
            list(ACTIONS),
            key=WHAT,
            index=None,
            placeholder="Everything",
            format_func=lambda one: ACTIONS[Action(one)],
            width=180,
        )
        kind = st.selectbox(
            "Object", KINDS, key=KIND, index=None, placeholder="Any", format_func=_named, width=130
        )
        its_id = ""
        if kind is not None:
            its_id = st.text_input("Its id", key=ID, max_chars=200, live=LIVE, width=230).strip()
        days = st.date_input(
            "From, to", [], key=DAYS, min_value=DAY_FIRST, max_value=DAY_LAST, width=260
        )
    since, until = _bounds(days)
    return AuditFilter(
        actor=who,
        action=what,
        about=None if kind is None else (kind, its_id),
        since=since,
        until=until,
    )


def _named(kind: str) -> str:
    return kind[0].upper() + kind[1:]


def _bounds(days: object) -> tuple[datetime | None, datetime | None]:
    """Return the instants that days of the workspace's zone begin and end at.

    While only the first day is chosen it has no end.
    """
    chosen = [one for one in days if isinstance(one, date)] if isinstance(days, tuple) else []
    zone = workspace().zone
    bounds = [datetime.combine(one, time(), zone) for one in chosen[:1]]
    bounds += [datetime.combine(one + timedelta(days=1), time(), zone) for one in chosen[1:]]
    since, until = (*bounds, None, None)[:2]
    return since, until


def _table(entries: tuple[AuditEntry, ...], at: Paging[AuditFilter]) -> None:
    text = ("who", "action", "about", "outcome", "address", "reason")
    picked = selectable(
        pl.DataFrame(
            {
                "at": [one.at for one in entries],
                "who": [one.actor for one in entries],
                "action": [ACTIONS[one.action] for one in entries],
                "about": [subject(one) for one in entries],
                "outcome": [OUTCOMES[one.outcome] for one in entries],
                "address": [one.address or "" for one in entries],
                "reason": [one.reason for one in entries],
            },
            schema={"at": pl.Datetime("us", "UTC"), **dict.fromkeys(text, pl.String)},
        ),
        COLUMNS,
        alt="Lines of the audit log, the latest first",
        key=f"audit_lines_{hash(at.wanted)}_{at.number}",
        height=400,
    )
    if picked is None:
        st.caption("Select a line to see what changed.")
        return
    _line(entries[picked])


def _line(entry: AuditEntry) -> None:
    with st.container(border=True, key="audit_line"):
        st.markdown(f"**{ACTIONS[entry.action]}** · {OUTCOMES[entry.outcome]}")
        facts = [f"{entry.actor} ({entry.kind})", when(entry.at, seconds=True)]
        if entry.ended_at is not None:
            facts.append(f"ended {when(entry.ended_at, seconds=True)}")
        if entry.address:
            facts.append(f"from {entry.address}")
        st.caption(plain(" · ".join(facts)))
        if entry.about is not None:
            st.caption(plain(f"{_named(entry.about[0])} {entry.about[1]}"))
        if entry.reason:
            st.text(entry.reason)
        if not entry.changes:
            st.caption("There is no more to tell.")
            return
        table(
            pl.DataFrame(
                {
                    "field": list(entry.changes),
                    "before": [value(before) for before, _ in entry.changes.values()],
                    "after": [value(after) for _, after in entry.changes.values()],
                }
            ),
            {
                "field": Column("Field", pinned=True),
                "before": Column("Before"),
                "after": Column("After"),
            },
            alt="What changed",
            key=f"audit_changes_{entry.id}",
        )


def _download(wanted: AuditFilter) -> None:
    engine = for_later()
    # Built when it is asked for: the callable runs on the click.
    st.download_button(
        "Download these lines as CSV",
        data=lambda: audit_file(engine().audit_lines(wanted)),
        file_name="audit-log.csv",
        mime="text/csv",
        key="download_audit",
        icon=":material/download:",
        on_click="ignore",
    )
