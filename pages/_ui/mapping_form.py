"""The form that says which column of a file fills which field, and how its cells are read."""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import streamlit as st

from engine import ColumnMapping, FileKind, MappingOptions, NumberFormat, TimeFormat
from engine.domain.customer import AttributeType
from engine.domain.order import OrderStatus
from pages._ui.engine import crm, workspace
from pages._ui.state import MAPPING_SHOWN, READING_SHOWN

if TYPE_CHECKING:
    from engine import FileInspection

ABSENT = ""
"""The choice that stands for no column; a column of a file always has a name."""
FOUND = ""
"""The choice to find it from the file. None would be shown as no choice at all."""
GUESSED = "Guessed from the column names"
ATTRIBUTE = "attributes."

ENCODINGS = {
    FOUND: "Found from the file (UTF-8 unless marked)",
    "utf-8": "UTF-8",
    "cp1252": "Windows, Western (cp1252)",
    "latin-1": "ISO, Western (latin-1)",
    "iso-8859-15": "ISO, Western with the euro (iso-8859-15)",
    "cp1250": "Windows, Central European (cp1250)",
    "cp1251": "Windows, Cyrillic (cp1251)",
    "utf-16": "UTF-16",
}
DELIMITERS = {
    FOUND: "Found from the file",
    ",": "Comma",
    ";": "Semicolon",
    "\t": "Tab",
    "|": "Bar",
}
TIMES = {
    TimeFormat.ISO: "year-month-day",
    TimeFormat.DAY_FIRST: "day first",
    TimeFormat.MONTH_FIRST: "month first",
    TimeFormat.YEAR_FIRST: "year first",
    TimeFormat.UNIX_SECONDS: "seconds since 1970",
    TimeFormat.UNIX_MILLISECONDS: "milliseconds since 1970",
}
KINDS = {
    FileKind.ORDERS.value: "An order, or a line of one",
    FileKind.CUSTOMERS.value: "A customer",
}
BY_AMOUNT = ""
STATUSES: dict[OrderStatus | str, str] = {
    BY_AMOUNT: "Completed, or refunded where the amount is negative",
    **{status: status.value.capitalize() for status in OrderStatus},
}
TYPES = {
    AttributeType.TEXT: "Text",
    AttributeType.NUMBER: "Number",
    AttributeType.BOOLEAN: "True or false",
    AttributeType.TIME: "Date and time",
    AttributeType.LIST: "List of texts",
}


def fitting(look: FileInspection) -> tuple[str, dict[str, ColumnMapping]]:
    """Return the mappings to choose from, by title, and the title of the only one that fits."""
    guessed = {GUESSED: crm().guess_mapping(look)}
    choices = {**guessed, **crm().saved_mappings(), **crm().import_presets()}
    fits = crm().fitting_mappings(look)
    return fits[0].name if len(fits) == 1 else GUESSED, choices


def reading(file_id: str) -> tuple[str | None, str | None]:
    """Ask how the text of the file is to be read; return encoding and delimiter, None to find."""
    if READING_SHOWN.get() != file_id:
        READING_SHOWN.set(file_id)
        st.session_state["encoding"] = st.session_state["delimiter"] = FOUND
    with st.grid(2, min_column_width=220):
        encoding = st.selectbox(
            "Encoding", list(ENCODINGS), format_func=ENCODINGS.__getitem__, key="encoding"
        )
        delimiter = st.selectbox(
            "Columns are divided by",
            list(DELIMITERS),
            format_func=DELIMITERS.__getitem__,
            key="delimiter",
        )
    return encoding or None, delimiter or None


def edited(
    look: FileInspection, file_id: str, encoding: str | None, delimiter: str | None
) -> ColumnMapping:
    """Show the form for a file and return the mapping as it stands; it may have problems."""
    best, choices = fitting(look)
    state = st.session_state
    if (file_id, look.columns) != MAPPING_SHOWN.get():
        state["mapping"] = best
        MAPPING_SHOWN.set((file_id, look.columns))
        _fill(choices[best], look)
    title = st.selectbox(
        "Mapping",
        list(choices),
        key="mapping",
        help="Where the choices below start from. Change any of them.",
        on_change=lambda: _fill(choices[state["mapping"]], look),
    )
    start = choices[title or GUESSED]
    kind = FileKind(
        st.segmented_control(
            "Each row is about",
            [kind.value for kind in FileKind],
            format_func=KINDS.__getitem__,
            key="kind",
            required=True,
            on_change=lambda: _fill(choices[state["mapping"]], look, anew=False),
        )
        or FileKind.ORDERS.value
    )
    columns = _columns(look, kind)
    types: dict[str, AttributeType] = {}
    if kind is FileKind.CUSTOMERS:
        columns, types = _with_attributes(look, columns)
    options = _options(start.options, kind)
    return ColumnMapping(
        name=start.name,
        kind=kind,
        columns=MappingProxyType(columns),
        options=replace(
            options,
            encoding=encoding or start.options.encoding,
            delimiter=delimiter or start.options.delimiter,
            attribute_types=MappingProxyType(types),
        ),
    )


