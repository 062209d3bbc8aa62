"""What is wrong with a message: the same rules for people and for models."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from engine.ai.copy.check import check, check_subject
from engine.ai.copy.spam import PHRASES, spam
from engine.domain.campaign import Channel, Message
from engine.domain.message_copy import Check, Readers, Severity

if TYPE_CHECKING:
    from engine.domain.message_copy import Finding
    from engine.domain.workspace import Workspace

LEAVE = {
    Channel.EMAIL: "\n\nTo unsubscribe, reply with that word.",
    Channel.SMS: " Reply STOP to opt out.",
    Channel.WHATSAPP: "",
}

GROWS = "{% for i in (1..9) %}" + "a" * 30 + "{% endfor %}"


def found(
    workspace: Workspace,
    body: str,
    channel: Channel = Channel.EMAIL,
    subject: str = "For you",
    given: str | None = None,
) -> dict[Check, Finding]:
    subject = subject if channel is Channel.EMAIL else ""
    message = Message(channel=channel, subject=subject, body=body + LEAVE[channel])
    findings = check(message, workspace, given=given)
    assert len({one.check for one in findings}) == len(findings)
    return {one.check: one for one in findings}


@pytest.mark.parametrize("channel", Channel)
def test_a_good_message_has_no_findings(workspace: Workspace, channel: Channel) -> None:
    body = 'Hi {{ first_name | default: "there" }}, 20% off!'
    assert found(workspace, body, channel) == {}
    assert found(workspace, body, channel, given="20% off") == {}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("Hi {{ surname }}", "the fields are first_name"),
        ("Hi {{ first_name", "not valid Liquid"),
        ("{% include 'secrets' %}", "cannot be rendered|not valid"),
        ("{% for i in (1..100000000) %}x{% endfor %}", "cannot be rendered"),
        ("{{ name | shout }}", "no filter"),
    ],
)
def test_what_cannot_be_rendered_blocks(workspace: Workspace, body: str, says: str) -> None:
    (one,) = found(workspace, body).values()
    assert (one.check, one.severity) == (Check.TEMPLATE, Severity.BLOCKS)
    assert re.search(says, one.words)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ("{{ city }}", ["city"]),
        ("{{ phone }} {{ name }} {{ last_order_on }}", ["name", "phone", "last_order_on"]),
        ('{{ city | default: "your town" }}', []),
        ("{% if city %}{{ city }}{% endif %}", []),
        # Liquid takes nil for something that is not blank.
        ("{% if city != blank %}{{ city }}{% endif %}", ["city"]),
        ("{% unless city == nil %}{{ city }}{% endunless %}", []),
        ("{% if name %}{{ city }}{% endif %}", ["city"]),
        ("{{ city | upcase }}", ["city"]),
        ("{% assign x = city %}{{ x }}", ["city"]),
        ('{{ last_order_on | date: "%Y" }}', ["last_order_on"]),
        ("{{ order_count }} {{ total_spend }} {{ workspace_name }} {{ customer_id }}", []),
    ],
)
def test_a_field_that_may_be_missing_needs_a_default(
    workspace: Workspace, body: str, fields: list[str]
) -> None:
    message = Message(channel=Channel.WHATSAPP, subject="", body=f"Hi {body}")
    findings = check(message, workspace)
    assert {one.check for one in findings} <= {Check.EMPTY_SPACE}
    assert [one.words.partition("{{ ")[2].partition(" }}")[0] for one in findings] == fields


def test_who_gets_an_empty_space_is_counted_where_the_readers_are_known(
    workspace: Workspace,
) -> None:
    message = Message(channel=Channel.WHATSAPP, subject="", body="{{ city }} {{ first_name }}")
    known = Readers(segment="S", count=40, having={"city": 28, "first_name": 40})
    (one,) = check(message, workspace, readers=lambda: known)
    assert one.words.startswith("12 of 40 members have no city and get an empty space")


@pytest.mark.parametrize(
    ("channel", "body", "expected"),
    [
        (Channel.SMS, "a" * 137, None),
        (Channel.SMS, "a" * 138, (Check.PARTS, Severity.WARNS)),
        (Channel.SMS, "Spent {{ total_spend }} " + "a" * 50, (Check.PARTS, Severity.WARNS)),
        (Channel.SMS, "a" * 1_507, (Check.PARTS, Severity.WARNS)),
        (Channel.SMS, "a" * 1_508, (Check.LENGTH, Severity.BLOCKS)),
        (Channel.WHATSAPP, "a" * 1_024, None),
        (Channel.WHATSAPP, "a" * 1_025, (Check.LENGTH, Severity.BLOCKS)),
        (
            Channel.WHATSAPP,
            GROWS.replace("9", "200"),
            (Check.LENGTH, Severity.BLOCKS),
        ),
        (Channel.EMAIL, "a" * 5_000, None),
    ],
)
def test_each_channel_has_its_length(
    workspace: Workspace, channel: Channel, body: str, expected: tuple[Check, Severity] | None
) -> None:
    findings = found(workspace, body, channel).values()
    assert [(one.check, one.severity) for one in findings] == ([expected] if expected else [])


def test_a_sign_that_makes_an_sms_shorter_is_named(workspace: Workspace) -> None:
    parts = found(workspace, "You spent {{ total_spend }} " + "a" * 50, Channel.SMS)[Check.PARTS]
    assert "with ₹ an SMS holds 70 characters instead of 160" in parts.words


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("a" * 60, None),
        ("a" * 61, (Check.SUBJECT_LENGTH, Severity.WARNS)),
        (
            GROWS,
            (Check.SUBJECT_LENGTH, Severity.BLOCKS),
        ),
        ("a" * 201, (Check.TEMPLATE, Severity.BLOCKS)),
        ("Re: your order", (Check.REPLY, Severity.WARNS)),
        ("FWD:sale", (Check.REPLY, Severity.WARNS)),
        ("Regarding your order", None),
        ("BIG SALE TODAY", (Check.CAPITALS, Severity.WARNS)),
        ("SALE on shoes", None),
        ("Sale! Sale!", (Check.EXCLAMATION, Severity.WARNS)),
        ("Sale!", None),
        ("Act now", (Check.SPAM, Severity.WARNS)),
    ],
)
def test_a_subject_is_looked_at(
    workspace: Workspace, subject: str, expected: tuple[Check, Severity] | None
) -> None:
    findings = check_subject(subject, workspace)
    assert [(one.check, one.severity) for one in findings] == ([expected] if expected else [])


@pytest.mark.parametrize("phrase", PHRASES)
def test_each_phrase_is_found_within_a_sentence_and_not_within_a_word(phrase: str) -> None:
    (one,) = spam("", f"So, {phrase}.")
    assert one.words == f"Spam filters look for “{phrase}”" or phrase in one.words
    assert spam("", f"x{phrase}x") == []


@pytest.mark.parametrize(
    ("body", "checks"),
    [
        ("Winning is nice, urgently, and cheaper", []),
        ("DEAR CUSTOMER, this is a message for you and for nobody else here", []),
        ("The GST is in the price, dear VIP friends of ours", []),
        ("ACT NOW PLEASE", [Check.SPAM, Check.CAPITALS]),
        ("THIS IS WHAT SHOUTING LOOKS LIKE", [Check.CAPITALS]),
        ("Wow!!", [Check.EXCLAMATION]),
        ("One! Two! Three!", [Check.EXCLAMATION]),
        ("One! Two!", []),
        ("act  \n now", [Check.SPAM]),
        ("You\u2019ve won", [Check.SPAM]),
    ],
)
def test_a_body_is_looked_at_for_spam(body: str, checks: list[Check]) -> None:
    assert [one.check for one in spam("", body)] == checks


@pytest.mark.parametrize(
    ("channel", "body", "missing"),
    [
        (Channel.EMAIL, "Hello", True),
        (Channel.EMAIL, "Hello. Unsubscribe by a reply.", False),
        (Channel.EMAIL, "Reply to opt out", False),
        (Channel.EMAIL, "If you no longer want these, tell us", False),
        (Channel.EMAIL, "Stop by on Sunday", True),
        (Channel.SMS, "Hello", True),
        (Channel.SMS, "Hello. Reply STOP to end", False),
        (Channel.SMS, "We never stop", True),
        (Channel.SMS, "Opt out: 12345", False),
        (Channel.WHATSAPP, "Hello", False),
    ],
)
def test_how_to_get_no_more_is_asked_for(
    workspace: Workspace, channel: Channel, body: str, *, missing: bool
) -> None:
    message = Message(channel=channel, subject="For you", body=body)
    checks = [one.check for one in check(message, workspace)]
    assert checks == ([Check.UNSUBSCRIBE] if missing else [])
    assert check(message, workspace, opt_out=body) == ()


@pytest.mark.parametrize(
    "body",
    ["<b>x</b>", "<script>alert(1)</script>", "<!-- x -->", "[a](b)", "![a](b)"],
)
def test_markup_is_told_and_stays_text(workspace: Workspace, body: str) -> None:
    assert found(workspace, body)[Check.MARKUP].severity is Severity.WARNS
    assert Check.MARKUP not in found(workspace, "1 < 2 > 0 [x] (y) -- <3")


@pytest.mark.parametrize(
    "brought",
    [
        "https://evil.test/login",
        "evil.com",
        "mybank.finance",
        "evil{{ city }}.finance",
        "evil.{{ 'bank' }}",
        "{{ city | default: 'evil.guru' }}",
        "evil@okaxis",
        "evil@{{ city }}",
        "пример.рф/войти",
        "shop.example",
        "example.com",  # of the made-up reader's own address
        "![x](http://evil.test/p.png)",
        "![x](p.png)",
        "<img src=p.png>",
        "call +91 98111 22333",
        "help@evil.example",
        "{{ 'evil.' }}{{ 'com' }}",
        "{{ workspace_name }}.com",
        '{{ city | default: "evil." }}{{ country | default: "com" }}',
        "evil.{{ name | default: 'com' }}",
        "{{ 'ht' | append: 'tp://evil.test' }}",
        "{% if order_count > 1000 %}http://evil.test{% endif %}",
        "{{ email | replace: 'priya.sharma@example.com', 'evil.com' }}",
        "https://shop.example.evil.test/sale",
        "https://shop.example/sale2",
    ],
)
def test_a_model_leads_nowhere_that_it_was_not_told_of(workspace: Workspace, brought: str) -> None:
    given = "Sale at https://shop.example/sale, call 022 4000 1234"
    link = found(workspace, f"Look: {brought}", given=given)[Check.LINK]
    assert link.severity is Severity.BLOCKS
    # A person may write what a model may not.
    assert Check.LINK not in found(workspace, f"Look: {brought}")


def test_a_model_may_repeat_what_it_was_told(workspace: Workspace) -> None:
    given = "Sale at https://shop.example/sale, call 022 4000 1234 or a@shop.example"
    body = "Go to https://shop.example/sale. Or (022) 4000-1234, a@shop.example!"
    assert found(workspace, body, given=given) == {}
    assert found(workspace, "{{ email | default: '' }} {{ phone | default: '' }}", given="") == {}


def test_figures_that_a_model_was_not_given_are_told(workspace: Workspace) -> None:
    body = 'Save 20% or 1,500 until 5.30, {{ city | default: "Sector 7" }}'
    told = found(workspace, body, given="20% off until 5.30")[Check.FIGURES]
    assert told.severity is Severity.WARNS
    assert told.words.startswith("It says 1,500, 7, which you did not")
    assert Check.FIGURES not in found(workspace, body)


@pytest.mark.parametrize(
    "liquid",
    [
        "{% if city %}a{% endif %}",
        "{% assign x = 1 %}",
        "{% for i in (1..2) %}{{ i }}{% endfor %}",
        "{% raw %}{{ x }}{% endraw %}",
        "{% comment %}x{% endcomment %}",
        "{%- liquid echo workspace_name -%}",
        "{{ customer_id | replace: 'a', 'b' }}",
        "{{ 'a' | append: 'b' }}",
        "{{ customer_id | url_decode }}",
    ],
)
def test_a_model_uses_only_fields_and_few_filters(workspace: Workspace, liquid: str) -> None:
    assert found(workspace, f"Hi {liquid}", given="")[Check.LIQUID].severity is Severity.BLOCKS
    assert Check.LIQUID not in found(workspace, f"Hi {liquid}")
    fine = 'Hi {{ city | default: "there" | capitalize | strip | upcase | downcase }}'
    assert found(workspace, fine, given="") == {}
