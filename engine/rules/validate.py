"""Whether a rule means something: fields, operators, values and bounds, as RULES.md has them.

A node that is skipped (disabled, or a ``not`` of a skipped node) is not looked at: it is as if it
were not there. So a condition on a field that is gone can be switched off instead of deleted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from engine.domain.hidden import is_hidden
from engine.domain.refusal import shown, unknown
from engine.domain.rule_decoder import MAX_FILTERS, ROOT, WINDOWS
from engine.domain.rules import (
    MAX_DEPTH,
    MAX_NODES,
    RULE_VERSION,
    FieldCondition,
    InCampaign,
    InSegment,
    OrderFilter,
    OrdersCondition,
    RandomBucket,
)
from engine.domain.text import fold
from engine.errors import InvalidInput, RuleError
from engine.rules import values
from engine.rules.figures import DECIMALS, QUOTIENTS, decimals
from engine.rules.operators import COMPARATORS, FieldType
from engine.rules.tree import size, walk

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.domain.rules import Json, Node, Rule
    from engine.domain.workspace import Workspace
    from engine.rules.catalogue import Aggregate, Catalogue, Field

OUTCOMES = (
    "targeted",
    "sent",
    "delivered",
    "failed",
    "opened",
    "clicked",
    "converted",
    "held_out",
)
WHOLE = 10_000
"""All of a random bucket's share, in hundredths of a percent."""

T = TypeVar("T")


def problems(
    rule: Rule, catalogue: Catalogue, workspace: Workspace, *, takes_hidden: bool = False
) -> tuple[str, ...]:
    """Return one sentence for each place of the rule that is wrong; none if it can be used.

    Each begins with the path of the place, as in ``rule.all[1].value: needs ...``. With
    ``takes_hidden`` a value that was hidden (engine.domain.hidden) is taken, to be read out.
    """
    checking = _Checking(catalogue, workspace, takes_hidden=takes_hidden)
    if rule.version != RULE_VERSION:
        checking.note("version", f"{rule.version} is not known; the version is {RULE_VERSION}")
    levels, nodes = size(rule.root)
    if levels > MAX_DEPTH:
        checking.note(ROOT, f"has {levels} levels; a rule has at most {MAX_DEPTH}")
    if nodes > MAX_NODES:
        checking.note(ROOT, f"has {nodes} nodes; a rule has at most {MAX_NODES}")
    for path, node in walk(rule.root):
        checking.node(path, node)
    return tuple(checking.found)


def check(
    rule: Rule, catalogue: Catalogue, workspace: Workspace, *, takes_hidden: bool = False
) -> None:
    """Raise RuleError with every problem of the rule; do nothing if there is none."""
    if found := problems(rule, catalogue, workspace, takes_hidden=takes_hidden):
        raise RuleError(found)


@dataclass(slots=True)
class _Checking:
    catalogue: Catalogue
    workspace: Workspace
    takes_hidden: bool = False
    found: list[str] = field(default_factory=list)

    def note(self, path: str, problem: str) -> None:
        self.found.append(f"{path}: {problem}")

    def node(self, path: str, node: Node) -> None:
        match node:
            case FieldCondition():
                self._condition(path, node, self.catalogue.field)
            case OrdersCondition():
                self._orders(path, node)
            case InSegment(segment_id=segment_id):
                self._read(f"{path}.segment", values.text, segment_id)
            case InCampaign(campaign_id=campaign_id, outcome=outcome):
                self._read(f"{path}.campaign", values.text, campaign_id)
                if outcome not in OUTCOMES:
                    self.note(f"{path}.outcome", unknown(outcome, OUTCOMES, "outcome"))
            case RandomBucket(salt=salt, start=start, end=end):
                self._read(f"{path}.random_bucket.salt", values.text, salt)
                if not 0 <= start < end <= WHOLE:
                    share = f"from {start / 100:g} to {end / 100:g}"
                    self.note(f"{path}.random_bucket", f"needs 0 <= from < to <= 100, not {share}")
            case _:
                pass  # a group says nothing that could be wrong

    def _read(self, path: str, read: Callable[[Json], T], value: Json) -> T | None:
        try:
            return read(value)
        except InvalidInput as error:
            self.note(path, str(error))
            return None

    def _condition(
        self,
        path: str,
        condition: FieldCondition | OrderFilter,
        lookup: Callable[[str], Field],
    ) -> None:
        try:
            place = "field"
            tested = lookup(condition.field)
            place = "op"
            operator = tested.operator(condition.op)
            if self.takes_hidden and is_hidden(condition.value):
                return
            place = "value"
            value = values.typed(tested.type, operator, condition.value, self.workspace)
        except InvalidInput as error:
            self.note(f"{path}.{place}", str(error))
            return
        if tested.choices:
            for one in value if isinstance(value, tuple) else (value,):
                if fold(str(one)) not in tested.choices:
                    self.note(f"{path}.value", unknown(str(one), tested.choices, tested.label))

    def _orders(self, path: str, node: OrdersCondition) -> None:
        if len(node.where) > MAX_FILTERS:
            self.note(f"{path}.where", f"has {len(node.where)} filters; at most {MAX_FILTERS}")
        for index, one in enumerate(node.where):
            self._condition(f"{path}.where[{index}]", one, self.catalogue.order_field)
        self._window(path, *node.window)
        operator = COMPARATORS.get(node.op)
        if operator is None:
            self.note(f"{path}.op", unknown(node.op, COMPARATORS, "comparator"))
        try:
            aggregate = self.catalogue.aggregate(node.aggregate)
        except InvalidInput as error:
            self.note(f"{path}.orders", str(error))
            return
        if self._of(path, aggregate, node.of) and operator is not None:
            kind = aggregate.result(node.of)
            try:
                typed = values.typed(kind, operator, node.value, self.workspace)
            except InvalidInput as error:
                self.note(f"{path}.value", str(error))
                return
            if aggregate.name in QUOTIENTS and kind is FieldType.NUMBER:
                self._decimals(path, typed if isinstance(typed, tuple) else (typed,))

    def _decimals(self, path: str, numbers: tuple[values.Typed, ...]) -> None:
        for one in numbers:
            if isinstance(one, (int, float)) and decimals(one) > DECIMALS:
                self.note(f"{path}.value", f"needs at most {DECIMALS} decimals, not {shown(one)}")

    def _of(self, path: str, aggregate: Aggregate, of: str | None) -> bool:
        if of is None and (not aggregate.of or not aggregate.of_required):
            return True
        if of in aggregate.of:
            return True
        choices = f"valid choices are {', '.join(aggregate.of)}" if aggregate.of else "leave it out"
        self.note(f"{path}.of", f"{aggregate.name} cannot be of {shown(of)}; {choices}")
        return False

    def _window(self, path: str, name: str, value: Json) -> None:
        path = f"{path}.{name}"
        match name:
            case "ever":
                if value is not True:
                    self.note(path, f"needs true, not {shown(value)}")
            case "in_the_last" | "before_the_last":
                self._read(path, values.span, value)
            case "between":
                self._read(path, self._days, value)
            case _:
                self.note(path, unknown(name, WINDOWS, "window"))

    def _days(self, value: Json) -> None:
        low, high = values.pair(value, values.day)
        values.ordered(low, high, self.workspace.zone)
