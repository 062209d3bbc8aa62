"""What every route may ask for: the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from engine.crm import Crm

if TYPE_CHECKING:
    from collections.abc import Callable


def the_crm(request: Request) -> Crm:
    """Return the engine; raises Unavailable while it is opening.

    The application is made before the engine is open, so its state holds a function.
    """
    get: Callable[[], Crm] = request.app.state.crm
    return get()


Engine = Annotated[Crm, Depends(the_crm)]
"""A route's parameter: ``def route(crm: Engine)``."""
