"""What stands in a rule where its reader may not see whom it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.domain.rules import Json

HIDDEN = "•••"


def is_hidden(value: Json) -> bool:
    """Tell whether a value, or each of several, was hidden; such a day is no day any more."""
    if isinstance(value, tuple):
        return bool(value) and all(one == HIDDEN for one in value)
    return value == HIDDEN
