"""The rule editor: a rule's tree with drag and drop, drawn in the browser.

    edit = rule_editor(
        key="rule", document=draft.document, revision=draft.revision,
        choices=rule_choices(crm(), suggestions={}, segments=(), campaigns=()),
        notes={"n3": {"count": 1234, "removed": 56}}, on_change=changed,
    )

The editor keeps a state of its own, so that typing and dragging never wait for the server. It takes
``document`` when it is mounted, and later only with a ``revision`` it has not seen; so a page
passes the document it has last, raises ``revision`` when the page itself changes the document
(opened, restored, pasted), and leaves it when the change came from the editor. What a new revision
replaces can be undone in the editor.

``rule_editor.js`` is built from ``frontend/`` (``npm ci && npm run build``) and is committed, so
that running the app needs no Node.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from pages._ui.rule_editor.choices import rule_choices
from pages._ui.rule_editor.edit import Edit, Note, read_edit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from streamlit.components.v2.types import ComponentRenderer

__all__ = ["Edit", "Note", "last_edit", "rule_choices", "rule_editor"]

MODULE = Path(__file__).with_name("rule_editor.js")
"""The built module. It holds line breaks, or Streamlit would take it for a path."""
LOADER = Path(__file__).with_name("loader.js")


@cache
def _module() -> ComponentRenderer:
    return st.components.v2.component("rule_editor_module", js=MODULE.read_text(encoding="utf-8"))


@cache
def _component() -> ComponentRenderer:
    # Pragmatic drag and drop listens on the document, where events from inside a shadow root no
    # longer say what they are about. The styles hang below one class instead.
    return st.components.v2.component(
        "rule_editor", js=LOADER.read_text(encoding="utf-8"), isolate_styles=False
    )


def rule_editor(
    *,
    key: str,
    document: Mapping[str, object],
    revision: int,
    choices: Mapping[str, object],
    notes: Mapping[str, Note],
    on_change: Callable[[], None],
    label: str = "Rule",
) -> Edit:
    """Draw the editor and return the rule as it stands in the browser.

    Args:
        key: The widget's key. A rule that replaces another altogether can have a new one, and then
            starts without that one's undo.
        document: The rule. Every node has an ``id``; one that lacks it is given one, and the edit
            that says so arrives at once.
        revision: Raised by the page whenever it changes the document by itself.
        choices: What can be chosen, from :func:`rule_choices`.
        notes: By id of a node, what to show at it.
        on_change: Called before the page runs for a new edit; :func:`last_edit` has it then.
        label: Names the editor to a screen reader.

    Returns:
        The last edit that was made on this revision; the document as it was given where there is
        none, which then counts as finished.
    """
    last = last_edit(key)
    with st.container(gap=None):
        # Measured: with the module in one component, each edit brought 475 KB back.
        _module()(key=f"{key}_module")
        _component()(
            key=key,
            data={
                "label": label,
                "document": document,
                "revision": revision,
                "serial": last.serial if last else 0,
                "choices": choices,
                "notes": notes,
            },
            on_edit_change=on_change,
        )
    if last is not None and last.revision == revision:
        return last
    serial = last.serial if last else 0
    return Edit(serial=serial, revision=revision, document=document, incomplete=frozenset())


def last_edit(key: str) -> Edit | None:
    """Return the last edit of the editor with this key; None if there was none.

    It is to be ignored where its ``revision`` is not the page's own: it came too late.
    """
    state = st.session_state.get(key)
    return None if state is None else read_edit(state.get("edit"))
