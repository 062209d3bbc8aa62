"""A customer: one person who is known, by the id the shop gives them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from engine.domain.refusal import shown
from engine.domain.text import trimmed
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

Attribute: TypeAlias = "str | float | bool | datetime | tuple[str, ...]"
"""A custom value: text, number, boolean, instant in UTC, or list of text."""


class AttributeType(StrEnum):
    """What a custom attribute holds. The first type seen for a name stays."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"
    LIST = "list"


LONGEST_ID = 200
"""Characters; no customer is stored under a longer id."""

TEXT_FIELDS = ("email", "phone", "name", "city", "country", "gender")
"""Profile fields that hold text; each is missing (None) or not empty, in NFC."""


REMOVABLE = (*TEXT_FIELDS, "birth_date", "signed_up_at", "tags")
"""Fields that a record can take away, beside ``attributes.<name>``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """One person. A field that is not known is None; ``tags`` and ``attributes`` may be empty."""

    customer_id: str
    email: str | None = None
    phone: str | None = None
    name: str | None = None
    city: str | None = None
    country: str | None = None
    gender: str | None = None
    birth_date: date | None = None
    signed_up_at: datetime | None = None
    tags: tuple[str, ...] = ()
    attributes: Mapping[str, Attribute] = field(default_factory=lambda: MappingProxyType({}))
    unset: frozenset[str] = frozenset()
    """Fields that a record on its way in takes away (``phone``, ``attributes.points``); none of
    somebody who is stored."""

    @property
    def first_name(self) -> str | None:
        """The first word of the name."""
        return self.name.split()[0] if self.name and self.name.strip() else None


def checked_customer_id(text: str) -> str:
    """Return an id as it is stored, without white space around it; raises InvalidInput."""
    customer_id = trimmed(text)
    if not 1 <= len(customer_id) <= LONGEST_ID:
        msg = f"{shown(text)} is no customer id: one has 1 to {LONGEST_ID} characters"
        raise InvalidInput(msg)
    if any(unicodedata.category(one) in {"Cc", "Cs"} for one in customer_id):
        msg = f"{shown(text)} is no customer id: it holds a control character"
        raise InvalidInput(msg)
    return customer_id
