# ruff: noqa: T201 - what it prints is what the test reads
"""A process that uses the embedded server of DATA_DIR and writes until it is killed.

Prints "ready", then one id a line, each after the server acknowledged the document of that id.
"""

from __future__ import annotations

import os
import sys
from itertools import count
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from engine.store.embedded import acquire

with acquire(Path(sys.argv[1])) as server, MongoClient[dict[str, Any]](server.uri) as client:
    print("ready", flush=True)
    for number in count():
        key = f"{os.getpid()}-{number}"
        try:
            client["faults"]["acknowledged"].insert_one({"_id": key})
        except PyMongoError as error:
            print(f"{key} was not acknowledged: {error}", file=sys.stderr, flush=True)
            continue
        print(key, flush=True)
