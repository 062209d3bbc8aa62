from __future__ import annotations

import secrets

import pytest

from engine.redaction import Redactor

KEY = f"crm_ab12cd34_{'kQ7-_' * 8}xyz"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
RANDOM = "Zk3v-9Qw_" * 5
SIGNS = "s3cret/with?signs&more"

HIDDEN = [
    ("the secret is hunter2-of-the-settings", "hunter2"),
    ("at /?q=s3cret%2Fwith%3Fsigns%26more", "s3cret"),
    (f"{SIGNS!r}", "s3cret"),
    (f"Authorization: Bearer {RANDOM}", RANDOM),
    (f"got bearer {RANDOM}!", RANDOM),
    ("got Bearer lower-case-words", "lower-case"),
    ('Authorization: Digest username="ann", response="0f9e"', "0f9e"),
    ("{'Cookie': 'sid=tiny; theme=dark'}", "tiny"),
    ("Authorization: Basic dXNlcjpwYXNzd29yZA==", "dXNlcj"),
    ("sent Basic dXNlcjpwYXNzd29yZA==", "dXNlcj"),
    (f"{{'cookie': 'a=b; crm_session={RANDOM}', 'host': 'x'}}", RANDOM),
    (f"[(b'cookie', b'crm_session=short-one')] {RANDOM}", "short-one"),
    ("crm_session=short; path=/", "short"),
    ("__Host-crm_session=short; path=/", "short"),
    ("_streamlit_xsrf=2|abc|def|1", "abc"),
    (f"no key {KEY} here", "kQ7-_"),
    ("no key crm_ab12cd34_of-lower-case-letters-only", "lower-case"),
    (f"id_token {JWT}", "eyJ"),
    ("GET /callback?code=4/0AX4XfWh&state=st-1&scope=email", "4/0AX4XfWh"),
    ("GET /callback?code=4/0AX4XfWh&state=st-1&scope=email", "st-1"),
    ("{'client_secret': 'GOCSPX-abc', 'x': 1}", "GOCSPX"),
    ('{"code_verifier":"abcdefgh"}', "abcdefgh"),
    ("refresh_token=abcdefgh", "abcdefgh"),
    ("mongodb+srv://user:pa:ss@host/db", "pa:ss"),
    ("redis://:pw@127.0.0.1:6379", "pw"),
    (f"minted {RANDOM}", RANDOM),
    ("E11000 dup key: { name: \"Asha Rao\" }, full error: {'op': {'name': 'Asha'}}", "Asha"),
    ("full error: {'writeErrors': [{'op': {'name': 'Asha Rao'}}]}", "Asha"),
    ("type=int, input_value='Asha Rao', input_type=str", "Asha"),
    ("no message for asha.rao+x@shop.example.in", "asha"),
    ("ünïcode@bücher.example", "ünïcode"),
    ("called +919812345678 twice", "98123"),
    ("called +91 98123 45678 twice", "98123"),
    ("X-Api-Key: abcdefg123", "abcdefg"),
    ("{'x-goog-api-key': 'AIzaXYZ', 'host': 'x'}", "AIzaXYZ"),
    ("[(b'x-api-key', b'abcdefg123')]", "abcdefg"),
    ("charged with sk_live_51H8abcDEF", "51H8"),
    ("sent with SG.abc.def", "abc"),
    ("the client's GOCSPX-AbCdEfGhIjKl", "AbCdEf"),
    ("at Google ya29.a0AfH6SMBx-_y.z", "a0AfH6"),
    ("key AIzaSyA1234567890abcdefghijklmnopqrstuv", "SyA123"),
    ("GET /customers?email=asha%40example.com", "asha"),
    ("asha&#64;example.com", "asha"),
    (r'"asha\u0040example.com"', "asha"),
    ("call 9876543210.", "98765"),
    ('["Asha","9876543210"]', "98765"),
    ("c1,9876543210,Pune", "98765"),
    ("phone:9876543210", "98765"),
    ("call 098765 43210 now", "43210"),
    ("call 0091 98765 43210 now", "43210"),
    ("call 919876543210 now", "43210"),
]


@pytest.mark.parametrize(("text", "gone"), HIDDEN)
def test_a_secret_or_a_person_is_taken_out_of_a_text(text: str, gone: str) -> None:
    redact = Redactor(["hunter2-of-the-settings", SIGNS])
    assert gone not in redact(text)
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "refused: API key shop needs people.read to call search_customers",
        "campaign 3f0c9e2a4b7d4c5e8f90a1b2c3d4e5f6 was not launched: nobody is in its audience",
        "batch 12 waits 0.5 s: Redis does not answer (127.0.0.1:6379)",
        "MongoDB at mongodb://127.0.0.1:27017/?replicaSet=rs0 does not answer",
        "2026-03-31T12:00:00.000+05:30 1 + 1 = 2, state: running, code: 11000",
        "no cookie, so nobody is signed in; a token is made at sign-in",
        'File "engine/store/customers.py", line 120, in upsert_a_customer_that_was_erased_before',
        "at 1774958400 s, 1774958400000 ms and 9774958400000000 us after the epoch",
        "9876543210123 and 19876543210 and 5876543210 and 0.9876543210 and 9876543210.5",
        "ORD9876543210, order-9876543210, 9876543210-2, #9876543210, 9876543210ab, 12_9876543210",
        "read 8589934592 bytes in 9876543210 ns, 6,543,210,987 rows, 7000000000 orders",
        "507f1f77bcf86cd799439011 is in 9876543210_orders of SG.py and at SG-1",
        "an api-key command, a task_live_view and a risk_test_x",
        "sha256 of it is 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ],
)
def test_what_is_neither_stays_as_it_is(text: str) -> None:
    assert Redactor(["hunter2"])(text) == text


def test_a_new_secret_of_the_engine_is_recognised_by_its_form() -> None:
    redact = Redactor()
    left = [one for one in (secrets.token_urlsafe(32) for _ in range(2_000)) if one in redact(one)]
    assert len(left) < 20, "one without a digit comes once in about 1,450"


def test_a_setting_too_short_to_tell_from_words_hides_none() -> None:
    assert Redactor(["a", "the"])("the cat sat") == "the cat sat"


@pytest.mark.timeout(30)  # in proportion to its square it took many minutes
@pytest.mark.parametrize("text", ["x" * 200_000, "a-" * 100_000, "x_" * 100_000, "1 " * 100_000])
def test_a_long_text_is_soon_read(text: str) -> None:
    assert Redactor(["hunter2"])(text) == text
