"""Words that put one value of a rule in place of another: "change 90 days to 60 days"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from engine.ai.grammar.editing import Swap
from engine.ai.grammar.lexemes import Kind
from engine.ai.grammar.quantities import Quantity
from engine.ai.grammar.times import Recent
from engine.ai.grammar.tree import Values
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.ai.grammar.choosing import Document
    from engine.ai.grammar.lexemes import Lexeme
    from engine.ai.vocabulary import Vocabulary

Thing: TypeAlias = tuple[str, object, str, str]
"""What may stand in a rule: its kind, the value, its field, and the comparison said with it."""
_INTO = frozenset({"to", "with", "by", "into", "for", "as"})


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to be done with the base: how a rule read from token ``start`` on joins it.

    Or ``made``, where the words change the base themselves. ``missing`` says why that cannot be.
    """

    start: int = 0
    """The first token of what is read as a description."""
    join: Callable[[Document, Document], Document] | None = None
    made: Document | None = None
    note: str = ""
    missing: str = ""
    reset: bool = False
    end: int | None = None
    """Behind the last token of the description; None where it goes on to the end."""
    unsaid: bool = False
    """No word says how the description joins the rule."""
    takes_place: bool = False
    """What is described goes in place of what the rule says of the same."""


class SwapReader:
    """Reads which value goes in place of which."""

    def __init__(self, words: Sequence[str], vocabulary: Vocabulary, base: Document) -> None:
        self._words, self._vocabulary, self._base = words, vocabulary, base

    def read(self, lexemes: Sequence[Lexeme], end: int) -> Edit | None:
        """Return the change; ``end`` is behind the word that asks for one, 0 where none does."""
        words = self._words
        instead = next(
            (at for at in range(len(words) - 1) if words[at : at + 2] == ["instead", "of"]), None
        )
        things = [(one, thing) for one in lexemes if (thing := self._thing(one)) is not None]
        if not things or not (end or instead is not None):
            return None
        if instead is not None:
            behind = [thing for one, thing in things if one.first >= instead]
            before = [thing for one, thing in things if one.first < instead]
            old, new = (
                (behind[0], before[-1])
                if before and behind
                else (behind[0], behind[1])
                if len(behind) > 1
                else (None, None)
            )
            if new is None or old is None:
                return None
            return self._swap(old, new, "")
        if len(things) == 1:
            fields = [one.key for one in lexemes if one.kind is Kind.FIELD]
            pointed = any(word in {"it", "that", "this"} for word in words[:end]) or any(
                word in _INTO for word in words
            )
            if not pointed:
                return None
            return self._swap(None, things[0][1], fields[0] if fields else "")
        return self._swap(things[0][1], things[-1][1], "")

    def _thing(self, lexeme: Lexeme) -> Thing | None:
        """Return what a lexeme could stand for in a rule: (kind, value, field, operator)."""
        data = lexeme.data
        if isinstance(data, Values) and len(data.options[0][1]) == 1:
            return "text", data.options[0][1][0], data.options[0][0], ""
        if isinstance(data, Recent):
            return "span", {"n": data.n, "unit": data.unit}, "", ""
        if isinstance(data, Quantity) and data.high is None:
            return "number", data, "", data.op
        return None

    def _swap(
        self,
        old: Thing | None,
        new: Thing,
        field: str,
    ) -> Edit:
        if old is not None and old[0] != new[0]:
            return Edit(missing="One of these can only stand where the other is of its kind.")
        kinds = ("money", "number") if new[0] == "number" else (new[0],)
        found = []
        for kind in kinds:
            value = self._value(kind, new[1])
            before = self._value(kind, old[1]) if old is not None else None
            if value is None or (old is not None and before is None):
                continue
            name = field or (new[2] if kind == "text" and old is None else "")
            swap = Swap(kind, before, value, name, new[3] if kind != "text" else "")
            if places := swap.places(self._base):
                found.append((places, swap))
        if not found or (old is None and sum(places for places, _ in found) > 1):
            which = (
                "The rule has no such value."
                if not found
                else "The rule has several such values: say which, as: change 90 days to 60 days."
            )
            return Edit(missing=which)
        return Edit(made=found[0][1].made(self._base), note="The value was changed in the rule.")

    def _value(self, kind: str, value: object) -> object:
        if not isinstance(value, Quantity):
            return value
        if kind == "number":
            whole = value.value == int(value.value)
            return None if value.currency else int(value.value) if whole else float(value.value)
        currency = self._vocabulary.workspace.currency
        if value.currency not in {"", currency.code}:
            return None
        try:
            return currency.text(currency.parse(format(value.value, "f")))
        except InvalidInput:
            return None
