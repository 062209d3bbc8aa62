"""The error tree: drawn as it is, and clear about what may be tried again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from engine import errors
from engine.errors import CrmError, InvalidInput, RuleError

if TYPE_CHECKING:
    from collections.abc import Iterator


def tree(root: type[CrmError], depth: int = 0) -> Iterator[tuple[str, int]]:
    yield root.__name__, depth
    for child in root.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from tree(child, depth + 1)


def drawn() -> Iterator[tuple[str, int]]:
    """Read the docstring's drawing: four columns of branches for each level."""
    for line in (errors.__doc__ or "").splitlines():
        if match := re.match(r"    ((?:[│├└ ][─ ]{2} )*)([A-Z]\w+) +\S", line):
            yield match[2], len(match[1]) // 4


def test_the_docstring_draws_the_tree_as_it_is() -> None:
    assert list(drawn()) == list(tree(CrmError))


def test_every_error_of_the_module_is_in_the_tree() -> None:
    defined = {
        name
        for name, thing in vars(errors).items()
        if isinstance(thing, type) and issubclass(thing, BaseException)
    }
    assert defined == {name for name, _ in tree(CrmError)}


def test_every_error_says_in_a_docstring_what_is_wrong() -> None:
    assert [name for name, _ in tree(CrmError) if not vars(errors)[name].__doc__] == []


def test_only_what_did_not_answer_is_worth_another_try() -> None:
    names = [name for name, _ in tree(CrmError)]
    assert [name for name in names if vars(errors)[name].transient] == [
        "StoreUnavailable",
        "StreamUnavailable",
        "ModelUnavailable",
    ]


def test_a_rule_error_holds_every_problem_and_reads_as_one_sentence() -> None:
    error = RuleError(["rule.all[0]: first", "rule.all[1]: second"])
    assert error.problems == ("rule.all[0]: first", "rule.all[1]: second")
    assert str(error) == "rule.all[0]: first; rule.all[1]: second"
    assert isinstance(error, InvalidInput)
