from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custier.errors import OutputError
from custier.store.json_text import json_text
from custier.write import (
    ROWS_PER_GROUP,
    Output,
    copy_out,
    worked_out,
    write_as_one,
    write_csv,
    write_json,
    write_parquet,
    write_text,
    write_together,
)
from custier.write.few import few_in

FRAME = pl.DataFrame(
    {
        "customer_id": ["007", 'a,"b', "张三"],
        "spend": [Decimal("1234567890123.50"), None, Decimal("-0.01")],
        "tier_since": [date(2025, 1, 2), None, date(2024, 2, 29)],
        "vip": [True, False, None],
    },
    schema_overrides={"spend": pl.Decimal(18, 2)},
)
LARGE = pl.DataFrame({"customer_id": [f"C{n:07}" for n in range(120_000)]})
WRITERS = {"csv": write_csv, "parquet": write_parquet}


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_csv_is_plain_utf8_with_unix_lines(tmp_path: Path) -> None:
    write_csv(FRAME, tmp_path / "labels.csv")
    expected = 'customer_id,spend,tier_since,vip\n007,1234567890123.50,2025-01-02,true\n"a,""b",,,false\n张三,-0.01,2024-02-29,\n'
    assert (tmp_path / "labels.csv").read_bytes() == expected.encode()


def test_a_table_without_rows_is_a_csv_with_its_header(tmp_path: Path) -> None:
    write_csv(FRAME.clear(), tmp_path / "rejected.csv")
    assert (tmp_path / "rejected.csv").read_bytes() == b"customer_id,spend,tier_since,vip\n"


def test_parquet_gives_the_frame_back(tmp_path: Path) -> None:
    write_parquet(FRAME, tmp_path / "labels.parquet")
    assert pl.read_parquet(tmp_path / "labels.parquet").equals(FRAME)
    assert pl.read_parquet_schema(tmp_path / "labels.parquet") == FRAME.schema


