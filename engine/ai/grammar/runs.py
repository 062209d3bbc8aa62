"""Lexemes to the runs that clauses are read from, and what joins each to the one before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.ai.grammar.exclusive import says_not_both
from engine.ai.grammar.lexemes import Kind, Lexeme
from engine.ai.grammar.quantities import Quantity
from engine.ai.grammar.tree import Values

if TYPE_CHECKING:
    from collections.abc import Sequence

_CONNECTORS = (Kind.EXCEPT, Kind.BUT, Kind.OR, Kind.NOR, Kind.AND, Kind.STOP, Kind.COMMA)
"""The first of these in a row of connectors is what the row says."""
_SMALL_COUNT = 100
_SMALL = frozenset({Kind.PREP, Kind.FILLER, Kind.BE, Kind.HAVE, Kind.COUNTED})


@dataclass(frozen=True, slots=True)
class Run:
    """Lexemes without connectors. ``comma``: one stands beside the word that joins."""

    conn: str
    lexemes: tuple[Lexeme, ...]
    comma: bool = False
    either: bool = False


def runs(lexemes: Sequence[Lexeme]) -> list[Run]:
    """Return the runs of a sentence in their order."""
    found: list[Run] = []
    run: list[Lexeme] = []
    pending: list[Kind] = []
    either = False
    for at, lexeme in enumerate(lexemes):
        if lexeme.kind is Kind.EITHER and _opens(lexemes, at):
            listed = not _alternative(lexemes, at)
            if not listed and any(one.kind not in {*_SMALL, Kind.WHO, Kind.TIME} for one in run):
                found.append(_run(pending, run, either=either))
                run, pending = [], [Kind.AND]
            either = either or not listed
            continue
        if lexeme.kind not in _CONNECTORS:
            run.append(lexeme)
            continue
        if run and lexeme.key == "behind" and _ends(lexemes, at):
            # "... excluded in both cases": what leaves out is not taken back.
            pending = [lexeme.kind if Kind.EXCEPT not in pending else Kind.EXCEPT]
            continue
        if run:
            found.append(_run(pending, run, either=either))
            run, pending, either = [], [], False
        denied = at + 1 < len(lexemes) and lexemes[at + 1].kind is Kind.NOT
        but = lexeme.means(Kind.EXCEPT, "but") and denied
        pending.append(Kind.BUT if but else lexeme.kind)
    if run:
        found.append(_run(pending, run, either=either))
    return _merged([one for one in found if one.lexemes])


def _run(pending: Sequence[Kind], run: Sequence[Lexeme], *, either: bool) -> Run:
    conn = next((kind.value for kind in _CONNECTORS if kind in pending), "")
    if conn == "and" and Kind.STOP in pending:
        conn = "stop"  # "...; and they must be vip" speaks of all that is before
    comma = Kind.COMMA in pending and conn != "comma"
    return Run(conn, tuple(run), comma=comma, either=either)


def _opens(lexemes: Sequence[Lexeme], at: int) -> bool:
    """Whether "either" begins alternatives, rather than point back ("never bought either")."""
    after = lexemes[at + 1] if at + 1 < len(lexemes) else None
    return after is not None and after.kind not in {*_CONNECTORS, Kind.TIME, Kind.CLOSE}


def _alternative(lexemes: Sequence[Lexeme], at: int) -> bool:
    """Whether what follows "either" is no list that was made one already."""
    place = at + 1
    while place < len(lexemes) and lexemes[place].kind in _SMALL:
        place += 1
    after = lexemes[place] if place < len(lexemes) else None
    if after is None or not (isinstance(after.data, Values) and after.data.joined == "or"):
        return True
    for one in lexemes[place + 1 :]:
        if one.among(Kind.COMMA, Kind.BUT, Kind.EXCEPT, Kind.STOP, Kind.AND):
            return False
        if one.kind is Kind.OR:
            return True
    return False


def _ends(lexemes: Sequence[Lexeme], at: int) -> bool:
    """Whether "aside" or "excluded" stands behind what is left out."""
    after = lexemes[at + 1] if at + 1 < len(lexemes) else None
    behind = after is not None and after.key == "behind"
    return after is None or after.kind in _CONNECTORS or behind


def _merged(found: Sequence[Run]) -> list[Run]:
    """Take commas away that part one condition: "In 2024, ...", "footwear, app, last 60 days"."""
    kept: list[Run] = []
    for run in found:
        both = len(kept) > 1 and says_not_both(kept[-1].lexemes) and _only(run, Kind.TIME)
        if both and run.conn in {"", "comma"}:  # "A or B, not both, in the last year"
            kept[-2] = replace(kept[-2], lexemes=(*kept[-2].lexemes, *run.lexemes))
        elif kept and run.conn == "comma" and _one(kept[-1], run):
            kept[-1] = replace(kept[-1], lexemes=(*kept[-1].lexemes, *run.lexemes))
        else:
            kept.append(run)
    return kept


def _one(before: Run, run: Run) -> bool:
    if _only(before, Kind.TIME) and before.conn in {"", "comma"}:
        return True
    filters = _filters(before)
    if _only(run, Kind.TIME):
        kinds = {one.kind for one in before.lexemes}
        about_orders = any(
            one.kind is Kind.HEAD or one.means(Kind.QUANTITY, "orders", "times", "items")
            for one in before.lexemes
        )
        return Kind.TIME not in kinds and (filters or about_orders)
    if _pieces(before, run):
        return True
    if not filters or any(one.among(Kind.NOT, Kind.WHO, Kind.NOUN) for one in run.lexemes):
        return False
    if _filters(run):
        return _fields(before).isdisjoint(_fields(run))
    content = [one for one in run.lexemes if one.kind not in _SMALL]
    heads = all(one.key == "orders" for one in content if one.kind is Kind.HEAD)
    counted = any(one.means(Kind.QUANTITY, "orders", "times") for one in content)
    return (
        counted and heads and all(one.among(Kind.QUANTITY, Kind.TIME, Kind.HEAD) for one in content)
    )


def _pieces(before: Run, run: Run) -> bool:
    """Whether a run counts the orders that the one before tells the amount of."""
    amounts = [one for one in before.lexemes if isinstance(one.data, Quantity)]
    heads = [one.key for one in before.lexemes if one.kind is Kind.HEAD]
    priced = len(amounts) == 1 and not amounts[0].key and heads in (["orders"], ["order_base"])
    content = [one for one in run.lexemes if one.kind not in _SMALL]
    counts = [one.data for one in content if isinstance(one.data, Quantity)]
    small = bool(counts) and all(
        one.unit in {"", "orders", "times"} and not one.currency and one.value < _SMALL_COUNT
        for one in counts
    )
    return priced and small and all(one.among(Kind.QUANTITY, Kind.TIME) for one in content)


def _only(run: Run, kind: Kind) -> bool:
    some = any(one.kind is kind for one in run.lexemes)
    return some and all(one.kind is kind or one.kind in _SMALL for one in run.lexemes)


def _filters(run: Run) -> bool:
    """Whether a run is nothing but values that orders can have."""
    return bool(_fields(run)) and all(
        one.among(*_SMALL, Kind.TIME)
        or (
            isinstance(one.data, Values)
            and any(name.startswith("orders.") for name in one.data.fields)
        )
        for one in run.lexemes
    )


def _fields(run: Run) -> set[str]:
    values = [one.data for one in run.lexemes if isinstance(one.data, Values)]
    return {name for one in values for name in one.fields if name.startswith("orders.")}


def dangling(run: Run, following: Run | None) -> bool:
    """Whether a run breaks off: "plus those in Mumbai who are" leaves out what they are."""
    last = [one.kind for one in run.lexemes if one.kind is not Kind.FILLER][-2:]
    breaks = len(last) == 2 and last[0] is Kind.WHO and last[1] in {Kind.BE, Kind.HAVE}  # noqa: PLR2004
    return breaks and not (following is not None and (following.either or following.conn == "and"))
