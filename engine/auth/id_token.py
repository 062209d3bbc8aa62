"""ID tokens, verified (OpenID Connect Core, section 3.1.3.7): nobody's word is taken for anything.

The key decides which algorithm a token may name, never the token: a token that names none, or an
HMAC over the public key, is refused before anything is computed.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from joserfc import jws, jwt
from joserfc.errors import JoseError

from engine.auth.secret_texts import same
from engine.auth.signing_keys import ALGORITHM_OF
from engine.domain.user import Identity
from engine.errors import SignInRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.auth.provider import Provider
    from engine.auth.signing_keys import SigningKey

LEEWAY = timedelta(seconds=60)
GOOGLE = "https://accounts.google.com"
LONGEST_SUBJECT = 255
LONGEST_EMAIL = 254
_ALGORITHMS = tuple(ALGORITHM_OF.values())


def verified(token: str, provider: Provider, *, nonce: str, now: datetime) -> Identity:
    """Return who an ID token says somebody is, if all of it holds.

    Raises SignInRefused with a sentence for the person, and Unavailable where the issuer's keys
    cannot be had.
    """
    claims = _signed(token, provider)
    _of_this_issuer(claims, provider.issuer)
    _for_this_client(claims, provider.client_id)
    _at_this_time(claims, now)
    given = claims.get("nonce")
    if not isinstance(given, str) or not same(given, nonce):
        _refuse("it belongs to another sign-in")
    return _identity(claims, provider.issuer)


def _signed(token: str, provider: Provider) -> Mapping[str, Any]:
    kid = _key_named(token)
    for anew in (False, True):  # an issuer that names no keys may have new ones
        for key in provider.keys(kid, anew=anew):
            claims = _claims(token, key)
            if claims is not None:
                return claims
    return _refuse("it is signed by a key that the issuer does not have")


def _key_named(token: str) -> str | None:
    """Return the id of the key that a token names, if it names one and an algorithm we take."""
    try:
        header = jws.extract_compact(token.encode("ascii")).headers()
    except (JoseError, ValueError):
        _refuse("it is no signed token")
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in _ALGORITHMS:
        _refuse(f"it is signed in a way that is not taken ({str(algorithm)[:20]!r})")
    if kid is not None and not isinstance(kid, str):
        _refuse("its key has no name")
    return kid


def _claims(token: str, key: SigningKey) -> Mapping[str, Any] | None:
    """Return what a token says; None where this key did not sign it."""
    registry = jws.JWSRegistry(algorithms=[key.algorithm], strict_check_header=False)
    try:
        return jwt.decode(token, key.key, [key.algorithm], registry).claims
    except (JoseError, ValueError, RecursionError):
        return None


def _of_this_issuer(claims: Mapping[str, Any], issuer: str) -> None:
    # Google documents both forms of its name.
    names = {issuer, "accounts.google.com"} if issuer == GOOGLE else {issuer}
    given = claims.get("iss")
    if not isinstance(given, str) or given not in names:
        _refuse("another issuer made it")


def _for_this_client(claims: Mapping[str, Any], client_id: str) -> None:
    audience, party = claims.get("aud"), claims.get("azp")
    listed = audience if isinstance(audience, list) else [audience]
    several = len(listed) > 1
    if client_id not in listed or ((party or several) and party != client_id):
        _refuse("it is meant for another application")


def _at_this_time(claims: Mapping[str, Any], now: datetime) -> None:
    expires, issued = _instant(claims, "exp"), _instant(claims, "iat")
    begins = _instant(claims, "nbf") if "nbf" in claims else issued
    if now >= expires + LEEWAY:
        _refuse_for_time(f"the sign-in ended at {_clock(expires)}", now)
    if now < max(issued, begins) - LEEWAY:
        _refuse_for_time(f"the sign-in begins at {_clock(max(issued, begins))}", now)


def _instant(claims: Mapping[str, Any], name: str) -> datetime:
    given = claims.get(name)
    if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given):
        _refuse(f"it has no time {name!r}")
    try:
        return datetime.fromtimestamp(given, UTC)
    except (ValueError, OverflowError, OSError):
        _refuse(f"its time {name!r} cannot be")


def _identity(claims: Mapping[str, Any], issuer: str) -> Identity:
    subject, email = claims.get("sub"), claims.get("email")
    if (
        not isinstance(subject, str)
        or not 1 <= len(subject) <= LONGEST_SUBJECT
        or not subject.isprintable()
    ):
        _refuse("it names nobody")
    if (
        not isinstance(email, str)
        or not 1 <= len(email) <= LONGEST_EMAIL
        or "@" not in email
        or not email.isprintable()
    ):
        msg = "your account gave no e-mail address; allow it, or sign in with another account"
        raise SignInRefused(msg)
    if claims.get("email_verified") is not True:  # a text or a number is no yes
        msg = (
            f"{issuer} has not verified the address of your account; verify it there, or sign in "
            "with another account"
        )
        raise SignInRefused(msg)
    name = claims.get("name")
    named = name if isinstance(name, str) and name.strip() else email
    kept_by = claims.get("hd")
    return Identity(
        issuer=issuer,
        subject=subject,
        email=email.lower(),
        name=named,
        organisation=kept_by.lower() if isinstance(kept_by, str) else None,
    )


def _clock(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%d %H:%M:%S UTC")


def _refuse_for_time(what: str, now: datetime) -> NoReturn:
    msg = (
        f"a clock is off: {what}, and this server's clock says {_clock(now)}; set the server's "
        "clock, or start again if you waited long"
    )
    raise SignInRefused(msg)


def _refuse(why: str) -> NoReturn:
    msg = f"the issuer's answer is not accepted, because {why}; start again"
    raise SignInRefused(msg) from None
