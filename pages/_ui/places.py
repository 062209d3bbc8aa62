"""Where pages are, and how to get from one to another. Query parameters name objects.

``?customer=``, ``?segment=`` and ``?campaign=`` hold an object's id, so that an address can be
shared and a browser refresh keeps the place. ``?found=`` is the search by which a customer was
found; it leads back to it.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NoReturn, cast

import streamlit as st

from engine.domain.permission import OF_ROLE, Permission, Role

if TYPE_CHECKING:
    from collections.abc import Mapping

Parameter = Literal["customer", "segment", "campaign", "import", "found"]


class Place(StrEnum):
    """A page, by its script's name."""

    OVERVIEW = "overview.py"
    CUSTOMERS = "customers.py"
    CUSTOMER = "customer.py"
    SEGMENTS = "segments.py"
    SEGMENT_BUILDER = "segment_builder.py"
    CAMPAIGNS = "campaigns.py"
    CAMPAIGN_EDITOR = "campaign_editor.py"
    CAMPAIGN_REPORT = "campaign_report.py"
    IMPORTS = "imports.py"
    SETTINGS = "settings.py"


NEEDS = MappingProxyType(
    {
        Place.OVERVIEW: Permission.FIGURES,
        Place.CUSTOMERS: Permission.PEOPLE,
        Place.CUSTOMER: Permission.PEOPLE,
        Place.SEGMENTS: Permission.FIGURES,
        Place.SEGMENT_BUILDER: Permission.SEGMENTS,
        Place.CAMPAIGNS: Permission.FIGURES,
        Place.CAMPAIGN_EDITOR: Permission.CAMPAIGNS,
        Place.CAMPAIGN_REPORT: Permission.FIGURES,
        Place.IMPORTS: Permission.IMPORTS,
        Place.SETTINGS: Permission.ADMIN,
    }
)
"""What a page is for. The engine checks each thing that a page does besides."""


def least_role(permission: Permission) -> Role:
    """Return the first role, in the order of how much they may do, that has a permission."""
    return next(role for role in Role if permission in OF_ROLE[role])


def selected(parameter: Parameter) -> str | None:
    """Return the id in the address; None where there is none."""
    return st.query_params.get(parameter) or None


def select(parameter: Parameter, object_id: str | None) -> None:
    """Put an id in the address, or take it out; a rerun shows the page of that object."""
    if object_id is None:
        st.query_params.pop(parameter, None)
    else:
        st.query_params[parameter] = object_id


def go(place: Place, query: Mapping[Parameter, str] | None = None) -> NoReturn:
    """Open a page."""
    st.switch_page(place.value, query_params=_plain(query))


def link(
    place: Place,
    label: str,
    query: Mapping[Parameter, str] | None = None,
    *,
    icon: str | None = None,
) -> None:
    """Show a link to a page. The label is Markdown: escape data in it with ``format.plain``."""
    st.page_link(place.value, label=label, icon=icon, query_params=_plain(query))


def _plain(query: Mapping[Parameter, str] | None) -> dict[str, str]:
    return cast("dict[str, str]", dict(query or {}))
