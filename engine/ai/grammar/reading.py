"""A clause while it is read: what was seen, what is open, what waits for its head."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.ai.grammar.clauses import ORDER_HEADS, Clause, Context, Item, Level, Problem
from engine.ai.grammar.describing import is_thing
from engine.ai.grammar.finishing import finished
from engine.ai.grammar.lexemes import Kind, Lexeme
from engine.ai.grammar.quantities import Quantity
from engine.ai.grammar.tree import EVERYONE, Fork, Purchase, Values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.ai.grammar.frames import Frame
    from engine.ai.grammar.lexemes import Text
    from engine.ai.grammar.times import Time
    from engine.ai.grammar.tree import Tree
    from engine.rules.catalogue import Catalogue


_HELD = frozenset({"with", "containing", "having", "including", "both"})
"""Words behind which "an order" is told by what it holds."""


class Reading:
    """The state of one clause that is read, and what every part of the reader does with it."""

    def __init__(self, text: Text, catalogue: Catalogue, context: Context) -> None:
        self._text, self._catalogue = text, catalogue
        self._context = context

    def _begin(self, lexemes: Sequence[Lexeme], *, denied: bool) -> None:
        self._lexemes = lexemes
        first = [one for one in lexemes if one.kind is not Kind.FILLER]
        self._clause = Clause(lexemes[0].first, lexemes[-1].end)
        self._clause.who = bool(first) and first[0].kind is Kind.WHO
        self._level = Level.WHO if self._clause.who else Level.BEFORE
        self._asked, self._context.asked = self._context.asked, False
        if lexemes[-1].kind is Kind.HAVE or self._said(lexemes[-1]) == "with":
            self._context.asked = True
        self._frame: Frame | None = None
        self._quantities: list[Quantity] = []
        self._times: list[tuple[Time, int, int]] = []
        self._values: list[Lexeme] = []
        self._denial: Lexeme | None = None
        self._denied = denied
        self._flags: list[Lexeme] = []
        self._at = 0

    def _said(self, lexeme: Lexeme) -> str:
        return " ".join(token.word for token in self._text.tokens[lexeme.first : lexeme.end])

    def _problem(self, lexeme: Lexeme, reason: str = "") -> None:
        self._clause.problems.append(Problem(lexeme.first, lexeme.end, reason))

    def _noun(self) -> None:
        if self._predicated():
            at = self._at - 1
            if is_thing(self._lexemes, at, self._text):
                self._problem(self._lexemes[at], "described")
            return  # "who are gold members" tells what they are, not whom it is about
        self._clause.noun = True
        if self._level is Level.BEFORE:
            self._level = Level.BEHIND

    def _predicated(self) -> bool:
        """Whether a verb stands before the lexeme that is read."""
        before = self._lexemes[: max(self._at - 1, 0)]
        return any(one.among(Kind.BE, Kind.HEAD) for one in before)

    def _deny(self) -> tuple[bool, int | None]:
        """Use up the "not" that was read."""
        denial, self._denial = self._denial, None
        negated = (denial is not None) != self._denied
        self._clause.negated = self._clause.negated or negated
        return negated, denial.first if denial else None

    def _add(self, tree: Tree | None, first: int, end: int, *, verb: bool) -> None:
        if tree is None:
            self._clause.problems.append(Problem(first, end))
        else:
            self._clause.items.append(Item(self._level, tree, verb))

    def _start(self, frame: Frame, *, flip: bool = False) -> None:
        negated, first = self._deny()
        if flip and first is not None:
            self._clause.problems.append(Problem(first, frame.end, "double", fatal=True))
        frame.negated = negated != flip
        self._clause.negated = self._clause.negated or flip
        if first is not None:
            frame.reach(first, frame.end)
        self._frame = frame
        for flag in self._flags:
            if flag.key == "multiple" and frame.of_orders and frame.count is None:
                frame.count = Quantity(
                    "greater_or_equal", Decimal(2), unit="orders", first=flag.first, end=flag.end
                )
            if flag.key not in {"campaign", "multiple"}:
                frame.flags.add(flag.key)
            frame.reach(flag.first, flag.end)
        kept = {"campaign"} if frame.of_orders else {"campaign", "multiple"}
        self._flags = [one for one in self._flags if one.key in kept]
        self._quantities = [
            one
            for one in self._quantities
            if (first is not None and one.first < first)  # "5k+, no order": not one of 5k
            or not frame.take_quantity(one)
        ]
        for time in list(self._times):
            if frame.take_time(time[0]):
                frame.led = True
                frame.reach(time[1], time[2])
                self._times.remove(time)
        for value in list(self._values):
            if frame.of_orders and self._take_values(frame, value):
                self._values.remove(value)

    def _close(self) -> None:
        """End the frame that is open, and let values that wait stand for themselves."""
        frame, self._frame = self._frame, None
        if frame is not None:
            tree = finished(frame)
            if "named" in frame.flags:
                tree = self._named_buyers(tree)
            empty = (
                frame.head in {"order", "spend"} and frame.bare and not (frame.values or frame.time)
            )
            if empty and not frame.negated and self._clause.problems and not frame.flags:
                self._clause.problems.append(Problem(frame.first, frame.end))
            elif tree is None and (
                frame.head == "birthday" or (frame.head == "born" and frame.time is not None)
            ):
                self._clause.problems.append(
                    Problem(frame.first, frame.end, "birthday", fatal=frame.negated)
                )
            elif tree is None and frame.head in {"new", "active", "inactive"}:
                self._clause.problems.append(
                    Problem(frame.first, frame.end, "vague", fatal=frame.negated)
                )
            else:
                self._add(tree, frame.first, frame.end, verb=True)
            if tree is not None:
                self._context.frame = frame
            if tree is not None and frame.time is not None:
                self._context.time = frame.time

    def _named_buyers(self, tree: Tree | None) -> Tree | None:
        """As in "Wholesale buyers": who is named so need not have bought anything."""
        bare = Purchase(measure="count")
        if not isinstance(tree, Purchase) or replace(tree, first=0, end=0) != bare:
            return tree
        said = self._text.phrase(tree.first, tree.end)
        options = (("nothing more", EVERYONE), ("who has ordered", tree))
        return Fork(said, f"What does “{said}” say?", options)

    def _for_later(self, given: Quantity) -> bool:
        """Whether what a number measures is named right behind it: "over 500 loyalty points"."""
        for lexeme in self._lexemes[self._at : self._at + 4]:
            if lexeme.kind is Kind.FIELD and lexeme.key in self._catalogue.fields:
                kind = self._catalogue.fields[lexeme.key].type.value
                return kind in {"number", "money"} and given.unit in {"", "items"}
            if lexeme.means(Kind.HEAD, "total_spend", "average", "maximum", "minimum", "random"):
                after = self._lexemes[self._at :]
                return not any(one.kind is Kind.QUANTITY for one in after[after.index(lexeme) :])
            if not lexeme.among(Kind.PREP, Kind.FILLER):
                return False
        return False

    def _order_ahead(self) -> bool:
        """Whether a head that takes what orders have follows in this clause."""
        for lexeme in self._lexemes[self._at :]:
            if lexeme.kind is Kind.WHO:
                return False
            if lexeme.kind is Kind.HEAD:
                return lexeme.key in ORDER_HEADS or lexeme.key in {
                    "spend",
                    "total_spend",
                    "average",
                    "order_count",
                }
            if lexeme.kind is Kind.QUANTITY and lexeme.key == "orders":
                return True
        return False

    def _remember(self, values: Values) -> None:
        kinds = tuple(one for one in values.options if one[0] == "orders.category")
        if kinds:
            self._context.values = replace(values, options=kinds)

    def _take_values(self, frame: Frame, lexeme: Lexeme) -> bool:
        values = lexeme.data
        if not isinstance(values, Values):
            return False
        kept = tuple(one for one in values.options if one[0].startswith("orders."))
        taken = {one.fields[0] for one in frame.values}
        if not kept or kept[0][0] in taken:
            return False
        each = values.joined == "and" and any(self._said(one) == "each" for one in self._lexemes)
        joined = "both" if lexeme.key == "both" or each else values.joined
        with_it = lexeme.first and self._text.tokens[lexeme.first - 1].word in _HELD
        if with_it and "single" in frame.flags:
            frame.flags.add("each")
        frame.values.append(replace(values, options=kept[:1], joined=joined))
        frame.reach(lexeme.first, lexeme.end)
        return True
