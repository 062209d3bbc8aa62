"""Vendors' credentials: kept encrypted, opened under their own key and name only, never shown."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from engine.auth.credentials import Credentials
from engine.domain.clock import FixedClock
from engine.errors import InvalidInput, NotFound, SettingsError
from engine.store.credentials import CredentialStore
from tests.conftest import NOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from pymongo.database import Database

KEY, OTHER_KEY = "k" * 32, "o" * 32
VALUE = "s3cret-value-of-a-vendor"


@pytest.fixture
def under(database: Database[dict[str, Any]]) -> Callable[[str | None], Credentials]:
    def opened(key: str | None = KEY) -> Credentials:
        return Credentials(CredentialStore(database), key, FixedClock(NOW))

    return opened


def test_a_value_is_kept_encrypted_and_opened_for_the_vendors_code(
    under: Callable[..., Credentials],
    database: Database[dict[str, Any]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG):
        kept = under().set(" Twilio ", "auth_token", f" {VALUE}\n", by="asha")
        assert under().reveal("twilio", "auth_token") == VALUE
    assert (kept.vendor, kept.name, kept.set_by, kept.set_at) == (
        *("twilio", "auth_token"),
        *("asha", NOW),
    )
    assert kept.readable
    assert under().all() == (kept,)
    stored = str(list(database["credentials"].find()))
    for told in (stored, repr(kept), caplog.text):
        assert VALUE not in told
        assert KEY not in told


def test_the_same_value_is_never_encrypted_the_same(
    under: Callable[..., Credentials], database: Database[dict[str, Any]]
) -> None:
    seen = set()
    for _ in range(3):
        under().set("twilio", "auth_token", VALUE, by="asha")
        [document] = database["credentials"].find()
        seen |= {bytes(document["nonce"]), bytes(document["sealed"])}
        assert len(document["nonce"]) == 12
    assert len(seen) == 6


def test_without_a_key_nothing_is_kept_and_a_sentence_says_how_to_set_one(
    under: Callable[..., Credentials], database: Database[dict[str, Any]]
) -> None:
    with pytest.raises(SettingsError, match="CRM_SECRETS_KEY is not set: set it to a secret of 32"):
        under(None).set("twilio", "auth_token", VALUE, by="asha")
    assert database["credentials"].count_documents({}) == 0
    assert not under(None).has_key


@pytest.mark.parametrize("key", [None, OTHER_KEY])
def test_another_key_later_is_told(under: Callable[..., Credentials], key: str | None) -> None:
    under().set("twilio", "auth_token", VALUE, by="asha")
    later = under(key)
    assert [one.readable for one in later.all()] == [False]
    with pytest.raises(SettingsError, match="another CRM_SECRETS_KEY" if key else "is not set"):
        later.reveal("twilio", "auth_token")
    if key:
        later.set("twilio", "auth_token", "new", by="asha")
        assert later.reveal("twilio", "auth_token") == "new"


def test_a_value_that_was_moved_or_changed_in_the_database_is_not_opened(
    under: Callable[..., Credentials], database: Database[dict[str, Any]]
) -> None:
    credentials, stored = under(), database["credentials"]
    credentials.set("twilio", "auth_token", VALUE, by="asha")
    credentials.set("other", "auth_token", "harmless", by="asha")
    taken = stored.find_one({"_id": "twilio/auth_token"}, {"nonce": 1, "sealed": 1, "_id": 0})
    assert taken
    stored.update_one({"_id": "other/auth_token"}, {"$set": taken})
    with pytest.raises(SettingsError, match="somebody changed it in the database"):
        credentials.reveal("other", "auth_token")
    flipped = bytes([taken["sealed"][0] ^ 1]) + bytes(taken["sealed"][1:])
    stored.update_one({"_id": "twilio/auth_token"}, {"$set": {"sealed": flipped}})
    with pytest.raises(SettingsError, match="somebody changed it in the database"):
        credentials.reveal("twilio", "auth_token")


@pytest.mark.parametrize(
    ("vendor", "name", "value", "told"),
    [
        ("", "token", VALUE, "cannot name a vendor"),
        ("a/b", "token", VALUE, "cannot name a vendor"),
        ("twilio", "auth token", VALUE, "cannot name a credential"),
        ("twilio", "x" * 41, VALUE, "cannot name a credential"),
        (VALUE, "token", "x", "cannot name a vendor"),
        ("twilio", VALUE, "x", "cannot name a credential"),
        ("twilio", "token", "  ", "the value is empty"),
        ("twilio", "token", f"{VALUE}\n{VALUE}", "line break"),
        ("twilio", "token", VALUE * 1_000, "the limit is 4,096"),
    ],
)
def test_what_cannot_be_kept_is_told_without_the_value(
    under: Callable[..., Credentials], vendor: str, name: str, value: str, told: str
) -> None:
    with pytest.raises(InvalidInput, match=told) as refused:
        under().set(vendor, name, value, by="asha")
    assert VALUE not in str(refused.value)
    assert under().all() == ()


def test_a_removed_credential_is_gone(under: Callable[..., Credentials]) -> None:
    credentials = under()
    credentials.set("twilio", "auth_token", VALUE, by="asha")
    credentials.remove("twilio", "auth_token")
    assert credentials.all() == ()
    for act in (credentials.remove, credentials.reveal):
        with pytest.raises(NotFound, match="no credential 'auth_token' of 'twilio'"):
            act("twilio", "auth_token")
