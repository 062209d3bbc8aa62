"""What every route may ask for: the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from engine.crm import Crm
from engine.domain.actor import NOBODY

if TYPE_CHECKING:
    from collections.abc import Callable


def the_crm(request: Request) -> Crm:
    """Return the engine as the request's key may use it; raises Unavailable while it is opening.

    Without a key that ``authority`` has checked nobody asks. The application is made before the
    engine is open, so its state holds a function.
    """
    get: Callable[[], Crm] = request.app.state.crm
    return get().acting_as(getattr(request.state, "actor", NOBODY))


Engine = Annotated[Crm, Depends(the_crm)]
"""A route's parameter: ``def route(crm: Engine)``."""
