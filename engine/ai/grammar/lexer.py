"""Tokens to lexemes: the longest phrase that fits, numbers, and what nothing fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.ai.grammar import phrases, spelling, values
from engine.ai.grammar.amounts import MEANT
from engine.ai.grammar.codes import begins_code, code
from engine.ai.grammar.given_text import initial, number_with_sign
from engine.ai.grammar.lexemes import Kind, Lexeme, Text
from engine.ai.grammar.lexicon import PRESENT
from engine.ai.grammar.mending import may_stand
from engine.ai.grammar.numbers import CURRENCIES, DECADES, SCALES, TIMES, WORDS, read_number
from engine.ai.grammar.saved import meant, narrowed
from engine.ai.grammar.time_words import ORDINALS
from engine.ai.grammar.tokens import Shape, plain, tokenise
from engine.domain.text import nfc

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.ai.grammar.phrases import Entry, Table
    from engine.ai.grammar.tokens import Token
    from engine.ai.vocabulary import Vocabulary

_FUNCTION = frozenset(
    {
        *(Kind.AND, Kind.OR, Kind.COMMA, Kind.BUT, Kind.EXCEPT, Kind.NOT, Kind.NOR, Kind.WHO),
        *(Kind.FILLER, Kind.PREP, Kind.BE, Kind.HAVE, Kind.COMPARE, Kind.HEAD, Kind.LAST),
        *(Kind.SINCE, Kind.BEFORE, Kind.AFTER, Kind.UNTIL, Kind.BETWEEN, Kind.TO, Kind.THIS),
        *(Kind.UNIT, Kind.EITHER, Kind.BOTH, Kind.COUNTED),
    }
)
"""Kinds that a value of the same words does not push aside, unless a field calls for it."""
_NAMES = frozenset({Kind.NOUN, Kind.HEAD, Kind.FLAG, Kind.REFUSED, Kind.ACTION})
"""Kinds that a saved thing may be called like, where it is spoken of."""
_CALLS = frozenset({"sum", "count", "avg", "average", "max", "min", "distinct", "total"})
_SHORT_UNITS = {"d": "day", "w": "week", "m": "month", "y": "year", "h": "hour"}
_LONE_UNITS = frozenset({"d", "w", "y"})
"""Those that stand for nothing else behind a number: 45 d."""
_NUMBER_WORDS = frozenset(
    {*WORDS, *DECADES, *SCALES, *TIMES, *CURRENCIES, *ORDINALS, *_SHORT_UNITS}
    | {
        *("couple", "dozen", "pair", "half", "percent", "pc", "l", "of"),
    }
)
_PRESENT_WORDS = frozenset(
    word for phrases_ in PRESENT.values() for word in phrases_.replace("|", " ").split()
)


@dataclass(frozen=True, slots=True)
class Lexed:
    """A text in lexemes, and by token what a misspelt word was read as."""

    text: Text
    lexemes: tuple[Lexeme, ...]
    mended: Mapping[int, str]


def lex(words: str, vocabulary: Vocabulary) -> Lexed:
    """Return the lexemes of what somebody typed."""
    own, named = phrases.own(), values.table(vocabulary)
    written = plain(words)
    tokens = _without_calls(tokenise(written))
    known = _known(own) | phrases.words_of(named)
    tokens, mended = spelling.corrected(
        tokens,
        known,
        lambda word: _single(word, own, named) or word,
        lambda word, other, before: may_stand(word, _single(other, own, named), other, before),
    )
    found: list[Lexeme] = []
    at = 0
    while at < len(tokens):
        read = _read(tokens, at, own, named, found)
        found.extend(read)
        at = read[-1].end
    return Lexed(Text(nfc(words), tokens), tuple(found), mended)


def _without_calls(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """Read "sum(amount, last 6 months) < 500" as "sum amount last 6 months < 500"."""
    found: list[Token] = []
    depth = 0
    for token in tokens:
        called = bool(found) and found[-1].word in _CALLS and token.text == "(" and token.near
        if called or (depth and token.text == "("):
            depth += 1
        elif depth and token.text == ")":
            depth -= 1
        elif not (depth and token.text == ","):
            found.append(token)
    return tuple(found)


def _single(word: str, own: Table, named: Table) -> Entry | None:
    """Return what a word means by itself; None where it only stands in phrases."""
    for table in (named, own):
        for entry in table.get(word, ()):
            if len(entry.words) == 1:
                return entry._replace(words=())
    return None


def _known(own: Table) -> frozenset[str]:
    return phrases.words_of(own) | _NUMBER_WORDS | _PRESENT_WORDS


def _read(
    tokens: Sequence[Token], at: int, own: Table, named: Table, found: Sequence[Lexeme]
) -> list[Lexeme]:
    before = found[-1] if found else None
    shaped = (
        number_with_sign(tokens, at, before)
        or initial(tokens, at, named, found)
        or _shaped(tokens, at, named, found)
        or _plus(tokens, at, before)
    )
    if shaped is not None:
        return [shaped]
    entry = _entry(tokens, at, own, named, found)
    unknown = None if entry and len(entry.words) > 1 else code(tokens, at, own, named, before)
    if unknown is not None:
        return [unknown]
    number = read_number(tokens, at)
    compared = before is not None and before.kind is Kind.COMPARE
    if number is not None and (entry is None or compared or len(entry.words) <= number[1] - at):
        short = _short_span(tokens, at, number[1], before)
        return short or [Lexeme(Kind.NUMBER, "", at, number[1], number[0])]
    if entry is not None and entry.kind is Kind.POST and _begins_anew(tokens, at, entry):
        entry = phrases.longest(own, tokens[: at + 1], at)
    if entry is not None and entry.words[-1] == "by" and _day_follows(tokens, at, entry, own):
        if len(entry.words) == 1:
            return [Lexeme(Kind.UNTIL, "until", at, at + 1)]
        entry = phrases.longest(own, tokens[: at + 1], at)  # "ordered by 5 May" is no ranking
    if entry is None:
        return [_behind_number(tokens[at], at, before)]
    end = at + len(entry.words)
    said = " ".join(entry.words)
    spoken = entry.kind in {Kind.UNIT, Kind.PREP} or said in MEANT
    data = said if spoken else entry.data
    return [Lexeme(entry.kind, entry.key, at, end, data)]


def _plus(tokens: Sequence[Token], at: int, before: Lexeme | None) -> Lexeme | None:
    """Return what "5 plus" means: 5 or more."""
    if tokens[at].word != "plus" or before is None or before.kind is not Kind.NUMBER:
        return None
    return Lexeme(Kind.POST, "greater_or_equal", at, at + 1) if _is_post(tokens, at) else None


def _shaped(
    tokens: Sequence[Token], at: int, named: Table, found: Sequence[Lexeme]
) -> Lexeme | None:
    """Return what the shape of a token alone tells."""
    token = tokens[at]
    match token.shape:
        case Shape.DAY:
            return Lexeme(Kind.DAY, "", at, at + 1, token.text)
        case Shape.ADDRESS:
            address = token.text if "@" in token.text else f"@{token.text}"
            return Lexeme(Kind.ADDRESS, "", at, at + 1, address)
        case Shape.QUOTED:
            return _quoted(tokens, at, named, found)
        case _:
            return None


def _behind_number(token: Token, at: int, before: Lexeme | None) -> Lexeme:
    """Return the "d" of 30d, the "s" of 30s, the "th" of 5th, or a word that nobody knows."""
    near = token.near or token.word in _LONE_UNITS
    if near and before is not None and before.kind is Kind.NUMBER:
        if token.word in _SHORT_UNITS:
            return Lexeme(Kind.UNIT, _SHORT_UNITS[token.word], at, at + 1)
        if token.word == "s" or token.word in ORDINALS:
            key = "decade" if token.word == "s" else "ordinal"
            return Lexeme(Kind.FILLER, key, at, at + 1)
    return Lexeme(Kind.UNKNOWN, "", at, at + 1)


def _is_post(tokens: Sequence[Token], at: int) -> bool:
    """Whether "plus" behind a number means "or more", rather than add somebody."""
    following = tokens[at + 1].word if at + 1 < len(tokens) else ""
    return following not in {"those", "customers", "people", "users", "anyone", "everyone", "the"}


def _begins_anew(tokens: Sequence[Token], at: int, entry: Entry) -> bool:
    """Whether "and under" is no end of a comparison, as a number follows: "and under 20k"."""
    end = at + len(entry.words)
    if entry.words[0] not in {"and", "or", "&"}:
        return False
    than = end < len(tokens) and tokens[end].word in {"than", "then"}
    return than or read_number(tokens, end) is not None


def _day_follows(tokens: Sequence[Token], at: int, entry: Entry, own: Table) -> bool:
    """Whether a day or a month follows, so that "by" is no way to sort: "ordered by March"."""
    place = at + len(entry.words)
    after = [one for one in tokens[place : place + 4] if one.word not in ORDINALS | {"the", "of"}]
    if after and after[0].shape is Shape.NUMBER:
        after = after[1:]
    if not after:
        return False
    month = any(one.kind is Kind.MONTH for one in own.get(after[0].word, ()))
    return month or after[0].shape is Shape.DAY


def _short_span(
    tokens: Sequence[Token], at: int, end: int, before: Lexeme | None
) -> list[Lexeme] | None:
    """Read "last 6m" as months, which is six million elsewhere."""
    unit = tokens[end - 1]
    recent = before is not None and before.kind is Kind.LAST
    if not (recent and end == at + 2 and unit.near and unit.word in _SHORT_UNITS):
        return None
    number = read_number(tokens[: end - 1], at)
    if number is None:
        return None
    return [
        Lexeme(Kind.NUMBER, "", at, end - 1, number[0]),
        Lexeme(Kind.UNIT, _SHORT_UNITS[unit.word], end - 1, end),
    ]


def _quoted(tokens: Sequence[Token], at: int, named: Table, found: Sequence[Lexeme]) -> Lexeme:
    token = tokens[at]
    inner = tokenise(plain(token.text[1:-1]))
    entry = phrases.longest(named, inner, 0) if inner else None
    if entry is not None and len(entry.words) == len(inner):
        kept, saved = narrowed(entry, tokens, (at, at + 1), named, found)
        entry = kept if saved and kept is not None else entry
        return Lexeme(entry.kind, entry.key, at, at + 1, entry.data)
    return Lexeme(Kind.QUOTED, "", at, at + 1, token.text[1:-1])


def _entry(
    tokens: Sequence[Token], at: int, own: Table, named: Table, found: Sequence[Lexeme]
) -> Entry | None:
    before = found[-1] if found else None
    ours, (theirs, saved) = phrases.longest(own, tokens, at), meant(tokens, at, named, found)
    last = at + len(ours.words) - 1 if ours else at
    if last > at and begins_code(tokens, last, named):
        ours = phrases.longest(own, tokens[:last], at)  # "on" of "on APP-001", not "on app"
    if theirs is None or ours is None or (saved and ours.kind in _NAMES):
        return theirs or ours
    if len(theirs.words) != len(ours.words):
        return theirs if len(theirs.words) > len(ours.words) else ours
    if ours.kind not in _FUNCTION:
        return theirs
    called = before is not None and before.kind is Kind.FIELD
    joined = theirs.glued and any(token.glued for token in tokens[at + 1 : at + len(theirs.words)])
    return theirs if called or joined or (theirs.kind is Kind.FIELD) else ours
