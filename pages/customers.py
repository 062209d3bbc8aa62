"""Find a customer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages._ui.engine import crm
from pages._ui.feedback import as_of, empty_state
from pages._ui.format import count, number
from pages._ui.frames import Column, openable
from pages._ui.places import Place, go, select, selected
from pages._ui.state import CUSTOMERS_PAGE

if TYPE_CHECKING:
    from pages._ui.places import Parameter

ROWS_SHOWN = 50
ROWS_WITHOUT_SCROLLING = 15
TALLEST = 562  # pixels: those rows under their heading

st.title("Customers", anchor=False)
if crm().freshness().customers == 0:
    if empty_state(
        "No customers yet",
        "Import orders, and the customers in them appear here with their lifetime figures.",
        "Import orders",
        key="no_customers",
    ):
        go(Place.IMPORTS)
    st.stop()
searched = selected("found")
select("found", None)  # what is left in the address of a customer one came back from
select("customer", None)
if searched is not None:
    st.session_state["search"] = searched
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
    st.stop()
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
    search: dict[Parameter, str] = {"found": text} if text else {}
    go(Place.CUSTOMER, {"customer": found.rows.item(row, "customer_id"), **search})
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
