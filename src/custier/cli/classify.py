"""custier classify"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from custier.cli.options import (
    DEFAULT_STORE,
    Json,
    KeyFile,
    Lang,
    Pseudonymise,
    Store,
    as_typed,
    day,
    language,
    named_paths,
    one_of,
    pseudonym_key,
    usage,
    whole_number,
    words_of,
)
from custier.engines import ENGINES

USUAL_FORMATS = {"polars": "csv,parquet", "duckdb": "csv,parquet", "spark": "parquet"}


def classify(
    ctx: typer.Context,
    inputs: Annotated[
        list[str] | None, typer.Argument(metavar="INPUT", help="transactions: files, globs, directories", show_default=False)
    ] = None,
    rubric: Annotated[
        str | None, typer.Option("--rubric", metavar="NAME|FILE", help="the policy; not needed when the store holds one")
    ] = None,
    source: Annotated[list[str] | None, typer.Option("--source", metavar="NAME=PATH", help="another table; repeat it for more")] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="the last day that counts; else the newest in the data")
    ] = None,
    store: Store = DEFAULT_STORE,
    previous: Annotated[
        str | None, typer.Option("--previous", metavar="RUN|none", help="the run to compare with; else the last published")
    ] = None,
    cuts: Annotated[
        str | None, typer.Option("--cuts", metavar="RUN|new", help="cut where this run did, or anew; else as the rubric says")
    ] = None,
    formats: Annotated[
        str | None,
        typer.Option(
            "--format", metavar="LIST", help="labels to write, of csv,parquet,xlsx; --out copies them; else csv,parquet (spark: parquet)"
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="also put flat copies here")] = None,
    pseudonymise: Pseudonymise = False,
    key_file: KeyFile = None,
    engine: Annotated[str, typer.Option("--engine", metavar="NAME", help="what computes: polars, duckdb or spark")] = "polars",
    spark_master: Annotated[
        str | None, typer.Option("--spark-master", metavar="URL", help="spark://HOST:PORT, local[2]; else as Spark is configured")
    ] = None,
    memory: Annotated[
        str | None, typer.Option("--memory", metavar="SIZE", help="how much to use at most, such as 4GiB; else 60% of the machine's")
    ] = None,
    keep_rows: Annotated[bool, typer.Option("--keep-rows", help="keep all rows for explain, also of more than 2 million")] = False,
    no_publish: Annotated[bool, typer.Option("--no-publish", help="keep the run, leave the current one current")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="write nothing")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="one rejected row fails the run")] = False,
    lock_wait: Annotated[
        str | None, typer.Option("--lock-wait", metavar="SECONDS", help="wait so long for another run to end; else not at all")
    ] = None,
    noop_exit_code: Annotated[
        str | None, typer.Option("--noop-exit-code", metavar="N", help="exit so, not 0, where this very run is already current")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="print nothing but errors")] = False,
    lang: Lang = None,
    as_json: Json = False,
) -> int:
    """Grade every customer and write labelled files.

    Reads the exports, measures and scores each customer, assigns a tier, compares with the last run, and publishes the
    result unless a guardrail holds it.
    """
    if not inputs and not source:
        raise usage("no input was given", "INPUT", "name the exports: custier classify sales.csv --rubric annual-spend")
    wait_seconds, noop_exit = (
        whole_number("0" if lock_wait is None else lock_wait, "--lock-wait"),
        whole_number("0" if noop_exit_code is None else noop_exit_code, "--noop-exit-code", 255),
    )
    date, sources, said_in = day(as_of), named_paths(source or []), language(lang)
    one_of(engine, ENGINES, "--engine")
    if spark_master is not None and engine != "spark":
        raise usage("a Spark master is named and Spark is not asked for", "--spark-master", "add --engine spark")
    key = pseudonym_key(pseudonymise, key_file, out)
    from custier.pipeline import FORMATS, Request, classify_files
    from custier.pipeline.request import ALL_ROWS, MOST_ROWS_KEPT
    from custier.show.print import print_run
    from custier.show.stages import stages

    now = datetime.now(UTC).astimezone()
    request = Request(
        inputs=tuple(inputs or ()),
        rubric=rubric,
        sources=sources,
        store=store,
        today=now.date(),
        now=now,
        as_of=date,
        previous=previous,
        cuts=cuts,
        formats=words_of(formats or USUAL_FORMATS[engine], FORMATS, "--format"),
        out=out,
        pseudonyms=key,
        publish=not no_publish,
        dry_run=dry_run,
        strict=strict,
        memory=memory,
        engine=engine,
        spark_master=spark_master,
        most_rows_kept=ALL_ROWS if keep_rows else MOST_ROWS_KEPT,
        lang=said_in,
        command=as_typed(ctx.obj),
        lock_wait_seconds=wait_seconds,
    )
    with stages(quiet or as_json) as on_stage:
        summary = classify_files(request, on_stage)
    print_run(summary, quiet=quiet, as_json=as_json, lang=said_in)
    return noop_exit if summary.status == "already current" else summary.exit_code
