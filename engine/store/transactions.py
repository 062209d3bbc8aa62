"""Several writes that happen together or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pymongo.read_concern import ReadConcern

if TYPE_CHECKING:
    from collections.abc import Callable

    from pymongo.client_session import ClientSession
    from pymongo.database import Database

T = TypeVar("T")


def in_transaction(database: Database[dict[str, Any]], work: Callable[[ClientSession], T]) -> T:
    """Run ``work`` in a transaction and return its result; it is run again after a conflict.

    Everything ``work`` does in MongoDB has to carry the session, and nothing else may be changed.
    """
    with database.client.start_session() as session:
        return session.with_transaction(
            work,
            read_concern=ReadConcern("snapshot"),
            write_concern=database.write_concern,
        )
