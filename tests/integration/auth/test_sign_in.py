"""Signing in at an issuer: what a good answer does, and that no other answer does it."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from engine.auth.provider import DISCOVERY, Provider
from engine.domain.permission import Role
from engine.domain.sign_in import SignInMode
from engine.domain.user import Origin
from engine.errors import SignInRefused, Unavailable
from tests.integration.auth.issuer import (
    CLIENT_ID,
    CLIENT_SECRET,
    REDIRECT,
    Forger,
    consent,
    parameters,
    provider_mock,
    tell,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.auth.access import Access
    from engine.auth.sign_in import SignIn
    from engine.crm import Crm
    from engine.domain.sign_in import SignInAttempt
    from engine.domain.user import Identity
    from tests.integration.auth.conftest import MovingClock

HERE = Origin(address="192.0.2.7", agent="a browser")


@pytest.fixture(scope="module")
def real_issuer() -> Iterator[str]:
    with provider_mock("asha@example.com", "ben@example.org") as issuer:
        yield issuer


@pytest.fixture
def crm(real_issuer: str, opening: Callable[..., Crm]) -> Crm:
    return opening(
        mode=SignInMode.GOOGLE,
        oidc_issuer=real_issuer,
        google_client_id=CLIENT_ID,
        google_client_secret=CLIENT_SECRET,
        admin_emails=("asha@example.com",),
    )


def began(door: Access | SignIn) -> tuple[SignInAttempt, str]:
    attempt = door.start(REDIRECT)
    return attempt, door.authorization_url(attempt)


def signed_in(sign_in: SignIn, forger: Forger, **more: Any) -> Identity:  # noqa: ANN401 - passed on
    attempt, url = began(sign_in)
    return sign_in.identity(attempt, forger.reply(url) | more)


def test_who_signs_in_at_a_real_issuer_has_a_session(crm: Crm) -> None:
    attempt, url = began(crm.access)
    opened = crm.access.finish(attempt, consent(url, "asha@example.com"), origin=HERE)
    user = opened.signed_in.user
    assert (user.email, user.name, user.role) == ("asha@example.com", "Asha", Role.ADMIN)
    assert crm.access.recognise(opened.token) == opened.signed_in
    assert opened.signed_in.actor().address == HERE.address
    [line] = crm.audit.page().entries
    assert (line.actor, line.action, line.outcome, line.address) == (
        *("asha@example.com", "sign_in", "done", "192.0.2.7"),
    )


def test_a_consent_that_was_denied_is_told(crm: Crm) -> None:
    attempt, url = began(crm.access)
    reply = consent(url, "asha@example.com", denied=True)
    # The mock leaves the state out of a refusal; real issuers give it back.
    with pytest.raises(SignInRefused, match="you did not let http"):
        crm.access.finish(attempt, {"state": attempt.state} | reply, origin=HERE)


def test_who_is_not_invited_is_told_and_written_down(crm: Crm) -> None:
    attempt, url = began(crm.access)
    with pytest.raises(SignInRefused, match=r"ben@example\.org is not invited here"):
        crm.access.finish(attempt, consent(url, "ben@example.org"), origin=HERE)
    [line] = crm.audit.page().entries
    assert (line.actor, line.action, line.outcome) == ("ben@example.org", "sign_in", "refused")


def test_an_address_that_the_real_issuer_has_not_verified_is_refused(
    crm: Crm, real_issuer: str
) -> None:
    tell(real_issuer, "eve", email="asha@example.com", email_verified=False)
    attempt, url = began(crm.access)
    with pytest.raises(SignInRefused, match="has not verified the address"):
        crm.access.finish(attempt, consent(url, "eve"), origin=HERE)


def test_a_code_of_another_sign_in_is_refused(crm: Crm) -> None:
    """A code that was stolen elsewhere, put into one's own reply: its nonce is another."""
    _, stolen_url = began(crm.access)
    code = consent(stolen_url, "asha@example.com")["code"]
    attempt, _ = began(crm.access)
    with pytest.raises(SignInRefused, match="it belongs to another sign-in"):
        crm.access.finish(attempt, {"state": attempt.state, "code": code}, origin=HERE)


