"""Amounts and numbers as people write them: 5k, 2 lakh, one and a half crore, Rs. 1,00,000/-."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from engine.ai.grammar.tokens import Shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.ai.grammar.tokens import Token


@dataclass(frozen=True, slots=True)
class Number:
    """A number that was read. ``currency`` is an ISO code where the words name one, else empty.

    ``times`` marks "twice" and the like; ``plus`` a sign that means "or more".
    """

    value: Decimal
    currency: str = ""
    times: bool = False
    plus: bool = False
    percent: bool = False
    scale: int = 1
    """What it was multiplied by: 1,000 in "5k"."""
    decade: bool = False
    """Said as "thirties"."""
    spoken: bool = False
    """Written as a word only."""


_UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
WORDS: dict[str, Decimal] = {
    **{word: Decimal(n) for n, word in enumerate(_UNITS)},
    **{word: Decimal(10 * n) for n, word in enumerate(_TENS, 2)},
    "fourty": Decimal(40),
}
DECADES = {word.removesuffix("y") + "ies": Decimal(10 * n) for n, word in enumerate(_TENS, 2)}
TIMES = {"once": 1, "twice": 2, "thrice": 3}
SCALES: dict[str, int] = {
    **dict.fromkeys(("hundred", "hundreds"), 100),
    **dict.fromkeys(("k", "thousand", "thousands"), 1_000),
    **dict.fromkeys(("lakh", "lakhs", "lac", "lacs", "lk", "lkh"), 100_000),
    **dict.fromkeys(("mn", "million", "millions", "mio"), 1_000_000),
    **dict.fromkeys(("cr", "crs", "crore", "crores"), 10_000_000),
}
_GLUED_SCALES = {"l": 100_000, "m": 1_000_000}
"""Only directly behind digits: 10L, 2m."""
CURRENCIES: dict[str, str] = {
    **dict.fromkeys(("₹", "rs", "inr", "rupee", "rupees", "rup", "bucks"), "INR"),
    **dict.fromkeys(("$", "usd", "dollar", "dollars"), "USD"),
    **dict.fromkeys(("€", "eur", "euro", "euros"), "EUR"),
    **dict.fromkeys(("£", "gbp", "pounds", "quid"), "GBP"),
    **dict.fromkeys(("¥", "jpy", "yen"), "JPY"),
    **dict.fromkeys(("aed", "dirham", "dirhams"), "AED"),
}
SIGNS = {"₹", "$", "€", "£", "¥"}


def read_number(tokens: Sequence[Token], at: int) -> tuple[Number, int] | None:
    """Return the number that begins at a token, and the index behind it; None if there is none."""
    currency, start = _currency(tokens, at)
    found = _amount(tokens, start)
    if found is None:
        return None
    value, spoken, end, scale = found
    if tokens[start].word in DECADES:
        return Number(value, decade=True, spoken=True), end
    if tokens[start].word in TIMES:
        return Number(value, times=True, spoken=True), end
    if not currency:
        currency, end = _currency(tokens, end)
    if _slash_dash(tokens, end):
        currency, end = currency or "INR", end + 2
    percent = end < len(tokens) and tokens[end].word in {"%", "percent", "pc"}
    end += percent
    plus = end < len(tokens) and tokens[end].text == "+" and tokens[end].near
    end += plus
    return Number(value, currency, plus=plus, percent=percent, scale=scale, spoken=spoken), end


def _slash_dash(tokens: Sequence[Token], at: int) -> bool:
    pair = [token.text for token in tokens[at : at + 2]]
    return pair == ["/", "-"] and tokens[at].near


def _currency(tokens: Sequence[Token], at: int) -> tuple[str, int]:
    if at < len(tokens) and (code := CURRENCIES.get(tokens[at].word)):
        end = at + 1
        if tokens[at].word == "rs" and end < len(tokens) and tokens[end].text == ".":
            end += 1
        return code, end
    return "", at


def _amount(tokens: Sequence[Token], at: int) -> tuple[Decimal, bool, int, int] | None:
    """Add up parts that shrink: "one lakh fifty thousand", "two thousand five hundred"."""
    part = _part(tokens, at)
    if part is None:
        return None
    total, scale, spoken, end = part
    whole = scale
    while scale >= 100 and spoken:  # noqa: PLR2004 - a hundred is the least that takes more
        after = end + 1 if end < len(tokens) and tokens[end].word == "and" else end
        more = _part(tokens, after)
        if more is None or not more[2] or more[0] >= scale or tokens[after].word in TIMES:
            break
        total, scale, end = total + more[0], more[1], more[3]
    return total, spoken, end, whole


def _part(tokens: Sequence[Token], at: int) -> tuple[Decimal, int, bool, int] | None:
    """Return (value, its scale, whether it is in words or scaled by a word, the end)."""
    found = _mantissa(tokens, at)
    if found is None:
        return None
    value, spoken, end = found
    scale = 1
    while end < len(tokens) and (one := _scale(tokens, end)):
        if scale > 1 and one <= 1:
            break
        scale, end = scale * one, end + 1
        if scale >= 10**9:
            break
    return value * scale, scale, spoken or (scale > 1 and not tokens[end - 1].near), end


def _scale(tokens: Sequence[Token], at: int) -> int:
    token = tokens[at]
    if token.near and token.word in _GLUED_SCALES and tokens[at - 1].shape is Shape.NUMBER:
        return _GLUED_SCALES[token.word]
    if token.word == "k" and not token.near and tokens[at - 1].shape is not Shape.NUMBER:
        return 0
    return SCALES.get(token.word, 0)


def _mantissa(  # noqa: PLR0911 - one return a way to write it
    tokens: Sequence[Token], at: int
) -> tuple[Decimal, bool, int] | None:
    if at >= len(tokens):
        return None
    token, words = tokens[at], [one.word for one in tokens[at : at + 5]]
    if token.shape is Shape.NUMBER:
        try:
            return Decimal(token.text.replace(",", "")), False, at + 1
        except InvalidOperation:
            return None
    if token.word in DECADES:
        return DECADES[token.word], True, at + 1
    if token.word in TIMES:
        return Decimal(TIMES[token.word]), True, at + 1
    fixed = _set_phrase(words)
    if fixed is not None:
        return fixed[0], True, at + fixed[1]
    if (value := WORDS.get(token.word)) is None:
        return None
    end = at + 1
    if value >= 20 and len(words) > 1 and 0 < WORDS.get(words[1], 0) < 10:  # noqa: PLR2004
        value, end = value + WORDS[words[1]], end + 1
    following = [one.word for one in tokens[end : end + 3]]
    if following == ["and", "a", "half"]:
        return value + Decimal("0.5"), True, end + 3
    return value, True, end


def _set_phrase(  # noqa: PLR0911 - one return a phrase
    words: list[str],
) -> tuple[Decimal, int] | None:
    """Numbers of several words: a couple of, a dozen, half a lakh, a hundred."""
    article = words[0] in {"a", "an"}
    rest = words[1:] if article else words
    lead = int(article)
    if not rest:
        return None
    if rest[0] == "couple":
        return Decimal(2), lead + 1 + (rest[1:2] == ["of"])
    if rest[0] == "pair" and rest[1:2] == ["of"]:
        return Decimal(2), lead + 2
    if rest[0] == "dozen":
        return Decimal(12), lead + 1
    if rest[:3] == ["half", "a", "dozen"]:
        return Decimal(6), lead + 3
    if rest[0] == "half" and rest[1:2] in (["a"], ["an"]) and rest[2:3] and rest[2] in SCALES:
        return Decimal("0.5"), lead + 2
    if article and rest[0] in SCALES and rest[0] not in {"k", "cr", "lk"}:
        return Decimal(1), 1
    if words[0] in {"hundred", "thousand", "lakh", "crore"}:
        return Decimal(1), 0
    if words[:4] == ["one", "and", "a", "half"]:
        return Decimal("1.5"), 4
    return None
