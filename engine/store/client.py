"""The connection: acknowledged means written to the journal of a majority."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from pymongo import MongoClient
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from engine.store.faults import mapped_errors
from engine.store.indexes import ensure_indexes

if TYPE_CHECKING:
    from pymongo.database import Database

Document = dict[str, Any]
"""One MongoDB document. It never leaves engine/store and engine/mirror."""


@mapped_errors()
def connect(uri: str, database: str) -> Database[Document]:
    """Open the database and make its indexes.

    Raises StoreUnavailable where no primary answers within 10 s, InvalidInput for a bad URI.
    """
    client: MongoClient[Document] = MongoClient(
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
    opened = client.get_database(
        database,
        write_concern=WriteConcern(w="majority", j=True, wtimeout=30_000),
        read_concern=ReadConcern("majority"),
    )
    try:
        ensure_indexes(opened)
    except BaseException:
        client.close()
        raise
    return opened
