"""What a sentence says, before it becomes a rule: conditions, and how they hang together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from engine.ai.grammar.quantities import Quantity
    from engine.ai.grammar.times import Time

Tree: TypeAlias = (
    "Purchase | Test | Named | Moment | Aged | Birthday | Share | Group | Negation | Fork"
)


@dataclass(frozen=True, slots=True)
class Values:
    """Values of one field, for each field that they may be of. ``joined``: and, or, or empty."""

    options: tuple[tuple[str, tuple[str, ...]], ...]
    joined: str = ""
    read_as: tuple[tuple[int, int, str], ...] = ()
    """Tokens, and the value that they were read as."""
    first: int = 0
    end: int = 0
    split: int = 0
    """How many stand before a join that may part conditions: 1 in "A & B", 2 in "A, B & C/D"."""

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that the values may be of."""
        return tuple(field for field, _ in self.options)

    def of(self, field: str) -> tuple[str, ...]:
        """Return the values as those of one field."""
        return dict(self.options)[field]


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """Something about orders. ``measure`` is count, sum, average, minimum, maximum or gap."""

    measure: str
    negated: bool = False
    count: Quantity | None = None
    amount: Quantity | None = None
    """What ``measure`` is compared with; for ``count``, what the orders come to together."""
    each: Quantity | None = None
    """What every single order that counts comes to."""
    units: Quantity | None = None
    each_units: Quantity | None = None
    """The items of every single order that counts."""
    distinct: Quantity | None = None
    values: tuple[Values, ...] = ()
    time: Time | None = None
    idle: bool = False
    """Said of customers who went quiet ("inactive for 90 days")."""
    goes_on: bool = False
    """All of it but its time is an earlier condition's ("... but not in the last month")."""
    elliptic: bool = False
    """Its head is an earlier condition's."""
    led: bool = False
    """Its time was said before its head."""
    guessed: bool = False
    """An amount that stood alone, without a word for spending."""
    ever: bool = False
    """Said to be of any time, so that no other time holds for it."""
    nothing_else: bool = False
    """There are no orders in that time but those that the one list of values tells."""
    first: int = 0
    end: int = 0

    @property
    def bare(self) -> bool:
        """Whether nothing more is said than that there are orders, or money spent."""
        said = (self.count, self.amount, self.each, self.units, self.each_units, self.distinct)
        return not self.values and self.time is None and all(one is None for one in said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """A field compared with a number, or a test that takes a text or nothing."""

    field: str
    op: str
    quantity: Quantity | None = None
    text: str | None = None
    negated: bool = False
    first: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Values by their names. ``whole`` asks for every one of a list."""

    values: Values
    outcome: str = ""
    """What became of a campaign, where the values are campaigns."""
    negated: bool = False
    first: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A field of time within some time."""

    field: str
    time: Time
    negated: bool = False
    first: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Aged:
    """An age in years."""

    quantity: Quantity
    negated: bool = False
    guessed: bool = False
    first: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Birthday:
    """A birthday within the next days."""

    days: int
    negated: bool = False
    note: str = ""
    first: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A random share of everybody, in percent."""

    percent: Quantity
    first: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """All or any of some."""

    kind: str
    children: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """The contrary."""

    child: Tree


@dataclass(frozen=True, slots=True)
class Fork:
    """Words whose structure can be taken in several ways; the first is the likelier."""

    phrase: str
    question: str
    options: tuple[tuple[str, Tree], ...]


EVERYONE = Group("all", ())


def all_of(*children: Tree) -> Tree:
    """Return what holds where all children do, flat."""
    return _flat("all", children)


def any_of(*children: Tree) -> Tree:
    """Return what holds where one child does, flat."""
    return _flat("any", children)


def _flat(kind: str, children: tuple[Tree, ...]) -> Tree:
    found: list[Tree] = []
    for child in children:
        if isinstance(child, Group) and child.kind == kind:
            found.extend(child.children)
        else:
            found.append(child)
    return found[0] if len(found) == 1 else Group(kind, tuple(found))


def denied(tree: Tree) -> Tree:
    """Return the contrary of a tree."""
    return tree.child if isinstance(tree, Negation) else Negation(tree)
