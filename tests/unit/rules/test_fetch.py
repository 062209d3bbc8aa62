from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.domain.rule_codec import decode
from engine.domain.rules import OrdersCondition
from engine.mirror import tables
from engine.mirror.statistics import OrderStatistics
from engine.rules import fetch
from engine.rules.compile import compile_leaf
from engine.rules.figures import Between
from tests.reference import generated
from tests.reference.generated import CATALOGUE, World
from tests.reference.generated_rules import behaviours
from tests.reference.rules import Reference
from tests.reference.snapshot import plain_snapshot
from tests.unit.rules.test_evaluate import NOW, order, person, workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.mirror.snapshot import Snapshot
    from engine.rules.query import Figure, Query


def compiled(node: dict[str, Any], world: World) -> Query:
    root = decode({"version": 1, "rule": node}).root
    return compile_leaf(root, world.now, world.workspace, CATALOGUE)


def bits(query: Query, snapshot: Snapshot) -> pl.Series:
    (layer,) = snapshot.layers

    def figures(wanted: Sequence[Figure]) -> dict[Figure, pl.Series]:
        return {one: fetch.add_up(one, layer) for one in wanted}

    return fetch.fetch([query], layer, figures)[0]


@st.composite
def drawn(draw: st.DrawFn) -> tuple[World, dict[str, Any]]:
    world = draw(generated.worlds)
    node = draw(behaviours(world)) | {"orders": draw(st.sampled_from(("count", "sum")))}
    node.pop("of", None)
    if node["orders"] == "sum":
        node["of"] = "quantity"
    node["value"] = [1, 4] if node["op"] == "between" else draw(st.sampled_from((0, 1, 2, 2.5, -1)))
    return world, node


@settings(max_examples=200, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(drawn())
def test_adding_up_and_grouping_and_sql_choose_the_same(case: tuple[World, dict[str, Any]]) -> None:
    world, node = case
    query = compiled(node, world)
    reference = Reference(world.now, world.workspace, CATALOGUE)
    expected = reference.members(decode({"version": 1, "rule": node}), world.people)
    assert bits(replace(query, compared=None), world.snapshot).to_list() == expected
    if query.compared is not None:
        for narrow in (0.0, 2.0):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(fetch, "_NARROW", narrow)
                assert bits(query, world.snapshot).to_list() == expected


@pytest.mark.parametrize(("narrow", "orders"), [(2.0, 2), (0.0, 2), (2.0, 1_000), (0.0, 1_000)])
def test_sums_past_what_a_number_holds_are_exact(
    narrow: float, orders: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "_NARROW", narrow)
    large = 2**53 - 1
    people = [
        person("one more", *(order(NOW, large) for _ in range(orders)), order(NOW, 1)),
        person("as many", *(order(NOW, large) for _ in range(orders))),
        person("one less", *(order(NOW, large) for _ in range(orders)), order(NOW, -1)),
    ]
    snapshot = plain_snapshot(people, {}, ZoneInfo("UTC"))
    rule = OrdersCondition(
        aggregate="sum",
        of="amount",
        where=(),
        window=("in_the_last", {"n": 1, "unit": "day"}),
        op="more_than",
        value="0.00",
    )
    query = compile_leaf(rule, NOW, workspace(), CATALOGUE)
    assert query.compared is not None
    figure = fetch.add_up(query.compared[0], snapshot.layers[0])
    if narrow == 2.0 or orders == 1_000:
        assert figure.is_empty(), "it is left to DuckDB, which adds up in 128 bits"
    else:
        assert figure.to_list() == [orders * large + one for one in (1, 0, -1)]
    for least, expected in ((1, [True, False, False]), (0, [True, True, False])):
        between = Between(orders * large + least, None)
        test, parameters = between.test('sum("amount")')
        asked = replace(
            query, test=test, parameters=parameters, compared=(query.compared[0], between)
        )
        assert bits(asked, snapshot).to_list() == expected


@pytest.mark.parametrize("shard", [1, 2, 7])
def test_orders_spread_over_tables_give_what_one_table_gives(
    shard: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = generated.world(1, 0)
    nodes: list[dict[str, Any]] = [
        {
            "orders": "count",
            "before_the_last": {"n": 1, "unit": "day"},
            "op": "at_least",
            "value": 1,
        },
        {"orders": "sum", "of": "quantity", "ever": True, "op": "less_than", "value": 3},
        {"orders": "distinct", "of": "sku", "ever": True, "op": "at_most", "value": 1},
        {"orders": "average", "of": "quantity", "ever": True, "op": "at_least", "value": 1.5},
        {
            "orders": "count",
            "where": [{"field": "category", "op": "is_set"}],
            "ever": True,
            "op": "at_least",
            "value": 1,
        },
    ]
    expected = [bits(compiled(node, world), world.snapshot).to_list() for node in nodes]
    monkeypatch.setattr(tables, "SHARD", shard)
    monkeypatch.setattr(fetch, "SHARD", shard)
    spread = plain_snapshot(world.people, generated.ATTRIBUTES, world.workspace.zone)
    assert spread.layers[0].shards == -(-60 // shard)
    assert [bits(compiled(node, world), spread).to_list() for node in nodes] == expected
    assert all(0 < sum(one) < 60 for one in expected)


def test_queries_over_the_same_orders_share_one_scan() -> None:
    world, asked = generated.world(0, 0), []
    (layer,) = world.snapshot.layers

    class Watched:
        def __getattr__(self, name: str) -> object:
            return getattr(layer, name)

        def vectors(
            self, sql: str, parameters: Sequence[object] = (), *, orders: bool = True
        ) -> Sequence[pl.Series]:
            asked.append(sql)
            return layer.vectors(sql, parameters, orders=orders)

    last = {"in_the_last": {"n": 30, "unit": "day"}}
    nodes: list[dict[str, Any]] = [
        {"orders": "maximum", "of": "amount", **last, "op": "more_than", "value": "1.00"},
        {"orders": "minimum", "of": "amount", **last, "op": "more_than", "value": "1.00"},
        {"orders": "average", "of": "quantity", **last, "op": "at_least", "value": 2},
        {"field": "city", "op": "is_set"},
        {"field": "email", "op": "is_set"},
    ]
    queries = [compiled(node, world) for node in nodes]
    found = fetch.fetch(queries, Watched(), lambda _: {})  # type: ignore[arg-type]
    assert len(asked) == 2
    for query, one in zip(queries, found, strict=True):
        assert one.to_list() == bits(query, world.snapshot).to_list()


def test_statistics_tell_the_share_of_a_window() -> None:
    at = [datetime(2026, 1, 1) + timedelta(days=n) for n in range(100)]  # noqa: DTZ001 - as DuckDB has it
    frame = pl.DataFrame({"ordered_at": at, "amount": [-7] * 99 + [3], "quantity": [1] * 100})
    found = OrderStatistics.of(frame)
    assert found.share(None, None) == 1.0
    assert found.share(at[90], None) == pytest.approx(0.1)
    assert found.share(at[10], at[19]) == pytest.approx(0.1)
    assert found.share(at[19], at[10]) == 0.0
    assert found.largest == {"amount": 7, "quantity": 1}
    none = OrderStatistics.of(frame.clear())
    assert (none.share(None, None), none.largest["amount"]) == (0.0, 0)
