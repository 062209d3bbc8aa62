"""Erases people, and turns away what would bring them back.

Whoever writes customers or orders asks :meth:`Eraser.turned_away` before the write and again after
it. The tombstone is acknowledged before the sweep begins. So a write whose second question came
before the tombstone was acknowledged before the sweep, which finds it; and one whose second
question came after finds the tombstone, and sweeps itself. A writer that dies between its write and
its second question has acknowledged nothing: it is asked to write again, and that question sweeps.

What lies outside MongoDB goes after what lies in it, and before the erasure is done: where that
fails, the tombstone keeps the id, and erasing again, or the next start, completes it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.domain.customer import checked_customer_id
from engine.domain.erasure import REFUSAL
from engine.errors import StreamUnavailable
from engine.ingest.rejects import BadValue, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from engine.domain.clock import Clock
    from engine.domain.erasure import Erasure
    from engine.store.erasures import ErasureStore

    TurnedAway: TypeAlias = Callable[[Sequence[str]], frozenset[str]]
    """:meth:`Eraser.turned_away`."""

logger = logging.getLogger(__name__)


def nowhere_else(_: str) -> None:
    """Erase nothing outside MongoDB, where nothing is."""


def erased_customer() -> BadValue:
    """Return why a row is left out that names an erased customer; the id is not told again."""
    return BadValue(Reason.ERASED, "", REFUSAL)


@dataclass(frozen=True, slots=True)
class Eraser:
    """Erases customers of one workspace for good."""

    erasures: ErasureStore
    clock: Clock
    elsewhere: Callable[[str], None] = nowhere_else
    """Erases what lies outside MongoDB of an id; raises StreamUnavailable. It may be repeated."""

    def erase(self, customer_id: str, *, by: str) -> Erasure:
        """Erase a customer, known or not; doing it again answers the same.

        Raises InvalidInput for what no customer's id can be, and StreamUnavailable where all is
        done but what lies in the broker.
        """
        customer_id = checked_customer_id(customer_id)
        self.erasures.begin(customer_id, now=self.clock.now(), by=by)
        return self._complete(customer_id)

    def preview(self, customer_id: str) -> Erasure:
        """Return what is stored of a customer now; raises InvalidInput as :meth:`erase` does."""
        return self.erasures.holdings(checked_customer_id(customer_id))

    def mark(self, customer_id: str) -> str:
        """Return what an erased customer is known by, from which nobody can tell the id."""
        return self.erasures.mark(customer_id)

    def turned_away(self, customer_ids: Sequence[str]) -> frozenset[str]:
        """Return those of the ids that were erased; what was stored of them since is removed."""
        found = self.erasures.erased(customer_ids)
        for customer_id in found:
            self.erasures.sweep(customer_id)
        return found

    def settle(self) -> None:
        """Complete what was cut off, as far as that can be done now."""
        for customer_id in self.erasures.unfinished():
            try:
                self._complete(customer_id)
            except StreamUnavailable as error:
                logger.warning("an erasure waits for the next start: %s", error)
                return

    def _complete(self, customer_id: str) -> Erasure:
        self.erasures.sweep(customer_id)
        try:
            self.elsewhere(customer_id)
        except StreamUnavailable as error:
            msg = (
                "the customer is erased from MongoDB, but not yet from the batches that were set "
                f"aside in the broker; erase again to complete it ({error})"
            )
            raise StreamUnavailable(msg) from error
        return self.erasures.finish(customer_id)
