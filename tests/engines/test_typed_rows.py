"""Typed tables give the rows, and the verdicts, that reading the same file with Polars gives."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from math import inf, nan
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from custier.engines import duckdb, spark_rows
from custier.engines import spark as spark_engine
from custier.engines.typed_formulas import with_exported, with_formulas
from custier.engines.typed_rows import Typed, typed_rows
from custier.errors import InputError
from custier.read import read_source
from custier.rubric.columns import ColumnKind
from custier.rubric.model import Source
from custier.rubric.numbers import Numbers
from custier.validate import is_sound

TODAY = date(2026, 1, 31)
TIMES = [datetime(2025, 1, 31, 23, 59, 59, 999_999, tzinfo=UTC), datetime(1969, 12, 31, 23, 0, 0, 1, tzinfo=UTC)]
NASTY: dict[str, tuple[Any, list[Any]]] = {
    "double": (pl.Float64, [nan, inf, -inf, 1e300, 1.005, 0.1 + 0.2, 2.5, -3.125, 2.0**53 + 2, 1e15, 5e12 + 0.005, 5e12 + 0.015, -0.0, 1e-9, 0.125]),
    "single": (pl.Float32, [1.1, nan, 16777216.0, 3.14159, 0.01, -19.99, 1e20]),
    "long": (pl.Int64, [0, -5, 2**63 - 1, -(2**63), 10**15, 10**15 - 1, -(10**12), 999_999_999_999, 2**53 + 1]),
    "byte": (pl.Int8, [1, -128, 127]),
    "cents": (pl.Decimal(20, 2), ["1.10", "-999999999999999.99", "999999999999999999.99"]),
    "exact": (pl.Decimal(38, 8), ["1.10", "1.10000001", "-0.00000001", "123456789012345.123456", "123456789012345678901234567890.5"]),
    "tiny": (pl.Decimal(38, 30), ["1.1", "99999999.999", "12345678.123456", "1e-30"]),
    "huge": (pl.Decimal(38, 0), ["5", "1e37"]),
    "said": (pl.String, ["1", "1.", "  12.50 ", "\u3000 7.25\u00a0", ".5", "-.5", "+5", "", "  ", "1e5", "1e400", "NaN", " inf ", "1,000", "1.005", "0.1000000", f"{'0' * 20}123.4{'0' * 30}", "1234567890123456", "12-", ".", "-", "１２"]),
    "truth": (pl.Boolean, [True, False]),
    "day": (pl.Date, [date(2025, 1, 31), date(1, 1, 1), date(2027, 1, 1), date(1969, 12, 31)]),
    "time": (pl.Datetime("us"), [t.replace(tzinfo=None) for t in TIMES]),
    "zoned": (pl.Datetime("us", "UTC"), TIMES),
    "written": (pl.String, ["2025-01-31", " 2025-01-31 10:00:01.5 ", "2025-01-31T23:59", "2025-02-30", "0000-00-00", "n/a", "", "0001-01-01"]),
}  # fmt: skip
NUMBERS = ("double", "single", "long", "byte", "cents", "exact", "tiny", "huge", "said")
AS = {"money": NUMBERS, "number": NUMBERS, "text": tuple(NASTY), "date": ("day", "time", "zoned", "written")}


HEIGHT = max(len(values) for _, values in NASTY.values())
NASTY_IDS = ["a b", " x ", "\u3000", "a\u200bb", None, "客户", "a\tb"]


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    """Every type of column as every kind that it can hold; short columns are filled up with nulls."""
    columns = {f"{held}.{kind}": _series(*NASTY[held]) for kind, all_held in AS.items() for held in all_held}
    dates = pl.Series([date(2025, 1, 31)] * (HEIGHT - 1) + [date(2030, 1, 1)])
    ids = pl.Series(NASTY_IDS + [f"c{i}" for i in range(HEIGHT - len(NASTY_IDS))])
    return pl.DataFrame({"Customer ID": ids, "Order Date": dates, **columns})


def _series(held: Any, values: list[Any]) -> pl.Series:
    texts = held != pl.String and isinstance(values[0], str)
    made = pl.Series([Decimal(v) for v in values] if texts else values, dtype=held)
    return made.extend_constant(None, HEIGHT - len(values))


@pytest.fixture(scope="module")
def path(table: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("typed") / "table.parquet"
    table.write_parquet(made)
    return made


@pytest.fixture(scope="module")
def read(table: pl.DataFrame, path: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Typed, pl.DataFrame]:
    """What Polars reads in the file, and how another engine is told to read it."""
    spec = {name.replace(".", "_"): {"column": name, "type": name.split(".")[1], "optional": True} for name in table.columns[2:]}
    wanted = {"customer": True, "date": True, **dict.fromkeys(spec, True)}
    scratch = tmp_path_factory.mktemp("scratch")
    found = read_source("transactions", Source.model_validate(spec), [path], wanted=wanted, currency_decimals=2, scratch=scratch)
    rows = found.frame.collect()
    sound = nw.from_native(rows).select(sound=is_sound("transactions", found.columns, TODAY, marked=True)).to_native()
    headers = dict(zip(["customer", "date", *spec], table.columns, strict=True))
    return Typed("transactions", headers, found.columns, TODAY), rows.with_columns(sound)


def check(found: Any, expected: pl.DataFrame) -> None:
    rows = found.collect(backend="polars").to_native()
    raw = pl.selectors.ends_with("__raw")
    assert_frame_equal(rows.drop(raw), expected.select(rows.drop(raw).columns), check_exact=True)


@pytest.fixture
def on_duckdb() -> Iterator[Any]:
    with duckdb.open_duckdb(threads=1) as connection:
        yield lambda path, typed: duckdb.rows(duckdb.open_parquet(connection, [path]), typed)


@pytest.fixture
def on_spark(spark_session: Any) -> Any:
    return lambda path, typed: spark_rows.rows(spark_engine.open_parquet(spark_session, [path]), typed)


ENGINES = ["on_duckdb", pytest.param("on_spark", marks=pytest.mark.spark)]


@pytest.mark.parametrize("engine", ENGINES)
def test_every_cell_has_the_value_and_the_verdict_that_polars_gives_it(engine: str, path: Path, read: Any, request: Any) -> None:
    typed, expected = read
    check(request.getfixturevalue(engine)(path, typed), expected)


UNREADABLE = {
    "CT2403": {"31/01/2025": pl.String, "2025-1-31": pl.String, "2025-01-31 24:00:00.1234567": pl.String, 20250131: pl.Int64},
    "CT2204": {True: pl.Boolean, 1.5: pl.Float64},
}


@pytest.mark.parametrize("engine", ENGINES)
def test_dates_that_only_polars_reads_and_types_that_hold_none_stop_the_run(engine: str, tmp_path: Path, request: Any) -> None:
    cells = [(code, cell, dtype) for code, all_cells in UNREADABLE.items() for cell, dtype in all_cells.items()]
    frame = pl.DataFrame({f"h{i}": pl.Series([cell, None], dtype=dtype) for i, (_, cell, dtype) in enumerate(cells)})
    frame.write_parquet(tmp_path / "table.parquet")
    kinds = {f"d{i}": ColumnKind("date", 0, required=True) for i in range(len(cells))}
    typed = Typed("invoices", {f"d{i}": f"h{i}" for i in range(len(cells))}, kinds, TODAY, "table.parquet")
    with pytest.raises(InputError) as caught:
        request.getfixturevalue(engine)(tmp_path / "table.parquet", typed)
    assert [p.code for p in caught.value.problems] == [code for code, _, _ in cells]
    assert all(p.help and p.where == "table.parquet" for p in caught.value.problems)


def test_a_unit_counts_typed_cells_and_texts_in_a_declared_form_are_refused(on_duckdb: Any, tmp_path: Path) -> None:
    pl.DataFrame({"Kunde": ["a"], "Whole": [2], "Float": [0.1234], "Text": ["$5"]}).write_parquet(tmp_path / "table.parquet")
    kinds = {"customer": ColumnKind("text", 0, True)}
    kinds |= {name: ColumnKind("money", 2, True, Numbers(unit="万元")) for name in ("whole", "float")}
    headers = {"customer": "Kunde", "whole": "Whole", "float": "Float"}
    rows = on_duckdb(tmp_path / "table.parquet", Typed("invoices", headers, kinds, TODAY))
    assert rows.select("whole", "float").collect(backend="polars").to_native().row(0) == (2_000_000, 123_400)
    dollars = ColumnKind("money", 2, True, Numbers(currency=("$",)))
    with pytest.raises(InputError) as caught:
        on_duckdb(tmp_path / "table.parquet", Typed("invoices", headers | {"text": "Text"}, kinds | {"text": dollars}, TODAY))
    assert [p.code for p in caught.value.problems] == ["CT2403"]


def joined_on(frame: Any) -> list[Any]:
    spec = Source.model_validate({"customer": {"columns": ["a", "b"]}})
    kinds = {"customer": ColumnKind("text", 0, True)}
    exported, names = with_exported(frame, ["a", "b"])
    rows = typed_rows(exported, Typed("customers", {}, {}, TODAY, also=names), lambda f, _: f)
    made = with_formulas(rows, "customers", spec, {"customer": {"a", "b"}}, kinds, TODAY)
    found: list[Any] = made.select("customer_id", "sound").collect(backend="polars").sort("customer_id", nulls_last=True).rows()
    return found


PARTS = {"a": ["x", "x|", " y\\z ", None], "b": [1, 2, 3, 4]}
JOINED = [("x | 1", True), ("x\\| | 2", True), ("y\\\\z | 3", True), (None, False)]


def test_joined_texts_are_the_same_on_polars_and_duckdb(tmp_path: Path) -> None:
    pl.DataFrame(PARTS).write_parquet(tmp_path / "t.parquet")
    with duckdb.open_duckdb(threads=1) as connection:
        assert joined_on(duckdb.open_parquet(connection, [tmp_path / "t.parquet"])) == JOINED
    assert joined_on(nw.from_native(pl.DataFrame(PARTS).lazy())) == JOINED


@pytest.mark.spark
def test_joined_texts_are_the_same_on_spark(spark_session: Any, tmp_path: Path) -> None:
    pl.DataFrame(PARTS).write_parquet(tmp_path / "t.parquet")
    assert joined_on(spark_engine.open_parquet(spark_session, [tmp_path / "t.parquet"])) == JOINED


def test_a_column_without_a_header_is_missing_everywhere(on_duckdb: Any, tmp_path: Path) -> None:
    pl.DataFrame({"Kunde": ["a"], "Datum": [date(2025, 1, 31)]}).write_parquet(tmp_path / "table.parquet")
    kinds = {"customer": ColumnKind("text", 0, True), "date": ColumnKind("date", 0, True), "cost": ColumnKind("money", 2, False)}
    rows = on_duckdb(tmp_path / "table.parquet", Typed("transactions", {"customer": "Kunde", "date": "Datum"}, kinds, TODAY))
    row = rows.collect(backend="polars").to_native().row(0, named=True)
    assert (row["customer_id"], row["date_day"], row["cost"], row["sound"]) == ("a", 20119, None, True)
