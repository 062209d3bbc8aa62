"""What pages say beside their content: errors, empty states, as-of lines, confirmations."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

import streamlit as st

from engine import continue_request
from engine.errors import CrmError, RuleError
from pages._ui.format import plain, when
from pages._ui.places import go
from pages._ui.state import CONFIRMED, DISMISSED, FLASH, FLASH_PROBLEM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from pages._ui.places import Parameter, Place

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Attempt:
    """How a guarded block went: ``ok`` is true once it ran to its end."""

    ok: bool = False


@contextmanager
def guard() -> Iterator[Attempt]:
    """Show what goes wrong in the block, instead of ending the page with a traceback.

    An error the engine raises on purpose is shown as its sentence. Anything else is logged with
    its traceback under a reference that the page shows. The shell guards every page; guard again
    around an action whose failure should leave the rest of the page standing, and inside every
    fragment, which reruns without the shell: closing a confirmation by its cross reruns no more
    than the fragment that asked for it, and all of the page is to be drawn anew.
    """
    if (request_id := st.context.headers.get("X-Request-Id")) is not None:
        continue_request(request_id)  # a script's thread knows nothing of its connection
    if DISMISSED.take():
        st.rerun()
    attempt = Attempt()
    try:
        yield attempt
        attempt.ok = True
    except Exception as error:  # noqa: BLE001 - the edge of a page: everything is shown or logged
        _show(*_told(error))


def show_error(error: CrmError) -> None:
    """Show an error's sentence; it says what is wrong and what to do."""
    _show(*_told(error))


def _told(error: Exception) -> tuple[str, str | None]:
    """Return an error as a person reads it, with its heading; log it where it is no CrmError."""
    if isinstance(error, CrmError):
        again = " Try again in a moment." if error.transient else ""
        text = str(error)
        if isinstance(error, RuleError):
            # A path is for whoever wrote the JSON; a page marks the part itself where it can.
            text = "; ".join(one.partition(": ")[2] or one for one in error.problems)
        return sentence(text) + again, None
    reference = uuid4().hex[:8]
    logger.error("page failed, reference %s", reference, exc_info=error)
    text = (
        "Reload the page to try again. If it happens again, tell whoever runs this "
        f"workspace the reference {reference}: the log holds the details under it."
    )
    return text, "Something went wrong on our side"


def _show(text: str, title: str | None) -> None:
    st.error(plain(text), title=title, icon=":material/error:")


def sentence(text: str) -> str:
    """Return a message with a capital letter at its start and a full stop at its end.

    An e-mail address at its start stays as it is.
    """
    text = text.strip()
    if not text:
        return text
    if "@" not in text.partition(" ")[0]:
        text = text[0].upper() + text[1:]
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def empty_state(
    title: str,
    text: str,
    action: str | None = None,
    *,
    key: str = "empty_state_action",
    icon: str | None = None,
) -> bool:
    """Say that there is nothing here yet and offer the next step; return whether it was taken.

    Both texts are Markdown: escape data in them with ``format.plain``.
    """
    with st.container(border=True, horizontal_alignment="center", gap="small"):
        st.space("small")
        st.subheader(title, anchor=False, text_alignment="center", icon=icon)
        st.markdown(text, text_alignment="center")
        taken = st.button(action, key=key, type="primary") if action else False
        st.space("small")
    return taken


def as_of(instant: datetime, note: str = "") -> None:
    """Say when the figures above were true, and what they are made from (Markdown)."""
    st.caption(f"{note + ' · ' if note else ''}As of {when(instant)}")


def flash(text: str) -> None:
    """Show a sentence once, in the next run: for before a rerun or a change of page."""
    FLASH.set(text)


def show_flash() -> None:
    """Show what the run before left to be said; the shell calls this."""
    if text := FLASH.take():
        st.toast(plain(text), icon=":material/check:")
    if problem := FLASH_PROBLEM.take():
        _show(*problem)


def confirm(
    title: str,
    text: str,
    action: str,
    do: Callable[[], str],
    *,
    then: tuple[Place, Mapping[Parameter, str]] | None = None,
    asks: Callable[[], object] | None = None,
) -> None:
    """Ask before something that cannot be undone, or for what it needs: ``asks`` draws that.

    ``do`` runs when the person agrees, and returns the sentence to show afterwards, on the page
    ``then`` if one is given; what it raises is shown in the dialog instead. ``title`` and ``text``
    are Markdown: escape data in them with ``format.plain``. The dialog's buttons have the keys
    ``confirm_cancel`` and ``confirm_action``; its cross does what the first of them does, since
    what the page shows may be out of date once the action was refused.
    """

    def agree() -> None:
        try:
            flash(do())
        except Exception as error:  # noqa: BLE001 - shown or logged in the run that follows
            FLASH_PROBLEM.set(_told(error))
        else:
            CONFIRMED.set(then)

    def dismiss() -> None:
        DISMISSED.set(True)

    @st.dialog(title, on_dismiss=dismiss)
    def ask() -> None:
        st.markdown(text)
        if asks is not None:
            asks()
        problem = FLASH_PROBLEM.take()
        if problem:
            _show(*problem)
        with st.container(horizontal=True, horizontal_alignment="right"):
            kept = st.button("Close" if problem else "Cancel", key="confirm_cancel")
            agreed = st.button(
                action,
                key="confirm_action",
                type="primary",
                on_click=agree,
                disabled=problem is not None,
            )
        if agreed and not problem:
            leave()
        if kept or (agreed and not problem):
            st.rerun()

    ask()


def leave() -> None:
    """Go where a confirmed action leads, if it leads anywhere; the shell calls this too."""
    if then := CONFIRMED.take():
        go(*then)
