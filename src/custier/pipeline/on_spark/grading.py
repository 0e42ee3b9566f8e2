"""Customers graded on Spark, and written by it: evidence and labels as directories of sorted parts, lists as one file each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import polars as pl

from custier.engines.spark import given, hold, release, write_parquet
from custier.errors import OutputError, Problem
from custier.frames import Frame, row_count
from custier.grade import grade
from custier.labels import label_columns
from custier.pipeline.engine import Graded
from custier.pipeline.grading import touched_of
from custier.pipeline.keep import Run, lists_of
from custier.pipeline.on_spark.told import saved_by_spark
from custier.pipeline.touched import with_touched
from custier.write import write_as_one


@contextmanager
def grade_run(run: Run, refuse_changed: Callable[[], None]) -> Iterator[Graded]:
    """The customers of a run, graded on the cluster and kept there for the block; raises DataError (CT3301).

    refuse_changed: tells whether the inputs are still as they were, asked when all is read.
    """
    rubric, gathered, earlier, held = run.job.rubric, run.gathered, run.earlier, []

    def keep(frame: Frame) -> Frame:
        held.append(hold(frame))
        return held[-1]

    try:
        tables = gathered.buckets[0]
        there = partial(given, next(iter(tables.values())).to_native().sparkSession)
        graded = grade(tables, rubric, gathered.plan, gathered.columns, run.as_of, earlier.before, earlier.last, keep, there, run.cuts)
        refuse_changed()
        touched = touched_of(gathered)
        customers = with_touched(graded.customers, None if touched is None else there(touched))
        yield Graded(graded.cuts, lambda directory: _write(directory, run, customers))
    finally:
        for frame in held:
            release(frame)


def _write(directory: Path, run: Run, customers: Frame) -> Frame:
    """Evidence, labels, changes and actions; a run that writes nothing works on this machine's own disk, which the cluster does not see."""
    if run.job.request.dry_run or run.job.store is None:
        return customers
    count = row_count(customers)
    labels = customers.select(**label_columns(run.job.rubric, run.gathered.plan, with_touched=True))
    evidence_parts = _written(customers, directory / "evidence.parquet", count)
    label_parts = _written(labels, directory / "labels.parquet", count)
    for name, columns in lists_of(run).items():
        write_as_one(evidence_parts, directory / name, columns)
    for kind in run.job.request.formats:
        if kind != "parquet":
            write_as_one(label_parts, directory / f"labels.{kind}")
    return customers


def _written(frame: Frame, directory: Path, customers: int) -> list[Path]:
    """The parts of a table; raises OutputError (CT5003, CT5009)."""
    with saved_by_spark(directory):
        parts = write_parquet(frame, directory, customers)
    if not parts or pl.scan_parquet(parts, glob=False).select(pl.len()).collect().item() != customers:
        cure = "put the store on a file system that all machines of the cluster share"
        raise OutputError(Problem("CT5009", "the workers wrote what this machine does not see", str(directory), cure))
    return parts
