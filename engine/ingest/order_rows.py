"""A row of an order file to a staged line; a staged order to an order."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from engine.domain.customer import TEXT_FIELDS
from engine.domain.money import MAX_MINOR
from engine.domain.order import Order, OrderItem, OrderStatus
from engine.domain.text import fold
from engine.errors import InvalidInput
from engine.ingest.columns import Column, read_cells, text_column
from engine.ingest.fields import ITEM_FIELDS
from engine.ingest.mapping import NumberFormat, TimeFormat
from engine.ingest.rejects import BadValue, Reason
from engine.ingest.values import (
    OTHERWISE,
    customer_identifier,
    email,
    identifier,
    instant,
    number,
    quantity,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.domain.money import Currency
    from engine.domain.workspace import Workspace
    from engine.ingest.mapping import ColumnMapping

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_NOISE = Decimal("0.001")
"""Minor units: far more than a double loses, far less than a decimal too many."""

STATUS_WORDS = {
    OrderStatus.COMPLETED: (
        "completed", "complete", "paid", "delivered", "fulfilled", "shipped", "closed",
    ),
    OrderStatus.REFUNDED: ("refunded", "refund", "returned", "return"),
    OrderStatus.CANCELLED: ("cancelled", "canceled", "void", "voided"),
    OrderStatus.PENDING: ("pending", "open", "processing", "unpaid", "unfulfilled", "on hold"),
}  # fmt: skip
"""Words a file may use for each status, in any case."""

_STATUS_OF = {word: status for status, words in STATUS_WORDS.items() for word in words}


class StagedLine(NamedTuple):
    """One accepted row, as it waits for the other rows of its order. Order matters: SQL columns."""

    order_id: str
    line: int
    customer_id: str
    at: int
    """Milliseconds since 1970, UTC."""
    amount: int
    """Minor units of this row."""
    status: str | None
    channel: str | None
    sku: str | None
    name: str | None
    category: str | None
    quantity: int | None
    """None where a row is a whole order."""
    unit_price: str | None
    profile: str | None
    """JSON object of what the row says of the customer; None where it says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a staged order comes to."""

    amount: int
    status: OrderStatus
    flipped: bool
    """The file wrote a refund with a positive amount; every line changes its sign."""


class OrderRows:
    """Reads the rows of one order file under one mapping."""

    def __init__(
        self,
        mapping: ColumnMapping,
        file_columns: Sequence[str],
        typed: frozenset[str],
        workspace: Workspace,
    ) -> None:
        """``file_columns`` are the cells' names in order; ``typed`` ones ignore the formats."""
        self._options = mapping.options
        self._currency = workspace.currency
        self._has_lines = mapping.has_lines
        places = {name: place for place, name in enumerate(file_columns)}
        steps = self._steps(mapping, typed, workspace)
        self._columns = tuple(
            Column(field, places[mapping.columns[field]], mapping.columns[field], parse, missing)
            for field, (parse, missing) in steps.items()
            if field in mapping.columns
        )
        self._order_id_place = places[mapping.columns["order_id"]]
        self._profile = tuple(name for name in TEXT_FIELDS if name in mapping.columns)

    def _steps(
        self, mapping: ColumnMapping, typed: frozenset[str], workspace: Workspace
    ) -> dict[str, tuple[Callable[[str], object], Reason | None]]:
        """How each field is read and what its absence means, in the order of the complaints."""
        options, zone = mapping.options, workspace.zone

        def numbers(field: str) -> NumberFormat:
            plain = mapping.columns.get(field) in typed
            return NumberFormat.PLAIN if plain else options.number_format

        times = TimeFormat.ISO if mapping.columns["ordered_at"] in typed else options.time_format
        whole = options.whole_number_ids
        count, price, total = numbers("quantity"), numbers("unit_price"), numbers("amount")
        return {
            "customer_id": (
                lambda cell: customer_identifier(cell, whole_numbers=whole),
                Reason.NO_CUSTOMER,
            ),
            "order_id": (lambda cell: identifier(cell, whole_numbers=whole), Reason.NO_ORDER),
            "ordered_at": (lambda cell: instant(cell, times, zone), Reason.MISSING),
            "quantity": (lambda cell: quantity(cell, count), Reason.MISSING),
            "unit_price": (lambda cell: number(cell, price), Reason.MISSING),
            "amount": (lambda cell: number(cell, total), Reason.MISSING),
            "status": (_status, None),
            "currency": (self._check_currency, None),
            "channel": (text_column, None),
            **dict.fromkeys(ITEM_FIELDS, (text_column, None)),
            **dict.fromkeys(TEXT_FIELDS, (text_column, None)),
            "email": (email, None),
        }

    def order_id_of(self, cells: Sequence[str]) -> str | None:
        """Return the order that a rejected row seems to belong to; None if it does not say."""
        if self._order_id_place >= len(cells):
            return None
        cell = cells[self._order_id_place].strip()
        try:
            whole = self._options.whole_number_ids
            return identifier(cell, whole_numbers=whole) if cell else None
        except BadValue:
            return None

    def read(self, line: int, cells: Sequence[str]) -> StagedLine:
        """Return the row as a staged line; raises BadValue."""
        found = read_cells(self._columns, cells)
        get = found.get
        count, price = get("quantity"), get("unit_price")
        if self._has_lines:
            amount = line_amount(count, price, self._currency)
        else:
            amount = _exact(found["amount"], self._currency)
        return StagedLine(
            found["order_id"],
            line,
            found["customer_id"],
            (found["ordered_at"] - _EPOCH) // _MILLISECOND,
            amount,
            get("status"),
            get("channel"),
            get("sku"),
            get("item_name"),
            get("category"),
            count,
            None if price is None else str(price),
            _profile(self._profile, tuple([get(name) for name in self._profile])),
        )

    def figures(self, lines: Sequence[StagedLine]) -> Figures:
        """Return what an order comes to; raises BadValue where no amount can hold it."""
        amount = sum(one.amount for one in lines)
        if abs(amount) > MAX_MINOR:
            detail = "the order's amount is larger than any that is taken"
            raise BadValue(Reason.AMOUNT, self._currency.text(amount), detail)
        prefix = self._options.refund_prefix
        if prefix and lines[0].order_id.startswith(prefix):
            status = OrderStatus.REFUNDED
        elif given := next((one.status for one in lines if one.status), None):
            status = OrderStatus(given)
        elif self._options.status:
            status = self._options.status
        else:
            status = OrderStatus.REFUNDED if amount < 0 else OrderStatus.COMPLETED
        flipped = status is OrderStatus.REFUNDED and amount > 0
        return Figures(amount=-amount if flipped else amount, status=status, flipped=flipped)

    def order(self, lines: Sequence[StagedLine]) -> Order:
        """Return the order its lines make up: the earliest line's time, the first channel given."""
        figures = self.figures(lines)
        sign = -1 if figures.flipped else 1
        items = tuple(
            OrderItem(
                sku=one.sku,
                name=one.name,
                category=one.category,
                quantity=sign * one.quantity,
                unit_price=Decimal(one.unit_price),
                amount=sign * one.amount,
            )
            for one in lines
            if one.quantity is not None and one.unit_price is not None
        )
        channel = next((one.channel for one in lines if one.channel), self._options.channel)
        return Order(
            order_id=lines[0].order_id,
            customer_id=lines[0].customer_id,
            ordered_at=from_milliseconds(min(one.at for one in lines)),
            status=figures.status,
            channel=channel,
            amount=figures.amount,
            items=items,
        )

    def _check_currency(self, cell: str) -> str:
        if cell.upper() != self._currency.code:
            detail = f"expected {self._currency.code}, in which this workspace keeps its amounts"
            raise BadValue(Reason.CURRENCY, cell, detail)
        return cell


