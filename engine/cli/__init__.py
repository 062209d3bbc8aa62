"""``python -m engine``: what the pages do, from a terminal or a script.

Results go to standard output, progress and messages to standard error. Exit codes: 0 done,
1 refused or failed (one sentence says why), 2 called wrongly.
"""

from __future__ import annotations

import typer

from engine.cli.api_keys import api_key
from engine.cli.asking import ask
from engine.cli.audiences import explain, members, preview
from engine.cli.bench import bench
from engine.cli.consuming import consume, dead_letters
from engine.cli.erasing import erase
from engine.cli.evaluating import evaluation
from engine.cli.exporting import export
from engine.cli.imports import import_file
from engine.cli.mirroring import mirror
from engine.cli.people import person
from engine.cli.running import demo, doctor, worker
from engine.cli.serving import api

app = typer.Typer(
    help="The engine of the mini CRM, from the command line.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("import")(import_file)
for command in (ask, preview, explain, members, erase, export, demo, worker, api, consume, doctor):
    app.command()(command)
app.add_typer(api_key, name="api-key")
app.add_typer(person, name="person")
app.add_typer(bench, name="bench")
app.add_typer(evaluation, name="eval")
app.add_typer(mirror, name="mirror")
app.add_typer(dead_letters, name="dead-letters")
