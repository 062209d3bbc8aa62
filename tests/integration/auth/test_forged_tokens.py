"""Tokens that are not what they say: each is refused, for what is wrong with it."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from engine.auth.id_token import verified
from engine.auth.provider import Provider
from engine.errors import SignInRefused
from tests.integration.auth.issuer import (
    CLIENT_ID,
    CLIENT_SECRET,
    Forger,
    segments,
    signed_by,
)
from tests.integration.auth.test_sign_in import HERE, began, signed_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from pymongo.database import Database

    from engine.auth.sign_in import SignIn
    from engine.crm import Crm
    from tests.integration.auth.conftest import MovingClock

UNKNOWN_KEY = "signed by a key that the issuer does not have"


@pytest.fixture(scope="module")
def another_key() -> RSAKey:
    return RSAKey.generate_key(2048)


def refused(sign_in: SignIn, forger: Forger, why: str) -> None:
    """Assert that what the forger says is refused."""
    with pytest.raises(SignInRefused, match=why):
        signed_in(sign_in, forger)
    assert forger.times("/token") == 1


def hmac_signed(secret: bytes) -> Callable[[dict[str, Any], bytes], str]:
    def sign(header: dict[str, Any], payload: bytes) -> str:
        told = header | {"alg": "HS256"}
        unsigned = segments(told, payload).rpartition(".")[0]
        mac = hmac.digest(secret, unsigned.encode(), hashlib.sha256)
        return segments(told, payload, mac)

    return sign


def test_what_the_forger_says_by_itself_is_taken(sign_in: SignIn, forger: Forger) -> None:
    told = signed_in(sign_in, forger)
    assert (told.issuer, told.subject) == (forger.issuer, "subject-1")
    assert (told.email, told.name) == ("asha@example.com", "Asha")


def test_a_forged_token_begins_no_session_and_is_written_down(
    google: Crm, forger: Forger, database: Database[dict[str, Any]]
) -> None:
    attempt, url = began(google.access)
    forger.signed = lambda header, payload: segments(header | {"alg": "none"}, payload)
    with pytest.raises(SignInRefused, match="signed in a way that is not taken"):
        google.access.finish(attempt, forger.reply(url), origin=HERE)
    assert database["sessions"].count_documents({}) == 0
    [line] = google.audit.page().entries
    assert (line.actor, line.action, line.outcome) == ("nobody", "sign_in", "refused")
    assert line.address == HERE.address


@pytest.mark.parametrize("name", ["none", "None", "NONE", "", None, 7])
def test_a_token_without_an_algorithm_is_refused(
    sign_in: SignIn, forger: Forger, name: object
) -> None:
    forger.signed = lambda header, payload: segments(header | {"alg": name}, payload)
    refused(sign_in, forger, "signed in a way that is not taken")


def test_a_token_with_an_hmac_of_the_public_key_is_refused(sign_in: SignIn, forger: Forger) -> None:
    forger.signed = hmac_signed(forger.key.as_pem(private=False))
    refused(sign_in, forger, r"signed in a way that is not taken \('HS256'\)")


def test_a_token_with_an_hmac_of_the_clients_secret_is_refused(
    sign_in: SignIn, forger: Forger
) -> None:
    forger.signed = hmac_signed(CLIENT_SECRET.encode())
    refused(sign_in, forger, "signed in a way that is not taken")


@pytest.mark.parametrize("algorithm", ["RS512", "PS256"])
def test_a_token_with_an_algorithm_that_is_not_expected_is_refused(
    sign_in: SignIn, forger: Forger, algorithm: str
) -> None:
    forger.header["alg"] = algorithm
    refused(sign_in, forger, "signed in a way that is not taken")


@pytest.mark.parametrize("kid", ["one", "two", None])
def test_a_token_of_another_key_is_refused_by_whatever_name(
    sign_in: SignIn, forger: Forger, another_key: RSAKey, kid: str | None
) -> None:
    forger.header = {"alg": "RS256"} | ({"kid": kid} if kid else {})
    forger.signed = lambda header, payload: signed_by(another_key, header, payload)
    refused(sign_in, forger, UNKNOWN_KEY)


def test_a_key_that_the_token_brings_along_is_not_taken(
    sign_in: SignIn, forger: Forger, another_key: RSAKey
) -> None:
    forger.header = {"alg": "RS256", "jwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"}}
    forger.signed = lambda header, payload: signed_by(another_key, header, payload)
    refused(sign_in, forger, UNKNOWN_KEY)


def test_a_token_that_was_changed_after_it_was_signed_is_refused(
    sign_in: SignIn, forger: Forger
) -> None:
    def changed(header: dict[str, Any], payload: bytes) -> str:
        head, _, signature = signed_by(forger.key, header, payload).split(".")
        other = payload.replace(b"subject-1", b"subject-2")
        return f"{head}.{segments({}, other).split('.')[1]}.{signature}"

    forger.signed = changed
    refused(sign_in, forger, UNKNOWN_KEY)


@pytest.mark.parametrize(
    "token", ["", "x", "a.b", "a.b.c", "a.b.c.d.e", "é.é.é", "e30.e30.e30", "W10.e30.AA"]
)
def test_what_is_no_signed_token_is_refused(sign_in: SignIn, forger: Forger, token: str) -> None:
    forger.signed = lambda *_: token
    refused(sign_in, forger, "it is no signed token|signed in a way that is not taken")


@pytest.mark.parametrize("payload", [b"[]", b"null", b"no json", b"\xff", b"[" * 20_000])
def test_a_token_that_says_nothing_readable_is_refused(
    sign_in: SignIn, forger: Forger, payload: bytes
) -> None:
    forger.signed = lambda header, _: signed_by(forger.key, header, payload)
    refused(sign_in, forger, UNKNOWN_KEY)


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"iss": "https://accounts.google.com"}, "another issuer made it"),
        ({"iss": None}, "another issuer made it"),
        ({"iss": ["{issuer}"]}, "another issuer made it"),
        ({"aud": "another-client"}, "it is meant for another application"),
        ({"aud": None}, "it is meant for another application"),
        ({"aud": []}, "it is meant for another application"),
        ({"aud": [CLIENT_ID, "another-client"]}, "it is meant for another application"),
        ({"aud": [CLIENT_ID, "b"], "azp": "b"}, "it is meant for another application"),
        ({"azp": "another-client"}, "it is meant for another application"),
        ({"nonce": "another"}, "it belongs to another sign-in"),
        ({"nonce": None}, "it belongs to another sign-in"),
        ({"nonce": ""}, "it belongs to another sign-in"),
        ({"nonce": "\ud800"}, "it belongs to another sign-in"),
        ({"email_verified": False}, "has not verified the address"),
        ({"email_verified": None}, "has not verified the address"),
        ({"email_verified": "true"}, "has not verified the address"),
        ({"email_verified": 1}, "has not verified the address"),
        ({"email": None}, "gave no e-mail address"),
        ({"email": ""}, "gave no e-mail address"),
        ({"email": "no-address"}, "gave no e-mail address"),
        ({"email": "asha@example.com\n"}, "gave no e-mail address"),
        ({"email": ["asha@example.com"]}, "gave no e-mail address"),
        ({"sub": None}, "it names nobody"),
        ({"sub": ""}, "it names nobody"),
        ({"sub": "\ud800"}, "it names nobody"),
        ({"sub": 7}, "it names nobody"),
        ({"exp": None}, "it has no time 'exp'"),
        ({"exp": True}, "it has no time 'exp'"),
        ({"exp": "soon"}, "it has no time 'exp'"),
        ({"exp": float("inf")}, "it has no time 'exp'"),
        ({"exp": 1e300}, "its time 'exp' cannot be"),
        ({"iat": None}, "it has no time 'iat'"),
    ],
    ids=str,
)
def test_a_token_with_a_wrong_claim_is_refused(
    sign_in: SignIn, forger: Forger, claims: dict[str, object], why: str
) -> None:
    forger.claims = claims
    refused(sign_in, forger, why)


@pytest.mark.parametrize(
    ("claims", "told"),
    [({"exp": -61}, "ended at"), ({"iat": 62}, "begins at"), ({"nbf": 62}, "begins at")],
    ids=str,
)
def test_a_token_out_of_its_time_is_refused_and_the_clock_is_named(
    sign_in: SignIn, forger: Forger, clock: MovingClock, claims: dict[str, int], told: str
) -> None:
    now = int(clock.now().timestamp())
    forger.claims = {"iat": now - 600, **{name: now + by for name, by in claims.items()}}
    refused(sign_in, forger, f"a clock is off: the sign-in {told} .* this server's clock says")


@pytest.mark.parametrize("claims", [{"exp": -58}, {"iat": 58}, {"nbf": 58}], ids=str)
def test_a_minute_between_two_clocks_is_nothing(
    sign_in: SignIn, forger: Forger, clock: MovingClock, claims: dict[str, int]
) -> None:
    now = int(clock.now().timestamp())
    forger.claims = {"iat": now - 600, **{name: now + by for name, by in claims.items()}}
    assert signed_in(sign_in, forger)


def test_several_audiences_are_taken_where_we_are_the_party(
    sign_in: SignIn, forger: Forger
) -> None:
    forger.claims = {"aud": ["another-client", CLIENT_ID], "azp": CLIENT_ID}
    assert signed_in(sign_in, forger)


def test_a_key_on_the_p_256_curve_is_taken(sign_in: SignIn, forger: Forger) -> None:
    key = ECKey.generate_key("P-256", {"kid": "curve"})
    forger.published = [key.as_dict(private=False)]
    forger.header = {"alg": "ES256", "kid": "curve"}
    forger.signed = lambda header, payload: signed_by(key, header, payload)
    assert signed_in(sign_in, forger)


def test_keys_that_no_token_may_be_signed_with_are_left_out(
    sign_in: SignIn, forger: Forger, another_key: RSAKey
) -> None:
    good = forger.key.as_dict(private=False)
    modulus = str(good["n"])
    forger.header = {"alg": "RS256"}
    forger.published = [
        OctKey.generate_key(256).as_dict(private=True),
        {**good, "use": "enc"},
        {**good, "alg": "PS256"},
        {**good, "n": modulus[:171]},
        {**good, "n": "!" * 400},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "RSA"},
        another_key.as_dict(private=False),
    ]
    refused(sign_in, forger, UNKNOWN_KEY)


@pytest.mark.parametrize("published", [[], ["x", 7, None, []], [{"kty": ["RSA"]}]], ids=str)
def test_a_key_set_without_keys_lets_nobody_in(
    sign_in: SignIn, forger: Forger, published: list[Any]
) -> None:
    forger.published = published
    refused(sign_in, forger, UNKNOWN_KEY)


def test_a_token_that_names_no_key_is_taken_where_one_of_the_keys_made_it(
    sign_in: SignIn, forger: Forger, another_key: RSAKey
) -> None:
    forger.header = {"alg": "RS256"}
    forger.published = [another_key.as_dict(private=False), forger.key.as_dict(private=False)]
    assert signed_in(sign_in, forger)


@pytest.mark.parametrize("kid", ["two", None])
def test_new_keys_are_fetched_once_a_minute_at_most(
    forger: Forger, another_key: RSAKey, kid: str | None
) -> None:
    now = 1_000.0
    provider = Provider(forger.issuer, CLIENT_ID, CLIENT_SECRET, monotonic=lambda: now)
    assert [key.kid for key in provider.keys("one")] == ["one"]
    forger.published = [another_key.as_dict(private=False) | {"kid": "two"}]
    for _ in range(20):
        provider.keys("two")
        provider.keys("one")
        provider.keys(kid, anew=True)
    assert forger.times("/jwks") == 1
    now += 60
    for _ in range(20):
        assert [key.kid for key in provider.keys(kid, anew=kid is None)] == ["two"]
    assert forger.times("/jwks") == 2
    now += 3_599
    provider.keys("two")
    assert forger.times("/jwks") == 2
    now += 1
    provider.keys("two")
    assert forger.times("/jwks") == 3


def test_a_sign_in_follows_new_keys_of_an_issuer_that_names_none(forger: Forger) -> None:
    now = 1_000.0
    provider = Provider(forger.issuer, CLIENT_ID, CLIENT_SECRET, monotonic=lambda: now)
    forger.header = {"alg": "RS256"}
    moment = datetime.now(UTC)
    assert verified(forger.token("n"), provider, nonce="n", now=moment)
    forger.key = RSAKey.generate_key(2048)
    with pytest.raises(SignInRefused, match=UNKNOWN_KEY):
        verified(forger.token("n"), provider, nonce="n", now=moment)
    now += 60
    assert verified(forger.token("n"), provider, nonce="n", now=moment)
