"""Numbers, shares and instants as a person reads them, by locale and time zone (CLDR)."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

from babel.core import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_compact_decimal, format_currency, format_decimal, format_percent

if TYPE_CHECKING:
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from engine.domain.money import Currency


_LEAST = 0.001


def number_text(n: float, locale: str) -> str:
    """Return a number with the locale's grouping: ``1234567`` is ``12,34,567`` in en_IN."""
    return format_decimal(n, locale=locale)


def compact_text(n: float, locale: str) -> str:
    """Return a number in short, to one decimal: 8000000 is ``80L`` in en_IN, ``8M`` in en_GB."""
    return format_compact_decimal(n, locale=locale, fraction_digits=1)


def share_text(share: float, locale: str) -> str:
    """Return a share (0 to 1) as a percentage with one decimal: ``12.5%``.

    Only none is ``0.0%`` and only all ``100.0%``: others are ``<0.1%`` and ``>99.9%``.
    """
    near, sign = (share, "")
    if 0 < share <= _LEAST / 2:
        near, sign = _LEAST, "<"
    elif 1 - _LEAST / 2 <= share < 1:
        near, sign = 1 - _LEAST, ">"
    return sign + format_percent(near, format="#,##0.0%", locale=locale)


def whole_money_text(minor: int, currency: Currency, locale: str) -> str:
    """Return minor units rounded half to even to whole major ones, for headlines: ``₹5,000``."""
    major = Decimal(minor).scaleb(-currency.decimals).quantize(Decimal(1), ROUND_HALF_EVEN)
    pattern = Locale.parse(locale).currency_formats["standard"].pattern
    whole = re.sub(r"\.0+", "", pattern)
    return format_currency(major, currency.code, whole, locale=locale, currency_digits=False)


def instant_text(instant: datetime, zone: ZoneInfo, locale: str, *, seconds: bool = False) -> str:
    """Return an aware instant as a local time, to the minute: ``22 Nov 2026, 18:05``."""
    pattern = "d MMM y, HH:mm:ss" if seconds else "d MMM y, HH:mm"
    return format_datetime(instant.astimezone(zone), pattern, locale=locale)


def date_text(day: date, locale: str) -> str:
    """Return a day: ``22 Nov 2026``."""
    return format_date(day, "d MMM y", locale=locale)


def zone_text(instant: datetime, zone: ZoneInfo) -> str:
    """Return the zone's short name at an instant: ``IST``, or ``UTC+04`` where it has none."""
    name = instant.astimezone(zone).tzname() or zone.key
    return f"UTC{name}" if name.startswith(("+", "-")) else name
