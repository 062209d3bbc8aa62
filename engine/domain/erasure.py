"""Erasing a person: what of theirs was there, and why what names them is refused."""

from __future__ import annotations

from dataclasses import dataclass

REFUSAL = (
    "this customer was erased on request; what names this id is turned away for good, so give the "
    "person another id if they came back"
)
"""Why a row that names an erased customer is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """How many of a person's records there are to go, or went."""

    customers: int
    """1, or 0 where nobody was stored under the id."""
    orders: int
    """Orders that were kept for the books and no longer name anybody."""
    deliveries: int
    """Deliveries whose message and customer id went; the campaign's counts stay."""
