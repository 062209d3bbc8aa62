"""A clock that moves, and the front door of an engine with an issuer of our own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from engine.auth import access as access_module
from engine.auth import sessions as sessions_module
from engine.auth.access import Access
from engine.auth.audit import AuditLog
from engine.auth.lists import Lists
from engine.auth.people import People
from engine.auth.provider import Provider
from engine.auth.sessions import Sessions
from engine.auth.sign_in import SignIn
from engine.bootstrap import open_crm
from engine.domain.sign_in import SignInMode
from engine.settings import Settings
from engine.store.audit import AuditStore
from engine.store.sessions import SessionStore
from engine.store.tickets import TicketStore
from engine.store.users import UserStore
from tests.integration.auth.issuer import CLIENT_ID, CLIENT_SECRET, Forger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pymongo.database import Database

    from engine.auth.access import Issuer
    from engine.crm import Crm

    Opening = Callable[..., Crm]


@dataclass
class MovingClock:
    """A clock that a test moves."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant

    def passes(self, **span: float) -> None:
        self.instant += timedelta(**span)


@pytest.fixture
def clock() -> MovingClock:
    """A clock that shows the present until it is moved."""
    return MovingClock(datetime.now(UTC).replace(microsecond=0))


@pytest.fixture
def opening(mongo_uri: str, db_name: str, clock: MovingClock) -> Iterator[Opening]:
    """Open an engine as one of several processes that share a database does."""
    opened: list[Crm] = []

    def opens(*, mode: SignInMode = SignInMode.DEMO, **settings: Any) -> Crm:  # noqa: ANN401 - passed on
        told: dict[str, Any] = {"mongodb_uri": mongo_uri, "mongodb_database": db_name, **settings}
        crm = open_crm(Settings.model_validate(told), clock=clock, mode=mode)
        opened.append(crm)
        return crm

    yield opens
    for crm in opened:
        crm.close()


@pytest.fixture
def forger() -> Iterator[Forger]:
    with Forger() as forger:
        yield forger


@pytest.fixture
def sign_in(forger: Forger, clock: MovingClock) -> SignIn:
    """Sign-ins at the forger, without an engine behind them."""
    return SignIn(Provider(forger.issuer, CLIENT_ID, CLIENT_SECRET), clock)


@pytest.fixture
def google(opening: Opening, forger: Forger) -> Crm:
    """An engine that signs in at the forger; asha@example.com is its admin."""
    return opening(
        mode=SignInMode.GOOGLE,
        oidc_issuer=forger.issuer,
        google_client_id=CLIENT_ID,
        google_client_secret=CLIENT_SECRET,
        admin_emails=("asha@example.com",),
    )


@dataclass
class House:
    """A front door as one process has it, with what stands behind it."""

    access: Access
    people: People
    audit: AuditLog


@pytest.fixture
def house(database: Database[dict[str, Any]], clock: MovingClock) -> Callable[..., House]:
    """Return another process's front door of the same workspace; asha@example.com is its admin."""

    def built(mode: SignInMode = SignInMode.DEMO, issuer: Issuer | None = None) -> House:
        people = People(UserStore(database), Lists(admins=frozenset({"asha@example.com"})), clock)
        audit = AuditLog(AuditStore(database), clock)
        sessions = Sessions(SessionStore(database), TicketStore(database), clock)
        return House(Access(mode, sessions, people, audit, issuer), people, audit)

    return built


@pytest.fixture
def uncached(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no process remember for five seconds, as if they had passed."""
    monkeypatch.setattr(sessions_module, "CACHED_SECONDS", 0.0)
    monkeypatch.setattr(access_module, "CACHED_SECONDS", 0.0)