def test_parquet_has_small_row_groups_with_statistics_so_that_one_id_is_found_quickly(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    write_parquet(LARGE, tmp_path / "labels.parquet")
    found = parquet.ParquetFile(tmp_path / "labels.parquet").metadata
    groups = [found.row_group(n) for n in range(found.num_row_groups)]
    assert [group.num_rows for group in groups] == [ROWS_PER_GROUP, ROWS_PER_GROUP, 20_000]
    assert [group.column(0).statistics.min for group in groups] == ["C0000000", "C0050000", "C0100000"]
    assert {group.column(0).compression for group in groups} == {"ZSTD"}


@pytest.mark.parametrize("kind", WRITERS)
def test_the_same_frame_gives_the_same_bytes(tmp_path: Path, kind: str) -> None:
    for name in ("one", "two"):
        WRITERS[kind](LARGE, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize("kind", WRITERS)
def test_files_are_private(tmp_path: Path, kind: str) -> None:
    WRITERS[kind](FRAME, tmp_path / "file")
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("kind", WRITERS)
def test_a_disk_that_fills_up_keeps_the_old_file_and_leaves_no_part(tmp_path: Path, kind: str, a_disk_of: Callable[..., Any]) -> None:
    path = tmp_path / "labels"
    path.write_text("old")
    with a_disk_of(10_000), pytest.raises(OutputError) as caught:
        WRITERS[kind](LARGE, path)
    assert caught.value.problems[0].code == "CT5001" and caught.value.problems[0].where == str(path)
    assert names_in(tmp_path) == ["labels"] and path.read_text() == "old"


@pytest.mark.parametrize("kind", WRITERS)
def test_a_folder_that_is_not_there_is_an_output_error(tmp_path: Path, kind: str) -> None:
    with pytest.raises(OutputError) as caught:
        WRITERS[kind](FRAME, tmp_path / "missing" / "labels")
    assert caught.value.problems[0].code == "CT5003" and caught.value.exit_code == 6
    assert caught.value.problems[0].where == str(tmp_path / "missing" / "labels")


def test_what_a_format_cannot_hold_is_no_disk_trouble_and_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(pl.exceptions.ComputeError):
        write_csv(pl.DataFrame({"reasons": [["a", "b"]]}), tmp_path / "labels.csv")
    assert names_in(tmp_path) == []


def as_it_is(table: pl.LazyFrame) -> pl.LazyFrame:
    return table


def chunked(frame: pl.DataFrame, rows: int) -> Iterator[pl.DataFrame]:
    return frame.iter_slices(rows)


def writers_alive() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("write ")]


@pytest.mark.parametrize("rows", [999, 7_777, 50_000, 120_000])
def test_files_written_together_keep_the_order_and_do_not_depend_on_the_chunks(tmp_path: Path, rows: int) -> None:
    frame = LARGE.with_columns(spend=pl.int_range(pl.len()) * 7919 % 10_007)
    for name, size in (("once", len(frame)), ("chunked", rows)):
        (tmp_path / name).mkdir()
        few = Output(tmp_path / name / "few.csv", lambda table: table.filter(pl.col("spend") < 50).select("customer_id"))
        all_ = [Output(tmp_path / name / f"labels.{kind}", as_it_is) for kind in ("parquet", "csv")]
        write_together(chunked(frame, size), [*all_, few])
    assert pl.read_parquet(tmp_path / "chunked" / "labels.parquet").equals(frame) and writers_alive() == []
    assert pl.read_csv(tmp_path / "chunked" / "few.csv").equals(frame.filter(pl.col("spend") < 50).select("customer_id"))
    for name in ("labels.parquet", "labels.csv", "few.csv"):
        assert (tmp_path / "once" / name).read_bytes() == (tmp_path / "chunked" / name).read_bytes()
        assert (tmp_path / "chunked" / name).stat().st_mode & 0o777 == 0o600


FEW = pl.DataFrame(
    {
        "customer_id": [f"C{n:07}" for n in range(120_000)],
        "tier": ["B" if n % 7 else "VIP" for n in range(120_000)],
        "next_tier": [None if n % 5 else "A" for n in range(120_000)],
        "previous_tier": pl.Series([None] * 120_000, dtype=pl.String()),
        "reasons": [f"spend {n * 37 % 101}/100; 欠款 A→B" for n in range(120_000)],
        "rules": [f"{n}" for n in range(120_000)],
    }
)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_texts_of_few_values_are_the_same_bytes_as_texts_of_many(tmp_path: Path, kind: str) -> None:
    plain = Output(tmp_path / f"plain.{kind}", as_it_is)
    plain.write(FEW.lazy(), plain.path)
    write_together(chunked(FEW, 60_000), [Output(tmp_path / f"labels.{kind}", as_it_is)])
    assert (tmp_path / f"labels.{kind}").read_bytes() == plain.path.read_bytes()


def test_texts_of_few_values_are_read_as_texts(tmp_path: Path) -> None:
    write_together([FEW], [Output(tmp_path / "labels.parquet", as_it_is)])
    write_as_one([tmp_path / "labels.parquet"], tmp_path / "copy.parquet")
    assert (tmp_path / "copy.parquet").read_bytes() == (tmp_path / "labels.parquet").read_bytes()
    assert pl.read_parquet_schema(tmp_path / "labels.parquet") == FEW.schema and pl.read_parquet(tmp_path / "labels.parquet").equals(FEW)
    duckdb = pytest.importorskip("duckdb")
    told = duckdb.sql(
        f"select distinct typeof(tier), typeof(next_tier), typeof(previous_tier) from '{tmp_path / 'labels.parquet'}'"
    ).fetchall()
    assert told == [("VARCHAR", "VARCHAR", "VARCHAR")]


def test_texts_of_many_values_are_not_held_to_the_end() -> None:
    assert few_in(FEW.lazy()) == ["tier", "previous_tier", "next_tier", "reasons"]
    assert few_in(FEW.lazy().select("customer_id")) == few_in(FEW.lazy().rename({"tier": "city"}).select("city")) == []


def test_a_table_without_rows_is_written_with_its_columns(tmp_path: Path) -> None:
    write_together([FRAME.clear()], [Output(tmp_path / "labels.parquet", as_it_is), Output(tmp_path / "labels.csv", as_it_is)])
    assert pl.read_parquet(tmp_path / "labels.parquet").equals(FRAME.clear())
    assert (tmp_path / "labels.csv").read_bytes() == b"customer_id,spend,tier_since,vip\n"


@pytest.mark.parametrize("after_chunks", [0, 1, 40])
@pytest.mark.parametrize("fault", [ValueError, KeyboardInterrupt])
def test_chunks_that_fail_leave_no_file_and_no_thread(tmp_path: Path, fault: type[BaseException], after_chunks: int) -> None:
    def chunks() -> Iterator[pl.DataFrame]:
        yield from list(chunked(LARGE, 1_000))[:after_chunks]
        raise fault("broken")

    with pytest.raises(fault, match="broken"):
        write_together(chunks(), [Output(tmp_path / "labels.parquet", as_it_is), Output(tmp_path / "labels.csv", as_it_is)])
    assert names_in(tmp_path) == [] and writers_alive() == []


@pytest.mark.parametrize("first", [True, False])
def test_a_writer_that_fails_stops_the_others_and_leaves_no_file(tmp_path: Path, first: bool) -> None:
    (tmp_path / "labels.csv").write_text("old")
    failing = Output(tmp_path / "changes.csv", lambda table: table.select(pl.col("customer_id").cast(pl.Int64)))
    whole = [Output(tmp_path / "labels.parquet", as_it_is), Output(tmp_path / "labels.csv", as_it_is)]
    with pytest.raises(pl.exceptions.PolarsError):
        write_together(chunked(LARGE, 100), [failing, *whole] if first else [*whole, failing])
    assert names_in(tmp_path) == ["labels.csv"] and (tmp_path / "labels.csv").read_text() == "old" and writers_alive() == []


@pytest.mark.parametrize("kind", WRITERS)
def test_a_disk_that_fills_up_under_one_writer_stops_all(tmp_path: Path, kind: str, a_disk_of: Callable[..., Any]) -> None:
    small = Output(tmp_path / "small.csv", lambda table: table.filter(pl.col("customer_id") == "C0000003"))
    with a_disk_of(10_000), pytest.raises(OutputError) as caught:
        write_together(chunked(LARGE, 5_000), [small, Output(tmp_path / f"labels.{kind}", as_it_is)])
    assert caught.value.problems[0].code == "CT5001" and caught.value.exit_code == 6
    assert names_in(tmp_path) == [] and writers_alive() == []


def test_a_file_that_cannot_be_made_stops_before_any_is_written(tmp_path: Path) -> None:
    outputs = [Output(tmp_path / "labels.csv", as_it_is), Output(tmp_path / "missing" / "labels.csv", as_it_is)]
    with pytest.raises(OutputError):
        write_together([FRAME], outputs)
    assert names_in(tmp_path) == [] and writers_alive() == []


@dataclass(frozen=True)
class Tier:
    name: str
    spend: Decimal | None
    share: float


@dataclass(frozen=True)
class Told:
    as_of: date
    tiers: list[Tier]
    moved: dict[str, int]


def test_json_keeps_order_digits_and_characters(tmp_path: Path) -> None:
    told = Told(date(2025, 12, 31), [Tier("重点", Decimal("12345678901234567.10"), 0.1), Tier("C", None, 0.0)], {})
    write_json(told, tmp_path / "summary.json")
    expected = """{
  "as_of": "2025-12-31",
  "tiers": [
    {
      "name": "重点",
      "spend": 12345678901234567.10,
      "share": 0.1
    },
    {
      "name": "C",
      "spend": null,
      "share": 0.0
    }
  ],
  "moved": {}
}
"""
    assert (tmp_path / "summary.json").read_bytes() == expected.encode()


@pytest.mark.parametrize("number", [Decimal("1E+5"), Decimal("-0.00"), Decimal("1E-7"), Decimal(0)])
def test_a_decimal_in_json_has_no_exponent_and_reads_back_equal(number: Decimal) -> None:
    assert "E" not in json_text(number)
    assert json.loads(json_text(number), parse_float=Decimal, parse_int=Decimal) == number


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), Decimal("Infinity")])
def test_what_is_not_a_number_never_reaches_json(tmp_path: Path, value: Any) -> None:
    with pytest.raises(ValueError):
        write_json({"spend": value}, tmp_path / "summary.json")
    assert names_in(tmp_path) == []


