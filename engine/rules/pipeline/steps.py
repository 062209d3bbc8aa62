"""The stages that make what tests read: lookups, and the answers of saved segments.

What they make stands under ``found``, beside what a customer's document holds. A stage that two
tests need is there once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.rules.pipeline.expressions import Expression, Stage

FOUND = "found"


@dataclass(frozen=True, slots=True)
class Test:
    """A test, and the names of the steps that it reads."""

    expression: Expression
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Step:
    stage: Stage
    needs: tuple[str, ...]


@dataclass(slots=True)
class Steps:
    """The steps of one pipeline, by name."""

    _steps: dict[str, _Step] = field(default_factory=dict)
    _lookups: dict[str, str] = field(default_factory=dict)

    def lookup(self, kind: str, body: Stage) -> str:
        """Return the name of the lookup that does this; it is an array."""
        said = repr(body)
        if said not in self._lookups:
            name = self._name(kind)
            self._lookups[said] = name
            self._steps[name] = _Step({"$lookup": {**body, "as": name}}, ())
        return self._lookups[said]

    def answer(self, kind: str, test: Test) -> str:
        """Return the name of the step that keeps the answer of a test."""
        name = self._name(kind)
        self._steps[name] = _Step({"$set": {name: test.expression}}, test.needs)
        return name

    def all_of(self, needs: Iterable[str]) -> tuple[str, ...]:
        """Return the names of these steps and of all that they need, in an order that works."""
        found: dict[str, None] = {}
        for name in needs:
            self._add(name, found)
        return tuple(found)

    def stage(self, name: str) -> Stage:
        """Return the stage of one step."""
        return self._steps[name].stage

    def _add(self, name: str, found: dict[str, None]) -> None:
        if name not in found:
            for needed in self._steps[name].needs:
                self._add(needed, found)
            found[name] = None

    def _name(self, kind: str) -> str:
        return f"{FOUND}.{kind}_{len(self._steps) + 1}"
