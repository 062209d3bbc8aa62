"""Lists of values: "Pune, Mumbai or Delhi" is one thing, where all of it can be of one field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.ai.grammar.lexemes import Kind, Lexeme
from engine.ai.grammar.tree import Values
from engine.ai.grammar.values import Meaning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.ai.grammar.lexemes import Text

_JOINS = {Kind.AND: "and", Kind.OR: "or", Kind.NOR: "or", Kind.COMMA: ""}
_PLACES = (" in", " from", " at", " of", " near")


def fold_lists(lexemes: Sequence[Lexeme], lists: frozenset[str], text: Text) -> list[Lexeme]:
    """Return the lexemes with every list of values made one.

    ``lists`` names the fields that hold several values at once: "and" and "or" differ there.
    """
    found: list[Lexeme] = []
    at = 0
    while at < len(lexemes):
        lexeme = lexemes[at]
        if lexeme.kind is not Kind.VALUE or not isinstance(lexeme.data, Meaning):
            found.append(lexeme)
            at += 1
            continue
        values, end = _list(lexemes, at, lists, text)
        both = bool(found) and found[-1].kind is Kind.BOTH
        key = "both" if both and values.joined == "and" else values.fields[0]
        found.append(Lexeme(Kind.VALUE, key, lexeme.first, lexemes[end - 1].end, values))
        at = end
    return found


def each_value(lexemes: Sequence[Lexeme], text: Text) -> list[Lexeme]:
    """Return the lexemes with every value by itself, however they are joined."""
    return [one for lexeme in lexemes for one in fold_lists([lexeme], frozenset(), text)]


def _list(
    lexemes: Sequence[Lexeme], at: int, lists: frozenset[str], text: Text
) -> tuple[Values, int]:
    meaning = lexemes[at].data
    options: dict[str, list[str]] = {}
    read_as: list[tuple[int, int, str]] = []
    if isinstance(meaning, Meaning):
        for field, value in meaning.options:
            options.setdefault(field, []).append(value)
        read_as += _read_as(lexemes[at], meaning)
    joined, end = "or" * any(len(some) > 1 for some in options.values()), at + 1
    split, before, denied = 0, 0, _denied(lexemes, at)
    while True:
        join, place = _join(lexemes, end)
        parts = joined == "or" or denied  # as in "not in Pune or Delhi and in Surat"
        if join in {"and", ""} and _anew(lexemes, at, (end, place), text, parts=parts):
            break
        if join is None or not isinstance(more := lexemes[place].data, Meaning):
            break
        fields: dict[str, list[str]] = {}
        for field, value in more.options:
            fields.setdefault(field, []).append(value)
        shared = [field for field in options if field in fields]
        mixed = join and joined and join != joined
        if not shared or (mixed and any(field in lists for field in shared)):
            break
        if (denied or join == "and") and set(options[shared[0]]) & set(fields[shared[0]]):
            break  # "not vip, vip" is no list
        signs = {one.kind for one in lexemes[end:place] if one.key == "sign"}
        if not split and ((signs and joined != "or") or mixed):
            split = before if Kind.OR in signs else len(options[shared[0]])
        before = len(options[shared[0]])
        options = {field: [*options[field], *fields[field]] for field in shared}
        read_as += _read_as(lexemes[place], more)
        joined, end = ("or" if mixed else join or joined), place + 1
    kept = tuple((field, tuple(dict.fromkeys(values))) for field, values in options.items())
    first, last = lexemes[at].first, lexemes[end - 1].end
    return Values(kept, joined, tuple(read_as), first, last, split), end


def _anew(
    lexemes: Sequence[Lexeme], at: int, between: tuple[int, int], text: Text, *, parts: bool
) -> bool:
    """Whether a preposition of its own begins another condition, rather than go on with a list.

    "In Delhi and in Pune" is a list; "from Delhi and live in Pune" asks for both, which nobody is.
    """
    own = _said([one for one in lexemes[slice(*between)] if one.kind not in _JOINS], text)
    start = at
    while start and lexemes[start - 1].among(Kind.PREP, Kind.FILLER):
        start -= 1
    listed = _said(lexemes[start:at], text).endswith(own)
    return own.endswith(_PLACES) and (parts or not listed)


def _said(lexemes: Sequence[Lexeme], text: Text) -> str:
    return " ".join(["", *(text.phrase(one.first, one.end).casefold() for one in lexemes)])


def _goes_on(lexemes: Sequence[Lexeme], at: int) -> bool:
    """Whether a list lacks its first comma: "Delhi Noida and Gurgaon"."""
    if at + 2 >= len(lexemes) or lexemes[at].kind is not Kind.VALUE:
        return False
    if not lexemes[at + 1].among(Kind.AND, Kind.OR) or lexemes[at + 2].kind is not Kind.VALUE:
        return False
    three = (lexemes[at - 1].data, lexemes[at].data, lexemes[at + 2].data)
    fields = [{field for field, _ in one.options} for one in three if isinstance(one, Meaning)]
    return len(fields) == len(three) and bool(set.intersection(*fields))


def _denied(lexemes: Sequence[Lexeme], at: int) -> bool:
    while at and lexemes[at - 1].among(Kind.PREP, Kind.FILLER):
        at -= 1
    return at > 0 and lexemes[at - 1].kind is Kind.NOT


def _read_as(lexeme: Lexeme, meaning: Meaning) -> list[tuple[int, int, str]]:
    return [(lexeme.first, lexeme.end, meaning.read_as)] if meaning.read_as else []


def _join(lexemes: Sequence[Lexeme], at: int) -> tuple[str | None, int]:
    """Return how the value before ``at`` is joined to the next one, and where that stands."""
    join: str | None = None
    if _goes_on(lexemes, at):
        return "", at
    while at < len(lexemes) and lexemes[at].kind in _JOINS and lexemes[at].key != "then":
        join = _JOINS[lexemes[at].kind] or join or ""
        at += 1
    if join is None:
        return None, at
    while at < len(lexemes) and lexemes[at].among(Kind.PREP, Kind.FILLER):
        at += 1
    named = at < len(lexemes) and lexemes[at].kind is Kind.VALUE
    return (join, at) if named else (None, at)
