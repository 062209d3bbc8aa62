"""Tables: cells read as the workspace writes them, and sort and search as what they are.

The cell stays a number or an instant, and the text beside it is what is shown. So money sorts by
amount although it reads ``₹12,34,567.00``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import polars as pl
import streamlit as st

from engine.domain import figures
from pages._ui.engine import workspace
from pages._ui.state import Slot

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from streamlit.typing import ButtonColumnClickState, DataframeState

OPEN = "open_row"
_PIXELS, _PADDING = 7, 18
"""Of a character at most, and of a cell."""
Kind = Literal["text", "number", "money", "instant", "day", "share"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, how its cells read, and its width (named, or pixels)."""

    label: str
    kind: Kind = "text"
    width: Literal["small", "medium", "large"] | int | None = None
    help: str | None = None
    pinned: bool = False


def table(
    frame: pl.DataFrame,
    columns: Mapping[str, Column],
    *,
    alt: str,
    key: str | None = None,
    height: int | Literal["auto", "content"] = "content",
) -> None:
    """Show a frame's named columns, in that order.

    ``money`` cells are minor units, ``instant`` cells UTC, ``share`` cells 0 to 1; ``day`` cells
    are instants too, of which the local day is shown.
    """
    shown, config = _prepared(frame, columns)
    st.dataframe(
        shown,
        hide_index=True,
        column_config=config,
        alt=alt,
        key=key,
        height=height,
        placeholder="",
    )


def selectable(
    frame: pl.DataFrame,
    columns: Mapping[str, Column],
    *,
    alt: str,
    key: str,
    height: int | Literal["auto", "content"] = "content",
) -> int | None:
    """Show a frame as :func:`table` does; return the index of the row that is ticked, if one is."""
    shown, config = _prepared(frame, columns)
    # Not "single-cell" as well: a click on a heading, to sort, then selects a cell too.
    state: DataframeState = st.dataframe(
        shown,
        hide_index=True,
        column_config=config,
        alt=alt,
        key=key,
        height=height,
        placeholder="",
        on_select="rerun",
        selection_mode="single-row",
    )
    rows = state["selection"]["rows"]
    return rows[0] if rows and rows[0] < frame.height else None


def openable(
    frame: pl.DataFrame,
    columns: Mapping[str, Column],
    *,
    alt: str,
    key: str,
    height: int | Literal["auto", "content"] = "content",
) -> int | None:
    """Show a frame with a button in every row; return the row whose button was just clicked."""
    clicked: Slot[ButtonColumnClickState | None] = Slot(f"{key}_open", None)
    shown, config = _prepared(
        frame.with_columns(pl.lit("Open").alias(OPEN)), {OPEN: Column(""), **columns}
    )
    config[OPEN] = st.column_config.ButtonColumn("", key=clicked.key, width=64, pinned=True)
    st.dataframe(
        shown,
        hide_index=True,
        column_config=config,
        alt=alt,
        key=key,
        height=height,
        placeholder="",
    )
    click = clicked.get()
    return click.row if click is not None and click.row < frame.height else None


def _prepared(frame: pl.DataFrame, columns: Mapping[str, Column]) -> tuple[Any, dict[str, Any]]:
    space = workspace()
    scale = 10**space.currency.decimals
    picked = frame.select(
        _cell(pl.col(name), column.kind, frame.schema[name], space.zone.key, scale)
        for name, column in columns.items()
    )
    # pandas' Styler is the one way to give a cell a text of our own beside its value; a format of
    # column_config knows neither the lakhs of en_IN nor the currency's own sign and place.
    texts = _texts(scale)
    styled = picked.to_pandas().style.format(
        {
            name: text
            for name, column in columns.items()
            if (text := texts.get(column.kind)) is not None
        },
        na_rep="",
    )
    config = {
        name: _config(column, _money_width(picked[name], column, texts["money"]))
        for name, column in columns.items()
    }
    return styled, config


def _money_width(cells: pl.Series, column: Column, text: Callable[[Any], str]) -> int | None:
    """Return a width that shows every digit of an amount.

    Without one, the browser keeps the width that the first amounts under a key had, and cuts the
    first digits off of longer ones.
    """
    if column.kind != "money" or column.width is not None:
        return None
    shown = max((len(text(one)) for one in cells.drop_nulls()), default=0)
    return max(_PIXELS * (len(column.label) + 1), _PIXELS * shown) + _PADDING


def _cell(cell: pl.Expr, kind: Kind, dtype: pl.DataType, zone: str, scale: int) -> pl.Expr:
    if kind == "money":
        return cell / scale
    if kind in {"instant", "day"}:
        aware = isinstance(dtype, pl.Datetime) and dtype.time_zone is not None
        utc = cell if aware else cell.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
        # Wall-clock time without a zone: pandas 3.1 warns where Arrow reads a zoned column.
        return utc.dt.convert_time_zone(zone).dt.replace_time_zone(None)
    return cell


def _texts(scale: int) -> dict[Kind, Callable[[Any], str]]:
    space = workspace()
    return {
        "number": lambda n: figures.number_text(n, space.locale),
        # Exact for every amount below 2**50 minor units: the division loses less than half of one.
        "money": lambda major: space.money(round(major * scale)),
        "instant": lambda wall: figures.instant_text(
            wall.replace(tzinfo=space.zone), space.zone, space.locale
        ),
        "day": lambda wall: figures.date_text(wall.date(), space.locale),
        "share": lambda share: figures.share_text(share, space.locale),
    }


def _config(column: Column, width: int | None) -> Any:  # noqa: ANN401 - Streamlit keeps the type of a column to itself
    given: dict[str, Any] = {
        "width": column.width or width,
        "help": column.help,
        "pinned": column.pinned or None,
    }
    if column.kind == "text":
        return st.column_config.TextColumn(column.label, **given)
    if column.kind in {"instant", "day"}:
        return st.column_config.DatetimeColumn(column.label, **given)
    return st.column_config.NumberColumn(column.label, **given)
