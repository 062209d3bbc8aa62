"""What was written is done, even if the figures cannot be read again at that moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import StoreUnavailable
from engine.mirror.mirror import Mirror

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from engine.crm import Crm


def away(_: Mirror, *, timeout: float) -> None:  # noqa: ARG001 - as it is called
    msg = "MongoDB does not answer"
    raise StoreUnavailable(msg)


def test_an_import_that_is_written_is_not_reported_as_failed(
    crm: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("order_id,customer_id,ordered_at,amount\n1,a,2026-01-01,5.00\n")
    chosen = crm.guess_mapping(crm.inspect_file(file))
    assert crm.freshness().customers == 0
    with monkeypatch.context() as patched:
        patched.setattr(Mirror, "refresh", away)
        result = crm.run_import(file, chosen)
    assert result.orders_written.inserted == 1
    assert crm.freshness().customers == 0
    assert crm.refresh().customers == 1


def test_demo_data_that_is_removed_is_not_reported_as_failed(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert crm.refresh().customers == 0
    monkeypatch.setattr(Mirror, "refresh", away)
    assert crm.remove_demo().customers == 0
