"""One mapped column: where its cell is, how it is read, and what an empty cell means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from engine.ingest.rejects import BadValue, Reason
from engine.ingest.values import line_of_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Column(NamedTuple):
    """A mapped column. ``missing`` is why a row with an empty cell is rejected; None: it is not."""

    field: str
    place: int
    name: str
    parse: Callable[[str], object]
    missing: Reason | None


def read_cells(columns: Sequence[Column], cells: Sequence[str]) -> dict[str, Any]:
    """Return the values of a row by field, without those whose cells are empty.

    Raises BadValue for the first column that cannot be taken.
    """
    found: dict[str, Any] = {}
    for field, place, name, parse, missing in columns:
        cell = cells[place].strip()
        if cell:
            try:
                found[field] = parse(cell)
            except BadValue as bad:
                raise bad.in_column(name) from None
        elif missing is not None:
            raise BadValue(missing, "", f"the cell of {name!r} is empty", name)
    return found


def text_column(cell: str) -> str:
    """Return a cell that holds text."""
    return line_of_text(cell)
