"""Words as a person types them above a rule, and what the page makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pages._ui.rule_document import bare
from tests.pages.rule_edits import drafts

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest
    from streamlit.testing.v1.element_tree import Radio, TextInput

HOSTILE = "![x](http://x.test/a.png) <script>alert(1)</script> :red[y]"
MARKUP = ("![", "](", "<script>", ":red[")
"""What of it would be rendered, were it not shown as it stands."""


def box(app: AppTest) -> TextInput:
    (found,) = (one for one in app.text_input if str(one.key).startswith("words_"))
    return found


def choices(app: AppTest) -> list[Radio[Any]]:
    return [one for one in app.radio if str(one.key).startswith("taken_")]


def say(app: AppTest, words: str) -> AppTest:
    """Type words and send them."""
    box(app).set_value(words)
    return app.button(key="ask_words").click().run()


def rule(app: AppTest, segment_id: str = "") -> Any:  # noqa: ANN401 - as JSON has it
    return bare(drafts(app)[segment_id].document)


def count(app: AppTest) -> str:
    return str(app.subheader[-1].value).replace("\\", "").partition(" customers")[0]


def buttons(app: AppTest) -> set[str]:
    return {str(one.key) for one in app.button}


def over(amount: str) -> dict[str, str]:
    return {"field": "total_spend", "op": "greater_than", "value": amount}


def seen(app: AppTest) -> list[str]:
    """Return all that the page has Streamlit render as Markdown."""
    drawn = [str(one.value) for kind in (app.markdown, app.caption, app.warning) for one in kind]
    drawn += [str(one.value) for kind in (app.info, app.error) for one in kind]
    drawn += [str(one.label) for kind in (app.button, app.radio) for one in kind]
    drawn += [str(option) for one in app.radio for option in one.options]
    return drawn + [str(cell) for one in app.table for cell in one.value.to_numpy().ravel()]
