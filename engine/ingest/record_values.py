"""Values of a parsed JSON record to values of the domain: one function a type, raising BadValue.

Text is trimmed first; what is empty then comes back as None, which says nothing.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from engine.domain.erasure import is_nobody
from engine.domain.money import MAX_MINOR
from engine.domain.records import MAX_NUMBER_DIGITS
from engine.domain.refusal import shown
from engine.errors import InvalidInput
from engine.ingest.mapping import NumberFormat, TimeFormat
from engine.ingest.rejects import BadValue, Reason
from engine.ingest.values import (
    MAX_ENTRIES,
    MAX_ID,
    MAX_QUANTITY,
    MAX_TAG,
    line_of_text,
    number,
    refuse_reserved,
)
from engine.ingest.values import day as day_of
from engine.ingest.values import identifier as identifier_of
from engine.ingest.values import instant as instant_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from decimal import Decimal
    from zoneinfo import ZoneInfo

    from engine.domain.money import Currency

MONEY = 'expected an amount such as "1299.00"'


def text_of(value: object, like: str = "text") -> str:
    """Return trimmed text; raises BadValue for anything that is not text."""
    if type(value) is str:
        return value.strip()
    hint = "; put it in quotes" if type(value) in (int, float) else ""
    raise of_another_type(value, f"{like}{hint}")


def exact_text_of(value: object, like: str = "text") -> str:
    """Return text as it stands, for what has one way to be written."""
    return value if type(value) is str else text_of(value, like)


def of_another_type(value: object, expected: str) -> BadValue:
    """Return the complaint that a value is not of the type expected."""
    return BadValue(Reason.TYPE, shown(value), f"expected {expected}, not {shown(value)}")


def identifier(value: object) -> str:
    """Return an id: 1 to 200 characters."""
    text = text_of(value, "an id as text")
    if text.isascii() and text.isprintable() and 0 < len(text) <= MAX_ID:
        return text  # most ids, and ids hardly repeat, so nothing is remembered of them
    if not text:
        raise BadValue(Reason.ABSENT, "", f"an id has 1 to {MAX_ID} characters")
    return identifier_of(text, whole_numbers=False)


def customer(value: object) -> str:
    """Return the id of a customer."""
    customer_id = identifier(value)
    refuse_reserved(customer_id)
    return customer_id


def buyer(value: object) -> str:
    """Return whose an order is: a customer's id, or that of nobody, as an export gives it."""
    customer_id = identifier(value)
    if not is_nobody(customer_id):
        refuse_reserved(customer_id)
    return customer_id


def line(value: object) -> str | None:
    """Return a line of text, or None where it is empty."""
    return line_of_text(text_of(value)) or None


def instant(value: object, zone: ZoneInfo) -> datetime | None:
    """Return an instant in UTC; text without an offset is in ``zone``."""
    text = exact_text_of(value, "a date and time as text")
    return instant_of(text, TimeFormat.ISO, zone) if text else None


def day(value: object) -> date | None:
    """Return a day."""
    text = exact_text_of(value, "a date as text")
    return day_of(text, TimeFormat.ISO) if text else None


def quantity(value: object) -> int:
    """Return a whole number of units."""
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is not int:
        raise of_another_type(value, "a whole number of units such as 2")
    if abs(value) > MAX_QUANTITY:
        raise BadValue(Reason.RANGE, shown(value), f"a quantity is at most {MAX_QUANTITY:,}")
    return value


def decimal(value: object) -> Decimal:
    """Return a decimal exactly as it was given, of at most 18 digits (15 as a JSON number)."""
    if type(value) is str:
        return number(value, NumberFormat.PLAIN)
    if type(value) is float:
        # repr is the shortest decimal of this double: what was written, up to 15 digits.
        found = number(repr(value), NumberFormat.PLAIN)
        if len(found.as_tuple().digits) <= MAX_NUMBER_DIGITS:
            return found
        detail = (
            f"a JSON number of more than {MAX_NUMBER_DIGITS} digits is not exact; give it as text"
        )
        raise BadValue(Reason.RANGE, repr(value), detail)
    if type(value) is int:
        return number(str(value), NumberFormat.PLAIN)
    raise of_another_type(value, f"{MONEY.removeprefix('expected ')}")


@lru_cache(1 << 14)
def minor_units(amount: Decimal, currency: Currency) -> int:
    """Return an amount in minor units; surplus decimals are refused."""
    text = f"{amount:f}"
    try:
        return currency.parse(text)
    except InvalidInput as error:
        too_large = abs(amount.scaleb(currency.decimals)) > MAX_MINOR
        reason = Reason.AMOUNT if too_large else Reason.DECIMALS
        raise BadValue(reason, text, str(error)) from None


def entries(value: object) -> tuple[str, ...]:
    """Return the entries of a list of text, each once, in their order; empty ones do not count."""
    if type(value) is not list:
        raise of_another_type(value, "a list of text")
    found = dict.fromkeys(line_of_text(text_of(one), MAX_TAG) for one in value)
    found.pop("", None)
    if len(found) > MAX_ENTRIES:
        detail = f"{len(found)} entries, at most {MAX_ENTRIES} are taken"
        raise BadValue(Reason.TOO_LONG, shown(value), detail)
    return tuple(found)


def fields(value: object, what: str) -> Mapping[str, object]:
    """Return an object's fields; raises BadValue for anything else."""
    if type(value) is not dict:
        raise BadValue(Reason.RECORD, shown(value), f"expected {what} as an object")
    return value
