"""Polars: rows read once, counted on the way, kept in memory or spread over files by customer."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import narwhals as nw
import polars as pl

from custier.account import GOOD, count_rows
from custier.engines.keys import Keys, Numbered, find_keys
from custier.frames import Frame
from custier.measure.distinct import count_pairs as count_any_pairs
from custier.read.files import FULL
from custier.store.disk import saving
from custier.write import told_by_polars

BUCKET = "bucket "
ODD = "odd "
SEED = 20_240_229
ROOM = 3
"""A spread table is packed where it would take more than one part in so many of the disk that is free."""


@dataclass(frozen=True)
class Rows:
    """One source to read once: its rows with `kept` (bool), whether each is sound, the columns that measuring needs, those only counted.

    sound: what makes a row sound, when these columns are held as numbers.
    """

    frame: pl.LazyFrame
    sound: Callable[[Collection[str]], nw.Expr]
    columns: Sequence[str]
    numbers: Sequence[str]
    counted: Sequence[str] = ()
    also: Sequence[str] = ()


@dataclass(frozen=True)
class Held:
    """What a reading left: the counts per state and day, and the good rows, whole or by bucket; ids: how customers are numbered."""

    counts: pl.DataFrame
    rows: Sequence[pl.LazyFrame]
    ids: Numbered | None = None

    @property
    def all_good(self) -> bool:
        return _all_good(self.counts)


@dataclass(frozen=True)
class Spread:
    """Where good rows go when they do not fit in memory."""

    directory: Path
    buckets: int
    packed: bool = False


def read_once(rows: Rows, *, number_customers: bool, spread: Spread | None) -> Held:
    """Reads a source; raises polars errors of its files. Texts that are only told apart become numbers where their form allows it."""
    keys = find_keys(rows.frame, ["customer_id"] if number_customers else [], list(rows.counted))
    held = _read(rows, keys, spread)
    if keys.numbered and int(held.counts[ODD].sum()):
        return _read(rows, Keys(few=keys.few), spread)
    return held


def _read(rows: Rows, keys: Keys, spread: Spread | None) -> Held:
    is_good = pl.col("kept") & pl.col("sound")
    frame = rows.frame.with_columns(keys.odd.alias(ODD), **keys.columns)
    sound = rows.sound(["customer"] if "customer_id" in keys.numbered else [])
    frame = nw.from_native(frame).with_columns(sound=sound).to_native()
    ids = keys.numbered.get("customer_id")
    if spread is None:
        needed = dict.fromkeys([*rows.columns, *rows.numbers, "kept", "sound", *rows.also, ODD])
        held = frame.select(*needed).collect()
        counts = _counts(held.lazy(), rows).collect()
        good_rows = held if _all_good(counts) else held.filter(is_good)
        return Held(counts, [good_rows.select(rows.columns).lazy()], ids)
    good = frame.filter(is_good).select(rows.columns)
    with _room_in(spread.directory):
        counts, _ = pl.collect_all([_counts(frame, rows), _sink(good, spread, pl.col("customer_id"))])
    return Held(counts, _buckets(spread, good.collect_schema()), ids)


def _all_good(counts: pl.DataFrame) -> bool:
    return set(counts["state"]) <= {GOOD}


def _counts(frame: pl.LazyFrame, rows: Rows) -> pl.LazyFrame:
    counts: pl.LazyFrame = count_rows(nw.from_native(frame), rows.numbers, (*rows.also, ODD)).to_native()
    return counts


def _sink(frame: pl.LazyFrame, spread: Spread, key: pl.Expr) -> pl.LazyFrame:
    shutil.rmtree(spread.directory, ignore_errors=True)
    with saving(spread.directory):
        spread.directory.parent.mkdir(mode=0o700, exist_ok=True)
        spread.directory.mkdir(mode=0o700)
    bucketed = frame.with_columns((key.hash(SEED) % spread.buckets).cast(pl.UInt16).alias(BUCKET))
    target = pl.PartitionBy(spread.directory, key=BUCKET, include_key=False)
    return bucketed.sink_ipc(target, compression="lz4" if spread.packed else "uncompressed", mkdir=True, lazy=True)


def spread_frame(frame: pl.LazyFrame, spread: Spread, ids: Numbered | None) -> list[pl.LazyFrame]:
    """Any table with customer ids as texts, by the same buckets as rows whose ids are held so."""
    key = pl.col("customer_id") if ids is None else pl.when(~ids.is_odd(pl.col("customer_id"))).then(ids.number(pl.col("customer_id")))
    with _room_in(spread.directory):
        _sink(frame, spread, key).collect()
    return _buckets(spread, frame.collect_schema())


@contextmanager
def _room_in(directory: Path) -> Iterator[None]:
    """A disk that fills is an OutputError; any other trouble may be that of the files that are read."""
    try:
        with told_by_polars():
            yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        with saving(directory):
            raise


def _buckets(spread: Spread, schema: pl.Schema) -> list[pl.LazyFrame]:
    """The rows of each bucket; one that nobody fell into has none."""
    files = [sorted((spread.directory / f"{BUCKET}={n}").glob("*.ipc")) for n in range(spread.buckets)]
    return [pl.scan_ipc(found, glob=False) if found else pl.LazyFrame(schema=schema) for found in files]


def count_pairs(pairs: Frame) -> Frame:
    """`measure.distinct.count_pairs`; two whole numbers that fit into one are sorted, which takes half the time of telling pairs apart."""
    held: pl.DataFrame = pairs.collect().to_native()
    if held.is_empty() or held.schema["customer_id"] != pl.Int64() or held.schema["thing"] != pl.Int64():
        return count_any_pairs(nw.from_native(held.lazy()))
    first, last, least, most = held.select(
        pl.col("customer_id").min().alias("first"),
        pl.col("customer_id").max().alias("last"),
        pl.col("thing").min(),
        pl.col("thing").max().alias("most"),
    ).row(0)
    width = most - least + 1
    if (last - first + 1) * width >= 2**63:
        return count_any_pairs(nw.from_native(held.lazy()))
    pair = (pl.col("customer_id") - first) * width + (pl.col("thing") - least)
    once = held.lazy().select(pair=pair).sort("pair").filter((pl.col("pair") != pl.col("pair").shift(1)).fill_null(True))
    counted = once.group_by((pl.col("pair") // width + first).alias("customer_id")).agg(things=pl.len())
    return nw.from_native(counted)