def test_the_issuer_is_asked_with_state_nonce_and_challenge(
    sign_in: SignIn, forger: Forger
) -> None:
    attempt, url = began(sign_in)
    asked = parameters(url)
    assert url.startswith(f"{forger.issuer}/authorize?")
    assert asked["redirect_uri"] == REDIRECT
    assert (asked["response_type"], asked["scope"]) == ("code", "openid email profile")
    assert (asked["client_id"], asked["code_challenge_method"]) == (CLIENT_ID, "S256")
    assert asked["code_challenge"] == attempt.code_challenge
    secrets = (attempt.state, attempt.nonce, attempt.code_verifier)
    assert len({*secrets, *(began(sign_in)[0].state for _ in range(3))}) == 6
    assert attempt.code_verifier not in url
    assert not any(secret in repr(attempt) for secret in secrets)


def test_the_code_is_exchanged_with_the_verifier_and_the_clients_secret(
    sign_in: SignIn, forger: Forger
) -> None:
    attempt, url = began(sign_in)
    sign_in.identity(attempt, forger.reply(url))
    [(form, authorization)] = [(form, by) for path, form, by in forger.asked if path == "/token"]
    assert form["code_verifier"] == attempt.code_verifier
    assert form["redirect_uri"] == REDIRECT
    assert authorization.startswith("Basic ")
    assert "client_secret" not in form


def test_an_issuer_that_takes_the_secret_in_the_body_gets_it_there(
    sign_in: SignIn, forger: Forger
) -> None:
    forger.discovery = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    signed_in(sign_in, forger)
    [(form, authorization)] = [(form, by) for path, form, by in forger.asked if path == "/token"]
    assert (form["client_id"], form["client_secret"]) == (CLIENT_ID, CLIENT_SECRET)
    assert authorization == ""


@pytest.mark.parametrize("state", [None, "", "another", 7, "\ud800"])
def test_a_reply_with_a_missing_or_wrong_state_is_refused_and_its_code_not_used(
    sign_in: SignIn, forger: Forger, state: object
) -> None:
    attempt, url = began(sign_in)
    reply: dict[str, object] = {**forger.reply(url), "state": state}
    if state is None:
        del reply["state"]
    with pytest.raises(SignInRefused, match="does not belong to the sign-in that began here"):
        sign_in.identity(attempt, reply)
    assert forger.times("/token") == 0


def test_the_state_of_another_attempt_is_refused(sign_in: SignIn, forger: Forger) -> None:
    _, url = began(sign_in)
    attempt, _ = began(sign_in)
    with pytest.raises(SignInRefused, match="does not belong to the sign-in that began here"):
        sign_in.identity(attempt, forger.reply(url))


def test_a_reply_is_taken_once(sign_in: SignIn, forger: Forger) -> None:
    attempt, url = began(sign_in)
    reply = forger.reply(url)
    sign_in.identity(attempt, reply)
    forger.reply(url)  # the issuer would take the code again
    with pytest.raises(SignInRefused, match="this sign-in was used already"):
        sign_in.identity(attempt, reply)
    assert forger.times("/token") == 1


def test_a_code_that_the_issuer_has_taken_before_is_refused(
    sign_in: SignIn, forger: Forger
) -> None:
    first, url = began(sign_in)
    code = forger.reply(url)["code"]
    sign_in.identity(first, forger.reply(url))
    second, _ = began(sign_in)
    with pytest.raises(SignInRefused, match="did not complete the sign-in: it was used already"):
        sign_in.identity(second, {"code": code, "state": second.state})


def test_a_sign_in_holds_for_ten_minutes(
    sign_in: SignIn, forger: Forger, clock: MovingClock
) -> None:
    attempt, url = began(sign_in)
    clock.passes(minutes=10)
    with pytest.raises(SignInRefused, match="took longer than ten minutes"):
        sign_in.identity(attempt, forger.reply(url))


def test_a_reply_in_another_issuers_name_is_refused(sign_in: SignIn, forger: Forger) -> None:
    assert signed_in(sign_in, forger, iss=forger.issuer)
    with pytest.raises(SignInRefused, match="comes from another issuer"):
        signed_in(sign_in, forger, iss="https://elsewhere.example")
    assert forger.times("/token") == 1


@pytest.mark.parametrize(
    ("error", "told"),
    [
        *(("access_denied", "you did not let"), ("server_error", "server_error")),
        *(("<b>", "unknown"), (["access_denied"], "unknown"), ({}, "unknown"), (7, "unknown")),
    ],
)
def test_an_error_in_the_reply_is_told_in_a_sentence(
    sign_in: SignIn, forger: Forger, error: object, told: str
) -> None:
    with pytest.raises(SignInRefused, match=told) as caught:
        signed_in(sign_in, forger, error=error)
    assert "<" not in str(caught.value)


