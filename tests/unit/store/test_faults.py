"""pymongo's errors: every one has an engine error, and every repository method maps them."""

from __future__ import annotations

import inspect
import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING

import bson
import pytest
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ClientBulkWriteException,
    CursorNotFound,
    DuplicateKeyError,
    EncryptedCollectionError,
    ExecutionTimeout,
    InvalidURI,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WriteConcernError,
    WTimeoutError,
)

import engine.store
from engine.errors import Conflict, CrmError, InvalidInput, StoreUnavailable
from engine.store.faults import mapped, mapped_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def every_kind(of: type[PyMongoError]) -> Iterator[type[PyMongoError]]:
    yield of
    for kind in of.__subclasses__():
        yield from every_kind(kind)


SAMPLES: dict[type[PyMongoError], PyMongoError] = {
    BulkWriteError: BulkWriteError({}),
    ClientBulkWriteException: ClientBulkWriteException({}, verbose=False),
    EncryptedCollectionError: EncryptedCollectionError(Exception("no"), {}),
}
KINDS = sorted(set(every_kind(PyMongoError)), key=lambda kind: str(kind.__qualname__))


def sample(kind: type[PyMongoError]) -> PyMongoError:
    if kind in SAMPLES:
        return SAMPLES[kind]
    return kind("no", 1) if issubclass(kind, OperationFailure) else kind("no")


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_of_pymongo_becomes_one_of_ours(kind: type[PyMongoError]) -> None:
    ours = mapped(sample(kind))
    assert isinstance(ours, CrmError)
    assert str(ours)


@pytest.mark.parametrize(
    "error",
    [
        AutoReconnect("no"),
        NetworkTimeout("no"),
        NotPrimaryError("no"),
        ServerSelectionTimeoutError("no"),
        WTimeoutError("no"),
        WriteConcernError("no", 64),
        ExecutionTimeout("no", 50),
        CursorNotFound("no", 43),
        OperationFailure("SnapshotUnavailable", 246),
        OperationFailure("HostUnreachable", 6),
        OperationFailure("NetworkTimeout", 89),
        OperationFailure("FailedToSatisfyReadPreference", 133),
        OperationFailure("SocketException", 9001),
        OperationFailure("no", 251, {"errorLabels": ["TransientTransactionError"]}),
        OperationFailure("no", 251, {"errorLabels": ["RetryableWriteError"]}),
        BulkWriteError({"writeErrors": [{"code": 6}], "writeConcernErrors": []}),
        BulkWriteError({"writeErrors": [], "writeConcernErrors": [{"code": 64}]}),
        BulkWriteError({"writeErrors": [{"code": 11600}], "writeConcernErrors": []}),
    ],
    ids=lambda error: f"{type(error).__name__}-{getattr(error, 'code', None)}",
)
def test_what_may_work_when_tried_again_is_transient(error: PyMongoError) -> None:
    ours = mapped(error)
    assert isinstance(ours, StoreUnavailable)
    assert ours.transient


@pytest.mark.parametrize(
    "error",
    [
        OperationFailure("bad query", 2),
        BulkWriteError({"writeErrors": [{"code": 121}], "writeConcernErrors": []}),
    ],
)
def test_what_would_fail_again_is_not_transient(error: PyMongoError) -> None:
    ours = mapped(error)
    assert type(ours) is CrmError
    assert not ours.transient


def test_a_taken_key_is_a_conflict_and_a_wrong_address_bad_input() -> None:
    assert isinstance(mapped(DuplicateKeyError("no", 11000)), Conflict)
    assert isinstance(mapped(InvalidURI("no")), InvalidInput)


@pytest.mark.parametrize(
    "value", ["\ud800", 2**64, object()], ids=["surrogate", "65 bits", "object"]
)
def test_what_no_document_can_hold_is_bad_input(value: object) -> None:
    with pytest.raises(InvalidInput, match="MongoDB cannot hold what was given"), mapped_errors():
        bson.encode({"value": value})


def repository_methods() -> Iterator[tuple[str, Callable[..., object]]]:
    for module in pkgutil.iter_modules(engine.store.__path__):
        found = import_module(f"engine.store.{module.name}") if module.name != "guard" else None
        for name, kind in inspect.getmembers(found, inspect.isclass):
            if name.endswith("Store") and kind.__module__ == f"engine.store.{module.name}":
                for method, function in inspect.getmembers(kind, inspect.isfunction):
                    if not method.startswith("_"):
                        yield f"{name}.{method}", function


@pytest.mark.parametrize(("name", "method"), list(repository_methods()))
def test_every_repository_method_maps_errors(name: str, method: Callable[..., object]) -> None:
    if inspect.isgeneratorfunction(inspect.unwrap(method)):
        # A decorator would have left before the first row is read.
        assert not hasattr(method, "__wrapped__"), name
        assert "with mapped_errors():" in inspect.getsource(method), name
    else:
        assert hasattr(method, "__wrapped__"), name


def test_the_guard_maps_and_keeps_the_cause() -> None:
    cause = AutoReconnect("connection closed")
    with pytest.raises(StoreUnavailable, match="connection closed") as caught, mapped_errors():
        raise cause
    assert caught.value.__cause__ is cause
