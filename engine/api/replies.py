"""A reply before it is sent: what an Idempotency-Key keeps."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Response


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, body and media type; ``replayed`` where the request ran before.

    ``about`` are the ids of the customers whom it names or quotes.
    """

    status: int
    body: bytes
    media_type: str = "application/json"
    replayed: bool = False
    about: tuple[str, ...] = ()

    def response(self) -> Response:
        """Return it as Starlette sends it."""
        headers = {"Idempotency-Replayed": "true"} if self.replayed else None
        return Response(self.body, self.status, headers, self.media_type)
