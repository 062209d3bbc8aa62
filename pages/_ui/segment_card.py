"""One saved segment: who is in it, what its rule says, what uses it, and what can be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from engine.domain.campaign import CampaignStatus
from engine.domain.permission import Permission
from engine.domain.segment import UsingSegment
from engine.errors import CrmError
from pages._ui.engine import crm, may
from pages._ui.feedback import confirm, flash, guard, sentence
from pages._ui.format import count, number, outline, plain, share, when
from pages._ui.places import NEEDS, Place, go, link
from pages._ui.segment_copy import duplicate
from pages._ui.segment_draft import DRAFTS, forget
from pages._ui.segment_history import open_history
from pages._ui.segment_sizes import size_history
from pages._ui.segment_tags import tag_badges

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.domain.segment import Segment, SegmentUsage, UsingCampaign
    from pages._ui.places import Parameter

LINES = 3
LINKS = 3
"""So many users of a segment are linked on its card; the rest are behind a button."""


def card(segment: Segment, usage: SegmentUsage) -> None:
    """Show one segment with what can be done with it."""
    with st.container(border=True, key=f"segment_{segment.segment_id}"):
        st.subheader(plain(segment.name), anchor=False)
        if segment.tags:
            with st.container(horizontal=True, gap="small"):
                tag_badges(segment.tags)
        if segment.description:
            st.text(segment.description)
        size_history(segment, due=size(segment))
        st.caption(
            plain(
                f"Version {segment.version}, saved {when(segment.saved_at)} by {segment.saved_by}"
            )
        )
        if usage:
            used_by(usage)
        actions(segment, usage)


def size(segment: Segment) -> bool:
    """Say how many customers are in a segment now, and how its rule begins; whether it could."""
    try:
        found = crm().preview_segment(segment.segment_id)
        st.markdown(
            f"**{plain(number(found.count))}** of {plain(count(found.total, 'customer'))} "
            f"({plain(share(found.count, found.total))})"
        )
        lines = crm().words(segment.rule)
    except CrmError as error:
        st.markdown(f":red[:material/error: {plain(sentence(str(error)))}]")
        return False
    shown = outline(lines[:LINES])
    if len(lines) > LINES:
        shown += f"\nand {count(len(lines) - LINES, 'more line')}"
    st.text(shown)
    return True


def used_by(usage: SegmentUsage) -> None:
    """Link what uses a segment: campaigns first, then other segments."""
    users = list(_users(usage))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("Used by", width="content")
        for one in users[:LINKS]:
            _link(one)
        if len(users) > LINKS:
            with st.popover(f"and {number(len(users) - LINKS)} more", type="tertiary"):
                for one in users[LINKS:]:
                    _link(one)


def _users(usage: SegmentUsage) -> Iterator[UsingCampaign | UsingSegment]:
    yield from usage.campaigns
    yield from usage.segments


def _link(user: UsingCampaign | UsingSegment) -> None:
    query: Mapping[Parameter, str]
    if isinstance(user, UsingSegment):
        place, query, icon = Place.SEGMENT_BUILDER, {"segment": user.segment_id}, "filter_alt"
    else:
        draft = user.status is CampaignStatus.DRAFT
        place = Place.CAMPAIGN_EDITOR if draft else Place.CAMPAIGN_REPORT
        query, icon = {"campaign": user.campaign_id}, "campaign"
    if may(NEEDS[place]):
        link(place, plain(user.name), query, icon=f":material/{icon}:")
    else:
        st.caption(f":material/{icon}: {plain(user.name)}", width="content")


def actions(segment: Segment, usage: SegmentUsage) -> None:
    """Offer to open, use, look back at, copy and delete a segment."""
    key, query = segment.segment_id, segment.segment_id
    changes = may(Permission.SEGMENTS)
    with st.container(horizontal=True, vertical_alignment="center"):
        if changes and st.button("Open", key=f"open_{key}", icon=":material/edit:"):
            go(Place.SEGMENT_BUILDER, {"segment": query})
        if may(Permission.CAMPAIGNS) and st.button(
            "Use in a campaign", key=f"use_{key}", icon=":material/campaign:"
        ):
            go(Place.CAMPAIGN_EDITOR, {"segment": query})
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "History",
            key=f"history_{key}",
            type="tertiary",
            on_click=open_history,
            args=(segment.segment_id,),
        )
        if not changes:
            return
        if st.button("Duplicate", key=f"duplicate_{key}", type="tertiary"):
            copy(segment)
        if st.button(
            "Delete",
            key=f"delete_{key}",
            type="tertiary",
            disabled=bool(usage),
            help=why_not(usage),
        ):
            confirm(
                "Delete this segment?",
                f"**{plain(segment.name)}** is deleted for everyone, with its history. "
                "Its customers stay. This cannot be undone.",
                "Delete segment",
                lambda: delete(segment),
            )
        draft = DRAFTS.get().get(segment.segment_id)
        if draft is not None and draft.unsaved:
            st.badge("Unsaved changes", color="orange", icon=":material/edit:")


def why_not(usage: SegmentUsage) -> str | None:
    """Say why a segment cannot be deleted, in Markdown; None where it can."""
    if not usage:
        return None
    users, ways = [], []
    if usage.campaigns:
        users.append(count(len(usage.campaigns), "campaign"))
        ways.append("A draft can be given another segment; what was launched keeps its own.")
    if usage.segments:
        users.append(count(len(usage.segments), "segment"))
        ways.append("A segment can be saved without the condition that names this one.")
    return f"It stays while it is used by {' and '.join(users)}. {' '.join(ways)}"


def copy(segment: Segment) -> None:
    """Save a copy of a segment, and say how it is called."""
    with guard() as attempt:
        made = duplicate(segment)
    if attempt.ok:
        flash(f"Saved a copy as {made.name}")
        st.rerun()


def delete(segment: Segment) -> str:
    """Delete a segment; return what was deleted."""
    crm().delete_segment(segment.segment_id, version=segment.version)
    forget(segment.segment_id)
    return f"Deleted {segment.name}"
