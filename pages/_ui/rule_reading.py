"""What a rule that is being built selects, as far as it can be said already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine import decode
from engine.errors import NotEvaluatedYet, RuleError
from pages._ui.feedback import sentence
from pages._ui.rule_document import node_at, taking_part, walk, without
from pages._ui.rule_editor import Note

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from engine import Crm, Explanation, Step
    from pages._ui.rule_document import Document

WHOLE = ""
"""Stands for the id of a node where a problem belongs to the rule as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An evaluation where there can be one, and what stands in the way of the rest."""

    explanation: Explanation | None
    document: Document
    """The rule as it is being built."""
    missing: frozenset[str]
    """Ids of the nodes that lack a field or a value, those switched off included."""
    unfinished: int
    """How many of those take part."""
    problems: Mapping[str, tuple[str, ...]]
    """What is wrong with a node, by its id; what belongs to none is under :data:`WHOLE`."""

    def notes(self) -> dict[str, Note]:
        """Return what the rule editor shows at each node."""
        found: dict[str, Note] = {}
        if self.explanation is not None:
            found = figures(self.explanation.steps())
            whole = self.explanation.preview()
            root = next(node for _, node in walk(self.document))
            found.setdefault(str(root.get("id")), Note(count=whole.count))
        for node_id, said in self.problems.items():
            found[node_id] = Note(problem=" ".join(map(sentence, said)))
        return found


def figures(steps: Iterable[Step]) -> dict[str, Note]:
    """Return the figures of nodes by id: what each leaves of its group, or brings into it."""
    found: dict[str, Note] = {}
    for step in steps:
        if step.node_id is None:
            continue
        if _suffices(step.path):
            found[step.node_id] = Note(count=step.after, added=step.after - step.before)
        else:
            found[step.node_id] = Note(count=step.after, removed=step.before - step.after)
    return found


def reading(
    crm: Crm, document: Document, incomplete: AbstractSet[str], now: datetime | None
) -> Reading:
    """Evaluate a rule at ``now`` (the present if None), leaving out what cannot be counted yet."""
    problems: dict[str, tuple[str, ...]] = {}
    explanation: Explanation | None = None
    counted = without(document, incomplete)
    while explanation is None and WHOLE not in problems:
        try:
            explanation = crm.explain(decode(counted), now=now)
        except RuleError as error:
            problems |= placed(error.problems, counted)
        except NotEvaluatedYet as error:
            problems |= placed([str(error)], counted)
        counted = without(document, incomplete | problems.keys())
    missing = frozenset(incomplete) & {str(node.get("id")) for _, node in walk(document)}
    return Reading(
        explanation=explanation,
        document=document,
        missing=missing,
        unfinished=len(missing & taking_part(document)),
        problems=problems,
    )


def placed(problems: Iterable[str], document: Document) -> dict[str, tuple[str, ...]]:
    """Return problems by the id of the node that their path is in.

    What is said of the outermost group is said of the rule: the group cannot be left out.
    """
    _, root = next(walk(document))
    found: dict[str, tuple[str, ...]] = {}
    for problem in problems:
        path, _, said = problem.partition(": ")
        node_id = node_at(document, path)
        if node_id is None or (node_id == root.get("id") and root.keys() & {"all", "any"}):
            found[WHOLE] = (*found.get(WHOLE, ()), problem)
        else:
            found[node_id] = (*found.get(node_id, ()), said)
    return found


def _suffices(path: str) -> bool:
    return path.rpartition(".")[2].startswith("any[")
