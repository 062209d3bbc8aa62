"""What people type, each with the rule that an expert would build, or with why there is none.

Sets are JSON lines: one utterance a line, ``{"words", "rule"}`` with the root of a rule as
RULES.md shapes it (``also`` and ``why``: further rules that are as right, and the reason), or
``{"words", "refused"}`` with what kind of question it is that cannot or must not be answered.
They are about the demo data as it is at :data:`NOW`; relative dates that no rule can hold are
written out from there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from engine.domain.rule_codec import decode
from engine.domain.rules import RULE_VERSION
from engine.errors import InvalidInput, RuleError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.domain.rules import Rule

NOW = datetime(2026, 6, 17, 4, 30, tzinfo=UTC)
"""When everything is asked: Wednesday, 17 June 2026, ten in the morning in India."""

UTTERANCES = Path(__file__).parent / "utterances"
"""The set that is kept here: five levels, and what nobody can answer."""

_ENDING = ".jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """Words and what they mean. ``group`` is the name of the file, such as ``level_1``."""

    group: str
    words: str
    rules: tuple[Rule, ...]
    """Any of them is right; empty where the words cannot or must not be answered."""
    refused: str = ""


def read(place: Path) -> tuple[Utterance, ...]:
    """Return the utterances of a file, or of all such files of a folder in the order of names.

    Raises InvalidInput, with the line, for what is no utterance, and where there are none.
    """
    files = sorted(place.glob(f"*{_ENDING}")) if place.is_dir() else [place]
    found = tuple(one for file in files for one in _read_file(file))
    if not found:
        msg = f"{place} holds no utterances; they are JSON lines in files named *{_ENDING}"
        raise InvalidInput(msg)
    return found


def _read_file(file: Path) -> list[Utterance]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{file} cannot be read: {error}"
        raise InvalidInput(msg) from None
    found = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                found.append(_utterance(file.name.removesuffix(_ENDING), json.loads(line)))
            except (ValueError, KeyError, TypeError, RuleError) as error:
                msg = f"{file.name}, line {number}, is no utterance: {error}"
                raise InvalidInput(msg) from None
    return found


def _utterance(group: str, line: Mapping[str, object]) -> Utterance:
    words = str(line["words"])
    if "refused" in line:
        return Utterance(group=group, words=words, rules=(), refused=str(line["refused"]))
    also = line.get("also", [])
    roots = [line["rule"], *(also if isinstance(also, list) else [also])]
    rules = tuple(decode({"version": RULE_VERSION, "rule": root}) for root in roots)
    return Utterance(group=group, words=words, rules=rules)
