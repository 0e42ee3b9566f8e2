"""All customers measured, in memory or in files, and handed on in parts that follow one another by customer_id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import narwhals as nw
import polars as pl

from custier.engines.keys import Numbered
from custier.engines.polars import count_pairs, spread_frame
from custier.frames import Frame
from custier.measure import Before, measure_rows
from custier.pipeline.gather import Gathered
from custier.rubric.model import Rubric
from custier.store.disk import saving
from custier.write import ROWS_PER_GROUP, told_by_polars

CUSTOMERS_PER_PART = 250_000
SPREAD_CUSTOMERS_PER_PART = 500_000


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
    parts = list(_by_customer(gathered, before))
    if gathered.spread is None:
        return _in_memory(_measure(*parts[0], gathered, rubric, as_of))
    directory = scratch / "measured"
    directory.mkdir(mode=0o700)
    for n, (tables, known) in enumerate(parts):
        measured = _measure(tables, known, gathered, rubric, as_of)
        with saving(directory), told_by_polars():
            measured.write_parquet(directory / f"{n:04}.parquet", compression="lz4", row_group_size=ROWS_PER_GROUP)
    return _in_files(pl.scan_parquet(directory / "*.parquet", glob=True))


def _by_customer(gathered: Gathered, before: Before) -> Iterator[tuple[dict[str, Frame], Before]]:
    """The tables of each bucket and the customers of the last run that belong there, their ids held alike."""
    spread, ids = gathered.spread, gathered.ids
    if before.customers is None:
        yield from ((tables, before) for tables in gathered.buckets)
        return
    known: pl.LazyFrame = before.customers.to_native()
    if ids is not None and known.select(ids.is_odd(pl.col("customer_id")).any()).collect().item():
        gathered.buckets[:] = [{name: _in_texts(frame, ids) for name, frame in tables.items()} for tables in gathered.buckets]
    frames = [known] if spread is None else spread_frame(known, replace(spread, directory=spread.directory / "before "), ids)
    for tables, frame in zip(gathered.buckets, frames, strict=True):
        yield tables, replace(before, customers=_held_as(nw.from_native(frame), tables, ids))


def _in_texts(frame: Frame, ids: Numbered) -> Frame:
    texts: Frame = nw.from_native(frame.to_native().with_columns(ids.text(pl.col("customer_id")).alias("customer_id")))
    return texts


def _held_as(known: Frame, tables: Mapping[str, Frame], ids: Numbered | None) -> Frame:
    """The last run's customers with their ids as numbers where those of the tables are numbers."""
    if ids is None or any(table.collect_schema()["customer_id"] == nw.String() for table in tables.values()):
        return known
    numbers: Frame = nw.from_native(known.to_native().with_columns(ids.number(pl.col("customer_id")).alias("customer_id")))
    return numbers


def _measure(tables: Mapping[str, Frame], before: Before, gathered: Gathered, rubric: Rubric, as_of: date) -> pl.DataFrame:
    measured: pl.LazyFrame = measure_rows(tables, rubric, gathered.plan, gathered.columns, as_of, before, count_pairs).to_native()
    if gathered.ids is not None and measured.collect_schema()["customer_id"] != pl.String():
        measured = measured.with_columns(gathered.ids.text(pl.col("customer_id")).alias("customer_id"))
    return measured.collect().sort("customer_id")


def _in_memory(measured: pl.DataFrame) -> Population:
    parts = [measured.slice(start, CUSTOMERS_PER_PART) for start in range(0, max(1, len(measured)), CUSTOMERS_PER_PART)]
    ids = [(p["customer_id"][0], p["customer_id"][-1]) if len(p) else ("", "") for p in parts]
    return Population(nw.from_native(measured.lazy()), [Part(nw.from_native(p.lazy()), *edge) for p, edge in zip(parts, ids, strict=True)])


def _in_files(measured: pl.LazyFrame) -> Population:
    return Population(nw.from_native(measured), list(_ranges(measured)))


def _ranges(measured: pl.LazyFrame) -> Iterator[Part]:
    ids = measured.select("customer_id").collect()["customer_id"].sort()
    edges = [
        (ids[start], ids[min(start + SPREAD_CUSTOMERS_PER_PART, len(ids)) - 1]) for start in range(0, len(ids), SPREAD_CUSTOMERS_PER_PART)
    ]
    for first, last in edges:
        within = pl.col("customer_id").is_between(pl.lit(first), pl.lit(last))
        yield Part(nw.from_native(measured.filter(within).sort("customer_id")), first, last)
