"""The server: the pages, the API beside them at /api, and the engine's start and stop.

`streamlit run streamlit_app.py` finds `app`; the launcher itself renders nothing.
"""

from __future__ import annotations

import asyncio
import os
import sys
import traceback
from contextlib import ExitStack, asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

# Streamlit writes secrets.toml over the environment when the server starts; what the environment
# said before that has precedence over the file, so it is kept here.
ENVIRONMENT = dict(os.environ)

import streamlit as st  # noqa: E402 - see above
from starlette.routing import Mount  # noqa: E402

from engine import create_app, load, serve  # noqa: E402
from engine.errors import CrmError  # noqa: E402
from pages._ui import engine as handle  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


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
        crm = running.enter_context(serve(load(environment=ENVIRONMENT)))
    except Exception as error:  # noqa: BLE001 - the process ends, and says why
        # Raised on, it would be lost in this thread, and every page would wait for good.
        told = isinstance(error, CrmError)
        sys.stderr.write(f"{error}\n" if told else "".join(traceback.format_exception(error)))
        sys.stderr.flush()
        os._exit(1)
    handle.provide(crm)
    running.callback(handle.withdraw)


# uvicorn believes this machine's processes what they say of the address they forward, unless its
# variable says whom to believe; Streamlit has no option for it.
api = create_app(handle.provided, doubts_forwarded="FORWARDED_ALLOW_IPS" not in ENVIRONMENT)
app = st.App(
    Path(__file__).parent / "pages" / "shell.py",
    lifespan=lifespan,
    routes=[Mount("/api", api)],
)
