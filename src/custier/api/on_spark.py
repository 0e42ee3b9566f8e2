"""Spark DataFrames graded on their cluster: rows stay there, and labels come as another DataFrame."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import narwhals as nw

from custier.account import Counted, count_rows, refuse_overflow
from custier.api.asked import Asked, is_paths
from custier.api.graded import Graded, refuse_failed, warned
from custier.api.kinds import kind_of
from custier.api.spark_tables import Opened, open_table
from custier.engines.spark import given, hold, release
from custier.errors import InputError, Problem, UsageError
from custier.frames import Frame
from custier.grade import grade
from custier.labels import label_columns
from custier.measure import Before
from custier.merge import followed_merges, with_merged
from custier.pipeline import run_of
from custier.pipeline.gather import Gathered, plan_for
from custier.pipeline.keep import Run
from custier.pipeline.rejected import no_rejects
from custier.pipeline.touched import with_touched
from custier.rubric.columns import number_columns
from custier.rubric.suspects import DEFAULTS, mark
from custier.rubric.wanted import ids_beside, is_of_merges
from custier.validate import rejected_cells
from custier.validate.records import with_differences
from custier.validate.suspects import rejecting
from custier.values import TOUCHED, Cut

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Tables = Mapping[str, Opened]


def grade_on_spark(asked: Asked, on_rejected: Callable[[Any], object] | None) -> Graded:
    """Tables → their labels; raises CustierError.

    The graded customers stay persisted, so that the labels are not worked out anew each time they are looked at.
    """
    tables = {name: open_table(name, _on_spark(name, table), asked) for name, table in asked.tables.items()}
    merges = _merges(tables, asked)
    tables = {name: _compared(name, table, merges, asked) for name, table in tables.items()}
    gathered = _gathered(tables, merges, asked)
    run = run_of(asked.job, gathered)
    if on_rejected is not None and any(account.rejected for account in run.accounts):
        on_rejected(_rejected(tables, asked))
    refuse_failed(run)
    labels, cuts = _labels(run, _touched(tables, asked))
    return Graded(labels, list(warned(run, on_rejected, cuts)))


def _on_spark(name: str, table: Any) -> DataFrame:
    from pyspark.sql.classic.dataframe import DataFrame

    if isinstance(table, DataFrame):
        return table
    held = "path" if is_paths(table) else f"{kind_of(table, name).library} table"
    what = f"a {held} and a Spark DataFrame cannot be graded together"
    raise UsageError(Problem("CT1931", what, name, "load every table with the same Spark session"))


def _merges(tables: Tables, asked: Asked) -> Frame | None:
    merge = asked.rubric.merge
    if merge is None or merge.source not in tables:
        return None
    return followed_merges(tables[merge.source].rows.filter(nw.col("kept") & nw.col("sound")), merge.into, hold)


def _gathered(tables: Tables, merges: Frame | None, asked: Asked) -> Gathered:
    """The good rows of every table, still to be worked out, and their counts, which are."""
    columns = {name: table.kinds for name, table in tables.items()}
    plan = plan_for(asked.rubric, columns)
    counted = {name: _counted(name, table) for name, table in tables.items()}
    good = {name: table.rows.filter(nw.col("kept") & nw.col("sound")) for name, table in tables.items()}
    return Gathered(
        buckets=[{name: frame for name, frame in good.items() if not is_of_merges(name, asked.rubric)}],
        spread=None,
        ids=None,
        kept={},
        counted=counted,
        columns=columns,
        plan=plan,
        rejected=no_rejects(),
        files=[],
        formats={},
        warnings=[],
        merges=merges,
    )


def _compared(name: str, table: Opened, merges: Frame | None, asked: Asked) -> Opened:
    """A table under the ids that are left, its records of one customer compared."""
    rows = table.rows
    if merges is not None and not is_of_merges(name, asked.rubric):
        rows = with_merged(rows, merges, ids_beside(name, asked.rubric))
    return replace(table, rows=with_differences(rows, name, table.kinds))


def _counted(name: str, table: Opened) -> Counted:
    also = [mark(key) for key in DEFAULTS if mark(key) in table.rows.collect_schema().names()]
    days = count_rows(table.rows, number_columns(table.kinds), also).collect(backend="polars")
    counted = Counted(name, days, int(days["rows"].sum() or 0), 0)
    if not counted.read:
        raise InputError(Problem("CT2110", "holds no rows", name, "check that the export has finished"))
    refuse_overflow(counted, number_columns(table.kinds))
    return counted


def _rejected(tables: Tables, asked: Asked) -> DataFrame:
    """The rejected cells of all tables; their rows have no numbers."""
    cells = []
    for name, table in tables.items():
        suspects = table.rows.filter(nw.col("kept") & ~nw.col("sound")).with_columns(file=nw.lit(name), line=nw.lit(None, nw.Int64()))
        suspicions = rejecting(suspects.collect_schema().names(), asked.rubric.sources[name])
        cells.append(rejected_cells(suspects, name, table.kinds, today=asked.now.date(), suspicions=suspicions))
    rejected: DataFrame = nw.concat(cells).to_native()
    return rejected


def _touched(tables: Tables, asked: Asked) -> Frame:
    """customer_id and rejected_rows of everyone of whom a row was rejected."""
    ids = []
    for name, table in tables.items():
        if not is_of_merges(name, asked.rubric):
            touched = nw.col("kept") & ~nw.col("sound") & ~nw.col("customer_id").is_null() & ~nw.col(mark("no_customer"))
            ids.append(table.rows.filter(touched).select("customer_id"))
    return nw.concat(ids).group_by("customer_id").agg(nw.len().cast(nw.Int64()).alias(TOUCHED))


def _labels(run: Run, touched: Frame) -> tuple[DataFrame, Sequence[Cut]]:
    from pyspark.errors import ArithmeticException

    gathered, held = run.gathered, []

    def keep(frame: Frame) -> Frame:
        held.append(hold(frame))
        return held[-1]

    try:
        tables = gathered.buckets[0]
        there = partial(given, next(iter(tables.values())).to_native().sparkSession)
        graded = grade(tables, run.job.rubric, gathered.plan, gathered.columns, run.as_of, Before(), None, keep, there)
        graded.customers.select(nw.len()).collect(backend="polars")
        customers = with_touched(graded.customers, touched)
    except ArithmeticException:
        cure = "check the unit of the amounts; in a quotient of quotients round each first: round(x, 4)"
        raise InputError(Problem("CT6402", "a number is too large for exact numbers", help=cure)) from None
    finally:
        for frame in held[:-1]:
            release(frame)
    labels: DataFrame = customers.select(**label_columns(run.job.rubric, gathered.plan, with_touched=True)).sort("customer_id").to_native()
    return labels, graded.cuts
