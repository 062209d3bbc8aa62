"""The connection: acknowledged means written to the journal of a majority."""

from __future__ import annotations

import re
from datetime import UTC
from typing import TYPE_CHECKING, Any

from pymongo import MongoClient, ReadPreference, timeout
from pymongo.errors import InvalidURI
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from engine.errors import InvalidInput
from engine.store.faults import mapped_errors
from engine.store.indexes import ensure_indexes
from engine.store.pre_images import ensure_pre_images

if TYPE_CHECKING:
    from pymongo.database import Database

Document = dict[str, Any]
"""One MongoDB document. It never leaves engine/store and engine/mirror."""


_PING_SECONDS = 2.0


@mapped_errors()
def connect(uri: str, database: str) -> Database[Document]:
    """Open the database and make its indexes.

    Raises StoreUnavailable where no primary answers within 10 s, InvalidInput for a bad URI and
    for a standalone server, which has neither transactions nor change streams.
    """
    client = _client(uri)
    opened = client.get_database(
        database,
        write_concern=WriteConcern(w="majority", j=True, wtimeout=30_000),
        read_concern=ReadConcern("majority"),
        # Whatever the URI asks for: a secondary may not have what was acknowledged.
        read_preference=ReadPreference.PRIMARY,
    )
    try:
        _refuse_standalone(client)
        ensure_indexes(opened)
        ensure_pre_images(opened)
    except BaseException:
        client.close()
        raise
    return opened


@mapped_errors()
def ping(database: Database[Document]) -> None:
    """Have the server answer; raises StoreUnavailable where it does not within 2 s."""
    with timeout(_PING_SECONDS):
        database.command("ping")


def _client(uri: str) -> MongoClient[Document]:
    try:
        return MongoClient(
            uri,
            tz_aware=True,
            tzinfo=UTC,
            appname="mini-crm",
            serverSelectionTimeoutMS=10_000,
            connectTimeoutMS=5_000,
            socketTimeoutMS=120_000,
            retryWrites=True,
            retryReads=True,
        )
    except OSError as error:  # a certificate that is not there
        msg = f"MONGODB_URI cannot be used: {error}"
        raise InvalidInput(msg) from error
    except (InvalidURI, ValueError, TypeError) as error:
        # What it quotes may be a piece of the password, so it ends before the quote or the colon.
        what = re.split(r"[\"':]|\. ", str(error))[0].strip()
        msg = (
            f"MONGODB_URI cannot be used: {what}; special characters in the user's name and "
            "password are written as %XX (a slash is %2F)"
        )
        raise InvalidInput(msg) from None


def _refuse_standalone(client: MongoClient[Document]) -> None:
    hello = client.admin.command("hello")
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        msg = (
            "MONGODB_URI names a standalone server; a replica set (of one member, if need be) or "
            "a sharded cluster is needed, for transactions and change streams"
        )
        raise InvalidInput(msg)
