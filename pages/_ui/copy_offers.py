"""Message copy that this browser session is choosing from, and what becomes of the chosen one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.domain.campaign import Channel
from engine.domain.permission import Permission
from pages._ui.campaign_draft import DRAFTS, keep
from pages._ui.engine import may
from pages._ui.feedback import guard
from pages._ui.state import Slot

if TYPE_CHECKING:
    from engine.domain.message_copy import Copy, CopySource, SubjectLines, Variant


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One variant, with what wrote it as it stands, and what was said when it was rewritten."""

    variant: Variant
    source: CopySource
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """What was written for one draft and channel."""

    campaign_id: str = ""
    channel: Channel = Channel.EMAIL
    variants: tuple[Offer, ...] = ()
    notes: tuple[str, ...] = ()
    subjects: SubjectLines | None = None
    made: int = 0
    """How often the tabs changed: new ones show ``first``, and not what was shown before."""
    first: int = 0


OFFERS: Slot[Offers] = Slot("copy_offers", Offers())

WRITING: Slot[str | None] = Slot("copy_writing", None)
"""The draft that the dialog is open for."""


def offers(campaign_id: str, channel: Channel) -> Offers:
    """Return what is offered for a draft as it stands; nothing of another draft or channel."""
    found = OFFERS.get()
    if (found.campaign_id, found.channel) == (campaign_id, channel):
        return found
    return Offers(campaign_id=campaign_id, channel=channel)


def offer(on: Offers, copy: Copy) -> None:
    """Offer what was written, instead of what was offered before."""
    variants = tuple(Offer(variant=one, source=copy.source) for one in copy.variants)
    OFFERS.set(replace(on, variants=variants, notes=copy.notes, made=on.made + 1, first=0))


def offer_rewritten(on: Offers, index: int, copy: Copy) -> None:
    """Put what was rewritten in the place of a variant; past the last, beside them."""
    kept = on.variants[index : index + 1]
    new = tuple(Offer(variant=one, source=copy.source, notes=copy.notes) for one in copy.variants)
    if not new:
        new = tuple(replace(one, notes=copy.notes) for one in kept)
    variants = (*on.variants[:index], *new, *on.variants[index + 1 :])
    if kept:
        OFFERS.set(replace(on, variants=variants))
    elif new:
        OFFERS.set(replace(on, variants=variants, made=on.made + 1, first=index))
    else:
        OFFERS.set(replace(on, notes=copy.notes))


def use(campaign_id: str, subject: str | None, body: str | None) -> None:
    """Put a subject, a text or both into the draft; for a button's ``on_click``.

    What stood there can be put back with :func:`put_back`.
    """
    with guard():
        draft = DRAFTS.get().get(campaign_id)
        if not may(Permission.CAMPAIGNS) or draft is None:
            return
        was = draft.content
        content = replace(
            was,
            subject=was.subject if subject is None else subject,
            body=was.body if body is None else body,
        )
        keep(replace(draft, content=content, before=(was.subject, was.body)))
        WRITING.set(None)


def put_back(campaign_id: str) -> None:
    """Put back the subject and text that stood there before; once more undoes that."""
    with guard():
        draft = DRAFTS.get().get(campaign_id)
        if may(Permission.CAMPAIGNS) and draft is not None and draft.before is not None:
            subject, body = draft.before
            was = draft.content
            content = replace(was, subject=subject, body=body)
            keep(replace(draft, content=content, before=(was.subject, was.body)))
