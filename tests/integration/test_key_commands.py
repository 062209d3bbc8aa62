"""API keys and erasure from the command line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from engine.domain.customer import Customer
from tests.integration.test_command_line import engine

if TYPE_CHECKING:
    from engine.crm import Crm
    from tests.integration.test_command_line import Engine

__all__ = ["engine"]


def test_a_key_is_made_shown_once_listed_and_revoked(crm: Crm, engine: Engine) -> None:
    made = engine("api-key", "create", "--name", "till 4", "--scope", "ingest", "--scope", "read")
    assert made.returncode == 0, made.stderr
    token = made.stdout.strip()
    assert re.fullmatch(r"crm_[a-z0-9]{8}_[A-Za-z0-9_-]{43}", token)
    assert crm.authenticate(token).created_by == "command line"
    listed = engine("api-key", "list").stdout
    key_id = token[4:12]
    assert listed.startswith(f"{key_id}\tactive\tingest,read\tmade ")
    assert listed.endswith("\tcommand line\ttill 4\n")
    assert token[13:] not in listed
    assert engine("api-key", "revoke", key_id).stdout == f"revoked {key_id} (till 4)\n"
    assert f"{key_id}\trevoked " in engine("api-key", "list").stdout
    unknown = engine("api-key", "revoke", "nobody")
    assert (unknown.returncode, unknown.stderr) == (1, "there is no API key 'nobody'\n")
    assert engine("api-key", "create", "--name", "x", "--scope", "write").returncode == 2


def test_a_person_is_erased_once_it_was_confirmed(crm: Crm, engine: Engine) -> None:
    crm.stores.customers.upsert([Customer(customer_id="asha")], source="test")
    kept = engine("erase", "asha", text="n\n")
    assert kept.returncode == 1
    assert "to go: 1 customer, the name on 0 orders, the content of 0 messages" in kept.stderr
    assert crm.stores.customers.count() == 1
    assert engine("erase", "asha", text="y\n").returncode == 0
    again = engine("erase", "asha", "--yes")
    assert again.stdout == "erased: 1 customer, the name on 0 orders, the content of 0 messages\n"
    assert crm.stores.customers.is_empty()
