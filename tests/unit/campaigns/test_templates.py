"""Message templates: strict, bounded, and plain."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from engine.audience.lifetime import NOTHING_YET, Lifetime
from engine.campaigns.templates import FIELDS, Template
from engine.domain.campaign import Channel, Message
from engine.domain.customer import Customer
from engine.domain.money import currency
from engine.domain.workspace import Workspace
from engine.errors import TemplateError

WORKSPACE = Workspace("Kirana", currency("INR"), ZoneInfo("Asia/Kolkata"), "en_IN")
ASHA = Customer(customer_id="c1", name="Asha Rao", city="Pune", email="asha@example.com")
BOUGHT = Lifetime(12, 12_345_678, datetime(2026, 3, 1, 20, tzinfo=UTC))


def rendered(body: str, customer: Customer = ASHA, lifetime: Lifetime = BOUGHT) -> str:
    message = Message(channel=Channel.SMS, subject="", body=body)
    return Template(message, WORKSPACE).render(customer, lifetime).body


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("Hi {{ first_name }}!", "Hi Asha!"),
        ("{{ name }} of {{ city }}", "Asha Rao of Pune"),
        ("{{ total_spend }} in {{ order_count }} orders", "₹1,23,456.78 in 12 orders"),
        ("{{ last_order_on }}", "2 March 2026"),
        ("{% if order_count > 10 %}VIP{% else %}hello{% endif %}", "VIP"),
        ("{{ workspace_name | upcase }}", "KIRANA"),
    ],
)
def test_fields_are_filled_in(body: str, text: str) -> None:
    assert rendered(body) == text


def test_what_a_customer_lacks_is_empty_and_can_have_a_default() -> None:
    nobody = Customer(customer_id="c2")
    assert rendered("Hi {{ first_name | default: 'there' }}", nobody, NOTHING_YET) == "Hi there"
    assert rendered("Hi {{ first_name }}.", nobody, NOTHING_YET) == "Hi ."


def test_every_field_named_in_the_help_can_be_used() -> None:
    body = "".join(f"[{{{{ {name} }}}}]" for name in FIELDS)
    whole = Customer(
        customer_id="c1", name="A B", email="e", phone="1", city="Pune", country="India"
    )
    assert "[]" not in rendered(body, whole)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("", "empty"),
        ("Hi {{ surname }}", r"\{\{ surname \}\}; the fields are first_name, name"),
        ("Hi {{ first_name", "not valid Liquid"),
        ("{% if city %}", "not valid Liquid"),
        ("{{ name | shout }}", "shout, which Liquid has no filter for"),
        ("x" * 20_001, "20,001 characters"),
        ("Hi {{ name.nickname }}", "nickname"),
        ("{% include 'secret' %}", "cannot be rendered|not valid|no filter"),
    ],
)
def test_a_template_that_cannot_be_sent_is_refused_with_the_reason(body: str, says: str) -> None:
    with pytest.raises(TemplateError, match=says):
        rendered(body)


@pytest.mark.parametrize(
    "body",
    [
        "{% for i in (1..100000000) %}x{% endfor %}",
        "{% for i in (1..999) %}{% for j in (1..999) %}x{% endfor %}{% endfor %}",
        "{% for i in (1..1001) %}{% endfor %}x",
        f"{{% assign a = '{'x' * 1_000}' %}}"
        + "".join(f"{{% assign a{n} = a %}}" for n in range(99)),
        "{% for i in (1..999) %}" + "x" * 200 + "{% endfor %}",
        "{% assign a = 'xxxxxxxxxx' %}" + "{% assign a = a | append: a %}" * 40 + "{{ a }}",
    ],
)
def test_a_template_that_would_grow_without_end_is_stopped(body: str) -> None:
    with pytest.raises(TemplateError, match="limit"):
        rendered(body)


GROWS = '| replace: "a", "aaaaaaaaaa" '


@pytest.mark.parametrize(
    "body",
    [
        "{{ 'aaaaaaaaaa' " + GROWS * 8 + "| size }}",
        "{{ '" + "a" * 9_000 + "' | split: '' | join: '" + "b" * 9_000 + "' | size }}",
        "{{ (1..50000000) | join: '' | size }}",
        "{{ (1..50000000) | reverse | first }}",
    ],
)
def test_a_filter_is_not_given_more_than_it_can_hold(body: str) -> None:
    with pytest.raises(TemplateError, match="larger than the limit"):
        rendered(body)


def test_a_filter_takes_the_lengths_that_messages_have() -> None:
    text = "Dear customer, " * 20
    body = f"{{{{ '{text}' | replace: 'customer', name | append: '{text}' | upcase }}}}"
    assert rendered(body) == (text.replace("customer", "Asha Rao") + text).upper()


@pytest.mark.parametrize(
    "body",
    [
        "{{ 1.5 | modulo: 0 }}",
        "{{ order_count | divided_by: 0 }}",
        "{{ total_spend | base64_decode }}",
        "{{ true | times: 1.5 }}",
        "{{ first_name | uniq: -5 }}",
        "{{ '1e9999999' | times: 1 | round }}",
        "{{ (1..100000000000000000000000000000) | size }}",
    ],
)
def test_whatever_goes_wrong_in_a_filter_is_an_error_of_the_template(body: str) -> None:
    with pytest.raises(TemplateError, match="the message cannot be rendered"):
        rendered(body)


def test_a_name_that_looks_like_liquid_is_only_text() -> None:
    mallory = Customer(customer_id="c3", name="{{workspace_name}} {%raw%}")
    assert rendered("Hi {{ name }}", mallory) == "Hi {{workspace_name}} {%raw%}"


def test_an_email_needs_a_subject_and_the_subject_stays_on_one_line() -> None:
    with pytest.raises(TemplateError, match="needs a subject"):
        Template(Message(channel=Channel.EMAIL, subject=" ", body="x"), WORKSPACE)
    message = Message(channel=Channel.EMAIL, subject="Hi {{ name }}", body="x")
    mallory = Customer(customer_id="c3", name="A\r\nBcc: everyone@example.com")
    subject = Template(message, WORKSPACE).render(mallory, NOTHING_YET).subject
    assert subject == "Hi A Bcc: everyone@example.com"


def test_a_message_that_comes_out_empty_is_an_error_for_that_customer() -> None:
    with pytest.raises(TemplateError, match="comes out empty"):
        rendered("{{ city }}", Customer(customer_id="c2"))


@pytest.mark.parametrize("rest", ["", " | default: 'never'"])
def test_the_date_of_a_day_that_is_missing_is_nothing(rest: str) -> None:
    body = f"Last: {{{{ last_order_on | date: '%Y'{rest} }}}}."
    assert rendered(body) == "Last: 2026."
    assert rendered(body, lifetime=NOTHING_YET) == ("Last: never." if rest else "Last: .")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("Hello\nyou {% if %}x{% endif %}", "in line 2: you {% if %}x{% endif %}"),
        ("Hello {{ name", "the message is not valid Liquid: "),
        ("{% for x in (1..3) %}", "the message is not valid Liquid: "),
    ],
)
def test_what_is_wrong_with_a_template_is_one_sentence_with_its_line(body: str, says: str) -> None:
    with pytest.raises(TemplateError) as refused:
        Template(Message(channel=Channel.SMS, subject="", body=body), WORKSPACE)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)
