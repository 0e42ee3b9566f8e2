"""Workbooks for people: what a cell holds is what it shows, and nothing in it runs."""

from __future__ import annotations

import io
import time
import xml.dom.minidom
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastexcel
import openpyxl
import polars as pl
import pytest

from custier.errors import OutputError
from custier.write import Output, copy_out, write_as_one, write_together
from custier.write.sheet import MOST_ROWS, write_sheet

HOSTILE = [
    "=1+1", "+1", "-1", "@SUM(1,1)", '=HYPERLINK("http://evil","x")', "http://evil", "https://evil/a b", "mailto:a@evil", "ftp://evil", "internal:Sheet1!A1",
    "external:c:\\evil.xlsx", "{=1}", "<r>x</r>", "<r></r><c r='A1'>", "<t>", "&amp;", "]]>", "_x0041_", "_x000D_", "a\nb", "a\rb", "a\tb", "\x1b]0;pwn\x07",
    "a\u202eb", "\u200b", "\ufffe\uffff", " padded ", "007", "1e5", "TRUE", "13800138000123456", "张三", "😀", "'quoted", '"', "cmd|' /C calc'!A0",
]  # fmt: skip


def written(frame: pl.DataFrame, to: Path) -> bytes:
    write_together([frame], [Output(to, lambda table: table)])
    return to.read_bytes()


def sheet_of(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content)).active


def column(content: bytes, letter: str = "A") -> list[Any]:
    return [cell.value for cell in sheet_of(content)[letter]][1:]


@pytest.fixture
def to(tmp_path: Path) -> Path:
    return tmp_path / "labels.xlsx"


def test_identifiers_and_texts_are_texts_amounts_numbers_and_dates_dates(to: Path) -> None:
    frame = pl.DataFrame(
        {
            "customer_id": ["007", "13800138000123456"],
            "spend": [Decimal("1234.50"), None],
            "orders": [3, 0],
            "margin": [0.25, None],
            "since": [date(2025, 1, 31), None],
            "vip": [True, None],
        },
        schema_overrides={"spend": pl.Decimal(38, 2)},
    )
    sheet = sheet_of(written(frame, to))
    assert sheet.title == "labels" and [cell.value for cell in sheet[1]] == frame.columns
    assert [(cell.value, cell.data_type, cell.number_format) for cell in sheet[2]] == [
        ("007", "s", "@"),
        (1234.5, "n", "#,##0.00"),
        (3, "n", "0"),
        (0.25, "n", "General"),
        (datetime.fromisoformat("2025-01-31"), "d", "yyyy-mm-dd"),
        (True, "b", "General"),
    ]
    assert [cell.value for cell in sheet[3]] == ["13800138000123456", None, 0, None, None, None]
    assert sheet.freeze_panes == "B2" and sheet.auto_filter.ref == "A1:F3"


def test_no_text_becomes_a_formula_a_link_or_markup(to: Path) -> None:
    content = written(pl.DataFrame({"customer_id": HOSTILE}), to)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert not [name for name in parts if "hyperlink" in name or "external" in name or name.endswith("sheet1.xml.rels")]
    for part in parts.values():
        xml.dom.minidom.parseString(part)
    assert b"<f>" not in parts["xl/worksheets/sheet1.xml"] and b"hyperlink" not in parts["xl/worksheets/sheet1.xml"]
    assert {cell.data_type for cell in sheet_of(content)["A"]} == {"s"}


def test_texts_come_back_as_they_were(to: Path) -> None:
    plain = [text for text in HOSTILE if not set(text) & {"\r", "\x1b", "\x07", "\ufffe"}]
    written(pl.DataFrame({"customer_id": plain}), to)
    read = fastexcel.read_excel(to.read_bytes()).load_sheet(0, dtypes="string", whitespace_as_null=False).to_polars()
    assert read["customer_id"].to_list() == plain


@pytest.mark.parametrize(
    "value, shown", [(Decimal("9999999999999.99"), 9_999_999_999_999.99), (Decimal("10000000000000.00"), "10000000000000.00")]
)
def test_an_amount_of_more_digits_than_excel_keeps_is_a_text(to: Path, value: Decimal, shown: Any) -> None:
    frame = pl.DataFrame({"customer_id": ["a"], "spend": [value]}, schema_overrides={"spend": pl.Decimal(38, 2)})
    assert column(written(frame, to), "B") == [shown]


def test_a_count_of_more_digits_than_excel_keeps_is_a_text(to: Path) -> None:
    assert column(written(pl.DataFrame({"n": [10**15 - 1, 10**15, -(10**18)]}), to)) == [
        10**15 - 1,
        "1000000000000000",
        "-1000000000000000000",
    ]


