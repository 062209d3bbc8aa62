"""Reading several things at one cluster time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TypeVar

from pymongo.errors import OperationFailure

if TYPE_CHECKING:
    from collections.abc import Callable

    from pymongo.client_session import ClientSession
    from pymongo.database import Database

T = TypeVar("T")

UNAVAILABLE = 246
TRIES = 5


def at_one_time(database: Database[dict[str, Any]], read: Callable[[ClientSession], T]) -> T:
    """Return what ``read`` does with a session in which every read sees the same instant.

    MongoDB remembers an instant for 300 s.
    """
    tries = 0
    while True:
        try:
            with database.client.start_session(snapshot=True) as session:
                return read(session)
        except OperationFailure as error:
            # A collection or index that is being made at this moment; a moment later it is there.
            tries += 1
            if error.code != UNAVAILABLE or tries == TRIES:
                raise
            time.sleep(0.1)
