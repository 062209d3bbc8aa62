"""People, and taking everything out, from the command line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from zipfile import ZipFile

from engine.domain.actor import Actor
from engine.domain.audit import Action
from engine.domain.permission import EVERYTHING, Role
from engine.domain.user import UserStatus
from tests.integration.test_command_line import engine

if TYPE_CHECKING:
    from pathlib import Path

    from engine.crm import Crm
    from tests.integration.test_command_line import Engine

__all__ = ["engine"]


def test_a_person_is_invited_listed_changed_put_out_and_removed(crm: Crm, engine: Engine) -> None:
    invited = engine("person", "invite", "Ravi@example.com", "analyst")
    assert (invited.returncode, invited.stdout) == (0, "ravi@example.com is analyst, invited\n")
    assert re.fullmatch(
        r"ravi@example\.com\tanalyst\tinvited\tadded \S+Z\tcommand line\tnever here\t\n",
        engine("person", "list").stdout,
    )
    changed = engine("person", "role", "ravi@example.com", "marketer")
    assert changed.stdout == "ravi@example.com is marketer, invited\n"
    assert engine("person", "disable", "ravi@example.com").returncode == 0
    [ravi] = crm.people()
    assert (ravi.role, ravi.status) == (Role.MARKETER, UserStatus.DISABLED)
    assert engine("person", "enable", "ravi@example.com").stdout.endswith("marketer, invited\n")
    ended = engine("person", "sign-out", "ravi@example.com")
    assert ended.stdout == "ended 0 sessions of ravi@example.com\n"
    removed = engine("person", "remove", "ravi@example.com")
    assert removed.stdout == "removed ravi@example.com (marketer)\n"
    assert crm.people() == ()
    [entry] = crm.audit.page(action=Action.PERSON_REMOVE).entries
    assert (entry.actor, entry.about) == ("command line", ("person", "ravi@example.com"))


def test_keys_that_a_person_made_are_told_of_and_end_with_them(crm: Crm, engine: Engine) -> None:
    crm.invite_person("ravi@example.com", Role.ADMIN)
    ravi = crm.acting_as(Actor("ravi@example.com", EVERYTHING, "person"))
    key, _ = ravi.create_api_key("Till", ["read"])
    disabled = engine("person", "disable", "ravi@example.com")
    assert disabled.stderr == f"stays good: API key {key.id} (Till), which they made\n"
    assert crm.api_keys()[0].revoked_at is None
    removed = engine("person", "remove", "ravi@example.com")
    assert removed.stdout.endswith(f"revoked API key {key.id} (Till), which they made\n")
    assert crm.api_keys()[0].revoked_at is not None


def test_what_cannot_be_done_to_a_person_is_told(engine: Engine) -> None:
    unknown = engine("person", "disable", "nobody@example.com")
    told = "there is nobody here with the address 'nobody@example.com'\n"
    assert (unknown.returncode, unknown.stderr) == (1, told)
    assert "is no e-mail address" in engine("person", "invite", "ravi", "viewer").stderr
    assert engine("person", "invite", "ravi@example.com", "owner").returncode == 2


def test_everything_is_taken_out_to_a_file_that_is_not_written_over(
    crm: Crm, engine: Engine, tmp_path: Path
) -> None:
    crm.take_customers([{"customer_id": "a"}])
    to = tmp_path / "all.zip"
    done = engine("export", str(to))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{to}: 1 customers, 0 orders, 0 segments")
    with ZipFile(to) as archive:
        assert archive.read("customers.ndjson").startswith(b'{"customer_id":"a"')
    again = engine("export", str(to))
    assert (again.returncode, again.stderr) == (1, f"{to} exists; give another name, or --force\n")
    assert engine("export", str(to), "--force").returncode == 0
    assert engine("export", str(tmp_path)).returncode == 2
