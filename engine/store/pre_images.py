"""MongoDB keeps what a customer or order held before a change, for those who follow changes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from pymongo.errors import OperationFailure

if TYPE_CHECKING:
    from pymongo.database import Database

logger = logging.getLogger(__name__)

KEPT = ("customers", "orders")
_NAME = "changeStreamPreAndPostImages"
_UNAUTHORIZED = 13


def ensure_pre_images(database: Database[dict[str, Any]]) -> None:
    """Turn it on where it is off; without the right to, mirrors read everything again instead."""
    for collection in database.list_collections(filter={"name": {"$in": KEPT}}):
        if collection.get("options", {}).get(_NAME, {}).get("enabled"):
            continue
        try:
            database.command({"collMod": collection["name"], _NAME: {"enabled": True}})
        except OperationFailure as error:
            if error.code != _UNAUTHORIZED:
                raise
            logger.warning("no pre-images of %s: %s", collection["name"], error)
