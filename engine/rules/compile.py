"""Any condition of a rule as its query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.bucket import HUNDREDTHS, PRIME, multipliers
from engine.domain.rules import FieldCondition, OrdersCondition, RandomBucket
from engine.rules.leaf_sql import leaf_query, never_null
from engine.rules.order_sql import orders_query
from engine.rules.query import Query

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from engine.domain.rules import Node
    from engine.domain.workspace import Workspace
    from engine.rules.catalogue import Catalogue


def compile_leaf(
    node: Node,
    now: datetime,
    workspace: Workspace,
    catalogue: Catalogue,
    coded: Collection[str] = (),
) -> Query:
    """Return the query of a condition that passed :func:`engine.rules.validate.check`.

    ``coded`` names the columns of customers' text that the snapshot holds as codes.
    """
    match node:
        case FieldCondition():
            return leaf_query(node, now, workspace, catalogue, coded)
        case OrdersCondition():
            return orders_query(node, now, workspace, catalogue)
        case RandomBucket():
            return _bucket(node)
        case _:
            raise TypeError(type(node).__name__)


def _bucket(node: RandomBucket) -> Query:
    # Every product fits 64 bits (engine.domain.bucket).
    bucket = f'(CAST(? AS BIGINT) * "seed" + CAST(? AS BIGINT)) % {PRIME} % {HUNDREDTHS}'
    test = never_null(f"{bucket} BETWEEN ? AND ?", negated=False)
    return Query(test, (*multipliers(node.salt), node.start, node.end - 1))
