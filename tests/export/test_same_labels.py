"""The exported statement, run by DuckDB, selects the labels that `custier classify` writes, value for value."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from custier.rubric import load_rubric, shipped_rubrics
from custier.rubric.model import Rubric
from custier.rubric.wanted import wanted_columns

ROOT = Path(__file__).parents[2]
EVERYTHING = str(Path(__file__).parent / "everything.yaml")
DATA = Path(os.environ.get("CUSTIER_DATA") or ROOT.parent / "shared" / "data")
ROWS = {
    "transactions": 3000,
    "invoices": 500,
    "surveys": 300,
    "events": 1000,
    "balances": 400,
    "customers": 130,
    "estimates": 90,
    "members": 300,
}
TIERS = {"annual-spend": 4, "medals": 8, "points": 3, "pyramid": 4, "weighted-grade": 5}
"""Of how many tiers there are customers, where it is more than two."""
Exports = Callable[[str, int], Path]
Labels = Callable[..., pl.DataFrame]


def same(found: pl.DataFrame, expected: pl.DataFrame, tiers: int) -> None:
    """Equal to the last bit, and no accident: customers of so many tiers at least."""
    assert_frame_equal(found, expected, check_exact=True)
    assert expected["tier"].n_unique() >= tiers


@pytest.mark.parametrize("rubric", shipped_rubrics())
def test_every_shipped_rubric(rubric: str, exports: Exports, classified: Labels, selected: Labels) -> None:
    loaded = load_rubric(rubric).rubric
    files = {source: exports(source, ROWS[source]) for source in loaded.sources}
    tables = {source: f"SELECT * FROM '{path}'" for source, path in files.items()}
    if "invoices" in tables:
        tables["invoices"] = tables["invoices"].replace("*", '* RENAME ("due date" AS date)')
    without = [f"{source}.{column}" for source, path in files.items() for column in absent(loaded, source, path)]
    same(selected(rubric, tables, without), classified(rubric, files), TIERS.get(rubric, 2))


def absent(rubric: Rubric, source: str, path: Path) -> set[str]:
    """What the rubric takes when it finds it, and does not find in this file."""
    return set(wanted_columns(rubric, source)) - {"date", *(header.replace(" ", "_") for header in pl.read_parquet_schema(path))}


def test_a_rubric_with_every_kind_of_metric_window_band_slice_and_rule(exports: Exports, classified: Labels, selected: Labels) -> None:
    files = {"transactions": exports("lines", 6000), "invoices": exports("invoices", 500)}
    tables = {source: f"SELECT * FROM '{path}'" for source, path in files.items()}
    tables["invoices"] = tables["invoices"].replace("*", '* RENAME ("due date" AS date)')
    same(selected(EVERYTHING, tables, ["transactions.cost"]), classified(EVERYTHING, files), 5)


def test_tiers_by_two_axes(tmp_path: Path, exports: Exports, classified: Labels, selected: Labels) -> None:
    (tmp_path / "cells.yaml").write_text("""
rubric: cells
metrics: {growth: {formula: spend / before - 1}, before: {sum: amount, window: {last: 12 months, shifted: 12 months}}}
segments: {value: {high: {all: [spend >= 500, orders > 1]}, low: otherwise}}
matrix:
  rows: value
  columns: {metric: growth, missing: unrated, bands: {up: {above: 0}, down: otherwise}}
  tiers: {high: {up: A, down: B}, low: {up: C, down: "D's"}}
