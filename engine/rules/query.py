"""One condition as one query that says, for each customer, whether it holds.

    customers   the test is made on each row of ``customers``: TRUE for those who are in
    rows        the source yields rows of customers, any number of times each; those for whom the
                test holds are in, or, where ``inverted``, those for whom it does not hold are

A test is never NULL. Values are bound; identifiers come from the catalogue and from
:mod:`engine.mirror.tables`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from engine.rules.figures import Between

Parameters: TypeAlias = "tuple[object, ...]"

SHARD = "{shard}"
"""Stands in a source for the number of each shard in turn."""


@dataclass(frozen=True, slots=True)
class Source:
    """What follows FROM, where it is not ``customers``; its rows have a column "row"."""

    sql: str
    parameters: Parameters = ()
    sharded: bool = False
    since: datetime | None = None
    until: datetime | None = None
    """Instants that its orders lie between; None is no bound."""

    def shard(self, number: int) -> str:
        """Return the source for one shard."""
        return self.sql.replace(SHARD, str(number))

    def shards(self, count: int) -> tuple[str, ...]:
        """Return the source for each of ``count`` shards."""
        return tuple(self.shard(n) for n in range(count)) if self.sharded else (self.sql,)


@dataclass(frozen=True, slots=True)
class Figure:
    """A count of the source's rows, or a sum of one of its columns, for each customer; 0 if none.

    Figures are kept as bitmaps are, so that another value to compare with asks for nothing.
    """

    source: Source
    measure: str | None
    """A column; None counts."""

    def rows(self, shard: int) -> str:
        """Return the query of the rows of one shard: "row", and the measure."""
        # Names come from engine.mirror.tables; values are bound.
        measure = "" if self.measure is None else f', "{self.measure}"'
        return f'SELECT "row"{measure} FROM {self.source.shard(shard)}'  # noqa: S608

    def groups(self, shard: int) -> str:
        """Return the query of one shard's customers with orders: "row", and the figure."""
        figure = "count(*)" if self.measure is None else f'sum("{self.measure}")::BIGINT'
        source = self.source.shard(shard)
        return f'SELECT "row", {figure} AS figure FROM {source} GROUP BY "row"'  # noqa: S608


@dataclass(frozen=True, slots=True)
class Query:
    """A test and the parameters of its ``?`` in order.

    Over a source with ``grouped`` the test is made on all rows of one customer together. Without a
    source it is made on each row of ``customers``. ``compared`` says the same of a figure.
    """

    test: str
    parameters: Parameters = ()
    source: Source | None = None
    grouped: bool = True
    inverted: bool = False
    compared: tuple[Figure, Between] | None = None

    def sql(self, shards: int = 1) -> str:
        """Return the whole query, for a person to read."""
        if self.source is None:
            return f"SELECT customer_id FROM customers WHERE {self.test}"  # noqa: S608 - see above
        is_in = "NOT IN" if self.inverted else "IN"
        rows = select_rows((self,), shards)
        return f'SELECT customer_id FROM customers WHERE "row" {is_in} ({rows})'  # noqa: S608

    def all_parameters(self, shards: int = 1) -> list[object]:
        """Return the parameters of :meth:`sql` as DuckDB takes them."""
        return bound(self.parameters) if self.source is None else row_parameters((self,), shards)


def select_bits(queries: Sequence[Query]) -> str:
    """Return one query over ``customers`` with one Boolean column a test, in the rows' order."""
    columns = ", ".join(f"{one.test} AS b{n}" for n, one in enumerate(queries))
    return f"SELECT {columns} FROM customers"  # noqa: S608 - see the module's docstring


def select_rows(queries: Sequence[Query], shards: int) -> str:
    """Return one query over the source that all queries share: "row", and a column a test.

    A lone query has no such column: each of its rows meets the test.
    """
    first = queries[0]
    assert_shared = {(one.source, one.grouped) for one in queries}
    if first.source is None or len(assert_shared) > 1:
        msg = "only queries over the same source share a scan"
        raise ValueError(msg)
    tests = [one.test for one in queries]
    columns = "" if len(tests) == 1 else "".join(f", {one} AS b{n}" for n, one in enumerate(tests))
    any_of = " OR ".join(tests)
    each = f'GROUP BY "row" HAVING {any_of}' if first.grouped else f"WHERE {any_of}"
    return " UNION ALL ".join(
        f'SELECT "row"{columns} FROM {source} {each}'  # noqa: S608 - see the module's docstring
        for source in first.source.shards(shards)
    )


def row_parameters(queries: Sequence[Query], shards: int) -> list[object]:
    """Return the parameters of :func:`select_rows`."""
    source = queries[0].source
    tests = [one for query in queries for one in query.parameters]
    if source is None:
        return bound(tests)
    each = (
        [*tests, *source.parameters, *tests] if len(queries) > 1 else [*source.parameters, *tests]
    )
    return bound(each) * len(source.shards(shards))


def bound(parameters: Sequence[object]) -> list[object]:
    """Return parameters as DuckDB takes them: a tuple stands for a list."""
    return [list(one) if isinstance(one, tuple) else one for one in parameters]
