"""Asking in words, from the command line and over the demo data."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import uuid4

import pytest
from pymongo import MongoClient

from engine.ai.evaluation.scoring import figures, judge
from engine.ai.evaluation.utterances import NOW, UTTERANCES, Utterance, read
from engine.bootstrap import open_crm
from engine.cli.evaluating import members
from engine.domain.clock import FixedClock
from engine.domain.rule_codec import decode, encode
from engine.domain.rules import All, FieldCondition, Rule
from engine.settings import Settings
from tests.reference import joined_clauses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.crm import Crm

PROJECT = Path(__file__).resolve().parents[2]
PUNE = Rule(FieldCondition("city", "equals", "Pune"))
EDITED = Rule(
    All(
        (
            PUNE.root,
            FieldCondition("birth_date", "before", "1995-06-18"),
            FieldCondition("last_order_at", "in_the_last", {"n": 30, "unit": "day"}),
        )
    )
)
"""Pune's customers over 30 at NOW who ordered in the last 30 days."""

Engine: TypeAlias = "Callable[..., subprocess.CompletedProcess[str]]"


@pytest.fixture(scope="module")
def shop_name(mongo_uri: str) -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    yield name
    with MongoClient[dict[str, Any]](mongo_uri) as client:
        client.drop_database(name)


@pytest.fixture(scope="module")
def shop(mongo_uri: str, shop_name: str) -> Iterator[Crm]:
    """The engine over the demo data, as the evaluation has it."""
    settings = Settings.model_validate({"mongodb_uri": mongo_uri, "mongodb_database": shop_name})
    with open_crm(settings, clock=FixedClock(NOW)) as crm:
        crm.load_demo()
        yield crm


@pytest.fixture
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where commands put what is temporary: a short path, for a socket's has 100 bytes at most."""
    return tmp_path_factory.mktemp("t")


@pytest.fixture
def engine(shop: Crm, mongo_uri: str, shop_name: str, temporary: Path) -> Engine:
    del shop

    def run(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - the project itself
            [sys.executable, "-W", "error", "-m", "engine", *words],
            cwd=PROJECT,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(temporary),
                "TMPDIR": str(temporary),
                "MONGODB_URI": mongo_uri,
                "MONGODB_DATABASE": shop_name,
                **settings,
            },
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )

    return run


def test_every_rule_of_the_utterances_holds_some_and_not_all(shop: Crm) -> None:
    snapshot = shop.mirror.snapshot()
    asked = [(one.words, rule) for one in read(UTTERANCES) for rule in one.rules]
    counts = shop.audiences.counts([rule for _, rule in asked], snapshot, NOW)
    assert [
        (words, count)
        for (words, _), count in zip(asked, counts, strict=True)
        if not 0 < count < snapshot.height
    ] == []


def test_the_grammar_alone_is_right_often_and_seldom_wrong_in_silence(shop: Crm) -> None:
    found = figures(
        list(
            judge(
                read(UTTERANCES),
                lambda words: shop.ask(words, now=NOW, offline=True),
                lambda rule: members(shop, rule),
            )
        )
    )
    shares = {name: figure for name, figure in found.items() if isinstance(figure, float)}
    assert min(shares[f"level_{n}"] for n in (1, 2, 3)) >= 0.9, found
    assert min(shares[f"level_{n}"] for n in (4, 5)) >= 0.7, found
    assert shares["refused_rightly"] >= 0.95, found
    assert shares["silently_wrong"] <= 0.02, found


def test_clauses_that_are_read_alone_are_read_together_or_doubted(shop: Crm) -> None:
    rng = random.Random(6)  # noqa: S311 - made-up sentences
    made = [joined_clauses.drawn(rng) for _ in range(200)]
    verdicts = list(
        judge(
            [
                Utterance(
                    group="joined", words=words, rules=(decode({"version": 1, "rule": root}),)
                )
                for words, root in made
            ],
            lambda words: shop.ask(words, now=NOW, offline=True),
            lambda rule: members(shop, rule),
        )
    )
    wrong = [one.utterance.words for one in verdicts if one.silently_wrong]
    assert len(wrong) <= 0.02 * len(verdicts), wrong
    assert sum(one.right for one in verdicts) >= 0.9 * len(verdicts)


def test_ask_prints_the_edited_rule_its_reading_and_its_count(
    shop: Crm, engine: Engine, tmp_path: Path
) -> None:
    base = tmp_path / "base.json"
    base.write_text(json.dumps(encode(PUNE)))
    words = ("ask", "only those aged over 30 who ordered in the last 30 days", "--base", str(base))
    asked = engine(*words, "--now", NOW.isoformat(), "--json", "--offline")
    assert asked.returncode == 0, asked.stderr
    answer = json.loads(asked.stdout)
    assert set(answer) == {
        *("rule", "reading", "not_understood", "count", "source"),
        *("understood", "choices", "notes"),
    }
    rule = decode(answer["rule"])
    assert answer["count"] == shop.preview(EDITED, now=NOW).count
    assert answer["count"] == shop.preview(rule, now=NOW).count
    assert answer["reading"].split("\n") == [f"{'  ' * n}{line}" for n, line in shop.words(rule)]
    assert (answer["not_understood"], answer["source"]) == ([], "grammar")


def test_ask_tells_phrases_that_may_join_the_rule_otherwise_among_the_doubts(
    engine: Engine,
) -> None:
    asked = engine("ask", "spent over 5000 and no email or no phone", "--json", "--offline")
    assert asked.returncode == 0, asked.stderr
    answer = json.loads(asked.stdout)
    assert answer["not_understood"] == [answer["choices"][0]["phrase"]]


def test_where_there_is_no_rule_ask_says_what_it_did_not_understand(engine: Engine) -> None:
    asked = engine("ask", "qwer zxcv")
    assert asked.returncode == 0, asked.stderr
    assert asked.stdout.startswith("There is no rule for these words.\nnot understood: ")


def test_the_evaluation_asks_an_engine_of_its_own(
    engine: Engine, tmp_path: Path, temporary: Path
) -> None:
    (tmp_path / "level_1.jsonl").write_text(
        '{"words": "customers in Pune", "rule": {"field": "city", "op": "in", "value": ["pune"]}}\n'
        '{"words": "in Mumbai", "rule": {"field": "city", "op": "equals", "value": "Pune"}}\n'
        '{"words": "spent over Rs 5000.50", "rule": '
        '{"field": "total_spend", "op": "greater_than", "value": "5000.50"}}'
    )
    (tmp_path / "unanswerable.jsonl").write_text('{"words": "delete them", "refused": "action"}')
    nowhere = {"MONGODB_URI": "mongodb://127.0.0.1:1/", "CRM_CURRENCY": "JPY"}
    asked = engine("eval", "rules", "--set", str(tmp_path), "--offline", "--json", **nowhere)
    assert asked.returncode == 0, asked.stderr
    assert json.loads(asked.stdout) == {
        "level_1": 0.6667,
        "refused_rightly": 1.0,
        "silently_wrong": 0.25,
        "silently_wrong_without_choice": 0.25,
        "utterances": 4,
        "source": "grammar",
    }
    assert list(temporary.glob("crm-evaluation-*")) == []
