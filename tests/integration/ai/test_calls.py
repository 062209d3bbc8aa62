"""Calls to a model: back in time whatever happens, tried again, left alone for a while, counted."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from engine.ai.calls import ATTEMPTS, Calls
from engine.ai.circuit import Circuit
from engine.ai.model import DEADLINE
from engine.ai.usage import Prices, Usage
from engine.errors import ModelUnavailable, ModelUnusable
from tests.integration.ai.gemini_stand_in import (
    KEY,
    Answer,
    Reset,
    StandIn,
    errs_slowly,
    fails,
    says,
    trickles_body,
    trickles_head,
    writes,
)
from tests.integration.ai.test_gemini import ASKED, gemini_is_loaded

if TYPE_CHECKING:
    from engine.ai.gemini import Gemini
    from engine.ai.model import Answer as Answered
    from engine.ai.model import Question

GOOD = says({"kind": "a"})
PAUSE = 0.01


@pytest.fixture
def calls(server: StandIn, gemini: Gemini) -> Calls:
    gemini_is_loaded(server, gemini)
    server.requests.clear()
    return Calls(gemini, Usage(), name="gemini-test", first_pause=PAUSE)


@pytest.mark.parametrize(
    "first", [fails(429), fails(500), fails(503), fails(429, delay="0.01s"), Reset()], ids=str
)
def test_what_fails_for_the_moment_is_tried_again_and_counted(
    server: StandIn, calls: Calls, first: Answer
) -> None:
    server.replies = [first, first, GOOD]
    assert calls.answer(ASKED).value == {"kind": "a"}
    assert len(server.requests) == 3
    [counted] = calls.usage.by_purpose()
    assert (counted.calls, counted.failures, counted.retries) == (1, 0, 2)


@pytest.mark.parametrize(
    "first",
    [
        errs_slowly(503),
        errs_slowly(503, every=None),
        errs_slowly(429, every=None, more="Connection: close\r\n"),
    ],
    ids=str,
)
def test_an_error_whose_body_does_not_end_leaves_time_for_another_attempt(
    server: StandIn, calls: Calls, first: Answer
) -> None:
    server.replies = [first, GOOD]
    assert calls.answer(replace(ASKED, seconds=8.0)).value == {"kind": "a"}


def test_it_is_tried_no_more_often_than_that(server: StandIn, calls: Calls) -> None:
    server.replies = [fails(503)]
    with pytest.raises(ModelUnavailable, match="503"):
        calls.answer(ASKED)
    assert len(server.requests) == ATTEMPTS


def test_an_answer_that_cannot_be_used_is_not_asked_for_again(
    server: StandIn, calls: Calls
) -> None:
    server.replies = [writes("prose"), GOOD]
    with pytest.raises(ModelUnusable):
        calls.answer(ASKED)
    assert len(server.requests) == 1


def test_a_pause_the_server_asks_for_is_kept(server: StandIn, calls: Calls) -> None:
    server.replies = [fails(429, headers={"Retry-After": "0.4"}), GOOD]
    began = time.monotonic()
    calls.answer(ASKED)
    assert time.monotonic() - began >= 0.4  # its own pauses are a fortieth of that


def test_a_pause_that_does_not_fit_is_not_waited_for(server: StandIn, calls: Calls) -> None:
    server.replies = [fails(429, headers={"Retry-After": "60"}), GOOD]
    with pytest.raises(ModelUnavailable) as raised:
        calls.answer(ASKED)
    assert raised.value.retry_after == 60
    assert len(server.requests) == 1


def test_a_server_that_never_ends_its_head_is_left_behind(server: StandIn, calls: Calls) -> None:
    """No reading with a timeout notices it: the thread that reads is abandoned, and ends later."""
    server.replies = [trickles_head(0.02)]
    began = time.monotonic()
    with pytest.raises(ModelUnavailable, match="in time"):
        calls.answer(replace(ASKED, seconds=0.3))
    assert time.monotonic() - began < DEADLINE  # what is promised of every call
    [left] = [one for one in threading.enumerate() if one.name == "model call"]
    assert left.daemon  # or no process could end before it
    server.end()
    left.join(20)
    assert not left.is_alive()


def test_threads_that_were_left_behind_are_bounded(server: StandIn, gemini: Gemini) -> None:
    gemini_is_loaded(server, gemini)
    server.requests.clear()
    server.replies = [trickles_head(0.02)]
    bounded = Calls(gemini, Usage(), at_once=2, circuit=Circuit(failures=99))
    brief = replace(ASKED, seconds=0.2)
    for _ in range(2):
        with pytest.raises(ModelUnavailable, match="in time"):
            bounded.answer(brief)
    with pytest.raises(ModelUnavailable, match="busy"):
        bounded.answer(brief)
    assert len(server.requests) == 2


def test_a_reply_that_trickles_ends_the_thread_that_reads_it(server: StandIn, calls: Calls) -> None:
    server.replies = [trickles_body(0.02)]
    with pytest.raises(ModelUnavailable, match="in time"):
        calls.answer(replace(ASKED, seconds=0.2))
    for one in threading.enumerate():
        if one.name == "model call":
            one.join(20)
            assert not one.is_alive()


def test_after_five_failures_in_a_row_nothing_is_sent_until_one_call_succeeds(
    server: StandIn, gemini: Gemini
) -> None:
    gemini_is_loaded(server, gemini)
    server.requests.clear()
    calls = Calls(gemini, Usage(), first_pause=PAUSE, circuit=Circuit(open_for=0.5))
    server.replies = [fails(500)]
    for _ in range(2):  # three attempts, then two: the fifth opens it
        with pytest.raises(ModelUnavailable):
            calls.answer(ASKED)
    assert len(server.requests) == 5
    server.replies = [GOOD]
    with pytest.raises(ModelUnavailable, match=r"asked again in \d+ s"):
        calls.answer(ASKED)
    assert len(server.requests) == 5
    wait_until_it_answers(calls)
    assert calls.answer(ASKED).value == {"kind": "a"}
    assert len(server.requests) == 7


def wait_until_it_answers(calls: Calls) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            calls.answer(ASKED)
        except ModelUnavailable:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the circuit did not close")


def test_a_success_begins_the_count_of_failures_anew(server: StandIn, calls: Calls) -> None:
    for _ in range(4):
        server.replies = [fails(500), fails(500), GOOD]
        calls.answer(ASKED)
    assert len(server.requests) == 12


def test_answers_that_cannot_be_used_do_not_open_the_circuit(server: StandIn, calls: Calls) -> None:
    server.replies = [writes("prose")]
    for _ in range(7):
        with pytest.raises(ModelUnusable):
            calls.answer(ASKED)
    assert len(server.requests) == 7


class Broken:
    """A model that fails before it asks anybody."""

    def answer(self, question: Question) -> Answered:
        raise ValueError(question.purpose)


def test_an_error_that_says_nothing_of_the_other_side_closes_no_circuit() -> None:
    circuit = Circuit(failures=1, open_for=0.0)
    circuit.failed(ModelUnavailable("down"))
    with pytest.raises(ValueError, match=ASKED.purpose):
        Calls(Broken(), Usage(), circuit=circuit).answer(ASKED)
    assert circuit.is_open


def test_while_it_is_open_one_call_is_let_through_at_a_time() -> None:
    circuit = Circuit(failures=1, open_for=0.05)
    circuit.admit()
    circuit.failed(ModelUnavailable("no"))
    assert circuit.is_open
    time.sleep(0.06)
    circuit.admit()
    with pytest.raises(ModelUnavailable):
        circuit.admit()
    circuit.failed(ModelUnavailable("no"))
    with pytest.raises(ModelUnavailable):
        circuit.admit()
    time.sleep(0.06)
    circuit.admit()
    circuit.succeeded()
    assert not circuit.is_open
    circuit.admit()


def test_tokens_and_costs_are_counted_by_purpose_of_unusable_answers_too(
    server: StandIn, gemini: Gemini
) -> None:
    usage = Usage(Prices(Decimal("0.10"), Decimal("0.40")))
    calls = Calls(gemini, usage, first_pause=PAUSE)
    server.replies = [
        writes('{"kind": "a"}', tokens=(1_000_000, 10)),
        writes("prose", tokens=(500_000, 250_000)),
        writes('{"kind": "a"}', tokens=(3, 4)),
    ]
    calls.answer(ASKED)
    with pytest.raises(ModelUnusable):
        calls.answer(ASKED)
    calls.answer(replace(ASKED, purpose="copy"))
    copy, test = usage.by_purpose()
    assert (copy.purpose, copy.calls, copy.input_tokens, copy.output_tokens) == ("copy", 1, 3, 4)
    assert (test.calls, test.failures, test.retries) == (2, 1, 0)
    assert (test.input_tokens, test.output_tokens) == (1_500_000, 250_010)
    assert test.cost == Decimal("0.15") + Decimal("0.100004")


def test_without_prices_tokens_alone_are_counted() -> None:
    usage = Usage()
    usage.took("rule", (1, 2))
    assert [one.cost for one in usage.by_purpose()] == [None]


def test_each_call_is_one_line_of_figures_without_words_material_answer_or_key(
    server: StandIn, calls: Calls, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.replies = [fails(500), GOOD, writes("a secret answer"), fails(401)]
    told = replace(ASKED, words="whom nobody may know", material={"a": "a material"})
    calls.answer(told)
    for _ in range(2):
        with pytest.raises(ModelUnusable):
            calls.answer(told)
    lines = [one for one in caplog.records if one.name == "engine.ai.calls"]
    assert [one.getMessage().split(" ms=")[0] for one in lines] == [
        "model call: purpose=test model=gemini-test outcome=answered",
        "model call: purpose=test model=gemini-test outcome=unusable",
        "model call: purpose=test model=gemini-test outcome=unusable",
    ]
    assert "retries=1 input_tokens=120 output_tokens=30" in lines[0].getMessage()
    for text in (KEY, "whom nobody", "a material", "a secret answer", ASKED.instructions):
        assert text not in caplog.text


def test_any_error_of_a_model_reaches_who_asked_and_frees_its_place() -> None:
    class Broken:
        def answer(self, question: Question) -> Answered:
            raise ZeroDivisionError(question.purpose)

    calls = Calls(Broken(), Usage(), at_once=1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            calls.answer(ASKED)
