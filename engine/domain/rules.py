"""The rule tree: frozen data, as it is saved. What acts on it lives in engine/rules.

Values stay as JSON gave them (text, numbers, booleans, lists, objects as mappings); the catalogue
says what type a field has, and the typed value is made from both where it is needed. So a saved
rule opens and round-trips unchanged even where the field it names no longer exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Json: TypeAlias = "bool | int | float | str | tuple[Json, ...] | Mapping[str, Json] | None"
"""A JSON value, frozen: lists are tuples and objects read-only mappings."""

Node: TypeAlias = (
    "All | Any | Not | FieldCondition | OrdersCondition | InSegment | InCampaign | RandomBucket"
)

RULE_VERSION = 1
MAX_DEPTH = 8
MAX_NODES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFrame:
    """What every node may carry: the builder's id, whether it takes part, the builder's lock."""

    id: str | None = None
    enabled: bool = True
    locked: bool = False
    """Means nothing for whom the rule holds: the builder lets nobody change the node."""


@dataclass(frozen=True, slots=True)
class All(NodeFrame):
    """Every child matches; without children, everyone."""

    children: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Any(NodeFrame):
    """At least one child matches; without children, no one."""

    children: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Not(NodeFrame):
    """The complement of the child, over all customers."""

    child: Node


@dataclass(frozen=True, slots=True)
class FieldCondition(NodeFrame):
    """A condition on the customer. ``value`` is None for operators that take none."""

    field: str
    op: str
    value: Json = None


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """One line of a behaviour's ``where``."""

    field: str
    op: str
    value: Json = None


@dataclass(frozen=True, slots=True)
class OrdersCondition(NodeFrame):
    """A behaviour: an aggregate over the customer's orders in a window, compared with a value."""

    aggregate: str
    of: str | None
    where: tuple[OrderFilter, ...]
    window: tuple[str, Json]
    """Its name (``ever``, ``in_the_last``, ``before_the_last``, ``between``) and its value."""
    op: str
    value: Json


@dataclass(frozen=True, slots=True)
class InSegment(NodeFrame):
    """Member of another saved segment."""

    segment_id: str


@dataclass(frozen=True, slots=True)
class InCampaign(NodeFrame):
    """Was targeted, sent, delivered, failed, opened, clicked, converted or held out."""

    campaign_id: str
    outcome: str


@dataclass(frozen=True, slots=True)
class RandomBucket(NodeFrame):
    """A stable random share: from ``start`` (in) to ``end`` (out), in hundredths of a percent."""

    salt: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Rule:
    """A whole rule."""

    root: Node
    version: int = RULE_VERSION
