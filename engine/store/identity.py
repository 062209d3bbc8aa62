"""What tells one database from another, however it is reached: a name of its own, made once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pymongo import ReturnDocument

if TYPE_CHECKING:
    from pymongo.database import Database


def identity_of(database: Database[dict[str, Any]]) -> str:
    """Return the name, which a copy of the database has too."""
    found = database["identity"].find_one_and_update(
        {"_id": "database"},
        {"$setOnInsert": {"name": uuid4().hex}},
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    return "" if found is None else str(found["name"])
