"""Write a campaign: whom it goes to, how, and what it says; read it as members would; launch."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, cast

import streamlit as st

from engine.domain.campaign import CampaignStatus, Channel
from engine.errors import CrmError
from pages._ui.campaign_draft import DRAFTS, NEW, Content, forget, keep, of_campaign, opened
from pages._ui.campaign_examples import examples
from pages._ui.campaign_message import BODY, SUBJECT, message
from pages._ui.campaign_words import CHANNELS, by_channel
from pages._ui.engine import crm
from pages._ui.feedback import confirm, empty_state, flash, guard, sentence, show_error
from pages._ui.format import count, number, plain, share, when
from pages._ui.inputs import LIVE, show
from pages._ui.places import Place, go, link, select, selected
from pages._ui.segment_draft import looked_at

if TYPE_CHECKING:
    from engine.domain.campaign import Campaign
    from engine.domain.segment import Segment
    from pages._ui.campaign_draft import CampaignDraft

NAME, SEGMENT, CHANNEL = "campaign_name", "campaign_segment", "campaign_channel"


@st.fragment(key="campaign_editor")
def editor(draft_id: str) -> None:
    """Draw the editor; what is written reruns this alone."""
    with guard():
        draft = DRAFTS.get().get(draft_id)
        if draft is None:  # discarded: the page reads the campaign again, or says that it is gone
            st.rerun()
        writing, reading = st.columns((3, 2), gap="large")
        with writing:
            whom(draft)
            message(draft, partial(write, draft.campaign_id))
            saving(draft)
        with reading:
            examples(draft.content)


def write(draft_id: str) -> None:
    """Take what stands in the boxes into the draft."""
    draft = DRAFTS.get()[draft_id]
    boxes = st.session_state
    content = Content(
        name=boxes.get(NAME) or "",
        segment_id=boxes.get(SEGMENT) or "",
        channel=boxes.get(CHANNEL) or draft.content.channel,
        subject=draft.content.subject if SUBJECT not in boxes else boxes[SUBJECT] or "",
        body=boxes.get(BODY) or "",
    )
    keep(replace(draft, content=content))


def whom(draft: CampaignDraft) -> None:
    """Take the name, the segment and the channel."""
    changed = partial(write, draft.campaign_id)
    show(NAME, draft.content.name)
    st.text_input(
        "Name",
        key=NAME,
        max_chars=120,
        placeholder="Such as: Spring win-back",
        live=LIVE,
        on_change=changed,
    )
    segments = {one.segment_id: one for one in crm().segments()}
    show(SEGMENT, draft.content.segment_id if draft.content.segment_id in segments else None)
    st.selectbox(
        "Segment",
        list(segments),
        index=None,
        key=SEGMENT,
        format_func=lambda segment_id: segments[segment_id].name,
        placeholder="Choose who receives it",
        on_change=changed,
    )
    if draft.content.segment_id in segments:
        audience(segments[draft.content.segment_id])
    show(CHANNEL, draft.content.channel)
    st.segmented_control(
        "Channel",
        list(Channel),
        key=CHANNEL,
        required=True,
        format_func=lambda channel: CHANNELS[cast("Channel", channel)],
        on_change=changed,
    )


def audience(segment: Segment) -> None:
    """Say how many the segment holds now, and that the launch evaluates it again."""
    try:
        found = crm().preview(segment.rule)
    except CrmError as error:
        show_error(error)
        return
    st.caption(
        plain(
            f"{number(found.count)} of {count(found.total, 'customer')} "
            f"({share(found.count, found.total)}) now, data as of {when(found.as_of)}. "
            "The segment is evaluated again at the moment of launch."
        )
    )
    if (elsewhere := looked_at(segment.segment_id)) is not None:
        st.warning(
            f"In the segment builder you look at this segment as of {plain(when(elsewhere))}. "
            "A campaign does not: it goes to those who are in the segment when it is launched.",
            icon=":material/history:",
        )


def saving(draft: CampaignDraft) -> None:
    """Offer to save, launch, discard and delete."""
    with st.container(horizontal=True, vertical_alignment="center"):
        launch = st.button("Launch…", key="launch_campaign", type="primary", icon=":material/send:")
        save = st.button("Save draft", key="save_campaign")
        if draft.unsaved:
            st.button(
                "Discard changes",
                key="discard_campaign",
                type="tertiary",
                on_click=forget,
                args=(draft.campaign_id,),
            )
        delete = draft.campaign_id != NEW and st.button(
            "Delete draft", key="delete_campaign", type="tertiary"
        )
        if draft.unsaved:
            st.badge("Unsaved changes", color="orange", icon=":material/edit:")
        elif draft.campaign_id != NEW:
            st.badge("Draft saved", color="gray")
    if save and (campaign := stored(draft)):
        flash(f"Saved {campaign.name}")
        st.rerun()
    if launch and (campaign := stored(draft)):
        ask_to_launch(campaign)
    if delete:
        confirm(
            "Delete this draft?",
            f"**{plain(draft.saved.name)}** is deleted for everyone. This cannot be undone.",
            "Delete draft",
            lambda: deleted(draft),
            then=(Place.CAMPAIGNS, {}),
        )


def stored(draft: CampaignDraft) -> Campaign | None:
    """Return the campaign as it is saved now, saving it first if needed; None if it cannot be."""
    if not draft.content.segment_id:
        st.error("Choose the segment that receives this campaign.", icon=":material/error:")
        return None
    with guard():
        if draft.campaign_id != NEW and not draft.unsaved:
            return crm().campaign(draft.campaign_id)
        campaign = crm().save_campaign(
            name=draft.content.name,
            segment_id=draft.content.segment_id,
            message=draft.content.message,
            campaign_id=draft.campaign_id or None,
            version=draft.version,
        )
        forget(draft.campaign_id)
        keep(of_campaign(campaign))
        select("campaign", campaign.campaign_id)
        return campaign
    return None


def ask_to_launch(campaign: Campaign) -> None:
    """Say exactly whom it goes to, and launch if the analyst agrees."""
    with guard():
        segment = crm().segment(campaign.segment_id)
        found = crm().preview(segment.rule)
        if not found.count:
            st.error("No customer is in this segment now, so there is no one to send to.")
            return
        confirm(
            "Launch this campaign?",
            f"Send **{plain(campaign.name)}** to **{plain(count(found.count, 'customer'))}** "
            f"{by_channel(campaign.message.channel)}: everyone in **{plain(segment.name)}** "
            f"(version {segment.version}), {plain(number(found.count))} of "
            f"{plain(number(found.total))}, as of {plain(when(found.now))}.\n\n"
            "The segment is evaluated again at the moment of launch, and the audience is fixed "
            "then: it may differ from this count. The vendor is simulated: nothing leaves this "
            "machine, and customers without an address are sent to as well.",
            f"Send to {count(found.count, 'customer')}",
            lambda: launched(campaign),
            then=(Place.CAMPAIGN_REPORT, {"campaign": campaign.campaign_id}),
        )


def launched(campaign: Campaign) -> str:
    """Launch, once however often it is asked; return what was launched."""
    crm().launch_campaign(campaign.campaign_id, version=campaign.version)
    forget(campaign.campaign_id)
    return f"Launched {campaign.name}"


def deleted(draft: CampaignDraft) -> str:
    """Delete a draft; return what was deleted."""
    if draft.version is not None:
        crm().delete_campaign_draft(draft.campaign_id, version=draft.version)
    forget(draft.campaign_id)
    return f"Deleted {draft.saved.name}"


campaign_id, segment_id = selected("campaign"), selected("segment")
link(Place.CAMPAIGNS, "Campaigns", icon=":material/arrow_back:")
head = st.container()
with guard() as opening:
    known = crm().campaign(campaign_id) if campaign_id else None
if not opening.ok:
    head.title("Edit campaign", anchor=False)
    st.stop()
if known is not None and known.status is not CampaignStatus.DRAFT:
    # No redirect, which would trap whoever goes back in the browser.
    head.title(plain(known.name), anchor=False)
    said = "It cannot be changed any more. Its report says how it went."
    if empty_state("Launched already", said, "Open the report", key="open_report"):
        go(Place.CAMPAIGN_REPORT, {"campaign": known.campaign_id})
    st.stop()
if not crm().segments():
    st.title("New campaign", anchor=False)
    if empty_state(
        "No segments yet",
        "A campaign is sent to everyone in a segment. Build the segment first.",
        "New segment",
        key="first_segment",
        icon=":material/filter_alt:",
    ):
        go(Place.SEGMENT_BUILDER)
    st.stop()
current = opened(known)
if known is None and segment_id is not None:
    current = keep(replace(current, content=replace(current.content, segment_id=segment_id)))
    select("segment", None)
st.title("New campaign" if known is None else "Edit campaign", anchor=False)
if known is not None and known.problem is not None:
    st.error(
        plain(f"The launch did not go through: {sentence(known.problem)}"),
        icon=":material/error:",
    )
editor(current.campaign_id)
