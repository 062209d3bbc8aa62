"""Indexes: what is unique, and what is looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pymongo import ASCENDING, DESCENDING, IndexModel

if TYPE_CHECKING:
    from pymongo.database import Database

INDEXES = {
    "customers": [
        IndexModel([("customer_id", ASCENDING)], unique=True),
        IndexModel([("source", ASCENDING)]),
    ],
    "orders": [
        IndexModel([("order_id", ASCENDING)], unique=True),
        IndexModel([("customer_id", ASCENDING), ("ordered_at", DESCENDING)]),
        IndexModel([("source", ASCENDING)]),
    ],
    "segments": [
        IndexModel([("name_folded", ASCENDING)], unique=True),
        IndexModel([("references", ASCENDING)]),
    ],
    "segment_versions": [
        IndexModel([("segment_id", ASCENDING), ("version", DESCENDING)], unique=True)
    ],
    "segment_sizes": [IndexModel([("segment_id", ASCENDING), ("day", ASCENDING)], unique=True)],
    "campaigns": [
        IndexModel([("created_at", DESCENDING)]),
        IndexModel([("status", ASCENDING), ("created_at", DESCENDING)]),
        IndexModel([("segment_id", ASCENDING), ("created_at", ASCENDING)]),
    ],
    "deliveries": [
        IndexModel([("campaign_id", ASCENDING), ("customer_id", ASCENDING)], unique=True),
        IndexModel([("campaign_id", ASCENDING), ("status", ASCENDING), ("customer_id", ASCENDING)]),
    ],
    "imports": [IndexModel([("started_at", DESCENDING)])],
    "idempotency": [
        IndexModel([("created_at", ASCENDING)], expireAfterSeconds=24 * 60 * 60),
        IndexModel([("about", ASCENDING)], sparse=True),
    ],
    "users": [
        IndexModel(
            [("issuer", ASCENDING), ("subject", ASCENDING)],
            unique=True,
            partialFilterExpression={"subject": {"$exists": True}},
        )
    ],
    "erasures": [IndexModel([("done", ASCENDING)], partialFilterExpression={"done": False})],
    "sessions": [
        IndexModel([("token_hash", ASCENDING)], unique=True),
        IndexModel([("old_token_hash", ASCENDING)], sparse=True),
        IndexModel([("email", ASCENDING), ("began_at", DESCENDING)]),
        IndexModel([("ends_at", ASCENDING)], expireAfterSeconds=0),
        IndexModel([("last_seen_at", ASCENDING)], expireAfterSeconds=8 * 60 * 60),
    ],
    "tickets": [IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0)],
    "audit": [
        IndexModel([*names, ("at", DESCENDING), ("line", DESCENDING)])
        for names in ((), ("actor",), ("action",), ("about_kind", "about_id"))
    ],
}


def ensure_indexes(database: Database[dict[str, Any]]) -> None:
    """Make every index that is missing; existing ones are left alone."""
    for collection, models in INDEXES.items():
        database[collection].create_indexes(models)
