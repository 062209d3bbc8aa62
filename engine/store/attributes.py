"""Types of custom attributes, learnt from the data: the first type seen for a name stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pymongo import UpdateOne

from engine.domain.attributes import MOST_ATTRIBUTES, no_room
from engine.domain.customer import AttributeType
from engine.errors import InvalidInput
from engine.store.faults import mapped_errors
from engine.store.writes import upsert_all

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pymongo.database import Database


class AttributeStore:
    """The collection ``attributes``: one document per attribute name (its ``_id``)."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._attributes = database["attributes"]

    @mapped_errors()
    def types(self) -> dict[str, AttributeType]:
        """Return every attribute's type, by name, in the order of the names."""
        found = self._attributes.find().sort("_id")
        return {document["_id"]: AttributeType(document["type"]) for document in found}

    @mapped_errors()
    def learn(self, seen: Mapping[str, AttributeType]) -> dict[str, AttributeType]:
        """Settle the type of names not known yet; return the type that holds for every name.

        Where it differs from what was seen, the caller rejects the value. Raises InvalidInput, and
        learns nothing, where there would be more names than MOST_ATTRIBUTES (give or take those
        that somebody else learns at the same moment).
        """
        known = self.types()
        if len(known.keys() | seen.keys()) > max(MOST_ATTRIBUTES, len(known)):
            raise InvalidInput(no_room(len(known)))
        operations = [
            UpdateOne({"_id": name}, {"$setOnInsert": {"type": type_.value}}, upsert=True)
            for name, type_ in seen.items()
        ]
        upsert_all(self._attributes, operations)
        return self.types()
