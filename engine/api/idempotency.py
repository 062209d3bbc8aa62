"""``Idempotency-Key``: the same request sent again, for 24 hours, has its effect once."""

from __future__ import annotations

import hashlib
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from anyio import sleep
from starlette.concurrency import run_in_threadpool

from engine.api.context import the_crm
from engine.api.problems import ProblemError
from engine.api.replies import Reply
from engine.domain.refusal import shown
from engine.errors import CrmError, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fastapi import Request

    from engine.crm import Crm

WAIT_SECONDS = 10.0
"""A twin waits so long for the reply of the one that runs."""
MOST_WAITING = 100
"""Twins that wait at a time, in one process; each asks MongoDB twice a second."""
POLL_SECONDS, LONGEST_POLL_SECONDS = 0.05, 0.5
LONGEST_KEY = 255
SERVER_ERROR = 500


async def idempotent(
    request: Request, key: str | None, body: bytes, run: Callable[[], Reply]
) -> Reply:
    """Run a request in a thread, or return the reply that the same one had.

    ``key`` is the Idempotency-Key; without one the request runs. A reply of 500 or more is not
    kept, and neither is an error that ``run`` raises: the request then runs again. Twins that come
    while one runs wait for its reply, without a thread; should it have been killed, one of them
    runs.

    Raises InvalidInput for what is no key, Conflict where the key came with another request, and
    ProblemError (409) where the twin still runs after 10 s, or too many wait already.
    """
    if key is None:
        return await run_in_threadpool(run)
    if not (1 <= len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        msg = f"Idempotency-Key is {shown(key)}, but must be 1 to {LONGEST_KEY} ASCII characters"
        raise InvalidInput(msg)
    crm = the_crm(request)
    record = (request.state.key.id, key)
    fingerprint = _fingerprint(request, body)

    def attempt() -> Reply | None:
        return _attempt(crm, record, fingerprint, run)

    reply = await run_in_threadpool(attempt)
    if reply is not None:
        return reply
    with _waiting(request):
        deadline, pause = time.monotonic() + WAIT_SECONDS, POLL_SECONDS
        while time.monotonic() < deadline:
            await sleep(pause)
            if (reply := await run_in_threadpool(attempt)) is not None:
                return reply
            pause = min(2 * pause, LONGEST_POLL_SECONDS)
    raise _still_running()


def _attempt(
    crm: Crm, record: tuple[str, str], fingerprint: bytes, run: Callable[[], Reply]
) -> Reply | None:
    """Run the request, or return its reply; None where its twin runs."""
    kept = crm.stores.idempotency
    claim = kept.claim(*record, fingerprint)
    if claim.owner is None:
        if (was := claim.reply) is None:
            return None
        return Reply(was.status, was.body, was.media_type, replayed=True)
    try:
        reply = run()
    except BaseException:
        with suppress(CrmError):
            kept.give_back(*record, claim.owner)
        raise
    if reply.status >= SERVER_ERROR:
        kept.give_back(*record, claim.owner)
    else:
        kept.keep(
            *record,
            claim.owner,
            status=reply.status,
            body=reply.body,
            media_type=reply.media_type,
            about=reply.about,
        )
    return reply


@contextmanager
def _waiting(request: Request) -> Iterator[None]:
    """Count a twin that waits, of all those of this application; raises ProblemError (409)."""
    state = request.app.state
    waiting: int = getattr(state, "twins_waiting", 0)
    if waiting >= MOST_WAITING:
        raise _still_running()
    state.twins_waiting = waiting + 1
    try:
        yield
    finally:
        state.twins_waiting -= 1


def _still_running() -> ProblemError:
    return ProblemError(
        409,
        "Still running",
        "the same request is still running; send it again in a moment for its reply",
        headers={"Retry-After": "5"},
    )


def _fingerprint(request: Request, body: bytes) -> bytes:
    """Return the SHA-256 of what makes two requests the same; no two run into each other."""
    url = request.url
    digest = hashlib.sha256()
    for part in (request.method.encode(), url.path.encode(), url.query.encode(), body):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()
