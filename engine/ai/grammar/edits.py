"""Words that change a rule that is there: narrow it, widen it, take out, put one for another."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from engine.ai.grammar.editing import leaves, mapped, narrowed, widened, without
from engine.ai.grammar.lexemes import Kind
from engine.ai.grammar.swaps import Edit, SwapReader
from engine.ai.grammar.times import Recent
from engine.ai.grammar.tree import Values
from engine.domain.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.ai.grammar.choosing import Document
    from engine.ai.grammar.lexemes import Lexeme, Text
    from engine.ai.vocabulary import Vocabulary

RESET = (
    "start over|start again|start afresh|start from scratch|from scratch|begin again|forget that|"
    "forget it|scrap that|discard that|clear it|clear the rule|new rule|reset|replace it with|"
    "replace with|replace everything with|replace the rule with|replace all with|instead show|"
    "start new|clear all|clear everything|scratch that|start fresh|new segment"
)
NARROW = (
    "only|just|only those|only the ones|keep only|keep only those|keep just|keep|limit to|"
    "limit it to|restrict to|restrict it to|narrow to|narrow it to|narrow down to|"
    "narrow it down to|filter to|filter by|of those|of these|from these|from those|among them|"
    "among those|among these|and|and also|and only|but only|also only|now only|now|then|who also|"
    "add a condition that|add the condition that|add a filter|add a filter for|add that|and then|"
    "limit them to|restrict them to|make it only|but keep only|further|additionally|and they|add|"
    "they must|they should|and they must|must|should also"
)
WIDEN = (
    "also include|include also|or include|please include|and include|also add|and also include|"
    "include|add in|or|or also|or else|and also add|extend to|extend it to|widen to|widen it to|"
    "expand to|as well as|plus|or those|or people|or customers|bring in|throw in|and add|or add|"
    "and also those|also bring in|also take in|take in|or even|also those|also people|"
    "also customers|add those|add people|add customers|add everyone|add anyone|and include also|"
    "also want|or anyone|or everyone"
)
REMOVE = (
    "remove|drop|delete|take out|take away|get rid of|lose|no longer filter by|cancel|strike|ditch|"
    "leave out|without|forget|forget about|ignore|remove the|drop the"
)
CHANGE = (
    "change|replace|switch|swap|make|make it|make that|set|set it to|update|use|increase|"
    "decrease|raise|lower|reduce|extend|shorten|change it|change that|turn|put"
)
_PARTS = {"condition", "conditions", "filter", "filters", "criteria", "criterion", "part", "rule",
          "clause", "limit", "requirement", "restriction", "bit", "constraint"}  # fmt: skip


class EditReader:
    """Reads the words that change one rule."""

    def __init__(self, text: Text, vocabulary: Vocabulary, base: Document) -> None:
        self._text, self._base = text, base
        words = [token.word for token in text.tokens]
        self._swaps = SwapReader(words, vocabulary, base)

    def read(self, lexemes: Sequence[Lexeme]) -> Edit:
        """Return the edit.

        ``lexemes`` are those of all the words, with each value by itself.
        """
        if end := self._begins(RESET):
            return Edit(self._behind(end), reset=True, note="The rule was begun anew.")
        if found := self._swaps.read(lexemes, self._begins(CHANGE)):
            return found
        if end := self._begins(REMOVE):
            found = self._removed(lexemes, end)
            if found is not None:
                return found
        if end := self._begins(WIDEN):
            start = self._behind(end)
            return Edit(start, widened, note="What was described was added to the rule, as “or”.")
        end = self._begins(NARROW)
        last = len(self._text.tokens) - 1
        if last > 0 and self._text.tokens[last].word == "instead":
            return Edit(self._behind(end), narrowed, end=last, takes_place=True)
        return Edit(self._behind(end), narrowed, unsaid=not end)

    def _begins(self, phrases: str) -> int:
        """Return how many tokens the longest of these phrases takes at the beginning."""
        words = [token.word for token in self._text.tokens]
        skip = 0
        while skip < len(words) and words[skip] in {
            "please",
            "now",
            "ok",
            "okay",
            "pls",
            "kindly",
            "then",
            "no",
            ",",
            "so",
            "lets",
            "let",
            "us",
        }:
            skip += 1
        best = 0
        for phrase in phrases.split("|"):
            parts = phrase.split()
            if words[skip : skip + len(parts)] == parts:
                best = max(best, len(parts))
        return skip + best if best else 0

    def _behind(self, token: int) -> int:
        """Return the token, or the one behind a colon or comma there."""
        tokens = self._text.tokens
        while token and token < len(tokens) and tokens[token].text in {",", ":", ";", ".", "-"}:
            token += 1
        return token

    # --- taking out --------------------------------------------------------------------------

    def _removed(self, lexemes: Sequence[Lexeme], end: int) -> Edit | None:
        rest = [one for one in lexemes if one.first >= end]
        part = bool(_PARTS & {token.word for token in self._text.tokens[end:]})
        people = any(one.kind is Kind.NOUN for one in rest)
        test = self._test(rest)
        named = any(isinstance(one.data, Values) for one in rest)
        first = self._text.tokens[end - 1].word
        if (
            test is None
            or (people and not part)
            or (first in {"without", "out"} and not part and not self._held(rest))
        ):
            return (
                self._left_out(end, named=named)
                if not part
                else Edit(missing="The rule has no such condition.")
            )
        held = [leaf for leaf in leaves(self._base) if test(leaf)]
        if not held:
            if named and not part:
                return self._left_out(end, named=True)
            return Edit(missing="The rule has no such condition.")
        kept = without(self._base, test)
        kept = self._without_values(rest) or kept
        return Edit(made=kept or {"all": []}, note="The condition was taken out of the rule.")

    def _left_out(self, end: int, *, named: bool) -> Edit | None:
        """As in "Remove the wholesale ones" leaves people out."""
        if not named:
            return None
        start = self._behind(end)

        def join(base: Document, more: Document) -> Document:
            return narrowed(base, {"not": more})

        return Edit(start, join, note="Whom the words describe was left out of the rule.")

    def _held(self, rest: Sequence[Lexeme]) -> bool:
        test = self._test(rest)
        return test is not None and any(test(leaf) for leaf in leaves(self._base))

    def _test(self, rest: Sequence[Lexeme]) -> Callable[[Document], bool] | None:
        for one in rest:
            if isinstance(one.data, Values):
                return partial(_names, pairs=_pairs(one.data))
            if one.kind is Kind.FIELD:
                return partial(_about, names=frozenset({one.key}))
            if one.kind is Kind.HEAD and (fields := _FIELDS_OF.get(one.key)):
                return partial(_about, names=fields)
            if isinstance(one.data, Recent):
                return partial(_lasts, span={"n": one.data.n, "unit": one.data.unit})
        for token in self._text.tokens:
            if fields := _WORDS_OF.get(token.word):
                return partial(_about, names=fields)
        return None

    def _without_values(self, rest: Sequence[Lexeme]) -> Document | None:
        """Take a value out of a list that holds others too."""
        named = next((one.data for one in rest if isinstance(one.data, Values)), None)
        if named is None:
            return None
        gone = {fold(value) for _, some in named.options for value in some}

        def change(leaf: Document) -> Document:
            value = leaf.get("value")
            if (
                isinstance(value, list)
                and (kept := [one for one in value if fold(str(one)) not in gone])
                and len(kept) < len(value)
            ):
                return {**leaf, "value": kept}
            return leaf

        found = mapped(self._base, change)
        return found if found != self._base else None


_SPENT = frozenset({"total_spend", "sum"})
_ORDERED = frozenset(
    {"order_count", "last_order_at", "first_order_at", "days_since_last_order", "count", "distinct"}
)
_FIELDS_OF: dict[str, frozenset[str]] = {
    **dict.fromkeys(("spend", "total_spend"), _SPENT),
    **dict.fromkeys(("order", "order_base", "orders", "order_count"), _ORDERED),
    **dict.fromkeys(("age", "birthday", "born"), frozenset({"birth_date"})),
    **dict.fromkeys(("signup", "tenure"), frozenset({"signed_up_at"})),
    **dict.fromkeys(("last", "inactive"), frozenset({"last_order_at", "days_since_last_order"})),
    "first": frozenset({"first_order_at"}),
    "average": frozenset({"average_order_value", "average"}),
    "maximum": frozenset({"maximum"}),
    "gap": frozenset({"days_between"}),
}
_WORDS_OF: dict[str, frozenset[str]] = {
    "money": _SPENT,
    "amount": _SPENT,
    "category": frozenset({"category"}),
    "channel": frozenset({"channel"}),
    "random": frozenset({"random_bucket"}),
    "segment": frozenset({"segment"}),
    "campaign": frozenset({"campaign"}),
}


def _pairs(values: Values) -> set[tuple[str, str]]:
    return {
        (field.removeprefix("orders."), fold(value))
        for field, some in values.options
        for value in some
    }


def _lasts(leaf: Document, span: Document) -> bool:
    return span in leaf.values()


def _about(leaf: Document, names: frozenset[str]) -> bool:
    wheres = leaf.get("where")
    inner = {str(one.get("field")) for one in wheres} if isinstance(wheres, list) else set()
    said = {str(leaf.get("field")), str(leaf.get("orders")), *inner, *leaf}
    return bool(names & said)


def _names(leaf: Document, pairs: set[tuple[str, str]]) -> bool:
    value = leaf.get("value")
    values = value if isinstance(value, list) else [value]
    here = any((str(leaf.get("field")), fold(str(one))) in pairs for one in values)
    wheres = leaf.get("where")
    inner = isinstance(wheres, list) and any(_names(one, pairs) for one in wheres)
    saved = any((key, fold(str(leaf.get(key)))) in pairs for key in ("segment", "campaign"))
    return here or inner or saved
