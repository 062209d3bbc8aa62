"""The SDK of one file: customers and orders in, segments and their members out, over the HTTP API.

    from engine.client import Client

    with Client("http://127.0.0.1:8501/api", key) as crm:
        sent = crm.send_orders(orders)
        for refused in sent.refused_rows:
            print(refused.row, refused.problems)
        print(crm.preview(rule, at_least=sent.cluster_time)["count"])

It needs Python 3.11 and httpx, and nothing else of the engine: copy it to wherever it is of use.
Money is decimal text both ways, or Decimal on the way in; instants are ISO 8601.

What can be sent again without harm is: after a connection that broke, after 429, 502, 503 and 504,
and after a 409 with Retry-After, which says that the same batch is still running. A batch keeps its
Idempotency-Key over that, so it has one effect.
"""

from __future__ import annotations

import gzip
import json
import random
import time
from bisect import insort
from collections import deque
from collections.abc import Iterable, Mapping, Sized
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self, TypeAlias, runtime_checkable
from urllib.parse import quote
from uuid import uuid4

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

MAX_BATCH = 1_000
"""Rows the API takes at once."""
MAX_BYTES = 4_000_000
"""Of one batch, as JSON; the API takes 5 MB. A batch of large rows has fewer of them."""
MAX_LEVELS = 15
"""Levels of objects and lists in one row; the API takes 16, of which a batch is one."""
KEPT_REFUSED = 1_000
"""Refused rows that a summary holds; all are counted."""
FIRST_WAIT, LONGEST_WAIT = 0.25, 30.0
"""Seconds before the first try again, doubled each time, and at most. Jitter takes up to half."""
TOLD = 3
"""Errors of a problem that stand in the exception's text; ``errors`` has all."""
LONGEST_ASKED = 300.0
"""Seconds of a Retry-After that are waited for; one that asks for more is raised."""
_AGAIN, _CONFLICT = (429, 502, 503, 504), 409
_COUNTS = ("stored", "created", "updated", "unchanged", "refused")

Document: TypeAlias = dict[str, Any]


@runtime_checkable
class Frame(Protocol):
    """A table that yields its rows as dicts, as Polars' do."""

    def iter_rows(self, *, named: Literal[True]) -> Iterator[Any]:
        """Yield each row."""

    def __len__(self) -> int: ...


@runtime_checkable
class WholeFrame(Protocol):
    """A table that gives all of its rows as dicts at once, as those of pandas do.

    Where it says what is missing (``notna``), as pandas does by NaN and NaT, that is None.
    """

    columns: Any

    def to_dict(self, orient: Literal["records"], /) -> list[Any]:
        """Return every row."""


Rows: TypeAlias = "Iterable[Mapping[str, Any]] | Frame | WholeFrame"


class ApiError(Exception):
    """Base of what a call raises."""

    sent: Sent | None = None
    """What became of the rows whose batches were answered, where rows were being sent."""


class Unreachable(ApiError):
    """The API gave no whole answer, however often it was asked, or something else answered."""


