"""One clause: a run of lexemes without "and" or "or", read into the conditions it holds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.ai.grammar.clauses import LARGE, SILENT, Clause, Level, Problem
from engine.ai.grammar.frames import Frame
from engine.ai.grammar.lexemes import Kind, Lexeme
from engine.ai.grammar.pointing import BACK, PointingReading
from engine.ai.grammar.quantities import Quantity
from engine.ai.grammar.times import Ahead, Days, Recent, Stretch
from engine.ai.grammar.tree import Group, Named, Purchase, Values

if TYPE_CHECKING:
    from collections.abc import Sequence


_OFTEN = (Kind.TIME, Kind.QUANTITY, Kind.UNIT, Kind.NUMBER, Kind.COUNTED)


class ClauseReader(PointingReading):
    """Reads one clause after the other of a sentence."""

    def read(self, lexemes: Sequence[Lexeme], *, denied: bool = False) -> Clause:
        """Return what the clause holds; ``denied`` where a "not" before it reaches into it."""
        self._begin(lexemes, denied=denied)
        while self._at < len(lexemes):
            lexeme = lexemes[self._at]
            self._at += 1
            self._one(lexeme)
        self._close()
        self._leftovers()
        self._distrust()
        return self._clause

    def _distrust(self) -> None:
        """Take what is said of orders out where a word of the same clause is not understood.

        The word may be what was bought, or how often: without it the rest means something else.
        """
        starts = [one.first for one in self._lexemes if one.kind is Kind.WHO]

        def part(token: int) -> int:
            return sum(start <= token for start in starts)

        unread = {one.end for one in self._clause.problems if not one.reason}
        doubtful = {part(one.first) for one in self._clause.problems}
        kept = []
        for item in self._clause.items:
            first = item.tree.children[0] if isinstance(item.tree, Group) else item.tree
            if isinstance(first, Named):
                of_orders = first.values.fields[-1].startswith("orders.")
                doubted = of_orders and first.first in unread  # "bght electronics"
            else:
                doubted = isinstance(first, Purchase) and part(first.first) in doubtful
            if doubted and isinstance(first, (Named, Purchase)):
                self._clause.problems.append(Problem(first.first, first.end))
            else:
                kept.append(item)
        self._clause.items = kept

    def _one(self, lexeme: Lexeme) -> None:  # noqa: C901, PLR0912, PLR0915 - one branch a kind
        match lexeme.kind:
            case Kind.NOUN:
                self._noun()
            case Kind.WHO:
                self._close()
                self._level = Level.WHO
            case Kind.NOT:
                self._not(lexeme)
            case Kind.HEAD:
                self._head(lexeme)
            case Kind.QUANTITY if isinstance(lexeme.data, Quantity):
                self._quantity(self._compared_as_before(lexeme.data))
            case Kind.TIME if isinstance(lexeme.data, (Days, Recent, Stretch, Ahead)):
                self._time(lexeme, lexeme.data)
            case Kind.VALUE if isinstance(lexeme.data, Values):
                self._value(lexeme, lexeme.data)
            case Kind.FIELD:
                self._field(lexeme)
            case Kind.FLAG:
                self._flag(lexeme)
            case Kind.BEFORE if self._said(lexeme) == "before":
                self._flag(replace(lexeme, key="ever"))
            case Kind.AGAIN:
                self._again(lexeme, lexeme.key)
            case Kind.SINCE | Kind.AFTER if self._at == len(self._lexemes):
                self._again(lexeme, "after")
            case Kind.COMPARE | Kind.POST if self._compared_behind(lexeme):
                pass
            case Kind.COMPARE | Kind.POST if lexeme.key == "equals":
                self._only(lexeme)
            case Kind.TEXT_TEST if lexeme.key == "contains" and self._order_values():
                pass
            case Kind.COMPARE | Kind.POST if self._open_ended(lexeme):
                self._clause.problems.append(Problem(lexeme.first, lexeme.end, fatal=True))
            case Kind.FILLER if self._said(lexeme) == "give" and self._how_often():
                self._problem(lexeme, "action")  # "give 200 points to ..."
            case Kind.FILLER if self._said(lexeme) == "all" and (
                self._at_all() or self._every_order()
            ):
                pass
            case Kind.FILLER if lexeme.key == "every" and self._how_often() and not self._priced():
                self._problem(lexeme, "rate")
            case Kind.FILLER if self._said(lexeme) == "all" and (
                self._all_of_orders() or self._how_often()
            ):
                self._problem(lexeme, "only")
            case Kind.FILLER | Kind.EITHER if self._said(lexeme) in BACK and self._points_back(
                lexeme
            ):
                self._back(lexeme)
            case Kind.GROUP:
                self._group(lexeme)
            case Kind.BOTH if self._all_of_orders() and not self._both():
                self._problem(lexeme, "only")  # "2 orders, both on the app"
            case Kind.BOTH if self._denial is not None and not self._both():
                self._clause.problems.append(Problem(lexeme.first, lexeme.end, fatal=True))
            case Kind.COUNTED if lexeme.key not in {"times", "years_old"}:
                if lexeme.key == "items" and self._quantity_of_each(lexeme):
                    self._at += 1
                elif lexeme.key == "items" and self._verb_follows():
                    self._flag(replace(lexeme, kind=Kind.FLAG, key="quantity"))
            case Kind.MONTH if self._said(lexeme) == "may" and not self._dated():
                pass
            case Kind.LAST if self._said(lexeme) == "past" and self._at == len(self._lexemes):
                self._flag(replace(lexeme, key="ever"))
            case kind if kind in SILENT:
                pass
            case Kind.REFUSED | Kind.ACTION:
                self._problem(lexeme, lexeme.key)
            case Kind.ADDRESS if isinstance(lexeme.data, str):
                self._address(lexeme, lexeme.data)
            case _:
                self._problem(lexeme)

    def _both(self) -> bool:
        """Whether one list follows "not both"; of two different things nothing can be denied so."""
        after = self._lexemes[self._at :]
        return any(one.kind is Kind.VALUE and one.key == "both" for one in after)

    def _quantity_of_each(self, lexeme: Lexeme) -> bool:
        """Take the number behind "quantity": "orders with a quantity above 3"."""
        after = self._lexemes[self._at] if self._at < len(self._lexemes) else None
        given = after.data if after is not None else None
        if not isinstance(given, Quantity) or given.unit or given.currency or not self._frame:
            return False
        return self._frame.take_quantity(replace(given, unit="items", first=lexeme.first))

    def _verb_follows(self) -> bool:
        """Whether pieces are what is counted: "pieces ordered this year: 8 or more"."""
        after = self._lexemes[self._at] if self._at < len(self._lexemes) else None
        return self._frame is None and after is not None and after.means(Kind.HEAD, "order")

    def _order_values(self) -> bool:
        """Whether what orders hold follows: "an order containing Jewellery"."""
        after = self._lexemes[self._at] if self._at < len(self._lexemes) else None
        return (
            self._frame is not None
            and after is not None
            and isinstance(after.data, Values)
            and any(name.startswith("orders.") for name in after.data.fields)
        )

    def _open_ended(self, lexeme: Lexeme) -> bool:
        """Whether a comparison stands behind a value: "gold tier or above"."""
        items = self._clause.items
        return (
            bool(items) and isinstance(items[-1].tree, Named) and items[-1].tree.end == lexeme.first
        )

    def _every_order(self) -> bool:
        """Whether "all" tells the amount of every order: "whose orders are all above 500"."""
        frame = self._frame
        after = self._lexemes[self._at] if self._at < len(self._lexemes) else None
        if frame is None or not (frame.noun and frame.bare) or after is None:
            return False
        if not isinstance(after.data, Quantity) or after.data.unit:
            return False
        frame.head = "every_order"
        return True

    def _dated(self) -> bool:
        """Whether "may" is the month, as a preposition stands before it."""
        before = self._lexemes[self._at - 2] if self._at > 1 else None
        return before is not None and before.among(Kind.PREP, Kind.BOTH)

    def _priced(self) -> bool:
        """Whether "each" stands behind what every order comes to: "above 1,000 each"."""
        before = self._lexemes[self._at - 2] if self._at > 1 else None
        each = self._frame is not None and self._frame.each is not None
        return each and before is not None and before.kind is Kind.QUANTITY

    def _how_often(self) -> bool:
        after = self._lexemes[self._at] if self._at < len(self._lexemes) else None
        return after is not None and after.among(*_OFTEN)

    def _leftovers(self) -> None:
        self._quantities = [one for one in self._quantities if not self._aged(one)]
        own = any(item.verb for item in self._clause.items)
        waits = self._quantities or self._values or (self._times and not own)
        if waits and not self._clause.problems:
            self._inherit()
        self._amounts()
        for value in self._values:
            if isinstance(value.data, Values):
                self._named(value, value.data)
        for given in self._quantities:
            about = "about" if given.op == "about" else ""
            listed = self._of(given.end)  # "two or more of: vip, gold"
            self._clause.problems.append(Problem(given.first, given.end, about, fatal=listed))
        for _, first, end in self._times:
            self._clause.problems.append(Problem(first, end))
        for flag in self._flags:
            named = any(
                isinstance(item.tree, Named) and "campaign" in item.tree.values.fields
                for item in self._clause.items
            )
            if flag.key not in {"in_total", "ever"} and not (flag.key == "campaign" and named):
                self._problem(flag)
        if self._denial is not None:
            self._clause.problems.append(Problem(self._denial.first, self._denial.end, fatal=True))

    def _of(self, at: int) -> bool:
        return at < len(self._text.tokens) and self._text.tokens[at].word == "of"

    def _compared_alike(self, past: Frame) -> None:
        """Compare as the first: "points are 100 or 200", "at least 3 in May and 2 in June"."""
        given = past.amount or past.count
        if given is not None and (
            given.op == "greater_or_equal" or (given.op == "equals" and given is past.amount)
        ):
            self._quantities = [
                replace(one, op=given.op) if one.value and not one.op else one
                for one in self._quantities
            ]

    def _overall(self, past: Frame) -> bool:
        """Whether a figure is of all orders: "5k on Beauty in 2025 or 10k overall"."""
        return any(
            flag.key == "in_total"
            or self._said(flag) == "overall"
            or (flag.key == "ever" and past.time is None)
            for flag in self._flags
        )

    def _inherit(self) -> None:
        """Take the head of an earlier condition: "ordered in 2025 but not in 2026"."""
        past = self._context.frame
        if past is None:
            return
        if past.negated and any(one.end <= past.first for one in self._quantities):
            return
        frame = Frame(
            past.head,
            self._clause.first,
            self._clause.end,
            field=past.field,
            noun=past.noun,
            since=past.since,
        )
        self._compared_alike(past)
        frame.flags |= past.flags - {"ever", "in_total", "nothing_else"}
        frame.counts = past.counts
        frame.elliptic = True
        frame.goes_on = not (self._values or self._quantities or past.negated)
        nothing = self._denial is not None and self._said(self._denial) == "nothing"
        orders = past.head in {"last", "first"} and bool(self._values)
        if orders or (nothing and past.head in {"last", "first", "signup", "tenure"}):
            frame.head = "order"
        if not (self._values or nothing or (self._overall(past) and self._quantities)):
            frame.values = list(past.values)  # but not in "5k on Beauty or 10k overall"
        large = [
            one for one in self._quantities if not one.unit and (one.currency or one.value >= LARGE)
        ]
        if large and past.head == "order" and past.each is None:
            frame.head = "spend"
        own_time = bool(self._times)
        before = len(self._quantities) + len(self._times) + len(self._values)
        never = self._denial is not None and self._said(self._denial) == "never"
        self._start(frame)
        frame.led = False
        if past.head == "order_count":
            frame.head, frame.counts = "order", True
        if past.head == "inactive":
            frame.head = "order"
        if len(self._quantities) + len(self._times) + len(self._values) == before:
            self._frame = None
            return
        if (
            not own_time
            and not never
            and past.time is not None
            and not frame.flags & {"ever", "in_total"}
        ):
            frame.time = past.time
        self._clause.ellipsis = True
        self._close()
