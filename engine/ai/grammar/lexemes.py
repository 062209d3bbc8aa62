"""Lexemes: runs of tokens that mean one thing to the grammar."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.ai.grammar.tokens import Token


class Kind(StrEnum):
    """What a lexeme does in a sentence."""

    AND = "and"
    OR = "or"
    COMMA = "comma"
    BUT = "but"
    EXCEPT = "except"
    STOP = "stop"
    OPEN = "open"
    CLOSE = "close"
    NOT = "not"
    NOR = "nor"
    EITHER = "either"
    BOTH = "both"
    WHO = "who"
    NOUN = "noun"
    FILLER = "filler"
    PREP = "prep"
    BE = "be"
    HAVE = "have"
    COMPARE = "compare"
    POST = "post"
    BETWEEN = "between"
    TO = "to"
    NUMBER = "number"
    UNIT = "unit"
    LAST = "last"
    NEXT = "next"
    THIS = "this"
    AGO = "ago"
    SINCE = "since"
    BEFORE = "before"
    AFTER = "after"
    UNTIL = "until"
    MONTH = "month"
    CALENDAR = "calendar"
    DAY = "day"
    HEAD = "head"
    COUNTED = "counted"
    FLAG = "flag"
    FIELD = "field"
    VALUE = "value"
    TEXT_TEST = "text_test"
    REFUSED = "refused"
    ACTION = "action"
    EDIT = "edit"
    PRESENT = "present"
    AGAIN = "again"
    TIME = "time"
    QUANTITY = "quantity"
    GROUP = "group"
    QUOTED = "quoted"
    ADDRESS = "address"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Lexeme:
    """``key`` says which of its kind; ``data`` is what it stands for; tokens ``[first, end)``."""

    kind: Kind
    key: str
    first: int
    end: int
    data: object = None

    def among(self, *kinds: Kind) -> bool:
        """Whether it is one of these kinds."""
        return self.kind in kinds

    def means(self, kind: Kind, *keys: str) -> bool:
        """Whether it is of this kind, with one of these keys."""
        return self.kind is kind and self.key in keys


@dataclass(frozen=True, slots=True)
class Text:
    """What was typed, as it is read, and its tokens."""

    words: str
    tokens: tuple[Token, ...]

    def phrase(self, first: int, end: int) -> str:
        """Return tokens ``[first, end)`` as they were typed."""
        if end <= first:
            return ""
        return self.words[self.tokens[first].start : self.tokens[end - 1].end]


def joined(kind: Kind, key: str, parts: Sequence[Lexeme], data: object = None) -> Lexeme:
    """Return one lexeme in place of several that follow each other."""
    return Lexeme(kind, key, parts[0].first, parts[-1].end, data)
