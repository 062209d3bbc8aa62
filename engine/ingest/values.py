"""Cells to values: one function a type, each raising BadValue with the reason.

Cells come trimmed of the white space around them. What repeats from row to row (ids, times,
prices) is remembered, which halves the time of a real export.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from decimal import Context, Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from engine.domain.calendar import EARLIEST, LATEST, parse_date, read_instant, to_utc
from engine.domain.erasure import NOBODY_PREFIX
from engine.domain.text import nfc
from engine.errors import InvalidInput
from engine.ingest.mapping import NumberFormat, TimeFormat
from engine.ingest.rejects import BadValue, Reason

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

MAX_ID = 200
MAX_TEXT = 500
MAX_TAG = 100
MAX_ENTRIES = 100
MAX_QUANTITY = 10**9
OTHERWISE = "if the file writes them otherwise, choose its form"
MAX_DIGITS = 18
"""Significant digits of a number: times a quantity of up to 10 digits, decimal's 28 stay exact."""

_REMEMBERED = 1 << 14
_LONGEST = 100
"""Characters of a number or time: what is remembered must be short."""
_WHOLE = re.compile(r"([0-9]+)\.0+")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{2,3})*,[0-9]{3}(?:\.[0-9]*)?")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ].*)?", re.DOTALL)
_MIDNIGHT = re.compile(r"[T ]00?:00(?::00(?:\.0+)?)?$")
_WALL = re.compile(
    r"([0-9]{1,4})[/.-]([0-9]{1,2})[/.-]([0-9]{1,4})"
    r"(?:[T ]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?(?: *([AaPp])\.?[Mm]\.?)?)?"
)
_EMAIL = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]{1,189}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TRUE = frozenset({"true", "yes", "y", "1", "t"})
_FALSE = frozenset({"false", "no", "n", "0", "f"})
_NOON = 12
_EXACT = Context(prec=_LONGEST)
_UNIX = (TimeFormat.UNIX_SECONDS, TimeFormat.UNIX_MILLISECONDS)


@lru_cache(_REMEMBERED)
def identifier(cell: str, *, whole_numbers: bool) -> str:
    """Return an id: 1 to 200 characters in NFC, none of them a control character."""
    _refuse_long(cell, 4 * MAX_ID, MAX_ID)
    text = nfc(cell)
    if whole_numbers and (whole := _WHOLE.fullmatch(text)):
        text = whole[1]
    _refuse_control(text)
    if len(text) > MAX_ID:
        raise BadValue(Reason.TOO_LONG, cell, f"an id has at most {MAX_ID} characters")
    return text


def customer_identifier(cell: str, *, whole_numbers: bool) -> str:
    """Return an id that a customer may have: those of erased customers are nobody's."""
    text = identifier(cell, whole_numbers=whole_numbers)
    refuse_reserved(text)
    return text


def refuse_reserved(customer_id: str) -> None:
    """Raise BadValue for an id that only orders of erased customers carry."""
    if customer_id.startswith(NOBODY_PREFIX):
        detail = f"ids that begin with {NOBODY_PREFIX!r} stand for customers who were erased"
        raise BadValue(Reason.RESERVED, customer_id, detail)


@lru_cache(_REMEMBERED)
def line_of_text(cell: str, limit: int = MAX_TEXT) -> str:
    """Return text in NFC on one line: tabs and line breaks in it become single spaces."""
    _refuse_long(cell, 4 * limit, limit)
    text = nfc(cell)
    if not text.isprintable():
        text = " ".join(part for part in re.split(r"[\t\r\n]+", text) if part)
        _refuse_control(text)
    if len(text) > limit:
        raise BadValue(
            Reason.TOO_LONG, cell, f"{len(text):,} characters, at most {limit} are taken"
        )
    return text


def email(cell: str) -> str:
    """Return an e-mail address: one @ with something on both sides, no white space."""
    text = line_of_text(cell)
    if not _EMAIL.fullmatch(text):
        raise BadValue(Reason.EMAIL, cell, "expected an address such as asha@example.com")
    return text


@lru_cache(_REMEMBERED)
def number(cell: str, form: NumberFormat) -> Decimal:
    """Return an exact number of at most 18 significant digits."""
    _refuse_long(cell, _LONGEST)
    plain = cell
    if form in (NumberFormat.DECIMAL_COMMA, NumberFormat.POINT_GROUPS):
        plain = cell.translate({ord(","): ".", ord("."): ","})
    if form in (NumberFormat.COMMA_GROUPS, NumberFormat.POINT_GROUPS) and _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    if not _NUMBER.fullmatch(plain):
        detail = f"expected a number such as {form.value}; {OTHERWISE}"
        raise BadValue(Reason.NUMBER, cell, detail)
    value = Decimal(plain)
    digits = len(value.as_tuple().digits)
    if digits > MAX_DIGITS:  # zeros at the end, as decimal(38, 18) has them, are not significant
        value = value.normalize(_EXACT)
        digits = len(value.as_tuple().digits)
    if digits > MAX_DIGITS or abs(value.adjusted()) > MAX_DIGITS:
        raise BadValue(Reason.RANGE, cell, f"numbers of at most {MAX_DIGITS} digits are taken")
    return Decimal(f"{value:f}")


