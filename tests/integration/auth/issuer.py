"""Issuers on this machine: a real one, for who means well, and one of our own that forges."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

CLIENT_ID = "crm-client"
CLIENT_SECRET = "crm-client-secret-of-the-tests"  # noqa: S105 - no secret
REDIRECT = "http://127.0.0.1:8501/component/streamlit_oauth.authorize_button/index.html"
SECONDS = 30


@contextmanager
def provider_mock(*emails: str) -> Iterator[str]:
    """Run oidc-provider-mock for people with verified addresses; yield the issuer.

    A person's subject is the address. :func:`tell` gives more people, or other claims.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    claims = [arg for one in emails for arg in ("--user-claims", json.dumps(_claims_of(one)))]
    issuer = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(  # noqa: S603 - a development dependency
        [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), *claims],
        env={"PATH": os.environ["PATH"], "NO_COLOR": "1"},
        stderr=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + SECONDS
        while True:
            try:
                httpx.get(f"{issuer}/jwks", trust_env=False).raise_for_status()
            except httpx.HTTPError:
                assert time.monotonic() < end, "the issuer did not start"
                time.sleep(0.05)
            else:
                break
        yield issuer
    finally:
        process.terminate()
        process.wait(timeout=SECONDS)


def _claims_of(email: str) -> dict[str, object]:
    name = email.partition("@")[0].title()
    return {"sub": email, "email": email, "email_verified": True, "name": name}


def tell(issuer: str, subject: str, **claims: object) -> None:
    """Let oidc-provider-mock know a person anew."""
    told = httpx.put(f"{issuer}/users/{subject}", json=claims, trust_env=False)
    told.raise_for_status()


def consent(authorization_url: str, subject: str, *, denied: bool = False) -> dict[str, str]:
    """Answer oidc-provider-mock's page as a person does; return the reply's parameters."""
    form = {"action": "deny"} if denied else {"sub": subject}
    answer = httpx.post(authorization_url, data=form, trust_env=False)
    assert answer.status_code == httpx.codes.FOUND, answer.text
    assert answer.headers["location"].startswith(REDIRECT)
    return parameters(answer.headers["location"])


def parameters(url: str) -> dict[str, str]:
    """Return the parameters of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


@cache
def _own_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "one"})  # takes a tenth of a second or more


@dataclass
class Forger:
    """An issuer whose every answer a test decides. What it says by itself is flawless."""

    key: RSAKey = field(default_factory=_own_key)
    claims: dict[str, Any] = field(default_factory=dict)
    """Over what a flawless token says; a claim that is None is left out."""
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256", "kid": "one"})
    signed: Callable[[dict[str, Any], bytes], str] | None = None
    """Makes the token of a header and a payload; signed with the key otherwise."""
    published: list[Mapping[str, Any]] | None = None
    """The keys of the JWKS document; the key's public half otherwise."""
    discovery: dict[str, Any] = field(default_factory=dict)
    token_answer: tuple[int, bytes] | None = None
    nonces: dict[str, str] = field(default_factory=dict)
    """By code, which is good once."""
    asked: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    """Path, form and Authorization header of each request."""
    issuer: str = ""

    def __enter__(self) -> Self:
        forger = self

        class Answering(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                forger.answer(self, {})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                forger.answer(self, {name: one[0] for name, one in parse_qs(body).items()})

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def reply(self, authorization_url: str, code: str = "a-code") -> dict[str, str]:
        """Return what a browser brings back from an authorization."""
        asked = parameters(authorization_url)
        self.nonces[code] = asked["nonce"]
        return {"code": code, "state": asked["state"]}

    def times(self, path: str) -> int:
        """Count the requests of a path."""
        return sum(asked == path for asked, _, _ in self.asked)

    def answer(self, request: BaseHTTPRequestHandler, form: dict[str, str]) -> None:
        """Answer one request."""
        self.asked.append((request.path, form, request.headers.get("authorization", "")))
        status, body = self._answer(request.path, form)
        request.send_response(status)
        request.send_header("content-type", "application/json")
        request.send_header("content-length", str(len(body)))
        if status in {301, 302, 307}:
            request.send_header("location", self.issuer + "/elsewhere")
        request.end_headers()
        request.wfile.write(body)

    def _answer(self, path: str, form: dict[str, str]) -> tuple[int, bytes]:
        if path.endswith("/openid-configuration"):
            document = {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
            }
            return 200, json.dumps(document | self.discovery).encode()
        if path == "/jwks":
            own = [self.key.as_dict(private=False)]
            return 200, json.dumps(
                {"keys": own if self.published is None else self.published}
            ).encode()
        if path == "/token":
            if self.token_answer is not None:
                return self.token_answer
            if (nonce := self.nonces.pop(form.get("code", ""), None)) is None:
                return 400, b'{"error": "invalid_grant"}'
            return 200, json.dumps({"id_token": self.token(nonce), "access_token": "x"}).encode()
        return 404, b"{}"

    def token(self, nonce: str) -> str:
        """Return an ID token."""
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": "subject-1",
            "email": "Asha@Example.com",
            "email_verified": True,
            "name": "Asha",
            "nonce": nonce,
            "iat": now,
            "exp": now + 3_600,
        }
        told = {name: value for name, value in (claims | self.claims).items() if value is not None}
        payload = json.dumps(told).encode()
        return (self.signed or self._signed)(self.header, payload)

    def _signed(self, header: dict[str, Any], payload: bytes) -> str:
        return signed_by(self.key, header, payload)


def signed_by(key: RSAKey | ECKey, header: dict[str, Any], payload: bytes) -> str:
    """Return a token with a good signature by a key."""
    return jws.serialize_compact(header, payload, key, [header["alg"]])


def segments(header: dict[str, Any], payload: bytes, signature: bytes = b"") -> str:
    """Return a token of parts, whatever they are."""
    parts = (json.dumps(header).encode(), payload, signature)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
