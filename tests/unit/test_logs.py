"""Each test runs a process of its own: logging is the process's."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parents[2]
START = """
import contextvars, io, logging, threading
import structlog
from engine import logs
from engine.domain.actor import Actor, SYSTEM

logs.configure("INFO", ["hunter2-hunter2"])
logger = logging.getLogger("engine.shop")
"""


def ran(code: str, *, fails: bool = False) -> str:
    done = subprocess.run(  # noqa: S603 - the project itself
        [sys.executable, "-c", START + code],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode != 0) is fails, done.stderr
    assert "Logging error" not in done.stderr
    return done.stderr


def lines(code: str, *, fails: bool = False) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ran(code, fails=fails).splitlines()]


def test_a_line_is_one_json_object_with_its_time_level_logger_and_event() -> None:
    (line,) = lines('logger.warning("a %s of %d\\nlines", "text", 2)')
    time = line.pop("timestamp")
    assert time.endswith("Z")
    assert line == {"level": "warning", "logger": "engine.shop", "event": "a text of 2\nlines"}


def test_secrets_are_in_no_part_of_a_line() -> None:
    text = ran("""
logger.info("the key is %s", "hunter2-hunter2")
logger.info({"a": "hunter2-hunter2"})
structlog.get_logger("engine.x").info("saved hunter2-hunter2", by="a@b.example", n=1)
def fail(password):
    raise ValueError("wrong: hunter2-hunter2") from KeyError("bob@shop.example")
try:
    fail("in a local hunter2" + "-hunter2")
except ValueError:
    logger.exception("failed with hunter2-hunter2")
    structlog.get_logger("engine.x").exception("failed too")
try:
    raise ExceptionGroup("two", [ValueError("hunter2-hunter2"), ValueError("+919812345678")])
except ExceptionGroup:
    logger.exception("both")
""")
    assert len(text.splitlines()) == 6
    assert text.count("Traceback") >= 3
    for gone in ("hunter2-hunter2", "b.example", "bob@", "98123", "in a local"):
        assert gone not in text


def test_a_library_that_writes_by_itself_writes_no_secret_either() -> None:
    text = ran("""
late = logging.getLogger("late.library")
late.propagate = False
late.addHandler(logging.StreamHandler())
try:
    raise ValueError("{}-hunter2".format("hunter2"))
except ValueError:
    late.exception("token %s", "hunter2-hunter2")
""")
    assert "token" in text
    assert "Traceback" in text
    assert "hunter2-hunter2" not in text


@pytest.mark.parametrize("name", ["streamlit.web", "uvicorn.error"])
def test_libraries_with_handlers_of_their_own_write_our_lines(name: str) -> None:
    (line,) = lines(f"""
silent = logging.getLogger("uvicorn.silent")
silent.propagate = False
silent.setLevel("INFO")
theirs = logging.getLogger({name!r})
theirs.propagate = False
theirs.addHandler(logging.StreamHandler())
logs.configure("INFO")
theirs.warning("x")
silent.info("x")
""")
    assert (line["logger"], line["event"]) == (name, "x")


def test_a_request_names_its_id_and_who_asked_in_every_thread_that_serves_it() -> None:
    first, second, third, other = lines("""
me = Actor("Ann@Shop.example", kind="person")
def request():
    global request_id
    request_id = logs.begin_request()
    logger.info("begun")
    inside = contextvars.copy_context()
    thread = threading.Thread(target=inside.run, args=(logs.acts, me))
    thread.start()
    thread.join()
    logger.info("known")
    structlog.get_logger("engine.x").info("known")
contextvars.copy_context().run(request)
contextvars.copy_context().run(lambda: (logs.begin_request(), logger.info(request_id)))
""")
    assert first["request_id"] == second["request_id"] == third["request_id"] == other["event"]
    assert other["request_id"] != first["request_id"]
    assert "user" not in first
    assert "user" not in other
    digits = hashlib.sha256(b"ann@shop.example").hexdigest()[:12]
    assert second["user"] == third["user"] == f"person-{digits}"


def test_programs_and_processes_go_by_their_names() -> None:
    by = [
        one["user"]
        for one in lines("""
for actor in (SYSTEM, Actor("API key shop", kind="program")):
    logs.acts(actor)
    logger.info("x")
""")
    ]
    assert by == ["system", "API key shop"]


def test_what_nobody_caught_is_a_line_without_secrets() -> None:
    code = """
def fail(): raise ValueError("{}-hunter2".format("hunter2"))
thread = threading.Thread(target=fail, name="t1")
thread.start()
thread.join()
fail()
"""
    in_thread, at_end = lines(code, fails=True)
    assert (in_thread["event"], at_end["event"]) == ("uncaught in thread t1", "uncaught")
    assert "ValueError: [secret]" in in_thread["exception"]
    assert "ValueError: [secret]" in at_end["exception"]


def test_debugging_the_engine_makes_no_driver_tell_what_it_sends() -> None:
    told = lines("""
logs.configure("DEBUG")
for name in ("engine.x", "pages.x", "pymongo.command", "httpx", "uvicorn.access", "elsewhere"):
    logging.getLogger(name).debug("debug")
    logging.getLogger(name).info("info")
""")
    assert [(one["logger"], one["level"]) for one in told] == [
        *(("engine.x", "debug"), ("engine.x", "info"), ("pages.x", "debug"), ("pages.x", "info")),
        ("elsewhere", "info"),
    ]


def test_at_a_terminal_no_text_begins_a_line_of_its_own() -> None:
    text = ran("""
import sys
class Terminal(io.StringIO):
    def isatty(self): return True
screen = Terminal()
logs.configure("INFO", ["hunter2-hunter2"], screen)
logger.info("two\\nlines \\x1b[31m hunter2-hunter2")
try:
    raise ValueError("no")
except ValueError:
    logger.exception("failed")
sys.stderr.write(screen.getvalue())
""")
    first, second, *trace = text.splitlines()
    assert first.partition(" ")[2] == "info engine.shop two\\nlines \\x1b[31m [secret]"
    assert second.endswith("error engine.shop failed")
    assert trace[0].startswith("Traceback")
