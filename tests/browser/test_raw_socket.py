"""What the WebSocket gives to a client that is no browser, with and without a session's cookie."""

from __future__ import annotations

import time
from socket import create_connection
from typing import TYPE_CHECKING

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from engine.domain.campaign import Channel, Message
from engine.domain.permission import Role
from engine.domain.user import Origin
from pages._ui.places import NEEDS, Place
from tests.browser.conftest import beside
from tests.browser.raw_socket import hash_of, raw_socket

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine import Crm
    from engine.domain.sign_in import Opened
    from tests.browser.conftest import Shop
    from tests.browser.raw_socket import Heard

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

DATA = (b"O'Neil", b"Name 1", b"Everyone", b"Launched twice", b"60 customers")
"""What pages of the shop show: people, segments, campaigns, and how many there are. No customer's
id: four letters of it stand in a random number now and then."""
EFFECT_SECONDS = 60
FORGED: tuple[dict[str, str], ...] = (
    {},
    {"Cookie": "crm_session=; crm_browser=x"},
    {"Cookie": "crm_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA; session=admin"},
    {"Cookie": "__Host-crm_session=x; _streamlit_user=x"},
    {"Authorization": "Bearer crm_aaaaaaaa_" + "A" * 43},
    {"X-Forwarded-User": "admin@demo.invalid", "X-Forwarded-For": "127.0.0.1", "X-CRM": "1"},
    {"X-Forwarded-Proto": "https", "X-Streamlit-User": "admin@demo.invalid", "X-Real-IP": "::1"},
)


@pytest.fixture(scope="module")
def crm(shop: Shop) -> Iterator[Crm]:
    with beside(shop.folder) as crm:
        yield crm


def entered(crm: Crm, role: Role = Role.ADMIN) -> Opened:
    return crm.access.enter_demo(role, origin=Origin())


def cookie(opened: Opened) -> dict[str, str]:
    return {"Cookie": f"crm_session={opened.token}"}


def leaks(heard: Heard) -> list[bytes]:
    return [mark for mark in DATA if mark in heard.everything]


def queries(shop: Shop) -> dict[Place, str]:
    return {
        Place.CUSTOMER: "customer=c001",
        Place.SEGMENT_BUILDER: f"segment={shop.ids['Everyone']}",
        Place.CAMPAIGN_EDITOR: f"campaign={shop.ids['Launched twice']}",
        Place.CAMPAIGN_REPORT: f"campaign={shop.ids['Launched twice']}",
    }


def name_of(place: Place) -> str:
    return place.value.removesuffix(".py")


@pytest.mark.parametrize("place", list(Place))
def test_who_is_signed_in_gets_what_the_others_are_refused(
    shop: Shop, crm: Crm, place: Place
) -> None:
    """Without this, the tests below could pass for want of a good question."""
    query = queries(shop).get(place, "")
    with raw_socket(shop.address, headers=cookie(entered(crm))) as socket:
        by_name = socket.ask(name=name_of(place), query=query)
        by_hash = socket.ask(page_hash=hash_of(name_of(place)), query=query)
    assert leaks(by_name)
    assert leaks(by_hash)
    assert by_name.titles == by_hash.titles != ["Sign in"]


@pytest.mark.parametrize("headers", FORGED)
def test_without_a_sessions_cookie_no_page_runs_and_no_data_comes(
    shop: Shop, headers: dict[str, str]
) -> None:
    for number, place in enumerate(Place):
        query = queries(shop).get(place, "")
        by_name, by_hash = {"name": name_of(place)}, {"page_hash": hash_of(name_of(place))}
        ways = ((by_name, by_hash), (by_hash, by_name))
        for first, then in ways if not headers else ways[number % 2 :][:1]:
            with raw_socket(shop.address, headers=headers) as socket:
                heard = socket.ask(**first, query=query)
                again = socket.ask(**then, query=query)
            assert heard.titles == again.titles == ["Sign in"]
            assert leaks(heard) == leaks(again) == []
            assert not heard.files
            assert not again.files


def test_names_and_hashes_of_scripts_that_are_no_pages_lead_to_the_sign_in(shop: Shop) -> None:
    for name in (
        "shell",
        "shell.py",
        "_ui/sign_in",
        "pages/customers",
        "../streamlit_app",
        "x" * 999,
    ):
        with raw_socket(shop.address) as socket:
            heard = [socket.ask(name=name), socket.ask(page_hash=hash_of(name))]
        assert [one.titles for one in heard] == [["Sign in"]] * 2
        assert [leaks(one) for one in heard] == [[], []]


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "https://127.0.0.1.evil.example",
        "null",
        "",
        *("http://127.0.0.1", "https://127.0.0.1", "http://127.0.0.1:1"),
        *("http://127.0.0.1:{port}0", "ftp://127.0.0.1:{port}", "127.0.0.1:{port}"),
        *("http://localhost", "http://localhost:{port}", "http://0.0.0.0:{port}"),
        *("http://[::1]:{port}", "http://127.0.0.2:{port}", "http://127.0.0.1:{port}@evil.example"),
    ],
)
def test_a_foreign_origin_is_not_let_in_with_a_good_cookie(
    shop: Shop, crm: Crm, origin: str
) -> None:
    """Streamlit itself takes any port of this machine for the same place."""
    port = shop.address.rpartition(":")[2]
    for headers in ({}, cookie(entered(crm))):
        with (
            pytest.raises(InvalidStatus) as refused,
            raw_socket(shop.address, headers=headers, origin=origin.format(port=port)),
        ):
            pass
        assert refused.value.response.status_code == 403


