from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from engine import decode, encode
from engine.domain.campaign import CampaignStatus, Channel, Launch
from tests.pages.campaign_shop import draft, launch, spenders, stock
from tests.pages.conftest import texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    from engine import Crm
    from engine.domain.campaign import Campaign
    from tests.pages.conftest import Shell


def written(app: AppTest, segment_id: str, body: str) -> AppTest:
    app.text_input(key="campaign_name").set_value("Spring").run()
    app.selectbox(key="campaign_segment").set_value(segment_id).run()
    app.text_input(key="campaign_subject").set_value("Hello").run()
    return app.text_area(key="campaign_body").set_value(body).run()


def test_without_segments_the_editor_leads_to_the_builder(shell: Shell) -> None:
    app = shell("campaign_editor.py")
    assert not app.exception
    app.button(key="first_segment").click().run()
    assert [one.value for one in app.title] == ["New segment"]


def test_a_message_is_shown_as_five_real_members_would_read_it(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported, 9)
    segment = spenders(crm)
    app = shell("campaign_editor.py")
    app = written(app, segment.segment_id, "**{{ name }}** spent {{ total_spend }}")
    assert not app.exception
    assert "8 of 9 customers" in texts(app)
    bodies = [one.value for one in app.text if "spent" in str(one.value)]
    assert bodies == [f"**N{n}** spent ₹{n},001.00" for n in (1, 2, 3, 4, 5)]


def test_what_is_wrong_with_a_message_is_said_in_a_sentence(shell: Shell, crm: Crm) -> None:
    segment = spenders(crm)
    app = written(shell("campaign_editor.py"), segment.segment_id, "Hello {{ nick }}")
    assert not app.exception
    assert "the fields are" in app.error[0].value
    app.button(key="save_campaign").click().run()
    assert len(app.error) == 2
    assert crm.campaigns() == ()


def test_only_an_email_has_a_subject(shell: Shell, crm: Crm) -> None:
    segment = spenders(crm)
    app = written(shell("campaign_editor.py"), segment.segment_id, "Hello")
    app.segmented_control(key="campaign_channel").set_value(Channel.SMS).run()
    assert not app.exception
    assert "campaign_subject" not in {one.key for one in app.text_input}
    app.button(key="save_campaign").click().run()
    (saved,) = crm.campaigns()
    assert saved.campaign.message.subject == ""
    assert saved.campaign.message.channel is Channel.SMS


def test_a_field_is_put_at_the_end_of_the_message(shell: Shell, crm: Crm) -> None:
    segment = spenders(crm)
    app = written(shell("campaign_editor.py"), segment.segment_id, "Hello ")
    app.menu_button(key="insert_field").click("first_name").run()
    assert app.text_area(key="campaign_body").value == "Hello {{ first_name }}"


def test_a_draft_is_saved_and_saved_over(shell: Shell, crm: Crm) -> None:
    segment = spenders(crm)
    app = written(shell("campaign_editor.py"), segment.segment_id, "Hello")
    assert "Unsaved changes" in texts(app)
    app.button(key="save_campaign").click().run()
    assert not app.exception
    (saved,) = crm.campaigns()
    assert app.query_params["campaign"] == saved.campaign.campaign_id
    assert "Draft saved" in texts(app)
    app.text_area(key="campaign_body").set_value("Hello again").run()
    app.button(key="save_campaign").click().run()
    (saved,) = crm.campaigns()
    assert saved.campaign.message.body == "Hello again"
    assert saved.campaign.version == 2


def test_a_change_by_somebody_else_is_told_and_the_edits_stay(shell: Shell, crm: Crm) -> None:
    campaign = draft(crm, spenders(crm))
    app = shell("campaign_editor.py", campaign=campaign.campaign_id)
    app.text_area(key="campaign_body").set_value("Mine").run()
    crm.save_campaign(
        name="Theirs",
        segment_id=campaign.segment_id,
        message=campaign.message,
        campaign_id=campaign.campaign_id,
        version=campaign.version,
    )
    app.button(key="save_campaign").click().run()
    assert "was changed meanwhile" in app.error[0].value
    assert app.text_area(key="campaign_body").value == "Mine"
    app.button(key="discard_campaign").click().run()
    assert app.text_input(key="campaign_name").value == "Theirs"


def test_launching_says_exactly_whom_it_goes_to_before_it_does(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported)
    campaign = draft(crm, spenders(crm, "Spenders"))
    app = shell("campaign_editor.py", campaign=campaign.campaign_id)
    app.button(key="launch_campaign").click().run()
    assert not app.exception
    assert "Send **Spring** to **2 customers** by e-mail" in texts(app)
    assert "The segment is evaluated again at the moment of launch" in texts(app)
    assert app.button(key="confirm_action").label == "Send to 2 customers"
    assert crm.campaign(campaign.campaign_id).status is CampaignStatus.DRAFT


