"""RULES.md read aloud in plain Python: whether one customer is a member, one customer at a time.

No index, no SQL, no shortcut. It shares with the engine the tree, the typed values and the
calendar (which have tests of their own), and nothing that decides what an operator means.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from engine.domain import rules
from engine.domain.calendar import local_date
from engine.domain.delivery import DeliveryStatus
from engine.domain.order import OrderStatus
from tests.reference.behaviours import Behaviours
from tests.reference.conditions import Conditions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from engine.domain.customer import Customer
    from engine.domain.delivery import Delivery
    from engine.domain.order import Order
    from engine.domain.workspace import Workspace
    from engine.rules.catalogue import Catalogue


@dataclass(frozen=True)
class Person:
    """A customer, all of their orders, and at most one delivery a campaign."""

    customer: Customer
    orders: tuple[Order, ...] = ()
    deliveries: tuple[Delivery, ...] = ()


@dataclass(frozen=True)
class Reference:
    """Evaluates rules at one instant, given the rules of saved segments by id."""

    now: datetime
    workspace: Workspace
    catalogue: Catalogue
    segments: Mapping[str, rules.Rule] = field(default_factory=dict)

    def members(self, rule: rules.Rule, people: Iterable[Person]) -> list[bool]:
        return [self.is_member(rule, person) for person in people]

    def is_member(self, rule: rules.Rule, person: Person) -> bool:
        root = without_skipped(rule.root)
        return root is None or self.matches(root, person)

    def matches(self, node: rules.Node, person: Person) -> bool:  # noqa: PLR0911 - one a kind of node
        match node:
            case rules.All(children=children):
                return all(self.matches(child, person) for child in children)
            case rules.Any(children=children):
                return any(self.matches(child, person) for child in children)
            case rules.Not(child=child):
                return not self.matches(child, person)
            case rules.FieldCondition():
                tested = self.catalogue.field(node.field)
                has = self.has(node.field, person)
                return Conditions(self.now, self.workspace).holds(node, tested, has)
            case rules.OrdersCondition():
                behaviours = Behaviours(self.now, self.workspace, self.catalogue)
                return behaviours.holds(node, person.orders)
            case rules.InSegment(segment_id=segment_id):
                return self.is_member(self.segments[segment_id], person)
            case rules.InCampaign(campaign_id=campaign_id, outcome=outcome):
                rows = [one for one in person.deliveries if one.campaign_id == campaign_id]
                return any(came_to(outcome, row) for row in rows)
            case rules.RandomBucket(salt=salt, start=start, end=end):
                return start <= bucket(person.customer.customer_id, salt) < end

    def has(self, name: str, person: Person) -> Any:  # noqa: ANN401, PLR0911 - one return a field
        """Return the customer's value: text, number, Fraction, day, instant, tuple or None."""
        completed = [one for one in person.orders if one.status is OrderStatus.COMPLETED]
        spent = [
            one
            for one in person.orders
            if one.status in {OrderStatus.COMPLETED, OrderStatus.REFUNDED}
        ]
        times = [one.ordered_at for one in completed]
        match name:
            case "order_count":
                return len(completed)
            case "total_spend":
                return sum(one.amount for one in spent)
            case "average_order_value":
                total = sum(one.amount for one in completed)
                return Fraction(total, len(completed)) if completed else None
            case "first_order_at":
                return min(times, default=None)
            case "last_order_at":
                return max(times, default=None)
            case "days_since_last_order":
                zone = self.workspace.zone
                last = local_date(max(times), zone) if times else None
                return (local_date(self.now, zone) - last).days if last else None
        if name.startswith("attributes."):
            attribute = name.removeprefix("attributes.")
            missing = () if self.catalogue.field(name).type == "list" else None
            return person.customer.attributes.get(attribute, missing)
        return getattr(person.customer, name)


def without_skipped(node: rules.Node) -> rules.Node | None:
    """Return the tree as if disabled nodes, and a ``not`` of nothing, were not there."""
    if not node.enabled:
        return None
    match node:
        case rules.All(children=children) | rules.Any(children=children):
            kept = [without_skipped(child) for child in children]
            return type(node)(tuple(child for child in kept if child is not None))
        case rules.Not(child=child):
            inner = without_skipped(child)
            return None if inner is None else rules.Not(inner)
    return node


def came_to(outcome: str, row: Delivery) -> bool:
    return {
        "targeted": True,
        "sent": row.status is DeliveryStatus.SENT,
        "failed": row.status is DeliveryStatus.FAILED,
    }[outcome]


def bucket(customer_id: str, salt: str) -> int:
    """Return hundredths of a percent, 0 to 9,999, from the digests written out in bits."""
    of_customer, of_salt = bits(customer_id), bits(salt)
    seed = int(of_customer[:31], 2)
    a = int(of_salt[:30] + "1", 2)  # made odd
    b = int(of_salt[31:62], 2)
    return ((a * seed + b) % (2**31 - 1)) % 10_000


def bits(text: str) -> str:
    return "".join(f"{byte:08b}" for byte in sha256(text.encode("utf-8")).digest())
