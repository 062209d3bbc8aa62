"""Stands for Gemini's REST API on loopback: real HTTP, answers as a test says, keeps what it got.

A test gives ``replies``: one for each request in turn, the last one for all that follow.
"""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEY = "stand-in/key+Secret1"
TOKENS = (120, 30)


@dataclass(frozen=True, slots=True)
class Request:
    """What the SDK sent."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def content(self) -> dict[str, Any]:
        """The user's message."""
        text = self.body["contents"][0]["parts"][0]["text"]
        found: dict[str, Any] = json.loads(text)
        return found


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply with a status."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Be short: this names tests."""
        text = re.sub(r"[^\w ]+", "", self.body[:160].decode(errors="replace"))
        return f"{self.status} {text} {len(self.body)} {self.headers or ''}"

    def send(self, handler: BaseHTTPRequestHandler, _ending: threading.Event) -> None:
        handler.send_response(self.status)
        for name, value in self.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(self.body)))
        handler.end_headers()
        handler.wfile.write(self.body)


@dataclass(frozen=True, slots=True)
class Trickle:
    """Sends a byte at a time, so that no single wait is long, until the stand-in ends.

    With no time between bytes none follow the first ones.
    """

    first: bytes
    every: float | None

    def __repr__(self) -> str:
        """Be short: this names tests."""
        head = self.first.decode().replace("\r\n", " ")
        return re.sub(r"[^\w ]+", "", f"{head} {self.every}")

    def send(self, handler: BaseHTTPRequestHandler, ending: threading.Event) -> None:
        handler.close_connection = True
        handler.wfile.write(self.first)
        while not ending.wait(self.every):
            handler.wfile.write(b"x")


class Silence:
    """Takes the request and says nothing."""

    def __str__(self) -> str:
        return "silence"

    def send(self, handler: BaseHTTPRequestHandler, ending: threading.Event) -> None:
        handler.close_connection = True
        ending.wait()


class Reset:
    """Cuts the connection."""

    def __str__(self) -> str:
        return "reset"

    def send(self, handler: BaseHTTPRequestHandler, _ending: threading.Event) -> None:
        handler.close_connection = True
        linger = struct.pack("ii", 1, 0)
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        handler.connection.close()


@dataclass(frozen=True, slots=True)
class Cut:
    """Announces a longer body than it sends, and closes."""

    status: int

    def send(self, handler: BaseHTTPRequestHandler, _ending: threading.Event) -> None:
        handler.close_connection = True
        handler.wfile.write(
            f"HTTP/1.1 {self.status} Error\r\nContent-Length: 99\r\n\r\n{{".encode()
        )


Answer = Reply | Trickle | Silence | Reset | Cut


def writes(
    text: str,
    *,
    finish: str = "STOP",
    tokens: tuple[int, int] = TOKENS,
    more: dict[str, int] | None = None,
) -> Reply:
    """The model writes a text; ``more`` are further figures of its usage."""
    candidate = {"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": finish}
    usage = {"promptTokenCount": tokens[0], "candidatesTokenCount": tokens[1], **(more or {})}
    return Reply(json.dumps({"candidates": [candidate], "usageMetadata": usage}).encode())


def says(value: object) -> Reply:
    """The model answers a JSON value."""
    return writes(json.dumps(value))


def blocks() -> Reply:
    """The question is blocked for its content."""
    return Reply(json.dumps({"promptFeedback": {"blockReason": "SAFETY"}}).encode())


def fails(status: int, *, headers: dict[str, str] | None = None, delay: str = "") -> Reply:
    """An error as Google writes them; ``delay`` as in RetryInfo, such as "3s"."""
    details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}]
    error = {"code": status, "message": f"of {KEY}", "details": details if delay else []}
    return Reply(json.dumps({"error": error}).encode(), status, headers or {})


def trickles_body(every: float) -> Trickle:
    """The head comes at once, the body a byte at a time."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n"
    return Trickle(head, every)


def errs_slowly(status: int, *, every: float | None = 0.02, more: str = "") -> Trickle:
    """An error whose body is announced and does not come to an end."""
    head = f"HTTP/1.1 {status} Error\r\n{more}Content-Length: 9999\r\n\r\n"
    return Trickle(head.encode(), every)


def trickles_head(every: float) -> Trickle:
    """Not even the head comes to an end: this no reading of the body can notice."""
    return Trickle(b"HTTP/1.1 200 OK\r\nX-Slow: ", every)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing of a client that has gone: many tests make it go."""


class StandIn:
    """The server; a context that ends it."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.replies: list[Answer] = []
        self.replying: Callable[[Request], Answer] | None = None
        """Makes the replies where it is set."""
        self.ending = threading.Event()
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _handler(self))

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def next(self, request: Request) -> Answer:
        with self._lock:
            self.requests.append(request)
            if self.replying is None:
                return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return self.replying(request)

    def begin(self) -> None:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def end(self) -> None:
        self.ending.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def stand_in() -> Iterator[StandIn]:
    """Run one."""
    server = StandIn()
    server.begin()
    try:
        yield server
    finally:
        server.end()


def _handler(server: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # with it each reply waits 40 ms for an acknowledgement

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = json.loads(self.rfile.read(length))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = server.next(Request(self.path, headers, body))
            with suppress(OSError):  # nobody reads any more
                answer.send(self, server.ending)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
