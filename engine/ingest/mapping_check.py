"""Whether a mapping fits a file: everything that is wrong, said at once."""

from __future__ import annotations

from collections import defaultdict
from difflib import get_close_matches
from typing import TYPE_CHECKING

from engine.domain.text import fold
from engine.errors import ImportFileError
from engine.ingest.fields import ATTRIBUTE_PREFIX, ITEM_FIELDS, FileKind, fields_of, is_field
from engine.ingest.inspection import DELIMITERS

if TYPE_CHECKING:
    from engine.domain.workspace import Workspace
    from engine.ingest.inspection import FileInspection
    from engine.ingest.mapping import ColumnMapping

MAX_ATTRIBUTES = 100
_SHOWN = 20


def problems(
    mapping: ColumnMapping, inspection: FileInspection, workspace: Workspace
) -> tuple[str, ...]:
    """Return one sentence for each thing that keeps this mapping from reading this file."""
    return (
        *_field_problems(mapping),
        *_amount_problems(mapping),
        *_column_problems(mapping, inspection),
        *_option_problems(mapping, workspace),
    )


def check(mapping: ColumnMapping, inspection: FileInspection, workspace: Workspace) -> None:
    """Raise ImportFileError with every problem; nothing happens where there is none."""
    wrong = problems(mapping, inspection, workspace)
    if wrong:
        msg = f"{inspection.path.name!r} cannot be imported with this mapping: {'; '.join(wrong)}"
        raise ImportFileError(msg)


def _field_problems(mapping: ColumnMapping) -> list[str]:
    known = fields_of(mapping.kind)
    wrong = []
    for name in mapping.columns:
        if not is_field(mapping.kind, name):
            extra = "" if mapping.kind is FileKind.ORDERS else f", {ATTRIBUTE_PREFIX}<name>"
            wrong.append(
                f"{name!r} is no field of {mapping.kind.value}; there are {', '.join(known)}{extra}"
            )
    attributes = sum(name.startswith(ATTRIBUTE_PREFIX) for name in mapping.columns)
    if attributes > MAX_ATTRIBUTES:
        wrong.append(f"{attributes} attributes are mapped, more than {MAX_ATTRIBUTES}")
    wrong += [
        f"no column is chosen for {spec.title} ({name}), which is required"
        for name, spec in known.items()
        if spec.required and not mapping.columns.get(name)
    ]
    return wrong


def _amount_problems(mapping: ColumnMapping) -> list[str]:
    if mapping.kind is not FileKind.ORDERS:
        return []
    mapped, known = mapping.columns, fields_of(mapping.kind)
    if mapping.has_lines and "amount" in mapped:
        both = (
            "columns are chosen both for the amount of the order (amount) and for its quantity and "
            "price (quantity, unit_price); an order has one amount, so choose one of the two"
        )
        return [both]
    if mapping.has_lines:
        return [
            f"no column is chosen for {known[name].title} ({name}): an order line needs quantity "
            "and unit_price"
            for name in ("quantity", "unit_price")
            if name not in mapped
        ]
    wrong = []
    if "amount" not in mapped:
        wrong.append(
            "no column is chosen for the amount of the order (amount), nor for its quantity and "
            "price (quantity, unit_price)"
        )
    items = [name for name in ITEM_FIELDS if name in mapped]
    if items:
        titles = " and ".join(f"{known[name].title} ({name})" for name in items)
        belong = "belongs" if len(items) == 1 else "belong"
        wrong.append(
            f"{titles} {belong} to an order's line, and a line needs {known['quantity'].title} "
            f"(quantity) and {known['unit_price'].title} (unit_price)"
        )
    return wrong


def _column_problems(mapping: ColumnMapping, inspection: FileInspection) -> list[str]:
    wrong = []
    users: dict[str, list[str]] = defaultdict(list)
    for field, column in mapping.columns.items():
        users[column].append(field)
    for column, fields in users.items():
        if len(fields) > 1:
            wrong.append(f"column {column!r} is chosen twice: for {' and '.join(fields)}")
        if column in inspection.unreadable:
            wrong.append(
                f"column {column!r} is of a type that is not read; text, numbers, dates, booleans "
                "and lists of text are"
            )
        if column not in inspection.columns:
            wrong.append(f"the file has no column {column!r}{_hint(column, inspection)}")
    if len(inspection.columns) == 1 and wrong:
        wrong.append(
            f"the file has one column, so the delimiter {inspection.delimiter!r} may be wrong; "
            f"there are {', '.join(DELIMITERS.values())}"
        )
    return wrong


def _hint(column: str, inspection: FileInspection) -> str:
    by_fold = {fold(name): name for name in inspection.columns}
    near = get_close_matches(fold(column), by_fold, n=1)
    if near:
        return f" (did you mean {by_fold[near[0]]!r}?)"
    shown = ", ".join(map(repr, inspection.columns[:_SHOWN]))
    return f"; it has {shown}{'…' if len(inspection.columns) > _SHOWN else ''}"


def _option_problems(mapping: ColumnMapping, workspace: Workspace) -> list[str]:
    wrong = []
    given = mapping.options.currency
    if given is not None and given != workspace.currency.code:
        wrong.append(
            f"its amounts are in {given}, but this workspace keeps {workspace.currency.code}"
        )
    unmapped = [
        name
        for name in mapping.options.attribute_types
        if f"{ATTRIBUTE_PREFIX}{name}" not in mapping.columns
    ]
    if unmapped:
        wrong.append(f"attribute_types names {', '.join(unmapped)}, which no column is mapped to")
    return wrong
