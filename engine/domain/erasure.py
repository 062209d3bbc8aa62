"""Erasing a person: what of theirs was there, and why what names them is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass

REFUSAL = (
    "this customer was erased on request; what names this id is turned away for good, so give the "
    "person another id if they came back"
)
"""Why a row that names an erased customer is refused."""


NOBODY_PREFIX = "erased-"
"""What stays of an erased customer names this and its own id in the database; no customer may."""
_NOBODY = re.compile(rf"{NOBODY_PREFIX}[0-9a-f]{{24}}")


def is_nobody(customer_id: str) -> bool:
    """Tell whether an id is one that an erasure left on an order."""
    return _NOBODY.fullmatch(customer_id) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """How many of a person's records there are to go, or went."""

    customers: int
    """1, or 0 where nobody was stored under the id."""
    orders: int
    """Orders that were kept for the books and no longer name anybody."""
    deliveries: int
    """Deliveries whose message and customer id went; the campaign's counts stay."""
