"""What the tests of imports may ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from engine.domain.clock import FixedClock
from engine.domain.money import currency
from engine.domain.workspace import Workspace
from engine.ingest.eraser import Eraser
from engine.ingest.importer import Importer
from engine.store.attributes import AttributeStore
from engine.store.client import connect
from engine.store.customers import CustomerStore
from engine.store.erasures import ErasureStore
from engine.store.imports import ImportStore
from engine.store.orders import OrderStore
from engine.store.secrets import ErasureKey
from tests.integration.ingest.shop import NOW, Shop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def shop(mongo_uri: str, db_name: str, tmp_path: Path) -> Iterator[Shop]:
    database = connect(mongo_uri, db_name)
    workspace = Workspace("test", currency("INR"), ZoneInfo("Asia/Kolkata"), "en_IN")
    customers, orders = CustomerStore(database), OrderStore(database, "INR")
    imports, attributes = ImportStore(database), AttributeStore(database)
    clock = FixedClock(NOW)
    eraser = Eraser(ErasureStore(database, ErasureKey(database, None)), clock)
    importer = Importer(
        customers, orders, imports, attributes, eraser.turned_away, workspace, clock
    )
    yield Shop(customers, orders, imports, attributes, importer, tmp_path)
    database.client.close()
