"""The tables of a run on Spark, counted there; only rejected rows, and few good ones, leave it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import narwhals as nw
import polars as pl

from custier.account import REJECTED as IS_REJECTED
from custier.account import Counted, count_rows, refuse_overflow
from custier.engines.spark import FILE, ROW, hold, open_parquet
from custier.errors import InputError, Problem
from custier.frames import Frame
from custier.merge import MERGED, followed_merges, with_merged
from custier.pipeline.gather import Gathered, plan_for
from custier.pipeline.on_spark.tables import Opened
from custier.pipeline.one_source import Reading
from custier.pipeline.rejected import ORDER, no_rejects
from custier.pipeline.touched import all_touched, nobody_touched, touched_ids
from custier.read.whole import with_rows
from custier.rubric.columns import DIFFERS, RAW, number_columns
from custier.rubric.suspects import DEFAULTS, mark
from custier.rubric.wanted import ids_beside, is_of_merges
from custier.validate import rejected_cells
from custier.validate.records import with_differences
from custier.validate.suspects import rejecting

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def gather(session: SparkSession, tables: Mapping[str, Opened], reading: Reading) -> Gathered:
    """The good rows of every table, still on the cluster, with their counts; raises InputError."""
    merges = _merges(tables, reading)
    if merges is not None:
        tables = {name: _with_merged(table, merges, reading) for name, table in tables.items()}
    tables = {name: replace(table, rows=with_differences(table.rows, name, table.kinds)) for name, table in tables.items()}
    columns = {name: dict(table.kinds) for name, table in tables.items()}
    plan = plan_for(reading.rubric, columns)
    counted = {name: _counted(table) for name, table in tables.items()}
    for name, counts in counted.items():
        refuse_overflow(counts, number_columns(tables[name].kinds))
    good = {name: table.rows.filter(nw.col("kept") & nw.col("sound")) for name, table in tables.items()}
    keep = sum(table.read for table in tables.values()) <= reading.most_rows_kept
    told = [_rejected(table, counted[name], reading) for name, table in tables.items()]
    return Gathered(
        buckets=[{name: frame for name, frame in good.items() if not is_of_merges(name, reading.rubric)}],
        spread=None,
        ids=None,
        kept={name: _placed(_without_cells(frame), tables[name]).lazy() for name, frame in good.items()} if keep else {},
        counted=counted,
        columns=columns,
        plan=plan,
        rejected=pl.concat([cells for cells, _ in told]).sort(ORDER),
        touched=all_touched(ids for name, (_, ids) in zip(tables, told, strict=True) if not is_of_merges(name, reading.rubric)),
        files=[file for table in tables.values() for file in table.files],
        formats={name: dict(table.formats) for name, table in tables.items()},
        warnings=[warning for table in tables.values() for warning in table.warnings],
        merges=merges,
        scan=partial(open_parquet, session),
    )


def _merges(tables: Mapping[str, Opened], reading: Reading) -> Frame | None:
    merge = reading.rubric.merge
    if merge is None or merge.source not in tables:
        return None
    return followed_merges(tables[merge.source].rows.filter(nw.col("kept") & nw.col("sound")), merge.into, hold)


def _with_merged(table: Opened, merges: Frame, reading: Reading) -> Opened:
    if is_of_merges(table.source, reading.rubric):
        return table
    return replace(table, rows=with_merged(table.rows, merges, ids_beside(table.source, reading.rubric)))


def _counted(table: Opened) -> Counted:
    if not table.read:
        raise InputError(Problem("CT2110", "holds no rows", table.source, "check that the export has finished"))
    names = table.rows.collect_schema().names()
    also = [name for name in (MERGED, *map(mark, DEFAULTS)) if name in names]
    days = count_rows(table.rows, number_columns(table.kinds), also).collect(backend="polars")
    return Counted(table.source, days, table.read, 0)


def _rejected(table: Opened, counted: Counted, reading: Reading) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rejected cells and whom they touch; the cluster is asked only when there are any."""
    if not len(counted.days.filter(nw.col("state") == IS_REJECTED)):
        return no_rejects(), nobody_touched()
    suspects = _placed(table.rows.filter(nw.col("kept") & ~nw.col("sound")), table)
    suspicions = rejecting(suspects.columns, reading.rubric.sources[table.source])
    cells = rejected_cells(nw.from_native(suspects), table.source, table.kinds, today=reading.today, suspicions=suspicions)
    found: pl.DataFrame = cells.to_native()
    return with_rows(found, table.whole), touched_ids(suspects)


def _without_cells(rows: Frame) -> Frame:
    working = {"kept", "sound", MERGED, *map(mark, DEFAULTS)}
    return rows.drop([name for name in rows.collect_schema().names() if name.endswith((RAW, DIFFERS)) or name in working])


def _placed(rows: Frame, table: Opened) -> pl.DataFrame:
    """Rows of a table in memory, with `file` and `line` as a reading of the files would name them."""
    found: pl.DataFrame = rows.collect(backend="polars").to_native()
    names = {Path(file.path): file.name for file in table.files}
    alone = table.files[0].name
    files = {told: names.get(_path(told), alone) for told in found[FILE].unique().drop_nulls()}
    file = pl.col(FILE).replace_strict(files, default=alone, return_dtype=pl.String())
    return found.select(file.alias("file"), (pl.col(ROW).cast(pl.Int64) + 1).alias("line"), pl.exclude(FILE, ROW))


def _path(told: str) -> Path:
    """The path in Spark's address of a local file."""
    return Path("/" + unquote(told).removeprefix("file:").lstrip("/"))
