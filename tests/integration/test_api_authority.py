"""Who may call a route, over real HTTP."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest
from fastapi import Request  # noqa: TC002 - FastAPI reads it

from engine.api.authority import Ingest
from engine.domain.api_key import ApiRates
from engine.domain.network import network
from tests.integration.small_api import serving, small_api

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.crm import Crm


@pytest.fixture
def address(crm: Crm) -> Iterator[str]:
    """Address of an application that takes 5 requests a minute of a key, and 3 failures."""
    app = small_api(replace(crm, api_rates=ApiRates(per_key=5, failures_per_address=3)))

    @app.get("/ingest", dependencies=[Ingest])
    def taken(request: Request) -> str:
        return str(request.state.key.name)

    with serving(app) as address:
        yield address


def get(address: str, token: str | None, scheme: str = "Bearer") -> httpx.Response:
    headers = {} if token is None else {"Authorization": f"{scheme} {token}"}
    return httpx.get(f"{address}/ingest", headers=headers, timeout=30)


def test_a_key_with_the_scope_is_let_in_and_told_to_the_route(crm: Crm, address: str) -> None:
    _, token = crm.create_api_key("till 4", ["ingest"])
    reply = get(address, token)
    assert (reply.status_code, reply.json()) == (200, "till 4")


def test_without_a_key_and_with_a_wrong_one_the_answer_is_401(crm: Crm, address: str) -> None:
    _, token = crm.create_api_key("till", ["ingest"])
    for reply in (get(address, None), get(address, token[:-1]), get(address, token, "Basic")):
        assert reply.status_code == 401
        assert reply.headers["WWW-Authenticate"].startswith("Bearer")
        assert token[13:30] not in reply.text


def test_a_key_without_the_scope_is_told_which_one_it_lacks(crm: Crm, address: str) -> None:
    _, token = crm.create_api_key("reports", ["read", "erase"])
    reply = get(address, token)
    assert reply.status_code == 403
    assert reply.json()["detail"] == (
        "this needs a key with the scope 'ingest' (write customers and orders); "
        "the key 'reports' has erase, read"
    )


def test_a_revoked_key_is_no_key(crm: Crm, address: str) -> None:
    key, token = crm.create_api_key("till", ["ingest"])
    assert get(address, token).status_code == 200
    crm.revoke_api_key(key.id)
    assert get(address, token).status_code == 401


def test_a_key_that_asks_too_often_is_told_when_to_come_back(crm: Crm, address: str) -> None:
    _, busy = crm.create_api_key("busy", ["ingest"])
    _, other = crm.create_api_key("other", ["ingest"])
    assert [get(address, busy).status_code for _ in range(6)] == [200] * 5 + [429]
    refused = get(address, busy)
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    detail = refused.json()["detail"]
    assert "at most 5 requests a minute with one key" in detail
    assert detail.endswith(f"try again in {refused.headers['Retry-After']} s")
    assert get(address, other).status_code == 200


def test_failures_from_one_address_are_held_up_and_good_keys_are_not(
    crm: Crm, address: str
) -> None:
    _, token = crm.create_api_key("till", ["ingest"])
    assert [get(address, "x").status_code for _ in range(4)] == [401] * 3 + [429]
    assert 1 <= int(get(address, None).headers["Retry-After"]) <= 60
    assert get(address, token).status_code == 200


def test_a_forwarded_address_is_not_believed(address: str) -> None:
    for n in range(3):
        httpx.get(f"{address}/ingest", headers={"X-Forwarded-For": f"192.0.2.{n}"})
    reply = httpx.get(f"{address}/ingest", headers={"X-Forwarded-For": "192.0.2.9"})
    assert reply.status_code == 429


@pytest.mark.parametrize(
    ("address", "told_apart_by"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("", ""),
    ],
)
def test_a_caller_of_many_ipv6_addresses_is_one_caller(address: str, told_apart_by: str) -> None:
    assert network(address) == told_apart_by