def test_our_own_origin_is_let_in(shop: Shop, crm: Crm) -> None:
    """Without this, the test above could pass for a server that lets in no origin."""
    with raw_socket(shop.address, headers=cookie(entered(crm)), origin=shop.address) as socket:
        assert leaks(socket.ask(name="customers"))


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io"])
def test_a_name_that_somebody_leads_to_this_machine_enters_no_demo(shop: Shop, host: str) -> None:
    """DNS rebinding: to the browser, pages of that name are of the same origin as the server."""
    port = int(shop.address.rpartition(":")[2])
    for origin in (f"http://{host}:{port}", None):
        with (
            create_connection(("127.0.0.1", port)) as line,
            pytest.raises(InvalidStatus) as refused,
            raw_socket(f"http://{host}:{port}", origin=origin, line=line),
        ):
            pass
        assert refused.value.response.status_code == 403
    page = httpx.get(shop.address, headers={"Host": f"{host}:{port}"}, trust_env=False)
    assert page.status_code == 400
    assert "CRM_DEMO=true" in page.text
    with (
        create_connection(("127.0.0.1", port)) as line,
        raw_socket(f"http://crm.localhost:{port}", line=line) as socket,
    ):
        assert socket.ask(name="customers").titles == ["Sign in"]


def test_a_viewer_gets_nothing_about_a_person_from_any_page(shop: Shop, crm: Crm) -> None:
    with raw_socket(shop.address, headers=cookie(entered(crm, Role.VIEWER))) as socket:
        for place in Place:
            heard = socket.ask(name=name_of(place), query=queries(shop).get(place, ""))
            assert not {b"O'Neil", b"Name 1"} & set(leaks(heard))
            if NEEDS[place] is not NEEDS[Place.OVERVIEW]:
                assert b"Your role is viewer" in heard.everything
            assert not heard.files


def test_once_signed_out_elsewhere_an_open_connection_gets_nothing_more(
    shop: Shop, crm: Crm
) -> None:
    opened = entered(crm)
    with raw_socket(shop.address, headers=cookie(opened)) as socket:
        for place in (Place.SEGMENT_BUILDER, Place.OVERVIEW):
            heard = socket.ask(name=name_of(place), query=queries(shop).get(place, ""))
            assert leaks(heard)
        parts = {one: socket.ask(fragment=one) for one in heard.fragments}
        assert any(leaks(one) for one in parts.values()), "no part could be asked for by itself"
        crm.access.sign_out(opened.signed_in.session.session_id)
        end = time.monotonic() + EFFECT_SECONDS
        while leaks(heard := socket.ask(fragment=next(iter(parts)))):
            assert time.monotonic() < end
        assert heard.titles == ["Sign in"], "the part ran the whole app anew"
        for place in Place:
            heard = socket.ask(name=name_of(place), query=queries(shop).get(place, ""))
            assert heard.titles == ["Sign in"]
            assert leaks(heard) == []


def test_a_file_is_made_for_who_is_signed_in_at_the_click(shop: Shop, crm: Crm) -> None:
    message = Message(channel=Channel.SMS, subject="", body="Hello")
    draft = crm.save_campaign(name="Raw", segment_id=shop.ids["Everyone"], message=message)
    crm.launch_campaign(draft.campaign_id, version=draft.version)
    opened = entered(crm)
    with raw_socket(shop.address, headers=cookie(opened)) as socket:
        heard = socket.ask(name="campaign_report", query=f"campaign={draft.campaign_id}")
        [file] = heard.files
        made = socket.make_file(file, heard.session)
        assert b"/media/" in made.everything
        crm.access.sign_out(opened.signed_in.session.session_id)
        end = time.monotonic() + EFFECT_SECONDS
        while b"/media/" in (made := socket.make_file(file, heard.session)).everything:
            assert time.monotonic() < end
        assert b"Failed to generate" in made.everything


def test_a_session_of_a_browser_is_not_resumed_without_its_cookie(shop: Shop, crm: Crm) -> None:
    opened = entered(crm)
    with raw_socket(shop.address, headers=cookie(opened)) as socket:
        heard = socket.ask(name="customers")
        assert leaks(heard)
    with raw_socket(shop.address, headers=cookie(opened), resume=heard.session) as socket:
        again = socket.ask(name="customers")
        assert again.session == heard.session, "it was not resumed"
        assert leaks(again)
        part = next(iter(again.fragments))
    for headers in ({}, cookie(entered(crm, Role.VIEWER))):
        with raw_socket(shop.address, headers=headers, resume=heard.session) as socket:
            stolen = [socket.ask(fragment=part), socket.ask(name="customers")]
        assert stolen[-1].session == heard.session, "it was not resumed"
        assert not {b"O'Neil", b"Name 1"} & {mark for one in stolen for mark in leaks(one)}
