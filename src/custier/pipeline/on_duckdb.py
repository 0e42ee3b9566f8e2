"""DuckDB grades what Polars reads: the good rows of each bucket go there as Arrow, graded customers come back in parts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import narwhals as nw

from custier.engines.duckdb import hold, open_duckdb
from custier.engines.keys import Numbered
from custier.frames import Frame
from custier.grade import Policy
from custier.measure import Before, measure_rows
from custier.measure.pool import pool_accounts
from custier.pipeline.budget import memory_bytes
from custier.pipeline.engine import Engine, Graded
from custier.pipeline.gather import find_inputs, gather
from custier.pipeline.grading import Grading, graded_by, planned_each, touched_of
from custier.pipeline.keep import Run, write_customers
from custier.pipeline.outgrown import refusing_outgrown
from custier.pipeline.population import CUSTOMERS_PER_PART, Population, by_customer, in_ranges
from custier.pipeline.request import Request

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SHARE_OF_MEMORY = 2
"""One part in so many is DuckDB's; the rows of a bucket and what is written are beside it."""


@contextmanager
def open_engine(request: Request) -> Iterator[Engine]:
    """Raises UsageError (CT1920) where DuckDB is not installed."""
    open_duckdb().close()
    yield Engine(find_inputs, gather, _grade)


@contextmanager
def _grade(run: Run, scratch: Path) -> Iterator[Graded]:
    import duckdb

    memory = memory_bytes(run.job.request.memory) // SHARE_OF_MEMORY
    with (
        open_duckdb(scratch / "duckdb", memory) as connection,
        refusing_outgrown(run),
        refusing_outgrown(run, (duckdb.ConversionException, duckdb.OutOfRangeException), lambda _: True),
    ):
        grading = _grading(run, scratch, connection)
        yield Graded(grading.cuts, lambda directory: write_customers(directory, run, grading.chunks()))


def _grading(run: Run, scratch: Path, connection: DuckDBPyConnection) -> Grading:
    rubric, gathered, before, last = run.job.rubric, run.gathered, run.earlier.before, run.earlier.last
    given = partial(_given, connection)
    history = None if before.history is None else hold(connection, given(before.history))
    parts = [_measured(run, tables, replace(known, history=history), connection) for tables, known in by_customer(gathered, before)]
    everyone, keep = nw.concat(parts), partial(hold, connection)
    policy = Policy(rubric, gathered.plan, run.as_of, replace(before, history=history), last, given, kept=run.cuts)
    if rubric.accounts is not None:
        everyone = keep(pool_accounts(everyone, rubric, gathered.plan, run.as_of, policy.before, keep))
    population = Population(everyone, list(in_ranges(everyone, CUSTOMERS_PER_PART)))
    grading = graded_by(population, policy, keep, partial(planned_each, given))
    return replace(grading, touched=touched_of(gathered))


def _given(connection: DuckDBPyConnection, frame: Frame) -> Frame:
    """A frame of Polars as a relation."""
    given: Frame = nw.from_native(connection.from_arrow(frame.collect().to_arrow()))
    return given


def _measured(run: Run, tables: dict[str, Frame], before: Before, connection: DuckDBPyConnection) -> Frame:
    """The customers of a bucket, measured and held, so that its rows can go."""
    gathered, known = run.gathered, before.customers
    rows = {name: _given(connection, frame) for name, frame in tables.items()}
    there = replace(before, customers=None if known is None else _given(connection, known))
    measured = measure_rows(rows, run.job.rubric, gathered.plan, gathered.columns, run.as_of, there)
    numbered = gathered.ids is not None and measured.collect_schema()["customer_id"] != nw.String()
    return hold(connection, _in_texts(measured, gathered.ids) if numbered and gathered.ids is not None else measured)


def _in_texts(measured: Frame, ids: Numbered) -> Frame:
    digits = nw.col("customer_id").cast(nw.String()).str.zfill(ids.digits)
    return measured.with_columns(customer_id=nw.concat_str(nw.lit(ids.begin), digits))
