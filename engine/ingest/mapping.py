"""Which column of a file fills which field, and how its cells are read: frozen, saved as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar, cast

from engine.domain.customer import AttributeType
from engine.domain.order import OrderStatus
from engine.errors import ImportFileError
from engine.ingest.fields import FileKind, named_fields
from engine.ingest.inspection import DELIMITERS, ENCODINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


class TimeFormat(StrEnum):
    """How dates and times are written. Two-digit years are not taken: nobody can tell the century.

    Day, month and year may be divided by ``/``, ``-`` or ``.``; a time may follow.
    """

    ISO = "iso"
    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"
    YEAR_FIRST = "year-first"
    UNIX_SECONDS = "unix-seconds"
    UNIX_MILLISECONDS = "unix-milliseconds"

    @property
    def example(self) -> str:
        """One date and time as this form writes it."""
        return _EXAMPLES[self]


_EXAMPLES = {
    TimeFormat.ISO: "2026-03-31 09:30",
    TimeFormat.DAY_FIRST: "31/03/2026 09:30",
    TimeFormat.MONTH_FIRST: "03/31/2026 09:30",
    TimeFormat.YEAR_FIRST: "2026/03/31 09:30",
    TimeFormat.UNIX_SECONDS: "1774915200",
    TimeFormat.UNIX_MILLISECONDS: "1774915200000",
}


class NumberFormat(StrEnum):
    """How numbers are written: which sign divides decimals, and which may group thousands."""

    PLAIN = "1234.56"
    COMMA_GROUPS = "1,234.56"
    DECIMAL_COMMA = "1234,56"
    POINT_GROUPS = "1.234,56"


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingOptions:
    """How cells are read. The defaults suit a plain UTF-8 CSV with ISO dates."""

    encoding: str | None = None
    """One of ENCODINGS; None is UTF-8. A byte-order mark overrules it."""
    delimiter: str | None = None
    """One of DELIMITERS; None finds it."""
    time_format: TimeFormat = TimeFormat.ISO
    number_format: NumberFormat = NumberFormat.PLAIN
    whole_number_ids: bool = False
    """``17850.0`` is the customer or order ``17850``."""
    refund_prefix: str = ""
    """An order whose id begins with this is a refund."""
    status: OrderStatus | None = None
    """Status of every order that has none of its own; None is completed."""
    channel: str | None = None
    """Channel of every order that has none of its own."""
    currency: str | None = None
    """What the file's amounts are in; refused where it is not the workspace's."""
    list_separator: str = ","
    """What divides tags and the entries of list attributes."""
    attribute_types: Mapping[str, AttributeType] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """Type of each mapped attribute, by its name without ``attributes.``; text unless given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMapping:
    """A named mapping: ``columns`` says for each field which column of the file fills it."""

    name: str
    kind: FileKind
    columns: Mapping[str, str]
    options: MappingOptions = field(default_factory=MappingOptions)

    @property
    def has_lines(self) -> bool:
        """Whether a row is a line of an order, and not a whole order."""
        return "quantity" in self.columns or "unit_price" in self.columns


def guess(columns: tuple[str, ...], kind: FileKind | None = None) -> ColumnMapping:
    """Guess a mapping from the names of the columns. It may lack required fields: check it.

    Where ``kind`` is None, a file with a column of order ids is one of orders.
    """
    orders = named_fields(FileKind.ORDERS, columns)
    if kind is FileKind.CUSTOMERS or (kind is None and "order_id" not in orders):
        customers = named_fields(FileKind.CUSTOMERS, columns)
        return ColumnMapping(name="", kind=FileKind.CUSTOMERS, columns=MappingProxyType(customers))
    if "quantity" in orders and "unit_price" in orders:
        orders.pop("amount", None)
    elif "amount" in orders:
        for item_field in ("quantity", "unit_price", "sku", "item_name", "category"):
            orders.pop(item_field, None)
    return ColumnMapping(name="", kind=FileKind.ORDERS, columns=MappingProxyType(orders))


def mapping_to_dict(mapping: ColumnMapping) -> dict[str, object]:
    """Return a mapping as JSON takes it; options that are as they are by default are left out."""
    plain = MappingOptions()
    options = {
        one.name: _plain(getattr(mapping.options, one.name))
        for one in fields(MappingOptions)
        if getattr(mapping.options, one.name) != getattr(plain, one.name)
    }
    return {
        "name": mapping.name,
        "kind": mapping.kind.value,
        "columns": dict(mapping.columns),
        "options": options,
    }


