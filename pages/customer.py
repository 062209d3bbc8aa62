"""One customer: profile, lifetime figures, orders with their items."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from engine.errors import NotFound
from pages._ui.engine import crm, present, workspace
from pages._ui.feedback import as_of, empty_state
from pages._ui.format import NOTHING, count, day, money, number, plain, when
from pages._ui.frames import Column, selectable, table
from pages._ui.places import Place, go, link, selected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.domain.customer import Attribute, Customer
    from engine.domain.order import Order

ORDERS_SHOWN = 100  # as many as the engine returns with a customer


def profile(customer: Customer) -> None:
    """Show who the customer is; values are shown as text, never as markup."""
    st.subheader("Profile", anchor=False)
    known: dict[str, str | None] = {
        "Customer id": customer.customer_id,
        "E-mail": customer.email,
        "Phone": customer.phone,
        "City": customer.city,
        "Country": customer.country,
        "Gender": customer.gender,
        "Date of birth": day(customer.birth_date),
        "Signed up": when(customer.signed_up_at),
        "Tags": ", ".join(customer.tags),
    }
    known |= {name: shown(value) for name, value in sorted(customer.attributes.items())}
    with (
        st.container(border=True),
        st.grid(3, min_column_width=200, gap=("small", "medium")) as cells,
    ):
        for label, value in known.items():
            with cells.cell(), st.container(gap="xxsmall"):
                st.caption(plain(label))
                st.text(value or NOTHING)


def shown(value: Attribute) -> str:
    """Return a custom value as text."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float):
        return number(value)
    if isinstance(value, datetime):
        return when(value)
    return value if isinstance(value, str) else ", ".join(value)


def orders(found: Sequence[Order]) -> None:
    """List the orders; the one that is picked shows its items."""
    st.subheader("Orders", anchor=False)
    if not found:
        st.markdown("This customer has no orders.")
        return
    frame = pl.DataFrame(
        {
            "order_id": [order.order_id for order in found],
            "ordered_at": [order.ordered_at for order in found],
            "status": [order.status.value.capitalize() for order in found],
            "channel": [order.channel for order in found],
            "quantity": [order.quantity if order.items else None for order in found],
            "amount": [order.amount for order in found],
        },
        schema_overrides={
            "channel": pl.String,
            "ordered_at": pl.Datetime("us", "UTC"),
            "quantity": pl.Int64,
        },
    )
    picked = selectable(
        frame,
        {
            "order_id": Column("Order id", pinned=True),
            "ordered_at": Column("Time", "instant"),
            "status": Column("Status"),
            "channel": Column("Channel"),
            "quantity": Column("Units", "number"),
            "amount": Column("Amount", "money"),
        },
        alt="The customer's orders, latest first",
        key="orders",
        height="auto",
    )
    many = (
        f"The latest {ORDERS_SHOWN} orders"
        if len(found) >= ORDERS_SHOWN
        else count(len(found), "order")
    )
    as_of(present(), f"{many}, of every status. Tick one to see its items")
    if picked is None:
        return
    order = found[picked]
    st.subheader(f"Items of order {plain(order.order_id)}", anchor=False)
    if not order.items:
        st.markdown("This order came without items.")
        return
    table(
        pl.DataFrame(
            {
                "sku": [item.sku for item in order.items],
                "name": [item.name for item in order.items],
                "category": [item.category for item in order.items],
                "quantity": [item.quantity for item in order.items],
                "unit_price": [f"{item.unit_price:f}" for item in order.items],
                "amount": [item.amount for item in order.items],
            },
            schema_overrides=dict.fromkeys(("sku", "name", "category"), pl.String),
        ),
        {
            "sku": Column("SKU"),
            "name": Column("Item", width="large"),
            "category": Column("Category"),
            "quantity": Column("Units", "number"),
            "unit_price": Column(f"Unit price ({workspace().currency.code})"),
            "amount": Column("Amount", "money"),
        },
        alt="Items of the order",
        key="items",
    )


searched = selected("found")
link(
    Place.CUSTOMERS,
    f"Customers found by {plain(searched)}" if searched else "All customers",
    {"found": searched} if searched else None,
    icon=":material/arrow_back:",
)
customer_id = selected("customer")
if customer_id is None:
    st.title("Customer", anchor=False)
    if empty_state(
        "No customer chosen",
        "Find one in the list of customers to see who they are and what they ordered.",
        "See customers",
        key="see_customers",
    ):
        go(Place.CUSTOMERS)
    st.stop()
try:
    record = crm().customer(customer_id)
except NotFound:
    st.title("Customer not found", anchor=False)
    st.text(f"There is no customer with the id {customer_id}. It may have been removed.")
    st.stop()
customer = record.customer
st.title(plain(customer.name or f"Customer {customer_id}"), anchor=False)
lifetime = crm().lifetime(customer_id)
with st.grid(3, min_column_width=180):
    st.metric(
        "Total spend",
        money(lifetime.total_spend),
        border=True,
        help="Completed orders less refunds.",
    )
    st.metric("Orders", number(lifetime.order_count), border=True, help="Completed orders.")
    st.metric("Last order", when(lifetime.last_order_at, zone=False), border=True)
as_of(crm().freshness().as_of)
profile(customer)
orders(record.orders)