@pytest.mark.parametrize("code", [None, "", 7, "x" * 5_000])
def test_a_reply_without_a_code_is_refused(sign_in: SignIn, forger: Forger, code: object) -> None:
    with pytest.raises(SignInRefused, match="the answer holds no code"):
        signed_in(sign_in, forger, code=code)


def test_settings_that_the_issuer_does_not_know_are_told(sign_in: SignIn, forger: Forger) -> None:
    forger.token_answer = (401, b'{"error": "invalid_client"}')
    with pytest.raises(SignInRefused, match="GOOGLE_CLIENT_SECRET is not what it was given") as e:
        signed_in(sign_in, forger)
    assert CLIENT_SECRET not in str(e.value)


@pytest.mark.parametrize(
    "answer",
    [
        (200, b"no json"),
        (200, b"[]"),
        (200, b"[" * 100_000),
        (500, b"{}"),
        (302, b"{}"),
        (200, b'{"id_token": "' + b"x" * 2_000_000 + b'"}'),
    ],
    ids=["text", "a list", "deep", "an error", "a redirect", "two megabytes"],
)
def test_an_issuer_that_answers_strangely_is_told_as_out_of_reach(
    sign_in: SignIn, forger: Forger, answer: tuple[int, bytes]
) -> None:
    forger.token_answer = answer
    with pytest.raises(Unavailable, match="does not answer as an issuer does"):
        signed_in(sign_in, forger)
    assert forger.times("/elsewhere") == 0


def test_an_issuer_that_does_not_answer_is_told(sign_in: SignIn, forger: Forger) -> None:
    forger.__exit__()
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:\d+ does not answer \(ConnectError\)"):
        began(sign_in)


def test_an_answer_that_takes_longer_than_fifteen_seconds_is_given_up(forger: Forger) -> None:
    looks = count(start=1_000, step=16)
    provider = Provider(forger.issuer, CLIENT_ID, CLIENT_SECRET, monotonic=lambda: next(looks))
    with pytest.raises(Unavailable, match="at too great length"):
        provider.endpoints()


def test_an_issuer_that_does_not_answer_is_let_alone_for_five_seconds(forger: Forger) -> None:
    now = 1_000.0
    provider = Provider(forger.issuer, CLIENT_ID, CLIENT_SECRET, monotonic=lambda: now)
    forger.discovery = {"issuer": "another"}
    for _ in range(20):
        with pytest.raises(Unavailable, match="does not answer as an issuer does"):
            provider.endpoints()
    assert forger.times(DISCOVERY) == 1
    forger.discovery = {}
    now += 5
    assert provider.endpoints()
    now += 3_599
    assert provider.endpoints()
    assert forger.times(DISCOVERY) == 2


@pytest.mark.parametrize(
    "says",
    [
        {"issuer": "https://accounts.google.com"},
        {"issuer": None},
        {"jwks_uri": "http://192.0.2.1/jwks"},
        {"token_endpoint": "file:///etc/passwd"},
        {"token_endpoint": "https://[bad"},
        {"authorization_endpoint": None},
        {"token_endpoint_auth_methods_supported": ["private_key_jwt"]},
        {"token_endpoint_auth_methods_supported": None},
    ],
)
def test_a_discovery_document_that_leads_astray_is_refused(
    sign_in: SignIn, forger: Forger, says: dict[str, object]
) -> None:
    forger.discovery = says
    with pytest.raises(Unavailable, match="does not answer as an issuer does"):
        began(sign_in)


def test_nobody_signs_in_with_an_account_where_the_demo_is_on(
    opening: Callable[..., Crm], google: Crm, forger: Forger
) -> None:
    demo = opening(mode=SignInMode.DEMO, oidc_issuer=forger.issuer)
    attempt, url = began(google.access)
    for call in (
        lambda: demo.access.start(REDIRECT),
        lambda: demo.access.authorization_url(attempt),
        lambda: demo.access.finish(attempt, forger.reply(url), origin=HERE),
    ):
        with pytest.raises(SignInRefused, match="no issuer is configured"):
            call()