def from_milliseconds(at: int) -> datetime:
    """Return the instant so many milliseconds after 1970."""
    return _EPOCH + at * _MILLISECOND


def _status(cell: str) -> str:
    found = _STATUS_OF.get(fold(cell).replace("_", " "))
    if found is None:
        raise BadValue(Reason.STATUS, cell, f"expected one of {', '.join(STATUS_WORDS)}")
    return found.value


@lru_cache(1 << 14)
def _profile(names: tuple[str, ...], values: tuple[str | None, ...]) -> str | None:
    said = {name: value for name, value in zip(names, values, strict=True) if value is not None}
    return json.dumps(said, ensure_ascii=False) if said else None


@lru_cache(1 << 14)
def line_amount(count: int, price: Decimal, currency: Currency) -> int:
    """Return what a line comes to in minor units, rounded half to even; raises BadValue."""
    return _rounded(count * price, currency)


def _exact(amount: Decimal, currency: Currency) -> int:
    """Return an amount that the file gives as such: it has the currency's decimals.

    What lies next to such an amount is one that went through a double (15.299999999999999).
    """
    minor = _rounded(amount, currency)
    if abs(amount.scaleb(currency.decimals) - minor) > _NOISE:
        detail = f"{currency.code} has {currency.decimals} decimals; {OTHERWISE}"
        raise BadValue(Reason.DECIMALS, str(amount), detail)
    return minor


def _rounded(amount: Decimal, currency: Currency) -> int:
    if abs(amount) <= MAX_MINOR:
        try:
            return currency.round(amount)
        except InvalidInput:
            pass
    raise BadValue(Reason.AMOUNT, str(amount), "larger than any amount that is taken")
