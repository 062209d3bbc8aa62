"""A process that deletes a segment, and is killed before it can say so."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

from engine.bootstrap import open_crm
from engine.settings import Settings
from engine.store.audit import AuditStore

if TYPE_CHECKING:
    from engine.domain.audit import AuditEntry


def die(_: AuditStore, __: AuditEntry) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(uri: str, name: str, segment_id: str) -> None:
    AuditStore.write = die  # type: ignore[assignment,method-assign]
    settings = Settings.model_validate({"mongodb_uri": uri, "mongodb_database": name})
    with open_crm(settings) as crm:
        crm.delete_segment(segment_id, version=1)


if __name__ == "__main__":
    main(*sys.argv[1:])
