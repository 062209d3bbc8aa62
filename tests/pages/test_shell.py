from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from engine.errors import Conflict, CrmError, StoreUnavailable
from engine.mirror.mirror import Mirror
from pages._ui import engine as handle
from pages._ui.feedback import guard
from pages._ui.format import plain
from pages._ui.places import Place
from tests.pages.conftest import SHELL, texts, today

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine import Crm
    from tests.pages.conftest import Shell


@pytest.mark.parametrize("place", list(Place))
def test_every_page_opens_on_an_empty_workspace(shell: Shell, place: Place) -> None:
    app = shell(place.value)
    assert not app.exception
    assert len(app.title) == 1


def test_every_script_among_the_pages_has_its_place() -> None:
    scripts = {path.name for path in SHELL.parent.glob("*.py")} - {"__init__.py", "shell.py"}
    assert scripts == {place.value for place in Place}


def test_the_sidebar_says_what_the_figures_are_made_from(
    shell: Shell, imported: Callable[..., None]
) -> None:
    imported(("1", "a", today(), "5.00", "completed", "Asha"))
    app = shell()
    said = "\n".join(one.value for one in app.sidebar.caption)
    assert "1 customer · 1 order" in said
    assert "As of " in said
    assert " IST" in said


def test_a_page_that_was_just_drawn_shows_no_older_figures(shell: Shell) -> None:
    """Also the first one, for which the figures are loaded while it is drawn."""
    said = "\n".join(one.value for one in shell().sidebar.caption)
    assert "older figures" not in said
    assert "Catching up" not in said


def test_the_sidebar_says_that_figures_are_behind(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Mirror, "behind", True)
    assert "Catching up with changes" in "\n".join(one.value for one in shell().sidebar.caption)


def test_refresh_reads_what_was_written_elsewhere(
    crm: Crm, shell: Shell, imported: Callable[..., None]
) -> None:
    imported(("1", "a", today(), "5.00", "completed", "Asha"))
    app = shell()
    before = crm.freshness()
    crm.stores.orders.remove(source="import")
    assert crm.freshness() == before
    app.sidebar.button(key="refresh").click().run()
    assert "1 customer · 0 orders" in "\n".join(one.value for one in app.sidebar.caption)
    assert [one.value for one in app.toast] == ["Figures refreshed"]


def test_a_workspace_that_cannot_be_opened_is_told_in_a_sentence(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed() -> None:
        msg = "MongoDB at db.example:27017 did not answer within 10 s"
        raise StoreUnavailable(msg)

    handle.withdraw()
    monkeypatch.setattr(handle, "_opened", closed)
    app = shell()
    assert not app.exception
    assert not app.title
    assert [one.value for one in app.error] == [
        plain("MongoDB at db.example:27017 did not answer within 10 s. Try again in a moment.")
    ]


def test_an_unforeseen_error_is_logged_under_the_reference_that_is_shown(
    crm: Crm, shell: Shell, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(_: Crm) -> None:
        msg = "secret detail"
        raise ZeroDivisionError(msg)

    monkeypatch.setattr(type(crm), "imports", breaks)
    with caplog.at_level(logging.ERROR, "pages"):
        app = shell("imports.py")
    assert not app.exception
    assert "secret detail" not in texts(app)
    logged = next(one for one in caplog.records if one.name.startswith("pages"))
    assert logged.exc_info
    assert logged.getMessage().rpartition(" ")[2] in app.error[0].value


def test_a_guarded_block_tells_whether_it_ran_to_its_end(crm: Crm) -> None:
    assert crm
    with guard() as fine:
        pass
    with guard() as refused:
        msg = "somebody else saved it meanwhile"
        raise Conflict(msg)
    assert fine.ok
    assert not refused.ok


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a*b_c`d", "a\\*b\\_c\\`d"),
        (":red[x]", "\\:red\\[x\\]"),
        ("Plan:B", "Plan\\:B"),
        ("$x$", "\\$x\\$"),
        (":smile:", "\\:smile\\:"),
        (":material/home:", "\\::small[]material/home\\:"),
        ("<b>&amp;", "\\<b\\>\\&amp;"),
        ("https://x.test", "https\\::small[]//x\\.test"),
        ("a@b.test", "a@:small[]b\\.test"),
        ("two\nlines", "two  \nlines"),
        ("no\n\nparagraph", "no  \n:small[]  \nparagraph"),
        (" edges ", "&#32;edges&#32;"),
        ("\u05d9\u05e2\u05d3", "\u2068\u05d9\u05e2\u05d3\u2069"),
        ("a\u2067b", "\u2068a\u2067b\u2069\u2069"),
        ("", ""),
    ],
)
def test_text_is_disarmed_for_markdown(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_the_error_shown_is_the_engines_own_sentence(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, crm: Crm
) -> None:
    def refuses(_: Crm) -> None:
        msg = "name the *place* and what to do"
        raise CrmError(msg)

    monkeypatch.setattr(type(crm), "imports", refuses)
    app = shell("imports.py")
    assert [one.value for one in app.error] == [r"Name the \*place\* and what to do\."]
