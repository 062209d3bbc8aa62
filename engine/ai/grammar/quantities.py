"""Comparisons out of lexemes: more than 3 orders, 5k or more, between 2 and 4 times."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.ai.grammar.lexemes import Kind, Lexeme
from engine.ai.grammar.lexicon import POST
from engine.ai.grammar.numbers import Number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.ai.grammar.lexemes import Text


@dataclass(frozen=True, slots=True)
class Quantity:
    """A comparison. ``op`` is empty where a number stands alone; ``high`` only in ``between``.

    ``unit`` is a key of ``heads.COUNTED``, ``orders``, or empty; ``currency`` an ISO code or empty.
    """

    op: str
    value: Decimal
    high: Decimal | None = None
    unit: str = ""
    currency: str = ""
    percent: bool = False
    first: int = 0
    end: int = 0
    shared: bool = False
    """Its unit is that of the next one: "more than 2 but fewer than 6 orders"."""


_POSTS = {phrase: op for op, phrases in POST.items() for phrase in phrases.split("|")}
_TURNED = {"<": "greater_than", "<=": "greater_or_equal", ">": "less_than", ">=": "less_or_equal"}
_FIGURES = {
    **dict.fromkeys(("biggest", "largest", "highest", "max", "maximum"), "maximum"),
    **dict.fromkeys(("smallest", "lowest", "cheapest", "min", "minimum"), "minimum"),
}
_THOUSAND = 1_000
_TWENTIES, _NINETIES = 20, 90
_ORDER_NOUNS = frozenset({"orders", "order_base"})


def fold_quantities(lexemes: Sequence[Lexeme], text: Text) -> list[Lexeme]:
    """Return the lexemes with every comparison with a number made one."""
    lexemes = _hoisted(lexemes, text)
    _bring_posts(lexemes)
    found: list[Lexeme] = []
    at = 0
    while at < len(lexemes):
        read = _read(lexemes, at, text)
        if read is None:
            found.append(lexemes[at])
            at += 1
            continue
        found.append(read[0])
        at = read[1]
    return _with_units(found)


def _with_units(lexemes: list[Lexeme]) -> list[Lexeme]:
    """Give "more than 2 but fewer than 6 orders" its unit twice."""
    for at in reversed(range(len(lexemes) - 2)):
        given, after = lexemes[at].data, lexemes[at + 2].data
        if not (isinstance(given, Quantity) and isinstance(after, Quantity)):
            continue
        join = lexemes[at + 1].kind
        headed = at > 0 and lexemes[at - 1].among(Kind.HEAD, Kind.FIELD)
        if join is Kind.OR and after.unit == "times" and not given.op:
            headed = False  # "ordered 2 or 4 times"
        joins = join in {Kind.AND, Kind.BUT, Kind.OR}
        if joins and not headed and _counts(given) and after.unit:
            data = replace(given, unit=after.unit, shared=True)
            lexemes[at] = replace(lexemes[at], key=after.unit, data=data)
    return lexemes


def _counts(given: Quantity) -> bool:
    """Whether a number without a unit may well count, rather than be an amount."""
    return not (given.unit or given.currency) and given.value < _THOUSAND


def _hoisted(lexemes: Sequence[Lexeme], text: Text) -> list[Lexeme]:
    """Put "over the age of 45" as "the age over 45": the comparison beside its number."""
    found = list(lexemes)
    _turn(found, text)
    _figures(found, text)
    for at, lexeme in enumerate(found):
        head = _small(found, at + 1)
        if lexeme.kind is not Kind.COMPARE or head >= len(found):
            continue
        if not found[head].among(Kind.HEAD, Kind.FIELD) or found[head].key in _ORDER_NOUNS:
            continue
        number = head + 1
        while number < len(found) and found[number].among(Kind.PREP, Kind.FILLER, Kind.BE):
            number += 1
        if _number(found, number) is not None:
            found[at:number] = [*found[at + 1 : number], lexeme]
    return found


def _figures(lexemes: list[Lexeme], text: Text) -> None:
    """Put "the biggest app order" as "the biggest order, app"."""
    for at in range(len(lexemes) - 2):
        figure = _FIGURES.get(text.phrase(lexemes[at].first, lexemes[at].end).casefold())
        noun = text.phrase(lexemes[at + 2].first, lexemes[at + 2].end).casefold()
        if figure and lexemes[at + 1].kind is Kind.VALUE and noun in {"order", "purchase"}:
            lexemes[at] = replace(lexemes[at], kind=Kind.HEAD, key=figure)
            lexemes[at + 2] = replace(lexemes[at + 2], kind=Kind.FILLER, key="filler")


def _turn(lexemes: list[Lexeme], text: Text) -> None:
    """Put "5k < spend" as "spend > 5k"."""
    for at in range(len(lexemes) - 2):
        sign = lexemes[at + 1]
        said = text.phrase(sign.first, sign.end)
        if _number(lexemes, at) is None or sign.kind is not Kind.COMPARE or said not in _TURNED:
            continue
        if lexemes[at + 2].among(Kind.HEAD, Kind.FIELD):
            turned = replace(sign, key=_TURNED[said])
            lexemes[at : at + 3] = [lexemes[at + 2], turned, lexemes[at]]


def _bring_posts(lexemes: list[Lexeme]) -> None:
    """Put "2 web orders or more" as "2 or more web orders"."""
    for at in range(len(lexemes)):
        if lexemes[at].kind is not Kind.NUMBER or not _behind_values(lexemes, at + 1):
            continue
        place = at + 1
        while lexemes[place].among(Kind.VALUE, Kind.OR, Kind.AND, Kind.COMMA):
            place += 1
        place = _unit(lexemes, place)[1]
        if place < len(lexemes) and lexemes[place].kind is Kind.POST:
            lexemes.insert(at + 1, lexemes.pop(place))


def _read(  # noqa: C901 - read from left to right
    lexemes: Sequence[Lexeme], at: int, text: Text
) -> tuple[Lexeme, int] | None:
    op, start = "", at
    if lexemes[at].kind is Kind.COMPARE:
        op, start = lexemes[at].key, _small(lexemes, at + 1)
        if start < len(lexemes) and lexemes[start].kind is Kind.COMPARE and op == "equals":
            op, start = lexemes[start].key, _small(lexemes, start + 1)
    ranged = start < len(lexemes) and lexemes[start].kind is Kind.BETWEEN
    if op == "" and lexemes[at].means(Kind.FLAG, "multiple"):
        return _multiple(lexemes, at)
    number = _number(lexemes, start + ranged)
    if number is None:
        return None
    if not op and not ranged and (decade := _decade(lexemes, start, number)) is not None:
        return decade, start + 1 + (start + 1 < len(lexemes) and lexemes[start + 1].key == "decade")
    end = start + ranged + 1
    high, end = _high(lexemes, end, number, ranged=ranged)
    if ranged and high is None:
        return None
    unit, end = _unit(lexemes, end)
    op, end = _post(lexemes, end, op, text)
    if not unit:
        unit, end = _unit(lexemes, end)
    if not unit and not number.currency:
        unit = _behind_values(lexemes, end)
    if number.times:
        unit = "times"
    if number.plus and not op:
        op = "greater_or_equal"
    if high is not None:
        op = "between" if op in {"", "equals"} else "contradicts"
    first, last = lexemes[at].first, lexemes[end - 1].end
    low, top = _low(number, high), high.value if high else None
    currency = number.currency or (high.currency if high else "")
    quantity = Quantity(op, low, top, unit, currency, number.percent, first, last)
    return Lexeme(Kind.QUANTITY, unit, first, last, quantity), end


def _decade(lexemes: Sequence[Lexeme], at: int, number: Number) -> Lexeme | None:
    """As in "In their thirties", "30s": an age."""
    behind = at + 1 < len(lexemes) and lexemes[at + 1].means(Kind.FILLER, "decade")
    years = number.value
    if not (behind or number.decade) or years % 10 or not _TWENTIES <= years <= _NINETIES:
        return None
    first, end = lexemes[at].first, lexemes[at + behind].end
    quantity = Quantity("between", years, years + 9, unit="years_old", first=first, end=end)
    return Lexeme(Kind.QUANTITY, "years_old", first, end, quantity)


def _behind_values(lexemes: Sequence[Lexeme], at: int) -> str:
    """Return what is counted where values stand before it: "2 Footwear or Beauty items"."""
    place = at
    while place < len(lexemes) and lexemes[place].among(Kind.VALUE, Kind.OR, Kind.AND, Kind.COMMA):
        place += 1
    if (
        place == at
        or lexemes[at].kind is not Kind.VALUE
        or lexemes[place - 1].kind is not Kind.VALUE
    ):
        return ""
    unit, _ = _unit(lexemes, place)
    return unit if unit in {"items", "products", "orders", "times"} else ""


def _multiple(lexemes: Sequence[Lexeme], at: int) -> tuple[Lexeme, int] | None:
    """As in "Multiple orders" are two or more."""
    unit, end = _unit(lexemes, at + 1)
    if not unit:
        unit = _behind_values(lexemes, at + 1)
    if not unit:
        return None
    first, last = lexemes[at].first, lexemes[end - 1].end
    quantity = Quantity("greater_or_equal", Decimal(2), unit=unit, first=first, end=last)
    return Lexeme(Kind.QUANTITY, unit, first, last, quantity), end


def _low(low: Number, high: Number | None) -> Decimal:
    """As in "5 to 10k" begins at 5,000, "between 500 and 2k" at 500."""
    if high is None or low.scale > 1 or high.scale < _THOUSAND:
        return low.value
    scaled = low.value * high.scale
    return scaled if scaled < high.value else low.value


def _small(lexemes: Sequence[Lexeme], at: int) -> int:
    while at < len(lexemes) and lexemes[at].means(Kind.FILLER, "filler"):
        at += 1
    return at


def _number(lexemes: Sequence[Lexeme], at: int) -> Number | None:
    if at < len(lexemes) and lexemes[at].kind is Kind.NUMBER:
        data = lexemes[at].data
        return data if isinstance(data, Number) else None
    return None


def _high(
    lexemes: Sequence[Lexeme], at: int, low: Number, *, ranged: bool
) -> tuple[Number | None, int]:
    join = lexemes[at] if at < len(lexemes) else None
    if join is None:
        return None, at
    number = _number(lexemes, at + 1)
    if number is None or number.value <= low.value:
        return None, at
    if join.kind is Kind.TO or (join.kind is Kind.AND and ranged):
        return number, at + 2
    nearly = join.kind is Kind.OR and number.value == low.value + 1
    return (number, at + 2) if nearly and not number.currency else (None, at)


def _unit(lexemes: Sequence[Lexeme], at: int) -> tuple[str, int]:
    place = _small(lexemes, at)
    if place < len(lexemes) and lexemes[place].means(Kind.FLAG, "different"):
        after = place + 1
        if after < len(lexemes) and lexemes[after].kind is Kind.COUNTED:
            key = lexemes[after].key
            return {"products": "skus", "items": "skus"}.get(key, key), after + 1
    if place < len(lexemes):
        lexeme = lexemes[place]
        if lexeme.kind is Kind.COUNTED:
            return lexeme.key, place + 1
        if lexeme.kind is Kind.HEAD and lexeme.key in _ORDER_NOUNS:
            return "orders", place + 1
        if lexeme.kind is Kind.HEAD and lexeme.key.startswith("distinct_"):
            return lexeme.key.removeprefix("distinct_"), place + 1
    return "", at


def _post(lexemes: Sequence[Lexeme], at: int, op: str, text: Text) -> tuple[str, int]:
    if at >= len(lexemes) or op:
        return op, at
    lexeme = lexemes[at]
    if lexeme.kind is Kind.POST:
        return lexeme.key, at + 1
    said = " ".join(token.word for token in text.tokens[lexeme.first : lexeme.end])
    free = _number(lexemes, at + 1) is None
    if lexeme.kind is Kind.COMPARE and said in _POSTS and free:
        return _POSTS[said], at + 1
    return op, at
