"""Rows are read once and counted on the way, whole in memory or spread over files by customer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import narwhals as nw
import polars as pl
import pytest
from polars.io.plugins import register_io_source

from custier.engines.keys import LOOKED_AT_ROWS
from custier.engines.polars import Held, Rows, count_pairs, read_once
from custier.engines.spread import Spread, spread_frame
from custier.errors import OutputError
from custier.measure.distinct import count_pairs as count_any_pairs

SCHEMA = {"customer_id": pl.String, "date_day": pl.Int64, "amount": pl.Int64, "category": pl.String, "kept": pl.Boolean, "good": pl.Boolean}


def rows(*cells: tuple) -> pl.DataFrame:
    frame = pl.DataFrame(cells, schema=SCHEMA, orient="row")
    return frame.with_columns(pl.col("customer_id", "category").name.suffix("__cell"))


def asked(frame: pl.LazyFrame) -> Rows:
    def sound(numbered: Sequence[str] = ()) -> nw.Expr:
        return nw.col("good")

    return Rows(frame, sound, ["customer_id", "date_day", "amount", "category"], ["amount"], ["category"])


def seen(frame: pl.DataFrame) -> tuple[pl.LazyFrame, list[int]]:
    """The frame as a source that tells how many rows were taken each time it was read."""
    taken: list[int] = []

    def read(columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, size: int | None):
        found = frame if n_rows is None else frame.head(n_rows)
        taken.append(len(found))
        found = found if predicate is None else found.filter(predicate)
        yield found if columns is None else found.select(columns)

    return register_io_source(read, schema=frame.schema, is_pure=True), taken


def spread_over(buckets: int | None, folder: Path) -> Spread | None:
    return None if buckets is None else Spread(folder / "rows", buckets)


def sums(held: Held) -> dict[str, int]:
    frame = pl.concat([part.select("customer_id", "amount") for part in held.rows])
    if held.ids is not None:
        frame = frame.with_columns(held.ids.text(pl.col("customer_id")).alias("customer_id"))
    return dict(frame.group_by("customer_id").agg(pl.col("amount").sum()).collect().rows())


CELLS = [(f"C{n % 50:03}", n % 9, n, "甲乙丙"[n % 3], n % 11 != 0, n % 7 != 0) for n in range(600)]
GOOD = {id: sum(c[2] for c in CELLS if c[0] == id and c[4] and c[5]) for id in {c[0] for c in CELLS if c[4] and c[5]}}


@pytest.mark.parametrize("buckets", [None, 2, 16])
@pytest.mark.parametrize("numbered", [True, False])
def test_good_rows_are_held_and_all_are_counted(tmp_path: Path, buckets: int | None, numbered: bool) -> None:
    held = read_once(asked(rows(*CELLS).lazy()), number_customers=numbered, spread=spread_over(buckets, tmp_path))
    assert sums(held) == GOOD and (held.ids is not None) is numbered and not held.all_good
    counts = held.counts.group_by("state").agg(pl.col("rows").sum(), pl.col("money").sum()).sort("state").rows()
    states = [0 if c[4] and c[5] else 1 if c[4] else 2 for c in CELLS]
    assert counts == [(s, states.count(s), sum(c[2] for c, of in zip(CELLS, states, strict=True) if of == s)) for s in range(3)]


@pytest.mark.parametrize("buckets", [2, 16])
def test_a_customer_is_in_one_bucket_and_the_last_run_s_customers_in_the_same(tmp_path: Path, buckets: int) -> None:
    for numbered in (True, False):
        spread = Spread(tmp_path / "rows", buckets)
        held = read_once(asked(rows(*CELLS).lazy()), number_customers=numbered, spread=spread)
        known = spread_frame(pl.LazyFrame({"customer_id": [*sorted(GOOD), "C999", "odd"]}), Spread(tmp_path / "known", buckets), held.ids)
        for part, last in zip(held.rows, known, strict=True):
            ids = part.select("customer_id").unique()
            if held.ids is not None:
                ids = ids.select(held.ids.text(pl.col("customer_id")).alias("customer_id"))
            here, there = set(ids.collect()["customer_id"]), set(last.collect()["customer_id"])
            assert here == there - {"C999", "odd"}
        assert sum(part.select(pl.len()).collect().item() for part in known) == len(GOOD) + 2


@pytest.mark.parametrize("buckets", [None, 3])
def test_rows_are_read_once_beside_a_look_at_the_first(tmp_path: Path, buckets: int | None) -> None:
    many = rows(*CELLS * 5)
    source, taken = seen(many)
    read_once(asked(source), number_customers=True, spread=spread_over(buckets, tmp_path))
    assert taken.count(len(many)) == 1 and sum(taken) <= len(many) + LOOKED_AT_ROWS


@pytest.mark.parametrize("odd", ["C-01", "X001", "C0001", "张三", "C01"])
@pytest.mark.parametrize("buckets", [None, 3])
def test_numbering_is_given_up_where_an_odd_id_comes_late(tmp_path: Path, buckets: int | None, odd: str) -> None:
    cells = [*CELLS * 4, (odd, 1, 77, "甲", True, True)]
    source, taken = seen(rows(*cells))
    held = read_once(asked(source), number_customers=True, spread=spread_over(buckets, tmp_path))
    assert held.ids is None and taken.count(len(cells)) == 2
    assert sums(held) == {id: total * 4 for id, total in GOOD.items()} | {odd: 77}


def test_a_bucket_that_nobody_fell_into_is_empty(tmp_path: Path) -> None:
    held = read_once(asked(rows(("a", 1, 5, None, True, True)).lazy()), number_customers=False, spread=Spread(tmp_path / "rows", 16))
    lengths = [part.collect().height for part in held.rows]
    assert sorted(lengths) == [0] * 15 + [1] and held.all_good
    assert {tuple(part.collect_schema()) for part in held.rows} == {("customer_id", "date_day", "amount", "category")}


def test_a_full_disk_while_spreading_is_an_output_error(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    many = rows(*CELLS * 500)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, before[1]))
    try:
        with pytest.raises(OutputError) as caught:
            read_once(asked(many.lazy()), number_customers=True, spread=Spread(tmp_path / "rows", 2))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert caught.value.problems[0].code == "CT5001" and caught.value.exit_code == 6


@pytest.mark.parametrize("width", [1, 2, 61, 62, 63, 64, 65, 300])
@pytest.mark.parametrize("least", [0, -7, 10**12])
def test_pairs_are_counted_alike_whatever_the_span_of_things(width: int, least: int) -> None:
    pairs = pl.DataFrame({"customer_id": [n % 5 for n in range(2 * width)], "thing": [least + n % width for n in range(2 * width)]})
    counted = {way: way(nw.from_native(pairs.lazy())).to_native().collect().sort("customer_id") for way in (count_pairs, count_any_pairs)}
    assert counted[count_pairs].rows() == counted[count_any_pairs].rows()
