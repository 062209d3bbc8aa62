from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from engine.ai.copy.writer import CopyWriter
from engine.ai.model import Answer, Question
from engine.domain.campaign import Channel
from engine.domain.message_copy import MAX_DETAILS, Goal, Tone
from engine.domain.permission import Role
from pages._ui import engine as handle
from tests.pages.campaign_shop import draft, spenders, stock
from tests.pages.conftest import texts
from tests.pages.test_campaign_editor import written

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    from engine import Crm
    from tests.pages.conftest import Shell

LEAVE = " Unsubscribe: reply with that word."
HOSTILE = "![x](http://x.test/p.png) <script>alert(1)</script> {% include 'x' %} :red[y] **z**"


@dataclass
class Fixed:
    """A model that always gives the same answer."""

    value: dict[str, object]

    def answer(self, question: Question) -> Answer:
        assert question.words is not None
        return Answer(value=self.value, model="fixed", input_tokens=1, output_tokens=1)


def let_write(crm: Crm, value: dict[str, object]) -> None:
    """Let the pages ask a model that answers so."""
    handle.provide(replace(crm, copy_writer=CopyWriter(Fixed(value))))


def opened(app: AppTest, details: str = "20% off shoes") -> AppTest:
    """Open the dialog, say what it is about, and let it write."""
    app.button(key="write_copy").click().run()
    assert not app.exception
    app.text_area(key="copy_details").set_value(details).run()
    app.button(key="write_variants").click().run()
    assert not app.exception
    return app


def labels(app: AppTest) -> list[str]:
    return [one.label for one in app.tabs]


@pytest.fixture
def editor(shell: Shell, crm: Crm, imported: Callable[..., None]) -> AppTest:
    """The editor of a draft on a segment of two members."""
    stock(imported)
    return shell("campaign_editor.py", campaign=draft(crm, spenders(crm)).campaign_id)


def test_variants_are_shown_as_written_and_as_a_member_reads_them(editor: AppTest) -> None:
    app = opened(editor)
    assert labels(app) == ["Variant 1", "Variant 2", "Variant 3", "Your message"]
    assert "From built-in templates" in texts(app)
    shown = [str(one.value) for one in app.text]
    assert any('Hi {{ first_name | default: "there" }},' in one for one in shown)
    assert any("Hi N1,\n\n" in one and "20% off shoes." in one for one in shown)
    assert "As N1 reads it" in texts(app)


def test_a_variant_is_used_and_undone_and_nothing_is_saved(editor: AppTest, crm: Crm) -> None:
    (saved,) = crm.campaigns()
    app = opened(editor)
    app.button(key="use_copy_1").click().run()
    assert not app.exception
    assert app.text_input(key="campaign_subject").value == "A treat from {{ workspace_name }}"
    assert "20% off shoes." in str(app.text_area(key="campaign_body").value)
    assert "Unsaved changes" in texts(app)
    assert "copy_details" not in {one.key for one in app.text_area}, "the dialog is still there"
    app.button(key="put_back").click().run()
    assert app.text_area(key="campaign_body").value == "You spent {{ total_spend }}."
    assert app.text_input(key="campaign_subject").value == "For {{ name | default: 'you' }}"
    app.button(key="put_back").click().run()
    assert "20% off shoes." in str(app.text_area(key="campaign_body").value)
    assert crm.campaigns()[0].campaign == saved.campaign


def test_what_is_typed_after_a_variant_was_used_is_not_lost_by_undo(editor: AppTest) -> None:
    app = opened(editor)
    app.button(key="use_copy_0").click().run()
    app.text_area(key="campaign_body").set_value("Typed since").run()
    app.button(key="put_back").click().run()
    assert app.text_area(key="campaign_body").value == "You spent {{ total_spend }}."
    app.button(key="put_back").click().run()
    assert app.text_area(key="campaign_body").value == "Typed since"


def test_a_saved_draft_offers_no_undo(editor: AppTest) -> None:
    app = opened(editor)
    app.button(key="use_copy_0").click().run()
    app.button(key="save_campaign").click().run()
    assert not app.exception
    assert "put_back" not in {one.key for one in app.button}


def test_what_is_missing_is_asked_for_in_the_dialog(editor: AppTest) -> None:
    app = opened(editor, details="")
    assert "Say what it is about" in app.error[0].value
    assert labels(app) == []
    assert "**Your message**" in [one.value for one in app.markdown]
    app.selectbox(key="copy_goal").set_value(Goal.THANK).run()
    app.segmented_control(key="copy_tone").set_value(Tone.FORMAL).run()
    app.button(key="write_variants").click().run()
    assert not app.error
    assert any("Dear N1," in str(one.value) for one in app.text)


def test_hostile_words_stay_text(editor: AppTest, crm: Crm) -> None:
    app = opened(editor, details=HOSTILE)
    assert [one for one in app.text if HOSTILE in str(one.value)], "as a member reads it"
    assert HOSTILE not in "".join(str(one.value) for one in (*app.markdown, *app.caption))
    app.button(key="use_copy_0").click().run()
    assert not app.exception
    assert "put_back" in {one.key for one in app.button}
    app.button(key="save_campaign").click().run()
    assert not app.error
    assert "<script>" in crm.campaigns()[0].campaign.message.body


