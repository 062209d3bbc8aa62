"""Who may come in, and as what: people by address, invited, named by a list, or put out.

A person stands as the settings and the store say together. ``CRM_ADMIN_EMAILS`` makes an admin,
whatever is stored. Who came by a list, and was never decided on by an admin, stays as long as a
list names them, with the role that it gives.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.auth.addresses import (
    DEMO_DOMAIN,
    address_of,
    checked_address,
    domain_form,
    domain_of,
    is_demo,
)
from engine.auth.id_token import GOOGLE
from engine.auth.lists import BY_ADMIN_LIST, BY_DOMAIN_LIST
from engine.domain.naming import MAX_NAME
from engine.domain.permission import Role
from engine.domain.refusal import shown
from engine.domain.text import nfc
from engine.domain.user import User, UserStatus
from engine.errors import Conflict, NotFound, SignInRefused
from engine.store.users import StoredUser

if TYPE_CHECKING:
    from engine.auth.lists import Lists
    from engine.domain.clock import Clock
    from engine.domain.user import Identity, Origin
    from engine.store.users import UserStore

logger = logging.getLogger(__name__)

_TRIES = 3


class People:
    """The people of one workspace. For use by any number of threads; nothing is cached."""

    def __init__(
        self, store: UserStore, lists: Lists, clock: Clock, *, demo_is_over: bool = False
    ) -> None:
        self._store = store
        self._lists = lists
        self._clock = clock
        self._demo_is_over = demo_is_over
        """Accounts are asked for, so whom a demo user invited is nobody."""

    def admit(self, identity: Identity, *, origin: Origin) -> User:
        """Return who signs in with a verified identity, as they stand from now on.

        The first sign-in binds the address to the issuer's account. Raises SignInRefused with what
        to do about it, for who was not invited, was disabled, or comes with another account.
        """
        email = address_of(identity.email)
        for _ in range(_TRIES):  # again where somebody decides on the person at this moment
            found = self._store.find(email)
            if self._demo_is_over and found is not None and is_demo(found.user.created_by):
                self.forget_of_demo(email)  # a demo beside this process invites people still
                found = None
            try:
                user = self._let_in(identity, email, found, origin)
            except Conflict:
                bound = self._store.of_account(identity)
                if bound is None or bound.user.email == email:
                    continue
                why = (
                    "this account has signed in here before, under another address: ask an admin "
                    "of this workspace to remove that person first"
                )
                raise _refused(why, origin) from None
            if user is not None:
                return user
        why = "this person is being changed at this moment: sign in again"
        raise _refused(why, origin)

    def get(self, email: str) -> User:
        """Return a person as they stand now; raises NotFound. Demo users are nobody here."""
        return self._stands(self._seen(email))

    def all(self) -> tuple[User, ...]:
        """Return everybody who was invited or was here, and every listed admin, by address."""
        found = {one.user.email: self._stands(one) for one in self._store.all()}
        for email in self._lists.admins - found.keys():
            found[email] = self._expected(email)
        return tuple(found[email] for email in sorted(found))

    def has_accounts(self) -> bool:
        """Tell whether anybody who is here has signed in with an account."""
        return self._store.has_accounts()

    def invite(self, email: str, role: Role, *, by: str) -> User:
        """Let an address sign in with a role; raises InvalidInput, and Conflict if it is known.

        No message is sent: whoever invites tells the person.
        """
        email = checked_address(email)
        if email in self._lists.admins:
            msg = f"{email} is an admin already: {BY_ADMIN_LIST} names it"
            raise Conflict(msg)
        user = User(
            email=email,
            name="",
            role=role,
            status=UserStatus.INVITED,
            created_at=self._clock.now(),
            created_by=by,
        )
        try:
            self._store.create(user, listed=False)
        except Conflict:
            msg = f"{email} is among the people here already; change the role there"
            raise Conflict(msg) from None
        return user

    def set_role(self, email: str, role: Role, *, by: str, was: Role | None = None) -> User:
        """Give a person another role.

        Raises NotFound, and Conflict for oneself, for who ``CRM_ADMIN_EMAILS`` names, for the last
        active admin, for a demo user who decides on anybody but those whom demo users invited, and
        where the role is no longer ``was``, if that is given.
        """
        seen = self._decidable(email, by)
        stands = self._stands(seen)
        if was is not None and stands.role is not was:
            msg = f"somebody made {stands.email} {stands.role.value} meanwhile; look again"
            raise Conflict(msg)
        return self._changed(seen, role, stands.status)

    def disable(self, email: str, *, by: str) -> User:
        """Put a person out, until they are enabled; raises as :meth:`set_role` does."""
        seen = self._decidable(email, by)
        return self._changed(seen, self._stands(seen).role, UserStatus.DISABLED)

    def enable(self, email: str, *, by: str) -> User:
        """Let a person in again, with the role they had; raises as :meth:`set_role` does."""
        seen = self._decidable(email, by)
        status = UserStatus.INVITED if seen.account is None else UserStatus.ACTIVE
        return self._changed(seen, self._stands(seen).role, status)

    def remove(self, email: str, *, by: str) -> User:
        """Forget a person and their account; return who it was. Raises as :meth:`set_role` does.

        Whom a list of the settings names may come again, as a viewer.
        """
        seen = self._decidable(email, by)
        self._store.remove(seen, fixed=self._lists.admins)
        return self._stands(seen)

    def of_demo(self) -> tuple[User, ...]:
        """Return whom demo users invited, by address."""
        return tuple(one.user for one in self._store.all() if is_demo(one.user.created_by))

    def forget_of_demo(self, email: str) -> None:
        """Forget whom a demo user invited, whatever became of them; nobody else."""
        self._store.forget(email, invited_by=tuple(self.demo_user(role).email for role in Role))

    def demo_user(self, role: Role) -> User:
        """Return the demo user with a role, who is not stored among the people."""
        return User(
            email=f"{role.value}@{DEMO_DOMAIN}",
            name=f"Demo {role.value}",
            role=role,
            status=UserStatus.ACTIVE,
            created_at=self._clock.now(),
            created_by="demo mode",
        )

    # --- what stands behind them -----------------------------------------------------------

    def _let_in(
        self, identity: Identity, email: str, found: StoredUser | None, origin: Origin
    ) -> User | None:
        """Return who came in; None where the person changed since they were looked up."""
        if found is None:
            return self._first(identity, email, origin)
        if self._stands(found).status is UserStatus.DISABLED:
            why = f"{email} may not sign in here any more: ask an admin of this workspace"
            raise _refused(why, origin)
        if found.account not in (None, (identity.issuer, identity.subject)):
            why = (
                f"{email} was used here by another account before: ask an admin of this workspace "
                "to remove the person and to invite the address again"
            )
            raise _refused(why, origin)
        if found.listed:
            _vouch(identity, email, self._lists.entry(email), origin)
        name = _name_of(identity)
        changed = self._store.signed_in(identity, found, name=name, now=self._clock.now())
        return None if changed is None else self._stands(changed)

    def _first(self, identity: Identity, email: str, origin: Origin) -> User:
        entry = self._lists.entry(email)
        if entry is None:
            why = (
                f"{email} is not invited here: ask an admin of this workspace for an invitation, "
                "or sign in with another address"
            )
            if not self.all():
                why = f"nobody may sign in yet: set {BY_ADMIN_LIST} to the first admins' addresses"
            raise _refused(why, origin)
        _vouch(identity, email, entry, origin)
        now = self._clock.now()
        user = User(
            email=email,
            name=_name_of(identity),
            role=Role.VIEWER,  # what stands is the list's
            status=UserStatus.ACTIVE,
            created_at=now,
            created_by=entry[1],
            last_sign_in_at=now,
        )
        self._store.create(user, listed=True, account=identity)
        return self._stands(StoredUser(user, (identity.issuer, identity.subject), listed=True))

    def _seen(self, email: str) -> StoredUser:
        found = self._store.find(address_of(email))
        if found is None:
            msg = f"there is nobody here with the address {shown(email)}"
            raise NotFound(msg)
        return found

    def _decidable(self, email: str, by: str) -> StoredUser:
        email = address_of(email)
        if email == address_of(by):
            msg = "nobody decides on themselves: ask another admin"
            raise Conflict(msg)
        if email in self._lists.admins:
            msg = f"{email} is always an admin, because {BY_ADMIN_LIST} names it: change it there"
            raise Conflict(msg)
        seen = self._seen(email)
        if is_demo(by) and not is_demo(seen.user.created_by):
            # It would outlast the demo, and let in whom no admin with an account decided on.
            msg = f"a demo user decides only on whom a demo user invited, which {email} was not"
            raise Conflict(msg)
        return seen

    def _changed(self, seen: StoredUser, role: Role, status: UserStatus) -> User:
        fixed = self._lists.admins
        return self._stands(self._store.change(seen, role=role, status=status, fixed=fixed))

    def _stands(self, stored: StoredUser) -> User:
        user = stored.user
        if user.email in self._lists.admins:
            status = UserStatus.INVITED if stored.account is None else UserStatus.ACTIVE
            return replace(user, role=Role.ADMIN, status=status, fixed=True)
        if not stored.listed:
            return user
        entry = self._lists.entry(user.email)
        if entry is None:
            return replace(user, status=UserStatus.DISABLED)
        return replace(user, role=entry[0])

    def _expected(self, email: str) -> User:
        """Return an admin of the settings who has not been here yet."""
        return User(
            email=email,
            name="",
            role=Role.ADMIN,
            status=UserStatus.INVITED,
            created_at=self._clock.now(),
            created_by=BY_ADMIN_LIST,
            fixed=True,
        )


def _vouch(identity: Identity, email: str, entry: tuple[Role, str] | None, origin: Origin) -> None:
    """Refuse who comes by their domain, where Google does not say that the domain keeps them.

    Google verifies an address of another provider once: it may be somebody else's by now.
    """
    by_domain = entry is not None and entry[1] == BY_DOMAIN_LIST
    domain = domain_of(email)
    kept_by = domain_form(identity.organisation or "")
    if by_domain and identity.issuer == GOOGLE and kept_by != domain:
        why = (
            f"{email} is no account of {domain}'s own at Google: ask an admin of this workspace "
            "for an invitation"
        )
        raise _refused(why, origin)


def _refused(why: str, origin: Origin) -> SignInRefused:
    logger.warning("a sign-in from %s was refused", origin.address or "an unknown address")
    return SignInRefused(why)


def _name_of(identity: Identity) -> str:
    """Return the name that the issuer gives, in one line of at most 120 characters."""
    return " ".join("".join(filter(str.isprintable, nfc(identity.name))).split())[:MAX_NAME]