class ApiProblem(ApiError):
    """An answer that is an error (RFC 9457). ``errors`` names each place that is wrong."""

    def __init__(self, status: int, problem: Mapping[str, Any], retry_after: float) -> None:
        self.status = status
        self.title = str(problem.get("title", ""))
        self.detail = str(problem.get("detail", ""))
        listed = problem.get("errors")
        listed = listed if isinstance(listed, list) else []
        self.errors: list[Document] = [one for one in listed if isinstance(one, dict)]
        self.retry_after = retry_after
        """Seconds; 0 where the answer does not say."""
        super().__init__(f"{status} {self.title}: {self.detail}".rstrip(": ") + self._reasons())

    def _reasons(self) -> str:
        """Return what the detail does not say of the first errors: where, and why."""
        told = [
            f"{one.get('field') or 'all of it'}: {one['reason']}"
            for one in self.errors
            if one.get("reason") and str(one["reason"]) not in self.detail
        ]
        more = f"; and {len(told) - TOLD:,} more" if len(told) > TOLD else ""
        return f" ({'; '.join(told[:TOLD])}{more})" if told else ""


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was not taken: its place among all that were sent, from 0, and why."""

    row: int
    id: str | None
    problems: tuple[Document, ...]


@dataclass(slots=True, kw_only=True)
class Sent:
    """What became of the rows that were sent.

    ``stored`` of them are in the database: ``created``, ``updated`` or ``unchanged``; ``accepted``
    are in a stream's broker, which will have them written. ``cluster_time`` is that of the latest
    write, for ``at_least``; None where nothing was stored.
    """

    rows: int = 0
    stored: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    accepted: int = 0
    refused: int = 0
    refused_rows: list[RefusedRow] = field(default_factory=list, repr=False)
    """The first 1,000 of them, in the order they were sent."""
    cluster_time: str | None = None

    def add(self, numbers: Sequence[int], reply: Mapping[str, Any]) -> None:
        """Count the reply to a batch of the rows of these numbers."""
        listed = [one for one in reply.get("rows", ()) if one.get("status") == "refused"]
        self.rows += len(numbers)
        for name in _COUNTS:
            setattr(self, name, getattr(self, name) + reply.get(name, 0))
        if "message" in reply:
            self.accepted += len(numbers) - len(listed)
            self.refused += len(listed) if "refused" not in reply else 0
        for one in listed:
            problems = tuple(one.get("problems", ()))
            self._keep(RefusedRow(numbers[one["row"]], one.get("id"), problems))
        times = [one for one in (self.cluster_time, reply.get("cluster_time")) if one]
        self.cluster_time = max(times, key=_instant, default=None)

    def refuse(self, refused: Iterable[RefusedRow]) -> None:
        """Count rows that were not sent."""
        for one in refused:
            self.rows += 1
            self.refused += 1
            self._keep(one)

    def _keep(self, refused: RefusedRow) -> None:
        if len(self.refused_rows) < KEPT_REFUSED:
            insort(self.refused_rows, refused, key=lambda one: one.row)


class Client:
    """The API at ``base_url`` (such as ``https://crm.example.com/api``), by one key.

    ``timeout`` is in seconds, of connecting, and of each wait for a piece of an answer. A call is
    tried again up to ``retries`` times. Any number of threads may use one client.

    Raises ValueError for what is no address, and for what no key can be. White space around the
    key is left out: a file of one ends with a line break.
    """

    def __init__(self, base_url: str, key: str, *, timeout: float = 30.0, retries: int = 5) -> None:
        if httpx.URL(base_url).scheme not in ("http", "https"):
            msg = f"{base_url!r} is no address such as http://127.0.0.1:8501/api"
            raise ValueError(msg)
        key = (key or "").strip()
        if not key or not key.isascii() or not key.isprintable():
            # httpx would quote it in its own error.
            msg = "the key is empty, or has characters that no key has; give it as it was shown"
            raise ValueError(msg)
        self._retries = retries
        self._http = httpx.Client(
            base_url=base_url, timeout=timeout, headers={"Authorization": f"Bearer {key}"}
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def put_customer(self, customer_id: str, fields: Mapping[str, Any]) -> Document:
        """Create a customer, or set these fields of one; raises ApiProblem.

        ``{"unset": ["phone", "attributes.points"]}`` takes fields away; None says nothing.
        """
        path = f"/v1/customers/{_part(customer_id)}"
        return self._json("PUT", path, content=_encoded(fields, customer_id), headers=_as_json())

    def customer(self, customer_id: str) -> Document:
        """Return one customer; raises ApiProblem (404)."""
        return self._json("GET", f"/v1/customers/{_part(customer_id)}")

    def erase(self, customer_id: str) -> Document:
        """Erase a person for good; the id is not taken again."""
        return self._json("DELETE", f"/v1/customers/{_part(customer_id)}")

    def send_customers(
        self,
        rows: Rows,
        *,
        batch: int = 500,
        workers: int = 1,
        on_progress: Callable[[int, int | None], object] | None = None,
    ) -> Sent:
        """Send customers, new and known; see :meth:`send_orders`."""
        return self._send("/v1/customers", rows, batch, workers, on_progress)

    def send_orders(
        self,
        rows: Rows,
        *,
        batch: int = 500,
        workers: int = 1,
        on_progress: Callable[[int, int | None], object] | None = None,
    ) -> Sent:
        """Send orders, new and known; of one id sent twice the later holds.

        Rows are read as they are sent. ``batch`` of them (at most 1,000) make a request, and
        ``workers`` requests run at a time: with more than one, the same id must not be in two
        batches. ``on_progress`` is given how many are done, of how many (None if that is unknown).
        Rows that cannot be taken, or written as JSON, are returned; everything else that fails is
        raised, ``error.sent`` counts what was answered before, and then all can be sent again. What
        ``rows`` and ``on_progress`` raise, and an interruption, has that as a note; an interrupted
        call waits for requests that are on their way, and tries none again.

        Raises TypeError for what is no table, and no list or generator of mappings.
        """
        return self._send("/v1/orders", rows, batch, workers, on_progress)

    def preview(
        self,
        rule: Mapping[str, Any],
        *,
        now: datetime | date | str | None = None,
        sample: int | None = None,
        explain: bool | None = None,
        at_least: str | None = None,
    ) -> Document:
        """Count a rule's members at ``now``, or at present, and show the first ``sample`` of them.

        ``explain`` tells how many remain after each step; ``at_least`` is the ``cluster_time`` of
        a write that must be counted.
        """
        params = _given(now=now, sample=sample, explain=explain, at_least=at_least)
        body = _encoded(rule, "the rule")
        return self._json("POST", "/v1/preview", content=body, headers=_as_json(), params=params)

    def segments(self) -> list[Document]:
        """Return every saved segment, by name."""
        found: list[Document] = self._json("GET", "/v1/segments")["segments"]
        return found

    def segment_preview(
        self,
        segment_id: str,
        *,
        now: datetime | date | str | None = None,
        sample: int | None = None,
        explain: bool | None = None,
        at_least: str | None = None,
    ) -> Document:
        """Count a segment's members, with the options of :meth:`preview`."""
        path = f"/v1/segments/{_part(segment_id)}/preview"
        params = _given(now=now, sample=sample, explain=explain, at_least=at_least)
        return self._json("GET", path, params=params)

    def members(
        self,
        segment_id: str,
        *,
        fields: Iterable[str] = (),
        now: datetime | date | str | None = None,
        at_least: str | None = None,
    ) -> Iterator[Document]:
        """Yield a segment's members by customer id, with these fields; see :meth:`preview`.

        All are of one state of the data. Raises Unreachable where they end too early.
        """
        answer = self._members(segment_id, "ndjson", fields, _given(now=now, at_least=at_least))
        read = 0
        for line in _lines(answer):
            yield json.loads(line)
            read += 1
        _whole(answer, read)

    def members_parquet(
        self,
        segment_id: str,
        path: str | Path,
        *,
        fields: Iterable[str] = (),
        now: datetime | date | str | None = None,
        at_least: str | None = None,
    ) -> int:
        """Write a segment's members to a Parquet file, whole or not at all; return how many."""
        answer = self._members(segment_id, "parquet", fields, _given(now=now, at_least=at_least))
        unfinished = Path(f"{path}.{uuid4().hex}.part")
        try:
            with unfinished.open("wb") as file:
                for piece in _pieces(answer):
                    file.write(piece)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
        return int(answer.headers["X-Total-Count"])

    def _members(
        self, segment_id: str, kind: str, fields: Iterable[str], options: Mapping[str, object]
    ) -> httpx.Response:
        names = [fields] if isinstance(fields, str) else list(fields)
        params = {**options, "format": kind, "fields": names}
        path = f"/v1/segments/{_part(segment_id)}/members"
        answer = self._answer("GET", path, read=False, params=params)
        if "X-Total-Count" not in answer.headers:
            answer.close()
            raise _other(answer)
        return answer

    def _send(
        self,
        path: str,
        rows: Rows,
        batch: int,
        workers: int,
        on_progress: Callable[[int, int | None], object] | None,
    ) -> Sent:
        if not 1 <= batch <= MAX_BATCH:
            msg = f"batch is {batch}; a request takes 1 to {MAX_BATCH:,} rows"
            raise ValueError(msg)
        source = _source(rows)
        counted = rows if isinstance(rows, Frame) else source
        total = len(counted) if isinstance(counted, Sized) else None
        sent = Sent()
        running: deque[tuple[_Batch, Future[Document]]] = deque()
        given_up = Event()

        def finish() -> None:
            one, future = running[0]
            wait((future,))  # interrupted here, it keeps its place
            running.popleft()
            reply = future.result()
            sent.refuse(one.refused)
            sent.add(one.numbers, reply)

        def finish_and_tell() -> None:
            finish()
            if on_progress is not None:
                on_progress(sent.rows, total)

        try:
            with ThreadPoolExecutor(workers) as pool, _set_if_interrupted(given_up):
                for one in _batches(source, batch):
                    if len(running) == workers:
                        finish_and_tell()
                    running.append((one, pool.submit(self._post, path, one.encoded, given_up)))
                while running:
                    finish_and_tell()
        except BaseException as error:
            while running:  # they are done by now, for better or worse
                with suppress(Exception):
                    finish()
            _account(error, sent)
            raise
        return sent

    def _post(self, path: str, encoded: list[bytes], given_up: Event) -> Document:
        if not encoded:
            return {}
        body = b"[%s]" % b",".join(encoded)
        headers = {**_as_json(), "Idempotency-Key": str(uuid4())}
        if len(body) > 1_024:  # noqa: PLR2004 - less fits a packet as it is
            body = gzip.compress(body, 1)
            headers["Content-Encoding"] = "gzip"
        try:
            return self._json("POST", path, content=body, headers=headers, given_up=given_up)
        except ApiProblem as problem:
            rows = range(len(encoded))
            named = problem.errors and all(one.get("row") in rows for one in problem.errors)
            if problem.status != httpx.codes.UNPROCESSABLE_ENTITY or not named:
                raise
            # None of the rows was taken; each is named, with its first problem at least.
            listed: list[Document] = [
                {"row": row, "id": None, "status": "refused", "problems": []} for row in rows
            ]
            for one in problem.errors:
                of_row = listed[one["row"]]
                of_row["id"] = one.get("id")
                of_row["problems"].append(one)
            return {"refused": len(rows), "rows": listed}

    def _json(self, method: str, path: str, **parts: Any) -> Document:  # noqa: ANN401 - of _answer
        answer = self._answer(method, path, **parts)
        try:
            found = answer.json()
        except ValueError:
            raise _other(answer) from None
        if not isinstance(found, dict):
            raise _other(answer)
        return found

    def _answer(
        self,
        method: str,
        path: str,
        *,
        read: bool = True,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        given_up: Event | None = None,
    ) -> httpx.Response:
        """Return an answer of success: read, or open, to be closed by whoever reads it.

        Once ``given_up`` is set, nothing is tried again.
        """
        for tried in range(self._retries + 1):
            request = self._http.build_request(
                method, path, content=content, headers=headers, params=params
            )
            failed: ApiError
            asked = 0.0
            try:
                answer = self._http.send(request, stream=True)
                if read or not answer.is_success:
                    answer.read()
            except httpx.RequestError as error:
                failed = Unreachable(f"{method} {request.url}: {error or type(error).__name__}")
                failed.__cause__ = error
            else:
                if answer.is_success:
                    return answer
                failed = _problem(answer)
                asked = failed.retry_after
                # A 409 that says when to come back: the same batch is still running.
                again = failed.status in _AGAIN or (failed.status == _CONFLICT and asked)
                if not again or asked > LONGEST_ASKED:
                    raise failed
            if tried < self._retries:
                step = min(FIRST_WAIT * 2**tried, LONGEST_WAIT)
                # Spread out, so that those who were turned away together do not return together.
                _pause(asked + step * random.uniform(0.5, 1), given_up)  # noqa: S311 - no secret
                if given_up is not None and given_up.is_set():
                    break
        raise failed


def _account(error: BaseException, sent: Sent) -> None:
    """Have an error say what became of the rows whose batches were answered."""
    if isinstance(error, ApiError):
        error.sent = sent
        return
    error.add_note(
        f"of the rows sent before, {sent.stored:,} are stored, {sent.accepted:,} accepted and "
        f"{sent.refused:,} refused; all can be sent again"
    )


@contextmanager
def _set_if_interrupted(event: Event) -> Iterator[None]:
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        event.set()
        raise


def _pause(seconds: float, given_up: Event | None) -> None:
    """Wait so long, or until it is given up."""
    if given_up is None:
        time.sleep(seconds)
    else:
        given_up.wait(seconds)


@dataclass(slots=True)
class _Batch:
    """Rows as JSON, with their numbers; and those in between that cannot be sent."""

    numbers: list[int] = field(default_factory=list)
    encoded: list[bytes] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)


