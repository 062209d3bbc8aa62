from __future__ import annotations

import pytest

from engine.domain.naming import checked_tags
from engine.errors import InvalidInput


def test_tags_are_trimmed_and_kept_once_whatever_their_case_in_their_order() -> None:
    given = [" VIP ", "Straße", "vip", "STRASSE", "re\u0301gion", "a   b"]
    assert checked_tags(given) == ("VIP", "Straße", "r\u00e9gion", "a b")
    assert checked_tags([]) == ()


@pytest.mark.parametrize(
    ("tags", "says"),
    [
        (["x" * 41], "41 characters; the limit is 40"),
        ([f"t{n}" for n in range(21)], "21 tags; the limit is 20"),
        (["a", " \t"], "a tag is empty"),
        (["a\u200bb"], "cannot be shown"),
    ],
)
def test_tags_that_cannot_be_taken_are_refused(tags: list[str], says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        checked_tags(tags)


def test_the_most_and_the_longest_tags_are_taken() -> None:
    tags = [f"{n:040}" for n in range(20)]
    assert checked_tags([*tags, tags[0]]) == tuple(tags)
