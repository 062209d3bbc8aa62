"""Accepted rows wait on disk until the whole file is read and checked.

SQLite keeps them in an unnamed temporary database: a file that is private to this process, spills
from a bounded cache, and is gone when the connection closes or the process dies.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing, contextmanager
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from engine.errors import ImportFileError
from engine.ingest.batches import batches
from engine.ingest.order_rows import StagedLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

CACHE_KIB = 64 * 1024
MAX_LINES = 5_000
"""Rows of one order; the real export's largest invoice has 1,114, a customer's largest 542."""
MAX_TEXT = 500_000
"""Characters of an order's item texts. Stored twice at up to 4 bytes, 16 MB hold it well."""
_FETCH = 1_000

_ORDERS = f"""
CREATE TABLE lines ({", ".join(StagedLine._fields)});
CREATE TABLE incomplete (order_id, line);
CREATE TABLE refused (order_id PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE profiles (customer_id PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE erased (customer_id PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE said (customer_id, field, at, order_id, value, PRIMARY KEY (customer_id, field))
    WITHOUT ROWID;
"""
_CUSTOMERS = "CREATE TABLE customers (customer_id PRIMARY KEY, line, cells) WITHOUT ROWID;"
_ADD_LINE = f"INSERT INTO lines VALUES ({', '.join('?' * len(StagedLine._fields))})"  # noqa: S608 - only question marks are put in
_KEPT = "order_id NOT IN (SELECT order_id FROM refused)"
_ORDERS_AND_LOST = f"""
SELECT *, (SELECT min(line) FROM incomplete WHERE incomplete.order_id = lines.order_id)
    FROM lines WHERE {_KEPT} ORDER BY order_id, line
"""  # noqa: S608 - a constant is put in
_ACCEPTED = f"SELECT *, NULL FROM lines WHERE {_KEPT} ORDER BY order_id, line"  # noqa: S608 - a constant is put in
_REFUSE_LARGE = f"""
INSERT INTO refused SELECT order_id FROM lines GROUP BY order_id HAVING count(*) > {MAX_LINES}
    OR sum(ifnull(length(sku), 0) + ifnull(length(name), 0) + ifnull(length(category), 0))
        > {MAX_TEXT}
"""  # noqa: S608 - two constants are put in
_ERASED_ORDERS = f"""
SELECT line, order_id FROM lines WHERE {_KEPT} AND order_id IN
    (SELECT order_id FROM lines WHERE customer_id IN (SELECT customer_id FROM erased))
"""  # noqa: S608 - a constant is put in
_LATEST = """
INSERT INTO said VALUES (?, ?, ?, ?, ?) ON CONFLICT (customer_id, field) DO UPDATE SET
    at = excluded.at, order_id = excluded.order_id, value = excluded.value
    WHERE (excluded.at, excluded.order_id) > (at, order_id)
"""
_PROFILES = """
SELECT customer_id, field, at, order_id, value
    FROM profiles LEFT JOIN said USING (customer_id) ORDER BY customer_id
"""