def test_a_campaign_to_no_one_is_not_launched(shell: Shell, crm: Crm) -> None:
    campaign = draft(crm, spenders(crm))
    app = shell("campaign_editor.py", campaign=campaign.campaign_id)
    app.button(key="launch_campaign").click().run()
    assert "there is no one to send to" in app.error[0].value
    assert crm.campaign(campaign.campaign_id).status is CampaignStatus.DRAFT


def test_a_campaign_without_a_segment_is_not_saved(shell: Shell, crm: Crm) -> None:
    spenders(crm)
    app = shell("campaign_editor.py")
    app.button(key="launch_campaign").click().run()
    assert "Choose the segment" in app.error[0].value
    assert crm.campaigns() == ()


def test_a_launched_campaign_leads_to_its_report(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported)
    campaign = launch(crm, draft(crm, spenders(crm)))
    app = shell("campaign_editor.py", campaign=campaign.campaign_id)
    assert not app.exception
    assert [one.value for one in app.title] == ["Spring"]
    assert "Launched already" in texts(app)
    assert not app.text_area
    app.button(key="open_report").click().run()
    assert "Audience" in {one.label for one in app.metric}


def test_discarding_the_changes_to_a_draft_that_is_gone_says_so(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported)
    campaign = draft(crm, spenders(crm))
    app = shell("campaign_editor.py", campaign=campaign.campaign_id)
    app.text_input(key="campaign_name").set_value("Mine").run()
    crm.delete_campaign_draft(campaign.campaign_id, version=1)
    app.button(key="discard_campaign").click().run()
    assert not app.exception
    assert "it may have been deleted" in texts(app)
    assert not app.text_area


def gone_back(crm: Crm) -> Campaign:
    """A campaign launched on a field that is gone by the time its audience is fixed."""
    campaign = draft(crm, spenders(crm))
    rule = decode(
        {"version": 1, "rule": {"field": "attributes.gone", "op": "is_set"}},
    )
    crm.stores.campaigns.launch(
        campaign.campaign_id,
        version=campaign.version,
        launch=Launch(
            document=encode(rule),
            referred={},
            segment_version=1,
            now=crm.clock.now(),
            by="somebody",
        ),
    )
    while crm.worker.step():
        pass
    campaign = crm.campaign(campaign.campaign_id)
    assert campaign.status is CampaignStatus.DRAFT
    assert campaign.problem is not None
    return campaign


def test_a_launch_that_went_back_says_why(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported)
    campaign = gone_back(crm)
    app = shell("campaign_editor.py", campaign=campaign.campaign_id)
    assert not app.exception
    assert "The launch did not go through" in app.error[0].value
    assert "attributes\\.gone" in app.error[0].value
    app = shell("campaigns.py")
    assert app.dataframe[0].value["status"].to_list() == ["Launch failed"]


def test_a_draft_that_went_back_can_be_put_right_and_launched_again(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported)
    campaign = gone_back(crm)
    app = shell("campaign_editor.py", campaign=campaign.campaign_id)
    app.text_area(key="campaign_body").set_value("Put right").run()
    app.button(key="launch_campaign").click().run()
    app.button(key="confirm_action").click().run()
    assert not app.exception
    again = crm.campaign(campaign.campaign_id)
    assert again.status is CampaignStatus.LAUNCHING
    assert again.problem is None
    assert "Audience" in {one.label for one in app.metric}


def test_a_draft_is_deleted_after_asking_and_nothing_else_is(shell: Shell, crm: Crm) -> None:
    segment = spenders(crm)
    campaign, other = draft(crm, segment), draft(crm, segment, "Other")
    app = shell("campaign_editor.py", campaign=campaign.campaign_id)
    app.button(key="delete_campaign").click().run()
    assert "**Spring** is deleted for everyone" in texts(app)
    app.button(key="confirm_cancel").click().run()
    assert len(crm.campaigns()) == 2
    app.button(key="delete_campaign").click().run()
    app.button(key="confirm_action").click().run()
    assert not app.exception
    assert [one.value for one in app.title] == ["Campaigns"]
    assert [one.campaign.campaign_id for one in crm.campaigns()] == [other.campaign_id]


def test_a_draft_that_was_launched_elsewhere_is_not_deleted(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported)
    campaign = draft(crm, spenders(crm))
    app = shell("campaign_editor.py", campaign=campaign.campaign_id)
    app.button(key="delete_campaign").click().run()
    launch(crm, campaign)
    app.button(key="confirm_action").click().run()
    assert not app.exception
    assert crm.campaign(campaign.campaign_id).status is CampaignStatus.LAUNCHING
    assert "Launched already" in texts(app)


def test_a_segment_looked_at_as_of_another_time_is_launched_at_the_present(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported)
    segment = spenders(crm)
    app = shell("segment_builder.py", segment=segment.segment_id)
    app.date_input(key="evaluated_on").set_value(date(2026, 1, 10)).run()
    app.button(key="use_segment").click().run()
    assert [one.value for one in app.title] == ["New campaign"]
    assert "as of 10 Jan 2026" in app.warning[0].value
    assert "evaluated again at the moment of launch" in texts(app)
