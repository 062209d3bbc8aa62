"""Whom the settings let in by themselves, and as what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from engine.auth.addresses import address_of, domain_form, domain_of
from engine.domain.permission import Role

if TYPE_CHECKING:
    from collections.abc import Iterable

BY_ADMIN_LIST = "CRM_ADMIN_EMAILS"
BY_EMAIL_LIST = "CRM_ALLOWED_EMAILS"
BY_DOMAIN_LIST = "CRM_ALLOWED_DOMAINS"


@dataclass(frozen=True, slots=True)
class Lists:
    """Whom the settings let in, by addresses and domains in their one form."""

    admins: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    """Exactly: a sub-domain is another domain."""

    @classmethod
    def of(cls, *, admins: Iterable[str], emails: Iterable[str], domains: Iterable[str]) -> Self:
        """Return the lists of addresses and domains that somebody wrote."""
        return cls(
            frozenset(map(address_of, admins)),
            frozenset(map(address_of, emails)),
            frozenset(map(domain_form, domains)),
        )

    def entry(self, email: str) -> tuple[Role, str] | None:
        """Return the role that a list gives an address, and the list; None without one."""
        if email in self.admins:
            return Role.ADMIN, BY_ADMIN_LIST
        if email in self.emails:
            return Role.VIEWER, BY_EMAIL_LIST
        if domain_of(email) in self.domains:
            return Role.VIEWER, BY_DOMAIN_LIST
        return None