@lru_cache(_REMEMBERED)
def quantity(cell: str, form: NumberFormat) -> int:
    """Return a whole number of units from -1,000,000,000 to 1,000,000,000."""
    value = number(cell, form)
    if value != value.to_integral_value():
        raise BadValue(Reason.NUMBER, cell, "a quantity is a whole number, such as 12")
    if abs(value) > MAX_QUANTITY:
        raise BadValue(Reason.RANGE, cell, f"a quantity is at most {MAX_QUANTITY:,}")
    return int(value)


@lru_cache(_REMEMBERED)
def instant(cell: str, form: TimeFormat, zone: ZoneInfo) -> datetime:
    """Return an instant in UTC, cut to the millisecond; without an offset it is in ``zone``."""
    _refuse_long(cell, _LONGEST)
    try:
        found = _instant(cell, form, zone)
    except (InvalidInput, ValueError, OverflowError):
        detail = f"expected a date and time such as {form.example}; {OTHERWISE}"
        raise BadValue(Reason.TIME, cell, detail) from None
    if found is None or not EARLIEST <= found < LATEST:
        raise BadValue(Reason.TIME, cell, "expected a time in the years 1900 to 2199")
    return found.replace(microsecond=found.microsecond // 1000 * 1000)


@lru_cache(_REMEMBERED)
def day(cell: str, form: TimeFormat) -> date:
    """Return a day from 1900 to 2199; a time after it must be midnight (UTC's, in Unix time)."""
    _refuse_long(cell, _LONGEST)
    try:
        return _day(cell, form)
    except (InvalidInput, ValueError, OverflowError):
        detail = (
            f"expected a date such as {form.example.split()[0]}, from 1900 to 2199 and without a "
            f"time of day; {OTHERWISE}"
        )
        raise BadValue(Reason.DATE, cell, detail) from None


def boolean(cell: str) -> bool:
    """Return true or false, from true/false, yes/no, y/n, t/f or 1/0."""
    folded = cell.casefold()
    if folded in _TRUE or folded in _FALSE:
        return folded in _TRUE
    raise BadValue(Reason.BOOLEAN, cell, "expected true or false, yes or no, 1 or 0")


def entries(cell: str, separator: str) -> tuple[str, ...]:
    """Return the entries of a list, each once, in their order; empty ones do not count."""
    parts = cell.split(separator)
    found = tuple(
        dict.fromkeys(line_of_text(part.strip(), MAX_TAG) for part in parts if part.strip())
    )
    if len(found) > MAX_ENTRIES:
        raise BadValue(
            Reason.TOO_LONG, cell, f"{len(found)} entries, at most {MAX_ENTRIES} are taken"
        )
    return found


def _refuse_long(cell: str, limit: int, taken: int | None = None) -> None:
    if len(cell) > limit:
        detail = f"{len(cell):,} characters, at most {taken or limit} are taken"
        raise BadValue(Reason.TOO_LONG, cell, detail)


def _refuse_control(text: str) -> None:
    if text.isprintable():
        return
    for one in text:
        if unicodedata.category(one) in ("Cc", "Cs"):
            detail = f"it holds an invisible control character (U+{ord(one):04X}); remove it"
            raise BadValue(Reason.CONTROL, text, detail)


def _day(cell: str, form: TimeFormat) -> date:
    if form is TimeFormat.ISO:
        text = _MIDNIGHT.sub("", cell)
        if not _ISO.fullmatch(text):
            raise ValueError
        return parse_date(text)
    at = _unix(cell, form) if form in _UNIX else _wall(cell, form)
    if at.time() != time.min:
        raise ValueError
    return parse_date(at.date().isoformat())


def _unix(cell: str, form: TimeFormat) -> datetime:
    unit = 1000 if form is TimeFormat.UNIX_SECONDS else 1
    return _EPOCH + timedelta(milliseconds=int(number(cell, NumberFormat.PLAIN) * unit))


def _instant(cell: str, form: TimeFormat, zone: ZoneInfo) -> datetime | None:
    if form is TimeFormat.ISO:
        if not _ISO.fullmatch(cell):
            raise ValueError
        return read_instant(cell, zone)
    if form in _UNIX:
        return _unix(cell, form)
    return to_utc(_wall(cell, form), zone)


def _wall(cell: str, form: TimeFormat) -> datetime:
    found = _WALL.fullmatch(cell)
    if found is None:
        raise ValueError
    first, second, third = found[1], found[2], found[3]
    if form is TimeFormat.YEAR_FIRST:
        year, month, day_ = first, second, third
    elif form is TimeFormat.DAY_FIRST:
        day_, month, year = first, second, third
    else:
        month, day_, year = first, second, third
    if len(year) != 4:  # noqa: PLR2004 - a year in full
        raise ValueError
    hour, half = int(found[4] or 0), (found[7] or "").casefold()
    if half:
        if not 1 <= hour <= _NOON:
            raise ValueError
        hour = hour % _NOON + (_NOON if half == "p" else 0)
    return datetime(  # noqa: DTZ001 - a wall-clock time; the caller knows the zone
        int(year), int(month), int(day_), hour, int(found[5] or 0), int(found[6] or 0)
    )
