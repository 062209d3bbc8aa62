from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import polars as pl
import pytest

from engine.errors import CrmError
from engine.rules.bitmaps import Bitmaps
from engine.rules.query import Query, Source

if TYPE_CHECKING:
    from collections.abc import Sequence

BITS = pl.Series([True, False] * 4_000)
A, B, C = (Query(name) for name in "abc")


class Database:
    """Counts what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[Query] = []

    def __call__(self, queries: Sequence[Query]) -> list[pl.Series]:
        self.asked += queries
        return [BITS.clone() for _ in queries]


def test_what_is_known_is_not_asked_again_and_the_rest_is_asked_at_once() -> None:
    bitmaps, database = Bitmaps(), Database()
    bitmaps.get(1, [A, B, A], database)
    found = bitmaps.get(1, [B, C], database)
    assert database.asked == [A, B, C]
    assert list(found) == [B, C]


def test_another_snapshot_or_another_value_is_another_bitmap() -> None:
    bitmaps, database = Bitmaps(), Database()
    queries = [
        Query("x = ?", (1,)),
        Query("x = ?", (2,)),
        Query("x = ?", (2,), source=Source("orders")),
        Query("x = ?", (2,), source=Source("orders"), inverted=True),
        Query("x = ?", (2,), source=Source("orders", (3,))),
    ]
    for serial in (1, 2):
        bitmaps.get(serial, queries, database)
    assert database.asked == queries * 2


def test_memory_is_bounded_and_what_was_used_least_recently_goes_first() -> None:
    database, one = Database(), Bitmaps()
    one.get(1, [A], database)
    bitmaps = Bitmaps(max_bytes=one.size * 2)
    for query in (A, B, A, C):
        bitmaps.get(1, [query], database)
    assert bitmaps.size <= one.size * 2
    assert len(bitmaps) == 2
    database.asked.clear()
    bitmaps.get(1, [A, C], database)
    assert database.asked == []
    bitmaps.get(1, [B], database)
    assert database.asked == [B]


def test_long_texts_of_a_key_count_too() -> None:
    bitmaps = Bitmaps(max_bytes=100_000)
    for n in range(10):
        bitmaps.get(1, [Query("x", ((f"{n}" * 1_000,) * 100,))], Database())
    assert bitmaps.size <= 100_000
    assert len(bitmaps) <= 1


def test_a_rule_larger_than_the_cache_is_answered_all_the_same() -> None:
    database = Database()
    found = Bitmaps(max_bytes=1).get(1, [A, B, C], database)
    assert all(found[one].equals(BITS) for one in (A, B, C))


def test_threads_that_want_the_same_wait_for_the_one_that_asks() -> None:
    bitmaps, started, go = Bitmaps(), threading.Event(), threading.Event()
    database = Database()

    def slow(queries: Sequence[Query]) -> list[pl.Series]:
        started.set()
        assert go.wait(10)
        return database(queries)

    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(bitmaps.get, 1, [A, B], slow)
        assert started.wait(10)
        others = [pool.submit(bitmaps.get, 1, [B, A], database) for _ in range(6)]
        # What nobody asks for yet is not held up by what others wait for.
        assert bitmaps.get(1, [C], database)[C].equals(BITS)
        assert not any(one.done() for one in others)
        go.set()
        assert all(one.result(10)[A].equals(BITS) for one in (first, *others))
    assert database.asked == [C, A, B]


def test_an_error_reaches_everyone_who_waits_and_is_not_kept() -> None:
    bitmaps, started, go = Bitmaps(), threading.Event(), threading.Event()

    def failing(_: Sequence[Query]) -> list[pl.Series]:
        started.set()
        assert go.wait(10)
        msg = "the query failed"
        raise CrmError(msg)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(bitmaps.get, 1, [A], failing)
        assert started.wait(10)
        second = pool.submit(bitmaps.get, 1, [A], Database())
        go.set()
        for one in (first, second):
            with pytest.raises(CrmError, match="the query failed"):
                one.result(10)
    assert bitmaps.get(1, [A], Database())[A].equals(BITS)
