"""Fields named in a clause: compared, tested for what they contain, or merely present."""

from __future__ import annotations

from dataclasses import replace

from engine.ai.grammar.clauses import SILENT
from engine.ai.grammar.frames import Frame
from engine.ai.grammar.given_text import given_text
from engine.ai.grammar.lexemes import Kind, Lexeme
from engine.ai.grammar.lexicon import PRESENT, RECORDED
from engine.ai.grammar.tree import Named, Test, Values
from engine.ai.grammar.value_reading import ValueReading

_SET_FIELDS = frozenset({"email", "phone", "name", "birth_date"})
_OWN = frozenset({"name", "customer_id"})
"""Fields whose values are no vocabulary: they are given as they are."""
_SAYS_TEXT = frozenset(
    {"the", "the letter", "letter", "the letters", "letters", "word", "text", "with", "a"}
)
"""What may stand between "starts with" and the text."""
_PRESENCE = {phrase: key for key, phrases in PRESENT.items() for phrase in phrases.split("|")}
_RECORDED = frozenset(RECORDED.split("|"))

_BEHIND = frozenset(
    {
        *(Kind.BE, Kind.PREP, Kind.FILLER, Kind.HAVE, Kind.NOUN, Kind.BOTH, Kind.COUNTED),
    }
)
_TEXTS = frozenset({Kind.QUOTED, Kind.ADDRESS})


def _holds(lexeme: Lexeme, field: str) -> bool:
    """Whether a lexeme names values that a field can have."""
    return isinstance(lexeme.data, Values) and field in lexeme.data.fields


