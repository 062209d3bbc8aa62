"""What in a text leads elsewhere: addresses of pages, pictures, e-mail addresses, numbers to call.

A writer may name what it was given and nothing else, however it is spelt.
"""

from __future__ import annotations

import re
import unicodedata

_REST = r"[^\s<>\"')\]]*"
_LABEL = r"[\w-]{1,63}"
_ENDINGS = """
com net org edu gov int info biz name mobi pro app dev page web site online shop store xyz top club
live link click buzz fun icu cam vip win bid loan work space tech cloud host website blog news media
email chat deals sale offer gift promo world today life zone io ai co me tv cc ly gl gg to in uk us
ca au nz sg my ph pk bd lk np ae sa de fr it es nl be ch at se no dk fi pl pt ru cn jp kr br mx za
ng ke eu su ws tk ml ga cf gq pw
"""
"""After these a name is taken for a host even without a path; programs make links of them."""
# Every repetition is bounded, so that a long text without a link takes linear time.
_LINK = re.compile(
    "|".join(
        (
            rf"\b[a-z][a-z0-9+.-]{{1,30}}://{_REST}",
            r"\b(?:javascript|vbscript|data|mailto|tel|sms|whatsapp|intent|market|upi):(?=\S)"
            + _REST,
            rf"[\w.+-]{{1,64}}@{_LABEL}(?:\.{_LABEL}){{1,10}}",
            rf"(?<!\w)(?:{_LABEL}\.){{1,10}}[a-z]{{2,24}}/{_REST}",
            (
                rf"(?<!\w)(?:www\.{_LABEL}(?:\.{_LABEL}){{0,10}}"
                rf"|(?:{_LABEL}\.){{1,10}}(?:xn--[\w-]{{1,59}}|{'|'.join(_ENDINGS.split())}))"
                rf"(?![\w-])(?::\d{{1,5}})?(?:/{_REST})?"
            ),
            rf"(?<![\w.])\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?![\w.])(?::\d{{1,5}})?(?:/{_REST})?",
            r"(?<![\w.,])\+?\d(?:[\s().-]{0,2}\d){7,14}(?!\w)",
        )
    ),
    re.IGNORECASE,
)
_PICTURE = re.compile(
    r"!\[[^\[\]]{0,300}\]\s?[\[(][^)\]]{0,300}"
    r"|<\s{0,9}(?:img|picture|svg|iframe|object|embed)\b[^<>]{0,300}",
    re.IGNORECASE,
)
_DAY = re.compile(r"\d{1,4}([.-])\d{1,2}\1\d{1,4}\.?")
_DOTS = str.maketrans({"\u3002": ".", "\u2024": ".", "\uff61": ".", "\u2215": "/", "\u2044": "/"})
_INVISIBLE = {"Cf", "Cc", "Cs", "Co", "Cn"}


def links(text: str) -> tuple[str, ...]:
    """Return each link, address, number and picture of a text once, as they are compared."""
    plain = _as_read(text)
    found = [*_LINK.findall(plain), *_PICTURE.findall(plain)]
    return tuple(dict.fromkeys(_alike(one) for one in found if not _DAY.fullmatch(one.strip())))


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
    text = unicodedata.normalize("NFKC", text).translate(_DOTS)
    return "".join(
        one for one in text if one in "\n\t\r" or unicodedata.category(one) not in _INVISIBLE
    )


def _alike(link: str) -> str:
    link = link.casefold().rstrip(".,;:!?*_'\"")
    digits = re.sub(r"[\s().-]", "", link)
    return digits.lstrip("+") if re.fullmatch(r"\+?\d{8,15}", digits) else link
