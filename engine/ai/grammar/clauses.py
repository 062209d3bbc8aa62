"""What one clause holds, and what a later one may take from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from engine.ai.grammar.lexemes import Kind

if TYPE_CHECKING:
    from engine.ai.grammar.frames import Frame
    from engine.ai.grammar.times import Time
    from engine.ai.grammar.tree import Named, Test, Tree, Values


SILENT = frozenset(
    {
        *(Kind.FILLER, Kind.BE, Kind.HAVE, Kind.PREP, Kind.EITHER, Kind.BOTH, Kind.NOUN, Kind.WHO),
        *(Kind.TO, Kind.STOP),
    }
)
"""Kinds that say nothing by themselves."""
ORDER_HEADS = frozenset(
    {"order", "order_base", "orders", "buyers", "never_ordered", "one_time", "repeat"}
)
LARGE = 500
"""From here on a bare number beside no unit is taken as an amount of money."""


class Level(IntEnum):
    """Where in its noun phrase a condition stands: "vip WOMEN in Pune who ordered"."""

    BEFORE = 1
    BEHIND = 2
    WHO = 3


@dataclass(frozen=True, slots=True)
class Item:
    """One condition of a clause."""

    level: Level
    tree: Tree
    verb: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """Tokens ``[first, end)`` that nobody understands; ``fatal`` where no rule may lack them."""

    first: int
    end: int
    reason: str = ""
    fatal: bool = False


@dataclass(slots=True)
class Context:
    """What a later clause may take from an earlier one."""

    frame: Frame | None = None
    time: Time | None = None
    count: str = ""
    """How the last count was compared."""
    values: Values | None = None
    """The last ones that orders can have."""
    named: Named | None = None
    test: Test | None = None
    asked: bool = False
    """The clause before ended in "have" or "with"."""


@dataclass(slots=True)
class Clause:
    """What a clause holds."""

    first: int
    end: int
    items: list[Item] = field(default_factory=list)
    noun: bool = False
    who: bool = False
    ellipsis: bool = False
    negated: bool = False
    bare: bool = False
    """Its denial is one that goes on ("didn't")."""
    perfect: bool = False
    """Its denial is "haven't" or the like, which may deny a participle behind "or" too."""
    spread: bool = False
    """Its denial is that of the clause before."""
    bare_verb: bool = False
    denies: bool = False
    """It says "not" itself."""
    problems: list[Problem] = field(default_factory=list)
