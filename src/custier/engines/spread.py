"""Rows that do not fit in memory, over files by customer: each file has all rows of its customers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from custier.engines.keys import Keys, Numbered
from custier.read.files import FULL
from custier.rubric.plan import DAY
from custier.store.disk import saving
from custier.write import told_by_polars

BUCKET = "bucket "
SEED = 20_240_229
INT32_DIGITS = 9
ROOM = 3
"""A spread table is packed where it would take more than one part in so many of the disk that is free."""


@dataclass(frozen=True)
class Spread:
    """Where good rows go when they do not fit in memory."""

    directory: Path
    buckets: int
    packed: bool = False


def packing_of(schema: pl.Schema, keys: Keys) -> dict[str, pl.Expr | None]:
    """How columns are written that can be made again from less: writing rows costs as much as measuring them. None: not at all.

    A number that does not fit is that of a text of another form, and then all is read again without numbers.
    """
    short: dict[str, pl.DataType] = {name: pl.Int32() for name, form in keys.numbered.items() if form.digits <= INT32_DIGITS}
    short |= {name: pl.UInt32() for name in keys.few}
    days = [f"{name}{DAY}" for name, dtype in schema.items() if dtype == pl.Date() and f"{name}{DAY}" in schema]
    return {name: pl.col(name).cast(dtype, strict=False) for name, dtype in short.items() if name in schema} | dict.fromkeys(days)


def _unpacked(rows: pl.LazyFrame, schema: pl.Schema) -> pl.LazyFrame:
    """Rows as they were before `packing_of`."""
    held = rows.collect_schema()
    days = {name: pl.col(name.removesuffix(DAY)).to_physical() for name in schema if name not in held}
    return rows.with_columns(**days).select(pl.col(name).cast(dtype) for name, dtype in schema.items())


def sink(frame: pl.LazyFrame, spread: Spread, key: pl.Expr, packing: Mapping[str, pl.Expr | None]) -> pl.LazyFrame:
    shutil.rmtree(spread.directory, ignore_errors=True)
    with saving(spread.directory):
        spread.directory.parent.mkdir(mode=0o700, exist_ok=True)
        spread.directory.mkdir(mode=0o700)
    bucket = (key.hash(SEED) % spread.buckets).cast(pl.UInt16).alias(BUCKET)
    packed = [column for name in frame.collect_schema() if (column := packing.get(name, pl.col(name))) is not None]
    bucketed = frame.select(*packed, bucket)
    target = pl.PartitionBy(spread.directory, key=BUCKET, include_key=False)
    return bucketed.sink_ipc(target, compression="lz4" if spread.packed else "uncompressed", mkdir=True, lazy=True)


def spread_frame(frame: pl.LazyFrame, spread: Spread, ids: Numbered | None) -> list[pl.LazyFrame]:
    """Any table with customer ids as texts, by the same buckets as rows whose ids are held so."""
    key = pl.col("customer_id") if ids is None else pl.when(~ids.is_odd(pl.col("customer_id"))).then(ids.number(pl.col("customer_id")))
    with room_in(spread.directory):
        sink(frame, spread, key, {}).collect()
    return buckets_of(spread, frame.collect_schema())


@contextmanager
def room_in(directory: Path) -> Iterator[None]:
    """A disk that fills is an OutputError; any other trouble may be that of the files that are read."""
    try:
        with told_by_polars():
            yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        with saving(directory):
            raise


def buckets_of(spread: Spread, schema: pl.Schema) -> list[pl.LazyFrame]:
    """The rows of each bucket; one that nobody fell into has none."""
    files = [sorted((spread.directory / f"{BUCKET}={n}").glob("*.ipc")) for n in range(spread.buckets)]
    return [_unpacked(pl.scan_ipc(found, glob=False), schema) if found else pl.LazyFrame(schema=schema) for found in files]
