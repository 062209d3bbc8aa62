"""What is wrong with one row, collected while it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.outcomes import Problem
from engine.domain.refusal import unknown
from engine.ingest.rejects import BadValue, Reason, shortened, shown
from engine.ingest.values import OTHERWISE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MOST = 20
"""Problems told of one row."""


class Complaints:
    """The problems of one row."""

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: list[Problem] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong, in the order it was found."""
        return tuple(self._found)

    def add(self, field: str, bad: BadValue) -> None:
        """Keep one problem, unless there are enough already."""
        if len(self._found) < MOST:
            self._found.append(problem(field, bad))

    def missing(self, field: str, like: str) -> None:
        """Tell that a required field is not there."""
        detail = f"{field.rpartition('/')[2]} is needed, {like}"
        self.add(field, BadValue(Reason.ABSENT, "", detail))

    def unknown_field(self, path: str, name: str, valid: Mapping[str, object], kind: str) -> None:
        """Tell that there is no field of this name, and which are near."""
        detail = unknown(name, valid, kind)
        bad = BadValue(Reason.UNKNOWN_FIELD, name, detail).among(valid)
        self.add(f"{path}{shortened(name)}", bad)


def problem(field: str, bad: BadValue) -> Problem:
    """Return a complaint as it is told to who sent the record."""
    detail = shown(bad.detail.removesuffix(f"; {OTHERWISE}"))  # there is no form to choose here
    reason = f"{bad.reason.value}: {detail}"
    return Problem(field, shortened(bad.value), reason, bad.reason.value, bad.valid)


def read_fields(
    record: Mapping[str, object],
    parsers: Mapping[str, Callable[[object], object]],
    path: str,
    kind: str,
    complaints: Complaints,
) -> dict[str, object]:
    """Return the values of a record by field, less those that say nothing."""
    found: dict[str, object] = {}
    for name, value in record.items():
        parse = parsers.get(name)
        if parse is None:
            complaints.unknown_field(path, name, parsers, kind)
        elif value is not None:
            try:
                found[name] = parse(value)
            except BadValue as bad:
                complaints.add(f"{path}{name}", bad)
    return found