def test_what_a_model_wrote_is_said_to_be_of_gemini_and_is_text(editor: AppTest, crm: Crm) -> None:
    said = {"subject": "**Bold** :red[x]", "body": "<b>Hi</b> {{ city }} :smile:" + LEAVE}
    let_write(crm, {"messages": [said, {"subject": "2", "body": "{{ nick }}"}]})
    app = opened(editor)
    assert labels(app) == ["Variant 1", "Your message"]
    assert "Written by Gemini" in texts(app)
    assert said["body"] in [one.value for one in app.text]
    assert said["subject"] in [one.value for one in app.text]
    assert "A variant is left out" in texts(app)
    assert "2 of 2 members have no city" in texts(app)
    assert "nick" not in "".join(str(one.value) for one in app.markdown)


def test_a_channels_variants_are_not_offered_for_another(editor: AppTest) -> None:
    app = opened(editor)
    assert "write_subjects" in {one.key for one in app.button}
    app.segmented_control(key="campaign_channel").set_value(Channel.SMS).run()
    app.button(key="write_copy").click().run()
    assert labels(app) == []
    assert "**Your message**" in [one.value for one in app.markdown]
    assert "write_subjects" not in {one.key for one in app.button}
    app.button(key="write_variants").click().run()
    assert any("Reply STOP to opt out." in str(one.value) for one in app.text)


def test_a_variant_is_made_shorter_where_it_stands(editor: AppTest) -> None:
    app = opened(editor)
    extra = "There is no trick to it"
    assert [one for one in app.text if extra in str(one.value)]
    app.button(key="shorter_0").click().run()
    assert not app.exception
    assert labels(app) == ["Variant 1", "Variant 2", "Variant 3", "Your message"]
    assert not [one for one in app.text if extra in str(one.value)]
    app.button(key="warmer_0").click().run()
    assert "Rewriting needs a key for Gemini" in texts(app)


def test_ones_own_message_is_rewritten_into_a_variant(editor: AppTest, crm: Crm) -> None:
    let_write(crm, {"messages": [{"subject": "S", "body": "Rewritten." + LEAVE}]})
    app = editor
    app.button(key="write_copy").click().run()
    app.text_input(key="how_0").set_value("as a poem").run()
    app.button(key="rewrite_0").click().run()
    assert not app.exception
    assert labels(app) == ["Variant 1", "Your message"]
    app.button(key="use_copy_0").click().run()
    assert app.text_area(key="campaign_body").value == "Rewritten." + LEAVE


def test_one_of_five_subjects_is_used_and_the_text_stays(editor: AppTest) -> None:
    app = editor
    app.button(key="write_copy").click().run()
    app.button(key="write_subjects").click().run()
    assert not app.exception
    radio = app.radio(key="copy_subject")
    assert len(radio.options) == 5
    radio.set_value(1).run()
    app.button(key="use_subject").click().run()
    assert app.text_input(key="campaign_subject").value == "A treat from {{ workspace_name }}"
    assert app.text_area(key="campaign_body").value == "You spent {{ total_spend }}."


def test_who_lost_the_role_meanwhile_changes_nothing(
    editor: AppTest, signed_in: Callable[..., AppTest]
) -> None:
    app = opened(editor)
    signed_in(app, Role.VIEWER)
    app.button(key="use_copy_0").click().run()
    assert not app.exception
    assert "20% off shoes" not in str(app.session_state)


def test_findings_stand_under_a_message_of_ones_own(shell: Shell, crm: Crm) -> None:
    segment = spenders(crm)
    app = written(shell("campaign_editor.py"), segment.segment_id, "ACT NOW FRIENDS {{ city }}")
    assert not app.exception
    said = texts(app)
    assert "Spam filters look for “act now”" in said
    assert "Much of it is in capitals" in said
    assert "add a line to unsubscribe" in said
    app.text_area(key="campaign_body").set_value("Good." + LEAVE).run()
    assert ":material/warning:" not in texts(app)


def test_a_broken_message_is_told_once(shell: Shell, crm: Crm) -> None:
    segment = spenders(crm)
    app = written(shell("campaign_editor.py"), segment.segment_id, "Hello {{ nick }}")
    assert texts(app).count("the fields are") == 1
    app.selectbox(key="campaign_segment").set_value(None).run()
    assert texts(app).count("the fields are") == 1


def test_the_details_are_bounded_and_are_there_when_the_dialog_opens_again(editor: AppTest) -> None:
    app = opened(editor, details="20% off boots")
    assert app.text_area(key="copy_details").max_chars == MAX_DETAILS
    app.button(key="use_copy_0").click().run()
    app.button(key="write_copy").click().run()
    assert app.text_area(key="copy_details").value == "20% off boots"
    assert labels(app)[0] == "Variant 1"
