"""What a model wrote, to an object that meets a JSON schema, or an error that says what it was."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, NoReturn

from engine.errors import ModelUnusable

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 200_000
"""Characters of an answer that are read; what may be written is far less."""


def read(text: str, schema: Mapping[str, object]) -> Mapping[str, object]:
    """Return the object of a JSON text.

    The sentences of errors quote nothing of the text: it is not for logs or notes.

    Raises:
        ModelUnusable: the text is too long, no JSON, or does not meet the schema.
    """
    if len(text) > LONGEST:
        _unusable(f"is {len(text):,} characters long; at most {LONGEST:,} are read")
    try:
        value = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except RecursionError:
        _unusable("is nested too deeply")
    except ValueError:
        _unusable("is not JSON")
    _check(value, schema)
    return value  # type: ignore[no-any-return]  # an object, as the schema says


def _check(value: object, schema: Mapping[str, object]) -> None:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - 0.2 s that a start need not take

    try:
        first = next(Draft202012Validator(dict(schema)).iter_errors(value), None)
    except RecursionError:
        _unusable("is nested too deeply")
    if not isinstance(value, dict):
        _unusable("is no object")
    if first is not None:
        _unusable(f"does not have the form that was asked for ({first.validator})")


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError
    return number


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError


def _unusable(problem: str) -> NoReturn:
    msg = f"the language model's answer {problem}"
    raise ModelUnusable(msg) from None
