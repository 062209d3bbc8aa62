"""The API over an empty database, served on loopback."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from engine.api.application import create_app
from tests.integration.api.serving import served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.crm import Crm


@pytest.fixture
def api(crm: Crm) -> Iterator[httpx.Client]:
    """A client of a server that has the engine, with a key that may do everything."""
    _, token = crm.create_api_key("test", ["ingest", "read", "erase"])
    headers = {"Authorization": f"Bearer {token}"}
    with (
        served(create_app(lambda: crm)) as address,
        httpx.Client(base_url=address, headers=headers) as client,
    ):
        yield client
