"""Records as the API takes them: what each field may hold.

The models say it for the OpenAPI document and for whoever checks one record by itself.
``engine.ingest.door`` reads batches by hand: an order of two items in 17 µs with every problem of a
row named, where the model alone takes 14 µs and has converted nothing. A test holds both together.

Everywhere: text is stored in Unicode NFC, without white space around it; tabs and line breaks in it
become single spaces, and other control characters are refused. ``null`` says nothing about a field,
as if it were left out, and so does empty text where a field holds text: what is to go stands in
``unset``. A record takes at most 32 KB as JSON.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from engine.domain.customer import REMOVABLE
from engine.domain.order import OrderStatus

MAX_RECORD_BYTES = 32 * 1024
RecordKind = Literal["orders", "customers"]
RecordForm = Literal["ndjson", "csv"]
MAX_ROWS = 1_000
"""Records in one batch."""
MAX_NUMBER_DIGITS = 15
"""Significant digits of an amount that is given as a JSON number: any decimal of up to 15 digits
comes out of a double as it went in (C's DBL_DIG). Longer ones are given as text."""

_DECIMAL = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,2})?$"
_INSTANT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ].*)?$"
_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ]0?0:00(:00(\.0+)?)?)?$"
_REMOVABLE = rf"^\s*({'|'.join(REMOVABLE)}|attributes\.[^\W\d]\w{{0,63}})?\s*$"

Id = Annotated[str, Field(min_length=1, max_length=200)]
Text = Annotated[str, Field(max_length=500)]
Tag = Annotated[str, Field(max_length=100)]
Removable = Annotated[str, Field(max_length=100, pattern=_REMOVABLE)]
Money = (
    Annotated[str, Field(max_length=100, pattern=_DECIMAL)]
    | Annotated[int, Field(ge=-(10**15), le=10**15)]
    | float
)


AttributeValue = (
    str | bool | Annotated[int | float, Field(ge=-(2**53), le=2**53)] | list[Tag] | None
)


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ItemRecord(_Record):
    """One line of an order."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"sku": "SH-42", "quantity": 2, "unit_price": "1299.00"}]}
    )

    sku: Text | None = Field(default=None, description="The shop's number of the article.")
    name: Text | None = Field(default=None, description="The article's name.")
    category: Text | None = Field(default=None, description="The article's category.")
    quantity: Annotated[int, BeforeValidator(_whole)] = Field(
        ge=-(10**9), le=10**9, description="Units, a whole number; negative in a refund only."
    )
    unit_price: Money = Field(
        description="Price of one in major units, up to 18 digits; a wholesale price may have more "
        "decimals than the currency. A discount is a line with a negative price."
    )


class OrderRecord(_Record):
    """One order; it replaces a stored one of the same id whole."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "order_id": "o-1001",
                    "customer_id": "c-7",
                    "ordered_at": "2026-03-31T09:30:00+05:30",
                    "status": "completed",
                    "channel": "web",
                    "items": [
                        {
                            "sku": "SH-42",
                            "name": "Running shoes",
                            "category": "Footwear",
                            "quantity": 2,
                            "unit_price": "1299.00",
                        }
                    ],
                },
                {
                    "order_id": "o-1002",
                    "customer_id": "c-7",
                    "ordered_at": "2026-04-02T18:00:00Z",
                    "status": "refunded",
                    "amount": "-1299.00",
                },
            ]
        }
    )

    order_id: Id = Field(description="The shop's id of the order.")
    customer_id: Id = Field(
        description="Whose order it is; a customer who is not known yet is made, unless the order "
        "is one of somebody erased, as an export gives it (`erased-` and 24 digits)."
    )
    ordered_at: str = Field(
        max_length=100,
        pattern=_INSTANT,
        description="ISO 8601, in the years 1900 to 2199, kept to the millisecond; without an "
        "offset it is wall-clock time in the workspace's zone.",
    )
    status: OrderStatus | None = Field(
        default=None,
        strict=False,
        description="Unless given: refunded where the amount is negative, else completed.",
    )
    channel: Text | None = Field(default=None, description="Where it was sold: web, store, app, …")
    currency: str | None = Field(
        default=None, max_length=3, description="The workspace's own (ISO 4217), if it is given."
    )
    amount: Money | None = Field(
        default=None,
        description="What the order comes to, in major units, with no more decimals than the "
        'currency has. Text is exact ("1299.00"); a JSON number is read exactly up to 15 digits. '
        "May be left out where there are items: it is the sum of their lines, each rounded half to "
        "even. An order has one amount: where both are given they must be equal. Negative in a "
        "refund only; a refund that is given with a positive amount is turned round, every line "
        "of it.",
    )
    items: list[ItemRecord] | None = Field(default=None, description="The lines of the order.")


class CustomerFields(_Record):
    """What is known of a customer; what is left out stays as it is stored."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "email": "asha@example.com",
                    "phone": "+919820012345",
                    "name": "Asha Rao",
                    "city": "Pune",
                    "country": "India",
                    "birth_date": "1990-02-28",
                    "signed_up_at": "2024-11-05T08:00:00Z",
                    "tags": ["vip"],
                    "attributes": {"loyalty_points": 1200, "newsletter": True, "sizes": ["42"]},
                }
            ]
        }
    )

    email: Text | None = Field(
        default=None, description="An address by RFC 5321 and 6531; its domain is not looked up."
    )
    phone: Text | None = Field(
        default=None,
        description="Kept as E.164; without a country code it is one of the workspace's country.",
    )
    name: Text | None = Field(default=None, description="The full name.")
    city: Text | None = None
    country: Text | None = None
    gender: Text | None = None
    birth_date: Annotated[str, Field(pattern=_DAY)] | Literal[""] | None = Field(
        default=None, description="A day, ISO 8601, from 1900 to 2199."
    )
    signed_up_at: Annotated[str, Field(max_length=100)] | None = Field(
        default=None, description="An instant, written as an order's."
    )
    tags: list[Tag] | None = Field(
        default=None,
        max_length=100,
        description="All of the tags: a list replaces the stored one, an empty one takes it away.",
    )
    attributes: (
        dict[
            str,
            str | bool | Annotated[int | float, Field(ge=-(2**53), le=2**53)] | list[Tag] | None,
        ]
        | None
    ) = Field(
        default=None,
        max_length=100,
        description="Values of your own by name (a letter, then up to 63 letters, digits or _): "
        "text of up to 500 characters, number, boolean, list of text, or an instant. The first "
        "type seen for a name stays, and a value of another type is refused. A name that is new "
        "holds instants where its first value is an ISO 8601 date and time with an offset. Names "
        "may not differ by case alone, nor end in _folded. A list replaces the stored one, too.",
    )
    unset: list[Removable] | None = Field(
        default=None,
        max_length=100,
        description=f"Fields to take away: {', '.join(REMOVABLE)}, or attributes.<name>. Whatever "
        "is stored there goes; none of them may be given a value as well. An order file that is "
        "imported later may say a text of them again.",
        examples=[["phone", "attributes.loyalty_points"]],
    )


class CustomerRecord(CustomerFields):
    """One customer; what is given is set, and what is left out stays as it is stored."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "customer_id": "c-7",
                    "email": "asha@example.com",
                    "tags": ["vip"],
                    "attributes": {"loyalty_points": 1200},
                }
            ]
        }
    )

    customer_id: Id = Field(
        description="The shop's id of the customer; none begins with `erased-`."
    )
