"""Figures and texts as the workspace writes them."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from engine.domain import figures
from pages._ui.engine import present, workspace

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

NOTHING = "\N{EN DASH}"
"""Stands where there is no value."""

_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$&=^:])")
_BREAK = re.compile(r"\r\n|\r|\n")
_EDGE = re.compile(r"^\s+|\s+$")
_NO_TEXT = ":small[]"
"""An empty directive: it shows nothing, adds no character, and parts the text around it."""
_RIGHT_TO_LEFT = frozenset({"R", "AL", "RLE", "RLO", "RLI", "LRE", "LRO", "LRI", "FSI", "PDF"})
_ISOLATE, _ISOLATE_END = "\u2068", "\u2069"
# What Streamlit 1.67 and its GFM replace in a text after the backslashes are gone; a
# text that is parted there is left alone.
_REPLACED = re.compile(
    r"""(?ix)
      (?<=:)(?=material[/_]|streamlit:)              # icons, the logo
    | (?<=https:)(?=//) | (?<=http:)(?=//)           # addresses
    | (?<=www)(?=\.) | (?<=@)(?=[-\w])
    | (?<=[-<~>])(?=[-=>])                           # arrows, dashes, at least, about
    """
)
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


def number(n: float) -> str:
    """Return a number with the locale's grouping: ``12,34,567``."""
    return figures.number_text(n, workspace().locale)


def count(n: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: ``1 order``, ``2,500 orders``."""
    return f"{number(n)} {one if n == 1 else many or one + 's'}"


def money(minor: int) -> str:
    """Return minor units in the workspace's currency: ``₹5,000.00``."""
    return workspace().money(minor)


def whole_money(minor: int) -> str:
    """Return minor units to the nearest whole major unit, for headlines: ``₹5,000``."""
    space = workspace()
    return figures.whole_money_text(minor, space.currency, space.locale)


def share(n: float, of: float) -> str:
    """Return ``n`` as a percentage of ``of``; a dash where ``of`` is 0."""
    return figures.share_text(n / of, workspace().locale) if of else NOTHING


def when(instant: datetime | None, *, zone: bool = True, seconds: bool = False) -> str:
    """Return a UTC instant in the workspace's time: ``22 Nov 2026, 18:05 IST``."""
    if instant is None:
        return NOTHING
    space = workspace()
    text = figures.instant_text(instant, space.zone, space.locale, seconds=seconds)
    return f"{text} {figures.zone_text(instant, space.zone)}" if zone else text


def day(date: date | None) -> str:
    """Return a day: ``22 Nov 2026``."""
    return NOTHING if date is None else figures.date_text(date, workspace().locale)


def ago(instant: datetime) -> str:
    """Return how long ago a UTC instant was, in its largest whole unit: ``5 minutes ago``."""
    seconds = (present() - instant).total_seconds()
    if seconds < _MINUTE:
        return "just now"
    units = ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute"))
    length, unit = next(one for one in units if seconds >= one[0])
    return f"{count(int(seconds // length), unit)} ago"


def size(n_bytes: int) -> str:
    """Return a size on disk: ``7.2 MB`` (of a million bytes)."""
    for factor, unit in ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "KB")):
        if n_bytes >= factor:
            return f"{number(round(n_bytes / factor, 1))} {unit}"
    return count(n_bytes, "byte")


def outline(lines: Iterable[tuple[int, str]]) -> str:
    """Return lines, each with its depth, as one indented text for ``st.text``.

    One text of em spaces, because Streamlit strips a text's ends and the spaces that lines share.
    """
    return "\n".join("\u2003" * deep + line for deep, line in lines)


def plain(text: str) -> str:
    r"""Return Markdown that shows a text as it stands: no markup, colours, icons, emoji or links.

    Backslashes disarm Markdown's own signs and Streamlit's directives (``:red[…]``, ``:B``), which
    all begin with a colon. What is replaced in the finished text (``:material/home:``, ``->``,
    addresses) is parted by an empty directive. Line breaks stay, and so do spaces at the ends of a
    line. Text that runs from right to left is isolated, so that it cannot reorder the sentence it
    is put into.
    """
    shown = "  \n".join(_line(line) for line in _BREAK.split(text)) if text else ""
    if any(unicodedata.bidirectional(one) in _RIGHT_TO_LEFT for one in text):
        unclosed = sum(text.count(one) for one in "\u2066\u2067\u2068") - text.count(_ISOLATE_END)
        return f"{_ISOLATE}{shown}{_ISOLATE_END * (1 + max(0, unclosed))}"
    return shown


def _line(line: str) -> str:
    if not line:
        return _NO_TEXT  # an empty line would end the paragraph
    escaped = _NO_TEXT.join(_MARKUP.sub(r"\\\1", part) for part in _REPLACED.split(line))
    return _EDGE.sub(lambda found: "".join(f"&#{ord(one)};" for one in found[0]), escaped)
