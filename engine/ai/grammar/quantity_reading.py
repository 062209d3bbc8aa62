"""Numbers and times in a clause: to the condition that is open, or to wait for one."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.ai.grammar.clauses import LARGE, SILENT, Problem
from engine.ai.grammar.frames import Frame
from engine.ai.grammar.lexemes import Kind, Lexeme
from engine.ai.grammar.quantities import Quantity
from engine.ai.grammar.reading import Reading
from engine.ai.grammar.times import Recent, same_time
from engine.ai.grammar.tree import Aged

if TYPE_CHECKING:
    from engine.ai.grammar.times import Time


_SURELY_MONEY = 1_000
"""From here on a bare number that stands alone is taken as an amount spent, and said so."""
_IS_NOT = frozenset({"isnt", "arent", "wasnt", "werent", "is not", "are not", "was not", "not"})
_AT_LEAST = "greater_or_equal"
_YOUNGEST, _CENTURY = 13, 100
"""Bare numbers that may be an age."""


class QuantityReading(Reading):
    """Reads numbers and times."""

    def _compared_as_before(self, given: Quantity) -> Quantity:
        """As in "At least one X and one Y": the second one is at least, too."""
        past = self._context.count
        if given.op == "" and given.value == 1 and self._said_one(given) and past in _AT_LEAST:
            return replace(given, op=past)
        if given.unit in {"times", "orders", ""} and not given.currency and given.value < LARGE:
            self._context.count = given.op
        return given

    def _compared_behind(self, lexeme: Lexeme) -> bool:
        """Take a comparison that stands behind: "1 order in the last year exactly"."""
        frame = self._frame
        if frame is None or self._at < len(self._lexemes) or lexeme.key == "about":
            return False
        for slot in ("count", "amount", "each", "units"):
            given = getattr(frame, slot)
            if isinstance(given, Quantity) and not given.op:
                setattr(frame, slot, replace(given, op=lexeme.key))
                frame.reach(lexeme.first, lexeme.end)
                return True
        return False

    def _said_one(self, given: Quantity) -> bool:
        return self._text.tokens[given.first].word == "one"

    def _told(self, given: Quantity) -> Quantity:
        """As in "Points are 100", "spend is not 0": exactly that, not that or more."""
        before = self._lexemes[self._at - 2] if self._at > 1 else None
        if given.op or before is None or self._frame is None:
            return given
        if given.value == 0 and not given.unit:
            return replace(given, op="equals")
        denied = before.kind is Kind.NOT and self._said(before) in _IS_NOT
        field = self._frame.head == "field" and before.kind is Kind.BE
        return replace(given, op="equals") if denied or field else given

    def _quantity(self, given: Quantity) -> None:
        if self._of_several(given):
            self._clause.problems.append(Problem(given.first, given.end, "rate", fatal=True))
            return
        given = self._told(given)
        if self._frame is None and not self._for_later(given) and self._aged(given):
            return
        if self._for_later(given) or self._frame is None or not self._frame.take_quantity(given):
            if (given.unit == "orders" and not self._for_later(given)) or (
                given.unit in {"times", "items", "categories", "skus", "channels"}
                and self._frame is None
                and not self._order_ahead()
                and self._context.frame is None
            ):
                self._open_orders(given)
            else:
                self._quantities.append(given)

    def _of_several(self, given: Quantity) -> bool:
        """Whether a number tells in how many of the last months: "in 3 of the last 6 months"."""
        words = [
            one.word for one in self._text.tokens[given.end : given.end + 3] if one.word != "the"
        ]
        return not given.unit and words[:1] == ["of"] and words[1:2] in (["last"], ["past"])

    def _open_orders(self, given: Quantity) -> None:
        """As in "More than 3 orders" begins a condition by itself."""
        self._close()
        frame = Frame("order", given.first, given.end, noun=given.unit == "orders")
        self._start(frame)
        if not frame.take_quantity(given):
            self._quantities.append(given)

    def _time(self, lexeme: Lexeme, time: Time) -> None:
        years = isinstance(time, Recent) and time.unit == "year" and not time.at and not time.older
        if (
            self._frame is None
            and isinstance(time, Recent)
            and years
            and time.op
            and time.n >= _YOUNGEST
            and (self._behind_people(lexeme.first) or self._alone(lexeme))
        ):
            age = Quantity(
                time.op, Decimal(time.n), unit="years_old", first=lexeme.first, end=lexeme.end
            )
            self._aged(age)
        elif self._frame is not None and (
            self._frame.take_time(time) or same_time(self._frame.time, time)
        ):
            self._frame.reach(lexeme.first, lexeme.end)
        else:
            self._times.append((time, lexeme.first, lexeme.end))

    def _aged(self, given: Quantity) -> bool:
        """As in "Women over 30" says an age."""
        if any(one.means(Kind.HEAD, "born") for one in self._lexemes):
            return False  # "born in the early 90s" is no age
        compared = given.op in {
            *("greater_than", "greater_or_equal", "less_than", "less_or_equal", "between"),
        }
        bare = not (given.unit or given.currency or given.percent)
        guessed = compared and bare and _YOUNGEST <= given.value < _CENTURY
        if given.unit != "years_old" and not (guessed and self._behind_people(given.first)):
            return False
        negated, first = self._deny()
        start = given.first if first is None else first
        guess = given.unit != "years_old"
        aged = Aged(quantity=given, negated=negated, guessed=guess, first=start, end=given.end)
        self._add(aged, start, given.end, verb=False)
        return True

    def _alone(self, lexeme: Lexeme) -> bool:
        """Whether nothing else is said: "not below 25 years"."""
        told = [one for one in self._lexemes if one.kind not in SILENT]
        return told == [lexeme] and self._context.frame is None

    def _behind_people(self, first: int) -> bool:
        told = [one for one in self._lexemes if one.kind not in SILENT]
        if len(told) == 1 and isinstance(told[0].data, Quantity) and told[0].data.op == "between":
            return self._context.frame is None
        after = next(
            (one for one in self._lexemes if one.first > first and one.kind is not Kind.QUANTITY),
            None,
        )
        if (
            after is not None
            and any(one.end == after.first and one.first == first for one in self._lexemes)
            and (
                after.means(Kind.VALUE, "gender")
                or (after.kind is Kind.NOUN and self._frame is None)
            )
        ):
            return True
        for lexeme in self._lexemes:
            if lexeme.end == first:
                return (
                    lexeme.kind is Kind.NOUN
                    or lexeme.means(Kind.VALUE, "gender")
                    or lexeme.kind is Kind.BE
                )
        return False

    def _amounts(self) -> None:
        """As in "5k+" by itself is an amount spent."""
        for given in list(self._quantities):
            large = given.currency or given.value >= _SURELY_MONEY
            if (
                large
                and given.op not in {"", "about", "contradicts"}
                and not given.unit
                and not given.percent
            ):
                frame = Frame("spend", given.first, given.end)
                self._start(frame)
                if given in self._quantities and frame.take_quantity(given):
                    self._quantities.remove(given)
                frame.guessed = True
                self._close()
