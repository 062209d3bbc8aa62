"""Bitmaps and figures that were asked for already, by what they say and on which snapshot.

A bitmap has one bit per customer, in the snapshot's row order: 125 KB for a million. A figure has
a number per customer: 4 or 8 MB.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from engine.errors import CrmError
from engine.rules.query import Figure, Query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import polars as pl

Asked = TypeVar("Asked", Query, Figure)
Key: TypeAlias = "tuple[int, Query | Figure]"

MAX_BYTES = 512 * 2**20


class Bitmaps:
    """A bounded cache, least recently used out first; any number of threads may use it.

    What one thread computes, others that want it wait for; an error goes to all of them and is not
    kept.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[Key, pl.Series] = OrderedDict()
        self._coming: dict[Key, Future[pl.Series]] = {}
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        """Bytes that the bitmaps take."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._kept)

    def get(
        self,
        serial: int,
        queries: Iterable[Asked],
        compute: Callable[[Sequence[Asked]], Sequence[pl.Series]],
    ) -> dict[Asked, pl.Series]:
        """Return the bitmap of each query on the snapshot ``serial``.

        ``compute`` is given those that nobody has or is computing, all at once, and returns a
        bitmap for each.
        """
        found: dict[Asked, pl.Series] = {}
        awaited: dict[Asked, Future[pl.Series]] = {}
        mine: dict[Asked, Future[pl.Series]] = {}
        with self._lock:
            for query in dict.fromkeys(queries):
                key = (serial, query)
                if key in self._kept:
                    self._kept.move_to_end(key)
                    found[query] = self._kept[key]
                elif key in self._coming:
                    awaited[query] = self._coming[key]
                else:
                    mine[query] = self._coming[key] = Future()
        # One's own first: whoever waits holds nothing that another waits for.
        found |= self._computed(serial, mine, compute)
        return found | {query: future.result() for query, future in awaited.items()}

    def _computed(
        self,
        serial: int,
        mine: dict[Asked, Future[pl.Series]],
        compute: Callable[[Sequence[Asked]], Sequence[pl.Series]],
    ) -> dict[Asked, pl.Series]:
        if not mine:
            return {}
        try:
            made = dict(zip(mine, compute(tuple(mine)), strict=True))
        except BaseException as error:
            with self._lock:
                for query in mine:
                    del self._coming[serial, query]
            # Whoever waits was not interrupted; it only has no answer.
            told = error if isinstance(error, Exception) else CrmError("the query was interrupted")
            for future in mine.values():
                future.set_exception(told)
            raise
        with self._lock:
            for query, bits in made.items():
                del self._coming[serial, query]
                self._keep((serial, query), bits)
        for query, future in mine.items():
            future.set_result(made[query])
        return made

    def _keep(self, key: Key, bits: pl.Series) -> None:
        self._kept[key] = bits
        self._bytes += _weight(key, bits)
        while self._bytes > self._max_bytes and self._kept:
            gone, dropped = self._kept.popitem(last=False)
            self._bytes -= _weight(gone, dropped)


def _weight(key: Key, bits: pl.Series) -> int:
    asked = key[1]
    source = asked.source and (asked.source.sql, asked.source.parameters)
    own = (asked.test, asked.parameters) if isinstance(asked, Query) else ()
    return int(bits.estimated_size()) + _held((source, own))


def _held(value: object) -> int:
    """Roughly the bytes of a key: texts may be long, and lists of them too."""
    if isinstance(value, tuple):
        return 64 + sum(_held(one) for one in value)
    return 64 + (2 * len(value) if isinstance(value, str) else 0)
