"""A rule as the queries that evaluate it: SQL by condition, and one MongoDB pipeline."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine import Explanation

TALL = 480  # pixels
FEW_LINES = 24


def queries(explanation: Explanation) -> None:
    """Show the query of each condition with its parameters."""
    found = explanation.sql()
    st.caption(
        "Each condition is one query; the rule combines their answers. The values stand apart from "
        "the query, each for a “?” in turn. Segments, campaigns and empty rules ask nothing here."
    )
    for one in found:
        st.text(one.words)
        st.code(one.sql, language="sql", wrap_lines=True)
        if one.parameters:
            listed = "\n".join(as_json(value, instant=_utc) for value in one.parameters)
            st.code(listed, language="json", wrap_lines=True)


def pipeline(explanation: Explanation) -> None:
    """Show the aggregation that finds the same members in MongoDB."""
    stages = explanation.pipeline()
    st.caption("db.customers.aggregate(…) with this pipeline finds the same members in MongoDB.")
    text = as_json(stages, instant=lambda one: {"$date": _utc(one)}, indent=2)
    st.code(text, language="json", height=TALL if text.count("\n") > FEW_LINES else "content")


def as_json(
    value: object, *, instant: Callable[[datetime], object], indent: int | None = None
) -> str:
    """Return a value of a query as JSON; ``instant`` says how an instant is written.

    Decimals are written as MongoDB's Extended JSON has them.
    """

    def written(one: object) -> object:
        if isinstance(one, datetime):
            return instant(one)
        if type(one).__name__ in {"Decimal128", "Decimal"}:
            return {"$numberDecimal": str(one)}
        return str(one)

    return json.dumps(value, default=written, indent=indent, ensure_ascii=False)


def _utc(instant: datetime) -> str:
    # MongoDB's instants and the mirror's are UTC, without saying so.
    utc = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return utc.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
