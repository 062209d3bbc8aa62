"""Query parameters whose values cannot be used, as problems that name them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from engine.api.problems import ProblemError
from engine.domain.refusal import shown
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@contextmanager
def of_query(name: str, given: object, valid: Iterable[str] = ()) -> Iterator[None]:
    """Tell an InvalidInput as a 422 of this parameter, with the valid choices where there are."""
    try:
        yield
    except InvalidInput as error:
        told = {
            "field": f"query/{name}",
            "given": shown(given),
            "reason": str(error),
            "valid": list(valid),
        }
        raise ProblemError(422, "Invalid input", str(error), errors=[told]) from None
