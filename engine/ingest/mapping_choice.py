"""Which mapping reads a file, where nobody has said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import InvalidInput
from engine.ingest.mapping import guess
from engine.ingest.mapping_check import problems

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.domain.workspace import Workspace
    from engine.ingest.inspection import FileInspection
    from engine.ingest.mapping import ColumnMapping


def fitting(
    known: Iterable[ColumnMapping], inspected: FileInspection, workspace: Workspace
) -> tuple[ColumnMapping, ...]:
    """Return those of the mappings that fit a file.

    One fits that can read the file and, where a guess could as well, reads the same kind and every
    column that the guess would.
    """
    guessed = guess(inspected.columns)
    is_readable = not problems(guessed, inspected, workspace)
    columns = set(guessed.columns.values())
    return tuple(
        one
        for one in known
        if not problems(one, inspected, workspace)
        and (not is_readable or (one.kind is guessed.kind and columns <= set(one.columns.values())))
    )


def chosen(fits: tuple[ColumnMapping, ...], inspected: FileInspection) -> ColumnMapping:
    """Return the one mapping that fits, or a guess where none does.

    Raises InvalidInput where several fit.
    """
    if len(fits) > 1:
        names = ", ".join(repr(one.name) for one in fits)
        msg = f"several saved mappings fit {inspected.path.name!r}: {names}; say which"
        raise InvalidInput(msg)
    return fits[0] if fits else guess(inspected.columns)
