"""The server: the pages, the API beside them at /api, sign-in, and the engine's start and stop.

`streamlit run streamlit_app.py` finds `app`; the launcher itself renders nothing.
"""

from __future__ import annotations

import asyncio
import os
import sys
import traceback
from contextlib import ExitStack, asynccontextmanager
from importlib import import_module
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

# Streamlit writes secrets.toml over the environment when the server starts; what the environment
# said before that has precedence over the file, so it is kept here.
ENVIRONMENT = dict(os.environ)

import streamlit as st  # noqa: E402 - see above
from starlette.middleware import Middleware  # noqa: E402
from starlette.routing import Mount  # noqa: E402
from streamlit import config  # noqa: E402

from engine import (  # noqa: E402
    Doorkeeper,
    Hosts,
    RequestIds,
    SecurityHeaders,
    base_path,
    create_app,
    load,
    redacted,
    serve,
    session_route,
    sign_in_mode,
)
from engine.errors import CrmError  # noqa: E402
from pages._ui import engine as handle  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from engine import Access


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Open the engine while the browser loads its scripts, and close it after the last page."""
    with ExitStack() as running:
        handle.expect()
        opening = asyncio.create_task(asyncio.to_thread(open_engine, running))
        # The first chart's import takes a second, which passes while MongoDB starts.
        charts = asyncio.create_task(asyncio.to_thread(import_module, "altair"))
        yield
        await opening
        await charts


def open_engine(running: ExitStack) -> None:
    """Open the engine and hand it to the pages, or say in one sentence why not, and end."""
    try:
        settings = load(environment=ENVIRONMENT)
        mode = sign_in_mode(settings, bound_here=is_bound_here())
        crm = running.enter_context(serve(settings, mode=mode))
    except Exception as error:  # noqa: BLE001 - the process ends, and says why
        # Raised on, it would be lost in this thread, and every page would wait for good.
        told = isinstance(error, CrmError)
        text = f"{error}\n" if told else "".join(traceback.format_exception(error))
        sys.stderr.write(redacted(text))
        sys.stderr.flush()
        os._exit(1)
    handle.provide(crm)
    running.callback(handle.withdraw)


def is_bound_here() -> bool:
    """Tell whether this machine alone can reach the server."""
    address = str(st.get_option("server.address") or "")
    try:
        return ip_address(address).is_loopback
    except ValueError:  # a name, or none, which means every address
        return address == "localhost"


def listed_origins() -> tuple[str, ...]:
    """Return origins whose pages may connect as Streamlit's options say, beside our own."""
    listed = [one.strip() for one in st.get_option("server.corsAllowedOrigins")]
    if config.is_manually_set("browser.serverAddress"):
        address, port = (st.get_option(f"browser.server{one}") for one in ("Address", "Port"))
        listed += [address, f"{address}:{port}"]
    return tuple(listed)


def access() -> Access:
    """Return the front door; raises Unavailable while the engine is opening or closing."""
    return handle.provided().access


# uvicorn believes this machine's processes what they say of the address they forward, unless its
# variable says whom to believe; Streamlit has no option for it.
api = create_app(handle.provided, doubts_forwarded="FORWARDED_ALLOW_IPS" not in ENVIRONMENT)
base = base_path(st.get_option("server.baseUrlPath"))
index = Path(st.__file__).parent / "static" / "index.html"
app = st.App(
    Path(__file__).parent / "pages" / "shell.py",
    lifespan=lifespan,
    routes=[Mount("/api", api), session_route(access, base=base)],
    middleware=[
        Middleware(RequestIds),
        Middleware(
            SecurityHeaders,
            index=index.read_text(encoding="utf-8"),
            public_url=lambda: access().public_url,
            base=base,
        ),
        Middleware(
            Doorkeeper,
            access=access,
            base=base,
            hosts=Hosts(
                listed=listed_origins(),
                any_origin=not st.get_option("server.enableCORS"),
                bound_here=is_bound_here(),
            ),
        ),
    ],
)
