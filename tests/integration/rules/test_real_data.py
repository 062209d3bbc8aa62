"""On the real export both engines hold the same customers, whatever is asked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from engine.bootstrap import open_crm
from engine.domain.rule_codec import decode
from engine.ingest.presets import ONLINE_RETAIL
from engine.rules.catalogue import Catalogue
from engine.settings import Settings
from tests.integration.ingest.test_online_retail import REAL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.crm import Crm

NOW = datetime(2011, 12, 10, tzinfo=UTC)
LAST_30 = {"in_the_last": {"n": 30, "unit": "day"}}
LAST_90 = {"in_the_last": {"n": 90, "unit": "day"}}
BEFORE = {"before_the_last": {"n": 6, "unit": "month"}}
AUTUMN = {"between": ["2011-09-01", "2011-11-30"]}
EVER = {"ever": True}
ITEM = {"field": "sku", "op": "equals", "value": "85123a"}


def field(name: str, op: str, value: object = None) -> dict[str, Any]:
    return {"field": name, "op": op} | ({} if value is None else {"value": value})


def orders(figure: str, of: str | None, op: str, value: object, **more: object) -> dict[str, Any]:
    return {"orders": figure, **({"of": of} if of else {}), **more, "op": op, "value": value}


RULES: tuple[dict[str, Any], ...] = (
    field("total_spend", "greater_than", "5000.00"),
    field("country", "in", ["france", "GERMANY"]),
    field("country", "not_equals", "United Kingdom"),
    field("country", "contains", "land"),
    field("average_order_value", "between", ["100.00", "500.00"]),
    field("days_since_last_order", "less_or_equal", 30),
    field("last_order_at", "not_in_the_last", {"n": 90, "unit": "day"}),
    field("first_order_at", "on", "2010-12-01"),
    field("customer_id", "starts_with", "123"),
    field("city", "is_set"),
    {"random_bucket": {"salt": "spring", "from": 12.5, "to": 25}},
    orders("count", None, "at_least", 3, **LAST_90),
    orders("count", None, "at_most", 0, **LAST_90),
    orders("count", None, "equals", 1, **EVER),
    orders("sum", "amount", "more_than", "500.00", **LAST_30),
    orders("sum", "amount", "less_than", "0.00", **AUTUMN),
    orders("sum", "quantity", "between", [100, 200], **BEFORE),
    orders("average", "amount", "at_least", "333.33", **AUTUMN),
    orders("average", "quantity", "less_than", 12.5, **EVER),
    orders("minimum", "amount", "more_than", "300.00", **EVER),
    orders("maximum", "quantity", "at_least", 1_000, **EVER),
    orders("distinct", "sku", "at_least", 50, **LAST_90),
    orders("distinct", "sku", "at_most", 1, **EVER),
    orders("distinct", "channel", "at_least", 1, **EVER),
    orders("days_between", "amount", "less_than", 14.5, **EVER),
    orders("count", None, "at_least", 1, where=[ITEM], **EVER),
    orders("sum", "amount", "more_than", "1000.00", where=[ITEM], **AUTUMN),
    orders("count", None, "at_least", 2, where=[field("status", "equals", "refunded")], **EVER),
    orders(
        "count",
        None,
        "less_than",
        2,
        where=[field("sku", "starts_with", "2"), field("amount", "greater_than", "1000.00")],
        **EVER,
    ),
    {
        "all": [
            field("total_spend", "greater_than", "1000.00"),
            {
                "any": [
                    field("country", "equals", "France"),
                    {"not": orders("count", None, "at_least", 1, **LAST_30)},
                ]
            },
            {"not": {"all": [orders("sum", "amount", "more_than", "100.00", **LAST_90)]}},
        ]
    },
)


@pytest.fixture
def gbp(mongo_uri: str, db_name: str) -> Iterator[Crm]:
    named = {"mongodb_uri": mongo_uri, "mongodb_database": db_name}
    settings = Settings.model_validate({**named, "currency": "GBP", "timezone": "Europe/London"})
    with open_crm(settings) as crm:
        yield crm


@pytest.mark.slow
@pytest.mark.skipif(not REAL.exists(), reason="../shared/data/online_retail.csv.gz is not here")
def test_both_engines_hold_the_same_customers_of_the_real_export(gbp: Crm) -> None:
    gbp.run_import(REAL, ONLINE_RETAIL)
    catalogue = Catalogue.build(gbp.mirror.attribute_types())
    counts = []
    for node in RULES:
        rule = decode({"version": 1, "rule": node})
        members = gbp.members(rule, now=NOW).to_list()
        assert gbp.pushdown.member_ids(rule, NOW, catalogue) == tuple(members), node
        assert gbp.count_in_mongodb(rule, now=NOW).count == len(members), node
        counts.append(len(members))
    assert counts[0] == 263
    assert sum(0 < count < 4_372 for count in counts) >= len(RULES) - 4
