"""Heads of conditions in a clause, such as "ordered" and "total spend", and their denial."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.ai.grammar.clauses import ORDER_HEADS, SILENT, Problem
from engine.ai.grammar.field_reading import FieldReading
from engine.ai.grammar.finishing import finished
from engine.ai.grammar.frames import Frame
from engine.ai.grammar.lexemes import Kind, Lexeme
from engine.ai.grammar.lexicon import BARE_NOT, PERFECT_NOT
from engine.ai.grammar.quantities import Quantity
from engine.ai.grammar.tree import Named

if TYPE_CHECKING:
    from engine.ai.grammar.lexemes import Text

_BEFORE_VERBS = frozenset(
    {
        *("to", "not", "didnt", "did", "dont", "do", "doesnt", "who", "that", "never", "and"),
        *("or", "which", "people", "customers", "they", "users"),
    }
)
"""Words behind which "order" is something people do."""
_ORDERS = frozenset({"order", "orders", "transaction", "transactions", "txn", "txns"})
_ONE = frozenset({"a", "an", "one", "single", "same"})
_SPENDING = frozenset({"spend", "spends", "spending"})
_NOTHING = frozenset({"nothing", "none", "nil", "zero"})


def is_verb(lexeme: Lexeme, text: Text) -> bool:
    """Whether a head is what people do, rather than the "order" that they placed."""
    before = text.tokens[lexeme.first - 1].word if lexeme.first else ""
    return text.phrase(lexeme.first, lexeme.end).casefold() != "order" or before in _BEFORE_VERBS


class HeadReading(FieldReading):
    """Reads heads, and "not"."""

    def _not(self, lexeme: Lexeme) -> None:
        frame = self._frame
        if (
            self._said(lexeme) in _NOTHING
            and frame is not None
            and frame.bare
            and not frame.negated
        ):
            frame.negated = self._clause.denies = self._clause.negated = True
            frame.reach(lexeme.first, lexeme.end)
            return
        after = self._lexemes[self._at] if self._at < len(self._lexemes) else None
        object_ = after is not None and after.among(Kind.VALUE, Kind.TIME, Kind.QUANTITY)
        neither = self._said(lexeme) == "neither" and (after is None or after.kind is Kind.TIME)
        object_ = object_ or neither
        fresh = frame is not None and frame.end == lexeme.first and frame.head == "order"
        denies_object = (
            fresh
            and object_
            and frame is not None
            and frame.bare
            and not frame.values
            and frame.time is None
        )
        if frame is not None and not frame.negated and (finished(frame) is None or denies_object):
            frame.negated = self._clause.denies = self._clause.negated = True
            frame.reach(lexeme.first, lexeme.end)
            if neither:
                self._neither(frame, lexeme)
            return
        if self._denial is not None:
            self._clause.problems.append(
                Problem(self._denial.first, lexeme.end, "double", fatal=True)
            )
        self._close()
        self._denial = lexeme
        self._clause.denies = True
        self._clause.bare = self._said(lexeme) in BARE_NOT
        self._clause.perfect = self._said(lexeme) in PERFECT_NOT

    def _neither(self, frame: Frame, lexeme: Lexeme) -> None:
        """As in "... and bought neither this year": none of what was named before."""
        past = self._context.values
        if past is None or len(past.options[0][1]) < 2:  # noqa: PLR2004 - "neither" is of two
            self._clause.problems.append(Problem(lexeme.first, lexeme.end, fatal=True))
        else:
            frame.values.append(replace(past, joined="or"))

    def _head(self, lexeme: Lexeme) -> None:
        key = lexeme.key
        if key in {"birthday", "born"} and self._present(replace(lexeme, key="birth_date")):
            return
        if self._absorbed(lexeme):
            return
        self._close()
        if key == "only_order":
            self._single()
        if key == "one_time" and self._amount_of_one(lexeme):
            key = "order_base"
        if key == "order_base" or self._said(lexeme) in {"spend", "pay"}:
            self._clause.bare_verb = True
        heads = {"total_spend": "spend", "only_order": "last", "gap_verb": "gap"}
        head = "order" if key in ORDER_HEADS else heads.get(key, key)
        frame = Frame(head, lexeme.first, lexeme.end)
        frame.noun, frame.counts = self._counts(lexeme)
        frame.since = key == "tenure" and self._said(lexeme).endswith("since")
        if key == "buyers":
            self._noun()
            self._buyers(frame)
        frame.flags |= self._marks(lexeme)
        self._start(frame, flip=key == "never_ordered")
        if key in {"repeat", "one_time"} and frame.count is None:
            op, least = ("greater_or_equal", 2) if key == "repeat" else ("equals", 1)
            if frame.negated and self._said(lexeme).endswith((" order", " purchase")):
                op = ""  # "not a single order"
            frame.flags.add(key)
            frame.count = Quantity(
                op, Decimal(least), unit="times", first=lexeme.first, end=lexeme.end
            )

    def _marks(self, lexeme: Lexeme) -> set[str]:
        """Return what a head says beside what it is."""
        said, key = self._said(lexeme), lexeme.key
        found = {"every"} if key == "gap_verb" else set()
        if key == "total_spend" and said != "business":
            found.add("ever")
        article = self._text.tokens[lexeme.first - 1].word if lexeme.first else ""
        words = said.split()
        if words[-1] in _ORDERS and ("an" in words or "a" in words or article in _ONE):
            found.add("single")
        figure = "spender" not in said if key == "total_spend" else said in _SPENDING
        return {*found, "figure"} if figure else found

    def _buyers(self, frame: Frame) -> None:
        """Mark the buyers of "wholesale buyers", of whom a tag or an attribute tells more."""
        named = self._clause.items[-1].tree if self._clause.items else None
        if not isinstance(named, Named) or named.end != frame.first:
            return
        if named.values.fields[0].startswith(("tags", "attributes.")):
            frame.flags.add("named")

    def _single(self) -> None:
        """As in "Whose only order": they have one."""
        lexeme = self._lexemes[self._at - 1]
        one = Quantity("equals", Decimal(1), unit="orders", first=lexeme.first, end=lexeme.end)
        single = Frame("order", lexeme.first, lexeme.end, count=one)
        self._add(finished(single), lexeme.first, lexeme.end, verb=True)

    def _amount_of_one(self, lexeme: Lexeme) -> bool:
        """Whether "a single order" is told by its amount: "a single order over 5,000"."""
        after = next((one for one in self._lexemes[self._at :] if one.kind not in SILENT), None)
        words = self._said(lexeme).split()
        amount = after.data if after is not None else None
        return (
            words[-1] in {"order", "purchase"} and isinstance(amount, Quantity) and not amount.unit
        )

    def _absorbed(self, lexeme: Lexeme) -> bool:
        """Whether a head says nothing but what the one before it said."""
        frame = self._frame
        if frame is None:
            return False
        if lexeme.key == "one_time" and frame.head == "order" and frame.count is None:
            op = "" if frame.negated else "equals"
            frame.count = Quantity(op, Decimal(1), unit="times", first=lexeme.first, end=lexeme.end)
        elif lexeme.key == "total_spend" and frame.head == "order" and frame.bare and frame.counts:
            frame.flags.add("in_total")
        elif lexeme.key in {"orders", "order_base"} and frame.head == "order":
            noun, counts = self._counts(lexeme)
            frame.noun, frame.counts = frame.noun or noun, frame.counts or counts
        elif not (
            (
                lexeme.key in {"orders", "order_base"}
                and frame.head in {"spend", "birthday", "active"}
            )
            or (lexeme.key == "buyers" and frame.head == "order" and frame.time is None)
            or (lexeme.key == "order" and frame.head == "order" and frame.noun)
            or (lexeme.key == "total_spend" and frame.head == "spend" and frame.amount is None)
            or (lexeme.key == "order" and frame.head == "items_total" and frame.units is None)
        ):
            return False
        if lexeme.key == "buyers":
            self._noun()
        frame.reach(lexeme.first, lexeme.end)
        return True

    def _counts(self, lexeme: Lexeme) -> tuple[bool, bool]:
        """Whether a head names single orders, whose amount may follow, and whether it counts."""
        words = self._said(lexeme).split()
        orders = words[-1] in _ORDERS and (words != ["order"] or not is_verb(lexeme, self._text))
        before = self._text.tokens[lexeme.first - 1].word if lexeme.first else ""
        single = words[-1] == "purchase" and (
            words[0] in {"a", "an", "single"} or "a" in words or before in {"a", "single", "one"}
        )
        noun = orders or single
        return noun, noun or words[-1] in {"purchase", "purchases", "bookings", "sales"}
