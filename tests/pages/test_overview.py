from __future__ import annotations

from typing import TYPE_CHECKING

from tests.pages.conftest import texts, today

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    from engine import Crm
    from tests.pages.conftest import Shell


def metric(app: AppTest, label: str) -> str:
    return next(str(one.value) for one in app.metric if one.label == label)


def test_an_empty_workspace_leads_to_the_first_campaign_in_three_steps(shell: Shell) -> None:
    app = shell()
    assert not app.exception
    assert [one.value for one in app.subheader] == [
        "1. Import orders",
        "2. Build a segment",
        "3. Launch a campaign",
    ]
    assert {"first_import", "first_segment", "first_campaign"} <= {b.key for b in app.button}
    assert not app.metric


def test_the_first_step_opens_the_imports(shell: Shell) -> None:
    app = shell()
    app.button(key="first_import").click().run()
    assert not app.exception
    assert [one.value for one in app.title] == ["Imports"]


def test_figures_carry_their_unit_denominator_and_as_of_time(
    shell: Shell, imported: Callable[..., None]
) -> None:
    imported(
        ("1", "a", "2020-01-01T00:00:00Z", "1234567.50", "completed", "Asha"),
        ("2", "b", today(), "100.00", "completed", "Ravi"),
        ("3", "b", today(), "-40.00", "refunded", "Ravi"),
        ("4", "b", today(), "999.00", "cancelled", "Ravi"),
    )
    app = shell()
    assert not app.exception
    assert metric(app, "Customers") == "2"
    assert metric(app, "Bought in 90 days") == "1"
    assert metric(app, "Orders") == "2"
    assert metric(app, "Net revenue") == "₹12,34,628"
    assert "exactly ₹12,34,627\\.50" in next(
        one.help for one in app.metric if one.label == "Net revenue"
    )
    assert "50.0% of customers" in [one.delta for one in app.metric]
    assert "As of " in texts(app)
    assert " IST" in texts(app)


def test_demo_data_comes_at_a_click_and_goes_only_after_a_confirmation(
    crm: Crm, shell: Shell, imported: Callable[..., None]
) -> None:
    app = shell()
    app.button(key="load_demo").click().run()
    imported(("1", "mine", today(), "100.00", "completed", "Asha"))
    app.run()
    assert "5,000 customers and 40,000 orders of a made-up retailer" in texts(app)
    app.button(key="remove_demo").click().run()
    assert crm.demo_counts().customers == 5_000
    app.button(key="confirm_action").click().run()
    assert not app.exception
    assert crm.demo_counts().customers == 0
    assert crm.freshness().customers == 1
    app.run()
    assert "made-up retailer" not in texts(app)


def test_without_campaigns_the_next_step_is_offered(
    shell: Shell, imported: Callable[..., None]
) -> None:
    imported(("1", "a", today(), "5.00", "completed", "Asha"))
    app = shell()
    assert "No campaigns yet" in texts(app)
    assert app.button(key="no_campaigns").label == "Create a campaign"
