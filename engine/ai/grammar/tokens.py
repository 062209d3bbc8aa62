"""Text to tokens, each with its place, so that phrases can be given back as they were typed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from engine.domain.text import fold, nfc


class Shape(StrEnum):
    """What a token looks like."""

    WORD = "word"
    NUMBER = "number"
    DAY = "day"
    """Digits that write a day or a pair of years: 2025-03-05, 5/3/2025, 2024-25."""
    QUOTED = "quoted"
    ADDRESS = "address"
    MARK = "mark"


@dataclass(frozen=True, slots=True)
class Token:
    """``text`` as typed, ``word`` as it compares (folded, no apostrophes), ``[start, end)``.

    ``glued`` says that nothing but a hyphen (or an underscore) stands before it, ``near`` that
    nothing at all does.
    """

    text: str
    word: str
    shape: Shape
    start: int
    end: int
    glued: bool = False
    near: bool = False


_TOKEN = re.compile(
    r"""(?P<quoted>"[^"]{1,200}"|(?<!\w)'[^']{2,80}'(?!\w))
    |(?P<address>[^\W_][\w.+-]{0,63}@[\w-]{1,63}(?:\.[\w-]{1,30}){1,3}|@[\w-]{1,63}(?:\.[\w-]{1,30}){1,3}
        |[a-z][\w-]{1,62}\.(?:com|net|org|in|co\.in|edu)(?![\w.]))
    |(?P<day>\d{4}-\d{1,2}-\d{1,2}(?!\d)|\d{1,2}[/.-]\d{1,2}[/.-]\d{4}(?!\d)
        |\d{1,2}(?P<parts>[/.-])\d{1,2}(?P=parts)\d{2}(?!\d|[./-]\d)|(?<!\d)(?:19|20)\d\d[-/]\d{1,2}(?!\d))
    |(?P<number>\d{1,3}(?:,\d{2,3}){0,6},\d{3}(?![\d])(?:\.\d{1,6})?|\d{1,18}(?:\.\d{1,6})?)
    |(?P<word>[^\W\d_]+(?:'[^\W\d_]+)*)
    |(?P<mark>[<>!]=|=<|=>|==|[^\s])
    """,
    re.VERBOSE,
)
_QUOTES = dict.fromkeys(map(ord, "\u2018\u2019\u02bc`"), "'")
_DOUBLE = dict.fromkeys(map(ord, "\u201c\u201d\u201e\u00ab\u00bb"), '"')
_DASHES = dict.fromkeys(map(ord, "\u2013\u2014\u2212\u2010\u2011"), "-")
_WIDE = {0xFF10 + digit: str(digit) for digit in range(10)}
_PLAIN = {**_QUOTES, **_DOUBLE, **_DASHES, **_WIDE}
_BULLET = re.compile("(\\n[ \\t]{0,20})[-*\u2022](?=\\s)")
_UNTIL_NOW = re.compile(r"(?:now|today|present)\b", re.IGNORECASE)
"""What stands behind a dash as the end of a time: "Jan-now"."""
_JOINTS = {"-", "_"}


def plain(words: str) -> str:
    """Return the words as they are read: NFC, straight quotes and dashes; as long as the NFC.

    Bullets part conditions as semicolons do.
    """
    return _BULLET.sub(r"\1;", nfc(words).translate(_PLAIN))


def tokenise(words: str) -> tuple[Token, ...]:
    """Return the tokens of a text that :func:`plain` gave."""
    found: list[Token] = []
    glued = False
    for match in _TOKEN.finditer(words):
        shape = Shape(match.lastgroup or Shape.MARK)
        text = match.group()
        if shape is Shape.MARK and text in _JOINTS and _joins(words, match) and not _scaled(found):
            glued = True
            continue
        inner = text[1:-1] if shape is Shape.QUOTED else text
        found.append(
            Token(
                text=text,
                word=fold(inner).replace("'", ""),
                shape=shape,
                start=match.start(),
                end=match.end(),
                glued=glued,
                near=bool(found) and found[-1].end == match.start(),
            )
        )
        glued = False
    return tuple(found)


def _scaled(found: list[Token]) -> bool:
    """Whether a number with its scale stands before a hyphen: "10k-25k"."""
    return len(found) > 1 and found[-1].near and found[-2].shape is Shape.NUMBER


def _joins(words: str, match: re.Match[str]) -> bool:
    """Whether a hyphen stands between two words ("app-user"), not between two numbers."""
    before = words[match.start() - 1 : match.start()] if match.start() else ""
    after = words[match.end() : match.end() + 1]
    if not (before.isalnum() and after.isalnum()):
        return match.group() == "_"
    if _UNTIL_NOW.match(words, match.end()):
        return False
    return not (before.isdigit() and after.isdigit())