tiers: [{name: A}, {name: B}, {name: C}, {name: "D's"}]
rules: [{name: few, when: orders < 2 and value = 'low', down: 1}]
""")
    file = exports("transactions", 3000)
    tables = {"transactions": f"SELECT * FROM '{file}'"}
    same(selected(str(tmp_path / "cells.yaml"), tables), classified(str(tmp_path / "cells.yaml"), {"transactions": file}), 4)


def test_a_register_attributes_and_estimates(exports: Exports, classified: Labels, selected: Labels) -> None:
    rubric = str(ROOT / "tests" / "engines" / "register.yaml")
    files = {name: exports(name, rows) for name, rows in {"transactions": 900, "customers": 130, "estimates": 90, "surveys": 90}.items()}
    tables = {source: f"SELECT * FROM '{path}'" for source, path in files.items()}
    files["transactions"] = exports("transactions", 900)
    tables["transactions"] = tables["transactions"].replace("*", '*, category AS "Channel"')
    found, expected = selected(rubric, tables), classified(rubric, files | {"transactions": renamed(files["transactions"])})
    same(found, expected, 4)
    assert found["region"].n_unique() == 3 and found["estimate"].null_count() < len(found)


def renamed(path: Path) -> Path:
    """The same transactions with a column `Channel`."""
    copy = path.with_name("channels.parquet")
    pl.read_parquet(path).with_columns(Channel="category").write_parquet(copy)
    return copy


def test_an_optional_source_that_is_not_named_is_missing_for_everyone(exports: Exports, classified: Labels, selected: Labels) -> None:
    files = {"transactions": exports("transactions", 3000)}
    found = selected("weighted-grade", {"transactions": f"SELECT * FROM '{files['transactions']}'"}, ["transactions.profit"])
    same(found, classified("weighted-grade", files), 4)
    assert found["days_late"].null_count() == len(found)


def test_a_table_without_any_row_has_no_labels(selected: Labels) -> None:
    empty = "SELECT '' AS customer, DATE '2025-01-01' AS date, 1.00 AS amount, '' AS \"order\" LIMIT 0"
    assert len(selected("pyramid", {"transactions": empty})) == 0


def test_rows_that_a_check_rejects_are_left_out(selected: Labels) -> None:
    rows = [
        ("'kept'", "DATE '2025-05-01'", "10.00"), ("NULL", "DATE '2025-05-01'", "10.00"), ("' '", "DATE '2025-05-01'", "10.00"),
        ("'no amount'", "DATE '2025-05-01'", "NULL"), ("'no date'", "NULL", "10.00"), ("'later'", "DATE '2026-01-01'", "10.00"),
        ("'third decimal'", "DATE '2025-05-01'", "10.001"), ("'too large'", "DATE '2025-05-01'", "1e15::DECIMAL(38, 3)"),
        (f"'un{chr(0x200B)}seen'", "DATE '2025-05-01'", "10.00"), ("' kept' || chr(160)", "DATE '2025-05-01'", "2.500"),
    ]  # fmt: skip
    values = ", ".join(f"({customer}, {day}, {amount}::DECIMAL(38, 3), 'o')" for customer, day, amount in rows)
    found = selected("annual-spend", {"transactions": f'SELECT * FROM (VALUES {values}) AS t(customer, date, amount, "order")'})
    assert found.select("customer_id", pl.col("spend").cast(pl.String)).rows() == [("kept", "12.50")]


TYPED = {
    "online-retail": (
        DATA / "online-retail" / "online_retail_2010_2011.parquet",
        'SELECT CAST(CAST("CustomerID" AS BIGINT) AS VARCHAR) AS "CustomerID", "InvoiceDate", "InvoiceNo", "Quantity", '
        'CAST(round("UnitPrice", 6) AS DECIMAL(18, 6)) AS "UnitPrice" FROM \'{}\'',
        date(2011, 12, 9),
    ),
    "superstore": (
        DATA / "superstore-us" / "superstore_us_2014_2017.parquet",
        'SELECT * REPLACE (CAST("Sales" AS DECIMAL(18, 4)) AS "Sales", CAST("Profit" AS DECIMAL(18, 4)) AS "Profit") FROM \'{}\'',
        date(2017, 12, 31),
    ),
    "electronic-sales": (
        DATA / "electronic-sales" / "electronic_sales.csv",
        'SELECT * REPLACE (CAST("Total Price" AS DECIMAL(18, 2)) AS "Total Price", CAST("Add-on Total" AS DECIMAL(18, 2)) AS "Add-on Total", '
        'CAST("Rating" AS INTEGER) AS "Rating", CAST("Purchase Date" AS DATE) AS "Purchase Date") FROM read_csv(\'{}\', all_varchar = true)',
        date(2024, 9, 23),
    ),
    "ibm-receivables": (
        DATA / "ibm-ar" / "WA_Fn-UseC_-Accounts-Receivable.csv",
        'SELECT * REPLACE (strptime("DueDate", \'%-m/%-d/%Y\')::DATE AS "DueDate", strptime("SettledDate", \'%-m/%-d/%Y\')::DATE AS "SettledDate", '
        'CAST("InvoiceAmount" AS DECIMAL(18, 2)) AS "InvoiceAmount") FROM read_csv(\'{}\', all_varchar = true)',
        date(2013, 12, 31),
    ),
    "cdnow": (
        DATA / "cdnow" / "CDNOW_master.txt",
        "SELECT cell[1] AS customer_id, strptime(cell[2], '%Y%m%d')::DATE AS date, cell[3]::INT AS number_of_cds, cell[4]::DECIMAL(18, 2) AS "
        "dollar_value FROM (SELECT regexp_split_to_array(trim(line), ' +') AS cell FROM read_csv('{}', delim = '|', header = false, skip = 1, "
        "columns = {{'line': 'varchar'}}))",
        date(1998, 6, 30),
    ),
}


@pytest.mark.skipif(not DATA.is_dir(), reason="the public data is not here; CUSTIER_DATA names its folder")
@pytest.mark.parametrize("example", sorted(TYPED))
def test_every_example_on_its_public_data(example: str, classified: Labels, selected: Labels) -> None:
    path, query, as_of = TYPED[example]
    rubric = str(ROOT / "examples" / example / "rubric.yaml")
    source = "invoices" if example == "ibm-receivables" else "transactions"
    absent = {"electronic-sales": ["order"], "cdnow": ["order"], "superstore": ["cost"]}.get(example, [])
    found: Any = selected(rubric, {source: query.format(path)}, [f"{source}.{column}" for column in absent], as_of)
    same(found, classified(rubric, {source: path}, as_of), 3)
