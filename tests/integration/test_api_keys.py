"""API keys: shown once, kept as a hash, told apart, ended."""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import time
import traceback
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from engine.auth import api_keys
from engine.auth.api_keys import ApiKeys
from engine.domain.actor import Actor
from engine.domain.api_key import Scope
from engine.domain.clock import FixedClock
from engine.domain.permission import EVERYTHING
from engine.errors import InvalidInput, NotAuthenticated, NotFound, StoreUnavailable
from engine.store.api_keys import ApiKeyStore
from tests.conftest import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pymongo.database import Database

    from engine.crm import Crm


@pytest.fixture
def elsewhere(database: Database[dict[str, Any]]) -> Iterator[ApiKeys]:
    """The keys as another process knows them."""
    keys = ApiKeys(ApiKeyStore(database), FixedClock(NOW))
    yield keys
    keys.close()


def noted(crm: Crm) -> Any:  # noqa: ANN401 - an instant, or nothing yet
    """Wait for the uses to be written down."""
    crm.keys.close()
    return crm.api_keys()[0].last_used_at


def test_a_key_is_told_once_and_kept_as_the_hash_of_its_secret(
    crm: Crm, database: Database[dict[str, Any]]
) -> None:
    key, token = crm.acting_as(Actor("asha", EVERYTHING)).create_api_key(
        " Till  4 ", ["ingest", "read"]
    )
    parts = re.fullmatch(r"crm_([a-z0-9]{8})_([A-Za-z0-9_-]{43})", token)
    assert parts
    assert parts[1] == key.id
    assert (key.name, key.created_by, key.created_at) == ("Till 4", "asha", NOW)
    assert key.scopes == {Scope.INGEST, Scope.READ}
    [stored] = database["api_keys"].find()
    assert stored["hash"] == hashlib.sha256(parts[2].encode()).digest()
    assert parts[2] not in f"{stored} {key!r} {crm.api_keys()!r}"
    assert crm.api_keys() == (key,)
    assert crm.authenticate(token) == key


@pytest.mark.parametrize("scopes", [[], ["ingest", "write"]])
def test_a_key_without_a_scope_or_with_an_unknown_one_is_refused(
    crm: Crm, scopes: list[str]
) -> None:
    with pytest.raises(InvalidInput, match="valid scopes are ingest, read, erase"):
        crm.create_api_key("till", scopes)
    assert crm.api_keys() == ()


def wrong(token: str) -> list[str]:
    last = "A" if token[-1] != "A" else "B"
    other = "crm_zzzzzzzz_" + token[13:]
    return ["", "x", token[:-1], token[:-1] + last, token + "A", other, token.upper(), token + "\n"]


@pytest.mark.parametrize("place", range(8))
def test_a_wrong_key_is_refused_and_never_quoted(
    crm: Crm, caplog: pytest.LogCaptureFixture, place: int
) -> None:
    _, token = crm.create_api_key("till", ["read"])
    given = wrong(token)[place]
    with caplog.at_level(logging.DEBUG, "engine"), pytest.raises(NotAuthenticated) as caught:
        crm.authenticate(given)
    told = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert token[13:30] not in told
    assert noted(crm) is None


def test_an_unknown_id_takes_the_same_comparison_as_a_known_one(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, token = crm.create_api_key("till", ["read"])
    compared: list[tuple[int, int]] = []
    compare = hmac.compare_digest

    def watched(one: bytes, other: bytes) -> bool:
        compared.append((len(one), len(other)))
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", watched)
    for given in wrong(token):
        with pytest.raises(NotAuthenticated):
            crm.authenticate(given)
    assert compared == [(32, 32)] * 8


def test_a_revoked_key_ends_at_once_here_and_elsewhere_once_its_memory_lapses(
    crm: Crm, elsewhere: ApiKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, token = crm.create_api_key("till", ["read"])
    assert elsewhere.authenticate(token).id == crm.authenticate(token).id == key.id
    revoked = crm.acting_as(Actor("ravi", EVERYTHING)).revoke_api_key(key.id)
    assert (revoked.revoked_at, revoked.revoked_by) == (NOW, "ravi")
    with pytest.raises(NotAuthenticated):
        crm.authenticate(token)
    assert elsewhere.authenticate(token), "it remembers for 5 s"
    monkeypatch.setattr(api_keys, "CACHED_SECONDS", 0.0)
    with pytest.raises(NotAuthenticated):
        elsewhere.authenticate(token)
    again = crm.revoke_api_key(key.id)
    assert (again.revoked_at, again.revoked_by) == (NOW, "ravi"), "the first revocation stays"
    with pytest.raises(NotFound, match="'nobody'"):
        crm.revoke_api_key("nobody")


def test_a_key_that_is_looked_up_while_it_is_revoked_is_not_taken_afterwards(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, token = crm.create_api_key("till", ["read"])
    find = ApiKeyStore.find

    def found_just_before(store: ApiKeyStore, key_id: str) -> object:
        found = find(store, key_id)
        crm.revoke_api_key(key.id)
        return found

    monkeypatch.setattr(ApiKeyStore, "find", found_just_before)
    with pytest.raises(NotAuthenticated):
        crm.authenticate(token)


def test_the_last_use_is_noted_once_a_minute_and_an_earlier_one_never_over_a_later(
    crm: Crm,
    elsewhere: ApiKeys,
    database: Database[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    used = ApiKeyStore.used
    notes: list[str] = []

    def counted(store: ApiKeyStore, key_id: str, **given: Any) -> None:  # noqa: ANN401 - passed on
        notes.append(key_id)
        used(store, key_id, **given)

    monkeypatch.setattr(ApiKeyStore, "used", counted)
    key, token = crm.create_api_key("till", ["read"])
    assert key.last_used_at is None
    for _ in range(50):
        crm.authenticate(token)
    assert noted(crm) == NOW
    assert notes == [key.id]
    later = NOW + timedelta(minutes=5)
    database["api_keys"].update_one({}, {"$set": {"last_used_at": later}})
    elsewhere.authenticate(token)
    elsewhere.close()
    assert crm.api_keys()[0].last_used_at == later


def test_a_request_neither_waits_for_the_note_of_its_use_nor_fails_with_it(
    crm: Crm, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    held = True

    def away(_: ApiKeyStore, key_id: str, **_given: object) -> None:
        while held:
            time.sleep(0.01)
        msg = f"MongoDB does not answer about {key_id}"
        raise StoreUnavailable(msg)

    monkeypatch.setattr(ApiKeyStore, "used", away)
    key, token = crm.create_api_key("till", ["read"])
    assert crm.authenticate(token) == key
    held = False
    assert noted(crm) is None
    assert f"the use of API key {key.id} was not recorded" in caplog.text
    assert token[13:] not in caplog.text


def test_keys_are_listed_latest_first(crm: Crm, database: Database[dict[str, Any]]) -> None:
    first, _ = crm.create_api_key("first", ["read"])
    later = NOW - timedelta(days=1)
    database["api_keys"].update_one({}, {"$set": {"created_at": later}})
    second, _ = crm.create_api_key("second", ["erase"])
    assert [key.id for key in crm.api_keys()] == [second.id, first.id]
