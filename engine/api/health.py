"""Whether the service lives, and whether it can be given work. Neither needs a key."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from engine.api.context import Engine  # noqa: TC001 - FastAPI reads it
from engine.api.problems import documented

router = APIRouter(tags=["health"])


class Alive(BaseModel):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Ready(BaseModel):
    """The engine is open; MongoDB answers, and so does the broker where there is one."""

    status: Literal["ready"] = "ready"
    mirror: Literal["not loaded", "current", "catching up"] = Field(
        description="Whether figures hold every change that was seen; a process that only takes "
        "data in loads none."
    )


@router.head("/health", include_in_schema=False)
@router.get("/health", summary="Is the process alive?", response_description="It is.")
async def health() -> Alive:
    """Answer, without asking anything else."""
    return Alive()


@router.head("/ready", include_in_schema=False)
@router.get(
    "/ready",
    summary="Can it be given work?",
    response_description="It can.",
    responses=documented(503),
)
def ready(crm: Engine) -> Ready:
    """Ask MongoDB, and the broker where there is one, for a sign of life."""
    return Ready(mirror=crm.check_ready())
