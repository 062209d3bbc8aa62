"""What in a text leads elsewhere: addresses of pages, pictures, e-mail addresses, numbers to call.

A writer may name what it was given and nothing else, however it is spelt.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_REST = r"[^\s<>\"')\]]*"
_ENDS = r"\s,;:!?/\\<>()\[\]{}\"'\u2018\u2019\u201c\u201d\u00ab\u00bb|@"
_LABEL = rf"[^{_ENDS}.&=+#%*~^`$]{{1,63}}"
"""Of a host's name, in any script: marks on letters, as Devanagari's vowels are, are no ``\\w``."""
_MAILBOX = rf"[^{_ENDS}]{{1,64}}"
_SCHEMES = "https?|ftp|file|javascript|vbscript|data|mailto|tel|sms|whatsapp|intent|market|upi"
# Every repetition is bounded, so that a long text without a link takes linear time.
_LINK = re.compile(
    "|".join(
        (
            rf"\b[a-z][a-z0-9+.-]{{1,30}}://{_REST}",
            rf"\b(?:{_SCHEMES}):(?=\S){_REST}",
            rf"{_MAILBOX}@{_LABEL}(?:\.{_LABEL}){{0,10}}",
            r"(?<![^\s(])@[^\W\d][\w.]{1,63}",
            rf"(?<![\w.])\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?![\w.])(?::\d{{1,5}})?(?:/{_REST})?",
            r"(?<![\w.,])\+?\d(?:[\s().-]{0,2}\d){7,14}(?!\w)",
            r"\\\\[\w.-]{1,63}",
        )
    ),
    re.IGNORECASE,
)
_HOST = re.compile(rf"(?:{_LABEL}\.){{1,10}}{_LABEL}")
_PATH = re.compile(rf"\.?(?::\d{{1,5}})?(?:[/?#]{_REST})?")
_SPELT = re.compile(
    r"\w{1,63}\s?[\[({]\s?(?:\.|dot|at|@)\s?[\])}]\s?\w{1,63}"
    r"|\w{1,63}\s+dot\s+(?:com|net|org|co|io|biz|xyz)\b",
    re.IGNORECASE,
)
_BEGINS = """
And Are But Can Come Each Enjoy Every For From Get Give Have Hello Just Let Make Only Order Our
Please Remember Reply Simply Take Thank Thanks That The Then There These They This Those Unsubscribe
Until Use Visit Wait Welcome What When Where Which While Who Why With Yes Yours Your
"""
_BEGINNINGS = frozenset(_BEGINS.split())
"""After a full stop without a space one of these begins a sentence; none ends a host's name."""
_CJK = r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
_CJK_STOP = re.compile(rf"(?<={_CJK})\u3002(?={_CJK})")
"""The full stop of Chinese and Japanese, after which they put no space."""
_PICTURE = re.compile(
    r"!\[[^\[\]]{0,300}\]\s?[\[(][^)\]]{0,300}"
    r"|<\s{0,9}(?:img|picture|svg|iframe|object|embed)\b[^<>]{0,300}",
    re.IGNORECASE,
)
_DAY = re.compile(r"\d{1,4}([.-])\d{1,2}\1\d{1,4}\.?")
_DOTS = str.maketrans({"\u3002": ".", "\u2024": ".", "\uff61": ".", "\u2215": "/", "\u2044": "/"})
_INVISIBLE = {"Cf", "Cc", "Cs", "Co", "Cn"}


def links(text: str) -> tuple[str, ...]:
    """Return each link, address, number and picture of a text once, as they are compared.

    Any two words with a full stop and nothing else between them are a host's name, whatever its
    ending is: rather too many are found than one too few.
    """
    plain = _as_read(text)
    found = [one for one in _LINK.findall(plain) if not _DAY.fullmatch(one.strip())]
    found += [*_PICTURE.findall(plain), *_SPELT.findall(plain)]
    # What is found already is no host of its own: its name alone was not given.
    rest = _LINK.sub(lambda one: one[0] if _DAY.fullmatch(one[0].strip()) else " ", plain)
    found += _hosts(rest)
    return tuple(dict.fromkeys(map(_alike, found)))


def _hosts(text: str) -> Iterator[str]:
    """Yield names of hosts, each with its path."""
    for chain in _HOST.finditer(text):
        path = _PATH.match(text, chain.end())
        after = path[0] if path else ""
        if any(_names_a_host(one, other) for one, other in pairwise(chain[0].split("."))):
            yield f"{chain[0]}{after}"


def _names_a_host(label: str, ending: str) -> bool:
    """Return whether these two, with a full stop between them, may be the end of a host's name.

    It is not where no word ends before the full stop, as of an emoji, where no letters follow, as
    in 5.30 and e.g., and where a sentence begins there.
    """
    letters = "".join(takewhile(_is_letter, ending))
    return (
        len(letters) > 1
        and (label[-1].isalnum() or _is_letter(label[-1]))
        and (letters not in _BEGINNINGS)
    )


def _is_letter(character: str) -> bool:
    return unicodedata.category(character)[0] in "LM"


def cleaned(text: str) -> str:
    """Return a text without characters that nobody sees, and without white space around it.

    What joins letters of some scripts and emoji stays, and so do line breaks.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    kept = (
        one
        for one in text
        if one in "\n\u200c\u200d" or unicodedata.category(one) not in _INVISIBLE
    )
    return "".join(kept).strip()


def _as_read(text: str) -> str:
    """Undo what makes an address look different to a machine than to a person."""
    text = "".join(
        one
        for one in unicodedata.normalize("NFKC", text)
        if one in "\n\t\r" or unicodedata.category(one) not in _INVISIBLE
    )
    return _CJK_STOP.sub("\u3002 ", text).translate(_DOTS)


def _alike(link: str) -> str:
    link = link.casefold().rstrip(".,;:!?*_'\"")
    digits = re.sub(r"[\s().-]", "", link)
    return digits.lstrip("+") if re.fullmatch(r"\+?\d{8,15}", digits) else link
