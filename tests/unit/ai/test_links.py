"""What leads elsewhere is found however it is spelt, and what does not is left alone."""

from __future__ import annotations

import pytest

from engine.ai.copy.links import cleaned, links


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://shop.test/a?b=c.", "https://shop.test/a?b=c"),
        ("HTTP://Shop.TEST", "http://shop.test"),
        ("[sale](http://x.test/y)", "http://x.test/y"),
        ("<a href='http://x.test'>", "http://x.test"),
        ("go to www.shop.example now", "www.shop.example"),
        ("shop.com", "shop.com"),
        ("shop.com/sale, today", "shop.com/sale"),
        ("deals.shop.co.in", "deals.shop.co.in"),
        ("bit.ly/3xYz", "bit.ly/3xyz"),
        ("strange.ending/path", "strange.ending/path"),
        ("10.0.0.1/login", "10.0.0.1/login"),
        ("xn--80ak6aa92e.com", "xn--80ak6aa92e.com"),
        ("\u0435xample.com", "\u0435xample.com"),
        ("javascript:alert(1", "javascript:alert(1"),
        ("upi://pay?pa=x", "upi://pay?pa=x"),
        ("mailto:a@b.test", "mailto:a@b.test"),
        ("write to help@shop.example", "help@shop.example"),
        ("call +91 98000 12345", "919800012345"),
        ("call (022) 4000-1234", "02240001234"),
        ("\uff48\uff54\uff54\uff50\uff53\uff1a//x.test", "https://x.test"),
        ("evil\u200b.com", "evil.com"),
        ("evil。com", "evil.com"),
        ("ht\u00adtp://x.test", "http://x.test"),
        ("![pic](a.png)", "![pic](a.png"),
        ("![pic][ref]", "![pic][ref"),
        ("<img src=x onerror=y>", "<img src=x onerror=y"),
    ],
)
def test_what_leads_elsewhere_is_found(text: str, found: str) -> None:
    assert found in links(text)


@pytest.mark.parametrize(
    "text",
    [
        "20% off, e.g. shoes. Until 5.30 p.m. on 31.03.2026 or 2026-03-31",
        "₹12,45,000.00 in 4 orders",
        "Hello.Welcome back",
        "SAVE20 and 1234567",
        "{{ first_name | default: 'there' }}",
        "[size: large] (and more)",
        "Note: read this. Re: nothing",
    ],
)
def test_what_leads_nowhere_is_no_link(text: str) -> None:
    assert links(text) == ()


def test_what_nobody_sees_is_taken_out_and_what_spells_words_stays() -> None:
    assert cleaned(" a\u202eb\u200bc\x00\ue000\r\nd ") == "abc\nd"
    assert cleaned("क्‍ष 👩‍👧") == "क्‍ष 👩‍👧"
