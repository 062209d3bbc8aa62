"""Several writes that happen together or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pymongo.errors import ServerSelectionTimeoutError
from pymongo.read_concern import ReadConcern

from engine.store.faults import mapped

if TYPE_CHECKING:
    from collections.abc import Callable

    from pymongo.client_session import ClientSession
    from pymongo.database import Database

T = TypeVar("T")


def in_transaction(database: Database[dict[str, Any]], work: Callable[[ClientSession], T]) -> T:
    """Run ``work`` in a transaction and return its result; it is run again after a conflict.

    Everything ``work`` does in MongoDB has to carry the session, and nothing else may be changed.
    Raises StoreUnavailable where no primary answers in the time a plain write is given (10 s).
    """

    def once(session: ClientSession) -> T:
        try:
            return work(session)
        except ServerSelectionTimeoutError as error:
            # pymongo would run it again for 120 s.
            raise mapped(error) from error

    with database.client.start_session() as session:
        return session.with_transaction(
            once,
            read_concern=ReadConcern("snapshot"),
            write_concern=database.write_concern,
        )
