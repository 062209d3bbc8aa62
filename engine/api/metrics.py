"""Figures for Prometheus, of one process: nothing in them tells of a person.

How the server does is told to anybody; how much there is, and what is done here, to keys with the
scope ``read``.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.routing import APIRoute
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from engine.api.authority import ReadIfShown
from engine.api.methods import METHODS
from engine.api.problems import documented
from engine.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prometheus_client.metrics_core import Metric
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from engine.crm import Crm, Freshness
    from engine.domain.outcomes import StreamTaken, Taken

router = APIRouter(tags=["health"])

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60)


class Metrics:
    """What one application counts, in registries of its own: for anybody, and for keys besides."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.business = CollectorRegistry()
        self.requests = Counter(
            "crm_http_requests",
            "Requests by method, route and status.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "crm_http_request_seconds",
            "From a request's first byte to its reply's last.",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.rows = Counter(
            "crm_rows", "Records by kind and outcome.", ("kind", "outcome"), registry=self.business
        )

    def count_rows(self, kind: str, taken: Taken | StreamTaken) -> None:
        """Count what became of a batch."""
        for outcome in ("created", "updated", "unchanged", "refused"):
            if number := getattr(taken, outcome):
                self.rows.labels(kind, outcome).inc(number)


class MirrorRows(Collector):
    """What the mirror holds; nothing while it is not loaded."""

    def __init__(self, crm: Callable[[], Crm]) -> None:
        self._crm = crm

    def collect(self) -> Iterator[Metric]:
        """Yield the figures as they are now."""
        if (loaded := _mirror(self._crm)) is not None:
            _, found = loaded
            rows = GaugeMetricFamily("crm_mirror_rows", "Rows of the mirror.", labels=("kind",))
            rows.add_metric(("customers",), found.customers)
            rows.add_metric(("orders",), found.orders)
            yield rows


class MirrorGauges(Collector):
    """How far behind the mirror is; nothing while it is not loaded."""

    def __init__(self, crm: Callable[[], Crm]) -> None:
        self._crm = crm

    def collect(self) -> Iterator[Metric]:
        """Yield the figures as they are now."""
        if (loaded := _mirror(self._crm)) is None:
            return
        crm, found = loaded
        yield GaugeMetricFamily(
            "crm_mirror_behind",
            "1 where changes were seen that the figures do not hold yet, else 0.",
            found.behind,
        )
        yield GaugeMetricFamily(
            "crm_mirror_lag_seconds",
            "How long ago the instant is that the figures hold everything of.",
            (crm.clock.now() - found.as_of).total_seconds(),
        )


def _mirror(get: Callable[[], Crm]) -> tuple[Crm, Freshness] | None:
    try:
        crm = get()
        found = crm.mirror_figures()
    except Unavailable:  # it is opening: the other figures count all the more
        return None
    return None if found is None else (crm, found)


class ModelCounters(Collector):
    """What a language model was asked by this process; nothing before it was."""

    def __init__(self, crm: Callable[[], Crm]) -> None:
        self._crm = crm

    def collect(self) -> Iterator[Metric]:
        """Yield the figures as they are now."""
        try:
            found = self._crm().model_figures()
        except Unavailable:  # as with the mirror
            return
        if not found:
            return
        calls = CounterMetricFamily(
            "crm_model_calls", "Questions to the model.", labels=("purpose", "outcome")
        )
        retries = CounterMetricFamily(
            "crm_model_retries", "What was sent to the model again.", labels=("purpose",)
        )
        tokens = CounterMetricFamily(
            "crm_model_tokens", "Tokens of the model.", labels=("purpose", "direction")
        )
        for one in found:
            calls.add_metric((one.purpose, "answered"), one.calls - one.failures)
            calls.add_metric((one.purpose, "failed"), one.failures)
            retries.add_metric((one.purpose,), one.retries)
            tokens.add_metric((one.purpose, "in"), one.input_tokens)
            tokens.add_metric((one.purpose, "out"), one.output_tokens)
        yield from (calls, retries, tokens)


class Measured:
    """Counts and times every request."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500  # until a reply says otherwise

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            method = scope["method"] if scope["method"] in METHODS else "other"
            found = scope.get("route")
            route = found.path if isinstance(found, APIRoute) else "none"
            self._metrics.requests.labels(method, route, status).inc()
            self._metrics.seconds.labels(method, route).observe(time.perf_counter() - started)


def install(app: FastAPI) -> None:
    """Measure an application from now on."""
    app.state.metrics = Metrics()
    app.state.metrics.registry.register(MirrorGauges(app.state.crm))
    app.state.metrics.business.register(MirrorRows(app.state.crm))
    app.state.metrics.business.register(ModelCounters(app.state.crm))
    app.add_middleware(Measured, metrics=app.state.metrics)


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    description="Requests, their times, and how far behind the mirror is. With a key that has the "
    "scope `read` also how many rows the mirror holds, what came in, and what the language model "
    "was asked. Of this process alone.",
    response_class=Response,
    openapi_extra={"security": [{}]},  # a key is not needed
    responses={
        200: {
            "description": "Text format; of this process alone.",
            "content": {CONTENT_TYPE_LATEST: {"schema": {"type": "string"}}},
        },
        **documented(401, 403, 429, 503),
    },
)
def read_metrics(request: Request, with_business: Annotated[bool, ReadIfShown]) -> Response:
    """Return the figures as Prometheus reads them."""
    metrics: Metrics = request.app.state.metrics
    text = generate_latest(metrics.registry)
    if with_business:
        text += generate_latest(metrics.business)
    return Response(text, media_type=CONTENT_TYPE_LATEST)
