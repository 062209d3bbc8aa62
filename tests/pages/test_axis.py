from __future__ import annotations

import polars as pl
import pytest

from pages._ui.axis import ticks, value_axis


@pytest.mark.parametrize(
    ("lowest", "highest", "expected"),
    [
        (0, 8_600_000, [0, 2_000_000, 4_000_000, 6_000_000, 8_000_000]),
        (0, 10, [0, 2, 4, 6, 8, 10]),
        (0, 3, [0, 1, 2, 3]),
        (0, 0.5, [0]),
        (0, 0, [0]),
        (-700, 1_700, [-500, 0, 500, 1_000, 1_500]),
        (-40, 0, [-40, -30, -20, -10, 0]),
    ],
)
def test_ticks_are_few_round_and_within_the_values(
    lowest: float, highest: float, expected: list[int]
) -> None:
    assert ticks(lowest, highest) == expected


def test_labels_are_written_as_the_locale_writes_them() -> None:
    values = pl.Series([8_600_000.0, None, 1.0])
    assert '"8000000": "80L"' in value_axis(values, "en_IN").labelExpr
    assert '"8000000": "8M"' in value_axis(values, "en_GB").labelExpr
    assert value_axis(pl.Series([], dtype=pl.Float64), "en_GB").values == [0]
