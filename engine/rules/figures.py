"""How a behaviour's figure is compared: exactly, in integers, whatever the value looks like.

A figure is a whole number (a count, a sum, a quantity) or a quotient of two (an average, a mean
gap). A whole number meets a comparison with any decimal exactly when it lies between two whole
numbers; a quotient is compared by multiplying, in 128 bits.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from engine.rules.query import Parameters

QUOTIENTS = ("average", "days_between")
DECIMALS = 6
"""Of a value that a quotient is compared with; more are refused."""


class Between(NamedTuple):
    """Whole numbers from ``low`` to ``high``, both in; None is no bound, low > high holds none."""

    low: int | None
    high: int | None

    def __contains__(self, number: object) -> bool:
        if not isinstance(number, int):
            return False
        low, high = self
        return (low is None or low <= number) and (high is None or number <= high)

    def test(self, figure: str) -> tuple[str, Parameters]:
        """Return the SQL test of a figure."""
        match self:
            case (None, None):
                return "TRUE", ()
            case (None, high):
                return f"{figure} <= ?", (high,)
            case (low, None):
                return f"{figure} >= ?", (low,)
            case (low, high) if low == high:
                return f"{figure} = ?", (low,)
            case _:
                return f"{figure} BETWEEN ? AND ?", tuple(self)


def whole_numbers(op: str, *values: float) -> Between:
    """Return the whole numbers that meet a comparison.

    >>> whole_numbers("more_than", 2.5), whole_numbers("equals", 2.5)
    (Between(low=3, high=None), Between(low=3, high=2))
    """
    low, high = _decimal(values[0]), _decimal(values[-1])
    match op:
        case "more_than" | "greater_than":
            return Between(_floor(low) + 1, None)
        case "at_least" | "greater_or_equal":
            return Between(_ceiling(low), None)
        case "less_than":
            return Between(None, _ceiling(high) - 1)
        case "at_most" | "less_or_equal":
            return Between(None, _floor(high))
        case "equals" | "between":
            return Between(_ceiling(low), _floor(high))
        case _:
            raise ValueError(op)


def quotient(
    op: str, dividend: str, divisor: str, *values: float, unit: int = 1
) -> tuple[str, Parameters]:
    """Return the SQL test of ``dividend / divisor`` against values in units of ``unit``.

    Both are whole, the divisor positive. At most :data:`DECIMALS` decimals of a value count.
    """
    left = f"CAST({dividend} AS HUGEINT) * {10**DECIMALS}"
    right = f"CAST(? AS HUGEINT) * {divisor}"
    scaled = tuple(_floor(_decimal(one) * 10**DECIMALS) * unit for one in values)
    if op == "between":
        return f"{left} BETWEEN {right} AND {right}", scaled
    sign = {"equals": "=", "at_least": ">=", "at_most": "<=", "more_than": ">", "less_than": "<"}[
        op
    ]
    return f"{left} {sign} {right}", scaled


def decimals(value: float) -> int:
    """Return how many decimals a value has as it is written."""
    exponent = _decimal(value).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _decimal(value: float) -> Decimal:
    # A double's shortest decimal text is what the rule said.
    return Decimal(str(value))


def _floor(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_FLOOR))


def _ceiling(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_CEILING))
