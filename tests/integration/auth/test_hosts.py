"""Who may ask at all: whose pages open a WebSocket, and under which names a demo is entered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from engine import Doorkeeper, Hosts
from engine.domain.sign_in import SignInMode
from tests.integration.api.serving import served

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from engine.crm import Crm
    from tests.integration.auth.conftest import House, Opening

HERE, ELSEWHERE = "127.0.0.1:8501", "crm.example"


def asks(host: str, origin: str | None = None, *, kind: str = "websocket") -> dict[str, Any]:
    headers = [(b"host", host.encode())]
    if origin is not None:
        headers.append((b"origin", origin.encode()))
    return {"type": kind, "headers": headers}


def test_pages_of_the_public_address_and_of_listed_origins_may_connect(
    house: Callable[..., House],
) -> None:
    access = house().access
    listed = ("https://frame.example", "http://other.example:81")
    for origin in ("https://crm.example", *listed):
        assert Hosts().objection(asks(HERE, origin), access) is not None
    access.public_url = "https://crm.example"
    hosts = Hosts(listed=listed)
    for origin in ("https://crm.example", "https://crm.example:443", *listed):
        assert hosts.objection(asks(HERE, origin), access) is None
    for origin in ("https://crm.example:8443", "http://other.example", "http://127.0.0.1:9"):
        objection = hosts.objection(asks(HERE, origin), access)
        assert objection is not None
        assert objection.status == 403


def test_where_the_host_is_rewritten_only_its_other_ports_are_refused(
    house: Callable[..., House],
) -> None:
    access, hosts = house().access, Hosts(any_origin=True)
    for origin in ("https://app.example", "null", f"http://{HERE}", "http://localhost:9"):
        assert hosts.objection(asks(HERE, origin), access) is None
    assert hosts.objection(asks(HERE, "http://127.0.0.1:9"), access) is not None


def test_a_demo_that_nobody_asked_for_is_entered_by_no_page_from_elsewhere(
    house: Callable[..., House],
) -> None:
    access, hosts = house().access, Hosts(any_origin=True, bound_here=True)
    evil = asks(HERE, "https://evil.example")
    assert hosts.objection(evil, access) is None
    access.only_here = True
    for state in (access, None):
        objection = hosts.objection(evil, state)
        assert objection is not None
        assert objection.status == 403
        assert hosts.objection(asks(HERE, f"http://{HERE}"), state) is None


def test_who_is_no_page_names_no_origin_and_plain_requests_are_asked_for_none(
    house: Callable[..., House],
) -> None:
    access = house().access
    assert Hosts().objection(asks(HERE), access) is None
    assert Hosts().objection(asks(HERE, "http://evil.example", kind="http"), access) is None


def test_while_the_engine_opens_a_server_of_this_machine_lets_no_other_name_connect() -> None:
    hosts, origin = Hosts(bound_here=True), f"https://{ELSEWHERE}"
    objection = hosts.objection(asks(ELSEWHERE, origin), None)
    assert objection is not None
    assert objection.status == 503
    assert hosts.objection(asks(ELSEWHERE, kind="http"), None) is None
    assert hosts.objection(asks(HERE, f"http://{HERE}"), None) is None
    assert Hosts().objection(asks(ELSEWHERE, origin), None) is None


@pytest.mark.parametrize(
    ("mode", "demo", "only_here"),
    [
        (SignInMode.DEMO, None, True),
        (SignInMode.DEMO, True, False),
        (SignInMode.CLOSED, None, False),
    ],
)
def test_a_demo_that_nobody_asked_for_is_this_machine_s_alone(
    opening: Opening, mode: SignInMode, *, demo: bool | None, only_here: bool
) -> None:
    crm: Crm = opening(mode=mode, demo=demo)
    assert crm.access.only_here is only_here


def test_a_demo_that_nobody_asked_for_answers_under_no_other_name(
    house: Callable[..., House], caplog: pytest.LogCaptureFixture
) -> None:
    access = house().access

    async def shows(_: Request) -> PlainTextResponse:
        return PlainTextResponse("shown")

    app = Starlette(routes=[Route("/{page:path}", shows)])
    with served(Doorkeeper(app, access=lambda: access)) as address:

        def asked(host: str) -> httpx.Response:
            return httpx.get(f"{address}/api/v1/x", headers={"Host": host}, trust_env=False)

        assert asked("evil.example").text == "shown"
        access.only_here = True
        for host in ("evil.example", "evil.example:8501", "127.0.0.1.evil.example", ""):
            refused = asked(host)
            assert refused.status_code == 400
            assert "CRM_DEMO=true" in refused.text
            assert "CRM_PUBLIC_URL" in refused.text
        for host in ("localhost:8501", "crm.localhost", "127.0.0.1", "[::1]:8501"):
            assert asked(host).text == "shown"
    [told] = [one for one in caplog.messages if one.startswith("refused")]
    assert told.endswith("asked for a host that is not this machine's: host 'evil.example'")
