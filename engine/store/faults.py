"""pymongo's errors, mapped to the engine's where they enter."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from bson.errors import BSONError
from pymongo.errors import (
    ConfigurationError,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    InvalidURI,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
)

from engine.errors import Conflict, CrmError, InvalidInput, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

DUPLICATE_KEY = 11_000

_TRANSIENT = (ConnectionFailure, ExecutionTimeout, WriteConcernError)
_TRANSIENT_CODES = frozenset(
    (6, 7, 43, 89, 91, 112, 133, 134, 189, 239, 246, 262, 365, 9_001, 10_107, 11_600, 11_602)
)
"""A restart, an election, a catalogue change or, behind mongos, a shard out of reach went by:
HostUnreachable, HostNotFound, CursorNotFound, NetworkTimeout, ShutdownInProgress, WriteConflict,
FailedToSatisfyReadPreference, ReadConcernMajorityNotAvailableYet, PrimarySteppedDown,
SnapshotTooOld, SnapshotUnavailable, ExceededTimeLimit, PrimaryChangedDuringOperation,
SocketException, NotWritablePrimary, InterruptedAtShutdown, InterruptedDueToReplStateChange."""
_TRANSIENT_LABELS = ("TransientTransactionError", "RetryableWriteError")


@contextmanager
def mapped_errors() -> Iterator[None]:
    """Raise the engine's error for any of pymongo's; works as a decorator too."""
    try:
        yield
    except (BSONError, UnicodeEncodeError, OverflowError) as error:
        msg = f"MongoDB cannot hold what was given: {error}"
        raise InvalidInput(msg) from error
    except PyMongoError as error:
        raise mapped(error) from error


def mapped(error: PyMongoError) -> CrmError:
    """Return the engine's error for one of pymongo's."""
    if isinstance(error, _TRANSIENT) or _asks_to_try_again(error):
        return StoreUnavailable(f"MongoDB does not answer ({_first_line(error)}); try again")
    if isinstance(error, DuplicateKeyError):
        return Conflict("another write made the same object first; reload and try again")
    if isinstance(error, (ConfigurationError, InvalidURI)):
        return InvalidInput(f"MongoDB cannot be reached as configured: {_first_line(error)}")
    return CrmError(f"MongoDB refused the call: {_first_line(error)}")


def _asks_to_try_again(error: PyMongoError) -> bool:
    if not isinstance(error, OperationFailure):
        return False
    failures = (error.details or {}).get("writeErrors", ())
    codes = {error.code, *(one.get("code") for one in failures)}
    return (
        any(map(error.has_error_label, _TRANSIENT_LABELS))
        or not codes.isdisjoint(_TRANSIENT_CODES)
        or bool((error.details or {}).get("writeConcernErrors"))  # done, but not by a majority
    )


def _first_line(error: PyMongoError) -> str:
    first = (str(error).splitlines() or [type(error).__name__])[0]
    return first.partition(" (configured timeouts")[0].partition(", Timeout:")[0][:300]
