"""The fields that a file's columns can fill, and the column names each is known by."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.domain.text import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

ATTRIBUTE_PREFIX = "attributes."
_ATTRIBUTE_NAME = re.compile(r"[^\W\d]\w{0,63}")


class FileKind(StrEnum):
    """What a row of the file is about."""

    ORDERS = "orders"
    CUSTOMERS = "customers"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A field: what to tell the person who maps it, and the names columns give it elsewhere."""

    title: str
    synonyms: tuple[str, ...]
    required: bool = False


_PROFILE = {
    "email": FieldSpec("E-mail address", ("email address", "e mail", "mail", "customer email")),
    "phone": FieldSpec(
        "Phone", ("mobile", "phone number", "mobile number", "telephone", "customer phone")
    ),
    "name": FieldSpec("Customer's name", ("customer name", "full name", "buyer name")),
    "city": FieldSpec("City", ("town", "shipping city", "billing city", "customer city")),
    "country": FieldSpec(
        "Country", ("country name", "shipping country", "billing country", "customer country")
    ),
    "gender": FieldSpec("Gender", ("sex",)),
}
_CUSTOMER_ID = FieldSpec(
    "Customer id",
    ("customer", "customer number", "customer no", "client id", "user id", "cust id", "buyer id"),
    required=True,
)

ORDER_FIELDS: Mapping[str, FieldSpec] = MappingProxyType(
    {
        "order_id": FieldSpec(
            "Order id",
            (
                "invoice no",
                "invoice",
                "invoice id",
                "invoice number",
                "order no",
                "order",
                "order number",
                "transaction id",
                "bill no",
                "receipt no",
            ),
            required=True,
        ),
        "customer_id": _CUSTOMER_ID,
        "ordered_at": FieldSpec(
            "Date and time",
            (
                "order date",
                "invoice date",
                "date",
                "order time",
                "created at",
                "order datetime",
                "timestamp",
                "purchase date",
                "transaction date",
                "time",
                "processed at",
            ),
            required=True,
        ),
        "amount": FieldSpec(
            "Amount of the order",
            (
                "total",
                "order total",
                "total amount",
                "order amount",
                "order value",
                "net amount",
                "grand total",
                "total price",
                "revenue",
            ),
        ),
        "quantity": FieldSpec("Quantity", ("qty", "units", "item quantity", "lineitem quantity")),
        "unit_price": FieldSpec(
            "Price of one", ("price", "item price", "price per unit", "rate", "lineitem price")
        ),
        "sku": FieldSpec(
            "Item's SKU",
            ("stock code", "product id", "item id", "product code", "item code", "lineitem sku"),
        ),
        "item_name": FieldSpec(
            "Item's name",
            ("description", "product name", "product", "item", "title", "lineitem name"),
        ),
        "category": FieldSpec(
            "Item's category", ("product category", "item category", "department", "product type")
        ),
        "status": FieldSpec(
            "Status", ("order status", "state", "fulfillment status", "financial status")
        ),
        "channel": FieldSpec(
            "Channel", ("sales channel", "order channel", "source", "order source", "platform")
        ),
        "currency": FieldSpec("Currency", ("currency code",)),
        **_PROFILE,
    }
)
"""``quantity`` and ``unit_price`` make a file of order lines; ``amount`` one of whole orders."""

CUSTOMER_FIELDS: Mapping[str, FieldSpec] = MappingProxyType(
    {
        "customer_id": FieldSpec(_CUSTOMER_ID.title, (*_CUSTOMER_ID.synonyms, "id"), required=True),
        **_PROFILE,
        "birth_date": FieldSpec(
            "Date of birth", ("date of birth", "dob", "birthday", "birthdate", "born")
        ),
        "signed_up_at": FieldSpec(
            "Signed up",
            (
                "signup date",
                "signed up",
                "sign up date",
                "registered at",
                "registration date",
                "created at",
                "joined",
                "joined at",
                "customer since",
                "member since",
            ),
        ),
        "tags": FieldSpec("Tags", ("tag", "labels", "segments")),
    }
)
"""Beside these, ``attributes.<name>`` takes any other column."""

ITEM_FIELDS = ("sku", "item_name", "category")


def fields_of(kind: FileKind) -> Mapping[str, FieldSpec]:
    """Return the fields of a kind of file, by name."""
    return ORDER_FIELDS if kind is FileKind.ORDERS else CUSTOMER_FIELDS


def is_field(kind: FileKind, name: str) -> bool:
    """Tell whether ``name`` can be filled by a file of this kind."""
    return name in fields_of(kind) or (
        kind is FileKind.CUSTOMERS and attribute_name(name) is not None
    )


def attribute_name(field: str) -> str | None:
    """Return the name in ``attributes.<name>`` (a letter, then up to 63 letters, digits or _)."""
    name = field.removeprefix(ATTRIBUTE_PREFIX)
    return name if name != field and _ATTRIBUTE_NAME.fullmatch(name) else None


def named_fields(kind: FileKind, columns: tuple[str, ...]) -> dict[str, str]:
    """Return ``{field: column}`` for the columns whose names say what they hold.

    Case, spaces and signs do not count: ``InvoiceNo``, ``invoice_no`` and ``Invoice No.`` are one.
    A field takes the name nearest the front of its list, and a column fills one field.
    """
    by_key: dict[str, str] = {}
    for column in columns:
        by_key.setdefault(_key(column), column)
    found: dict[str, str] = {}
    for field, spec in fields_of(kind).items():
        for name in (field, *spec.synonyms):
            column = by_key.get(_key(name), "")
            if column and column not in found.values():
                found[field] = column
                break
    return found


def _key(name: str) -> str:
    return "".join(one for one in fold(name) if one.isalnum())
