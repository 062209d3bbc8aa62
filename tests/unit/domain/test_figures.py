from __future__ import annotations

import pytest

from engine.domain.figures import compact_text, share_text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0.0%"),
        (2 / 5_004, "<0.1%"),
        (0.0005, "<0.1%"),
        (0.00051, "0.1%"),
        (0.125, "12.5%"),
        (0.9994, "99.9%"),
        (5_002 / 5_004, ">99.9%"),
        (1, "100.0%"),
    ],
)
def test_only_none_is_nothing_and_only_all_is_everything(share: float, text: str) -> None:
    assert share_text(share, "en_IN") == text


def test_numbers_are_short_as_the_locale_has_them() -> None:
    assert compact_text(8_000_000, "en_IN") == "80L"
    assert compact_text(8_000_000, "en_GB") == "8M"
