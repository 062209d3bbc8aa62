"""Find a customer, and read one: profile, lifetime figures, orders with their items."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from engine.errors import NotFound
from pages._ui.engine import crm
from pages._ui.feedback import as_of, empty_state
from pages._ui.format import NOTHING, count, day, money, number, plain, when
from pages._ui.frames import Column, openable, selectable, table
from pages._ui.places import Place, go, link, select, selected
from pages._ui.state import CUSTOMERS_PAGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.domain.customer import Attribute, Customer
    from engine.domain.order import Order

ROWS_SHOWN = 50
ROWS_WITHOUT_SCROLLING = 15
TALLEST = 562  # pixels: those rows under their heading
ORDERS_SHOWN = 100  # as many as the engine returns with a customer


def directory() -> None:
    """Show the search and a page of the customers it finds."""
    st.title("Customers", anchor=False)
    if crm().freshness().customers == 0:
        if empty_state(
            "No customers yet",
            "Import orders, and the customers in them appear here with their lifetime figures.",
            "Import orders",
            key="no_customers",
        ):
            go(Place.IMPORTS)
        return
    text = st.text_input(
        "Search customers",
        key="search",
        type="search",
        placeholder="Id, name, e-mail, phone, city or country",
        live=True,
        bind="query-params",
        on_change=CUSTOMERS_PAGE.set,
        args=(0,),
    )
    page = CUSTOMERS_PAGE.get()
    found = crm().search_customers(text or "", offset=page * ROWS_SHOWN, limit=ROWS_SHOWN)
    if found.rows.is_empty() and page > 0:  # fewer match than when the page was turned
        CUSTOMERS_PAGE.set(0)
        st.rerun()
    if found.matching == 0:
        st.markdown("No customer matches. A search looks for the text anywhere in a field.")
        as_of(found.as_of, f"0 of {count(found.total, 'customer')}")
        return
    row = openable(
        found.rows,
        {
            "customer_id": Column("Customer id", pinned=True),
            "name": Column("Name", width=160),
            "order_count": Column("Orders", "number", help="Completed orders"),
            "total_spend": Column("Total spend", "money", help="Completed orders less refunds"),
            "last_order_at": Column("Last order", "instant"),
            "city": Column("City", width=120),
            "country": Column("Country", width=120),
            "email": Column("E-mail", width="medium"),
            "phone": Column("Phone", width=130),
            "first_order_at": Column("First order", "instant"),
        },
        alt="Customers that match the search, with their lifetime figures",
        key="customers",
        height="content" if found.rows.height <= ROWS_WITHOUT_SCROLLING else TALLEST,
    )
    if row is not None:
        select("customer", found.rows.item(row, "customer_id"))
        st.rerun()
    last_page = (found.matching - 1) // ROWS_SHOWN
    with st.container(horizontal=True, vertical_alignment="center"):
        first = page * ROWS_SHOWN + 1
        st.markdown(
            f"{number(first)} to {number(first + found.rows.height - 1)} "
            f"of {number(found.matching)} matching",
            width="content",
        )
        st.button(
            "Previous",
            key="previous_customers",
            disabled=page == 0,
            on_click=CUSTOMERS_PAGE.set,
            args=(page - 1,),
        )
        st.button(
            "Next",
            key="next_customers",
            disabled=page >= last_page,
            on_click=CUSTOMERS_PAGE.set,
            args=(page + 1,),
        )
    as_of(
        found.as_of,
        f"{number(found.matching)} of {count(found.total, 'customer')}, by customer id",
    )


def detail(customer_id: str) -> None:
    """Show one customer."""
    link(Place.CUSTOMERS, "All customers", icon=":material/arrow_back:")
    try:
        record = crm().customer(customer_id)
    except NotFound:
        st.title("Customer not found", anchor=False)
        st.text(f"There is no customer with the id {customer_id}. It may have been removed.")
        return
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
    as_of(crm().clock.now(), f"{many}, of every status. Tick one to see its items")
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
            "unit_price": Column(f"Unit price ({crm().workspace.currency.code})"),
            "amount": Column("Amount", "money"),
        },
        alt="Items of the order",
        key="items",
    )


chosen = selected("customer")
if chosen is None:
    directory()
else:
    detail(chosen)
