"""What demo users left behind ends with the demo: the people they invited, the keys they made.

Anybody may be a demo admin, so nothing that one decided may let anybody in once accounts are asked
for. What was done on the command line stays: whoever did it has the settings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.auth.addresses import is_demo
from engine.auth.audit import MADE_BY
from engine.domain.actor import SYSTEM
from engine.domain.audit import Action

if TYPE_CHECKING:
    from engine.auth.api_keys import ApiKeys
    from engine.auth.audit import AuditLog
    from engine.auth.people import People


def end_demo(people: People, keys: ApiKeys, audit: AuditLog) -> None:
    """Remove whom demo users invited, and revoke their keys, each with its line."""
    for one in people.of_demo():
        about = ("person", one.email)
        with audit.recording(SYSTEM, Action.PERSON_REMOVE, about=about) as line:
            line.changes = {"role": (one.role, None), "invited by": (one.created_by, None)}
            people.forget_of_demo(one.email)
    for key in keys.all():
        if key.revoked_at is None and is_demo(key.created_by):
            about = ("API key", key.id)
            with audit.recording(SYSTEM, Action.KEY_REVOKE, about=about, name=key.name) as line:
                line.changes = {MADE_BY: (key.created_by, None)}
                keys.revoke(key.id, by=SYSTEM.name)
