from __future__ import annotations

from typing import TYPE_CHECKING

from tests.pages.campaign_shop import HARD, draft, finish, launch, spenders, stock
from tests.pages.conftest import texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine import Crm
    from tests.pages.conftest import Shell


def test_without_segments_the_page_leads_to_the_builder_first(shell: Shell) -> None:
    app = shell("campaigns.py")
    assert not app.exception
    app.button(key="first_segment").click().run()
    assert [one.value for one in app.title] == ["New segment"]


def test_without_campaigns_the_page_offers_to_write_one(shell: Shell, crm: Crm) -> None:
    spenders(crm)
    app = shell("campaigns.py")
    app.button(key="new_campaign").click().run()
    assert not app.exception
    assert [one.value for one in app.title] == ["New campaign"]


def test_the_history_tells_how_each_campaign_went(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported, 5)
    segment = spenders(crm)
    launch(crm, draft(crm, segment, "Sent one"))
    finish(crm)
    draft(crm, segment, "Draft one")
    app = shell("campaigns.py")
    assert not app.exception
    rows = app.dataframe[0].value
    assert rows["name"].to_list() == ["Draft one", "Sent one"]
    assert rows["status"].to_list() == ["Draft", "Finished"]
    assert rows["segment"].to_list() == [HARD, HARD]
    assert rows["audience"].to_list()[1] == 4
    assert rows["sent"].to_list()[1] + rows["failed"].to_list()[1] == 4
    assert rows["pending"].to_list()[1] == 0
    assert "2 campaigns, latest first; figures are numbers of customers" in texts(app)


def test_a_campaign_under_way_is_followed_until_it_ends(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported)
    launch(crm, draft(crm, spenders(crm)))
    app = shell("campaigns.py")
    assert app.dataframe[0].value["status"].to_list() == ["Launching"]
    finish(crm)
    app.run()
    assert not app.exception
    assert app.dataframe[0].value["status"].to_list() == ["Finished"]
