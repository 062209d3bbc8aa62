"""The lock on each method of the engine: what its actor must be permitted."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, Protocol, TypeVar

from engine.errors import Forbidden
from engine.logs import acts

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.domain.actor import Actor
    from engine.domain.permission import Permission

P = ParamSpec("P")
R = TypeVar("R")


class ActedUpon(Protocol):
    """What acts for somebody, and writes down what it refused them."""

    @property
    def actor(self) -> Actor:
        """Who asks."""

    def note_refusal(self, call: str, needed: str) -> None:
        """Write down that the actor was refused a call."""


A = TypeVar("A", bound=ActedUpon)
NEEDS = "needs"
"""The attribute of a locked method that tells what it needs."""


def needs(
    permission: Permission,
) -> Callable[[Callable[Concatenate[A, P], R]], Callable[Concatenate[A, P], R]]:
    """Lock a method: it raises Forbidden before it does anything for who may not call it."""

    def locked(method: Callable[Concatenate[A, P], R]) -> Callable[Concatenate[A, P], R]:
        @wraps(method)
        def checked(self: A, /, *args: P.args, **kwargs: P.kwargs) -> R:
            acts(self.actor)
            if not self.actor.may(permission):
                self.note_refusal(method.__name__, permission)
                msg = (
                    f"{self.actor.name} may not do this: it needs the permission "
                    f"{permission.value!r}; an admin of this workspace can give it"
                )
                raise Forbidden(msg)
            return method(self, *args, **kwargs)

        setattr(checked, NEEDS, permission)
        return checked

    return locked
