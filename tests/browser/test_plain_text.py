"""What Streamlit in a real browser makes of text that must be shown as it stands."""

from __future__ import annotations

import json
import os
import random
import re
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import PROJECT, alone, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

HOSTILE = (
    *(":red[y]", "Plan:B", "Plan:B{x=1}", "a:b[c]", "::note", ":::note", ":help[x]", ":small[]"),
    *(":material/home:", ":material_home:", ":streamlit:", ":smile:", ":100: of :+1:", "a:b: c"),
    *("$x$", "$$x$$", "$5 and $6", r"\$x\$", r"a\b", r"\\", "\\"),
    *("<b>x</b>", "<script>alert(1)</script>", "<!-- x -->", "&amp;", "&#58;", "&nbsp;"),
    *("*a*", "**a**", "_a_", "__a__", "~a~", "~~a~~", "`a`", "```a```", "***", "---", "___"),
    *("[a](http://x.test)", "![a](http://x.test/a.png)", "[a]", "[^1]", "[ ] a", "- [x] a"),
    *("# a", "## a", "> a", "- a", "+ a", "* a", "1. a", "1) a", "a | b", "| a |", "=== a"),
    *("http://x.test", "HTTPS://x.test/?a=b_c", "www.x.test", "a.b+c@x.test", "<http://x.test>"),
    *("a -> b", "<-", "<->", "--", ">=", "<= 5", "~= 5", "a@-- b", "----", "->->", "https:// ->"),
    *(" a", "    a", "\ta", "a  b", "a ", "a\nb", "a\n\n\nb", "a\r\nb", "a\n    b\n- c", "\n"),
    *("שלום", "مرحبا (5)", "a\u202eb", "\u2067x", "👩‍👩‍👧 é", "18:05:33", "\u200ba", "x" * 500),
)
PIECES = (
    *":[]{}()<>$*_`~|\\!#&@.-=+^/ ",
    *(
        "red",
        "a",
        "material",
        "home",
        "streamlit",
        "www",
        "http",
        "5",
        "\n",
        "é",
        "->",
        ":B",
        "x:y",
    ),
)
SCRIPT = """
import json, pathlib, sys
import streamlit as st
from pages._ui.format import plain

for place, text in enumerate(json.loads(pathlib.Path(sys.argv[1]).read_text())):
    with st.container(key=f"case-{place}"):
        st.markdown(plain(text))
        st.markdown(f"a **{plain(text)}** b")
        st.markdown(f":red[{plain(text)}]")
        line = " ".join(text.splitlines())  # a heading and a label have one line
        st.subheader(plain(line), anchor=False)
        st.button(plain(line), key=f"button-{place}")
st.text("All shown")
"""
READ = """() => [...document.querySelectorAll('[class*="st-key-case-"]')].map(one => ({
    place: Number(/st-key-case-(\\d+)/.exec(one.className)[1]),
    texts: [...one.querySelectorAll('[data-testid="stElementContainer"]')]
        .map(part => part.textContent),
    alien: one.querySelectorAll(
        'a, img, code, pre, em, del, sup, li, table, hr, blockquote, input, script, ' +
        '.katex, [role="img"]').length,
}))"""

DRAWN = """([headings, labels]) => [
    [headings, '[data-testid="stHeadingWithActionElements"] h3'],
    [labels, 'button [data-testid="stMarkdownContainer"]'],
].every(([many, part]) => document.querySelectorAll(part).length === many)"""


def texts() -> list[str]:
    chosen = random.Random(20261122)  # noqa: S311 - test data
    made = ("".join(chosen.choices(PIECES, k=chosen.randint(1, 12))) for _ in range(150))
    return [*HOSTILE, *(one for one in made if one.strip())]


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[str]:
    """Address of an app that shows the texts in every way the pages do."""
    (tmp_path / "cases.json").write_text(json.dumps(texts()))
    (tmp_path / "app.py").write_text(SCRIPT)
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(PROJECT)}
    with running(str(tmp_path / "app.py"), str(tmp_path / "cases.json"), env=env) as address:
        yield address


def as_read(text: str) -> str:
    """A text without the marks that isolate its direction, and as HTML ends and starts lines."""
    for mark in "\u2066\u2067\u2068\u2069":
        text = text.replace(mark, "")
    return re.sub(r" *(\r\n|\r|\n) *", "\n", text)


def test_every_text_is_shown_as_it_was_given(browser: Browser, shown: str) -> None:
    given = texts()
    with alone(browser, shown) as page:
        page.goto("/")
        page.get_by_text("All shown").wait_for()
        page.wait_for_load_state("networkidle")
        # Headings and buttons are drawn once their code is loaded, which comes in pieces.
        labels = sum(" ".join(text.splitlines()) != "" for text in given)
        page.wait_for_function(DRAWN, arg=[len(given), labels])
        found = {one["place"]: one for one in page.evaluate(READ)}
    assert sorted(found) == list(range(len(given)))
    wrong = []
    for place, text in enumerate(given):
        want, line = as_read(text), as_read(" ".join(text.splitlines()))
        want_all = [want, as_read(f"a {want} b"), want, line, line]
        got = [as_read(one) for one in found[place]["texts"]]
        if got != want_all or found[place]["alien"]:
            wrong.append((text, got, found[place]["alien"]))
    assert wrong == [], "\n".join(map(repr, wrong))