def _source(rows: Rows) -> Iterable[Mapping[str, Any]]:
    """Return the rows of whatever holds them."""
    if isinstance(rows, Frame):
        return rows.iter_rows(named=True)
    if isinstance(rows, WholeFrame):
        frame: Any = rows
        if hasattr(frame, "notna"):
            frame = frame.astype(object).where(frame.notna(), None)
        listed: list[Any] = frame.to_dict("records")
        return listed
    if isinstance(rows, (Mapping, str, bytes)) or not isinstance(rows, Iterable):
        msg = f"rows is a {type(rows).__name__}; give a list or generator of mappings, or a table"
        raise TypeError(msg)
    return rows


def _batches(rows: Iterable[Mapping[str, Any]], most: int) -> Iterator[_Batch]:
    batch, size = _Batch(), 0
    for number, row in enumerate(rows):
        if not isinstance(row, Mapping):
            msg = f"row {number} is a {type(row).__name__}, and not a mapping of fields to values"
            raise TypeError(msg)
        try:
            encoded = _encoded(row, "the row")
            if len(encoded) > MAX_BYTES:
                msg = f"the row has {len(encoded):,} bytes as JSON, more than a request takes"
                raise ValueError(msg)  # noqa: TRY301 - one way out
            if _nests_too_deep(row, encoded):
                msg = f"the row nests deeper than {MAX_LEVELS} levels"
                raise ValueError(msg)  # noqa: TRY301 - one way out
        except ValueError as error:
            found = row.get("order_id", row.get("customer_id"))
            told = {"field": _culprit(row), "given": "", "reason": str(error)}
            id_ = found if isinstance(found, str) else None
            batch.refused.append(RefusedRow(number, id_, (told,)))
        else:
            if batch.encoded and size + len(encoded) > MAX_BYTES:
                yield batch
                batch, size = _Batch(), 0
            batch.numbers.append(number)
            batch.encoded.append(encoded)
            size += len(encoded) + 1
        if len(batch.numbers) + len(batch.refused) == most:
            yield batch
            batch, size = _Batch(), 0
    if batch.encoded or batch.refused:
        yield batch


