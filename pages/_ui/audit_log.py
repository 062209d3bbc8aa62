"""The audit log: who did what, when and from where; filtered, in pages, and whole as CSV."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from engine.domain.audit import Action, AuditFilter
from pages._ui.audit_csv import audit_file
from pages._ui.audit_words import ACTIONS, OUTCOMES, subject, value
from pages._ui.engine import crm, for_later, present, workspace
from pages._ui.feedback import empty_state, guard
from pages._ui.format import NOTHING, number, plain, when
from pages._ui.frames import Column, selectable, table
from pages._ui.inputs import DAY_FIRST, DAY_LAST, LIVE
from pages._ui.state import Slot

if TYPE_CHECKING:
    from engine.domain.audit import AuditEntry

PAGE = 50
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


@dataclass(frozen=True, slots=True)
class Paging:
    """Where in the log one is: which lines are wanted, and where the pages before ended."""

    wanted: AuditFilter = AuditFilter()  # noqa: RUF009 - it is frozen
    after: tuple[str, ...] = ()


PAGING: Slot[Paging] = Slot("audit_paging", Paging())


def audit_log() -> None:
    """Draw the log with its filters, paging, one line at a time, and its download."""
    st.subheader("Audit log", anchor=False)
    st.markdown(
        "Who did what, when and from where. Lines are only ever added. No line holds a secret, a "
        "message, or anything of a customer."
    )
    with guard():
        wanted = _filters()
        paging = PAGING.get()
        if paging.wanted != wanted:
            paging = Paging(wanted)
            PAGING.set(paging)
        found = crm().audit_page(
            wanted, after=paging.after[-1] if paging.after else None, limit=PAGE
        )
        if found.entries:
            _table(found.entries, paging)
        elif wanted == AuditFilter():
            empty_state("Nothing yet", "Whatever is changed, exported or refused appears here.")
            return
        else:
            st.caption("No line is like this.")
        _pager(paging, found.entries, found.after)
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


def _table(entries: tuple[AuditEntry, ...], paging: Paging) -> None:
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
        # A key of its own a page, so that a line picked on one is not picked on the next.
        key=f"audit_lines_{hash(paging.wanted)}_{len(paging.after)}",
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


def _pager(paging: Paging, entries: tuple[AuditEntry, ...], after: str | None) -> None:
    first = len(paging.after) * PAGE + 1
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Later lines",
            key="audit_back",
            icon=":material/chevron_left:",
            disabled=not paging.after,
            on_click=lambda: PAGING.set(replace(paging, after=paging.after[:-1])),
        )
        st.button(
            "Earlier lines",
            key="audit_on",
            icon=":material/chevron_right:",
            disabled=after is None,
            on_click=lambda: PAGING.set(replace(paging, after=(*paging.after, after or ""))),
        )
        last = number(first + len(entries) - 1)
        shown = f"Lines {number(first)} to {last}" if entries else NOTHING
        st.caption(plain(f"{shown} · the latest first · as of {when(present())}"))


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
