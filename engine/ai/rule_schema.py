"""The form in which a model writes a rule: conditions in one flat list that name each other.

Gemini's schemas know neither references nor alternatives, so a tree cannot be nested in them. Each
node has an id and groups list the ids of what they hold. Every value is a text; the catalogue says
what type it has. Operators are texts, too: Gemini refuses schemas with many possible values ("too
many states"), and those that there are stand in the material.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.domain.calendar import UNITS
from engine.domain.rule_decoder import WINDOWS
from engine.rules.catalogue import AGGREGATES

if TYPE_CHECKING:
    from collections.abc import Iterable

KINDS = ("all", "any", "not", "field", "orders", "segment", "campaign", "random")
OUTCOMES = ("targeted", "sent", "failed")
"""What is recorded of campaigns today."""
MOST_NODES = 200
MOST_TEXTS = 20


def _text(longest: int = 200) -> dict[str, Any]:
    return {"type": "string", "maxLength": longest}


def _one_of(names: Iterable[str]) -> dict[str, Any]:
    return {"type": "string", "enum": list(dict.fromkeys(names))}


def _list(items: dict[str, Any], most: int) -> dict[str, Any]:
    return {"type": "array", "items": items, "maxItems": most}


def _object(required: Iterable[str], **properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


_COUNT = {"type": "integer", "minimum": 0, "maximum": 1_000_000_000}
_SHARE = {"type": "number", "minimum": 0, "maximum": 100}
_VALUES = _list(_text(1_000), 100)
_FILTER = _object(("field", "op", "values"), field=_text(), op=_text(40), values=_VALUES)
_NODE = _object(
    ("id", "kind"),
    id=_text(20),
    kind=_one_of(KINDS),
    children=_list(_text(20), MOST_NODES),
    field=_text(),
    op=_text(40),
    values=_VALUES,
    n=_COUNT,
    unit=_one_of(UNITS),
    aggregate=_one_of(one.name for one in AGGREGATES),
    of=_one_of(of for one in AGGREGATES for of in one.of),
    where=_list(_FILTER, MOST_TEXTS),
    window=_one_of(WINDOWS),
    window_n=_COUNT,
    window_unit=_one_of(UNITS),
    window_days=_list(_text(10), 2),
    ref=_text(20),
    outcome=_one_of(OUTCOMES),
    share_from=_SHARE,
    share_to=_SHARE,
)
SCHEMA = _object(
    ("nodes", "root", "understood", "not_understood", "notes"),
    nodes=_list(_NODE, MOST_NODES),
    root=_text(20),
    understood=_list(_object(("phrase", "node"), phrase=_text(1_000), node=_text(20)), 50),
    not_understood=_list(_text(1_000), MOST_TEXTS),
    notes=_list(_text(1_000), MOST_TEXTS),
)
"""An answer. ``root`` is empty where there is no rule."""