def _encoded(value: object, name: str) -> bytes:
    """Return it as JSON; raises ValueError where it holds what JSON has no exact form for."""
    try:
        text = json.dumps(
            value, default=_plain, allow_nan=False, ensure_ascii=False, separators=(",", ":")
        )
        return text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        msg = f"{name} cannot be written as JSON: {error}"
        raise ValueError(msg) from error


def _nests_too_deep(row: Mapping[str, Any], encoded: bytes) -> bool:
    """Return whether the API would refuse the row's whole batch for it."""
    if encoded.count(b"[") + encoded.count(b"{") <= MAX_LEVELS:
        return False  # as good as every row
    level: list[Any] = [row]
    for _ in range(MAX_LEVELS):
        values = (one.values() if isinstance(one, Mapping) else one for one in level)
        inner = [each for some in values for each in some]
        level = [one for one in inner if isinstance(one, (Mapping, list, tuple))]
    return bool(level)


def _culprit(row: Mapping[str, Any]) -> str:
    """Return the first field whose value has no exact form in JSON; empty where each has one."""
    for name, value in row.items():
        try:
            _encoded(value, "")
        except ValueError:
            return str(name)
    return ""


def _plain(value: object) -> object:
    match value:
        case Decimal() if value.is_finite():
            return f"{value:f}"
        case date():  # a datetime is one
            return value.isoformat()
        case Mapping():
            return dict(value)
        case _ if callable(plain := getattr(value, "tolist", None)):
            return plain()  # numpy's numbers and arrays
        case _:
            msg = f"{value!r} is a {type(value).__name__}"
            raise TypeError(msg)