def _columns(look: FileInspection, kind: FileKind) -> dict[str, str]:
    readable = [name for name in look.columns if name not in look.unreadable]
    fields = sorted(crm().import_fields(kind).items(), key=lambda one: not one[1].required)
    chosen: dict[str, str] = {}
    with st.grid(3, min_column_width=200):
        for name, spec in fields:
            column = st.selectbox(
                f"{spec.title} (required)" if spec.required else spec.title,
                [ABSENT, *readable],
                format_func=lambda column: column or "Not in this file",
                key=f"column_{name}",
            )
            if column:
                chosen[name] = column
    return chosen


def _with_attributes(
    look: FileInspection, columns: dict[str, str]
) -> tuple[dict[str, str], dict[str, AttributeType]]:
    free = [
        name
        for name in look.columns
        if name not in look.unreadable and name not in columns.values()
    ]
    held = st.session_state.get("attributes", [])
    st.session_state["attributes"] = [name for name in held if name in free]
    picked = st.multiselect(
        "Other columns to keep as attributes",
        free,
        key="attributes",
        help="Attributes can be used in segments like any other field.",
        placeholder="None",
    )
    types: dict[str, AttributeType] = {}
    for column in picked:
        name = attribute_name(column)
        types[name] = st.selectbox(
            f"Attribute {name} holds",
            list(TYPES),
            format_func=TYPES.__getitem__,
            key=f"attribute_{name}",
        )
        columns = {**columns, ATTRIBUTE + name: column}
    return columns, types


def attribute_name(column: str) -> str:
    """Return a column's name as an attribute may be called: ``Last visit (web)``, last_visit_web.

    An attribute's name is a letter and then up to 63 letters, digits or underscores.
    """
    name = re.sub(r"\W+", "_", column.lower()).strip("_")[:64].rstrip("_")
    return name if name and not name[0].isdigit() else f"c_{name}"[:64].rstrip("_")


def _options(start: MappingOptions, kind: FileKind) -> MappingOptions:
    with st.expander("How values are read"), st.grid(3, min_column_width=200):
        times = st.selectbox(
            "Dates and times look like",
            list(TIMES),
            format_func=lambda one: f"{one.example} ({TIMES[one]})",
            key="time_format",
            help=f"Times without an offset are in {workspace().zone.key}.",
        )
        numbers = st.selectbox(
            "Numbers look like", [one.value for one in NumberFormat], key="number_format"
        )
        separator = st.text_input(
            "Tags and list entries are divided by", key="list_separator", max_chars=100
        )
        options = replace(
            start,
            time_format=times,
            number_format=NumberFormat(numbers),
            list_separator=separator or ",",
            whole_number_ids=st.toggle(
                "Ids are whole numbers",
                key="whole_number_ids",
                help="Reads 17850.0 as the customer or order 17850.",
            ),
        )
        if kind is FileKind.CUSTOMERS:
            return replace(options, status=None, channel=None, currency=None, refund_prefix="")
        status = st.selectbox(
            "Orders without a status are",
            list(STATUSES),
            format_func=STATUSES.__getitem__,
            key="status",
        )
        return replace(
            options,
            refund_prefix=st.text_input(
                "Order ids of refunds begin with",
                key="refund_prefix",
                max_chars=100,
                placeholder="Nothing in particular",
            ),
            status=OrderStatus(status) if status else None,
            channel=st.text_input(
                "Orders without a channel came through",
                key="channel",
                max_chars=100,
                placeholder="Not known",
            )
            or None,
            currency=st.text_input(
                "Amounts are in",
                key="currency",
                max_chars=3,
                placeholder=workspace().currency.code,
            ).upper()
            or None,
        )


def _fill(mapping: ColumnMapping, look: FileInspection, *, anew: bool = True) -> None:
    """Put a mapping's choices into the form; columns the file lacks stay empty.

    Unless ``anew``, what the form holds stays: after another kind of row was chosen, Streamlit has
    forgotten the boxes that only the first kind has. A kind the mapping is not of is guessed.
    """
    state: Any = st.session_state

    def put(key: str, value: object) -> None:
        if anew or key not in state:
            state[key] = value

    put("kind", mapping.kind.value)
    others = [kind for kind in FileKind if kind is not mapping.kind]
    for kind in (mapping.kind, *others):
        of_kind = mapping if kind is mapping.kind else crm().guess_mapping(look, kind)
        for name in crm().import_fields(kind):
            column = of_kind.columns.get(name, ABSENT)
            readable = column in look.columns and column not in look.unreadable
            if kind is mapping.kind or name not in crm().import_fields(mapping.kind):
                put(f"column_{name}", column if readable else ABSENT)
    attributes = {
        column: name.removeprefix(ATTRIBUTE)
        for name, column in mapping.columns.items()
        if name.startswith(ATTRIBUTE) and column in look.columns
    }
    put("attributes", list(attributes))
    options = mapping.options
    for column, name in attributes.items():
        kept = options.attribute_types.get(name, AttributeType.TEXT)
        put(f"attribute_{attribute_name(column)}", kept)
    put("time_format", options.time_format)
    put("number_format", options.number_format.value)
    put("list_separator", options.list_separator)
    put("whole_number_ids", options.whole_number_ids)
    put("refund_prefix", options.refund_prefix)
    put("status", options.status or BY_AMOUNT)
    put("channel", options.channel or "")
    put("currency", options.currency or "")
