"""Words to a rule, from a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.terminal import AsJson, Now, Offline, count, instant, opened, print_json, read_rule
from engine.domain.rule_codec import encode

if TYPE_CHECKING:
    from datetime import datetime

    from engine.crm import Crm
    from engine.domain.asking import Choice, Interpretation


def ask(
    words: Annotated[
        str, typer.Argument(metavar="WORDS", help="whom you look for, in quotation marks")
    ],
    now: Now = None,
    base: Annotated[
        str | None, typer.Option(metavar="RULE.json", help="a rule that the words edit")
    ] = None,
    *,
    offline: Offline = False,
    as_json: AsJson = False,
) -> None:
    """Turn words into a rule, and say whom it holds and what was not understood.

    In the JSON, "not_understood" holds what is not in the rule, and phrases that may join its parts
    in another way, each with a choice.
    """
    edited = None if base is None else read_rule(base)
    with opened() as crm:
        at = instant(now, crm)
        answer = crm.ask(words, now=at, base=edited, offline=offline)
        reading, held = _read_out(crm, answer, at)
        if as_json:
            print_json(
                rule=None if answer.rule is None else encode(answer.rule),
                reading=reading,
                not_understood=answer.doubted,
                count=held,
                source=answer.source,
                understood=[
                    {"phrase": one.phrase, "meaning": one.meaning} for one in answer.understood
                ],
                choices=[_choice(one) for one in answer.choices],
                notes=(*answer.warnings, *answer.notes),
            )
            return
        _print(answer, reading, held)


def _read_out(crm: Crm, answer: Interpretation, now: datetime | None) -> tuple[str, int | None]:
    """Return the rule in plain words, a line a condition, and how many customers it holds."""
    if answer.rule is None:
        return "", None
    lines = crm.words(answer.rule)
    reading = "\n".join(f"{'  ' * depth}{line}" for depth, line in lines)
    return reading, crm.preview(answer.rule, now=now).count


def _choice(choice: Choice) -> dict[str, object]:
    return {
        "phrase": choice.phrase,
        "question": choice.question,
        "taken": choice.taken,
        "options": [
            {"label": option.label, "rule": encode(option.rule)} for option in choice.options
        ],
    }


def _print(answer: Interpretation, reading: str, held: int | None) -> None:
    if held is None:
        typer.echo("There is no rule for these words.")
    else:
        typer.echo(f"{reading}\n{count(held, 'customer')}")
    for one in answer.not_understood:
        typer.echo(f'not understood: "{one}"')
    for choice in answer.choices:
        labels = [option.label for option in choice.options]
        others = ", ".join(label for place, label in enumerate(labels) if place != choice.taken)
        typer.echo(f'"{choice.phrase}" is taken as {labels[choice.taken]}; it may mean: {others}')
    for note in (*answer.warnings, *answer.notes):
        typer.echo(note)
