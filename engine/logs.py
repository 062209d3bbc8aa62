"""What is logged and how: one line an event, with who asked, and without what no log may hold.

Modules log with the standard library; structlog writes the lines. They go to standard error, as
JSON objects, or to be read where that is a terminal: ``time`` (UTC), ``level``, ``logger``,
``event``, ``exception`` with its traceback, ``request_id`` of a request (the reply's
``X-Request-Id``) or of a page's connection, and ``user``, who called the engine last here. A person
is ``person-`` and the first 12 digits of their address's SHA-256; the audit log has the address
itself.
"""

from __future__ import annotations

import hashlib
import json
import logging
import sys
import threading
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO
from uuid import uuid4

import structlog
from structlog.contextvars import bind_contextvars, clear_contextvars, merge_contextvars
from structlog.stdlib import ProcessorFormatter

from engine.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Iterable, MutableMapping
    from types import TracebackType

    from engine.domain.actor import Actor

CHATTY = (
    *("httpx", "httpcore", "pymongo", "faststream", "asyncio", "urllib3", "uvicorn.access"),
    "google",
)
"""Libraries whose lower levels tell commands, documents, or addresses with customers' ids."""
OURS = ("engine", "pages")
_FOREIGN = ("streamlit", "uvicorn", "websockets")
"""Libraries that bring handlers of their own, which write past ours."""


@dataclass(slots=True)
class _Caller:
    """Shared by the threads that serve one request: who it turned out to be."""

    actor: Actor | None = None


_caller: ContextVar[_Caller | None] = ContextVar("caller", default=None)
_redact = Redactor()
_make_record = logging.getLogRecordFactory()
_handler: logging.Handler | None = None


def configure(level: str | int, secrets: Iterable[str] = (), stream: TextIO | None = None) -> None:
    """Write logs from here on so. May be called again; the last call holds.

    ``level`` is for the engine and the pages; of libraries INFO and above is written, of talkative
    ones WARNING. ``secrets`` appear in no line. ``stream`` is standard error unless given.
    """
    global _handler, _redact  # noqa: PLW0603 - logging is the process's
    _redact = Redactor(secrets)
    root = logging.getLogger()
    if _handler is not None:
        root.removeHandler(_handler)
    stream = stream or sys.stderr
    _handler = logging.StreamHandler(stream)
    _handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=_CONTEXT,
            processors=[
                ProcessorFormatter.remove_processors_meta,
                _without_secrets,
                _readable if stream.isatty() else _as_json,
            ],
        )
    )
    root.addHandler(_handler)
    root.setLevel(logging.INFO)
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    _take_over()
    # Whatever handler a library adds later: its records come without secrets, too.
    logging.setLogRecordFactory(_record)
    structlog.configure(
        processors=[*_CONTEXT, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _uncaught
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _uncaught_in_thread


def begin_request() -> str:
    """Begin a request in this context, of nobody known yet; return its id."""
    request_id = uuid4().hex[:16]
    clear_contextvars()
    bind_contextvars(request_id=request_id)
    _caller.set(_Caller())
    return request_id


def continue_request(request_id: str) -> None:
    """Say that this thread, too, serves a request that was begun elsewhere."""
    bind_contextvars(request_id=request_id)


def acts(actor: Actor) -> None:
    """Say who calls the engine in this context; its lines name them from here on."""
    caller = _caller.get()
    if caller is None:
        _caller.set(caller := _Caller())
    caller.actor = actor


def user_id(actor: Actor) -> str:
    """Return how the log names somebody."""
    if actor.kind != "person":
        return actor.name
    return f"person-{hashlib.sha256(actor.name.casefold().encode()).hexdigest()[:12]}"


def redacted(text: str) -> str:
    """Return a text as a log may hold it."""
    return _redact(text)


def _take_over() -> None:
    """Let the records of libraries with handlers of their own come to ours instead."""
    names = [n for n in logging.root.manager.loggerDict if n.partition(".")[0] in _FOREIGN]
    for logger in map(logging.getLogger, names):
        if logger.handlers:  # one without is silent because somebody wanted it so
            logger.handlers.clear()
            logger.propagate = True


def _record(*args: Any, **kwargs: Any) -> logging.LogRecord:  # noqa: ANN401 - as logging has them
    record = _make_record(*args, **kwargs)
    if isinstance(record.msg, str):
        try:
            record.msg, record.args = _redact(record.getMessage()), ()
        except (TypeError, ValueError):  # does not fit its arguments; logging itself says so
            return record
    if record.exc_info and record.exc_info[0] is not None:
        record.exc_text = _redact(logging.Formatter().formatException(record.exc_info))
    return record


def _with_user(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    caller = _caller.get()
    if caller is not None and caller.actor is not None:
        event["user"] = user_id(caller.actor)
    return event


def _without_secrets(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    for key, value in event.items():
        event[key] = _redact(value if isinstance(value, str) else str(value))
    return event


def _as_json(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
    order = {key: event[key] for key in ("timestamp", "level", "logger", "event") if key in event}
    return json.dumps({**order, **event}, ensure_ascii=False)


def _readable(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
    trace = event.pop("exception", "")
    head = [event.pop(key, "") for key in ("timestamp", "level", "logger", "event")]
    told = [f"{key}={value}" for key, value in event.items()]
    line = " ".join(_one_line(str(part)) for part in (*head, *told) if part)
    return f"{line}\n{trace}" if trace else line


def _one_line(text: str) -> str:
    """A text that begins no line of its own, and moves no cursor."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger(__name__).critical("uncaught", exc_info=(kind, error, trace))


def _uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and not issubclass(args.exc_type, SystemExit):
        name = args.thread.name if args.thread else "?"
        told = (args.exc_type, args.exc_value, args.exc_traceback)
        logging.getLogger(__name__).critical("uncaught in thread %s", name, exc_info=told)


_CONTEXT: list[structlog.typing.Processor] = [
    merge_contextvars,
    _with_user,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]
