"""People who may sign in, in the collection ``users``, by their addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pymongo import ReturnDocument

from engine.domain.permission import Role
from engine.domain.user import User, UserStatus
from engine.errors import Conflict
from engine.store.faults import mapped_errors
from engine.store.transactions import in_transaction

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from pymongo.client_session import ClientSession
    from pymongo.database import Database

    from engine.domain.user import Identity

LAST_ADMIN = (
    "this is the last active admin; without one nobody could let anybody in: make somebody else "
    "an admin first"
)


@dataclass(frozen=True, slots=True)
class StoredUser:
    """A person as stored, and what only the engine needs of them."""

    user: User
    account: tuple[str, str] | None
    """The issuer, and its id of the account that signed in first; None before that."""
    listed: bool
    """The settings' lists alone brought them, and say their role; no admin has decided on them."""


class UserStore:
    """The collection ``users``. Every change is a compare-and-set."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._database = database
        self._users = database["users"]

    @mapped_errors()
    def find(self, email: str) -> StoredUser | None:
        """Return a person; None where there is none with this address."""
        document = self._users.find_one({"_id": email})
        return None if document is None else _restored(document)

    @mapped_errors()
    def of_account(self, identity: Identity) -> StoredUser | None:
        """Return whom an account is bound to; None where it is bound to nobody."""
        document = self._users.find_one(_account(identity))
        return None if document is None else _restored(document)

    @mapped_errors()
    def all(self) -> tuple[StoredUser, ...]:
        """Return everybody, by address."""
        return tuple(map(_restored, self._users.find().sort("_id")))

    @mapped_errors()
    def has_accounts(self) -> bool:
        """Tell whether anybody has signed in with an account."""
        return self._users.find_one({"subject": {"$exists": True}}, {"_id": 1}) is not None

    @mapped_errors()
    def create(self, user: User, *, listed: bool, account: Identity | None = None) -> None:
        """Keep a new person; raises Conflict where the address, or the account, is known."""
        self._users.insert_one(
            {
                "_id": user.email,
                "name": user.name,
                "role": user.role,
                "status": user.status,
                "created_at": user.created_at,
                "created_by": user.created_by,
                "last_sign_in_at": user.last_sign_in_at,
                "listed": listed,
                **({} if account is None else _account(account)),
            }
        )

    @mapped_errors()
    def signed_in(
        self, identity: Identity, seen: StoredUser, *, name: str, now: datetime
    ) -> StoredUser | None:
        """Record a sign-in of a person who is still as they were seen; None otherwise.

        The first binds the account; raises Conflict where the account is another person's.
        """
        invited = seen.user.status is UserStatus.INVITED
        document = self._users.find_one_and_update(
            _as_seen(seen),
            {
                "$set": {
                    **_account(identity),
                    "name": name or seen.user.name,
                    "status": UserStatus.ACTIVE if invited else seen.user.status,
                    "last_sign_in_at": now,
                }
            },
            return_document=ReturnDocument.AFTER,
        )
        return None if document is None else _restored(document)

    @mapped_errors()
    def change(
        self, seen: StoredUser, *, role: Role, status: UserStatus, fixed: Collection[str]
    ) -> StoredUser:
        """Give a person another role or status; from then on an admin has decided on them.

        Raises Conflict where they are no longer as they were seen, and where no active admin would
        be left. ``fixed`` are the addresses that are admins whatever is stored.
        """

        def write(session: ClientSession) -> StoredUser:
            if role is not Role.ADMIN or status is not UserStatus.ACTIVE:
                self._keep_an_admin(seen, fixed, session)
            document = self._users.find_one_and_update(
                _as_seen(seen),
                {"$set": {"role": role, "status": status, "listed": False}},
                return_document=ReturnDocument.AFTER,
                session=session,
            )
            return _restored(_still(document, seen))

        return in_transaction(self._database, write)

    @mapped_errors()
    def remove(self, seen: StoredUser, *, fixed: Collection[str]) -> None:
        """Forget a person; raises Conflict as :meth:`change` does."""

        def write(session: ClientSession) -> None:
            self._keep_an_admin(seen, fixed, session)
            _still(self._users.find_one_and_delete(_as_seen(seen), session=session), seen)

        in_transaction(self._database, write)

    @mapped_errors()
    def forget(self, email: str, *, invited_by: Collection[str]) -> None:
        """Forget a person whom one of these invited; others stay, and who is gone stays so."""
        self._users.delete_one({"_id": email, "created_by": {"$in": list(invited_by)}})

    def _keep_an_admin(
        self, seen: StoredUser, fixed: Collection[str], session: ClientSession
    ) -> None:
        """Raise Conflict where an active admin is about to go, and no other one is there.

        The other one is written to, so that two who put each other out at once conflict.
        """
        if not _counts_as_admin(seen):
            return
        other = {
            "_id": {"$ne": seen.user.email},
            "$or": [
                {"role": Role.ADMIN, "status": UserStatus.ACTIVE, "listed": False},
                {"_id": {"$in": list(fixed)}, "subject": {"$exists": True}},
            ],
        }
        relied_on = self._users.update_one(other, {"$inc": {"relied_on": 1}}, session=session)
        if not relied_on.matched_count:
            raise Conflict(LAST_ADMIN)


def _counts_as_admin(seen: StoredUser) -> bool:
    active = seen.user.status is UserStatus.ACTIVE
    return seen.user.role is Role.ADMIN and active and not seen.listed


def _as_seen(seen: StoredUser) -> dict[str, Any]:
    issuer, subject = seen.account or (None, None)
    return {
        "_id": seen.user.email,
        "role": seen.user.role,
        "status": seen.user.status,
        "listed": seen.listed,
        "issuer": issuer,
        "subject": subject,
    }


def _still(document: dict[str, Any] | None, seen: StoredUser) -> dict[str, Any]:
    if document is None:
        msg = f"somebody changed {seen.user.email} meanwhile; look again and decide anew"
        raise Conflict(msg)
    return document


def _account(identity: Identity) -> dict[str, str]:
    return {"issuer": identity.issuer, "subject": identity.subject}


def _restored(document: dict[str, Any]) -> StoredUser:
    return StoredUser(
        user=User(
            email=document["_id"],
            name=document["name"],
            role=Role(document["role"]),
            status=UserStatus(document["status"]),
            created_at=document["created_at"],
            created_by=document["created_by"],
            last_sign_in_at=document["last_sign_in_at"],
        ),
        account=(document["issuer"], document["subject"]) if "subject" in document else None,
        listed=document["listed"],
    )
