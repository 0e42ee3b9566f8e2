"""All customers measured, in memory or in files, and handed on in parts that follow one another by customer_id."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

import narwhals as nw
import polars as pl

from custier.beside import beside
from custier.engines.polars import count_pairs
from custier.engines.spread import spread_frame
from custier.frames import Frame
from custier.measure import Before, measure_rows
from custier.measure.pool import pool_accounts
from custier.pipeline.gather import Gathered
from custier.rubric.model import Rubric
from custier.store.disk import saving
from custier.write import ROWS_PER_GROUP, told_by_polars

CUSTOMERS_PER_PART = 250_000


@dataclass(frozen=True)
class Part:
    """Some customers, sorted, and the first and last id among them."""

    frame: Frame
    first: str
    last: str


@dataclass(frozen=True)
class Population:
    """Every customer with the metrics over rows; the parts together, in order, are all of them."""

    frame: Frame
    parts: Sequence[Part]


def measure_population(gathered: Gathered, rubric: Rubric, as_of: date, before: Before, scratch: Path) -> Population:
    """The customers of every bucket measured, one bucket after another."""
    parts = list(by_customer(gathered, before))
    if gathered.spread is None:
        measured = _measure(*parts[0], gathered, rubric, as_of)
        if rubric.accounts is not None:
            measured = _pooled(measured.lazy(), gathered, rubric, as_of, before).collect().sort("customer_id")
        return _in_memory(measured)
    directory = scratch / "measured"
    directory.mkdir(mode=0o700)
    for n, (tables, known) in enumerate(parts):
        measured = _measure(tables, known, gathered, rubric, as_of)
        with saving(directory), told_by_polars():
            measured.write_parquet(directory / f"{n:04}.parquet", compression="lz4", row_group_size=ROWS_PER_GROUP)
    everyone = pl.scan_parquet(sorted(directory.glob("*.parquet")), glob=False)
    if rubric.accounts is not None:
        with saving(directory), told_by_polars():
            _pooled(everyone, gathered, rubric, as_of, before).sink_parquet(scratch / "pooled.parquet", compression="lz4")
        everyone = pl.scan_parquet(scratch / "pooled.parquet", glob=False)
    return _in_files(everyone)


def drop_rows(gathered: Gathered) -> dict[Path, Future[None]]:
    """Removes rows that were spread over files, beside the work, once all customers are written: until then a number that is too large
    is looked for in them. Several tables are asked at the end for whom the others do not know.
    """
    if gathered.spread is not None and len(gathered.buckets[0]) == 1:
        return beside(partial(shutil.rmtree, ignore_errors=True), [gathered.spread.directory])
    return {}


def by_customer(gathered: Gathered, before: Before) -> Iterator[tuple[dict[str, Frame], Before]]:
    """The tables of each bucket and the customers of the last run that belong there, their ids held alike."""
    spread, ids = gathered.spread, gathered.ids
    if before.customers is None:
        yield from ((tables, before) for tables in gathered.buckets)
        return
    known: pl.LazyFrame = before.customers.to_native()
    frames = [known] if spread is None else spread_frame(known, replace(spread, directory=spread.directory / "before "), ids)
    in_texts = ids is None or bool(known.select(ids.is_odd(pl.col("customer_id")).any()).collect().item())
    for tables, frame in zip(gathered.buckets, frames, strict=True):
        if ids is not None and in_texts:
            tables = {name: _with_ids(table, ids.text) for name, table in tables.items()}
        there: Frame = nw.from_native(frame)
        yield tables, replace(before, customers=there if ids is None or in_texts else _with_ids(there, ids.number))


def _with_ids(frame: Frame, held: Callable[[pl.Expr], pl.Expr]) -> Frame:
    """The frame with its ids held otherwise: as the number in them, or as texts again."""
    changed: Frame = nw.from_native(frame.to_native().with_columns(held(pl.col("customer_id")).alias("customer_id")))
    return changed


def _measure(tables: Mapping[str, Frame], before: Before, gathered: Gathered, rubric: Rubric, as_of: date) -> pl.DataFrame:
    lazy: pl.LazyFrame = measure_rows(tables, rubric, gathered.plan, gathered.columns, as_of, before, count_pairs).to_native()
    measured = lazy.collect().sort("customer_id")  # numbered ids have the order of their texts
    if gathered.ids is None or measured.schema["customer_id"] == pl.String():
        return measured
    return measured.with_columns(gathered.ids.text(pl.col("customer_id")).alias("customer_id"))


def _pooled(measured: pl.LazyFrame, gathered: Gathered, rubric: Rubric, as_of: date, before: Before) -> pl.LazyFrame:
    """All customers, with what those that belong together have together."""
    pooled = pool_accounts(nw.from_native(measured), rubric, gathered.plan, as_of, before, lambda frame: frame.collect().lazy())
    lazy: pl.LazyFrame = pooled.to_native()
    return lazy


def _in_memory(measured: pl.DataFrame) -> Population:
    parts = [measured.slice(start, CUSTOMERS_PER_PART) for start in range(0, max(1, len(measured)), CUSTOMERS_PER_PART)]
    ids = [(p["customer_id"][0], p["customer_id"][-1]) if len(p) else ("", "") for p in parts]
    return Population(nw.from_native(measured.lazy()), [Part(nw.from_native(p.lazy()), *edge) for p, edge in zip(parts, ids, strict=True)])


def _in_files(measured: pl.LazyFrame) -> Population:
    everyone: Frame = nw.from_native(measured)
    return Population(everyone, list(in_ranges(everyone, CUSTOMERS_PER_PART)))


def in_ranges(measured: Frame, customers_per_part: int) -> Iterator[Part]:
    """Customers of any engine in parts that follow one another by customer_id; of nobody, one part."""
    ids = measured.select("customer_id").collect(backend="polars")["customer_id"].to_native().sort()
    starts = range(0, max(1, len(ids)), customers_per_part)
    edges = [(ids[start], ids[min(start + customers_per_part, len(ids)) - 1]) for start in starts] if len(ids) else [("", "")]
    for first, last in edges:
        within = (nw.col("customer_id") >= first) & (nw.col("customer_id") <= last)
        yield Part(measured.filter(within).sort("customer_id"), first, last)
