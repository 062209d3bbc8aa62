"""A condition while it is read: its head, and the places that its other words fill."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as made
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.ai.grammar.quantities import Quantity
from engine.ai.grammar.times import Recent, Stretch

if TYPE_CHECKING:
    from engine.ai.grammar.times import Time
    from engine.ai.grammar.tree import Values

MEASURES = {
    "spend": "sum",
    "average": "average",
    "maximum": "maximum",
    "minimum": "minimum",
    "gap": "gap",
}
MOMENTS = {
    "signup": "signed_up_at",
    "tenure": "signed_up_at",
    "new": "signed_up_at",
    "last": "last_order_at",
    "first": "first_order_at",
    "born": "birth_date",
}
_SLOTS = {
    **dict.fromkeys(("times", "orders"), "count"),
    **dict.fromkeys(("items", "products"), "units"),
    **dict.fromkeys(("categories", "skus", "channels"), "distinct"),
}
"""Where a number goes in what is said of orders, by what it counts."""
_AMOUNTS = frozenset({"average", "maximum", "minimum", "every_order"})
_KINDS = frozenset({"", "categories", "skus", "channels"})
_TAKEN: dict[str, tuple[str, frozenset[str]]] = {
    **dict.fromkeys(
        ("distinct_categories", "distinct_skus", "distinct_channels"), ("distinct", _KINDS)
    ),
    **dict.fromkeys(("since_last", "gap", "field"), ("amount", frozenset({"", "items"}))),
    **dict.fromkeys(
        ("age", "older", "younger", "turning"), ("amount", frozenset({"", "years_old"}))
    ),
    "items_total": ("units", frozenset({"", "items"})),
    "order_count": ("count", frozenset({"", "orders"})),
}
"""The place that other heads have for a number, and what the number may count."""
_TIMED = frozenset({"birthday", "moment", "turning"})
"""Further heads that take a time."""
_SMALLEST_AMOUNT = 10
"""A bare number below this, said of orders, is no amount of money."""
_SMALL_COUNT = 100
"""A bare number behind "orders" counts them below this, and is an amount from it on."""


@dataclass(slots=True)
class Frame:
    """What is known so far of one condition. ``head`` is a key of ``heads.HEADS``, or ``field``."""

    head: str
    first: int
    end: int
    field: str = ""
    negated: bool = False
    noun: bool = False
    """The head was "orders": an amount behind it is that of single orders."""
    counts: bool = False
    """The head was a noun such as "purchases": a small number behind it counts them."""
    since: bool = False
    count: Quantity | None = None
    amount: Quantity | None = None
    each: Quantity | None = None
    units: Quantity | None = None
    distinct: Quantity | None = None
    values: list[Values] = made(default_factory=list)
    time: Time | None = None
    goes_on: bool = False
    elliptic: bool = False
    led: bool = False
    guessed: bool = False
    """Its time was said before its head."""
    flags: set[str] = made(default_factory=set)

    @property
    def of_orders(self) -> bool:
        """Whether it takes what orders have: values, counts, windows."""
        named = {
            "order",
            "order_count",
            "inactive",
            "active",
            "items_total",
            "every_order",
            *MEASURES,
        }
        return self.head in named or self.head.startswith("distinct_")

    @property
    def bare(self) -> bool:
        """Whether no number fills a place yet."""
        return all(
            one is None for one in (self.count, self.amount, self.each, self.units, self.distinct)
        )

    def take_quantity(self, given: Quantity) -> bool:
        """Fill the place that a number has here; False where there is none, or it is taken."""
        slot = self._slot(given)
        if slot is None or getattr(self, slot) is not None:
            return False
        setattr(self, slot, given)
        self.reach(given.first, given.end)
        return True

    def _slot(self, given: Quantity) -> str | None:
        if given.percent:
            return "amount" if self.head == "random" else None
        counted = "quantity" in self.flags and not (given.unit or given.currency)
        if self.head == "order" and counted:
            return "units"
        if self.head in {"order", "spend"}:
            return _SLOTS.get(given.unit) if given.unit else self._money_slot(given)
        if self.head in _AMOUNTS:
            return None if given.unit else "amount"
        slot, units = _TAKEN.get(self.head, ("", frozenset()))
        return slot if given.unit in units and not given.currency else None

    def _money_slot(self, given: Quantity) -> str | None:
        small = not given.currency and given.value < _SMALLEST_AMOUNT
        nothing = given.value == 0 and given.op in {"equals", "not_equals", "greater_than"}
        if small and not nothing and self.head == "spend":
            return None
        if self.head == "spend":
            return "each" if "each" in self.flags else "amount"
        small = not given.currency and given.value < _SMALL_COUNT
        if (self.noun or self.counts) and small and self.count is None:
            return "count"
        least = _SMALL_COUNT if given.op == "between" else _SMALLEST_AMOUNT
        if not given.currency and given.value < least:
            return None  # "ordered between 24 and 26" counts, or is a time
        single = (self.noun or "each" in self.flags) and "in_total" not in self.flags
        return "each" if single else "amount"

    def take_time(self, given: Time) -> bool:
        """Take a stretch of time; False where there is no place for one, or it is taken."""
        if self.head in {"gap", "gap_verb", "since_last", "age", "older", "younger"}:
            return self._take_length(given)
        if (
            isinstance(given, Stretch)
            and not given.ago
            and self.head not in {"inactive", "last", "tenure"}
        ):
            return False
        takes = self.of_orders or self.head in MOMENTS or self.head in _TIMED
        if not takes or self.time is not None:
            return False
        self.time = given
        return True

    def _take_length(self, given: Time) -> bool:
        unit = "day" if self.head in {"gap", "gap_verb", "since_last"} else "year"
        weeks = 7 if unit == "day" and isinstance(given, Recent) and given.unit == "week" else 1
        if not isinstance(given, Recent) or given.older or given.at or self.amount is not None:
            return False
        if given.unit != unit and weeks == 1:
            return False
        op = given.op or ("less_or_equal" if "every" in self.flags else "")
        self.amount = Quantity(op, Decimal(given.n * weeks), first=self.first, end=self.end)
        return True

    def reach(self, first: int, end: int) -> None:
        """Widen the phrase that the condition stands for."""
        self.first, self.end = min(self.first, first), max(self.end, end)
