"""Which pages there are for whom: those of a role in the menu, and the rest a sentence."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from engine.domain.permission import OF_ROLE, ROLE_MEANINGS
from pages._ui.places import NEEDS, Place, least_role, link

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.navigation.page import Page

    from engine.domain.permission import Role

MENU: dict[str, dict[Place, tuple[str, str, str]]] = {
    "": {
        Place.OVERVIEW: (
            "Overview",
            "monitoring",
            "The business at a glance: customers, orders, revenue and recent campaigns.",
        )
    },
    "Audience": {
        Place.CUSTOMERS: (
            "Customers",
            "group",
            "Find a customer and read their profile and orders.",
        ),
        Place.CUSTOMER: ("Customer", "", ""),
        Place.SEGMENTS: (
            "Segments",
            "filter_alt",
            "Saved groups of customers, each defined by a rule.",
        ),
        Place.SEGMENT_BUILDER: ("Segment builder", "", ""),
    },
    "Campaigns": {
        Place.CAMPAIGNS: (
            "Campaigns",
            "campaign",
            "What was sent to whom, and how it went.",
        ),
        Place.CAMPAIGN_EDITOR: ("Campaign editor", "", ""),
        Place.CAMPAIGN_REPORT: ("Campaign report", "", ""),
    },
    "Data": {
        Place.IMPORTS: (
            "Imports",
            "upload_file",
            "Bring in orders and customers from a file, and see what was brought in.",
        ),
        Place.SETTINGS: (
            "Settings",
            "settings",
            "Who comes in, keys for programs, and erasing a person.",
        ),
    },
}
"""Title, icon and help of each page, by section; one without an icon is reached by links only."""


def navigation(role: Role) -> Page:
    """Offer the pages that a role may open; return the one that was asked for.

    One that the role may not open is a page as well: it says so, and is in no menu.
    """
    sections: dict[str, list[Page]] = {}
    for section, places in MENU.items():
        pages = []
        for place, (title, icon, said) in places.items():
            permitted = NEEDS[place] in OF_ROLE[role]
            pages.append(
                st.Page(
                    place.value if permitted else partial(_refuse, place, title, role),
                    title=title,
                    icon=f":material/{icon}:" if icon else None,
                    url_path=None if permitted else _name(place),
                    default=place is Place.OVERVIEW,
                    visibility="visible" if permitted and icon else "hidden",
                    help=said or None,
                )
            )
        sections[section] = pages
    return st.navigation(sections, expanded=True)


def only(show: Callable[[], None], title: str) -> Page:
    """Answer every page's address with one and the same, without a menu.

    The address stays, so that who signs in comes out where they wanted to go.
    """
    pages = [
        st.Page(show, title=title, url_path=_name(place), default=place is Place.OVERVIEW)
        for place in Place
    ]
    return st.navigation(pages, position="hidden")


def _name(place: Place) -> str:
    return place.value.removesuffix(".py")


def _refuse(place: Place, title: str, role: Role) -> None:
    """Say why a page stays closed, and what opens it."""
    needed = least_role(NEEDS[place])
    st.title(title, anchor=False)
    st.info(
        f"Your role is {role.value}, which {ROLE_MEANINGS[role]}. This page needs the role "
        f"{needed.value}, which {ROLE_MEANINGS[needed]}. An admin of this workspace can give it.",
        icon=":material/lock:",
    )
    link(Place.OVERVIEW, "Go to the overview", icon=":material/arrow_back:")
