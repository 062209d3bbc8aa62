"""The theme: Streamlit knows every key, and every colour can be read on what lies under it."""

from __future__ import annotations

import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from streamlit import config as streamlit_config

CONFIG = tomllib.loads(
    (Path(__file__).resolve().parents[2] / ".streamlit" / "config.toml").read_text("utf-8")
)


def mode(name: str) -> dict[str, Any]:
    theme: dict[str, Any] = CONFIG["theme"][name]
    return {key: value for key, value in theme.items() if key != "sidebar"}


def sidebar(name: str) -> dict[str, Any]:
    return {**mode(name), **CONFIG["theme"][name]["sidebar"]}


def luminance(colour: str) -> float:
    """Relative luminance, 0 to 1, as WCAG 2.2 defines it."""
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio, 1 to 21, as WCAG 2.2 defines it."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def options(table: dict[str, Any], prefix: str) -> list[str]:
    names: list[str] = []
    for key, value in table.items():
        nested = isinstance(value, dict)
        names += options(value, f"{prefix}.{key}") if nested else [f"{prefix}.{key}"]
    return names


def test_contrast_agrees_with_the_standards_examples() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


def test_streamlit_knows_every_option() -> None:
    known = streamlit_config.get_config_options()
    given = [name for section, table in CONFIG.items() for name in options(table, section)]
    assert [name for name in given if name not in known] == []


def test_where_the_server_listens_is_left_to_whoever_starts_it() -> None:
    assert {"address", "port", "headless"}.isdisjoint(CONFIG["server"])


@pytest.mark.parametrize("name", ["light", "dark"])
def test_text_can_be_read_on_every_surface(name: str) -> None:
    for theme in (mode(name), sidebar(name)):
        surfaces = [theme["backgroundColor"], theme["secondaryBackgroundColor"]]
        for text in ("textColor", "linkColor"):
            assert min(contrast(theme[text], surface) for surface in surfaces) >= 4.5, text
        assert contrast(theme["codeTextColor"], theme["codeBackgroundColor"]) >= 4.5
        header = theme["dataframeHeaderBackgroundColor"]
        assert contrast(theme["dataframeHeaderTextColor"], header) >= 4.5
        assert contrast("#FFFFFF", theme["primaryColor"]) >= 4.5
        assert contrast(theme["primaryColor"], theme["backgroundColor"]) >= 3


@pytest.mark.parametrize("name", ["light", "dark"])
def test_chart_colours_stand_out_and_scales_run_one_way(name: str) -> None:
    theme = mode(name)
    categories = theme["chartCategoricalColors"]
    assert min(contrast(colour, theme["backgroundColor"]) for colour in categories) >= 3
    assert len(theme["chartDivergingColors"]) == 10
    steps = [luminance(colour) for colour in theme["chartSequentialColors"]]
    assert len(steps) == 10
    rising = name == "dark"
    assert all((a < b) is rising for a, b in pairwise(steps)), "more is further from the page"
