from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from bson import Decimal128, Int64

from pages._ui.rule_queries import as_json


def written(value: object) -> str:
    return as_json(value, instant=lambda one: one.isoformat())


def test_values_of_queries_are_written_as_a_person_reads_them() -> None:
    assert written([1, None, "ä", Int64(5), 2.5]) == '[1, null, "ä", 5, 2.5]'
    assert written(Decimal128("12.30")) == '{"$numberDecimal": "12.30"}'
    assert written({"$gt": Decimal("0.1")}) == '{"$gt": {"$numberDecimal": "0.1"}}'
    india = timezone(timedelta(hours=5, minutes=30))
    at = [datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 5, 30, tzinfo=india)]
    assert at[0] == at[1]
    assert written(at[0]) == '"2026-01-01T00:00:00+00:00"'
