"""Sessions: begun, proven by a token, ended by time, by their person and by an admin."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from engine.auth import access as access_module
from engine.auth import sessions as sessions_module
from engine.domain.actor import NOBODY, SYSTEM, Actor
from engine.domain.permission import OF_ROLE, Role
from engine.domain.sign_in import SignInMode
from engine.domain.user import Identity, Origin
from engine.errors import Forbidden, NotAuthenticated, SignInRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pymongo.database import Database

    from engine.auth.access import Access
    from engine.domain.sign_in import Opened, SignInAttempt
    from tests.integration.auth.conftest import House, MovingClock

    Building = Callable[..., House]

HERE = Origin(address="192.0.2.7", agent="a browser")


@dataclass
class Vouching:
    """An issuer that says who comes; how real ones are asked is shown elsewhere."""

    says: Identity

    def start(self, redirect_uri: str) -> SignInAttempt:
        raise NotImplementedError(redirect_uri)

    def authorization_url(self, attempt: SignInAttempt) -> str:
        raise NotImplementedError(attempt)

    def identity(self, _attempt: SignInAttempt, _reply: Mapping[str, object]) -> Identity:
        return self.says


def entered(access: Access, role: Role = Role.ADMIN, agent: str = "a browser") -> Opened:
    return access.enter_demo(role, origin=Origin(address="192.0.2.7", agent=agent))


def has_ended(access: Access, opened: Opened) -> bool:
    """Tell whether a session has ended, by its id and by its token."""
    ended = []
    for ask, of in (
        (access.still, opened.signed_in.session.session_id),
        (access.recognise, opened.token),
    ):
        try:
            ask(of)
        except NotAuthenticated:
            ended.append(True)
        else:
            ended.append(False)
    assert len(set(ended)) == 1, "a session that has half ended"
    return ended[0]


def test_a_demo_user_enters_in_the_role_of_their_choice(house: Building) -> None:
    here = house()
    opened = here.access.enter_demo(Role.ANALYST, origin=HERE)
    session = opened.signed_in.session
    assert here.access.recognise(opened.token) == opened.signed_in
    assert here.access.still(session.session_id) == opened.signed_in
    actor = opened.signed_in.actor()
    assert (actor.permissions, actor.kind) == (OF_ROLE[Role.ANALYST], "person")
    [line] = here.audit.page().entries
    assert (line.actor, line.action, line.outcome) == (actor.name, "sign_in", "done")
    assert line.address == "192.0.2.7"


@pytest.mark.parametrize("mode", [SignInMode.GOOGLE, SignInMode.CLOSED])
def test_nobody_enters_as_a_demo_user_where_there_is_no_demo(
    house: Building, database: Database[dict[str, Any]], mode: SignInMode
) -> None:
    here = house(mode)
    assert here.access.mode is SignInMode.CLOSED, "an issuer is missing"
    with pytest.raises(SignInRefused, match="there is no demo here"):
        here.access.enter_demo(Role.VIEWER, origin=HERE)
    assert database["sessions"].count_documents({}) == 0
    [line] = here.audit.page().entries
    assert (line.actor, line.action, line.outcome) == ("nobody", "sign_in", "refused")


def test_tokens_and_tickets_are_kept_as_their_hashes(
    house: Building, database: Database[dict[str, Any]]
) -> None:
    access = house().access
    opened = entered(access)
    ticket = access.ticket(opened, browser="b" * 43)
    [session], [kept] = list(database["sessions"].find()), list(database["tickets"].find())
    assert session["token_hash"] == hashlib.sha256(opened.token.encode()).digest()
    assert kept["_id"] == hashlib.sha256(ticket.encode()).digest()
    assert kept["browser_hash"] == hashlib.sha256(b"b" * 43).digest()
    told = f"{session} {kept} {opened!r} {list(database['audit'].find())}"
    assert not any(secret in told for secret in (opened.token, ticket, "b" * 43))
    assert min(len(opened.token), len(ticket)) == 43
    assert session["_id"] not in opened.token


@pytest.mark.parametrize("wrong", ["", "x", "{token}x", "{id}", "é", "\ud800", "a" * 100_000])
def test_a_wrong_token_is_refused_and_never_quoted(house: Building, wrong: str) -> None:
    access = house().access
    opened = entered(access)
    given = wrong.format(token=opened.token, id=opened.signed_in.session.session_id)
    with pytest.raises(NotAuthenticated) as caught:
        access.recognise(given)
    assert str(caught.value) == "this session has ended; sign in again"


def test_a_browser_tells_its_name_in_200_characters_that_can_be_shown(house: Building) -> None:
    session = entered(house().access, agent="a\n\x00b" + "c" * 500).signed_in.session
    assert session.origin.agent == "ab" + "c" * 198


# --- time ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("uncached")
def test_a_session_ends_after_eight_hours_in_which_nobody_did_anything(
    house: Building, clock: MovingClock
) -> None:
    access = house().access
    opened = entered(access)
    session_id = opened.signed_in.session.session_id
    for _ in range(3):
        clock.passes(hours=7, minutes=58)
        access.still(session_id, used=True)
    for _ in range(4):  # a page that shows itself anew is nobody
        clock.passes(hours=1, minutes=59)
        access.still(session_id)
        access.recognise(opened.token)
    clock.passes(minutes=5)
    assert has_ended(access, opened)
    with pytest.raises(NotAuthenticated):
        access.still(session_id, used=True)
    assert access.sessions_of(opened.signed_in.user.email, by=SYSTEM) == ()


@pytest.mark.usefixtures("uncached")
def test_a_session_ends_after_seven_days_whatever_is_done(
    house: Building, clock: MovingClock
) -> None:
    access = house().access
    opened = entered(access)
    session = opened.signed_in.session
    while clock.now() < session.ends_at:
        assert access.still(session.session_id, used=True)
        clock.passes(hours=4)
    assert (session.ends_at - session.began_at).days == 7
    assert has_ended(access, opened)


def test_a_cached_session_ends_on_time_too(house: Building, clock: MovingClock) -> None:
    access = house().access
    opened = entered(access)
    access.still(opened.signed_in.session.session_id)
    clock.passes(hours=8)
    assert has_ended(access, opened)


def test_what_has_ended_is_deleted_by_mongodb(database: Database[dict[str, Any]]) -> None:
    found = {
        (name, next(iter(index["key"]))): index["expireAfterSeconds"]
        for name in ("sessions", "tickets")
        for index in database[name].list_indexes()
        if "expireAfterSeconds" in index
    }
    assert found == {
        ("sessions", "ends_at"): 0,
        ("sessions", "last_seen_at"): sessions_module.IDLE.total_seconds(),
        ("tickets", "expires_at"): 0,
    }


def test_use_is_written_once_a_minute(
    house: Building, clock: MovingClock, database: Database[dict[str, Any]]
) -> None:
    clock.instant = clock.instant.replace(second=10)
    here, there = house().access, house().access
    session = entered(here).signed_in.session
    clock.passes(seconds=49)
    here.still(session.session_id, used=True)
    [stored] = database["sessions"].find()
    assert stored["last_seen_at"] == session.last_seen_at == session.began_at.replace(second=0)
    there.still(session.session_id)
    clock.passes(seconds=5)
    here.still(session.session_id, used=True)
    [stored] = database["sessions"].find()
    assert stored["last_seen_at"] == clock.now().replace(second=0)


# --- rotation --------------------------------------------------------------------------------


def test_a_token_is_renewed_after_an_hour_and_the_old_one_holds_a_minute_more(
    house: Building, clock: MovingClock
) -> None:
    access = house().access
    opened = entered(access)
    clock.passes(minutes=59, seconds=59)
    assert access.rotated(opened.token) is None
    clock.passes(seconds=1)
    fresh = access.rotated(opened.token)
    assert fresh
    assert fresh != opened.token
    for token in (fresh, opened.token):
        assert access.recognise(token).session == opened.signed_in.session
    assert access.rotated(opened.token) is None
    assert access.recognise(fresh), "it was renewed for nobody"
    clock.passes(seconds=60)
    assert access.recognise(fresh)
    with pytest.raises(NotAuthenticated):
        access.recognise(opened.token)
    with pytest.raises(NotAuthenticated):
        access.rotated(opened.token)


def test_of_many_pages_that_load_at_once_one_renews_the_token(
    house: Building, clock: MovingClock
) -> None:
    access = house().access
    opened = entered(access)
    clock.passes(hours=1)
    with ThreadPoolExecutor(8) as pool:
        renewed = list(pool.map(access.rotated, [opened.token] * 8))
    [fresh] = [token for token in renewed if token is not None]
    assert access.recognise(fresh)


# --- tickets ---------------------------------------------------------------------------------


def test_a_ticket_is_redeemed_for_a_new_token_and_the_one_before_ends(house: Building) -> None:
    access = house().access
    opened = entered(access)
    token = house().access.redeem(access.ticket(opened, browser="mine"), browser="mine")
    assert access.recognise(token) == opened.signed_in
    with pytest.raises(NotAuthenticated):
        access.recognise(opened.token)


def test_a_ticket_is_good_once(house: Building, clock: MovingClock) -> None:
    here = house()
    ticket = here.access.ticket(entered(here.access), browser="mine")
    token = here.access.redeem(ticket, browser="mine")
    clock.passes(seconds=1)
    with pytest.raises(NotAuthenticated, match="was used already"):
        here.access.redeem(ticket, browser="mine", origin=HERE)
    assert here.access.recognise(token)
    assert ticket not in str(here.audit.page())
    assert here.audit.page().entries[0].outcome == "refused"
    assert here.audit.page().entries[0].address == "192.0.2.7"


@pytest.mark.parametrize("thief", ["", "another"])
def test_a_stolen_ticket_is_good_for_nobody(house: Building, thief: str) -> None:
    access = house().access
    ticket = access.ticket(entered(access), browser="mine")
    with pytest.raises(NotAuthenticated, match="began in another browser"):
        access.redeem(ticket, browser=thief)
    with pytest.raises(NotAuthenticated):
        access.redeem(ticket, browser="mine")


def test_a_ticket_holds_for_a_minute(house: Building, clock: MovingClock) -> None:
    access = house().access
    opened = entered(access)
    early, late = (access.ticket(opened, browser="mine") for _ in range(2))
    clock.passes(seconds=59)
    assert access.redeem(early, browser="mine")
    clock.passes(seconds=1)
    with pytest.raises(NotAuthenticated, match="is too old"):
        access.redeem(late, browser="mine")


def test_of_many_who_come_with_one_ticket_one_gets_the_cookie(house: Building) -> None:
    access = house().access
    ticket = access.ticket(entered(access), browser="mine")

    def comes(_: int) -> str | None:
        try:
            return access.redeem(ticket, browser="mine")
        except NotAuthenticated:
            return None

    with ThreadPoolExecutor(8) as pool:
        got = [token for token in pool.map(comes, range(8)) if token]
    assert len(got) == 1
    assert access.recognise(got[0])


def test_a_ticket_of_a_session_that_has_ended_is_refused(house: Building) -> None:
    access = house().access
    opened = entered(access)
    ticket = access.ticket(opened, browser="mine")
    access.sign_out(opened.signed_in.session.session_id)
    with pytest.raises(NotAuthenticated, match="this session has ended"):
        access.redeem(ticket, browser="mine")


def test_a_browser_without_a_cookie_gets_no_ticket(house: Building) -> None:
    access = house().access
    with pytest.raises(NotAuthenticated, match="keeps no cookie"):
        access.ticket(entered(access), browser="")


def test_a_session_without_a_cookie_is_counted_while_it_holds(
    house: Building, clock: MovingClock
) -> None:
    access = house().access
    first, second = entered(access), entered(access)
    assert access.tab_only == 0
    access.hold_in_tab(first.signed_in.session.session_id)
    access.hold_in_tab(second.signed_in.session.session_id)
    assert access.tab_only == 2
    access.redeem(access.ticket(first, browser="mine"), browser="mine")
    assert access.tab_only == 1
    access.sign_out(second.signed_in.session.session_id)
    assert access.tab_only == 0
    access.hold_in_tab(entered(access).signed_in.session.session_id)
    assert access.tab_only == 1
    clock.passes(hours=8)
    assert access.tab_only == 0


# --- leaving ---------------------------------------------------------------------------------


def test_a_sign_out_ends_one_session_here_at_once(house: Building) -> None:
    here = house()
    mine, other = entered(here.access), entered(here.access)
    here.access.still(mine.signed_in.session.session_id)
    here.access.sign_out(mine.signed_in.session.session_id)
    here.access.sign_out(mine.signed_in.session.session_id)
    assert has_ended(here.access, mine)
    assert not has_ended(here.access, other)
    lines = [line for line in here.audit.page().entries if line.action == "sign_out"]
    assert [(line.outcome, line.about) for line in lines] == [
        ("done", ("session", mine.signed_in.session.session_id))
    ]


def test_a_sign_out_elsewhere_is_seen_within_five_seconds(
    house: Building, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, elsewhere = house().access, house().access
    session_id = entered(here).signed_in.session.session_id
    now = 1_000.0
    monkeypatch.setattr(sessions_module, "time", SimpleNamespace(monotonic=lambda: now))
    assert elsewhere.still(session_id)
    here.sign_out(session_id)
    now += 4.9
    assert elsewhere.still(session_id), "it is asked for at every call"
    now += 0.1
    with pytest.raises(NotAuthenticated):
        elsewhere.still(session_id)


def test_a_sign_out_everywhere_ends_all_of_ones_own_sessions(
    house: Building, with_ben: tuple[House, Opened], clock: MovingClock
) -> None:
    here, first = with_ben
    attempt: Any = None
    mine = [first, *(here.access.finish(attempt, {}, origin=HERE) for _ in range(2))]
    asha = Identity(issuer="https://i.example", subject="1", email="asha@example.com", name="Asha")
    other = house(SignInMode.GOOGLE, Vouching(asha)).access.finish(attempt, {}, origin=HERE)
    for one in (*mine, other):
        here.access.still(one.signed_in.session.session_id)
    me = mine[0].signed_in.actor()
    assert len(here.access.sessions_of(me.name, by=me)) == 3
    clock.passes(seconds=1)
    assert here.access.sign_out_everywhere(me.name, by=me) == 3
    assert [has_ended(here.access, one) for one in (*mine, other)] == [True, True, True, False]
    assert here.access.sessions_of(me.name, by=me) == ()
    line = here.audit.page().entries[0]
    assert (line.actor, line.action, line.about) == (
        *(me.name, "sign_out_everywhere"),
        ("person", me.name),
    )
    assert line.changes == {"sessions": (3, 0)}


def test_a_demo_user_sees_and_ends_only_the_session_they_ask_in(house: Building) -> None:
    """All visitors of one role are one person; they do not put each other out."""
    here = house()
    mine, others = entered(here.access, Role.ADMIN), entered(here.access, Role.ADMIN)
    viewer = entered(here.access, Role.VIEWER)
    me = mine.signed_in.actor()
    assert here.access.sessions_of(me.name, by=me) == (mine.signed_in.session,)
    assert here.access.sessions_of("viewer@demo.invalid", by=me) == ()
    assert here.access.sign_out_everywhere("viewer@demo.invalid", by=me) == 0
    assert here.access.sign_out_everywhere(me.name, by=me) == 1
    assert [has_ended(here.access, one) for one in (mine, others, viewer)] == [True, False, False]
    assert here.audit.page().entries[0].changes == {"sessions": (1, 0)}


@pytest.mark.parametrize(
    "by",
    [
        NOBODY,
        Actor("marketer@demo.invalid", OF_ROLE[Role.MARKETER], "person"),
        Actor("viewer@demo.invalid", OF_ROLE[Role.MARKETER], "program"),
    ],
)
def test_only_an_admin_sees_and_ends_the_sessions_of_others(house: Building, by: Actor) -> None:
    access = house().access
    opened = entered(access, Role.VIEWER)
    for call in (access.sessions_of, access.sign_out_everywhere):
        with pytest.raises(Forbidden):
            call("viewer@demo.invalid", by=by)
    assert not has_ended(access, opened)
    admin = Actor("asha@example.com", OF_ROLE[Role.ADMIN], "person")
    assert access.sign_out_everywhere("viewer@demo.invalid", by=admin) == 1
    assert has_ended(access, opened)


def test_sessions_are_listed_latest_first(house: Building, clock: MovingClock) -> None:
    access = house().access
    first = entered(access, agent="one").signed_in.session
    clock.passes(minutes=1)
    second = entered(access, agent="two").signed_in.session
    assert access.sessions_of(first.email, by=SYSTEM) == (second, first)


# --- people ----------------------------------------------------------------------------------


@pytest.fixture
def ben() -> Identity:
    return Identity(issuer="https://i.example", subject="2", email="ben@example.com", name="Ben")


@pytest.fixture
def with_ben(house: Building, ben: Identity) -> tuple[House, Opened]:
    """A house that ben was invited to as an analyst, and the session he has there."""
    here = house(SignInMode.GOOGLE, Vouching(ben))
    here.people.invite(ben.email, Role.ANALYST, by="asha@example.com")
    attempt: Any = None
    return here, here.access.finish(attempt, {}, origin=HERE)


def test_a_person_who_is_disabled_is_out_within_five_seconds(
    with_ben: tuple[House, Opened], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, opened = with_ben
    session_id = opened.signed_in.session.session_id
    now = 1_000.0
    monkeypatch.setattr(access_module, "time", SimpleNamespace(monotonic=lambda: now))
    assert here.access.still(session_id).user.role is Role.ANALYST
    here.people.set_role("ben@example.com", Role.VIEWER, by="asha@example.com")
    now += 5
    assert here.access.still(session_id).user.role is Role.VIEWER
    here.people.disable("ben@example.com", by="asha@example.com")
    now += 5
    assert has_ended(here.access, opened)
    with pytest.raises(NotAuthenticated, match="you may no longer sign in here"):
        here.access.still(session_id)
    ticketed = here.access.ticket(opened, browser="mine")
    with pytest.raises(NotAuthenticated):
        here.access.redeem(ticketed, browser="mine")


@pytest.mark.usefixtures("uncached")
def test_a_person_who_was_removed_is_out(with_ben: tuple[House, Opened]) -> None:
    here, opened = with_ben
    here.people.remove("ben@example.com", by="asha@example.com")
    assert has_ended(here.access, opened)


def test_a_session_outlives_the_process_it_began_in(
    house: Building, with_ben: tuple[House, Opened], ben: Identity
) -> None:
    _, opened = with_ben
    assert not has_ended(house(SignInMode.GOOGLE, Vouching(ben)).access, opened)


def test_a_session_holds_in_the_mode_it_began_in_only(
    house: Building, with_ben: tuple[House, Opened]
) -> None:
    """A demo user's cookie opens nothing once accounts are asked for, nor the other way round."""
    there, account = with_ben
    demo = house(SignInMode.DEMO).access
    visitor = entered(demo)
    assert has_ended(there.access, visitor)
    assert has_ended(demo, account)
    closed = house(SignInMode.CLOSED).access
    assert has_ended(closed, visitor)
    assert has_ended(closed, account)
