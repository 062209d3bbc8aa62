"""Every node of a rule as a test, with the steps that it needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from engine.domain import bucket
from engine.domain.delivery import DeliveryStatus
from engine.domain.rules import (
    All,
    Any,
    FieldCondition,
    InCampaign,
    InSegment,
    Not,
    OrdersCondition,
    RandomBucket,
)
from engine.rules import values
from engine.rules.catalogue import ATTRIBUTE_PREFIX
from engine.rules.operators import FieldType
from engine.rules.pipeline import orders
from engine.rules.pipeline.conditions import Place, condition_test
from engine.rules.pipeline.expressions import TRUE, either, every, is_a, literal, negated, only
from engine.rules.pipeline.instants import days_since_test
from engine.rules.pipeline.steps import Steps, Test
from engine.rules.tree import takes_part

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.domain.rules import Node, Rule
    from engine.rules.catalogue import Field
    from engine.rules.pipeline.context import Context
    from engine.rules.pipeline.expressions import Expression

LIFETIME_NUMBERS = ("order_count", "total_spend", "average_order_value")
LIFETIME_INSTANTS = ("first_order_at", "last_order_at")
DAYS_SINCE = "days_since_last_order"

_STATUS = {"sent": DeliveryStatus.SENT.value, "failed": DeliveryStatus.FAILED.value}


@dataclass(slots=True)
class Tests:
    """Makes tests of nodes. The rules and references are taken to have been checked."""

    context: Context
    segments: Mapping[str, Rule]
    steps: Steps = field(default_factory=Steps)
    _answers: dict[str, str] = field(default_factory=dict)

    def of(self, node: Node) -> Test:
        """Return the test of a node; one that is skipped holds for everyone."""
        if not takes_part(node):
            return Test(TRUE)
        match node:
            case All(children=children):
                tests = [self.of(child) for child in children if takes_part(child)]
                return Test(every(*(one.expression for one in tests)), _needs(tests))
            case Any(children=children):
                tests = [self.of(child) for child in children if takes_part(child)]
                return Test(either(*(one.expression for one in tests)), _needs(tests))
            case Not(child=child):
                test = self.of(child)
                return Test(negated(test.expression), test.needs)
            case _:
                return self._leaf(node)

    def _leaf(
        self, node: FieldCondition | OrdersCondition | InSegment | InCampaign | RandomBucket
    ) -> Test:
        match node:
            case FieldCondition():
                return self._field(node)
            case OrdersCondition():
                stages = orders.behaviour_stages(node, self.context)
                found = self.steps.lookup("orders", orders.lookup("orders", stages))
                return Test(orders.behaviour_test(node, found, self.context), (found,))
            case InSegment(segment_id=segment_id):
                return self._segment(segment_id)
            case InCampaign():
                return self._campaign(node)
            case RandomBucket():
                return Test(_bucket(node))

    def _field(self, condition: FieldCondition) -> Test:
        tested = self.context.catalogue.field(condition.field)
        if tested.name not in (*LIFETIME_NUMBERS, *LIFETIME_INSTANTS, DAYS_SINCE):
            return Test(condition_test(condition, tested, _place(tested), self.context))
        stages = orders.lifetime_stages()
        found = self.steps.lookup("lifetime", orders.lookup("orders", stages))
        return Test(self._lifetime(condition, tested, found), (found,))

    def _lifetime(self, condition: FieldCondition, tested: Field, found: str) -> Expression:
        if tested.name in LIFETIME_INSTANTS:
            at = only(f"{found}.{tested.name}")
            return condition_test(condition, tested, Place(at, at), self.context)
        operator = tested.operator(condition.op)
        op = operator.negates or operator.name
        value = values.typed(tested.type, operator, condition.value, self.context.workspace)
        last = only(f"{found}.last_order_at")
        if op == "is_set" and tested.name == DAYS_SINCE:
            positive = is_a("date", last)
        elif tested.name == DAYS_SINCE:
            positive = days_since_test(last, op, _numbers(value), self.context)
        else:
            figure = orders.lifetime_figure(tested.name, found)
            positive = figure.known if op == "is_set" else figure.compared(op, value)
        return negated(positive) if operator.negates else positive

    def _segment(self, segment_id: str) -> Test:
        if segment_id not in self._answers:
            test = self.of(self.segments[segment_id].root)
            self._answers[segment_id] = self.steps.answer("segment", test)
        name = self._answers[segment_id]
        return Test(f"${name}", (name,))

    def _campaign(self, node: InCampaign) -> Test:
        wanted: list[Expression] = [{"$eq": ["$campaign_id", literal(node.campaign_id)]}]
        if node.outcome in _STATUS:
            wanted.append({"$eq": ["$status", _STATUS[node.outcome]]})
        stages: list[dict[str, object]] = [
            {"$match": {"$expr": every(*wanted)}},
            {"$limit": 1},
            {"$project": {"_id": 1}},
        ]
        found = self.steps.lookup("deliveries", orders.lookup("deliveries", stages))
        return Test({"$ne": [f"${found}", []]}, (found,))


def _place(tested: Field) -> Place:
    """Return where a customer's document holds a field; an attribute's name may hold anything."""
    if tested.name.startswith(ATTRIBUTE_PREFIX):
        name = literal(tested.name.removeprefix(ATTRIBUTE_PREFIX))
        value = {"$getField": {"field": name, "input": "$attributes"}}
        return Place(value, {"$getField": {"field": name, "input": "$attributes_folded"}})
    folded = tested.type in {FieldType.TEXT, FieldType.LIST}
    return Place(f"${tested.name}", f"${tested.name}_folded" if folded else f"${tested.name}")


def _numbers(value: values.Typed) -> tuple[float, float]:
    low, high = value if isinstance(value, tuple) else (value, value)
    return cast("float", low), cast("float", high)


def _bucket(node: RandomBucket) -> Expression:
    """Return engine/domain/bucket.py in 64-bit integers."""
    a, b = bucket.multipliers(node.salt)
    hashed = {"$add": [{"$multiply": [{"$toLong": "$seed"}, a]}, b]}
    share = {"$mod": [{"$mod": [hashed, bucket.PRIME]}, bucket.HUNDREDTHS]}
    within = every({"$gte": ["$$share", node.start]}, {"$lt": ["$$share", node.end]})
    found = {"$let": {"vars": {"share": share}, "in": within}}
    return every({"$isNumber": "$seed"}, found)


def _needs(tests: list[Test]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for test in tests for name in test.needs))
