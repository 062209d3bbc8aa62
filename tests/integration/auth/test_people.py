"""People: who is let in, as what, and who may decide it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from engine.auth.id_token import GOOGLE
from engine.auth.lists import Lists
from engine.auth.people import People
from engine.domain.clock import FixedClock
from engine.domain.permission import Role
from engine.domain.user import Identity, Origin, UserStatus
from engine.errors import Conflict, InvalidInput, NotFound, SignInRefused
from engine.store.users import LAST_ADMIN, UserStore
from tests.conftest import NOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from pymongo.database import Database

HERE = Origin(address="192.0.2.7", agent="a browser")


def somebody(email: str, *, subject: str | None = None, name: str = "Somebody") -> Identity:
    return Identity(
        issuer="https://issuer.example", subject=subject or f"id of {email}", email=email, name=name
    )


@pytest.fixture
def people_of(database: Database[dict[str, Any]]) -> Callable[..., People]:
    def opened(*, admins: str = "", emails: str = "", domains: str = "") -> People:
        lists = Lists.of(admins=admins.split(), emails=emails.split(), domains=domains.split())
        return People(UserStore(database), lists, FixedClock(NOW))

    return opened


@pytest.fixture
def people(people_of: Callable[..., People]) -> People:
    """The people of a workspace with one admin, who has signed in."""
    people = people_of(admins="asha@shop.example")
    people.admit(somebody("asha@shop.example"), origin=HERE)
    return people


def test_nobody_comes_in_uninvited_and_the_first_admins_are_named_by_the_settings(
    people_of: Callable[..., People],
) -> None:
    with pytest.raises(SignInRefused, match="nobody may sign in yet: set CRM_ADMIN_EMAILS"):
        people_of().admit(somebody("asha@shop.example"), origin=HERE)
    people = people_of(admins="asha@shop.example")
    with pytest.raises(SignInRefused, match=r"ravi@shop\.example is not invited here"):
        people.admit(somebody("ravi@shop.example"), origin=HERE)
    assert [one.status for one in people.all()] == [UserStatus.INVITED]
    asha = people.admit(somebody("Asha@Shop.Example", name=" Asha\n R\x00ao "), origin=HERE)
    assert (asha.email, asha.name) == ("asha@shop.example", "Asha Rao")
    assert (asha.role, asha.status, asha.fixed) == (Role.ADMIN, UserStatus.ACTIVE, True)
    assert (asha.created_by, asha.last_sign_in_at) == ("CRM_ADMIN_EMAILS", NOW)
    assert people.all() == (people.get("ASHA@shop.example "),) == (asha,)


@pytest.mark.parametrize("role", Role)
def test_who_is_invited_comes_in_with_the_role_of_the_invitation(
    people: People, role: Role
) -> None:
    invited = people.invite(" Ravi@Example.com ", role, by="asha@shop.example")
    assert (invited.email, invited.status) == ("ravi@example.com", UserStatus.INVITED)
    assert (invited.created_by, invited.created_at) == ("asha@shop.example", NOW)
    ravi = people.admit(somebody("ravi@EXAMPLE.com"), origin=HERE)
    assert (ravi.role, ravi.status, ravi.fixed) == (role, UserStatus.ACTIVE, False)
    assert people.get("ravi@example.com") == ravi


@pytest.mark.parametrize("email", ["", "ravi", "ravi@shop", "a b@example.com", "x@y.invalid"])
def test_what_is_no_address_is_not_invited(people: People, email: str) -> None:
    with pytest.raises(InvalidInput, match=r"is no e-mail address such as asha@example\.com"):
        people.invite(email, Role.VIEWER, by="asha")
    assert len(people.all()) == 1


def test_nobody_is_invited_twice(people_of: Callable[..., People]) -> None:
    people = people_of(admins="asha@example.com")
    people.invite("ravi@example.com", Role.VIEWER, by="asha")
    for known in ("Ravi@example.com", "asha@example.com"):
        with pytest.raises(Conflict, match="already"):
            people.invite(known, Role.ADMIN, by="asha")
    assert people.get("ravi@example.com").role is Role.VIEWER


@pytest.mark.parametrize(
    ("email", "comes_in"),
    [
        ("x@shop.example", True),
        ("X@SHOP.example", True),
        ("guest@other.example", True),
        ("x@sub.shop.example", False),
        ("x@evilshop.example", False),
        ("x@shop.example.evil", False),
        ("shop.example@evil.example", False),
        ("other@other.example", False),
    ],
)
def test_lists_let_in_viewers_from_exactly_what_they_name(
    people_of: Callable[..., People], email: str, *, comes_in: bool
) -> None:
    people = people_of(emails="guest@other.example", domains="shop.example")
    if comes_in:
        assert people.admit(somebody(email), origin=HERE).role is Role.VIEWER
    else:
        with pytest.raises(SignInRefused):
            people.admit(somebody(email), origin=HERE)
        assert people.all() == ()


def test_who_came_by_a_list_is_out_when_it_no_longer_names_them_unless_an_admin_decided(
    people_of: Callable[..., People],
) -> None:
    before = people_of(admins="root@shop.example", domains="shop.example")
    for name in ("ravi", "mira", "root"):
        before.admit(somebody(f"{name}@shop.example"), origin=HERE)
    before.set_role("mira@shop.example", Role.ANALYST, by="asha")
    after = people_of()
    assert after.get("mira@shop.example").status is UserStatus.ACTIVE
    for name in ("ravi", "root"):
        assert after.get(f"{name}@shop.example").status is UserStatus.DISABLED
        with pytest.raises(SignInRefused, match="may not sign in here any more"):
            after.admit(somebody(f"{name}@shop.example"), origin=HERE)
    enabled = after.enable("root@shop.example", by="asha")
    assert (enabled.role, enabled.status) == (Role.VIEWER, UserStatus.ACTIVE), "no admin any more"


def test_an_address_is_bound_to_the_account_that_first_came_with_it(people: People) -> None:
    people.invite("ravi@example.com", Role.ANALYST, by="asha")
    people.admit(somebody("ravi@example.com", subject="1"), origin=HERE)
    people.admit(somebody("ravi@example.com", subject="1"), origin=HERE)
    for other in (
        somebody("ravi@example.com", subject="2"),
        replace(somebody("ravi@example.com", subject="1"), issuer="https://other.example"),
    ):
        with pytest.raises(SignInRefused, match="used here by another account before"):
            people.admit(other, origin=HERE)
    people.remove("ravi@example.com", by="asha")
    people.invite("ravi@example.com", Role.VIEWER, by="asha")
    assert people.admit(somebody("ravi@example.com", subject="2"), origin=HERE)


def test_an_account_cannot_come_back_under_another_address(
    people_of: Callable[..., People],
) -> None:
    people = people_of(domains="shop.example")
    people.admit(somebody("ravi@shop.example", subject="1"), origin=HERE)
    people.disable("ravi@shop.example", by="asha")
    people.invite("invited@example.com", Role.ADMIN, by="asha")
    for email in ("ravi.new@shop.example", "invited@example.com"):
        with pytest.raises(SignInRefused, match="before, under another address"):
            people.admit(somebody(email, subject="1"), origin=HERE)


def test_a_disabled_person_is_refused_until_enabled(people: People) -> None:
    people.invite("ravi@example.com", Role.MARKETER, by="asha")
    people.invite("mira@example.com", Role.MARKETER, by="asha")
    people.admit(somebody("ravi@example.com"), origin=HERE)
    for name in ("ravi", "mira"):
        email = f"{name}@example.com"
        assert people.disable(email, by="asha").status is UserStatus.DISABLED
        with pytest.raises(SignInRefused, match="may not sign in here any more"):
            people.admit(somebody(email), origin=HERE)
        people.enable(email, by="asha")
        assert people.admit(somebody(email), origin=HERE).role is Role.MARKETER


def test_an_admin_of_the_settings_stays_one_whatever_is_stored(
    people_of: Callable[..., People],
) -> None:
    before = people_of()
    before.invite("ravi@example.com", Role.VIEWER, by="asha")
    before.disable("ravi@example.com", by="asha")
    after = people_of(admins="ravi@example.com")
    ravi = after.admit(somebody("ravi@example.com"), origin=HERE)
    assert (ravi.role, ravi.status, ravi.fixed) == (Role.ADMIN, UserStatus.ACTIVE, True)
    decisions: tuple[Callable[[], object], ...] = (
        lambda: after.set_role("ravi@example.com", Role.VIEWER, by="mira"),
        lambda: after.disable("ravi@example.com", by="mira"),
        lambda: after.remove("ravi@example.com", by="mira"),
    )
    for decide in decisions:
        with pytest.raises(Conflict, match="CRM_ADMIN_EMAILS names it"):
            decide()
    assert people_of().get("ravi@example.com").status is UserStatus.DISABLED, "as it was decided"


def test_nobody_decides_on_themselves(people: People) -> None:
    people.invite("ravi@example.com", Role.ADMIN, by="asha")
    ravi = people.admit(somebody("ravi@example.com"), origin=HERE)
    decisions: tuple[Callable[[], object], ...] = (
        lambda: people.set_role("ravi@example.com", Role.VIEWER, by=ravi.email),
        lambda: people.disable("Ravi@example.com", by=ravi.email),
        lambda: people.enable("ravi@example.com", by=ravi.email),
        lambda: people.remove("ravi@example.com", by=ravi.email),
    )
    for decide in decisions:
        with pytest.raises(Conflict, match="nobody decides on themselves"):
            decide()


def test_the_last_active_admin_stays_one(people_of: Callable[..., People]) -> None:
    people = people_of()
    people.invite("ravi@example.com", Role.ADMIN, by="command line")
    people.admit(somebody("ravi@example.com"), origin=HERE)
    people.invite("new@example.com", Role.ADMIN, by="command line")
    people.invite("gone@example.com", Role.ADMIN, by="command line")
    people.disable("gone@example.com", by="command line")
    decisions: tuple[Callable[[], object], ...] = (
        lambda: people.set_role("ravi@example.com", Role.MARKETER, by="command line"),
        lambda: people.disable("ravi@example.com", by="command line"),
        lambda: people.remove("ravi@example.com", by="command line"),
    )
    for decide in decisions:
        with pytest.raises(Conflict, match=LAST_ADMIN):
            decide()
    people.admit(somebody("new@example.com"), origin=HERE)
    assert people.set_role("ravi@example.com", Role.VIEWER, by="command line").role is Role.VIEWER


def test_an_admin_of_the_settings_counts_as_another_once_they_have_been_here(
    people_of: Callable[..., People],
) -> None:
    people = people_of(admins="asha@shop.example")
    people.invite("ravi@example.com", Role.ADMIN, by="command line")
    people.admit(somebody("ravi@example.com"), origin=HERE)
    with pytest.raises(Conflict, match=LAST_ADMIN):
        people.disable("ravi@example.com", by="command line")
    people.admit(somebody("asha@shop.example"), origin=HERE)
    assert people.disable("ravi@example.com", by="command line")


def test_two_admins_who_put_each_other_out_at_once_leave_one(
    people_of: Callable[..., People],
) -> None:
    people, names = people_of(), ("ravi@example.com", "mira@example.com")
    for name in names:
        people.invite(name, Role.ADMIN, by="command line")
        people.admit(somebody(name), origin=HERE)
    for _ in range(10):
        at_once = threading.Barrier(2)

        def put_out(one: str, other: str, at_once: threading.Barrier = at_once) -> bool:
            at_once.wait()
            try:
                people.disable(other, by=one)
            except Conflict:
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            done = list(pool.map(put_out, names, reversed(names)))
        assert sum(done) == 1
        people.enable(names[0] if done[1] else names[1], by="command line")


def test_a_change_of_what_is_no_longer_so_is_refused(people: People) -> None:
    people.invite("ravi@example.com", Role.ANALYST, by="asha")
    with pytest.raises(Conflict, match=r"somebody made ravi@example\.com analyst meanwhile"):
        people.set_role("ravi@example.com", Role.ADMIN, was=Role.VIEWER, by="asha")
    people.set_role("ravi@example.com", Role.MARKETER, was=Role.ANALYST, by="asha")
    assert people.get("ravi@example.com").role is Role.MARKETER


def test_a_change_between_the_look_and_the_write_is_not_written_over(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.invite("ravi@example.com", Role.ANALYST, by="asha")
    find, meanwhile = UserStore.find, ["disabled"]

    def found_just_before(store: UserStore, email: str) -> Any:  # noqa: ANN401 - as it was
        found = find(store, email)
        if meanwhile and meanwhile.pop():
            people.disable(email, by="mira")
        return found

    monkeypatch.setattr(UserStore, "find", found_just_before)
    with pytest.raises(Conflict, match=r"somebody changed ravi@example\.com meanwhile"):
        people.set_role("ravi@example.com", Role.ADMIN, by="asha")
    assert people.get("ravi@example.com").role is Role.ANALYST
    people.enable("ravi@example.com", by="asha")
    meanwhile.append("disabled")
    with pytest.raises(SignInRefused):
        people.admit(somebody("ravi@example.com"), origin=HERE)


def test_two_first_sign_ins_at_once_with_two_accounts_let_one_in(
    people_of: Callable[..., People],
) -> None:
    people = people_of(domains="shop.example")
    for round_ in range(5):
        email, at_once = f"p{round_}@shop.example", threading.Barrier(2)

        def sign_in(subject: str, email: str = email, at_once: threading.Barrier = at_once) -> bool:
            at_once.wait()
            try:
                people.admit(somebody(email, subject=f"{subject} of {email}"), origin=HERE)
            except SignInRefused:
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(sign_in, "ab")) == [False, True]


def test_the_last_sign_in_and_the_name_are_kept_up(
    people: People, database: Database[dict[str, Any]]
) -> None:
    later = FixedClock(NOW + timedelta(days=1))
    again = People(UserStore(database), Lists(frozenset({"asha@shop.example"})), later)
    asha = again.admit(somebody("asha@shop.example", name="Asha N"), origin=HERE)
    assert (asha.name, asha.last_sign_in_at) == ("Asha N", later.now())
    assert asha.created_at == people.get(asha.email).created_at == NOW
    nameless = somebody("asha@shop.example", name="")
    assert again.admit(nameless, origin=HERE).name == "Asha N"


def test_who_is_not_here_is_not_found(people: People) -> None:
    looks: tuple[Callable[[], object], ...] = (
        lambda: people.get("nobody@example.com"),
        lambda: people.disable("nobody@example.com", by="asha"),
    )
    for look in looks:
        with pytest.raises(NotFound, match=r"'nobody@example\.com'"):
            look()


def test_demo_users_are_not_among_the_people(people: People) -> None:
    demo = people.demo_user(Role.ANALYST)
    assert (demo.role, demo.email) == (Role.ANALYST, "analyst@demo.invalid")
    with pytest.raises(NotFound):
        people.get(demo.email)
    assert demo.email not in {one.email for one in people.all()}
    with pytest.raises(InvalidInput):
        people.invite(demo.email, Role.ADMIN, by="asha")


UNICODE, ASCII = "bücher.example.com", "xn--bcher-kva.example.com"


@pytest.mark.parametrize("told", [UNICODE, ASCII, "BÜCHER.example.com", "bu\u0308cher.example.com"])
@pytest.mark.parametrize("comes", [UNICODE, ASCII, "Bücher.Example.Com"])
def test_an_international_domain_is_one_in_every_spelling(
    people_of: Callable[..., People], told: str, comes: str
) -> None:
    people = people_of(admins=f"asha@{told}", emails=f"guest@shop.{told}", domains=told)
    people.invite(f"ana@{told}", Role.ANALYST, by="asha")
    for name, role in {
        f"asha@{comes}": Role.ADMIN,
        f"guest@shop.{comes}": Role.VIEWER,
        f"ana@{comes}": Role.ANALYST,
        f"mira@{comes}": Role.VIEWER,
    }.items():
        assert people.admit(somebody(name), origin=HERE).role is role
    assert people.get(f"ana@{told}").email == f"ana@{ASCII}"
    with pytest.raises(Conflict, match="is among the people here already"):
        people.invite(f"ana@{comes}", Role.ADMIN, by="asha")


def test_domains_that_only_look_alike_stay_apart(people_of: Callable[..., People]) -> None:
    people = people_of(domains="shop.example strasse.example")
    for other in ("\u0455hop.example", "straße.example"):  # the first begins with a Cyrillic sign
        with pytest.raises(SignInRefused, match=r"is not invited here|nobody may sign in yet"):
            people.admit(somebody(f"ravi@{other}"), origin=HERE)


def test_at_google_a_domain_lets_in_only_accounts_that_it_keeps_itself(
    people_of: Callable[..., People],
) -> None:
    """Whoever had an address of the domain once may have had Google verify it then."""
    people = people_of(emails="guest@other.example", domains="shop.example")

    def at_google(email: str, kept_by: str | None) -> Identity:
        return replace(somebody(email), issuer=GOOGLE, organisation=kept_by)

    for kept_by in (None, "other.example", ""):
        with pytest.raises(SignInRefused, match=r"no account of shop\.example's own at Google"):
            people.admit(at_google("ravi@shop.example", kept_by), origin=HERE)
    assert people.all() == ()
    assert people.admit(at_google("ravi@shop.example", "shop.example"), origin=HERE)
    with pytest.raises(SignInRefused, match="own at Google"):
        people.admit(at_google("ravi@shop.example", None), origin=HERE)
    assert people.admit(at_google("guest@other.example", None), origin=HERE), "named herself"
    people = people_of(domains=ASCII)
    assert people.admit(at_google(f"ravi@{ASCII}", UNICODE), origin=HERE)