def mapping_from_dict(data: object) -> ColumnMapping:
    """Return the mapping a JSON object describes.

    Raises ImportFileError naming everything in it that is not a mapping's.
    """
    wrong: list[str] = []
    if not isinstance(data, dict):
        msg = f"a mapping is a JSON object with kind, columns and options, not {data!r:.80}"
        raise ImportFileError(msg)
    unknown = set(data) - {"name", "kind", "columns", "options"}
    if unknown:
        wrong.append(f"{_list(unknown)} is not part of a mapping (name, kind, columns, options)")
    kind = _choice(FileKind, data.get("kind"), "kind", wrong)
    name = data.get("name", "")
    if not isinstance(name, str):
        wrong.append(f"name must be text, not {name!r:.80}")
    columns = data.get("columns")
    if not _is_text_object(columns):
        wrong.append(
            f'columns must be an object such as {{"order_id": "Invoice"}}, not {columns!r:.80}'
        )
    options = _options(data.get("options", {}), wrong)
    if wrong or kind is None:
        msg = f"the mapping is wrong: {'; '.join(wrong)}"
        raise ImportFileError(msg)
    return ColumnMapping(
        name=cast("str", name),
        kind=kind,
        columns=MappingProxyType(dict(cast("dict[str, str]", columns))),
        options=options,
    )


def mapping_from_json(text: str) -> ColumnMapping:
    """Return the mapping in a JSON text; raises ImportFileError, also for a field named twice."""
    try:
        data = json.loads(text, object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError) as error:
        msg = f"the mapping is not JSON: {error}"
        raise ImportFileError(msg) from error
    return mapping_from_dict(data)


def load_mapping(path: Path) -> ColumnMapping:
    """Read a mapping from a JSON file (UTF-8); raises ImportFileError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"the mapping {str(path)!r} cannot be read: {error}"
        raise ImportFileError(msg) from error
    return mapping_from_json(text)


def _options(data: object, wrong: list[str]) -> MappingOptions:
    if not isinstance(data, dict):
        wrong.append(f"options must be an object, not {data!r:.80}")
        return MappingOptions()
    known = {one.name for one in fields(MappingOptions)}
    if set(data) - known:
        wrong.append(f"{_list(set(data) - known)} is no option; there are {_list(known)}")
    taken: dict[str, object] = {}
    for name, value in data.items():
        if name in _ENUMS:
            taken[name] = _choice(_ENUMS[name], value, f"option {name}", wrong)
        elif name == "attribute_types":
            taken[name] = _attribute_types(value, wrong)
        elif name in _CHECKS:
            accepts, what = _CHECKS[name]
            if accepts(value):
                taken[name] = value
            else:
                wrong.append(f"option {name} must be {what}, not {value!r:.80}")
    return MappingOptions(**cast("dict[str, str]", taken))  # type: ignore[arg-type]  # each was checked above


_ENUMS: dict[str, type[StrEnum]] = {
    "time_format": TimeFormat,
    "number_format": NumberFormat,
    "status": OrderStatus,
}


def _short_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 100 and value.isprintable()  # noqa: PLR2004 - said in the message


_CHECKS: dict[str, tuple[Callable[[object], bool], str]] = {
    "encoding": (lambda value: value in ENCODINGS, f"one of {', '.join(ENCODINGS)}"),
    "delimiter": (
        lambda value: value in DELIMITERS,
        "one of " + ", ".join(map(repr, DELIMITERS)),
    ),
    "whole_number_ids": (lambda value: isinstance(value, bool), "true or false"),
    "refund_prefix": (_short_text, "text of 1 to 100 characters"),
    "channel": (_short_text, "text of 1 to 100 characters"),
    "currency": (_short_text, "a currency code such as INR"),
    "list_separator": (_short_text, "text of 1 to 100 characters"),
}


def _attribute_types(value: object, wrong: list[str]) -> Mapping[str, AttributeType]:
    if not _is_text_object(value):
        wrong.append(f"option attribute_types must be an object of text, not {value!r:.80}")
        return {}
    types = {}
    for name, given in cast("dict[str, str]", value).items():
        type_ = _choice(AttributeType, given, f"type of attribute {name!r}", wrong)
        if type_ is not None:
            types[name] = type_
    return MappingProxyType(types)


ChoiceT = TypeVar("ChoiceT", bound=StrEnum)


def _choice(choices: type[ChoiceT], given: object, what: str, wrong: list[str]) -> ChoiceT | None:
    for choice in choices:
        if choice.value == given:
            return choice
    wrong.append(f"{what} must be {_list(choices)}, not {given!r:.80}")
    return None


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = {name for name in names if names.count(name) > 1}
        msg = f"{_list(twice)} is named more than once in one object"
        raise ImportFileError(msg)
    return found


def _is_text_object(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(one, str) for pair in value.items() for one in pair
    )


def _list(names: object) -> str:
    return ", ".join(sorted(repr(str(name)) for name in cast("set[str]", names)))


def _plain(value: object) -> object:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, MappingProxyType):
        return {name: _plain(inner) for name, inner in value.items()}
    return value
