"""Polars: rows read once, counted on the way, kept in memory or spread over files by customer; counts of different things."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

import narwhals as nw
import polars as pl

from custier.account import GOOD, count_rows
from custier.engines.keys import Keys, Numbered, find_keys
from custier.engines.spread import Spread, buckets_of, packing_of, room_in, sink
from custier.frames import Frame, with_named
from custier.measure.distinct import count_pairs as count_any_pairs

ODD = "odd "
NumbersAmong = Callable[[Iterable[str]], list[int]]
MOST_BITS = 62


@dataclass(frozen=True)
class Rows:
    """One source to read once: its rows with `kept` (bool), whether each is sound, the columns that measuring needs, those only counted.

    sound: what makes a row sound, when these columns are held as numbers. known: columns that the number of a customer tells.
    """

    frame: pl.LazyFrame
    sound: Callable[[Collection[str]], nw.Expr]
    columns: Sequence[str]
    numbers: Sequence[str]
    counted: Sequence[str] = ()
    also: Sequence[str] = ()
    known: Callable[[NumbersAmong], dict[str, nw.Expr]] = lambda _: {}


@dataclass(frozen=True)
class Held:
    """What a reading left: the counts per state and day, and the good rows, whole or by bucket; ids: how customers are numbered."""

    counts: pl.DataFrame
    rows: Sequence[pl.LazyFrame]
    ids: Numbered | None = None

    @property
    def all_good(self) -> bool:
        return _all_good(self.counts)


def read_once(rows: Rows, *, number_customers: bool, spread: Spread | None) -> Held:
    """Reads a source; raises polars errors of its files. Texts that are only told apart become numbers where their form allows it."""
    keys = find_keys(rows.frame, ["customer_id"] if number_customers else [], list(rows.counted))
    held = _read(rows, keys, spread)
    if (keys.numbered and int(held.counts[ODD].sum())) or keys.untrimmed:
        return _read(rows, keys.carefully(), spread)
    return held


def _read(rows: Rows, keys: Keys, spread: Spread | None) -> Held:
    is_good = pl.col("kept") & pl.col("sound")
    frame = rows.frame.with_columns(keys.odd.alias(ODD), **keys.columns)
    ids = keys.numbered.get("customer_id")
    numbered = ["customer"] if ids else []
    known = rows.known(ids.numbers_among) if ids else {}
    frame = with_named(nw.from_native(frame), known).with_columns(sound=rows.sound(numbered)).to_native()
    if spread is None:
        needed = dict.fromkeys([*rows.columns, *rows.numbers, "kept", "sound", *rows.also, ODD])
        held = frame.select(*needed).collect()
        counts = _counts(held.lazy(), rows).collect()
        good_rows = held if _all_good(counts) else held.filter(is_good)
        return Held(counts, [good_rows.select(rows.columns).lazy()], ids)
    good = frame.filter(is_good).select(rows.columns)
    packing = packing_of(good.collect_schema(), keys)
    with room_in(spread.directory):
        counts, _ = pl.collect_all([_counts(frame, rows), sink(good, spread, pl.col("customer_id"), packing)])
    return Held(counts, buckets_of(spread, good.collect_schema()), ids)


def _all_good(counts: pl.DataFrame) -> bool:
    return set(counts["state"]) <= {GOOD}


def _counts(frame: pl.LazyFrame, rows: Rows) -> pl.LazyFrame:
    counts: pl.LazyFrame = count_rows(nw.from_native(frame), rows.numbers, (*rows.also, ODD)).to_native()
    return counts


def count_pairs(pairs: Frame) -> Frame:
    """`measure.distinct.count_pairs`, twice as fast where both are whole numbers: few things are the bits of one number per customer,
    and pairs that fit into one number are sorted.
    """
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
    if width <= MOST_BITS:
        bit = pl.lit(2, pl.Int64()).pow((pl.col("thing") - least).cast(pl.UInt32))
        things = held.lazy().select("customer_id", things=bit).group_by("customer_id").agg(pl.col("things").bitwise_or())
        return nw.from_native(things.with_columns(pl.col("things").bitwise_count_ones()))
    if (last - first + 1) * width >= 2**63:
        return count_any_pairs(nw.from_native(held.lazy()))
    pair = (pl.col("customer_id") - first) * width + (pl.col("thing") - least)
    once = held.lazy().select(pair=pair).sort("pair").filter((pl.col("pair") != pl.col("pair").shift(1)).fill_null(True))
    counted = once.group_by((pl.col("pair") // width + first).alias("customer_id")).agg(things=pl.len())
    return nw.from_native(counted)
