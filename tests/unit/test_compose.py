"""compose.yaml names commands and settings that exist; Docker itself is not needed to see that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from engine.cli import app
from engine.settings import Settings, variables
from engine.streams.taking import GRACE_SECONDS

PROJECT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((PROJECT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("server", "worker", "consumer")


def test_there_are_two_workers_and_two_consumers_beside_one_of_each_other_service() -> None:
    count = {name: one.get("deploy", {}).get("replicas", 1) for name, one in SERVICES.items()}
    assert count == {"mongodb": 1, "redis": 1, "server": 1, "worker": 2, "consumer": 2}


@pytest.mark.parametrize("name", OURS)
def test_every_variable_is_a_setting_and_its_value_valid(name: str) -> None:
    environment = SERVICES[name]["environment"]
    assert environment.keys() - variables().keys() == set()
    values = {variables()[variable]: value for variable, value in environment.items()}
    settings = Settings.model_validate(values)
    assert settings.mongodb_uri is not None
    assert settings.stream_url is not None
    for url in (settings.mongodb_uri, settings.stream_url):
        host = url.get_secret_value().partition("://")[2].partition(":")[0]
        assert SERVICES[name]["depends_on"][host] == {"condition": "service_healthy"}


@pytest.mark.parametrize("name", ["worker", "consumer"])
def test_every_command_is_one_of_ours(name: str) -> None:
    python, flag, module, *words = SERVICES[name]["command"]
    assert (python, flag, module) == ("python", "-m", "engine")
    command = typer.main.get_command(app)
    context = command.make_context("engine", words, resilient_parsing=True)
    found, _, arguments = command.resolve_command(context, words)  # type: ignore[attr-defined]
    assert found == words[0]
    assert arguments == []


def test_the_server_runs_the_app_for_this_machine_only_and_leaves_sending_to_the_workers() -> None:
    server = SERVICES["server"]
    assert server["command"][:4] == ["python", "-m", "streamlit", "run"]
    assert (PROJECT / server["command"][4]).is_file()
    assert server["environment"]["CRM_WORKER"] == "false"
    published = [port for one in SERVICES.values() for port in one.get("ports", [])]
    assert [port.partition(":")[0] for port in published] == ["127.0.0.1"]


def test_redis_keeps_what_it_acknowledges() -> None:
    command = SERVICES["redis"]["command"]
    options = dict(zip(command[1::2], command[2::2], strict=True))
    assert options == {
        "--appendonly": "yes",
        "--appendfsync": "always",
        "--maxmemory-policy": "noeviction",
        "--save": "",
    }
    assert SERVICES["redis"]["volumes"] == ["redis:/data"]


def test_mongodb_is_a_replica_set_that_makes_itself() -> None:
    mongodb = SERVICES["mongodb"]
    assert mongodb["command"][1:3] == ["--replSet", "rs0"]
    assert "rs.initiate" in mongodb["healthcheck"]["test"][-1]
    assert all("replicaSet=rs0" in SERVICES[one]["environment"]["MONGODB_URI"] for one in OURS)


def test_a_consumer_is_given_the_time_it_needs_to_stop() -> None:
    assert float(SERVICES["consumer"]["stop_grace_period"].removesuffix("s")) > GRACE_SECONDS


def test_no_secret_is_copied_into_the_image() -> None:
    left_out = (PROJECT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".env", ".streamlit/secrets.toml", ".venv", ".data", ".git"} <= set(left_out)
