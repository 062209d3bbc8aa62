"""The boxes that a condition's value is typed into, by what its operator takes.

Each box shows what the tree holds and hands what was typed to ``typed``, so that undo, redo and
pasted JSON reach the boxes too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from typing import TYPE_CHECKING, cast

import streamlit as st

from engine.domain.calendar import EARLIEST, LATEST, UNITS, parse_instant
from engine.errors import InvalidInput
from pages._ui.rule_values import Draft, SpanDraft

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.domain.workspace import Workspace
    from pages._ui.rule_fields import FieldChoice, OperatorChoice

DAY_FIRST, DAY_LAST = EARLIEST.date(), date(LATEST.year - 1, 12, 31)
LIVE = "400ms"
"""When a box gives what is typed in it. Not when it is left: a tap on a link sends the change of
page before that of the box, and Streamlit 1.67 then leaves the page empty."""
TIME_WIDTH = 118  # pixels; the day beside it takes the rest


def show(key: str, value: object) -> None:
    """Make the widget with this key show a value when it is drawn next.

    Writing only what differs leaves alone what somebody is typing into another box meanwhile.
    """
    if st.session_state.get(key) != value:
        st.session_state[key] = value


@dataclass(frozen=True, slots=True)
class ValueBoxes:
    """The boxes of one condition. ``typed`` takes each new value; ``key`` is the condition's."""

    key: str
    field: FieldChoice
    workspace: Workspace
    typed: Callable[[str, Draft], None]

    def draw(self, operator: OperatorChoice, draft: Draft) -> None:
        """Draw the boxes that the operator needs; none where it takes no value."""
        match operator.takes:
            case "nothing":
                st.space(1)
            case "many":
                self._many(cast("tuple[str, ...]", draft))
            case "span":
                self._span(cast("SpanDraft", draft))
            case "days":
                self._days(cast("SpanDraft", draft))
            case "range":
                self._range(cast("tuple[str, str]", draft))
            case "day":
                self._day("day", "Date", cast("str", draft), self._plain)
            case _:
                self._one("value", "Value", cast("str", draft), self._plain)

    def _plain(self, value: str) -> Draft:
        return value

    def _one(self, part: str, label: str, text: str, made: Callable[[str], Draft]) -> None:
        match self.field.kind:
            case "date":
                self._day(part, label, text, made)
            case "time":
                self._moment(part, label, text, made)
            case _:
                self._text(part, label, text, made)

    def _text(self, part: str, label: str, text: str, made: Callable[[str], Draft]) -> None:
        key = f"{self.key}_{part}_text"
        currency = self.workspace.currency
        hints = {
            "number": "Number",
            "money": f"Amount in {currency.code}, such as {currency.text(500_000)}",
        }

        def changed() -> None:
            self.typed(self.key, made(st.session_state[key] or ""))

        show(key, text)
        st.text_input(
            label,
            key=key,
            on_change=changed,
            placeholder=hints.get(self.field.kind, "Text") if part == "value" else label,
            live=LIVE,
            label_visibility="collapsed",
        )

    def _many(self, texts: tuple[str, ...]) -> None:
        key = f"{self.key}_texts"

        def changed() -> None:
            self.typed(self.key, tuple(st.session_state[key]))

        show(key, list(texts))
        st.multiselect(
            "Values",
            options=texts,
            key=key,
            on_change=changed,
            accept_new_options=True,
            placeholder="Type a value, then Enter",
            label_visibility="collapsed",
        )

    def _span(self, draft: SpanDraft) -> None:
        n_key, unit_key = f"{self.key}_n", f"{self.key}_unit"

        def changed() -> None:
            n = st.session_state[n_key]
            self.typed(self.key, SpanDraft(n, st.session_state[unit_key]))

        with st.container(horizontal=True, gap="small"):
            self._length(n_key, draft, changed)
            show(unit_key, draft.unit)
            st.selectbox(
                "Unit",
                UNITS,
                key=unit_key,
                on_change=changed,
                format_func=lambda unit: f"{unit}s",
                label_visibility="collapsed",
            )

    def _days(self, draft: SpanDraft) -> None:
        n_key = f"{self.key}_n"

        def changed() -> None:
            self.typed(self.key, SpanDraft(st.session_state[n_key], "day"))

        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            self._length(n_key, draft, changed)
            st.text("days")

    def _length(self, key: str, draft: SpanDraft, changed: Callable[[], None]) -> None:
        show(key, draft.n)
        st.number_input(
            "How many",
            key=key,
            min_value=1,
            max_value=1_000_000_000,
            value=None,
            step=1,
            on_change=changed,
            label_visibility="collapsed",
        )

    def _range(self, ends: tuple[str, str]) -> None:
        low, high = ends
        # Two times take a date and a time each, which is too much for one line.
        with st.container(horizontal=self.field.kind != "time", gap="small"):
            self._one("low", "From", low, lambda value: (value, high))
            self._one("high", "To", high, lambda value: (low, value))

    def _day(self, part: str, label: str, text: str, made: Callable[[str], Draft]) -> None:
        key = f"{self.key}_{part}_day"

        def changed() -> None:
            chosen = cast("date | None", st.session_state[key])
            self.typed(self.key, made(chosen.isoformat() if chosen else ""))

        show(key, self._parts(text)[0])
        self._date_input(label, key, changed)

    def _moment(self, part: str, label: str, text: str, made: Callable[[str], Draft]) -> None:
        day_key, time_key = f"{self.key}_{part}_day", f"{self.key}_{part}_time"

        def changed() -> None:
            day = cast("date | None", st.session_state[day_key])
            at = cast("time | None", st.session_state[time_key])
            self.typed(self.key, made(_moment_text(day, at)))

        day, at = self._parts(text)
        show(day_key, day)
        show(time_key, at)
        with st.container(horizontal=True, gap="small"):
            self._date_input(label, day_key, changed)
            st.time_input(
                f"{label}: time, or the whole day if empty",
                value=None,
                key=time_key,
                on_change=changed,
                step=60,
                width=TIME_WIDTH,
                disabled=day is None,
                label_visibility="collapsed",
            )

    def _date_input(self, label: str, key: str, changed: Callable[[], None]) -> None:
        st.date_input(
            label,
            value=None,
            min_value=DAY_FIRST,
            max_value=DAY_LAST,
            key=key,
            on_change=changed,
            format="YYYY-MM-DD",
            label_visibility="collapsed",
        )

    def _parts(self, text: str) -> tuple[date | None, time | None]:
        """Return the local day and time of a value; no time for a whole day."""
        try:
            local = parse_instant(text, self.workspace.zone).astimezone(self.workspace.zone)
        except InvalidInput:
            return None, None
        whole_day = len(text.strip()) == len("2026-03-31")
        return local.date(), None if whole_day else local.time()


def _moment_text(day: date | None, at: time | None) -> str:
    if day is None:
        return ""
    return day.isoformat() if at is None else f"{day.isoformat()}T{at.isoformat()}"
