"""An order's record to an order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.domain.money import MAX_MINOR
from engine.domain.order import Order, OrderItem, OrderStatus
from engine.domain.refusal import valid_choices
from engine.ingest.complaints import read_fields
from engine.ingest.order_rows import line_amount
from engine.ingest.record_values import (
    buyer,
    decimal,
    exact_text_of,
    fields,
    identifier,
    instant,
    line,
    minor_units,
    of_another_type,
    quantity,
)
from engine.ingest.rejects import BadValue, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.domain.workspace import Workspace
    from engine.ingest.complaints import Complaints

REQUIRED = {
    "order_id": 'such as "o-1001"',
    "customer_id": 'such as "c-7"',
    "ordered_at": 'such as "2026-03-31T09:30:00Z"',
}
_STATUSES = {status.value: status for status in OrderStatus}
_REFUND = f"only an order of status {OrderStatus.REFUNDED.value} may go below 0"

ITEM_PARSERS: Mapping[str, Callable[[object], object]] = {
    "sku": line,
    "name": line,
    "category": line,
    "quantity": quantity,
    "unit_price": decimal,
}


class OrderRecords:
    """Reads orders in one workspace's currency and zone."""

    def __init__(self, workspace: Workspace) -> None:
        self._currency = workspace.currency
        zone = workspace.zone
        self.parsers: Mapping[str, Callable[[object], Any]] = {
            "order_id": identifier,
            "customer_id": buyer,
            "ordered_at": lambda value: instant(value, zone),
            "status": _status,
            "channel": line,
            "currency": self._check_currency,
            "amount": lambda value: minor_units(decimal(value), self._currency),
            "items": _list_of_items,
        }

    def read(self, record: Mapping[str, object], complaints: Complaints) -> Order | None:
        """Return the order, or None where there are complaints."""
        found: dict[str, Any] = read_fields(record, self.parsers, "", "field", complaints)
        for name, like in REQUIRED.items():
            if found.get(name) is None and (name in found or record.get(name) is None):
                complaints.missing(name, like)
        items = self._items(found.get("items", []), complaints)
        if record.get("amount") is None and not record.get("items"):
            complaints.missing("amount", "or items, of whose lines it is the sum")
        if complaints:
            return None
        return self._whole(found, items, complaints)

    def _items(self, given: list[object], complaints: Complaints) -> list[OrderItem]:
        items = []
        for place, one in enumerate(given):
            path = f"items/{place}/"
            try:
                record = fields(one, "an order's line")
            except BadValue as bad:
                complaints.add(path[:-1], bad)
                continue
            found: dict[str, Any] = read_fields(
                record, ITEM_PARSERS, path, "field of an item", complaints
            )
            count, price = found.get("quantity"), found.get("unit_price")
            if count is None or price is None:
                for name, like in (("quantity", "such as 2"), ("unit_price", 'such as "1299.00"')):
                    if record.get(name) is None:
                        complaints.missing(path + name, like)
                continue
            try:
                amount = line_amount(count, price, self._currency)
            except BadValue as bad:
                complaints.add(f"{path}unit_price", bad)
                continue
            items.append(
                OrderItem(
                    sku=found.get("sku"),
                    name=found.get("name"),
                    category=found.get("category"),
                    quantity=count,
                    unit_price=price,
                    amount=amount,
                )
            )
        return items

    def _whole(
        self, found: dict[str, Any], items: list[OrderItem], complaints: Complaints
    ) -> Order | None:
        """Return the order; its amount, its status and the signs of its lines must fit."""
        status: OrderStatus | None = found.get("status")
        amount: int = found["amount"] if "amount" in found else _sum(items)
        if items:
            amount = self._agreed(amount, _sum(items), status, complaints)
        if status is None:
            status = OrderStatus.REFUNDED if amount < 0 else OrderStatus.COMPLETED
        if status is OrderStatus.REFUNDED:
            if amount > 0:
                amount, items = -amount, [_turned(item) for item in items]
        else:
            self._refuse_negative(amount, items, complaints)
        if complaints:
            return None
        return Order(
            order_id=found["order_id"],
            customer_id=found["customer_id"],
            ordered_at=found["ordered_at"],
            status=status,
            channel=found.get("channel"),
            amount=amount,
            items=tuple(items),
        )

    def _agreed(
        self, said: int, total: int, status: OrderStatus | None, complaints: Complaints
    ) -> int:
        """Return the one amount of an order with items, whichever way a refund's signs go."""
        if abs(total) > MAX_MINOR:
            detail = "the order's amount is larger than any that is taken"
            complaints.add("items", BadValue(Reason.AMOUNT, self._currency.text(total), detail))
        elif said != total and not (status is OrderStatus.REFUNDED and said == -total):
            detail = (
                f"the items come to {self._currency.text(total)}; leave the amount out, or give "
                "shipping and discounts as items"
            )
            bad = BadValue(Reason.CONTRADICTION, self._currency.text(said), detail)
            complaints.add("amount", bad)
        return total

    def _refuse_negative(self, amount: int, items: list[OrderItem], complaints: Complaints) -> None:
        if amount < 0:
            bad = BadValue(Reason.NEGATIVE, self._currency.text(amount), _REFUND)
            complaints.add("amount", bad)
        for place, item in enumerate(items):
            if item.quantity < 0:
                bad = BadValue(Reason.NEGATIVE, str(item.quantity), _REFUND)
                complaints.add(f"items/{place}/quantity", bad)

    def _check_currency(self, value: object) -> str:
        code = exact_text_of(value)
        if code and code.upper() != self._currency.code:
            detail = f"this workspace keeps its amounts in {self._currency.code}"
            raise BadValue(Reason.CURRENCY, code, detail).among((self._currency.code,))
        return code


def _status(value: object) -> OrderStatus:
    text = exact_text_of(value)
    found = _STATUSES.get(text)
    if found is None:
        detail = valid_choices(text, _STATUSES, "statuses")
        raise BadValue(Reason.STATUS, text, detail).among(_STATUSES)
    return found


def _sum(items: list[OrderItem]) -> int:
    return sum([item.amount for item in items])


def _list_of_items(value: object) -> list[object]:
    if type(value) is not list:
        raise of_another_type(value, "a list of items")
    return value


def _turned(item: OrderItem) -> OrderItem:
    return OrderItem(
        sku=item.sku,
        name=item.name,
        category=item.category,
        quantity=-item.quantity,
        unit_price=item.unit_price,
        amount=-item.amount,
    )
