"""Good and rejected rows together are the input, and a cell says the one most telling thing about itself."""

from __future__ import annotations

from datetime import date

import duckdb
import narwhals as nw
import polars as pl
import pytest

from custier.rubric.columns import ColumnKind, kind_of
from custier.validate import CHECKS, validate_rows

TODAY = date(2026, 1, 31)
KINDS = {"customer": ColumnKind("text", 0, True), "date": ColumnKind("date", 0, True), "amount": ColumnKind("money", 2, True)}


def rows(*cells: tuple) -> pl.DataFrame:
    """(customer, date, amount, raw amount) per row; the other raw cells are their values."""
    schema = {"customer_id": pl.String, "date": pl.Date, "amount": pl.Int64, "amount__raw": pl.String}
    frame = pl.DataFrame(cells, schema=schema, orient="row").with_row_index("line", 2).with_columns(pl.col("line").cast(pl.Int64))
    return frame.with_columns(
        file=pl.lit("a.csv"),
        customer_id__raw="customer_id",
        date__raw=pl.col("date").cast(pl.String),
        date_day=pl.col("date").cast(pl.Int32).cast(pl.Int64),
    )


def judge(frame: pl.DataFrame, source: str = "transactions", kinds=KINDS) -> tuple[pl.DataFrame, pl.DataFrame]:
    good, rejected = validate_rows(nw.from_native(frame), source, kinds, today=TODAY)
    return good.to_native(), rejected.to_native()


def test_good_rows_lose_their_raw_cells_only():
    good, rejected = judge(rows(("A1", date(2025, 1, 31), 100, "1")))
    assert good.columns == ["line", "customer_id", "date", "amount", "file", "date_day"] and rejected.is_empty()


def test_rejected_cells_have_the_columns_of_the_reject_file():
    _, rejected = judge(rows(("A1", date(2025, 1, 31), None, "x1")))
    assert rejected.row(0, named=True) == {
        "source": "transactions", "file": "a.csv", "line": 2, "column": "amount", "code": "CT3102",
        "message": "amount is not a plain number", "raw": "x1",
    }  # fmt: skip
    assert rejected.schema["line"] == pl.Int64 and set(rejected.drop("line").dtypes) == {pl.String}


def test_a_row_with_two_bad_cells_is_rejected_once_and_told_twice():
    good, rejected = judge(rows((None, date(2025, 1, 31), None, "nan"), ("A1", date(2025, 1, 31), 100, "1")))
    assert len(good) == 1 and rejected.select("line", "column", "code").rows() == [(2, "amount", "CT3103"), (2, "customer", "CT3002")]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (None, "CT3002"),
        ("inf", "CT3103"),
        ("1e999", "CT3103"),
        ("abc", "CT3102"),
        ("1.005", "CT3104"),
        ("9" * 30, "CT3105"),
        ("9" * 30 + ".001", "CT3104"),
    ],
)
def test_a_cell_is_told_the_first_check_it_fails(raw, code):
    _, rejected = judge(rows(("A1", date(2025, 1, 31), None, raw)))
    assert rejected["code"].to_list() == [code]


def test_a_value_that_was_read_is_not_judged_by_its_text():
    good, rejected = judge(rows(("A1", date(2025, 1, 31), 73194, "731.9399999999999")))
    assert len(good) == 1 and rejected.is_empty()


def test_an_optional_cell_may_be_blank_but_not_wrong():
    kinds = KINDS | {"amount": ColumnKind("money", 2, False)}
    good, rejected = judge(rows(("A1", date(2025, 1, 31), None, None), ("A1", date(2025, 1, 31), None, "x")), kinds=kinds)
    assert good["line"].to_list() == [2] and rejected["line"].to_list() == [3]


def test_a_blank_date_and_one_that_is_none_are_told_apart():
    frame = rows(("A1", None, 1, "1"), ("A1", None, 1, "1")).with_columns(date__raw=pl.Series([None, "2025-02-30"]))
    assert judge(frame)[1].select("line", "code").rows() == [(2, "CT3002"), (3, "CT3201")]


@pytest.mark.parametrize(("source", "rejects"), [("transactions", ["CT3203"]), ("surveys", ["CT3203"]), ("invoices", [])])
def test_what_has_happened_is_not_dated_later_than_today(source: str, rejects: list[str]):
    good, rejected = judge(rows(("A1", TODAY, 1, "1"), ("A1", date(2026, 2, 1), 1, "1")), source)
    assert rejected["code"].to_list() == rejects and len(good) == 2 - len(rejects)


