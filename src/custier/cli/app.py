"""The commands and their names; what a command needs is imported when it runs, so that help is quick."""

from __future__ import annotations

from typing import Annotated

import typer

from custier import __version__
from custier.cli.classify import classify
from custier.cli.copy import copy
from custier.cli.demo import demo
from custier.cli.explain import explain
from custier.cli.export import export
from custier.cli.history import publish, rollback, runs, show, verify
from custier.cli.init import init
from custier.cli.pages import show_page
from custier.cli.profile import profile
from custier.cli.prune import prune
from custier.cli.rubric import rubric
from custier.show.out import say

app = typer.Typer(
    name="custier",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        say(f"custier {__version__}\n")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def custier(
    ctx: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="print the version", callback=_version, is_eager=True)] = False,
) -> int:
    """Grade customers by a written policy: exact, explained, repeatable."""
    if ctx.invoked_subcommand is None:
        say(ctx.get_help() + "\n")
    return 0


app.command()(init)
app.command()(profile)
app.command()(classify)
app.command(context_settings={"ignore_unknown_options": True})(explain)
for command in (runs, show, publish, rollback, copy, verify, prune):
    app.command()(command)
app.add_typer(rubric, name="rubric")
app.add_typer(export, name="export")
app.command()(demo)
app.command("help")(show_page)
