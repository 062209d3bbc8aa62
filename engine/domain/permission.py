"""What may be done here, and who may do it: a person by role, a program by its key's scopes."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.domain.api_key import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable


class Permission(StrEnum):
    """One kind of thing that may be done. Every method of ``Crm`` needs one of them."""

    FIGURES = "figures"
    """See counts and sums, saved segments and campaigns; nothing about one person."""
    PEOPLE = "people"
    """See single customers, their orders and what was sent to them; count rules of one's own."""
    EXPORT = "export"
    """Take rows about people out of here."""
    SEGMENTS = "segments"
    """Save, restore and delete segments."""
    IMPORTS = "imports"
    """Bring customers and orders in from files."""
    CAMPAIGNS = "campaigns"
    """Write campaigns and launch them."""
    ADMIN = "admin"
    """Decide who comes in: people, roles, keys, vendors' credentials; read the audit log."""
    ERASE = "erase"
    """Erase a person for good."""
    OPERATE = "operate"
    """Demo data, streams, and the mirror's check."""
    INGEST = "ingest"
    """Write records as programs do."""


class Role(StrEnum):
    """What a person is here. Each may do all that the ones before may."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    MARKETER = "marketer"
    ADMIN = "admin"


ROLE_MEANINGS = MappingProxyType(
    {
        Role.VIEWER: "sees figures, and nothing about one person",
        Role.ANALYST: "sees customers, builds segments, imports and exports",
        Role.MARKETER: "writes and launches campaigns as well",
        Role.ADMIN: "decides who comes in, keeps keys, and erases people",
    }
)
"""What each role may do, in words."""

EVERYTHING = frozenset(Permission)
_P = Permission
_ANALYST = frozenset({_P.FIGURES, _P.PEOPLE, _P.EXPORT, _P.SEGMENTS, _P.IMPORTS})
OF_ROLE = MappingProxyType(
    {
        Role.VIEWER: frozenset({_P.FIGURES}),
        Role.ANALYST: _ANALYST,
        Role.MARKETER: _ANALYST | {_P.CAMPAIGNS},
        Role.ADMIN: _ANALYST | {_P.CAMPAIGNS, _P.ADMIN, _P.ERASE, _P.OPERATE},
    }
)
"""What each role may do."""

_OF_SCOPE = MappingProxyType(
    {
        Scope.INGEST: frozenset({_P.INGEST}),
        Scope.READ: frozenset({_P.FIGURES, _P.PEOPLE, _P.EXPORT}),
        Scope.ERASE: frozenset({_P.ERASE}),
    }
)


def of_scopes(scopes: Iterable[Scope]) -> frozenset[Permission]:
    """Return what a key with these scopes may do."""
    return frozenset[Permission]().union(*(_OF_SCOPE[scope] for scope in scopes))