@pytest.mark.parametrize("hidden", ["\t", "\x00", "\u202e", "\u200b", "\u2028"])
def test_an_identifier_with_hidden_characters_is_rejected(hidden: str):
    assert judge(rows((f"A{hidden}1", TODAY, 1, "1")))[1]["code"].to_list() == ["CT3006"]


@pytest.mark.parametrize("rounded", ["1.38001E+10", "1.38001e+10", "1E+5", "-1.5E+11", "1,38001E+10"])
def test_an_identifier_that_a_spreadsheet_has_rounded_is_rejected(rounded: str):
    assert judge(rows((rounded, TODAY, 1, "1")))[1]["code"].to_list() == ["CT3009"]


@pytest.mark.parametrize("whole", ["1E10", "E+10", "12.5E+10", "A1.38E+10", "1.38E+10B", "13800100017", "1E+"])
def test_an_identifier_that_only_has_something_of_a_rounded_one_is_not(whole: str):
    assert len(judge(rows((whole, TODAY, 1, "1")))[0]) == 1


def test_an_empty_table_has_no_good_and_no_rejected_rows():
    good, rejected = judge(rows().clear())
    assert good.is_empty() and rejected.is_empty()


def test_another_engine_gives_the_same_verdicts():
    frame = rows(
        ("A1", date(2025, 1, 31), None, "1.005"), (None, date(2026, 2, 1), None, "-inf"), ("B\x072", TODAY, 1, "1"), ("C3", TODAY, 1, "1")
    )
    good, rejected = validate_rows(nw.from_native(duckdb.from_arrow(frame.to_arrow())), "transactions", KINDS, today=TODAY)
    here = judge(frame)
    assert rejected.collect("polars").to_native().rows() == here[1].rows()
    assert good.collect("polars").to_native().select("customer_id", "line").rows() == here[0].select("customer_id", "line").rows()


def test_every_check_has_a_code_of_its_own():
    assert len({c.code for c in CHECKS}) == len({c.name for c in CHECKS}) == len(CHECKS)


def _judged(source: str, header: str, *rows: tuple) -> tuple[list, list[tuple]]:
    kinds = {name: kind_of(source, name, None, 2) for name in header.split()}
    columns = {("customer_id" if name == "customer" else name): [row[i] for row in rows] for i, name in enumerate(kinds)}
    frame = pl.DataFrame(columns, schema={name: pl.String() for name in columns}).with_columns(pl.all().name.suffix("__raw"))
    days = [name for name, kind in kinds.items() if kind.type == "date"]
    frame = frame.with_columns(pl.col(days).str.to_date(strict=False)).with_columns(
        pl.col(days).cast(pl.Int32).cast(pl.Int64).name.suffix("_day")
    )
    frame = frame.with_columns(file=pl.lit("c.csv"), line=pl.int_range(2, len(rows) + 2, dtype=pl.Int64))
    frame = frame.with_columns(date_us=pl.col("date").cast(pl.Datetime("us")).cast(pl.Int64)) if "date" in kinds else frame
    good, rejected = validate_rows(nw.from_native(frame), source, kinds, today=TODAY)
    assert len(good) + rejected.to_native()["line"].n_unique() == len(rows)
    return sorted(good["line"].to_list()), rejected.select("line", "column", "code", "raw").rows()


def test_records_of_one_customer_that_differ_are_all_rejected_at_their_cells() -> None:
    rows = [
        ("a", "North", None),
        ("b", "East", None),
        ("a", "South", None),
        ("a", None, None),
        ("b", "East", "2025-01-01"),
        ("c", "x", "?"),
    ]
    good, rejected = _judged("customers", "customer region joined", *rows, ("c", "y", None))
    assert good == [3, 6, 8], "a rejected record contradicts nothing"
    assert rejected == [
        (2, "region", "CT3008", "North"),
        (4, "region", "CT3008", "South"),
        (5, "region", "CT3008", None),
        (7, "joined", "CT3201", "?"),
    ]


def test_estimates_differ_only_at_one_moment() -> None:
    rows = [("a", "2025-01-01", "Li"), ("a", "2025-01-02", "Wu"), ("b", "2025-01-01", "Li"), ("b", "2025-01-01", "Wu")]
    good, rejected = _judged("estimates", "customer date estimated_by", *rows)
    assert (good, [(line, code) for line, _, code, _ in rejected]) == ([2, 3], [(4, "CT3008"), (5, "CT3008")])