def _other(answer: httpx.Response) -> Unreachable:
    """Return the error that an answer of success is not the API's: a page, or a proxy's."""
    found = answer.headers.get("Content-Type", "something")
    hint = "is base_url the API's, such as http://127.0.0.1:8501/api?"
    return Unreachable(f"{answer.request.url} answered with {found} that is not the API's; {hint}")


def _problem(answer: httpx.Response) -> ApiProblem:
    try:
        found = answer.json()
    except ValueError:
        found = {}
    given = found if isinstance(found, dict) else {}
    problem = {"title": answer.reason_phrase, "detail": answer.text[:200], **given}
    return ApiProblem(answer.status_code, problem, _seconds(answer.headers.get("Retry-After", "")))


def _seconds(retry_after: str) -> float:
    """Return how long a Retry-After asks to wait: seconds, or until an HTTP date."""
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(retry_after)
    except ValueError:
        return 0.0
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _pieces(answer: httpx.Response) -> Iterator[bytes]:
    """Yield an open answer piece by piece, and close it."""
    with closing(answer):
        try:
            yield from answer.iter_bytes()
        except httpx.RequestError as error:
            msg = f"{answer.request.url} ended too early: {error}"
            raise Unreachable(msg) from error


def _lines(answer: httpx.Response) -> Iterator[bytes]:
    # Not iter_lines: it ends a line at U+2028, too, which JSON takes as it is.
    rest = b""
    for piece in _pieces(answer):
        *lines, rest = (rest + piece).split(b"\n")
        yield from lines
    if rest:
        yield rest


def _whole(answer: httpx.Response, read: int) -> None:
    expected = int(answer.headers["X-Total-Count"])
    if read != expected:
        msg = f"{answer.request.url} gave {read:,} of {expected:,} members"
        raise Unreachable(msg)


def _part(name: str) -> str:
    """Return a name as one part of a path: a dot by itself would mean the folder."""
    return quote(name, safe="").replace(".", "%2E")


def _given(**options: object) -> dict[str, object]:
    """Return the options that say something, as the query has them."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in options.items()
        if value is not None
    }


def _instant(cluster_time: str) -> tuple[int, ...]:
    return tuple(int(part) for part in cluster_time.split("."))


def _as_json() -> dict[str, str]:
    return {"Content-Type": "application/json"}
