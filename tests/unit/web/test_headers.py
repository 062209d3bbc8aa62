from __future__ import annotations

import asyncio
import hashlib
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from engine.errors import Unavailable
from engine.web.headers import SecurityHeaders, page_policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

INDEX = "<html><script>\n  window.x = 1\n</script><script type=module src=a.js></script></html>"


async def answer(request: Request) -> PlainTextResponse:
    if request.url.path == "/broken":
        msg = "nobody foresaw this"
        raise RuntimeError(msg)
    loose = {"Content-Security-Policy": "default-src *", "X-Frame-Options": "ALLOWALL"}
    return PlainTextResponse("hello", headers={**loose, "Cache-Control": "max-age=60"})


def reply(
    path: str,
    *,
    index: str | None = INDEX,
    scheme: str = "http",
    public_url: Callable[[], str | None] | None = None,
    base: str = "",
) -> httpx.Response:
    app = Starlette(
        routes=[Route("/{path:path}", answer)],
        middleware=[Middleware(SecurityHeaders, index=index, public_url=public_url, base=base)],
    )

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=f"{scheme}://crm") as client:
            return await client.get(path)

    # Not in this thread: browser tests may have left their loop running in it.
    with ThreadPoolExecutor(1) as other:
        return other.submit(lambda: asyncio.run(ask())).result()


def test_the_index_s_own_inline_script_runs_and_no_other_text_does() -> None:
    digest = b64encode(hashlib.sha256(b"\n  window.x = 1\n").digest()).decode()
    scripts = next(d for d in page_policy(INDEX).split("; ") if d.startswith("script-src"))
    assert scripts == f"script-src 'self' blob: 'wasm-unsafe-eval' 'sha256-{digest}'"


def test_what_the_application_set_itself_gives_way() -> None:
    headers = reply("/x").headers
    assert headers["content-security-policy"] == page_policy(INDEX)
    assert headers["x-frame-options"] == "SAMEORIGIN"


@pytest.mark.parametrize("path", ["/api", "/api/v1/x", "/media/x.csv"])
def test_data_may_run_nothing_and_be_framed_by_nobody(path: str) -> None:
    headers = reply(path).headers
    assert headers["content-security-policy"].endswith("frame-ancestors 'none'; sandbox")
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "max-age=60", "the application's own answer to that holds"


@pytest.mark.parametrize("path", ["/crm/media/x.csv", "/api/v1/x"])
def test_data_is_data_where_pages_have_a_path_before_them(path: str) -> None:
    assert "sandbox" in reply(path, base="/crm").headers["content-security-policy"]
    page = reply("/crm/segments", base="/crm").headers
    assert page["content-security-policy"] == page_policy(INDEX)


def test_a_page_whose_name_begins_like_data_is_a_page() -> None:
    assert reply("/apiary").headers["content-security-policy"] == page_policy(INDEX)


def test_without_pages_everything_is_data() -> None:
    assert "sandbox" in reply("/x", index=None).headers["content-security-policy"]


def test_https_is_to_be_kept_to_for_a_year() -> None:
    assert reply("/x", scheme="https").headers["strict-transport-security"] == "max-age=31536000"
    assert "strict-transport-security" not in reply("/x").headers


def test_a_proxy_that_is_not_trusted_hides_no_https_where_the_settings_say_it() -> None:
    def opening() -> str:
        msg = "the engine is opening"
        raise Unavailable(msg)

    told = {
        public_url: "strict-transport-security" in reply("/x", public_url=public_url).headers
        for public_url in (lambda: "https://crm.example", lambda: "http://127.0.0.1", opening)
    }
    assert list(told.values()) == [True, False, False]


def test_an_error_that_nobody_caught_is_answered_with_the_headers_and_without_its_text() -> None:
    broken = reply("/broken")
    assert (broken.status_code, broken.text) == (500, "Internal Server Error")
    assert broken.headers["content-security-policy"] == page_policy(INDEX)
    assert broken.headers["x-content-type-options"] == "nosniff"
