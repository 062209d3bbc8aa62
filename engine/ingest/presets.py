"""Mappings that come with the product, by name."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.errors import ImportFileError
from engine.ingest.fields import FileKind
from engine.ingest.mapping import ColumnMapping, MappingOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

ONLINE_RETAIL = ColumnMapping(
    name="online-retail",
    kind=FileKind.ORDERS,
    columns=MappingProxyType(
        {
            "order_id": "InvoiceNo",
            "customer_id": "CustomerID",
            "ordered_at": "InvoiceDate",
            "sku": "StockCode",
            "item_name": "Description",
            "quantity": "Quantity",
            "unit_price": "UnitPrice",
            "country": "Country",
        }
    ),
    options=MappingOptions(whole_number_ids=True, refund_prefix="C"),
)
"""The UCI "Online Retail" data set (Chen, 2015): one row is one line of an invoice.

It names no currency, so its amounts are taken to be in the workspace's.
"""

PRESETS: Mapping[str, ColumnMapping] = MappingProxyType({ONLINE_RETAIL.name: ONLINE_RETAIL})


def preset(name: str) -> ColumnMapping:
    """Return a preset; raises ImportFileError that lists them."""
    found = PRESETS.get(name)
    if found is None:
        msg = f"there is no preset {name!r}; there are {', '.join(PRESETS)}"
        raise ImportFileError(msg)
    return found