class Staging:
    """The rows of one file. Tables: order lines, or customers."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def add_lines(self, lines: Iterable[StagedLine]) -> None:
        """Keep accepted rows of an order file."""
        self._db.executemany(_ADD_LINE, lines)

    def add_incomplete(self, rows: Iterable[tuple[str, int]]) -> None:
        """Remember that ``(order, line)`` lost a row, so that the order is not taken in part."""
        self._db.executemany("INSERT INTO incomplete VALUES (?, ?)", rows)

    def sort_orders(self) -> None:
        """Make the rows of one order be found together; call once, when every row is in."""
        self._db.execute("CREATE INDEX by_order ON lines (order_id, line)")
        self._db.execute("CREATE INDEX by_incomplete ON incomplete (order_id, line)")

    def refuse_large(self) -> Iterator[tuple[int, str]]:
        """Refuse orders that no document and no memory should hold; yield ``(line, order)``."""
        self._db.execute(_REFUSE_LARGE)
        yield from self._rows(
            "SELECT line, order_id FROM lines WHERE order_id IN (SELECT order_id FROM refused)"
        )

    def refuse_erased(
        self, turned_away: Callable[[Sequence[str]], frozenset[str]]
    ) -> Iterator[int]:
        """Refuse orders of which a row names an erased customer; yield the lines of their rows."""
        ids = (one for (one,) in self._rows("SELECT DISTINCT customer_id FROM lines"))
        erased = [(one,) for batch in batches(ids) for one in turned_away(batch)]
        if not erased:
            return
        self._db.executemany("INSERT INTO erased VALUES (?)", erased)
        rows = list(self._rows(_ERASED_ORDERS))
        self._db.executemany("INSERT INTO refused VALUES (?)", {(order,) for _, order in rows})
        yield from (line for line, _ in rows)

    def orders(self) -> Iterator[tuple[list[StagedLine], int | None]]:
        """Yield the rows of every order not refused yet, by line, and the first line it lost."""
        yield from self._grouped(_ORDERS_AND_LOST)

    def accepted_orders(self) -> Iterator[list[StagedLine]]:
        """Yield the rows of every order that was not refused, by line."""
        for lines, _ in self._grouped(_ACCEPTED):
            yield lines

    def refuse(self, order_id: str) -> None:
        """Leave an order out."""
        self._db.execute("INSERT INTO refused VALUES (?)", (order_id,))

    def keep_profile(
        self, customer_id: str, order_id: str, at: int, profile: Mapping[str, str]
    ) -> None:
        """Keep, of each field, what the latest order that fills it says of a customer."""
        self._db.execute("INSERT OR IGNORE INTO profiles VALUES (?)", (customer_id,))
        said = ((customer_id, field, at, order_id, value) for field, value in profile.items())
        self._db.executemany(_LATEST, said)

    def profiles(self) -> Iterator[tuple[str, list[tuple[str, int, str, str]]]]:
        """Yield ``(customer, [(field, milliseconds, order, value)])``, one a customer."""
        for customer_id, rows in groupby(self._rows(_PROFILES), itemgetter(0)):
            yield customer_id, [row[1:] for row in rows if row[1] is not None]

    def add_customer(self, customer_id: str, line: int, cells: list[str]) -> int | None:
        """Keep a row of a customer file; return the line that has this id already, if one has."""
        row = (customer_id, line, json.dumps(cells, ensure_ascii=False))
        added = self._db.execute("INSERT OR IGNORE INTO customers VALUES (?, ?, ?)", row)
        if added.rowcount:
            return None
        same = "SELECT line FROM customers WHERE customer_id = ?"
        return int(self._db.execute(same, (customer_id,)).fetchone()[0])

    def refuse_erased_customers(
        self, turned_away: Callable[[Sequence[str]], frozenset[str]]
    ) -> Iterator[int]:
        """Leave out the customers that were erased; yield the lines they stand on."""
        erased: list[str] = []
        for batch in batches(one for (one,) in self._rows("SELECT customer_id FROM customers")):
            erased += turned_away(batch)
        for one in erased:
            gone = "DELETE FROM customers WHERE customer_id = ? RETURNING line"
            yield from (line for (line,) in self._db.execute(gone, (one,)).fetchall())

    def customers(self) -> Iterator[list[str]]:
        """Yield the cells of every customer kept."""
        for (cells,) in self._rows("SELECT cells FROM customers"):
            yield json.loads(cells)

    def count(self, table: str) -> int:
        """Return how many rows a table of this module holds."""
        return int(self._db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - a name of this module

    def _grouped(self, query: str) -> Iterator[tuple[list[StagedLine], int | None]]:
        for _, rows in groupby(self._rows(query), itemgetter(0)):
            found = list(rows)
            yield [StagedLine(*row[:-1]) for row in found], found[0][-1]

    def _rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        cursor = self._db.execute(query)
        while rows := cursor.fetchmany(_FETCH):
            yield from rows


@contextmanager
def staging() -> Iterator[Staging]:
    """Open an empty staging area; it is gone when the block ends, however it ends.

    Raises ImportFileError where the temporary disk is full.
    """
    try:
        with closing(sqlite3.connect("", isolation_level=None)) as connection:
            connection.executescript(
                f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-{CACHE_KIB};"
                f"{_ORDERS}{_CUSTOMERS}BEGIN"
            )
            yield Staging(connection)
    except sqlite3.OperationalError as error:
        msg = f"the temporary disk does not hold the file's rows ({error})"
        raise ImportFileError(msg) from error
