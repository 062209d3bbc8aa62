"""A stretch of time said once, for several conditions: "ordered twice and spent 5k in 2025"."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from engine.ai.grammar.clauses import Clause, Level
from engine.ai.grammar.head_reading import is_verb
from engine.ai.grammar.lexemes import Kind
from engine.ai.grammar.times import Days, Recent
from engine.ai.grammar.tree import Fork, Moment, Purchase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.ai.grammar.lexemes import Lexeme, Text
    from engine.ai.grammar.times import Time


@dataclass(slots=True)
class Joined:
    """A clause, and what joins it to the one before."""

    conn: str
    clause: Clause
    run: Sequence[Lexeme]
    comma: bool = False
    either: bool = False


_VERBS = frozenset({"placed", "made", "did", "placing", "making"})
_SHARES = {"sum", "count"}
"""Measures whose time may well stand behind the next condition; an average is rather of all."""


def share_times(read: Sequence[Joined], text: Text) -> None:
    """Let the time of a condition hold for those joined to it that have none, as a choice."""
    for at, one in enumerate(read):
        purchase = _purchase(one.clause, last=False)
        if purchase is None or purchase.time is None:
            continue
        if purchase.led:
            _forward(read[at:], purchase.time, text)
        elif _says_more(purchase) or purchase.negated:
            _backward(read[: at + 1], purchase, text)
    for before, one in pairwise(read):
        _from_moment(before, one, text)


def _purchase(clause: Clause, *, last: bool) -> Purchase | None:
    found = [item.tree for item in clause.items if isinstance(item.tree, Purchase)]
    return found[-1 if last else 0] if found else None


def _says_more(purchase: Purchase) -> bool:
    said = (purchase.count, purchase.amount, purchase.each, purchase.units, purchase.distinct)
    return not purchase.goes_on and (bool(purchase.values) or any(one is not None for one in said))


def _place(time: Time | None) -> tuple[int, int]:
    if isinstance(time, Recent):
        return time.first, time.end
    return (time.first_token, time.end_token) if isinstance(time, Days) else (0, 0)


def _backward(  # noqa: PLR0911 - one return a reason that the time is not shared
    read: Sequence[Joined], purchase: Purchase, text: Text
) -> None:
    last = read[-1]
    for one, after in zip(reversed(read[:-1]), reversed(read), strict=False):
        listed = purchase.elliptic or not _verb(last, text)
        joins = after.conn in {"and", "nor", "or"} or (listed and after.conn == "but")
        joins = joins or (after.conn == "comma" and purchase.elliptic)
        parted = after.comma or after.either or after.clause.who
        if not joins or parted or (after.clause.noun and after is not last):
            return
        if (
            after.clause.noun
            and _purchase(one.clause, last=True) is not None
            and after.clause.items[0].level is Level.BEFORE
        ):
            return
        target = _purchase(one.clause, last=True)
        if (
            target is None
            or target.time is not None
            or target.ever
            or target is not one.clause.items[-1].tree
        ):
            return
        bare = not _says_more(target) and target.measure in _SHARES
        both_denied = target.negated and purchase.negated
        if target.idle or (target.negated and not purchase.negated):
            return
        if purchase.negated and not target.negated and _same_things(purchase, target):
            return  # "bought Beauty, but nothing from it this year"
        alike = bare != _says_more(purchase)
        if bare and not both_denied:
            return
        if not alike and not (
            both_denied and after.clause.spread
        ):  # "haven't ordered or spent 5k in May"
            return
        if _says_nothing(purchase, target):
            return
        both = any(lexeme.kind is Kind.BOTH for lexeme in one.run)
        sign = text.tokens[after.clause.first - 1].word in {"&", "+"}  # as in a list of conditions
        denied = both_denied and (after.clause.spread or after.clause.bare_verb)
        shared = listed or bare or both or denied
        likely = target.measure in _SHARES and shared and not sign
        _fork(one.clause, target, purchase.time, text, likely=likely)


def _from_moment(before: Joined, one: Joined, text: Text) -> None:
    """As in "Ordered or signed up this year"."""
    moment = one.clause.items[0].tree if len(one.clause.items) == 1 else None
    target = _purchase(before.clause, last=True)
    if not isinstance(moment, Moment) or one.comma or one.clause.who or target is None:
        return
    last = (
        target.bare
        and not (target.ever or _never(target, text))
        and target is before.clause.items[-1].tree
    )
    if last and (one.conn == "or" or (target.negated and moment.negated)):
        _fork(before.clause, target, moment.time, text, likely=True)


def _says_nothing(purchase: Purchase, target: Purchase) -> bool:
    """Whether a count would say nothing beside another of its time: "5+ orders & 3+ in 2025"."""
    one, other = purchase.count, target.count
    if one is None or other is None or purchase.values or target.values:
        return False
    return one.op == other.op == "greater_or_equal"


def _same_things(purchase: Purchase, target: Purchase) -> bool:
    """Whether two are of the same values, so that at one time they would be contrary."""
    one, other = ([each.options for each in tree.values] for tree in (purchase, target))
    return bool(one) and one == other


def _verb(one: Joined, text: Text) -> bool:
    """Whether a clause has a verb of its own, so that its time may well be its own too."""
    return any(
        lexeme.means(Kind.HEAD, "order", "spend")
        or (lexeme.means(Kind.HEAD, "order_base") and is_verb(lexeme, text))
        or lexeme.kind is Kind.HAVE
        or lexeme.means(Kind.VALUE, "orders.status")
        or text.phrase(lexeme.first, lexeme.end).casefold() in _VERBS
        for lexeme in one.run
    )


def _forward(read: Sequence[Joined], time: Time, text: Text) -> None:
    for one in read[1:]:
        target = _purchase(one.clause, last=False)
        if one.conn in {"except", "stop"} or one.clause.who or one.clause.noun:
            return
        if target is None or target.time is not None or target.ever:
            return
        likely = target.measure in _SHARES and not _never(target, text)
        _fork(one.clause, target, time, text, likely=likely)


def _never(target: Purchase, text: Text) -> bool:
    """Whether a denial is of all time by its word."""
    return any(text.tokens[token].word == "never" for token in range(target.first, target.end))


def _fork(clause: Clause, target: Purchase, time: Time | None, text: Text, *, likely: bool) -> None:
    phrase = text.phrase(*_place(time))
    options = (
        ("all that is joined to it", replace(target, time=time)),
        ("the nearest only", target),
    )
    fork = Fork(
        f"… {phrase}",
        f"What does “{phrase}” hold for?",
        options if likely else options[::-1],
    )
    for index, item in enumerate(clause.items):
        if item.tree is target:
            clause.items[index] = replace(item, tree=fork)
