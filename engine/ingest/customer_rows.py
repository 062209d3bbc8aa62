"""A row of a customer file to a customer."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from engine.domain.customer import TEXT_FIELDS, AttributeType, Customer
from engine.ingest.columns import Column, read_cells, text_column
from engine.ingest.fields import ATTRIBUTE_PREFIX, attribute_name
from engine.ingest.mapping import NumberFormat, TimeFormat
from engine.ingest.parquet_rows import LIST_END
from engine.ingest.rejects import Reason
from engine.ingest.values import boolean, customer_identifier, day, email, entries, instant, number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.domain.workspace import Workspace
    from engine.ingest.inspection import FileInspection
    from engine.ingest.mapping import ColumnMapping


class CustomerRows:
    """Reads the rows of one customer file under one mapping."""

    def __init__(
        self,
        mapping: ColumnMapping,
        file_columns: Sequence[str],
        look: FileInspection,
        workspace: Workspace,
    ) -> None:
        """``file_columns`` are the cells' names in order; typed ones ignore the formats."""
        self.filled: set[str] = set()
        """Names of the attributes that some row had a value for."""
        self._options = mapping.options
        self._zone = workspace.zone
        places = {name: place for place, name in enumerate(file_columns)}
        self._columns = tuple(
            Column(
                field,
                places[name],
                name,
                self._parser(
                    field,
                    is_typed=name in look.typed,
                    separator=LIST_END if name in look.listed else mapping.options.list_separator,
                ),
                Reason.NO_CUSTOMER if field == "customer_id" else None,
            )
            for field, name in sorted(mapping.columns.items(), key=_customer_id_first)
        )

    def read(self, cells: Sequence[str]) -> Customer:
        """Return the row's customer; raises BadValue."""
        found = read_cells(self._columns, cells)
        attributes = {
            field.removeprefix(ATTRIBUTE_PREFIX): value
            for field, value in found.items()
            if field.startswith(ATTRIBUTE_PREFIX)
        }
        self.filled.update(attributes)
        texts: dict[str, Any] = {name: found.get(name) for name in TEXT_FIELDS}
        return Customer(
            customer_id=found["customer_id"],
            **texts,
            birth_date=found.get("birth_date"),
            signed_up_at=found.get("signed_up_at"),
            tags=found.get("tags", ()),
            attributes=MappingProxyType(attributes),
        )

    def _parser(self, field: str, *, is_typed: bool, separator: str) -> Callable[[str], object]:
        whole = self._options.whole_number_ids
        times = TimeFormat.ISO if is_typed else self._options.time_format
        zone = self._zone
        name = attribute_name(field)
        if name is not None:
            type_ = self._options.attribute_types.get(name, AttributeType.TEXT)
            return self._attribute_parser(type_, is_typed=is_typed, separator=separator)
        parsers: dict[str, Callable[[str], object]] = {
            "customer_id": lambda cell: customer_identifier(cell, whole_numbers=whole),
            "email": email,
            "birth_date": lambda cell: day(cell, times),
            "signed_up_at": lambda cell: instant(cell, times, zone),
            "tags": lambda cell: entries(cell, separator),
        }
        return parsers.get(field, text_column)

    def _attribute_parser(
        self, type_: AttributeType, *, is_typed: bool, separator: str
    ) -> Callable[[str], object]:
        numbers = NumberFormat.PLAIN if is_typed else self._options.number_format
        times = TimeFormat.ISO if is_typed else self._options.time_format
        zone = self._zone
        parsers: dict[AttributeType, Callable[[str], object]] = {
            AttributeType.TEXT: text_column,
            AttributeType.NUMBER: lambda cell: float(number(cell, numbers)),
            AttributeType.BOOLEAN: boolean,
            AttributeType.TIME: lambda cell: instant(cell, times, zone),
            AttributeType.LIST: lambda cell: entries(cell, separator),
        }
        return parsers[type_]


def _customer_id_first(entry: tuple[str, str]) -> bool:
    return entry[0] != "customer_id"
