"""Phrases to begin with: such as words can become a rule, of what is in this workspace's data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages._ui.format import whole_money

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine import Crm

SPENT = {"INR": 5_000}
"""Amounts that somebody may have spent in all, in major units, where 500 is next to nothing."""


def frequent_values(crm: Crm) -> Mapping[str, tuple[str, ...]]:
    """Return frequent values by field, as of the present figures (engine.audience.suggestions)."""
    return _frequent_values(crm.freshness().as_of, crm)


def beginnings(crm: Crm) -> tuple[str, ...]:
    """Return three descriptions of an audience."""
    values = frequent_values(crm)
    city, category = _first(values, "city"), _first(values, "orders.category")
    return (
        f"Customers {f'in {city} ' if city else ''}who spent over {_amount(crm)}",
        f"Bought {category} in the last 6 months" if category else "Ordered at least twice",
        "Have not ordered in 3 months",
    )


def changes(crm: Crm) -> tuple[str, ...]:
    """Return three descriptions of how a rule is to change."""
    city = _first(frequent_values(crm), "city")
    return (
        f"only those in {city}" if city else f"only those who spent over {_amount(crm)}",
        "but not those who ordered in the last month",
        "only those who ordered at least twice",
    )


def _first(values: Mapping[str, tuple[str, ...]], field: str) -> str:
    return next(iter(values.get(field, ())), "")


def _amount(crm: Crm) -> str:
    currency = crm.workspace.currency
    text = whole_money(SPENT.get(currency.code, 500) * 10**currency.decimals)
    return " ".join(text.split())  # some locales part amount and sign by a space of another kind


@st.cache_resource(max_entries=1, show_spinner=False)
def _frequent_values(as_of: datetime, _crm: Crm) -> Mapping[str, tuple[str, ...]]:  # noqa: ARG001 - names the snapshot; `_crm` is no part of the key
    return _crm.suggestions()
