"""What differs from engine to engine: how inputs are found and read, and how customers are graded and written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from custier.frames import Frame
from custier.pipeline.gather import Gathered, find_inputs, gather
from custier.pipeline.grading import grade_population
from custier.pipeline.keep import Run, write_customers
from custier.pipeline.one_source import Reading
from custier.pipeline.outgrown import refusing_outgrown
from custier.pipeline.request import Request
from custier.rubric.model import Rubric
from custier.values import Cut


@dataclass(frozen=True)
class Graded:
    """A graded population. write: its evidence, labels and changes into a directory, and gives the customers for the summary."""

    cuts: Sequence[Cut]
    write: Callable[[Path], Frame]


@dataclass(frozen=True)
class Engine:
    """An engine, ready. find: the inputs of each source; gather: those → rows, read and counted; grade: a run, in a scratch directory."""

    find: Callable[[Request, Rubric], Mapping[str, Any]]
    gather: Callable[[Mapping[str, Any], Reading], Gathered]
    grade: Callable[[Run, Path], AbstractContextManager[Graded]]


@contextmanager
def open_polars(request: Request) -> Iterator[Engine]:
    """Polars, in this process."""
    yield Engine(find_inputs, gather, _grade_on_polars)


@contextmanager
def _grade_on_polars(run: Run, scratch: Path) -> Iterator[Graded]:
    with refusing_outgrown(run):
        grading = grade_population(run, scratch)
        yield Graded(grading.cuts, lambda directory: write_customers(directory, run, grading.chunks()))


def open_duckdb(request: Request) -> AbstractContextManager[Engine]:
    """DuckDB, in this process; raises UsageError (CT1920)."""
    from custier.pipeline.on_duckdb import open_engine

    return open_engine(request)


def open_spark(request: Request) -> AbstractContextManager[Engine]:
    """A Spark cluster; raises UsageError (CT1920–CT1923) and InputError (CT2401)."""
    from custier.pipeline.on_spark import open_engine

    return open_engine(request)


ENGINES = {"polars": open_polars, "duckdb": open_duckdb, "spark": open_spark}
