"""One workspace, one currency: amounts are never read as those of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.bootstrap import open_crm
from engine.errors import SettingsError
from engine.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from engine.crm import Crm


def opened(mongo_uri: str, db_name: str, currency: str) -> Crm:
    return open_crm(
        Settings.model_validate(
            {"mongodb_uri": mongo_uri, "mongodb_database": db_name, "currency": currency}
        )
    )


def test_orders_in_one_currency_are_not_opened_in_another(
    mongo_uri: str, db_name: str, tmp_path: Path
) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("order_id,customer_id,ordered_at,amount\n1,a,2026-01-01,5.00\n")
    with opened(mongo_uri, db_name, "INR") as crm:
        crm.load_demo()
        crm.run_import(file, crm.guess_mapping(crm.inspect_file(file)))
    with pytest.raises(SettingsError, match=r"CRM_CURRENCY is JPY, but .* are in INR: set CRM_"):
        opened(mongo_uri, db_name, "JPY")
    opened(mongo_uri, db_name, "INR").close()


def test_demo_data_follows_the_currency(mongo_uri: str, db_name: str) -> None:
    with opened(mongo_uri, db_name, "INR") as crm:
        crm.load_demo()
        paise = [one.amount for one in crm.stores.orders.of_customer("DEMO-00005")]
        assert 115_000 in paise
    with opened(mongo_uri, db_name, "JPY") as crm:
        assert crm.stores.orders.currency("demo") == "JPY"
        assert crm.demo_counts().orders == 40_000
        yen = [one.amount for one in crm.stores.orders.of_customer("DEMO-00005")]
        assert 1_150 in yen
    opened(mongo_uri, db_name, "USD").close()