def test_a_file_name_that_is_not_utf8_still_makes_valid_json(tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff.csv")
    write_json({"path": Path(name), "at": datetime(2026, 1, 5, tzinfo=UTC)}, tmp_path / "summary.json")
    assert json.loads((tmp_path / "summary.json").read_bytes()) == {"path": name, "at": "2026-01-05T00:00:00+00:00"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(JSON)
def test_json_text_is_what_any_json_reader_understands(value: Any) -> None:
    assert json.loads(json_text(value)) == value
    assert json_text("张三 €") == '"张三 €"' and all(c.isprintable() or c == "\n" for c in json_text(value))


@pytest.fixture
def run_directory(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir()
    write_csv(FRAME, tmp_path / "run" / "labels.csv")
    write_text("{}", tmp_path / "run" / "summary.json")
    return tmp_path / "run"


def test_copies_are_flat_whole_and_only_of_what_is_there(run_directory: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    copies = copy_out(run_directory, out, ["labels.csv", "report.html", "summary.json"])
    assert copies == [out / "labels.csv", out / "summary.json"]
    assert names_in(out) == ["labels.csv", "summary.json"]
    assert (out / "labels.csv").read_bytes() == (run_directory / "labels.csv").read_bytes()


def test_a_copy_as_csv_is_made_of_a_table_that_is_kept_in_parquet_only(run_directory: Path, tmp_path: Path) -> None:
    write_parquet(FRAME, run_directory / "changes.parquet")
    write_csv(FRAME, tmp_path / "expected.csv")
    assert copy_out(run_directory, tmp_path / "out", ["changes.csv", "rejected.csv"]) == [tmp_path / "out" / "changes.csv"]
    assert (tmp_path / "out" / "changes.csv").read_bytes() == (tmp_path / "expected.csv").read_bytes()
    assert names_in(run_directory) == ["changes.parquet", "labels.csv", "summary.json"]


def test_copies_replace_the_last_ones_and_leave_other_files_alone(run_directory: Path, tmp_path: Path) -> None:
    out, precious = tmp_path / "out", tmp_path / "precious"
    out.mkdir()
    precious.write_text("kept")
    (out / "notes.txt").write_text("mine")
    (out / "summary.json").write_text("old")
    (out / "labels.csv").symlink_to(precious)
    copy_out(run_directory, out, ["labels.csv", "summary.json"])
    assert (out / "summary.json").read_text() == "{}" and (out / "notes.txt").read_text() == "mine"
    assert precious.read_text() == "kept" and not (out / "labels.csv").is_symlink()


def test_a_copy_that_does_not_fit_leaves_the_old_one(run_directory: Path, tmp_path: Path, a_disk_of: Callable[..., Any]) -> None:
    out = tmp_path / "out"
    copy_out(run_directory, out, ["labels.csv"])
    before = (out / "labels.csv").read_bytes()
    write_csv(LARGE, run_directory / "labels.csv")
    with a_disk_of(10_000), pytest.raises(OutputError) as caught:
        copy_out(run_directory, out, ["labels.csv"])
    assert caught.value.problems[0].code == "CT5001"
    assert names_in(out) == ["labels.csv"] and (out / "labels.csv").read_bytes() == before


def test_copies_cannot_go_where_a_file_is(run_directory: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(OutputError) as caught:
        copy_out(run_directory, tmp_path / "out", ["labels.csv"])
    assert caught.value.problems[0].code == "CT5004" and (tmp_path / "out").read_text() == "mine"


class Panicking(Output):
    def write(self, frame: pl.LazyFrame, to: Path) -> None:
        raise pl.exceptions.PanicException("the engine gave up")


def test_a_writer_whose_engine_panics_leaves_no_file(tmp_path: Path) -> None:
    outputs = [Output(tmp_path / "labels.parquet", as_it_is), Panicking(tmp_path / "labels.csv", as_it_is)]
    with pytest.raises(pl.exceptions.PanicException):
        write_together(chunked(LARGE, 5_000), outputs)
    assert not names_in(tmp_path)


def test_a_quotient_has_the_same_last_bit_in_a_chunk_of_one_row_as_among_many(tmp_path: Path) -> None:
    parts = pl.DataFrame({"part": [331844682.0, 2050195173.0, 7.0], "whole": [2383840000 + 12345.0] * 3})
    share = Output(tmp_path / "labels.parquet", lambda frame: frame.select(share=pl.col("part") / pl.col("whole")))
    exactly = [a / b for a, b in parts.iter_rows()]
    for size in (1, 2, 3):
        write_together(chunked(parts, size), [share])
        assert pl.read_parquet(tmp_path / "labels.parquet")["share"].to_list() == exactly


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_a_quotient_by_one_value_for_all_is_one_division(rows: int) -> None:
    chunk = pl.DataFrame({"num": [8000, 7, 1][:rows]}).join(pl.DataFrame({"den": [1414982]}), how="cross")
    made = worked_out(chunk, lambda frame: frame.select(share=pl.col("num").cast(pl.Float64) / pl.col("den").cast(pl.Float64)))
    assert made["share"].to_list() == [num / 1414982 for num in (8000, 7, 1)[:rows]]
