"""custier.classify_to_store: the classify command as a function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from os import PathLike
from pathlib import Path

from custier.api.asked import Paths, clock, day, listed_paths
from custier.engines import ENGINES
from custier.given import one_of, usage
from custier.pipeline import FORMATS, USUAL_FORMATS, Request, classify_files
from custier.pipeline.request import ALL_ROWS, MOST_ROWS_KEPT
from custier.show.verdict import verdict
from custier.values import Summary


def classify_to_store(
    inputs: Paths = (),
    *,
    rubric: str | PathLike[str] | None = None,
    sources: Mapping[str, Paths] | None = None,
    as_of: date | str | None = None,
    store: str | PathLike[str] = "custier-store",
    previous: str | None = None,
    cuts: str | None = None,
    formats: Sequence[str] | str = USUAL_FORMATS,
    out: str | PathLike[str] | None = None,
    engine: str = "polars",
    spark_master: str | None = None,
    memory: str | None = None,
    keep_rows: bool = False,
    publish: bool = True,
    dry_run: bool = False,
    strict: bool = False,
) -> Summary:
    """The `custier classify` command: reads files, compares with the last run, keeps the new one in the store and publishes it.

    inputs: the transactions, as files, globs or directories; sources: the other tables' paths, by name. The rest is named as on the
    command line (formats is its --format, as a list or "csv,parquet"); `previous` may be "none", `cuts` "new". Run again with the same
    input, it changes nothing.

    Gives the summary of a run that is published, or unpublished where that was asked for. Raises CustierError for anything else, with
    the exit code of the command: DataError where the rows fail the guardrails, HeldError where the run is kept and held.
    """
    if not inputs and not sources:
        raise usage("no input was given", "inputs", "name the exports: classify_to_store('sales.csv', rubric='annual-spend')")
    now, listed = clock(), formats.split(",") if isinstance(formats, str) else formats
    request = Request(
        inputs=tuple(listed_paths(inputs)),
        rubric=None if rubric is None else str(rubric),
        sources=tuple((name, path) for name, paths in (sources or {}).items() for path in listed_paths(paths)),
        store=Path(store),
        today=now.date(),
        now=now,
        as_of=day(as_of),
        previous=previous,
        cuts=cuts,
        formats=tuple(dict.fromkeys(one_of(word.strip(), FORMATS, "formats") for word in listed)) or USUAL_FORMATS,
        out=None if out is None else Path(out),
        publish=publish,
        dry_run=dry_run,
        strict=strict,
        memory=memory,
        most_rows_kept=ALL_ROWS if keep_rows else MOST_ROWS_KEPT,
        engine=one_of(engine, ENGINES, "engine"),
        spark_master=spark_master,
        command="custier.classify_to_store",
    )
    summary = classify_files(request)
    if error := verdict(summary):
        raise error
    return summary
