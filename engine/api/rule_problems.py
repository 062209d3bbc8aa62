"""Rules that cannot be used, as problems: each place with what stands there and what may."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from engine.api.problems import ProblemError
from engine.domain.refusal import shown
from engine.errors import RuleError

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLACE = re.compile(r"((?:document|version|rule)[\w.\[\]]*): (.+)", re.DOTALL)
_STEP = re.compile(r"(\w+)|\[(\d+)\]")


@contextmanager
def rule_problems(document: object) -> Iterator[None]:
    """Tell a RuleError of this document, or JSON text, as a 422 that names every place.

    ``field`` is the path of the place as in ``rule.all[1].value``, empty where the document as a
    whole is meant; ``given`` what stands there; ``reason`` says what may.
    """
    try:
        yield
    except RuleError as error:
        document = _parsed(document) if isinstance(document, str) else document
        errors = [_told(problem, document) for problem in error.problems]
        raise ProblemError(422, "Invalid rule", str(error), errors=errors) from None


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _told(problem: str, document: object) -> dict[str, object]:
    found = _PLACE.fullmatch(problem)
    if found is None:
        return {"field": "", "given": shown(document), "reason": problem}
    path, reason = found.groups()
    return {"field": path, "given": shown(_at(document, path)), "reason": reason}


def _at(document: object, path: str) -> object:
    """Return what stands at a path; None where nothing does."""
    found = document
    for key, index in _STEP.findall(path.removeprefix("document")):
        if isinstance(found, Mapping):
            found = found.get(key)
        elif isinstance(found, Sequence) and index and int(index) < len(found):
            found = found[int(index)]
        else:
            return None
    return found
