"""What a language model was asked, and what that took, since this process began."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelUsage:
    """Counts for one kind of question, of this process alone.

    ``failures`` are questions without an answer that could be used, ``retries`` what was sent again
    for them. ``cost`` is in US dollars; None where the settings name no prices.
    """

    purpose: str
    calls: int = 0
    failures: int = 0
    retries: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal | None = None
