from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pages._ui.format import plain
from tests.pages.conftest import texts, today

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.pages.conftest import Shell

    Import = Callable[..., None]


def test_without_customers_the_way_to_an_import_is_offered(shell: Shell) -> None:
    app = shell("customers.py")
    assert "No customers yet" in texts(app)
    app.button(key="no_customers").click().run()
    assert [one.value for one in app.title] == ["Imports"]


def test_the_table_reads_as_the_workspace_writes_and_keeps_its_numbers(
    shell: Shell, imported: Import
) -> None:
    imported(("1", "a", "2026-03-31T18:30:00Z", "1234567.50", "completed", "Asha"))
    app = shell("customers.py")
    assert not app.exception
    shown = app.dataframe[0].value
    assert shown["total_spend"].tolist() == [1234567.5]
    displayed = app.dataframe[0].proto.arrow_data.styler.display_values
    assert b"12,34,567.50" in displayed
    assert b"1 Apr 2026, 00:00" in displayed
    assert "1 of 1 customer" in texts(app)


def test_an_amount_has_room_for_all_of_its_digits(shell: Shell, imported: Import) -> None:
    imported(("1", "a", "2026-03-31T18:30:00Z", "5", "completed", "Asha"))
    app = shell("customers.py")
    narrow = json.loads(app.dataframe[0].proto.columns)["total_spend"]["width"]
    imported(("2", "a", "2026-03-31T18:30:00Z", "99999999.00", "completed", "Asha"))
    app.run()
    wide = json.loads(app.dataframe[0].proto.columns)["total_spend"]["width"]
    assert wide >= 7 * len("₹9,99,99,999.00")
    assert narrow >= 7 * len("Total spend")
    assert wide > narrow


def test_a_search_counts_what_matches_and_says_so_when_nothing_does(
    shell: Shell, imported: Import
) -> None:
    imported(
        ("1", "a", today(), "5", "completed", "Asha Rao"),
        ("2", "b", today(), "5", "completed", "Ravi"),
    )
    app = shell("customers.py")
    app.text_input(key="search").set_value("ASHA").run()
    assert app.dataframe[0].value["customer_id"].tolist() == ["a"]
    assert "1 of 2 customers" in texts(app)
    app.text_input(key="search").set_value("nobody").run()
    assert not app.dataframe
    assert "No customer matches" in texts(app)


def test_a_search_is_in_the_address(shell: Shell, imported: Import) -> None:
    imported(("1", "a", today(), "5", "completed", "Asha"), ("2", "b", today(), "5", "", "Ravi"))
    app = shell("customers.py", search="ravi")
    assert app.dataframe[0].value["customer_id"].tolist() == ["b"]


def test_the_way_back_from_a_customer_leads_to_the_search_that_found_them(
    shell: Shell, imported: Import
) -> None:
    imported(("1", "a", today(), "5", "completed", "Asha"), ("2", "b", today(), "5", "", "Ravi"))
    app = shell("customer.py", customer="b", found="ravi")
    assert "Customers found by ravi" in [one.value for one in app.page_link]
    app = shell("customers.py", customer="b", found="ravi")
    assert not app.exception
    assert app.text_input(key="search").value == "ravi"
    assert app.dataframe[0].value["customer_id"].tolist() == ["b"]
    assert set(app.query_params) <= {"search"}


def test_every_customer_is_reached_by_turning_pages(shell: Shell, imported: Import) -> None:
    imported(*((str(n), f"c{n:03}", today(), "5", "completed", "Asha") for n in range(101)))
    app = shell("customers.py")
    seen = app.dataframe[0].value["customer_id"].tolist()
    assert app.button(key="previous_customers").disabled
    for _ in range(2):
        app.button(key="next_customers").click().run()
        seen += app.dataframe[0].value["customer_id"].tolist()
    assert seen == [f"c{n:03}" for n in range(101)]
    assert app.button(key="next_customers").disabled
    assert "101 to 101 of 101 matching" in texts(app)


def test_another_search_begins_at_its_first_page(shell: Shell, imported: Import) -> None:
    imported(*((str(n), f"c{n:03}", today(), "5", "completed", "Asha") for n in range(101)))
    app = shell("customers.py")
    app.button(key="next_customers").click().run()
    app.text_input(key="search").set_value("c0").run()
    assert "1 to 50 of 100 matching" in texts(app)


def test_a_customer_has_an_address_with_profile_figures_and_orders(
    shell: Shell, imported: Import
) -> None:
    imported(
        ("1", "a b&c", "2026-01-01T00:00:00Z", "1000.00", "completed", "Asha"),
        ("2", "a b&c", "2026-01-02T00:00:00Z", "-250.50", "refunded", "Asha"),
    )
    app = shell("customer.py", customer="a b&c")
    assert not app.exception
    assert [one.value for one in app.title] == ["Asha"]
    assert {one.label: one.value for one in app.metric} == {
        "Total spend": "₹749.50",
        "Orders": "1",
        "Last order": "1 Jan 2026, 05:30",
    }
    assert app.dataframe[0].value["order_id"].tolist() == ["2", "1"]
    assert app.dataframe[0].value["amount"].tolist() == [-250.5, 1000.0]


def test_a_name_is_shown_as_it_is_written(shell: Shell, imported: Import) -> None:
    name = ":red[*bold*] $x$ <b>"
    imported(("1", "a", today(), "5", "completed", name))
    app = shell("customer.py", customer="a")
    assert [one.value for one in app.title] == [plain(name)]
    assert "*bold*" not in texts(app)
    assert "\\[\\*bold\\*\\] \\$x\\$ \\<b\\>" in plain(name)


def test_an_unknown_customer_is_told_and_the_way_back_is_there(
    shell: Shell, imported: Import
) -> None:
    imported(("1", "a", today(), "5", "completed", "Asha"))
    app = shell("customer.py", customer="nobody:red[x]")
    assert [one.value for one in app.title] == ["Customer not found"]
    assert "There is no customer with the id nobody:red[x]." in app.text[0].value
    assert not app.error
    assert "All customers" in [one.value for one in app.page_link]


def test_without_a_customer_the_record_leads_to_the_list(shell: Shell) -> None:
    app = shell("customer.py")
    assert not app.exception
    app.button(key="see_customers").click().run()
    assert [one.value for one in app.title] == ["Customers"]
