"""A shop: the stores and an importer over a real database, in rupees and Indian time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from engine.ingest.importer import Importer
    from engine.ingest.mapping import ColumnMapping
    from engine.ingest.result import ImportResult, Progress
    from engine.store.attributes import AttributeStore
    from engine.store.customers import CustomerStore
    from engine.store.imports import ImportRecord, ImportStore
    from engine.store.orders import OrderStore

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Shop:
    """The stores and an importer, in rupees and Indian time."""

    customers: CustomerStore
    orders: OrderStore
    imports: ImportStore
    attributes: AttributeStore
    importer: Importer
    folder: Path

    def bring_in(
        self,
        content: bytes | str,
        mapping: ColumnMapping,
        *,
        progress: Callable[[Progress], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        rejects_to: Path | None = None,
    ) -> ImportResult:
        path = self.folder / "file.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return self.importer.run(
            path,
            mapping,
            by="asha",
            progress=progress,
            cancelled=cancelled,
            rejects_to=rejects_to,
        )

    def last_import(self) -> ImportRecord:
        return self.imports.recent(now=NOW)[0]

    @property
    def is_empty(self) -> bool:
        return self.customers.count() == 0 and self.orders.count() == 0
