"""A language model with a deadline, retries, a circuit breaker and counts around it."""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import Future
from contextvars import copy_context
from dataclasses import replace
from typing import TYPE_CHECKING

import tenacity

from engine.ai.circuit import Circuit
from engine.errors import ModelUnavailable, ModelUnusable

if TYPE_CHECKING:
    from engine.ai.model import Answer, LanguageModel, Question
    from engine.ai.usage import Usage

logger = logging.getLogger(__name__)

ATTEMPTS = 3
AT_ONCE = 16
"""Threads that ask at once, those among them whose answer nobody waits for any more."""
_LINE = (
    "model call: purpose=%s model=%s outcome=%s ms=%.0f retries=%d input_tokens=%d output_tokens=%d"
)
_LATE = "the language model did not answer in time"


class Calls:
    """A language model that answers within a question's seconds, or says why not.

    Transient failures are tried again, with growing pauses or after the one the server asks for,
    as long as that fits. After five in a row nothing is sent for a while (engine.ai.circuit).
    Whatever the server does, the caller is back in time: each attempt runs in a thread of its own,
    which is left behind when time is up.
    """

    def __init__(
        self,
        model: LanguageModel,
        usage: Usage,
        *,
        name: str = "",
        circuit: Circuit | None = None,
        first_pause: float = 0.5,
        at_once: int = AT_ONCE,
    ) -> None:
        self.usage = usage
        self._model = model
        self._name = name
        self._circuit = circuit or Circuit()
        self._pause = tenacity.wait_exponential_jitter(
            multiplier=first_pause, max=8, jitter=first_pause
        )
        self._threads = threading.BoundedSemaphore(at_once)

    def answer(self, question: Question) -> Answer:
        """Return the answer; raises ModelUnavailable and ModelUnusable as the port says."""
        started = time.monotonic()
        until = started + question.seconds
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(self._is_worth_another),
            stop=tenacity.stop_any(
                tenacity.stop_after_attempt(ATTEMPTS),
                tenacity.stop_before_delay(question.seconds),
            ),
            wait=self._wait,
            reraise=True,
        )
        outcome, tokens = "failed", (0, 0)
        try:
            answer = retrying(self._attempt, question, until)
            outcome, tokens = "answered", (answer.input_tokens, answer.output_tokens)
        except ModelUnavailable:
            outcome = "unavailable"
            raise
        except ModelUnusable as error:
            outcome, tokens = "unusable", error.tokens
            raise
        finally:
            retries = retrying.statistics["attempt_number"] - 1
            self.usage.ended(question.purpose, failed=outcome != "answered", retries=retries)
            elapsed = (time.monotonic() - started) * 1000
            logger.info(_LINE, question.purpose, self._name, outcome, elapsed, retries, *tokens)
        return answer

    def _attempt(self, question: Question, until: float) -> Answer:
        self._circuit.admit()
        try:
            answer = self._in_a_thread(question, until)
        except ModelUnavailable as error:
            self._circuit.failed(error)
            raise
        except ModelUnusable:
            self._circuit.succeeded()  # it was reached
            raise
        self._circuit.succeeded()
        return answer

    def _in_a_thread(self, question: Question, until: float) -> Answer:
        if not self._threads.acquire(blocking=False):
            msg = "the language model is still busy with earlier questions"
            raise ModelUnavailable(msg)
        found: Future[Answer] = Future()
        context = copy_context()

        def ask() -> None:
            try:
                left = max(0.001, until - time.monotonic())
                answer = self._model.answer(replace(question, seconds=left))
                self.usage.took(question.purpose, (answer.input_tokens, answer.output_tokens))
                found.set_result(answer)
            except BaseException as error:  # noqa: BLE001 - is raised where somebody waits for it
                if isinstance(error, ModelUnusable):
                    self.usage.took(question.purpose, error.tokens)
                found.set_exception(error)
            finally:
                self._threads.release()

        # Of no pool: a pool's threads are waited for when the process ends.
        threading.Thread(target=context.run, args=(ask,), name="model call", daemon=True).start()
        try:
            return found.result(timeout=max(0.0, until - time.monotonic()))
        except TimeoutError:
            raise ModelUnavailable(_LATE) from None

    def _wait(self, state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after if isinstance(error, ModelUnavailable) else None
        return self._pause(state) if asked is None else asked

    def _is_worth_another(self, error: BaseException) -> bool:
        return isinstance(error, ModelUnavailable) and not self._circuit.is_open
