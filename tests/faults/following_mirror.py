# ruff: noqa: T201 - what it prints is what the test reads
"""A process whose mirror follows the database MONGODB_URI NAME, keeping its layer in FOLDER.

Prints how many orders its snapshot holds whenever that changes, until it is killed.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from zoneinfo import ZoneInfo

from engine.domain.clock import SystemClock
from engine.domain.money import currency
from engine.domain.workspace import Workspace
from engine.mirror import follower, kept, stack
from engine.mirror.mirror import Mirror
from engine.store.client import connect

# Small, so that layers are merged and kept as they are among millions.
kept.WORTH_KEEPING, stack.SMALL, follower.AT_ONCE = 1, 20, 60
follower.KEEP_SECONDS = 0.2

database = connect(sys.argv[1], sys.argv[2])
workspace = Workspace("Test", currency("INR"), ZoneInfo("Asia/Kolkata"), "en_IN")
mirror = Mirror(database, workspace, SystemClock(), Path(sys.argv[3]))
mirror.start()
before = -1
while True:
    found = mirror.snapshot()
    if found.order_count != before:
        before = found.order_count
        print(before, flush=True)
    time.sleep(0.01)
