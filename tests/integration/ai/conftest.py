"""A stand-in for Gemini, and the real SDK that asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.ai.gemini import Gemini
from tests.integration.ai.gemini_stand_in import KEY, StandIn, stand_in

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server() -> Iterator[StandIn]:
    with stand_in() as running:
        yield running


@pytest.fixture
def gemini(server: StandIn) -> Gemini:
    return Gemini(KEY, "gemini-test", server.endpoint)
