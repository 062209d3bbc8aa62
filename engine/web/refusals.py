"""What the doors refused, in the log: the same of one caller once a minute.

So nobody can fill the log by asking again, whoever they are.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

logger = logging.getLogger(__name__)

NOTED_SECONDS = 60.0
MOST_NOTED = 1_000


class Refusals:
    """What one door refused. It is told of from the server's one thread of requests."""

    def __init__(self) -> None:
        self._noted: dict[tuple[str, str], float] = {}

    def note(self, scope: Mapping[str, Any], what: str, detail: str = "") -> None:
        """Log that a caller was refused; ``detail`` does not tell one refusal from another.

        Neither holds a path: whoever reads the log needs no file's name.
        """
        address = (scope.get("client") or ("an unknown address",))[0]
        now, key = time.monotonic(), (address, what)
        if len(self._noted) >= MOST_NOTED:
            self._noted = {one: at for one, at in self._noted.items() if now - at < NOTED_SECONDS}
        last = self._noted.get(key, now - NOTED_SECONDS)
        if now - last >= NOTED_SECONDS and len(self._noted) < MOST_NOTED:
            self._noted[key] = now
            logger.warning("refused: %s asked for %s%s", address, what, detail)
