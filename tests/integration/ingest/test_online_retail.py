from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.ingest.presets import ONLINE_RETAIL
from engine.store.writes import WriteCounts

if TYPE_CHECKING:
    from tests.integration.ingest.shop import Shop

REAL = Path(__file__).parents[4] / "shared" / "data" / "online_retail.csv.gz"


@pytest.mark.slow
@pytest.mark.skipif(not REAL.exists(), reason="../shared/data/online_retail.csv.gz is not here")
def test_the_real_export_gives_its_known_figures_and_the_second_time_changes_nothing(
    shop: Shop,
) -> None:
    first = shop.importer.run(REAL, ONLINE_RETAIL, by="asha")
    assert first.rows == 541_909
    assert (first.customers, first.orders, first.refunded) == (4_372, 22_190, 3_654)
    assert first.rejected == {"no customer id": 135_080}
    assert first.net_amount == 830_006_581
    assert (shop.customers.count(), shop.orders.count()) == (4_372, 22_190)
    again = shop.importer.run(REAL, ONLINE_RETAIL, by="asha")
    assert again.changed_nothing
    assert again.orders_written == WriteCounts(0, 0, 22_190)
