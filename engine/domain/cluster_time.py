"""MongoDB's logical clock: what a write happened at, and what a snapshot holds."""

from __future__ import annotations

import re
from typing import NamedTuple, Self

from engine.domain.refusal import shown
from engine.errors import InvalidInput

_TEXT = re.compile(r"([0-9]{1,10})\.([0-9]{1,10})")
_LIMIT = 2**32


class ClusterTime(NamedTuple):
    """An instant of a cluster's history; later ones compare greater.

    ``seconds`` since 1970 by the primary's clock, and ``increment``, which counts the operations
    within that second; both below 2**32.
    """

    seconds: int
    increment: int

    def __str__(self) -> str:
        """As text at the edges: ``"1764117929.5"``."""
        return f"{self.seconds}.{self.increment}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the cluster time of a text that ``str`` gave; raises InvalidInput."""
        found = _TEXT.fullmatch(text)
        if found is None or int(found[1]) >= _LIMIT or int(found[2]) >= _LIMIT:
            msg = f'{shown(text)} is no cluster time such as "1764117929.5", as a write returns it'
            raise InvalidInput(msg)
        return cls(int(found[1]), int(found[2]))
