"""What a broker does for the engine, whichever it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from faststream._internal.broker import BrokerUsecase

    from engine.streams.batch import Kind
    from engine.streams.dead_letter import DeadLetter
    from engine.streams.taking import Taking


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamFigures:
    """Messages in a broker now."""

    waiting: int
    """Published, and not done with yet."""
    dead: int
    """Set aside."""


class Stream(Protocol):
    """A broker's stream of batches, and its dead letters. Safe to use from several threads.

    Every method raises StreamUnavailable where the broker does not answer within about 10 s.
    """

    def publish(self, kind: Kind, rows: Sequence[object], *, accepted_at: int) -> str:
        """Publish a batch; return its id once the broker has it for good.

        ``accepted_at``, in microseconds since 1970, is the revision of what it writes. Where this
        raises, the broker may have the batch all the same.
        """

    def ping(self) -> None:
        """Have the broker answer."""

    def figures(self) -> StreamFigures:
        """Count the messages."""

    def dead_letters(self) -> tuple[DeadLetter, ...]:
        """Return the messages that were set aside, the first that failed first."""

    def dead_letter(self, letter_id: str) -> DeadLetter:
        """Return one of them; raises NotFound."""

    def replay(self, letter_id: str) -> None:
        """Publish a dead letter again and drop it; raises NotFound."""

    def drop(self, letter_id: str) -> None:
        """Delete a dead letter for good; raises NotFound."""

    def revise(self, change: Callable[[DeadLetter], DeadLetter | None]) -> None:
        """Put what ``change`` returns in the place of each dead letter; None deletes it.

        One that is replayed, dropped or set aside anew meanwhile is left as it is (Kafka: but for a
        moment).
        """

    def subscribed(self, taking: Taking, concurrency: int) -> BrokerUsecase[Any, Any, Any]:
        """Return a FastStream broker that hands messages to ``taking`` once it is started."""

    def close(self) -> None:
        """Let go of the broker."""