class FieldReading(ValueReading):
    """Reads fields."""

    def _field(self, lexeme: Lexeme) -> None:
        tested = self._catalogue.fields.get(lexeme.key)
        if tested is None:
            self._problem(lexeme)
            return
        match tested.type.value:
            case "number" | "money":
                self._close()
                self._start(Frame("field", lexeme.first, lexeme.end, field=lexeme.key))
            case "boolean":
                self._close()
                if not self._present(lexeme):
                    self._test(lexeme, "is_true")
            case "date" | "time" if lexeme.key != "birth_date":
                self._close()
                self._start(Frame("moment", lexeme.first, lexeme.end, field=lexeme.key))
            case _:
                self._text_field(lexeme)

    def _text_field(self, lexeme: Lexeme) -> None:
        if self._present(lexeme) or self._given(lexeme):
            return
        place = self._behind_field(lexeme.key)
        after = self._lexemes[place] if place < len(self._lexemes) else None
        if after is not None and after.means(Kind.TEXT_TEST, "contains"):
            behind = self._lexemes[place + 1] if place + 1 < len(self._lexemes) else None
            if behind is not None and _holds(behind, lexeme.key):
                after, place = behind, place + 1
        if after is not None and _holds(after, lexeme.key):
            self._named_field(lexeme, after, place)
        elif after is not None and after.kind is Kind.TEXT_TEST:
            self._text_test(lexeme, after, place)
        elif after is not None and after.kind in _TEXTS and isinstance(after.data, str):
            self._at = place + 1
            domain = after.kind is Kind.ADDRESS and after.data.startswith("@")
            self._test(lexeme, "ends_with" if domain else "equals", after.end, after.data)
        elif not self._called(lexeme):
            self._presence(lexeme)

    def _given(self, lexeme: Lexeme) -> bool:
        """As in "Name is Meera Vora"."""
        at = self._at - 1
        if lexeme.key not in _OWN or self._lexemes[at] is not lexeme:
            return False
        if (given := given_text(self._lexemes, at, self._text)) is None:
            return False
        op, said, self._at = given
        self._test(lexeme, op, self._lexemes[self._at - 1].end, said)
        return True

    def _behind_field(self, key: str) -> int:
        """Step over "is", "in", "=", "!=" and "is not" behind a field, and keep what they deny."""
        place = self._skip(self._at, _BEHIND)
        if self._is(place, Kind.NOT) and self._denial is None:
            behind = self._skip(place + 1, frozenset({Kind.PREP, Kind.FILLER, Kind.BE}))
            after = self._lexemes[behind] if behind < len(self._lexemes) else None
            if after is None or not (_holds(after, key) or after.among(Kind.TEXT_TEST, *_TEXTS)):
                return place  # "with a phone number with no web orders" denies the orders
            self._denial = self._lexemes[place]
            self._clause.denies = True
            place = behind
        if any(one.means(Kind.COMPARE, "not_equals") for one in self._lexemes[self._at : place]):
            self._denied = not self._denied
        return place

    def _skip(self, place: int, kinds: frozenset[Kind]) -> int:
        while place < len(self._lexemes) and (
            self._lexemes[place].kind in kinds
            or self._lexemes[place].means(Kind.COMPARE, "equals", "not_equals")
        ):
            place += 1
        return place

    def _is(self, place: int, kind: Kind) -> bool:
        return place < len(self._lexemes) and self._lexemes[place].kind is kind

    def _named_field(self, lexeme: Lexeme, named: Lexeme, place: int) -> None:
        values = named.data
        if not isinstance(values, Values):
            return
        kept = replace(values, options=((lexeme.key, values.of(lexeme.key)),))
        self._at = place + 1
        self._remember(values)
        both = named.key == "both" or self._lexemes[place - 1].kind is Kind.BOTH
        key = "both" if both else lexeme.key
        self._named(replace(named, first=lexeme.first, key=key), kept)

    def _present(self, lexeme: Lexeme) -> bool:
        """As in "Phone available", "e-mail is missing", "newsletter = yes"."""
        start = lexeme.end
        last = self._lexemes[-1].end
        while start < last and self._text.tokens[start].word in {
            "is",
            "are",
            "was",
            "be",
            "both",
            ":",
        }:
            start += 1
        if [token.word for token in self._text.tokens[start : start + 2]] == ["set", "to"]:
            start += 2
        words = [token.word for token in self._text.tokens[start:last]]
        for size in range(min(5, len(words)), 0, -1):
            key = _PRESENCE.get(" ".join(words[:size]))
            place = next(
                (at for at, one in enumerate(self._lexemes) if one.first >= start + size),
                len(self._lexemes),
            )
            if key is None or (place and self._lexemes[place - 1].end != start + size):
                continue
            self._at = place
            boolean = self._catalogue.fields[lexeme.key].type.value == "boolean"
            boolean = boolean and " ".join(words[:size]) not in _RECORDED
            negated, first = self._deny()
            begin = lexeme.first if first is None else first
            test = Test(
                field=lexeme.key,
                op="is_true" if boolean else "is_set",
                negated=negated != (key == "no"),
                first=begin,
                end=start + size,
            )
            self._clause.negated = self._clause.negated or test.negated
            self._add(test, begin, start + size, verb=False)
            self._context.test = test
            return True
        return False

    def _text_test(self, lexeme: Lexeme, test: Lexeme, place: int) -> None:
        behind = self._lexemes[place + 1 :]
        while len(behind) > 1 and self._said(behind[0]) in _SAYS_TEXT:
            behind = behind[1:]
        if not behind:
            self._problem(test)
            return
        self._at = place + 1 + self._lexemes[place + 1 :].index(behind[0]) + 1
        given = (
            behind[0].data
            if isinstance(behind[0].data, str)
            else self._text.phrase(behind[0].first, behind[0].end)
        )
        self._test(lexeme, test.key, behind[0].end, given)

    def _called(self, lexeme: Lexeme) -> bool:
        """Whether the field only names what the value before it is of: "gold tier"."""
        items = self._clause.items
        if not items or not isinstance(named := items[-1].tree, Named):
            return False
        if named.end != lexeme.first or lexeme.key not in named.values.fields:
            return False
        kept = replace(named.values, options=((lexeme.key, named.values.of(lexeme.key)),))
        items[-1] = replace(items[-1], tree=replace(named, values=kept, end=lexeme.end))
        return True

    def _presence(self, lexeme: Lexeme) -> None:
        """As in "with an e-mail", "no phone number"; a field that merely stands says nothing."""
        before = self._lexemes[self._at - 2] if self._at > 1 else None
        place = self._at - 2
        while place > 0 and before is not None and before.kind is Kind.FILLER:
            place -= 1
            before = self._lexemes[place]
        asked = before is not None and (
            before.among(Kind.HAVE, Kind.BOTH, Kind.NOT) or self._said(before) in {"with", "whose"}
        )
        lonely = (
            len([one for one in self._lexemes if one.kind not in SILENT]) <= 1
            and self._context.test is not None
        )
        if (asked or lonely or self._asked or self._denial is not None or self._denied) and (
            lexeme.key in _SET_FIELDS
            or lexeme.key.startswith("attributes.")
            or lexeme.key in {"tags", "city", "gender", "country"}
        ):
            if not asked and lonely:
                self._clause.ellipsis = True
            self._test(lexeme, "is_set")
        else:
            self._problem(lexeme)
