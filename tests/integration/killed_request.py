"""A process that claims an Idempotency-Key, has its effect, and is killed before its reply."""

from __future__ import annotations

import os
import signal
import sys
from datetime import timedelta

from engine.store.client import connect
from engine.store.idempotency import IdempotencyStore


def main(uri: str, name: str, key_id: str, key: str, request_hash: str) -> None:
    database = connect(uri, name)
    store = IdempotencyStore(database, timedelta(seconds=1))
    assert store.claim(key_id, key, bytes.fromhex(request_hash)).owner
    database["effects"].insert_one({})
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
