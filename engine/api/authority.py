"""Who may call a route: the key of ``Authorization: Bearer``, its scopes, and how often.

Rates are counted in each server process by itself, and held in its memory: a service of four
processes takes up to four times as much. The address of a failure is that of the socket. Behind a
proxy it is the proxy's, unless the server is told whose forwarded addresses to trust (uvicorn's
variable ``FORWARDED_ALLOW_IPS``). Beside the pages, where uvicorn believes this machine's processes
anyway, all callers of forwarded addresses are one until that is said. A good key is never held up
by another caller's failures.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from engine.api.context import the_crm
from engine.api.problems import ProblemError
from engine.domain.actor import NOBODY, Actor
from engine.domain.api_key import MEANINGS, Scope
from engine.domain.network import network
from engine.domain.permission import of_scopes
from engine.errors import NotAuthenticated

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.domain.api_key import ApiRates

_bearer = HTTPBearer(
    bearerFormat="crm_<public id>_<secret>",
    description="A key made with `python -m engine api-key create` or on the settings page.",
    auto_error=False,
)


class Limiter:
    """Counts the requests of one application. For use by any number of threads."""

    def __init__(self, rates: ApiRates) -> None:
        self._counts = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._per_key = RateLimitItemPerMinute(rates.per_key, namespace="key")
        self._failures = RateLimitItemPerMinute(rates.failures_per_address, namespace="failure")

    def count_request(self, key_id: str) -> None:
        """Count a request of a key; raises ProblemError (429)."""
        self._count(self._per_key, key_id, "requests a minute with one key")

    def count_failure(self, address: str) -> None:
        """Count a request that showed no good key; raises ProblemError (429)."""
        self._count(self._failures, network(address), "requests a minute without a good key")

    def _count(self, limit: RateLimitItemPerMinute, who: str, what: str) -> None:
        if self._counts.hit(limit, who):
            return
        left = self._counts.get_window_stats(limit, who).reset_time - time.time()
        seconds = max(1, math.ceil(left))
        raise ProblemError(
            429,
            "Too many requests",
            f"at most {limit.amount:,} {what} are taken; try again in {seconds} s",
            headers={"Retry-After": str(seconds)},
        )


def _address(request: Request) -> str:
    """Return where a request comes from; one name for all whose address is only claimed."""
    doubts = getattr(request.app.state, "doubts_forwarded", False)
    if doubts and "X-Forwarded-For" in request.headers:
        return "forwarded"
    return request.client.host if request.client else ""


def authority(scope: Literal["ingest", "read", "erase"]) -> Callable[..., None]:
    """Return the dependency of a route that a key with this scope may call.

    It sets ``request.state.key`` and ``actor``, and raises ProblemError: 401 without a good key,
    403 where the key lacks the scope, 429 where there are too many requests.
    """
    needed = Scope(scope)

    def check(
        request: Request,
        given: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    ) -> None:
        limiter = _limiter(request)
        try:
            key = the_crm(request).authenticate(given.credentials if given else "")
        except NotAuthenticated as error:
            limiter.count_failure(_address(request))
            unknown = Actor(NOBODY.name, kind="program", address=_address(request) or None)
            the_crm(request).acting_as(unknown).note_refusal(_route(request), "an API key")
            detail = f"{error}" if given else "send a key: Authorization: Bearer crm_…"
            headers = {"WWW-Authenticate": 'Bearer realm="crm"'}
            raise ProblemError(401, "No valid API key", detail, headers=headers) from None
        limiter.count_request(key.id)
        # Two keys may have one name.
        name, address = f"API key {key.name} ({key.id})", _address(request)
        actor = Actor(name, of_scopes(key.scopes), "program", address or None)
        if needed not in key.scopes:
            the_crm(request).acting_as(actor).note_refusal(_route(request), f"the scope {needed}")
            held = ", ".join(sorted(key.scopes))
            detail = (
                f"this needs a key with the scope {needed.value!r} ({MEANINGS[needed]}); "
                f"the key {key.name!r} has {held}"
            )
            raise ProblemError(403, "The key lacks a scope", detail)
        request.state.key = key
        request.state.actor = actor

    return check


def authority_if_shown(scope: Literal["ingest", "read", "erase"]) -> Callable[..., bool]:
    """Return the dependency of a route that anybody may call, and that shows more to a key.

    It tells whether a key with this scope was shown, and raises as ``authority`` does where another
    one was: who shows a key is told that it is not good, rather than shown less.
    """
    check = authority(scope)

    def checked(
        request: Request,
        given: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    ) -> bool:
        if given is not None:
            check(request, given)
        return given is not None

    return checked


def _route(request: Request) -> str:
    """Return the request's route without what stands in its place: a path may name a customer."""
    return f"{request.method} {request.scope['route'].path}"


def _limiter(request: Request) -> Limiter:
    state = request.app.state
    if not hasattr(state, "limiter"):
        # Two first requests at once may make two; the counts of one are lost, once.
        state.limiter = Limiter(the_crm(request).api_rates)
    limiter: Limiter = state.limiter
    return limiter


# The scopes are named in the OpenAPI document, too.
Ingest = Security(authority("ingest"), scopes=["ingest"])
Read = Security(authority("read"), scopes=["read"])
Erase = Security(authority("erase"), scopes=["erase"])
ReadIfShown = Security(authority_if_shown("read"), scopes=["read"])
