"""What stays of a dead letter once somebody it names was erased."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest

from engine.streams.batch import Batch, encode
from engine.streams.dead_letter import DeadLetter, dead_letter
from engine.streams.forgetting import REASON, without

AT = datetime(2026, 3, 1, tzinfo=UTC)
ERASED = frozenset({"asha-7", "Zoë"}).intersection


def letter(body: bytes) -> DeadLetter:
    return dead_letter(body, "row 0 is odd", attempts=1, since=AT, now=AT)


def of_rows(*rows: object) -> DeadLetter:
    return letter(encode(Batch(batch_id="b", kind="orders", accepted_at=7, rows=rows)))


def test_a_batch_that_names_nobody_who_was_erased_stays_as_it_is() -> None:
    kept = of_rows({"customer_id": "ravi", "note": "asha-7"}, {"customer_id": "mira"})
    assert without(kept, ERASED) is kept


def test_rows_of_the_erased_go_and_the_reason_with_them() -> None:
    others: list[object] = [{"customer_id": "ravi"}, {"customer_id": "mira", "sku": "asha-7"}]
    left = without(of_rows({"customer_id": "asha-7"}, *others), ERASED)
    assert left is not None
    assert left.batch == Batch(batch_id="b", kind="orders", accepted_at=7, rows=others)
    assert left.reason == REASON
    assert without(left, ERASED) is left


def test_a_batch_of_nobody_else_goes_whole() -> None:
    assert without(of_rows({"customer_id": "asha-7"}, {"customer_id": "asha-7"}), ERASED) is None


@pytest.mark.parametrize(
    "given", ["Zoe\N{COMBINING DIAERESIS}", " Zoë ", "\t\N{NO-BREAK SPACE}asha-7\n"]
)
def test_an_id_is_told_in_whatever_form_it_was_sent(given: str) -> None:
    assert without(of_rows({"customer_id": given}), ERASED) is None
    assert without(of_rows([given]), ERASED) is None
    assert without(letter(orjson.dumps({"rows": given})), ERASED) is None


def test_a_row_without_a_customer_id_goes_where_any_text_in_it_is_the_id() -> None:
    assert without(of_rows(["asha-7"], {"customer_id": ["asha-7"]}, "asha-7"), ERASED) is None


@pytest.mark.parametrize(
    "body",
    [
        b'{"v":9,"who":["asha-7"]}',
        b'cut off {"id":"asha-7","x',
        b'{"Zo\\u00eb": 1}',
        b'\xff "asha-7"',
    ],
)
def test_what_is_no_batch_goes_whole_where_a_text_in_it_is_the_id(body: bytes) -> None:
    assert without(letter(body), ERASED) is None


@pytest.mark.parametrize("body", [b'{"v":9}', b"?", b'"asha-77"', b'"\\ud800"', b""])
def test_what_is_no_batch_stays_where_no_text_in_it_is_the_id(body: bytes) -> None:
    kept = letter(body)
    assert without(kept, ERASED) is kept
