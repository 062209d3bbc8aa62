from __future__ import annotations

from typing import TYPE_CHECKING

from engine import Crm
from pages._ui.rule_form import saved_things
from tests.pages.campaign_shop import draft, spenders, stock
from tests.pages.rule_edits import edit, spent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pytest

    from tests.pages.conftest import Shell


def test_a_rule_may_name_every_other_segment_and_every_campaign(crm: Crm) -> None:
    one, other = spenders(crm, "One"), spenders(crm, "Other")
    campaign = draft(crm, one, "Spring")
    campaigns = ((campaign.campaign_id, "Spring"),)
    assert saved_things(crm, one.segment_id) == (((other.segment_id, "Other"),), campaigns)
    both = ((one.segment_id, "One"), (other.segment_id, "Other"))
    assert saved_things(crm, None) == (both, campaigns)


def test_frequent_values_are_asked_once_for_each_state_of_the_data(
    shell: Shell, imported: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    real = Crm.suggestions

    def counted(self: Crm) -> Mapping[str, tuple[str, ...]]:
        asked.append(self.freshness().as_of)
        return real(self)

    monkeypatch.setattr(Crm, "suggestions", counted)
    stock(imported)
    app = edit(shell("segment_builder.py"), spent("1.00"))
    app = edit(app, spent("2.00"))
    assert not app.exception
    assert len(asked) == 1
    stock(imported, 5)
    assert not app.run().exception
    assert len(asked) == len(set(asked)) == 2
