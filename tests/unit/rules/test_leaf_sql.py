from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from engine.domain.money import currency
from engine.domain.rule_codec import decode
from engine.domain.workspace import Workspace
from engine.rules.compile import compile_leaf
from tests.reference.generated import CATALOGUE

if TYPE_CHECKING:
    from engine.rules.query import Query

FIXTURE = Path(__file__).with_name("leaf_sql.txt")
NEW_YORK = Workspace("Test", currency("INR"), ZoneInfo("America/New_York"), "en_IN")
NOW = datetime(2026, 3, 8, 7, tzinfo=UTC)


def cases() -> list[tuple[str, str, str]]:
    blocks = FIXTURE.read_text(encoding="utf-8").split("\n\n")
    lines = [[line for line in block.splitlines() if not line.startswith("#")] for block in blocks]
    return [(block[0], block[1], block[2]) for block in lines if block]


def compiled(condition: str) -> Query:
    node = decode({"version": 1, "rule": json.loads(condition)}).root
    return compile_leaf(node, NOW, NEW_YORK, CATALOGUE)


def rendered(parameters: tuple[object, ...]) -> str:
    def text(value: object) -> str:
        return value.isoformat() if isinstance(value, (date, datetime)) else repr(value)

    return json.dumps(parameters, default=text, ensure_ascii=False)


@pytest.mark.parametrize(("condition", "sql", "parameters"), cases())
def test_a_condition_becomes_this_query(condition: str, sql: str, parameters: str) -> None:
    query = compiled(condition)
    assert query.sql() == sql
    assert rendered(tuple(query.all_parameters())) == parameters
    without_names = re.sub(r'"(?:[^"]|"")*"', "", sql)
    assert without_names.count("?") == len(query.all_parameters()), "every value is bound"


def test_orders_that_are_spread_over_tables_are_asked_for_in_each() -> None:
    query = compiled('{"orders": "count", "of": null, "ever": true, "op": "at_least", "value": 2}')
    assert query.source is None
    query = compiled(
        '{"orders": "sum", "of": "quantity", "in_the_last": {"n": 1, "unit": "hour"},'
        ' "op": "more_than", "value": 7}'
    )
    assert query.sql(2).count("FROM orders_0") == query.sql(2).count("FROM orders_1") == 1
    assert query.all_parameters(2) == query.all_parameters(1) * 2


def test_the_anniversary_of_an_instant_is_found_by_the_local_days_of_every_year() -> None:
    query = compiled(
        '{"field": "signed_up_at", "op": "anniversary_in_the_next", "value": {"n": 7, "unit":'
        ' "day"}}'
    )
    column = '"signed_up_at"'
    ranges = [
        f"({column} >= list_extract(?, year({column}) - {before})"
        f" AND {column} < list_extract(?, year({column}) - {before}))"
        for before in (1899, 1898, 1897)
    ]
    assert query.test == f"(({' OR '.join(ranges)})) IS TRUE"
    starts, ends = query.parameters[:2]
    assert isinstance(starts, tuple)
    assert isinstance(ends, tuple)
    # From 9 to 15 March: before the clocks change in 2001, after they have in 2026.
    assert starts[2001 - 1899] == datetime(2001, 3, 9, 5)  # noqa: DTZ001 - as DuckDB has it
    assert ends[2001 - 1899] == datetime(2001, 3, 16, 5)  # noqa: DTZ001 - as DuckDB has it
    assert starts[2026 - 1899] == datetime(2026, 3, 9, 4)  # noqa: DTZ001 - as DuckDB has it
