"""Values in a clause: conditions of their own, or filters of what is said of orders."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from engine.ai.grammar.clauses import Level, Problem
from engine.ai.grammar.describing import describes, lists_on
from engine.ai.grammar.frames import Frame
from engine.ai.grammar.lexemes import Kind, Lexeme
from engine.ai.grammar.quantity_reading import QuantityReading
from engine.ai.grammar.tree import Named, Negation, Test, Values

if TYPE_CHECKING:
    from engine.ai.grammar.tree import Tree

_WHOLE = frozenset({"last", "first"})
"""Heads that know when an order was, and nothing else of it."""


class ValueReading(QuantityReading):
    """Reads values."""

    def _value(self, lexeme: Lexeme, values: Values) -> None:
        described = describes(self._lexemes, self._at - 1, self._frame, self._text)
        alone = self._at == len(self._lexemes)
        if described or (alone and lists_on(lexeme, self._context.frame, self._text)):
            self._problem(lexeme, "described")
        elif "tags" in values.fields and self._by(lexeme):
            self._clause.problems.append(Problem(lexeme.first, lexeme.end + 1, fatal=True))
        else:
            self._who_or_what(lexeme, values)

    def _who_or_what(self, lexeme: Lexeme, values: Values) -> None:
        of_orders = any(name.startswith("orders.") for name in values.fields)
        self._remember(values)
        ordered = all(name.startswith("orders.") for name in values.fields)
        whole = self._frame is not None and self._frame.head in _WHOLE
        if self._frame is not None and whole and (ordered or (of_orders and not self._frame.time)):
            self._clause.problems.append(
                Problem(self._frame.first, lexeme.end, "of_one", fatal=True)
            )
            return
        if of_orders and self._frame is not None and self._frame.of_orders:
            if self._take_values(self._frame, lexeme) or self._again_values(self._frame, values):
                return
        elif of_orders and self._frame is None and self._order_ahead():
            self._values.append(lexeme)
            return
        past = self._context.frame
        told = values.fields == ("orders.status",)  # "had a refund" is a condition by itself
        ever = any(one.means(Kind.FLAG, "ever") for one in self._lexemes[self._at :])
        own = told or ever  # "no Electronics ever" is a condition by itself, too
        if of_orders and not own and self._frame is None and past is not None and past.of_orders:
            self._values.append(lexeme)
            return
        if self._frame is not None and self._frame.head == "birthday":
            self._problem(lexeme)
            return
        ahead = any(
            one.among(Kind.TIME, Kind.QUANTITY)
            or one.means(Kind.FLAG, "ever")
            or (isinstance(one.data, Values) and one.data.fields == ("orders.channel",))
            for one in self._lexemes[self._at :]
        )
        alone = all(name.startswith("orders.") for name in values.fields)
        if (
            of_orders
            and self._frame is None
            and (alone or ahead or self._times or self._quantities)
        ):
            counted = values.fields[0] == "orders.status"
            frame = Frame("order", lexeme.first, lexeme.end, noun=counted, counts=counted)
            self._start(frame)
            if self._take_values(frame, lexeme):
                return
        self._named(lexeme, values)

    def _by(self, lexeme: Lexeme) -> bool:
        """Whether who did it follows: "referred by a vip" is not who is a vip."""
        behind = self._text.tokens[lexeme.end : lexeme.end + 1]
        return bool(behind) and behind[0].word == "by"

    def _again_values(self, frame: Frame, values: Values) -> bool:
        """As in "Online, on the app": a field said twice, of which the narrower counts."""
        for at, taken in enumerate(frame.values):
            field = taken.fields[0]
            if field not in values.fields:
                continue
            both = [one for one in taken.of(field) if one in values.of(field)]
            if both:
                frame.values[at] = replace(taken, options=((field, tuple(both)),))
                frame.reach(values.first, values.end)
            else:
                self._clause.problems.append(Problem(values.first, values.end, fatal=True))
            return True
        return False

    def _named(self, lexeme: Lexeme, values: Values) -> None:
        denial = self._denial
        if denial is not None and any(first > denial.first for _, first, _ in self._times):
            # "but not in 2026 in Pune" denies the time, and leaves open where the rest belongs
            self._clause.problems.append(Problem(denial.first, lexeme.end, fatal=True))
        negated, first = self._deny()
        start = lexeme.first if first is None else first
        if lexeme.key == "both":
            values = replace(values, joined="both")
        tree = Named(values=values, negated=negated, first=start, end=lexeme.end)
        outcome = self._outcome() if values.fields[0] == "campaign" else ""
        tree = replace(tree, outcome=outcome)
        if values.fields[0] == "gender" and self._level is Level.BEFORE and not self._predicated():
            self._clause.noun = True
            self._add(tree, start, lexeme.end, verb=False)
            self._level = Level.BEHIND
        else:
            self._add(tree, start, lexeme.end, verb=False)
        self._context.named = tree

    def _outcome(self) -> str:
        said = {token.word for token in self._text.tokens[self._clause.first : self._clause.end]}
        for word, outcome in (
            ("targeted", "targeted"),
            ("delivered", "delivered"),
            ("failed", "failed"),
            ("converted", "converted"),
            ("held", "held_out"),
        ):
            if word in said:
                return outcome
        return "sent"

    def _test(self, lexeme: Lexeme, op: str, end: int = 0, text: str | None = None) -> None:
        negated, first = self._deny()
        start = lexeme.first if first is None else first
        test = Test(
            field=lexeme.key, op=op, text=text, negated=negated, first=start, end=end or lexeme.end
        )
        self._add(test, start, end or lexeme.end, verb=False)
        self._context.test = test

    def _address(self, lexeme: Lexeme, address: str) -> None:
        """As in "Gmail users": who has an address at a domain."""
        if not address.startswith("@"):
            self._problem(lexeme, "one_person")
            return
        self._test(replace(lexeme, key="email"), "ends_with", lexeme.end, address)

    def _group(self, lexeme: Lexeme) -> None:
        self._close()
        negated, first = self._deny()
        tree = cast("Tree", lexeme.data)
        whole = Negation(tree) if negated else tree
        self._add(whole, lexeme.first if first is None else first, lexeme.end, verb=False)
