"""Money: integer minor units inside, decimal strings at the edges, never a float."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import MAX_PREC, ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from functools import lru_cache

from babel.core import get_global
from babel.numbers import format_currency, get_currency_precision, list_currencies

from engine.errors import InvalidInput

MAX_MINOR = 2**53 - 1
"""Largest amount taken, in minor units: exact in int64, in a double and in JSON alike."""

# The default context rounds to 28 digits: a surplus decimal in the 30th place would pass unseen.
_EXACT = Context(prec=MAX_PREC)


@dataclass(frozen=True, slots=True)
class Currency:
    """An ISO 4217 currency: its code and how many decimals its minor unit has (CLDR)."""

    code: str
    decimals: int

    def parse(self, text: str) -> int:
        """Minor units of a decimal string such as ``"5000.00"``; surplus decimals are refused."""
        scaled = _decimal(text).scaleb(self.decimals, _EXACT)
        if scaled != scaled.to_integral_value():
            msg = f"{text!r} has more decimals than {self.code}, which has {self.decimals}"
            raise InvalidInput(msg)
        return _bounded(int(scaled), text)

    def round(self, amount: Decimal) -> int:
        """Minor units of ``amount`` (in major units), rounded half to even."""
        scaled = _plausible(amount, str(amount)).scaleb(self.decimals, _EXACT)
        return _bounded(int(scaled.to_integral_value(ROUND_HALF_EVEN)), str(amount))

    def text(self, minor: int) -> str:
        """Decimal string of minor units, the inverse of :meth:`parse`: ``500000 -> "5000.00"``."""
        return f"{Decimal(minor).scaleb(-self.decimals):f}"

    def format(self, minor: int, locale: str) -> str:
        """Minor units as a person reads them: ``₹5,000.00``."""
        amount = Decimal(minor).scaleb(-self.decimals)
        return str(format_currency(amount, self.code, locale=locale))


@lru_cache
def currency(code: str) -> Currency:
    """Return the ISO 4217 currency in use with this code."""
    if code not in list_currencies() or code not in _tender():
        msg = f"{code!r} is not an ISO 4217 currency code such as INR, GBP, EUR or USD"
        raise InvalidInput(msg)
    return Currency(code, get_currency_precision(code))


def currencies() -> tuple[str, ...]:
    """Return the codes of every currency in use, ascending."""
    return tuple(sorted(_tender() & set(list_currencies())))


def _tender() -> frozenset[str]:
    territories = get_global("territory_currencies").values()
    return frozenset(
        entry[0] for entries in territories for entry in entries if entry[3] and entry[2] is None
    )


def _decimal(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    return _plausible(amount, text)


def _plausible(amount: Decimal, text: str) -> Decimal:
    if not amount.is_finite() or amount.adjusted() > 20:  # noqa: PLR2004 - far past MAX_MINOR
        msg = f'{text!r} is not an amount of money such as "5000.00"'
        raise InvalidInput(msg)
    return amount


def _bounded(minor: int, text: str) -> int:
    if abs(minor) > MAX_MINOR:
        msg = f"{text!r} is larger than any amount taken ({MAX_MINOR} minor units)"
        raise InvalidInput(msg)
    return minor
