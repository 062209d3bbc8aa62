"""The issuer over HTTP: its discovery document, its keys, and codes exchanged for tokens.

What it answers is bounded in time and size, and followed nowhere it should not lead: no redirects,
and https only, but for an issuer on this machine.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote, urlsplit

import httpx

from engine.auth.signing_keys import SigningKey, signing_keys
from engine.errors import SignInRefused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from ssl import SSLContext

    from engine.domain.sign_in import SignInAttempt

TIMEOUT_SECONDS = 5.0
"""For each step of a request: connecting, sending, and each part of the answer."""
LONGEST_SECONDS = 15.0
MOST_BYTES = 1_000_000
KEPT_SECONDS = 3_600.0
ASKED_AGAIN_SECONDS = 60.0
"""An unknown key is asked for once in so long at most, whoever comes with how many."""
AWAY_SECONDS = 5.0
"""An issuer that does not answer is let alone for so long, so that visitors do not queue up."""
DISCOVERY = "/.well-known/openid-configuration"
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What an issuer's discovery document says."""

    authorization: str
    token: str
    keys: str
    takes_basic: bool
    """The client's secret goes into the Authorization header; into the body otherwise."""


@dataclass(frozen=True, slots=True)
class _Kept:
    keys: tuple[SigningKey, ...]
    at: float


class Provider:
    """One issuer, and us as its client. For use by any number of threads."""

    def __init__(
        self,
        issuer: str,
        client_id: str,
        client_secret: str,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.issuer = issuer
        self.client_id = client_id
        self._secret = client_secret
        self._monotonic = monotonic
        self._lock = Lock()
        self._endpoints: tuple[Endpoints, float] | None = None
        self._away: tuple[str, float] | None = None
        self._keys: _Kept | None = None

    def endpoints(self) -> Endpoints:
        """Return where to ask what; raises Unavailable."""
        with self._lock:
            return self._discovered()

    def keys(self, kid: str | None, *, anew: bool = False) -> tuple[SigningKey, ...]:
        """Return the issuer's keys of an id, or all without one; raises Unavailable.

        They are fetched again for an id that is not there, and ``anew``, but not within a minute.
        """
        with self._lock:
            kept, now = self._keys, self._monotonic()
            if kept is not None and now - kept.at < ASKED_AGAIN_SECONDS:
                anew = False
            elif kept is None or now - kept.at >= KEPT_SECONDS or not _of(kept.keys, kid):
                anew = True
            if kept is None or anew:
                document = self._json("GET", self._discovered().keys)
                kept = self._keys = _Kept(signing_keys(document.get("keys")), now)
            return _of(kept.keys, kid)

    def exchanged(self, code: str, attempt: SignInAttempt) -> str:
        """Return the ID token that a code stands for.

        Raises SignInRefused where the issuer does not take the code, and Unavailable.
        """
        endpoints = self.endpoints()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": attempt.redirect_uri,
            "code_verifier": attempt.code_verifier,
        }
        auth = None
        if endpoints.takes_basic:  # RFC 6749, section 2.3.1: both are form-encoded first
            auth = httpx.BasicAuth(quote(self.client_id, safe=""), quote(self._secret, safe=""))
        else:
            form |= {"client_id": self.client_id, "client_secret": self._secret}
        answer = self._json("POST", endpoints.token, form=form, auth=auth)
        error = answer.get("error")
        if error == "invalid_client":
            msg = (
                f"{self.issuer} does not know this server: GOOGLE_CLIENT_ID or "
                "GOOGLE_CLIENT_SECRET is not what it was given; tell an admin"
            )
            raise SignInRefused(msg)
        token = answer.get("id_token")
        if error is not None or not isinstance(token, str):
            msg = (
                f"{self.issuer} did not complete the sign-in: it was used already, or took too "
                "long; start again"
            )
            raise SignInRefused(msg)
        return token

    # --- HTTP ------------------------------------------------------------------------------

    def _discovered(self) -> Endpoints:
        now = self._monotonic()
        if self._endpoints is not None and now - self._endpoints[1] < KEPT_SECONDS:
            return self._endpoints[0]
        if self._away is not None and now - self._away[1] < AWAY_SECONDS:
            raise Unavailable(self._away[0])
        try:
            endpoints = self._discovery()
        except Unavailable as error:
            self._away = (str(error), self._monotonic())
            raise
        self._endpoints = (endpoints, now)
        return endpoints

    def _discovery(self) -> Endpoints:
        document = self._json("GET", self.issuer + DISCOVERY)
        if document.get("issuer") != self.issuer:
            self._refuse("says that it is another issuer")
        found = [document.get(name) for name in _ENDPOINTS]
        authorization, token, keys = (url if self._is_safe(url) else None for url in found)
        if not (authorization and token and keys):
            self._refuse("names no addresses that can be trusted")
        methods = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        methods = methods if isinstance(methods, list) else []
        if "client_secret_basic" not in methods and "client_secret_post" not in methods:
            self._refuse("takes no client's secret")
        return Endpoints(authorization, token, keys, "client_secret_basic" in methods)

    def _is_safe(self, url: object) -> bool:
        if not isinstance(url, str):
            return False
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        if parts.scheme == "https":
            return bool(parts.hostname)
        return parts.scheme == "http" and self._is_here() and parts.hostname in _HERE

    def _is_here(self) -> bool:
        return urlsplit(self.issuer).hostname in _HERE

    def _json(
        self,
        method: str,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        auth: httpx.Auth | None = None,
    ) -> dict[str, Any]:
        """Return what an address answers, refusals of a form too; raises Unavailable."""
        until = self._monotonic() + LONGEST_SECONDS
        body = bytearray()
        try:
            with (
                # A proxy of the environment's leads out of this machine.
                httpx.Client(
                    timeout=TIMEOUT_SECONDS, verify=_trusted(), trust_env=not self._is_here()
                ) as client,
                client.stream(
                    method, url, data=form, auth=auth, headers={"accept": "application/json"}
                ) as response,
            ):
                if response.status_code != httpx.codes.OK and not (
                    form and response.status_code in {400, 401}
                ):
                    self._refuse(f"answers with status {response.status_code}")
                for part in response.iter_bytes():
                    body += part
                    if len(body) > MOST_BYTES or self._monotonic() > until:
                        self._refuse("answers at too great length")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            msg = f"{self.issuer} does not answer ({type(error).__name__}); try again in a moment"
            raise Unavailable(msg) from None
        try:
            document = json.loads(body)
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict):
            self._refuse("answers something that is no JSON object")
        return document

    def _refuse(self, what: str) -> NoReturn:
        msg = f"{self.issuer} does not answer as an issuer does: it {what}"
        raise Unavailable(msg)


@cache
def _trusted() -> SSLContext:
    """Return the authorities that TLS is trusted by; reading them takes 46 ms."""
    return httpx.create_ssl_context()


def _of(keys: tuple[SigningKey, ...], kid: str | None) -> tuple[SigningKey, ...]:
    return keys if kid is None else tuple(key for key in keys if key.kid == kid)
