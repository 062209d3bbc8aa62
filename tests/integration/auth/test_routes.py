"""The server's own doors over HTTP: the session's cookie, and files that pages show or take."""

from __future__ import annotations

import json
import re
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from engine import Doorkeeper, base_path, session_route
from engine.domain.permission import Role
from engine.domain.user import Origin
from engine.errors import NotAuthenticated, StoreUnavailable, Unavailable
from engine.web.cookies import adopt
from tests.integration.api.serving import served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.requests import Request

    from engine.auth.access import Access
    from engine.domain.sign_in import Opened
    from tests.integration.auth.conftest import House, MovingClock

OURS = {"X-CRM": "1", "Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"}
PAGE = {"Accept": "text/html,application/xhtml+xml"}
TLS = {"X-Forwarded-Proto": "https"}
UPLOAD, METRICS = "/_stcore/upload_file/s/f", "/_stcore/metrics"
GUARDED = ["/media/1f.csv", "/media/", UPLOAD, METRICS]


class Door:
    """The front door as routes ask for it: each test's own, or one that is on its way."""

    access: Access
    opening = False

    def __call__(self) -> Access:
        if self.opening:
            msg = "the engine is opening"
            raise Unavailable(msg)
        return self.access


DOOR = Door()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A server that shows what reaches its pages, with the front door of the test at hand."""

    async def shows(request: Request) -> JSONResponse:
        return JSONResponse(request.cookies, headers={"cache-control": "public"})

    methods = ["GET", "PUT", "POST", "DELETE", "OPTIONS"]
    pages = Route("/{page:path}", shows, methods=methods)
    routes = Starlette(routes=[session_route(DOOR), pages])
    with served(Doorkeeper(routes, access=DOOR)) as address:
        yield address


@pytest.fixture
def door(house: Callable[..., House]) -> Door:
    DOOR.access, DOOR.opening = house().access, False
    return DOOR


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    """A browser that keeps no cookie by itself."""
    with httpx.Client(base_url=address, trust_env=False) as client:
        client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        yield client


def entered(door: Door, role: Role = Role.ANALYST) -> Opened:
    return door.access.enter_demo(role, origin=Origin())


def redeemed(
    client: httpx.Client, ticket: object, *, browser: str = "mine", **headers: str
) -> httpx.Response:
    told = {**OURS, "Cookie": f"crm_browser={browser}", **headers}
    return client.post("/auth/session", json={"ticket": ticket}, headers=told)


def cookie_of(response: httpx.Response, name: str) -> tuple[str, set[str]]:
    """Return the value of the one cookie of a name that a response sets, and its attributes."""
    [found] = [c for c in response.headers.get_list("set-cookie") if c.startswith(f"{name}=")]
    pair, *attributes = found.split("; ")
    return pair.partition("=")[2], set(attributes)


# --- the session's cookie --------------------------------------------------------------------


def test_a_ticket_becomes_a_cookie_that_no_script_reads(client: httpx.Client, door: Door) -> None:
    opened = entered(door)
    response = redeemed(client, door.access.ticket(opened, browser="mine"))
    assert (response.status_code, response.json()) == (200, {"signed_in": True})
    assert response.headers["cache-control"] == "no-store"
    token, attributes = cookie_of(response, "crm_session")
    assert attributes == {"Path=/", "HttpOnly", "SameSite=Lax", "Max-Age=604800"}
    assert door.access.recognise(token) == opened.signed_in
    assert token not in response.text


def test_behind_tls_the_cookie_is_bound_to_this_very_host(client: httpx.Client, door: Door) -> None:
    ticket = door.access.ticket(entered(door), browser="mine")
    told = {**OURS, **TLS, "Cookie": "__Host-crm_browser=mine"}
    response = client.post("/auth/session", json={"ticket": ticket}, headers=told)
    _, attributes = cookie_of(response, "__Host-crm_session")
    assert attributes == {"Path=/", "HttpOnly", "SameSite=Lax", "Max-Age=604800", "Secure"}


def test_behind_tls_by_the_settings_the_cookie_is_bound_too(
    client: httpx.Client, door: Door
) -> None:
    door.access.public_url = "https://crm.example"
    ticket = door.access.ticket(entered(door), browser="mine")
    told = {**OURS, "Cookie": "__Host-crm_browser=mine"}
    response = client.post("/auth/session", json={"ticket": ticket}, headers=told)
    assert "Secure" in cookie_of(response, "__Host-crm_session")[1]


def test_a_ticket_is_redeemed_once_and_by_its_browser_only(
    client: httpx.Client, door: Door
) -> None:
    ticket = door.access.ticket(entered(door), browser="mine")
    assert redeemed(client, ticket).status_code == 200
    stolen = door.access.ticket(entered(door), browser="mine")
    for response in (
        redeemed(client, ticket),
        redeemed(client, stolen, browser="another"),
        redeemed(client, stolen),
    ):
        assert response.status_code == 401
        assert response.json()["signed_in"] is False
        assert "set-cookie" not in response.headers


def test_a_caller_who_asks_in_vain_again_and_again_is_logged_once_a_minute(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    assert door
    with served(Doorkeeper(Starlette(routes=[session_route(door)]), access=door)) as address:
        for _ in range(5):
            for headers in ({}, {"X-CRM": "1"}):
                told = httpx.post(f"{address}/auth/session", headers=headers, trust_env=False)
                assert told.status_code == 403
    assert [one for one in caplog.messages if "/auth/session" in one] == [
        "refused: 127.0.0.1 asked for POST of /auth/session: the header X-CRM is missing"
    ]


@pytest.mark.parametrize("base", ["", "crm", "/a/b/"])
def test_a_ticket_is_redeemed_below_what_pages_have_before_them(door: Door, base: str) -> None:
    before = base_path(base)
    routes = Starlette(routes=[session_route(door, base=before)])
    ticket = door.access.ticket(entered(door), browser="mine")
    told = {**OURS, "Cookie": "crm_browser=mine"}
    with served(Doorkeeper(routes, access=door, base=before)) as address:
        path = f"/{base.strip('/')}/auth/session" if base else "/auth/session"
        body = {"ticket": ticket}
        assert httpx.post(address + path, json=body, headers=told, trust_env=False).is_success


FOREIGN: list[dict[str, str | None]] = [
    {"X-CRM": ""},
    {"X-CRM": "0"},
    {"X-CRM": None},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": ""},
    {"Sec-Fetch-Site": "cross-site", "Origin": "{here}"},
    {"Sec-Fetch-Site": None, "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": None, "Origin": "{here}0"},
    {"Sec-Fetch-Site": None, "Origin": "null"},
    {"Sec-Fetch-Site": None},
]


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_no_other_site_begins_or_ends_a_session(
    client: httpx.Client, door: Door, method: str
) -> None:
    opened = entered(door)
    ticket = door.access.ticket(opened, browser="mine")
    here = str(client.base_url).rstrip("/")
    for changed in FOREIGN:
        told: dict[str, str | None] = {
            **OURS,
            "Cookie": f"crm_browser=mine; crm_session={opened.token}",
            **changed,
        }
        sent = {n: value.format(here=here) for n, value in told.items() if value is not None}
        body = json.dumps({"ticket": ticket})
        response = client.request(method, "/auth/session", content=body, headers=sent)
        assert response.status_code == 403, changed
        assert "set-cookie" not in response.headers
    assert door.access.recognise(opened.token)
    assert door.access.redeem(ticket, browser="mine"), "it was used up"


@pytest.mark.parametrize("proxied", [False, True])
def test_a_browser_that_names_its_origin_only_is_believed_where_it_is_ours(
    client: httpx.Client, door: Door, *, proxied: bool
) -> None:
    door.access.public_url = "http://localhost:9" if proxied else None
    here = "http://localhost:9" if proxied else str(client.base_url).rstrip("/")
    ticket = door.access.ticket(entered(door), browser="mine")
    told = {name: value for name, value in OURS.items() if name != "Sec-Fetch-Site"}
    told |= {"Origin": here, "Cookie": "crm_browser=mine"}
    assert client.post("/auth/session", json={"ticket": ticket}, headers=told).status_code == 200


def test_a_form_gets_no_cookie(client: httpx.Client, door: Door) -> None:
    ticket = door.access.ticket(entered(door), browser="mine")
    for media_type in ("", "text/plain", "application/x-www-form-urlencoded"):
        response = redeemed(client, ticket, **{"Content-Type": media_type})
        assert response.status_code == 415
    assert door.access.redeem(ticket, browser="mine"), "it was used up"


@pytest.mark.usefixtures("door")
def test_what_is_no_ticket_is_refused(client: httpx.Client) -> None:
    bodies = {
        400: (
            *(b"", b"[]", b"{}", b"7", b"\xff", b"null", b"[" * 4_000),
            *(b'{"ticket": 7}', b'{"ticket": null}'),
        ),
        401: (b'{"ticket": "x"}', b'{"ticket": ""}', b'{"ticket": "\\ud800"}'),
        413: (b'{"ticket": "' + b"x" * 5_000 + b'"}',),
    }
    for status, given in bodies.items():
        for body in given:
            told = {**OURS, "Cookie": "crm_browser=mine"}
            response = client.post("/auth/session", content=body, headers=told)
            assert response.status_code == status, body
            assert response.json()["signed_in"] is False


def test_nothing_else_is_done_at_the_sessions_address(client: httpx.Client, door: Door) -> None:
    opened = entered(door)
    for method in ("GET", "PUT", "PATCH", "OPTIONS", "HEAD"):
        told = {**OURS, "Cookie": f"crm_session={opened.token}"}
        response = client.request(method, "/auth/session", headers=told)
        assert "set-cookie" not in response.headers
        assert not any(name.startswith("access-control") for name in response.headers)
    assert door.access.recognise(opened.token)


def test_leaving_ends_the_session_and_takes_the_cookie_back(
    client: httpx.Client, door: Door
) -> None:
    opened = entered(door)
    told = {**OURS, "Cookie": f"crm_session={opened.token}"}
    for _ in range(2):
        response = client.delete("/auth/session", headers=told)
        assert (response.status_code, response.json()) == (200, {"signed_in": False})
        value, attributes = cookie_of(response, "crm_session")
        assert value == ""
        assert "Max-Age=0" in attributes
        with pytest.raises(NotAuthenticated):
            door.access.recognise(opened.token)


def test_an_engine_that_is_opening_or_has_no_mongodb_says_so(
    client: httpx.Client, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = entered(door)
    door.opening = True
    assert redeemed(client, "x").status_code == 503
    told = {"Cookie": f"crm_session={opened.token}"}
    assert client.get("/media/x", headers=told).status_code == 503
    assert client.get("/", headers=PAGE).status_code == 200
    door.opening = False

    def away(*_: object, **__: object) -> None:
        msg = "MongoDB does not answer"
        raise StoreUnavailable(msg)

    for name in ("redeem", "recognise", "rotated"):
        monkeypatch.setattr(door.access, name, away)
    assert redeemed(client, "x").status_code == 503
    assert client.get("/media/x", headers=told).status_code == 503
    assert client.get("/", headers=PAGE | told).status_code == 200


# --- page loads ------------------------------------------------------------------------------


@pytest.mark.usefixtures("door")
@pytest.mark.parametrize("path", ["/", "/segments?segment=7"])
def test_a_browser_that_loads_a_page_gets_a_cookie_of_its_own(
    client: httpx.Client, path: str
) -> None:
    first, second = (client.get(path, headers=PAGE) for _ in range(2))
    value, attributes = cookie_of(first, "crm_browser")
    assert re.fullmatch(r"[\w-]{43}", value)
    assert attributes == {"Path=/", "HttpOnly", "SameSite=Lax"}
    assert cookie_of(second, "crm_browser")[0] != value
    assert first.headers["cache-control"] == "no-store"
    again = client.get(path, headers={**PAGE, "Cookie": f"crm_browser={value}"})
    assert "set-cookie" not in again.headers
    assert again.headers["cache-control"] == "public"
    secured = client.get(path, headers=PAGE | TLS)
    assert "Secure" in cookie_of(secured, "__Host-crm_browser")[1]


@pytest.mark.usefixtures("door")
@pytest.mark.parametrize(
    ("path", "accept"),
    [("/", "*/*"), ("/static/x", "text/html"), ("/api/v1/x", "text/html"), ("/x.js", "text/html")],
)
def test_what_is_no_page_sets_no_cookie(client: httpx.Client, path: str, accept: str) -> None:
    assert "set-cookie" not in client.get(path, headers={"Accept": accept}).headers


def test_a_page_load_renews_a_token_that_is_an_hour_old(
    client: httpx.Client, door: Door, clock: MovingClock
) -> None:
    opened = entered(door)
    told = {**PAGE, "Cookie": f"crm_browser=mine; crm_session={opened.token}"}
    assert "set-cookie" not in client.get("/", headers=told).headers
    clock.passes(hours=1)
    assert "set-cookie" not in client.get("/x.js", headers=told).headers
    token, attributes = cookie_of(client.get("/", headers=told), "crm_session")
    assert {"HttpOnly", "SameSite=Lax", "Max-Age=604800"} <= attributes
    clock.passes(seconds=61)
    assert door.access.recognise(token).session == opened.signed_in.session
    with pytest.raises(NotAuthenticated):
        door.access.recognise(opened.token)


@pytest.mark.usefixtures("door")
@pytest.mark.parametrize("token", ["", "x", "\u00e9"])
def test_a_page_loads_with_a_cookie_that_is_worth_nothing(client: httpx.Client, token: str) -> None:
    told: Any = {b"accept": b"text/html", b"cookie": f"crm_session={token}".encode("latin-1")}
    assert client.get("/", headers=told).status_code == 200


# --- cookies as pages see them ---------------------------------------------------------------


@pytest.mark.usefixtures("door")
@pytest.mark.parametrize(
    ("headers", "cookie", "seen"),
    [
        ({}, "crm_session=a; other=b", {"crm_session": "a", "other": "b"}),
        ({}, "__Host-crm_session=a; other=b", {"other": "b"}),
        (TLS, "__Host-crm_session=a; other=b", {"crm_session": "a", "other": "b"}),
        (TLS, "crm_session=planted; crm_browser=planted", {}),
        (TLS, "crm_session=planted; __Host-crm_session=a", {"crm_session": "a"}),
        (TLS, "__Host-crm_session=a; crm_session=planted", {"crm_session": "a"}),
        (TLS, "crm_session =planted;__Host-crm_browser=b", {"crm_browser": "b"}),
    ],
)
def test_pages_see_a_session_that_nobody_beside_us_could_plant(
    client: httpx.Client, headers: dict[str, str], cookie: str, seen: dict[str, str]
) -> None:
    assert client.get("/", headers=headers | {"Cookie": cookie}).json() == seen


def test_while_the_engine_opens_a_cookie_with_the_prefix_tells_of_tls(
    client: httpx.Client, door: Door
) -> None:
    door.opening = True
    told = {"Cookie": "__Host-crm_session=a; crm_session=planted"}
    assert client.get("/", headers=told).json() == {"crm_session": "a"}
    assert client.get("/", headers={"Cookie": "crm_session=a"}).json() == {"crm_session": "a"}


def test_other_cookies_are_passed_on_as_they_came() -> None:
    scope: dict[str, Any] = {
        "headers": [
            (b"cookie", b'_streamlit_xsrf="2|a\\073b"; flag'),
            (b"host", b"x"),
            (b"cookie", b"crm_session=a=b"),
        ]
    }
    assert adopt(scope, secure=False) == {"crm_session": "a=b"}
    assert scope["headers"] == [
        (b"host", b"x"),
        (b"cookie", b'_streamlit_xsrf="2|a\\073b"; flag; crm_session=a=b'),
    ]


# --- files -----------------------------------------------------------------------------------


def test_files_are_for_who_is_signed_in(client: httpx.Client, door: Door) -> None:
    opened = entered(door)
    signed_in = {"Cookie": f"crm_session={opened.token}"}
    calls = [(method, path) for method in ("GET", "PUT", "DELETE", "OPTIONS") for path in GUARDED]
    for method, path in calls:
        assert client.request(method, path, headers=signed_in).status_code == 200
    door.access.sign_out(opened.signed_in.session.session_id)
    for method, path in calls:
        for cookie in ("", f"crm_session={opened.token}", "crm_session=x", "crm_browser=mine"):
            response = client.request(method, path, headers={"Cookie": cookie})
            assert (response.status_code, response.text) == (403, "Sign in first.")
    assert client.get("/mediaeval").status_code == 200


def test_a_planted_cookie_opens_no_file_behind_tls(client: httpx.Client, door: Door) -> None:
    planted = {"Cookie": f"crm_session={entered(door).token}"}
    assert client.get("/media/x", headers=planted | TLS).status_code == 403


def test_files_ask_for_no_cookie_while_a_session_could_be_given_none(
    client: httpx.Client, door: Door
) -> None:
    opened = entered(door)
    assert client.get("/media/x").status_code == 403
    door.access.hold_in_tab(opened.signed_in.session.session_id)
    assert client.get("/media/x").status_code == 200
    door.access.sign_out(opened.signed_in.session.session_id)
    assert client.get("/media/x").status_code == 403


def test_only_who_may_import_leaves_files_in_the_server_s_memory(
    client: httpx.Client, door: Door
) -> None:
    for role in Role:
        told = {"Cookie": f"crm_session={entered(door, role).token}"}
        assert client.get("/media/x", headers=told).status_code == 200
        assert client.get(METRICS, headers=told).status_code == 200
        for method in ("PUT", "DELETE"):
            reply = client.request(method, UPLOAD, headers=told)
            assert reply.status_code == (403 if role is Role.VIEWER else 200)
            assert role is not Role.VIEWER or reply.text == "Your role may not do this."


def test_a_session_without_a_cookie_opens_to_others_what_its_own_person_may_do(
    client: httpx.Client, door: Door
) -> None:
    viewer, analyst = entered(door, Role.VIEWER), entered(door)
    door.access.hold_in_tab(viewer.signed_in.session.session_id)
    assert client.get("/media/x").status_code == 200
    assert client.put(UPLOAD).status_code == 403
    door.access.hold_in_tab(analyst.signed_in.session.session_id)
    assert client.put(UPLOAD).status_code == 200
    seen = {"Cookie": f"crm_session={entered(door, Role.VIEWER).token}"}
    assert client.put(UPLOAD, headers=seen).status_code == 403, "it is known who asks"
    assert client.get(METRICS).status_code == 403, "no page needs it"


def test_a_caller_who_is_refused_files_is_logged_once_a_minute(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    assert door
    inner = Starlette(routes=[])
    with served(Doorkeeper(inner, access=door)) as address:
        for _ in range(5):
            assert httpx.get(f"{address}/media/1f.csv", trust_env=False).status_code == 403
    [told] = [one for one in caplog.messages if "without a session" in one]
    assert told == "refused: 127.0.0.1 asked for /media/ without a session that may"


def test_files_are_guarded_where_pages_have_a_path_before_them(door: Door) -> None:
    async def shows(_: Request) -> JSONResponse:
        return JSONResponse({})

    inner = Starlette(routes=[Route("/{page:path}", shows)])
    with served(Doorkeeper(inner, access=door, base=base_path("crm/"))) as address:
        for path, status in (("/crm/media/x", 403), ("/media/x", 403), ("/crm/segments", 200)):
            assert httpx.get(address + path, trust_env=False).status_code == status
        loaded = httpx.get(f"{address}/crm/static/x", headers=PAGE, trust_env=False)
        assert "set-cookie" not in loaded.headers
