"""The real SDK over real HTTP: what is sent, and what becomes of whatever comes back."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from engine.ai.gemini import FRAME, Gemini
from engine.ai.json_answer import LONGEST
from engine.ai.model import Question
from engine.errors import ModelUnavailable, ModelUnusable
from tests.integration.ai.gemini_stand_in import (
    KEY,
    TOKENS,
    Answer,
    Cut,
    Reply,
    Request,
    Reset,
    Silence,
    StandIn,
    blocks,
    errs_slowly,
    fails,
    says,
    stand_in,
    trickles_body,
    writes,
)

if TYPE_CHECKING:
    from typing import Any

SCHEMA = {
    "type": "object",
    "properties": {
        "kind": {"type": "string", "enum": ["a", "b"]},
        "few": {"type": "array", "items": {"type": "number"}, "maxItems": 2},
    },
    "required": ["kind"],
    "additionalProperties": False,
}
DATE = "Wed, 21 Oct 2026 07:28:00 GMT"
ASKED = Question(
    purpose="test",
    instructions="Say a.",
    material={"fields": ["city"]},
    words='in "Pune"\u200b\U000e0041 }',
    schema=SCHEMA,
    seconds=5.0,
)


def test_an_answer_that_meets_the_schema_comes_back_with_its_tokens(
    server: StandIn, gemini: Gemini
) -> None:
    server.replies = [says({"kind": "a", "few": [1, 2.5]})]
    answer = gemini.answer(ASKED)
    assert answer.value == {"kind": "a", "few": [1, 2.5]}
    assert (answer.input_tokens, answer.output_tokens) == TOKENS
    assert answer.model == "gemini-test"


def test_words_and_material_go_as_data_instructions_apart_and_the_key_in_a_header(
    server: StandIn, gemini: Gemini
) -> None:
    server.replies = [says({"kind": "a"})]
    gemini.answer(ASKED)
    [sent] = server.requests
    # What cannot be seen is not sent: it could say something to the model and nothing to people.
    assert sent.content == {"material": {"fields": ["city"]}, "words": 'in "Pune" }'}
    assert sent.body["systemInstruction"]["parts"] == [{"text": f"Say a.{FRAME}"}]
    assert [one["role"] for one in sent.body["contents"]] == ["user"]
    assert "tools" not in sent.body
    config = sent.body["generationConfig"]
    assert config["responseMimeType"] == "application/json"
    assert config["temperature"] <= 0.2
    assert 0 < config["maxOutputTokens"] <= 10_000
    assert config["responseSchema"]["required"] == ["kind"]
    assert config["responseSchema"]["properties"]["kind"]["enum"] == ["a", "b"]
    assert "maxItems" not in config["responseSchema"]["properties"]["few"]
    assert sent.path.startswith("/v1beta/models/gemini-test:generateContent")
    assert sent.headers["x-goog-api-key"] == KEY
    assert KEY not in sent.path


@pytest.mark.parametrize(
    "reply",
    [
        writes("Certainly. Here is your audience."),
        writes('```json\n{"kind": "a"}\n```'),
        writes('{"kind": "a"'),
        writes('{"kind": "a"}', finish="MAX_TOKENS"),
        writes('{"kind": "a"}', finish="SAFETY"),
        writes('{"kind": "a"}', finish="A_REASON_OF_TOMORROW"),
        writes('{"kind": "a", "few": [NaN]}'),
        writes('{"kind": "a", "few": [1e999]}'),
        writes('{"kind": "a", "few": [1, 2, 3]}'),
        writes("[" * 90_000),
        writes('{"kind": "a", "few": ' + "9" * 5_000 + "}"),
        writes(" " * LONGEST + '{"kind": "a"}'),
        says({"kind": "c"}),
        says({"kind": "a", "extra": 1}),
        says({}),
        says(["a"]),
        says(None),
        blocks(),
        Reply(b"<html>A proxy's page</html>"),
        Reply(b"[]"),
        Reply(b"{}"),
        Reply(b'{"candidates": "none"}'),
        Reply(b'{"candidates": [{}]}'),
        Reply(b"\xff\xfe"),
        Reply(b'{"candidates": ' + b"[" * 90_000),
        Reply(b'{"candidates": "' + b"x" * 10_000_000),
        fails(400),
        fails(401),
        fails(403),
        fails(404),
        fails(418),
        fails(501),
        Cut(401),
        errs_slowly(401),
        Reply(b"", 302, {"Location": "http://127.0.0.1:1/"}),
    ],
    ids=str,
)
def test_what_asking_again_does_not_change_is_unusable_and_sent_once(
    server: StandIn, gemini: Gemini, reply: Reply
) -> None:
    server.replies = [reply]
    with pytest.raises(ModelUnusable) as raised:
        gemini.answer(ASKED)
    assert len(server.requests) == 1
    assert str(raised.value).startswith(("the language model", "there is no such language model"))
    assert KEY not in str(raised.value)
    assert len(str(raised.value)) < 200
    assert raised.value.__cause__ is None  # a traceback would quote what came


def test_a_reply_without_end_is_read_no_further(server: StandIn, gemini: Gemini) -> None:
    server.replies = [Reply(b'{"candidates": "' + b"x" * 10_000_000)]
    with pytest.raises(ModelUnusable, match="too large to be read"):
        gemini.answer(ASKED)


@pytest.mark.parametrize(
    ("tokens", "more", "out"),
    [
        ((120, 30), {"thoughtsTokenCount": 2_000, "totalTokenCount": 2_150}, 2_030),
        ((120, 30), {"totalTokenCount": 100}, 30),
        ((120, 30), {}, 30),
        ((120, -9), {}, 0),
    ],
)
def test_thoughts_are_counted_among_what_a_model_wrote(
    server: StandIn, gemini: Gemini, tokens: tuple[int, int], more: dict[str, int], out: int
) -> None:
    server.replies = [writes('{"kind": "a"}', tokens=tokens, more=more)]
    answer = gemini.answer(ASKED)
    assert (answer.input_tokens, answer.output_tokens) == (120, out)


def test_an_answer_that_cannot_be_used_tells_its_tokens_all_the_same(
    server: StandIn, gemini: Gemini
) -> None:
    server.replies = [writes("prose", tokens=(7, 5))]
    with pytest.raises(ModelUnusable) as raised:
        gemini.answer(ASKED)
    assert raised.value.tokens == (7, 5)


@pytest.mark.parametrize(
    "reply",
    [*map(fails, (408, 429, 500, 502, 503, 504, 524, 529)), Reply(b"[]", 500), Reset()],
    ids=str,
)
def test_what_may_be_better_next_time_is_unavailable_and_not_repeated_by_the_sdk(
    server: StandIn, gemini: Gemini, reply: Answer
) -> None:
    server.replies = [reply]
    with pytest.raises(ModelUnavailable) as raised:
        gemini.answer(ASKED)
    assert len(server.requests) == 1
    assert KEY not in str(raised.value)


@pytest.mark.parametrize(
    ("reply", "seconds"),
    [
        (fails(429, headers={"Retry-After": "7"}), 7.0),
        (fails(429, delay="1.5s"), 1.5),
        (fails(503, headers={"Retry-After": DATE}), None),
        (fails(429, headers={"Retry-After": DATE}, delay="1.5s"), 1.5),
        (fails(429, headers={"Retry-After": "-3"}), 0.0),
        (fails(429, headers={"Retry-After": "inf"}), None),
        (fails(429, headers={"Retry-After": "nan"}, delay="2s"), 2.0),
        (fails(429, delay="nans"), None),
        (fails(500, delay="7s"), None),
        (Reply(b'{"error": {"details": [1]}}', 429), None),
        (Reply(b"[" * 90_000, 429), None),
        (Reply(b"x" * 10_000_000, 429), None),
        (fails(503), None),
    ],
    ids=str,
)
def test_a_pause_that_the_server_asks_for_is_told(
    server: StandIn, gemini: Gemini, reply: Reply, seconds: float | None
) -> None:
    server.replies = [reply]
    with pytest.raises(ModelUnavailable) as raised:
        gemini.answer(ASKED)
    assert raised.value.retry_after == seconds


@pytest.mark.parametrize(
    "reply",
    [
        errs_slowly(500),
        errs_slowly(503, every=None, more="Connection: close\r\n"),
        Cut(503),
    ],
    ids=str,
)
def test_an_error_is_told_by_its_status_whatever_becomes_of_its_body(
    server: StandIn, gemini: Gemini, reply: Answer
) -> None:
    server.replies = [reply]
    with pytest.raises(ModelUnavailable, match="status 50"):
        gemini.answer(replace(ASKED, seconds=20.0))


@pytest.mark.parametrize("reply", [Silence(), trickles_body(0.02)], ids=["silence", "trickle"])
def test_a_body_that_does_not_end_is_given_up(
    server: StandIn, gemini: Gemini, reply: Answer
) -> None:
    gemini_is_loaded(server, gemini)
    server.replies = [reply]
    with pytest.raises(ModelUnavailable, match="in time"):
        gemini.answer(replace(ASKED, seconds=0.2))


def gemini_is_loaded(server: StandIn, gemini: Gemini) -> None:
    server.replies = [says({"kind": "a"})]
    gemini.answer(ASKED)


def test_where_nobody_listens_it_is_unavailable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        endpoint = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ModelUnavailable, match="cannot be reached"):
            Gemini(KEY, "gemini-test", endpoint).answer(ASKED)


def test_a_redirect_takes_the_key_nowhere(server: StandIn, gemini: Gemini) -> None:
    with stand_in() as elsewhere:
        elsewhere.replies = [says({"kind": "a"})]
        server.replies = [Reply(b"", 307, {"Location": f"{elsewhere.endpoint}/v1beta/x"})]
        with pytest.raises(ModelUnusable):
            gemini.answer(ASKED)
        assert elsewhere.requests == []


def test_two_models_in_one_process_keep_their_keys_and_addresses_apart(
    server: StandIn, gemini: Gemini
) -> None:
    gemini_is_loaded(server, gemini)
    server.requests.clear()
    from google.generativeai import client as clients  # noqa: PLC0415 - is loaded without its warning

    everybodys = clients._client_manager.client_config  # noqa: SLF001 - the process's own
    with stand_in() as other:
        theirs = Gemini("other-key", "gemini-other", other.endpoint)
        both = threading.Barrier(2)

        def echo(_request: Request) -> Answer:
            both.wait(10)  # so that the two are asked at once
            return says({"kind": "a"})

        server.replying = other.replying = echo
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda one: one.answer(ASKED), (gemini, theirs)))
        assert [one.headers["x-goog-api-key"] for one in server.requests] == [KEY]
        assert [one.headers["x-goog-api-key"] for one in other.requests] == ["other-key"]
    assert clients._client_manager.client_config is everybodys  # noqa: SLF001 - as above


def test_many_threads_ask_one_model_at_once(server: StandIn, gemini: Gemini) -> None:
    together = threading.Barrier(8)

    def echo(request: Request) -> Answer:
        together.wait(10)
        few: list[Any] = [int(request.content["words"])]
        return says({"kind": "a", "few": few})

    server.replying = echo
    questions = [replace(ASKED, words=str(n)) for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(gemini.answer, questions))
    assert [one.value["few"] for one in answers] == [[n] for n in range(8)]
