"""Words in a clause that point back, and words that mean more than they seem: "only", "any"."""

from __future__ import annotations

from dataclasses import replace

from engine.ai.grammar.clauses import ORDER_HEADS, SILENT, Problem
from engine.ai.grammar.head_reading import HeadReading
from engine.ai.grammar.lexemes import Kind, Lexeme
from engine.ai.grammar.times import Days, Recent, referred
from engine.ai.grammar.tree import Named, Values

BACK = frozenset(
    {
        "any",
        "either",
        "it",
        "them",
        "these",
        "those",
        "some",
        "one",
        "any of them",
        "either of them",
    }
)
_TOLD = frozenset({"orders.channel", "orders.category", "orders.sku"})


class PointingReading(HeadReading):
    """Reads words that point back."""

    def _again(self, lexeme: Lexeme, which: str) -> None:
        """As in "In that time", "not since", "before that": the time that was said last."""
        if which == "after" and any(one.kind is Kind.TIME for one in self._lexemes):
            return  # "has since bought nothing in the last 4 months"
        past = self._context.time
        if self._times:
            past = self._times[-1][0]
        if (
            which == "after"
            and isinstance(past, Days)
            and past.first
            and "since" in self._said(lexeme).split()
            and self._said(lexeme) != "since"
        ) and not (self._denial is not None or (self._frame is not None and self._frame.negated)):
            past, which = replace(past, last=None), "same"
        denied = self._denial is not None or (self._frame is not None and self._frame.negated)
        if which == "after" and isinstance(past, Recent) and not past.older and not denied:
            which = "same"
        time = referred(past, which) if past is not None else None
        if time is None:
            if self._said(lexeme) not in {"then", "later on", "afterwards"}:
                self._problem(lexeme)
            return
        self._time(lexeme, time)

    def _only(self, lexeme: Lexeme) -> None:
        """Take "only" for emphasis where it says who; of what was bought it asks for more."""
        said = self._said(lexeme)
        if said not in {"only", "just"}:
            self._problem(lexeme)
            return
        following = self._next()
        people = following is not None and following.kind is Kind.NOUN
        before = self._lexemes[self._at - 2] if self._at > 1 else lexeme
        if people and not _of_orders(before):
            return  # "only people who ...", but not in "app only customers"
        after = [one for one in self._lexemes[self._at :] if one.kind not in SILENT]
        frame = self._frame
        filtered = bool(self._values) or (frame is not None and bool(frame.values))
        items = self._clause.items
        named = items[-1].tree if items and not after else None
        listed = isinstance(named, Named) and self._several(named.values)
        listed = listed or (
            bool(after)
            and any(isinstance(one.data, Values) and self._several(one.data) for one in after)
            and after[0].kind is Kind.FIELD
        )
        counted = bool(after) and after[0] is following and after[0].kind is Kind.QUANTITY
        behind = filtered and _of_orders(before) and not counted
        bought = any(one.means(Kind.HEAD, *ORDER_HEADS) for one in after)
        next_time = bool(after) and after[0].kind is Kind.TIME and frame is not None
        next_value = bool(after) and _of_orders(after[0])
        if (
            (bought and not counted)
            or behind
            or next_time
            or next_value
            or (filtered and not after)
            or listed
        ):
            if self._nothing_else(lexeme):
                self._flag(replace(lexeme, kind=Kind.FLAG, key="nothing_else"))
            else:
                self._clause.problems.append(Problem(lexeme.first, lexeme.end, "only"))

    def _next(self) -> Lexeme | None:
        return self._lexemes[self._at] if self._at < len(self._lexemes) else None

    def _nothing_else(self, lexeme: Lexeme) -> bool:
        """Whether "only" stands beside all that is told of orders: "bought only on the app"."""
        told = [one for one in self._lexemes if _of_orders(one)]
        values = told[0].data if told else None
        if not isinstance(values, Values):
            return False
        heads = any(one.means(Kind.HEAD, *ORDER_HEADS) for one in self._lexemes)
        known = heads or len(values.fields) == 1
        if not known or values.fields[-1] not in _TOLD or values.joined in {"and", "both"}:
            return False
        later = (one for one in self._lexemes[self._at :] if one.kind not in SILENT)
        if (behind := next(later, None)) is not None and behind.kind is Kind.TIME:
            return False  # "bought Footwear only in 2025"
        first, end = sorted((self._lexemes.index(lexeme), self._lexemes.index(told[0])))
        return all(
            one.kind in SILENT or one.means(Kind.HEAD, *ORDER_HEADS)
            for one in self._lexemes[first + 1 : end]
        )

    def _several(self, values: Values) -> bool:
        """Whether a customer has several such values, of which "only" would leave out the rest."""
        field = values.fields[0]
        known = self._catalogue.fields.get(field)
        return known is not None and known.type.value == "list" and field != "tags"

    def _all_of_orders(self) -> bool:
        """Whether "all" is said of orders: "at least 3 orders, all on the app"."""
        after = next((one for one in self._lexemes[self._at :] if one.kind not in SILENT), None)
        of_orders = (
            after is not None
            and isinstance(after.data, Values)
            and after.data.fields == (after.data.fields[0],)
        )
        return bool(
            of_orders
            and after
            and str(after.key).startswith("orders.")
            and self._context.frame is not None
        )

    def _at_all(self) -> bool:
        """Whether "all" ends "at all": "no orders at all in 2026", but not "at all 3 stores"."""
        before = self._lexemes[self._at - 2] if self._at > 1 else None
        after = self._lexemes[self._at] if self._at < len(self._lexemes) else None
        at = before is not None and self._said(before) == "at"
        return at and (after is None or after.kind is Kind.TIME)

    def _points_back(self, lexeme: Lexeme) -> bool:
        frame = self._frame
        before = self._lexemes[self._at - 2] if self._at > 1 else lexeme
        behind = self._said(before) in {"on", "of", "from"} and self._said(lexeme) != "one"
        if frame is None:
            return behind and self._denial is not None  # "nothing from either in 2026"
        if not frame.of_orders or frame.values:
            return False
        if behind:
            return True
        if frame.end != lexeme.first:
            return False
        after = self._lexemes[self._at] if self._at < len(self._lexemes) else None
        ends = (Kind.TIME, Kind.PREP, Kind.AGAIN, Kind.SINCE, Kind.BEFORE)
        return after is None or after.among(*ends)

    def _back(self, lexeme: Lexeme) -> None:
        """As in "... never bought any": of what was named before."""
        past = self._context.values
        if self._frame is not None and past is not None:
            frame, several = self._frame, len(past.options[0][1]) > 1
            frame.values.append(replace(past, joined="or" if several else ""))
            frame.reach(lexeme.first, lexeme.end)
            timed = any(
                one.among(Kind.TIME, Kind.BEFORE) or one.means(Kind.FLAG, "ever", "in_total")
                for one in self._lexemes
            )
            if self._said(lexeme) in {"it", "them"} and not timed and not frame.negated:
                frame.time = frame.time or self._context.time
        elif past is not None:
            data = replace(past, joined="or" if len(past.options[0][1]) > 1 else "")
            self._values.append(replace(lexeme, kind=Kind.VALUE, key=past.fields[0], data=data))
        elif self._said(lexeme) != "any":
            self._problem(lexeme)

    def _flag(self, lexeme: Lexeme) -> None:
        if lexeme.key == "different":
            return
        if lexeme.key == "of_them":
            amounts = [one for one in self._lexemes if one.kind is Kind.QUANTITY]
            if len(amounts) != 1 or amounts[0].end != lexeme.first:
                self._problem(lexeme)  # "one of them above 4,000" tells the amount of one
            return
        frame = self._frame
        if frame is None or lexeme.key == "campaign":
            self._flags.append(lexeme)
            return
        frame.flags.add(lexeme.key)
        frame.reach(lexeme.first, lexeme.end)
        if lexeme.key == "each" and frame.amount is not None and frame.each is None:
            frame.each, frame.amount = frame.amount, None
        if lexeme.key == "in_total" and frame.each is not None and frame.amount is None:
            frame.amount, frame.each = frame.each, None


def _of_orders(lexeme: Lexeme) -> bool:
    values = lexeme.data
    return isinstance(values, Values) and values.fields[-1].startswith("orders.")
