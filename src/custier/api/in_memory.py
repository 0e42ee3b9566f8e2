"""Frames and files graded here, by the steps of a run: read, validate, measure, grade."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from custier.api.asked import Asked, is_paths, listed_paths
from custier.api.exports import open_table
from custier.api.graded import Graded, refuse_failed, warned
from custier.api.kinds import kind_of
from custier.pipeline import refusing_outgrown, run_of
from custier.pipeline.budget import memory_bytes
from custier.pipeline.gather import gather
from custier.pipeline.grading import Grading, grade_population
from custier.pipeline.keep import Run, labels_of
from custier.pipeline.one_source import Reading
from custier.read import Inputs, find_files
from custier.values import REJECTED
from custier.write import worked_out


def grade_in_memory(asked: Asked, on_rejected: Callable[[Any], object] | None) -> Graded:
    """Tables → their labels, of the kind of the first; raises CustierError."""
    with tempfile.TemporaryDirectory(prefix="custier-") as name:
        scratch = Path(name)
        inputs = {source: _inputs(source, table, scratch) for source, table in asked.tables.items()}
        gathered = gather(inputs, Reading(asked.rubric, asked.now.date(), scratch, memory_bytes(None), most_rows_kept=0))
        if on_rejected is not None and len(gathered.rejected):
            on_rejected(_given_back(gathered.rejected.select(REJECTED), asked))
        run = run_of(asked.job, gathered)
        refuse_failed(run)
        with refusing_outgrown(run):
            grading = grade_population(run, scratch)
            labels = _labels(run, grading)
    return Graded(_given_back(labels, asked), list(warned(run, on_rejected, grading.cuts)))


def _inputs(source: str, table: Any, scratch: Path) -> Inputs:
    return find_files(listed_paths(table)) if is_paths(table) else [open_table(source, table, scratch)]


def _labels(run: Run, grading: Grading) -> pl.DataFrame:
    return pl.concat([worked_out(chunk, labels_of(run)) for chunk in grading.chunks()])


def _given_back(frame: pl.DataFrame, asked: Asked) -> Any:
    """A frame as the kind of the table that customers are graded by."""
    first = next(iter(asked.tables.values()))
    return frame if is_paths(first) else kind_of(first).give(frame, first)
