"""Counts calls, tokens and costs by purpose; any number of threads may count at once."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from engine.domain.model_usage import ModelUsage

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

MILLION = 1_000_000


class Prices(NamedTuple):
    """US dollars per million tokens."""

    input: Decimal
    output: Decimal


class Usage:
    """What was asked since it was made."""

    def __init__(self, prices: Prices | None = None) -> None:
        self._prices = prices
        self._lock = threading.Lock()
        self._counted: dict[str, ModelUsage] = {}

    def ended(self, purpose: str, *, failed: bool, retries: int) -> None:
        """Count a question that was answered, or was not, after so many retries."""
        self._count(
            purpose,
            lambda was: replace(
                was,
                calls=was.calls + 1,
                failures=was.failures + failed,
                retries=was.retries + retries,
            ),
        )

    def took(self, purpose: str, tokens: tuple[int, int]) -> None:
        """Count tokens, in and out, whether or not the answer could be used."""
        self._count(
            purpose,
            lambda was: replace(
                was,
                input_tokens=was.input_tokens + tokens[0],
                output_tokens=was.output_tokens + tokens[1],
            ),
        )

    def by_purpose(self) -> tuple[ModelUsage, ...]:
        """Return the counts, by purpose."""
        with self._lock:
            counted = [self._counted[purpose] for purpose in sorted(self._counted)]
        return tuple(replace(one, cost=self._cost(one)) for one in counted)

    def _count(self, purpose: str, more: Callable[[ModelUsage], ModelUsage]) -> None:
        with self._lock:
            was = self._counted.get(purpose, ModelUsage(purpose=purpose))
            self._counted[purpose] = more(was)

    def _cost(self, one: ModelUsage) -> Decimal | None:
        if self._prices is None:
            return None
        spent = one.input_tokens * self._prices.input + one.output_tokens * self._prices.output
        return spent / MILLION
