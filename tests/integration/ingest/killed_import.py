"""Imports a file and kills itself with SIGKILL once the first orders are written."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.domain.clock import SystemClock
from engine.domain.money import currency
from engine.domain.workspace import Workspace
from engine.ingest.eraser import Eraser
from engine.ingest.importer import Importer
from engine.ingest.presets import ONLINE_RETAIL
from engine.store.attributes import AttributeStore
from engine.store.client import connect
from engine.store.customers import CustomerStore
from engine.store.erasures import ErasureStore
from engine.store.imports import ImportStore
from engine.store.orders import OrderStore
from engine.store.secrets import ErasureKey

if TYPE_CHECKING:
    from engine.ingest.result import Progress


def main(uri: str, database_name: str, file: str) -> None:
    database = connect(uri, database_name)
    orders = OrderStore(database, "INR")

    def kill(_progress: Progress) -> None:
        if orders.count():
            os.kill(os.getpid(), signal.SIGKILL)

    importer = Importer(
        CustomerStore(database),
        orders,
        ImportStore(database),
        AttributeStore(database),
        Eraser(ErasureStore(database, ErasureKey(database, None)), SystemClock()).turned_away,
        Workspace("test", currency("INR"), ZoneInfo("Asia/Kolkata"), "en_IN"),
        SystemClock(),
    )
    importer.run(Path(file), ONLINE_RETAIL, by="asha", progress=kill)


if __name__ == "__main__":
    main(*sys.argv[1:])
