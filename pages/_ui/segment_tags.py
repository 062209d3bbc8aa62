"""Tags of segments: a box to choose them, badges, and a filter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from engine.domain.naming import MAX_TAGS
from engine.domain.text import fold
from pages._ui.engine import crm
from pages._ui.format import plain
from pages._ui.inputs import show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from engine.domain.segment import Segment


def known_tags(segments: Iterable[Segment]) -> list[str]:
    """Return each tag once, whatever its case, by the alphabet."""
    tags: dict[str, str] = {}
    for segment in segments:
        for tag in segment.tags:
            tags.setdefault(fold(tag), tag)
    return [tags[key] for key in sorted(tags)]


def tags_box(key: str, tags: Sequence[str], changed: Callable[[], None]) -> None:
    """Take a segment's tags; those that other segments have are suggested."""
    show(key, list(tags))
    mine = {fold(tag) for tag in tags}
    others = [tag for tag in known_tags(crm().segments()) if fold(tag) not in mine]
    st.multiselect(
        "Tags",
        options=[*tags, *others],
        key=key,
        on_change=changed,
        accept_new_options=True,
        max_selections=MAX_TAGS,
        placeholder="Choose, or type a new one",
    )


def tag_badges(tags: Iterable[str]) -> None:
    """Show tags as badges, in the container that is open."""
    for tag in tags:
        st.badge(plain(tag), icon=":material/sell:", color="gray")


def tag_filter(segments: Sequence[Segment]) -> frozenset[str]:
    """Offer to show only what has some tags; return them folded, none where there is no choice."""
    tags = known_tags(segments)
    if not tags:
        return frozenset()
    chosen = st.multiselect(
        "With all of these tags", options=tags, key="filter_tags", placeholder="Any tags"
    )
    return frozenset(fold(tag) for tag in chosen)


def has_tags(segment: Segment, wanted: frozenset[str]) -> bool:
    """Whether a segment has all of some folded tags."""
    return wanted <= {fold(tag) for tag in segment.tags}
