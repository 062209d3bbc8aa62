"""What a language model may know to write a rule: names, types and values that many share.

No row about anybody, and only values that many share (engine.audience.suggestions.shared), in the
rule that is edited, too (engine.ai.masked_rule). Names of segments and campaigns only where the
words name them, and never their ids.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.ai.masked_rule import masked
from engine.ai.salt import salt_of
from engine.domain.rule_codec import encode
from engine.domain.rules import InCampaign, InSegment, RandomBucket
from engine.domain.text import fold
from engine.rules.operators import OPERATORS
from engine.rules.tree import walk

if TYPE_CHECKING:
    from datetime import datetime

    from engine.ai.masked_rule import MaskedRule
    from engine.ai.vocabulary import Vocabulary
    from engine.domain.rules import Rule

MOST_REFS = 20
UNNAMED = "one that base_rule names"


@dataclass(frozen=True, slots=True)
class Briefing:
    """What is told, the ids behind the names that stand for them, and the salt of random shares."""

    material: Mapping[str, object]
    refs: Mapping[str, str]
    salt: str
    base: MaskedRule | None = None
    """The rule that is edited, as it is told; None where the words begin anew."""


def brief(words: str, vocabulary: Vocabulary, now: datetime, base: Rule | None) -> Briefing:
    """Return what a model is told beside the words."""
    segments = _named(words, "segment", vocabulary.segments, _refs_of(base, InSegment))
    campaigns = _named(words, "campaign", vocabulary.campaigns, _refs_of(base, InCampaign))
    refs = {ref: its_id for ref, (its_id, _) in {**segments, **campaigns}.items()}
    workspace = vocabulary.workspace
    local = now.astimezone(workspace.zone)
    catalogue = vocabulary.catalogue
    material: dict[str, object] = {
        "now": f"{local:%A} {local.isoformat(timespec='minutes')}",
        "time_zone": workspace.zone.key,
        "currency": workspace.currency.code,
        "fields": [
            {"field": one.name, "label": one.label, "type": one.type}
            for one in catalogue.fields.values()
        ],
        "order_fields": [
            {"field": one.name, "type": one.type, "choices": list(one.choices)}
            for one in catalogue.order_fields.values()
        ],
        "operators": {kind: list(operators) for kind, operators in OPERATORS.items()},
        "frequent_values": dict(vocabulary.told),
        "segments": _told(words, segments),
        "campaigns": _told(words, campaigns),
    }
    shown = None if base is None else masked(base, words, vocabulary)
    if shown is not None:
        by_id = {its_id: ref for ref, its_id in refs.items()}
        material["base_rule"] = _with_refs(encode(shown.rule), by_id)
    return Briefing(material, refs, _salt(words, base), shown)


def _named(
    words: str, kind: str, names: Mapping[str, str], in_base: set[str]
) -> dict[str, tuple[str, str]]:
    found = [
        (its_id, name)
        for its_id, name in names.items()
        if its_id in in_base or _is_named(words, name)
    ]
    # The longest names first: "VIP Pune" is said where "VIP" is, too.
    found.sort(key=lambda one: (-len(one[1]), one))
    return {f"{kind}_{n}": one for n, one in enumerate(found[:MOST_REFS], 1)}


def _is_named(words: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(fold(name.strip()))}(?!\w)", fold(words)) is not None


def _told(words: str, found: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Return names by how they are called; of what only the edited rule names, not even that."""
    return {ref: name if _is_named(words, name) else UNNAMED for ref, (_, name) in found.items()}


def _refs_of(base: Rule | None, kind: type[InSegment | InCampaign]) -> set[str]:
    nodes = [] if base is None else [node for _, node in walk(base.root)]
    return {
        node.segment_id if isinstance(node, InSegment) else node.campaign_id
        for node in nodes
        if isinstance(node, (InSegment, InCampaign)) and isinstance(node, kind)
    }


def _salt(words: str, base: Rule | None) -> str:
    """Keep the salt of the rule that is edited, so that its random share stays the same people."""
    nodes = [] if base is None else [node for _, node in walk(base.root)]
    return next((node.salt for node in nodes if isinstance(node, RandomBucket)), salt_of(words))


def _with_refs(value: object, refs: Mapping[str, str]) -> object:
    if isinstance(value, list):
        return [_with_refs(one, refs) for one in value]
    if isinstance(value, Mapping):
        return {
            key: refs.get(str(one), "") if key in {"segment", "campaign"} else _with_refs(one, refs)
            for key, one in value.items()
            if key != "salt"
        }
    return value
