"""What each role finds on the pages: what it may do, and nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from engine.domain.permission import OF_ROLE, Permission, Role
from pages._ui.navigation import MENU
from pages._ui.places import NEEDS, Place, least_role
from tests.pages.campaign_shop import draft, finish, launch, spenders, stock
from tests.pages.conftest import texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    from engine import Crm
    from tests.pages.conftest import Shell

ANALYST_UP = {Role.ANALYST, Role.MARKETER, Role.ADMIN}
MARKETER_UP = {Role.MARKETER, Role.ADMIN}
ADMIN = {Role.ADMIN}
OPEN_TO = {
    Place.OVERVIEW: set(Role),
    Place.CUSTOMERS: ANALYST_UP,
    Place.CUSTOMER: ANALYST_UP,
    Place.SEGMENTS: set(Role),
    Place.SEGMENT_BUILDER: ANALYST_UP,
    Place.CAMPAIGNS: set(Role),
    Place.CAMPAIGN_EDITOR: MARKETER_UP,
    Place.CAMPAIGN_REPORT: set(Role),
    Place.IMPORTS: ANALYST_UP,
    Place.SETTINGS: ADMIN,
}


class Shop:
    """A segment, a draft and a campaign that was sent, with one failed delivery or more."""

    def __init__(self, crm: Crm, imported: Callable[..., None]) -> None:
        stock(imported, customers=3)
        self.segment = spenders(crm, "Big spenders", value="0.50")
        self.draft = draft(crm, self.segment, "Summer")
        self.sent = launch(crm, draft(crm, self.segment, "Spring"))
        finish(crm)

    def query(self, place: Place) -> dict[str, str]:
        return {
            Place.CUSTOMER: {"customer": "c1"},
            Place.SEGMENT_BUILDER: {"segment": self.segment.segment_id},
            Place.CAMPAIGN_EDITOR: {"campaign": self.draft.campaign_id},
            Place.CAMPAIGN_REPORT: {"campaign": self.sent.campaign_id},
        }.get(place, {})


@pytest.fixture
def shop(crm: Crm, imported: Callable[..., None]) -> Shop:
    return Shop(crm, imported)


def buttons(app: AppTest) -> set[str]:
    """Return the keys of the page's buttons, less ids, and less those of the sidebar."""
    beside = {one.key for one in app.sidebar.button}
    keys = {str(one.key) for one in app.button if one.key not in beside}
    return {re.sub(r"_[0-9a-f]{32}$", "", key) for key in keys}


@pytest.mark.parametrize("role", list(Role))
def test_a_page_opens_to_the_roles_it_is_for_and_tells_the_others_why_not(
    shell: Shell, shop: Shop, role: Role
) -> None:
    for place in Place:
        app = shell(place.value, role=role, **shop.query(place))
        assert not app.exception
        refused = f"Your role is {role.value}" in texts(app)
        assert refused is (role not in OPEN_TO[place])
        assert not app.error, "a page calls nothing that its role may not"
        if refused:
            assert f"needs the role {least_role(NEEDS[place]).value}" in texts(app)
            assert [one.value for one in app.title] == [MENU[section_of(place)][place][0]]
            assert buttons(app) == set()
            assert NEEDS[place] not in OF_ROLE[role]


def section_of(place: Place) -> str:
    return next(section for section, places in MENU.items() if place in places)


@pytest.mark.parametrize(
    ("place", "by_role"),
    [
        (
            Place.SEGMENTS,
            {
                Role.VIEWER: {"history"},
                Role.ANALYST: {"new_segment", "open", "history", "duplicate", "delete"},
                Role.MARKETER: {"new_segment", "open", "use", "history", "duplicate", "delete"},
            },
        ),
        (
            Place.CAMPAIGNS,
            {Role.VIEWER: set(), Role.ANALYST: set(), Role.MARKETER: {"new_campaign"}},
        ),
        (
            Place.CAMPAIGN_REPORT,
            {
                Role.VIEWER: set(),
                Role.ANALYST: {"log_back", "log_on"},
                Role.MARKETER: {"log_back", "log_on"},
            },
        ),
    ],
)
def test_a_page_offers_what_a_role_may_do_and_nothing_else(
    shell: Shell, shop: Shop, place: Place, by_role: dict[Role, set[str]]
) -> None:
    for role, expected in by_role.items():
        assert buttons(shell(place.value, role=role, **shop.query(place))) == expected


def test_nobody_but_who_may_export_is_offered_the_delivery_log(shell: Shell, shop: Shop) -> None:
    query = shop.query(Place.CAMPAIGN_REPORT)
    viewer = shell("campaign_report.py", role=Role.VIEWER, **query)
    assert "Delivery log" not in texts(viewer)
    assert "c1" not in texts(viewer) + str([one.value for one in viewer.dataframe])
    analyst = shell("campaign_report.py", role=Role.ANALYST, **query)
    assert "Delivery log" in texts(analyst)
    assert "c1" in str([one.value for one in analyst.dataframe])


def test_an_old_version_is_restored_by_those_alone_who_may_save(
    crm: Crm, shell: Shell, shop: Shop
) -> None:
    segment = shop.segment
    crm.save_segment(
        name="Renamed",
        description="",
        rule=segment.rule,
        segment_id=segment.segment_id,
        version=segment.version,
    )
    for role, offered in ((Role.VIEWER, False), (Role.ANALYST, True)):
        app = shell("segments.py", role=role)
        app.button(key=f"history_{segment.segment_id}").click().run()
        assert "Renamed" in texts(app)
        assert ("restore_1" in {one.key for one in app.button}) is offered


def test_the_first_steps_lead_nowhere_that_a_role_may_not_go(shell: Shell) -> None:
    assert buttons(shell(role=Role.VIEWER)) == set()
    assert buttons(shell(role=Role.ANALYST)) == {"first_import", "first_segment"}
    assert "first_campaign" in buttons(shell(role=Role.MARKETER))
    assert "load_demo" in buttons(shell(role=Role.ADMIN))


def test_demo_data_is_removed_by_an_admin_alone(crm: Crm, shell: Shell) -> None:
    crm.load_demo()
    assert "remove_demo" not in buttons(shell(role=Role.MARKETER))
    assert "remove_demo" in buttons(shell(role=Role.ADMIN))


def test_every_permission_of_a_page_belongs_to_some_role() -> None:
    assert set(NEEDS) == set(Place)
    assert {least_role(one) for one in NEEDS.values()} == set(Role)
    assert least_role(Permission.FIGURES) is Role.VIEWER
