"""Requests drawn from the OpenAPI document, good ones and bad ones, against the real server.

``SCHEMA_CASES`` is how many are drawn for all operations together; 10,000 take some minutes.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from engine.api.application import create_app
from engine.domain.api_key import ApiRates
from engine.domain.customer import Customer
from engine.domain.rule_codec import decode
from tests.integration.api.serving import served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemathesis import APIOperation, Case

    from engine.crm import Crm

CASES = int(os.environ.get("SCHEMA_CASES", "280"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def _no_engine() -> None:
    """The document alone needs none."""


DOCUMENT = schemathesis.openapi.from_dict(create_app(_no_engine).openapi())  # type: ignore[arg-type]
OPERATIONS = [found.ok() for found in DOCUMENT.get_all_operations()]  # type: ignore[union-attr]
OPEN = [one for one in OPERATIONS if one.body or list(one.iter_parameters())]
"""Those that say something; there is one way to ask the others."""
DRAWN = [
    *((one, mode) for one in OPEN for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)),
    *((one, GenerationMode.POSITIVE) for one in OPERATIONS if one not in OPEN),
]


KNOWN = "c-7"
LEFT_OUT = ("now", "at_least", "after")
"""What text that was drawn hardly ever is right for."""
REFUSED = {401, 403, 429}


@dataclass(frozen=True)
class Shop:
    """A served engine with a customer and a segment, and a key that may do everything."""

    address: str
    headers: dict[str, str]
    segment_id: str

    def known(self, case: Case[Any]) -> None:
        """Let a drawn request ask for what there is."""
        names = {"customer_id": KNOWN, "segment_id": self.segment_id}
        for name in case.path_parameters.keys() & names.keys():
            case.path_parameters[name] = names[name]
        for name in LEFT_OUT:
            case.query.pop(name, None)


@pytest.fixture
def shop(crm: Crm) -> Iterator[Shop]:
    crm.stores.customers.upsert([Customer(customer_id=KNOWN, city="Pune")], source="test")
    rule = decode({"version": 1, "rule": {"all": []}})
    segment = crm.save_segment(name="Everyone", description="", rule=rule)
    _, token = crm.create_api_key("test", ["ingest", "read", "erase"])
    busy = replace(crm, api_rates=ApiRates(per_key=10**7, failures_per_address=10**7))
    with served(create_app(lambda: busy)) as address:
        yield Shop(address, {"Authorization": f"Bearer {token}"}, segment.segment_id)


@pytest.mark.parametrize(
    ("operation", "mode"), DRAWN, ids=lambda one: getattr(one, "label", None) or one.value
)
def test_every_answer_is_one_that_the_document_tells(
    shop: Shop, operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode
) -> None:
    wanted = -(-CASES // (2 * len(OPEN)))
    seen: Counter[int] = Counter()

    @settings(
        max_examples=wanted,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), is_known=st.booleans())
    def ask(case: Case[Any], *, is_known: bool) -> None:
        if is_known and mode is GenerationMode.POSITIVE:
            shop.known(case)
        # A bad request may be bad for want of a key; the others are let in.
        reply = case.call_and_validate(base_url=shop.address, headers=shop.headers, checks=CHECKS)
        seen[reply.status_code] += 1

    ask()
    assert seen.total() >= (wanted if operation in OPEN else 1)
    assert seen.keys() - REFUSED, "some were let in"
    if mode is GenerationMode.POSITIVE:
        assert seen.keys().isdisjoint(REFUSED), "all were let in"
        assert seen[200] or operation.method != "get", "answers of success were drawn, too"


def test_every_route_is_drawn() -> None:
    routes = {one.label for one in OPERATIONS}
    assert {one.label for one, _ in DRAWN} == routes
    assert {"GET /v1/segments", "DELETE /v1/customers/{customer_id}", "POST /v1/preview"} <= routes
