"""How the audit log reads on the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.audit import Action, Outcome
from pages._ui.format import NOTHING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.domain.audit import AuditEntry, Scalar

ACTIONS: Mapping[Action, str] = {
    Action.SIGN_IN: "Sign in",
    Action.SIGN_OUT: "Sign out",
    Action.SIGN_OUT_EVERYWHERE: "Sign out everywhere",
    Action.CALL: "Not permitted",
    Action.SEGMENT_SAVE: "Save a segment",
    Action.SEGMENT_RESTORE: "Restore a segment",
    Action.SEGMENT_DELETE: "Delete a segment",
    Action.CAMPAIGN_SAVE: "Save a campaign",
    Action.CAMPAIGN_DELETE: "Delete a draft",
    Action.CAMPAIGN_LAUNCH: "Launch a campaign",
    Action.IMPORT: "Import a file",
    Action.MAPPING_SAVE: "Save a mapping",
    Action.DEMO_LOAD: "Load demo data",
    Action.DEMO_REMOVE: "Remove demo data",
    Action.LETTER_REPLAY: "Replay a dead letter",
    Action.LETTER_DROP: "Drop a dead letter",
    Action.ERASE: "Erase a person",
    Action.EXPORT: "Export",
    Action.EXPORT_EVERYTHING: "Export everything",
    Action.KEY_CREATE: "Create an API key",
    Action.KEY_REVOKE: "Revoke an API key",
    Action.PERSON_INVITE: "Invite a person",
    Action.PERSON_ROLE: "Change a role",
    Action.PERSON_DISABLE: "Disable a person",
    Action.PERSON_ENABLE: "Enable a person",
    Action.PERSON_REMOVE: "Remove a person",
    Action.CREDENTIAL_SET: "Set a vendor's credential",
    Action.CREDENTIAL_REMOVE: "Remove a vendor's credential",
    Action.WORKSPACE_SET: "Change the workspace",
    Action.OTHER: "Something else",
}
OUTCOMES: Mapping[Outcome, str] = {
    Outcome.DONE: "Done",
    Outcome.REFUSED: "Refused",
    Outcome.FAILED: "Failed",
    Outcome.INTERRUPTED: "Interrupted",
    Outcome.UNDER_WAY: "Under way",
}


def subject(entry: AuditEntry) -> str:
    """Return what it was done to: its name, or else its kind and id."""
    if entry.about is None:
        return entry.name
    kind, its_id = entry.about
    return entry.name or f"{kind} {its_id}".strip()


def changes(entry: AuditEntry) -> str:
    """Return what changed, in one line: ``role: viewer → analyst``."""
    return "; ".join(
        f"{field}: {value(after)}"
        if before is None
        else f"{field}: {value(before)} \N{RIGHTWARDS ARROW} {value(after)}"
        for field, (before, after) in entry.changes.items()
    )


def value(scalar: Scalar) -> str:
    """Return a value of a line as it reads."""
    return NOTHING if scalar in (None, "") else str(scalar)
