"""custier export sql"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from custier.cli.options import day, one_of, usage
from custier.show.out import say, say_as_it_is

DIALECTS = ("duckdb", "spark", "snowflake", "bigquery", "postgres")

export = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=False)


@export.callback(invoke_without_command=True)
def exports(ctx: typer.Context) -> int:
    """Write a policy in other languages."""
    if ctx.invoked_subcommand is None:
        say(ctx.get_help() + "\n")
    return 0


@export.command("sql")
def sql(
    rubric: Annotated[str | None, typer.Option("--rubric", metavar="NAME|FILE", help="the policy")] = None,
    dialect: Annotated[str | None, typer.Option("--dialect", metavar="NAME", help=f"one of {', '.join(DIALECTS)}")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="the last day that counts")] = None,
    table: Annotated[
        list[str] | None, typer.Option("--table", metavar="SOURCE=TABLE", help="which table a source is; else one of its name")
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option("--without", metavar="SOURCE.COLUMN", help="a column that the table does not have; repeat for more")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help="write here, not to stdout")] = None,
) -> int:
    """Write a rubric as one SQL statement, for data that stays in its warehouse.

    The statement selects the labels of a run that has no run before it. An optional source is read only where --table names it.
    """
    date = day(as_of)
    if rubric is None or dialect is None or date is None:
        given = {"--rubric": rubric, "--dialect": dialect, "--as-of": date}
        missing = next(option for option, value in given.items() if value is None)
        cure = "custier export sql --rubric annual-spend --dialect duckdb --as-of 2025-12-31"
        raise usage(f"`{missing}` was not given", missing, cure)
    one_of(dialect, DIALECTS, "--dialect")
    tables = _tables(table or [])
    from custier.export import Asked, export_sql
    from custier.rubric import load_rubric
    from custier.write import write_text

    text = export_sql(load_rubric(rubric).rubric, Asked(dialect, date, tables, tuple(without or ())))
    if output is None:
        say_as_it_is(text)
    else:
        write_text(text, output)
    return 0


def _tables(pairs: list[str]) -> dict[str, str]:
    """`transactions=sales` as {transactions: sales}; raises UsageError."""
    split = [pair.partition("=") for pair in pairs]
    wrong = [pair for pair, (source, _, name) in zip(pairs, split, strict=True) if not source or not name]
    if wrong:
        raise usage(f"`{wrong[0]}` is not a source and a table", "--table", "write it as transactions=sales")
    if calls := [name for _, _, name in split if "(" in name or ";" in name]:
        raise usage(f"`{calls[0]}` is not the name of a table", "--table", "make a view of it and name the view")
    tables = {source: name for source, _, name in split}
    if len(tables) < len(pairs):
        raise usage("a source was named twice", "--table", "name each source once; put tables that belong together in a view")
    return tables
