"""One of two, and not both of them: "vip or wholesale but not both"."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.ai.grammar.lexemes import Kind
from engine.ai.grammar.tree import Named, Negation, Purchase, all_of, any_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.ai.grammar.lexemes import Lexeme
    from engine.ai.grammar.noun_phrases import NounPhrase
    from engine.ai.grammar.tree import Tree, Values

_SMALL = frozenset({Kind.PREP, Kind.FILLER, Kind.BE, Kind.HAVE})
_TWO = 2


def says_not_both(run: Sequence[Lexeme]) -> bool:
    """Whether nothing but "not both" is said."""
    kinds = [one.kind for one in run if one.kind not in _SMALL]
    return kinds == [Kind.NOT, Kind.BOTH]


def exclude_both(phrase: NounPhrase) -> bool:
    """Let only one of the two hold that the phrase ends in; False where there are not two."""
    entries = phrase.entries.get(phrase.last, []) if phrase.last is not None else []
    if not entries:
        return False
    first = entries[0]
    if len(entries) == 1:
        two = list(_alternatives(first.trees[-1]))
        others = first.trees[:-1]
    else:
        two = [tree for entry in entries for tree in entry.trees]
        others = ()
        if any(entry.conn != "or" for entry in entries[1:]):
            return False
    if len(two) != _TWO:
        return False
    one_of = all_of(any_of(*two), Negation(all_of(*two)))
    entries[:] = [replace(first, trees=(*others, one_of), end=entries[-1].end)]
    return True


def _alternatives(tree: Tree) -> Iterator[Tree]:
    """Yield a condition for each value, where the values are joined by "or"."""
    if isinstance(tree, Named) and tree.values.joined == "or" and not tree.negated:
        for values in _each(tree.values):
            yield replace(tree, values=values)
    if isinstance(tree, Purchase) and not tree.negated and tree.count is None:
        several = [values for values in tree.values if values.joined == "or"]
        for values in _each(several[0]) if len(several) == 1 else ():
            others = tuple(one for one in tree.values if one is not several[0])
            yield replace(tree, values=(*others, values))


def _each(values: Values) -> Iterator[Values]:
    for index in range(max(len(some) for _, some in values.options)):
        options = tuple((field, some[index : index + 1]) for field, some in values.options)
        yield replace(values, options=options, joined="", read_as=values.read_as * (not index))
