"""Edits of a rule, as the rule editor in a browser makes them."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from pages._ui.rule_editor import Edit
from pages._ui.segment_draft import NEW

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from streamlit.testing.v1 import AppTest

    from pages._ui.segment_draft import SegmentDraft


def drafts(app: AppTest) -> Mapping[str, SegmentDraft]:
    return cast("Mapping[str, SegmentDraft]", app.session_state["segment_drafts"])


def edit(
    app: AppTest,
    *parts: Mapping[str, object],
    segment_id: str = NEW,
    incomplete: Iterable[str] = (),
    revision: int | None = None,
) -> AppTest:
    """Let all of some parts be the rule; AppTest runs no component that could say so itself."""
    draft = drafts(app)[segment_id]
    sent = Edit(
        serial=1,
        revision=draft.revision if revision is None else revision,
        document={"version": 1, "rule": {"id": "r", "all": list(parts)}},
        incomplete=frozenset(incomplete),
    )
    app.session_state["segment_drafts"] = MappingProxyType(
        {**drafts(app), segment_id: draft.edited(sent)}
    )
    return app.run()


def spent(value: str, node_id: str = "a", **more: object) -> dict[str, object]:
    """Return the condition of a total spend above an amount."""
    return {
        "field": "total_spend", "op": "greater_than", "value": value, "id": node_id, **more
    }  # fmt: skip


def open_tab(app: AppTest, name: str) -> AppTest:
    app.session_state["rule_tabs"] = name
    return app.run()


def paste(app: AppTest, text: str) -> AppTest:
    open_tab(app, "JSON").text_area(key="pasted_json").set_value(text)
    return app.button(key="apply_json").click().run()