def test_what_is_no_number_is_blank(to: Path) -> None:
    assert column(written(pl.DataFrame({"x": ["a", "b", "c"], "q": [float("nan"), float("inf"), 1 / 3]}), to), "B") == [None, None, 1 / 3]


def test_the_same_table_gives_the_same_bytes_later(to: Path) -> None:
    frame = pl.DataFrame({"customer_id": ["a", "b"], "spend": [1.5, 2.5]})
    first = written(frame, to)
    time.sleep(2.1)  # the times in an archive are even seconds
    assert written(frame, to) == first


def test_the_same_table_gives_the_same_bytes_in_chunks_and_from_parquet(to: Path) -> None:
    frame = pl.DataFrame({"customer_id": [f"C{n:04}" for n in range(1000)], "spend": [n / 8 for n in range(1000)]})
    whole = written(frame, to)
    write_together([frame.head(300), frame.slice(300, 0), frame.slice(300)], [Output(to, lambda table: table)])
    assert to.read_bytes() == whole
    frame.write_parquet(to.with_suffix(".parquet"))
    write_as_one([to.with_suffix(".parquet")], to)
    assert to.read_bytes() == whole


def test_columns_are_as_wide_as_what_is_in_them(to: Path) -> None:
    content = written(pl.DataFrame({"a": ["x"], "客户所在的大区名称": ["y"], "c": ["长" * 100]}), to)
    widths = sheet_of(content).column_dimensions
    assert widths["A"].width < 11 and 19 < widths["B"].width < 23 and 49 < widths["C"].width < 52


def test_a_table_without_rows_is_a_header(to: Path) -> None:
    assert [cell.value for cell in sheet_of(written(pl.DataFrame(schema={"customer_id": pl.String()}), to))[1]] == ["customer_id"]


def test_more_rows_than_a_sheet_holds_are_an_error_and_leave_no_file(to: Path) -> None:
    def chunks() -> Any:
        yield pl.DataFrame({"n": [1]})
        yield pl.DataFrame({"n": pl.Series([1]).new_from_index(0, MOST_ROWS)})

    with pytest.raises(OutputError) as caught:
        write_together(chunks(), [Output(to, lambda table: table), Output(to.with_suffix(".csv"), lambda table: table)])
    assert caught.value.problems[0].code == "CT5601" and caught.value.problems[0].help == "leave xlsx out: --format csv,parquet"
    assert list(to.parent.iterdir()) == []


def test_a_text_that_no_cell_holds_is_an_error_and_leaves_no_file(to: Path) -> None:
    with pytest.raises(OutputError) as caught:
        written(pl.DataFrame({"customer_id": ["x" * 32_768]}), to)
    assert caught.value.problems[0].code == "CT5601" and "xxx" not in str(caught.value) and list(to.parent.iterdir()) == []


def test_a_full_disk_is_told_as_one_and_leaves_no_file(to: Path, a_disk_of: Any) -> None:
    frame = pl.DataFrame({"customer_id": [f"C{n:07}" for n in range(30_000)]})
    with a_disk_of(100_000), pytest.raises(OutputError) as caught:
        written(frame, to)
    assert caught.value.problems[0].code == "CT5001" and list(to.parent.iterdir()) == []


def test_a_copy_has_the_headings_of_its_language(tmp_path: Path) -> None:
    run, out = tmp_path / "run", tmp_path / "out"
    run.mkdir()
    frame = pl.DataFrame({"customer_id": ["007"], "spend": [1]})
    frame.write_parquet(run / "labels.parquet")
    written(frame, run / "labels.xlsx")
    copy_out(run, out, ["labels.xlsx"])
    assert (out / "labels.xlsx").read_bytes() == (run / "labels.xlsx").read_bytes()
    copy_out(run, out, ["labels.xlsx"], lambda names: ["客户编号", *names[1:]])
    assert [[cell.value for cell in row] for row in sheet_of((out / "labels.xlsx").read_bytes()).rows] == [
        ["客户编号", "spend"],
        ["007", 1],
    ]
    (run / "labels.xlsx").unlink()
    assert len(copy_out(run, out, ["labels.xlsx"])) == 1


def test_nothing_of_a_workbook_is_written_elsewhere(to: Path) -> None:
    write_sheet(pl.Schema({"a": pl.Int64()}), [pl.DataFrame({"a": [1]})], to, to)
    assert list(to.parent.iterdir()) == [to]
