"""What a row about a person shows to those who may not see people."""

from __future__ import annotations

import polars as pl

from engine.domain.hidden import HIDDEN

KEPT = ("city", "country", "order_count", "total_spend", "first_order_at", "last_order_at")
"""Columns that stay as they are; every other one that is not masked is left out."""


def masked(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with ids, names, addresses and numbers masked, and nothing else personal.

    ``asha@example.com`` becomes ``a•••@e•••.com``, ``Asha Rao`` becomes ``A•••``, a phone number
    keeps its last two digits, an id its first character.
    """
    first = pl.col("^(customer_id|name)$").str.slice(0, 1) + HIDDEN
    address = pl.col("^email$").str.replace(
        r"^(.?)[^@]*@(.?).*?(\.[^.@]*)?$", f"$1{HIDDEN}@$2{HIDDEN}$3"
    )
    phone = pl.col("^phone$").str.slice(-2).str.replace("^", HIDDEN)
    return rows.select(first, address, phone, pl.col(f"^({'|'.join(KEPT)})$"))
