"""The answer to words: the rule they make, checked; what was understood; what was not, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.ai.grammar.channels import CHANNEL, as_values
from engine.ai.grammar.choosing import MOST_CHOICES, Picker, Unsayable
from engine.ai.grammar.clauses import Problem
from engine.ai.grammar.correlatives import correlated, denied_together
from engine.ai.grammar.documents import contradicts, tidy
from engine.ai.grammar.edits import EditReader
from engine.ai.grammar.labels import without_label
from engine.ai.grammar.lexemes import Kind
from engine.ai.grammar.lists import each_value, fold_lists
from engine.ai.grammar.lowering import lower
from engine.ai.grammar.narrowing import joined
from engine.ai.grammar.number_lists import fold_numbers
from engine.ai.grammar.quantities import fold_quantities
from engine.ai.grammar.refunds import without_refunds
from engine.ai.grammar.sentence import SentenceReader
from engine.ai.grammar.spans import fold_times
from engine.ai.grammar.tree import EVERYONE, Fork, Group, Negation
from engine.ai.grammar.wording import asks_for_everyone, phrases, readings, reasons
from engine.domain.asking import Choice, Interpretation, Option, Understood
from engine.domain.calendar import local_date
from engine.domain.rule_codec import decode, encode_node
from engine.domain.rules import RULE_VERSION
from engine.domain.text import fold
from engine.errors import RuleError
from engine.rules.validate import check
from engine.rules.words import reader

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from engine.ai.grammar.choosing import Document
    from engine.ai.grammar.lexemes import Lexeme
    from engine.ai.grammar.lexer import Lexed
    from engine.ai.grammar.sentence import Sentence
    from engine.ai.grammar.swaps import Edit
    from engine.ai.grammar.tree import Tree
    from engine.ai.vocabulary import Vocabulary
    from engine.domain.rules import Node, Rule

NO_RULE = frozenset(
    {
        *("action", "injection", "prediction", "ranking", "one_person", "figure", "double"),
        *("only", "changes", "open", "sequence", "language"),
    }
)
"""Reasons for which nothing of the words may be used."""
REFUSED = frozenset({"action", "injection"})
"""Reasons for which no language model is asked either."""


class Answering:
    """Answers one text."""

    def __init__(
        self,
        words: str,
        lexed: Lexed,
        vocabulary: Vocabulary,
        now: datetime,
        taken: Mapping[str, int],
    ) -> None:
        self._words, self._lexed, self._vocabulary, self._taken = words, lexed, vocabulary, taken
        self._text = lexed.text
        self._notes: tuple[str, ...] = ()
        self._base: Document = {}
        self._edit: Edit | None = None
        self._today = local_date(now, vocabulary.workspace.zone)
        fields = vocabulary.catalogue.fields
        self._lists = frozenset(
            name for name, one in fields.items() if one.type.value == "list"
        ) | {
            "orders.category",
            "orders.sku",
            "orders.channel",
        }

    def answer(self, base: Rule | None) -> Interpretation:
        """Return the answer; with ``base``, the base as the words edit it."""
        lexemes, notes = without_label(self._lexed.lexemes, self._text)
        self._notes = notes
        if base is None:
            return self._answer(self._sentence(lexemes))
        return self._edited(encode_node(base.root))

    def _edited(self, base: Document) -> Interpretation:
        lexemes = self._lexed.lexemes
        apart = [replace(one, kind=Kind.FILLER) if one.kind is Kind.TO else one for one in lexemes]
        edit = EditReader(self._text, self._vocabulary, base).read(self._folded(apart, lists=False))
        self._notes = (edit.note,) * bool(edit.note)
        if edit.missing:
            self._notes = (edit.missing,)
            return self._refusal([Problem(0, len(self._text.tokens))], missing=True)
        if edit.made is not None:
            return self._changed(edit.made)
        end = len(self._text.tokens) if edit.end is None else edit.end
        rest = self._folded([one for one in lexemes if edit.start <= one.first < end])
        if edit.reset:
            if not rest:
                return self._changed({"all": []})
            return self._answer(self._read(rest))
        self._edit = edit
        self._base = base
        return self._answer(self._read(rest)) if rest else self._refusal([])

    def _changed(self, document: Document) -> Interpretation:
        """Answer with a rule that the words made of the base by themselves."""
        try:
            rule = decode({"version": RULE_VERSION, "rule": document})
            check(rule, self._vocabulary.catalogue, self._vocabulary.workspace)
        except RuleError:
            return self._refusal([Problem(0, len(self._text.tokens))])
        meaning = self._say()(rule.root)
        return Interpretation(
            words=self._words,
            rule=rule,
            understood=(Understood(self._text.words.strip(), meaning),),
            notes=(
                *readings(self._lexed, self._vocabulary),
                *self._notes,
            ),
        )

    def _sentence(self, lexemes: Sequence[Lexeme]) -> Sentence:
        return self._read(self._folded(lexemes))

    def _read(self, lexemes: Sequence[Lexeme]) -> Sentence:
        return SentenceReader(self._text, self._vocabulary.catalogue).read(lexemes)

    def _folded(self, lexemes: Sequence[Lexeme], *, lists: bool = True) -> Sequence[Lexeme]:
        """Make one of each time, comparison and list of values."""
        times = fold_times(correlated(lexemes), self._today)
        quantities = fold_quantities(fold_numbers(times), self._text)
        channels = {fold(one): one for one in self._vocabulary.values.get(CHANNEL, ())}
        values = as_values(quantities, channels)
        if lists:
            listed = fold_lists(values, self._lists, self._text)
            return denied_together(without_refunds(listed))
        return each_value(values, self._text)

    # --- the rule ----------------------------------------------------------------------------

    def _answer(self, sentence: Sentence) -> Interpretation:
        problems = list(sentence.problems)
        tree = sentence.tree
        if (
            tree is not None
            and tree == EVERYONE
            and (problems or not asks_for_everyone(self._text))
        ):
            tree = None
        if any(one.fatal or one.reason in NO_RULE for one in problems):
            tree = None
        if sentence.unions and problems:
            tree = None
        if tree is None:
            return self._refusal(problems)
        picker = self._picker(self._taken)
        try:
            rule = self._rule(lower(tree, picker), picker)
        except Unsayable as error:
            return self._refusal([*problems, Problem(error.first, error.end, error.reason)])
        except RuleError:
            return self._refusal([*problems, Problem(0, len(self._text.tokens))])
        choices = self._choices(tree, picker)
        return Interpretation(
            words=self._words,
            rule=rule,
            understood=self._understood(sentence, picker),
            not_understood=phrases(self._text, problems),
            choices=choices,
            notes=(
                *readings(self._lexed, self._vocabulary, problems),
                *self._notes,
                *picker.notes,
                *reasons(problems),
            ),
        )

    def _picker(self, taken: Mapping[str, int]) -> Picker:
        return Picker(self._text, self._vocabulary, self._today, taken)

    def _rule(self, document: Document, picker: Picker) -> Rule:
        whole = tidy(document)
        if self._edit is not None:
            whole = joined(self._base, whole, self._edit, picker)
        if contradicts(whole):
            raise Unsayable(0, len(self._text.tokens), "contradiction")
        rule = decode({"version": RULE_VERSION, "rule": whole})
        check(rule, self._vocabulary.catalogue, self._vocabulary.workspace)
        return rule

    def _choices(self, tree: Tree, picker: Picker) -> tuple[Choice, ...]:
        found: list[Choice] = []
        for phrase, (question, labels, taken) in list(picker.choices.items())[:MOST_CHOICES]:
            options: list[Option] = []
            for index, label in enumerate(labels):
                other = self._picker({**self._taken, phrase: index})
                try:
                    rule = self._rule(lower(tree, other), other)
                except (Unsayable, RuleError):
                    break
                options.append(Option(label, rule))
            if len(options) == len(labels):
                joins = phrase in picker.joins
                found.append(Choice(phrase, question, tuple(options), taken, joins=joins))
        return tuple(found)

    # --- the words ---------------------------------------------------------------------------

    def _understood(self, sentence: Sentence, picker: Picker) -> tuple[Understood, ...]:
        say = self._say()
        found: dict[tuple[int, int], Understood] = {}
        taken = {phrase: one[2] for phrase, one in picker.choices.items()}
        for clause in sentence.clauses:
            for item in clause.items:
                said = item.tree.options[0][1] if isinstance(item.tree, Fork) else item.tree
                if isinstance(said, (Group, Negation, Fork)):
                    continue  # in parentheses: what it holds is told by itself
                first, end = said.first, said.end
                document = tidy(lower(item.tree, self._picker({**self._taken, **taken})))
                meaning = say(decode({"version": RULE_VERSION, "rule": document}).root)
                found[first, end] = Understood(self._text.phrase(first, end), meaning)
        return tuple(found[place] for place in sorted(found))

    def _say(self) -> Callable[[Node], str]:
        names = {**self._vocabulary.segments, **self._vocabulary.campaigns}
        return reader(self._vocabulary.catalogue, self._vocabulary.workspace, names)

    def _refusal(self, problems: Sequence[Problem], *, missing: bool = False) -> Interpretation:
        whole = (self._words,) if self._words else ()
        return Interpretation(
            words=self._words,
            rule=None,
            not_understood=phrases(self._text, problems) or whole,
            refused=any(one.reason in REFUSED for one in problems),
            notes=(
                *readings(self._lexed, self._vocabulary, problems),
                *(self._notes if missing else ()),
                *reasons(problems),
            ),
        )
