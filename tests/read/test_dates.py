"""Dates as exports write them: zones, days as Excel counts them, files that disagree; each error's cure reads the file."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from pydantic import ValidationError

import custier
from custier.read.dates import quick_dates
from custier.rubric.model import Source

HEADER = "customer,date,amount\n"


def dates(*cells: str) -> str:
    return HEADER + "".join(f'A1,"{c}",1\n' for c in cells)


def cures(problem: Any) -> list[dict[str, Any]]:
    """Each line of the rubric that a cure names, as the source that it says."""
    lines = problem.help.partition("sources: ")[2].split(", or sources: ")
    return [yaml.safe_load(line)["transactions"] for line in lines]


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2025-01-31T23:30:00Z", date(2025, 2, 1)),
        ("2025-01-31 23:30:00 UTC", date(2025, 2, 1)),
        ("2025-01-31T23:30:00+08:00", date(2025, 1, 31)),
        ("2025-02-01T00:30:00+0900", date(2025, 1, 31)),
        ("2025-01-31T10:00:00-08:30", date(2025, 2, 1)),
        ("2025-01-31 23:30:00", date(2025, 1, 31)),
        ("31/01/2025 23:30 Z", date(2025, 2, 1)),
    ],
)
def test_a_time_that_names_its_zone_falls_on_the_day_of_the_declared_one(read, cell: str, day: date):
    found = read(dates(cell), {"date": {"timezone": "Asia/Shanghai"}})
    assert found.column("date") == [day] and not [w for w in found.table.warnings if "time zone" in w]


def test_clocks_that_are_put_forward_count(read):
    found = read(dates("2025-06-30T22:30:00Z", "2025-12-31T22:30:00Z"), {"date": {"timezone": "Europe/Berlin"}})
    assert found.column("date") == [date(2025, 7, 1), date(2025, 12, 31)]


def test_the_month_is_the_same_whichever_zone_the_export_was_written_in(read):
    spec = {"date": {"timezone": "Asia/Shanghai"}}
    in_utc, in_china = read(dates("2025-01-31T16:30:00Z"), spec), read(dates("2025-02-01T00:30:00+08:00"), spec)
    assert in_utc.column("date_us") == in_china.column("date_us") and in_utc.column("date") == [date(2025, 2, 1)]


def test_typed_times_with_a_zone_fall_on_the_day_of_the_declared_one_too(read):
    frame = pl.DataFrame({"customer": ["A"], "date": [datetime(2025, 1, 31, 23, 30, tzinfo=UTC)], "amount": [1]})
    assert read(frame, {"date": {"timezone": "Asia/Shanghai"}}).column("date") == [date(2025, 2, 1)]


def test_a_format_with_a_zone_is_read_in_the_declared_one(read):
    spec = {"date": {"format": "%d.%m.%Y %H:%M %z", "timezone": "Asia/Shanghai"}}
    assert read(dates("31.01.2025 23:30 +0000"), spec).column("date") == [date(2025, 2, 1)]


@pytest.mark.parametrize("column", [{"timezone": "Mars/Base"}, {"timezone": "+08:00"}, {"format": "%d.%m.%Y %H:%M %z"}])
def test_a_zone_that_is_not_known_or_not_said_is_refused(column: dict[str, str]):
    with pytest.raises(ValidationError, match="zone"):
        Source.model_validate({"date": column})


def test_days_as_excel_counts_them_are_read_where_the_rubric_says_so(read):
    found = read(dates("45688", "45688.5", "45688.0", "2025-01-31", "17000", "80000"), {"date": {"format": "excel"}})
    assert found.column("date") == [date(2025, 1, 31)] * 3 and [line for line, _ in found.rejects] == [5, 6, 7]
    assert found.column("date_us")[1] - found.column("date_us")[0] == 12 * 3600 * 10**6


@pytest.mark.parametrize(
    ("cells", "spec", "first"),
    [
        (["45688", "45689.25"], {}, date(2025, 1, 31)),
        (["03/04/2025", "05/06/2025"], {}, date(2025, 4, 3)),
        (["03/04/2025 10:30", "05/06/2025 11:00"], {}, date(2025, 4, 3)),
        (["3/4/25", "5/6/25"], {"date": {"column": "date"}}, date(2025, 4, 3)),
        (["13/04/2025", "14/04/2025"], {"date": {"format": "%m/%d/%Y"}}, date(2025, 4, 13)),
    ],
)
def test_the_cure_of_dates_that_cannot_be_read_reads_them(read, problems, cells: list[str], spec: dict[str, Any], first: date):
    (problem,) = problems(dates(*cells), spec)
    assert problem.code in ("CT2211", "CT2212")
    assert read(dates(*cells), cures(problem)[0]).column("date")[0] == first


@pytest.mark.parametrize(("spec", "bad"), [({}, 4), ({"date": {"format": "excel"}}, 2)])
def test_days_of_excel_among_dates_as_texts_are_read_by_no_format_and_the_page_says_so(read, spec: dict[str, Any], bad: int):
    mixed = dates("2017/4/1", "42826") if bad == 2 else dates("2017/4/1", "2017/4/2", "42826")
    assert read(mixed, spec).rejects == [(bad, "CT3201")]
    page = (Path(custier.__file__).parent / "help" / "CT3201.md").read_text(encoding="utf-8")
    assert "no format reads both" in page and "数据, 分列, 完成" in page


def test_both_readings_of_a_cure_keep_the_header_that_the_rubric_names(read, problems):
    content = dates("03/04/2025").replace("date", "Ordered on")
    (problem,) = problems(content, {"date": "Ordered on"})
    assert [read(content, cure).column("date") for cure in cures(problem)] == [[date(2025, 4, 3)], [date(2025, 3, 4)]]


def test_files_that_prove_different_orders_of_day_and_month_are_refused(problems):
    files = {"eu.csv": dates("13/04/2025", "14/04/2025", "01/02/2025"), "us.csv": dates("04/13/2025", "01/02/2025")}
    (problem,) = problems(files)
    assert (problem.code, problem.where) == ("CT2211", "us.csv") and "%m/%d/%Y" in problem.what and "%d/%m/%Y" in problem.what


@pytest.mark.parametrize("cell", ["2016/8/1 11:05", "11-Feb-17", "20160801", "2016年8月1日 11:05", "2016.8.1"])
def test_usual_forms_need_no_word(read, cell: str):
    assert read(dates(cell)).rejects == []


@pytest.mark.parametrize("also", ["", "2025-01-31 10:00:00"])
def test_days_are_read_alike_however_often_they_stand_and_whatever_stands_beside_them(also: str):
    days = ["2025-01-31", None, " 2025-02-01 ", "2025-01-31", "2025-02-30", "", "2025/1/1", also] * 2
    read = pl.DataFrame({"a": days}).select(quick_dates(pl.col("a")).dt.strftime("%Y-%m-%d %H")).to_series().to_list()
    first, second = "2025-01-31 00", "2025-02-01 00"
    assert read == [first, None, second, first, None, None, None, also[:13] or None] * 2


def test_spaces_around_the_first_dates_change_nothing(read):
    found = read(dates(" 2025-01-31", "2025-02-01 ", "  ", "20250203"))
    assert found.column("date") == [date(2025, 1, 31), date(2025, 2, 1), date(2025, 2, 3)] and found.rejects == [(4, "CT3002")]


def test_a_day_that_stands_for_none_is_blank_in_texts_and_in_typed_columns(read):
    frame = pl.DataFrame({"customer": ["A", "B"], "date": [date(1970, 1, 1), date(2025, 1, 31)], "amount": [1, 2]})
    for content in (frame, frame.with_columns(pl.col("date").cast(pl.Datetime)), dates("1970-01-01", "2025-01-31")):
        found = read(content, {"missing": "1970-01-01"})
        assert found.column("date") == [date(2025, 1, 31)] and [code for _, code in found.rejects] == ["CT3002"]


def test_the_currencies_of_an_export_are_looked_at(read):
    mixed = read("customer,date,amount,Currency\nA,2025-01-31,1,EUR\nB,2025-01-31,1,USD\n").table
    assert mixed.mixed is not None and mixed.mixed.code == "CT3401" and "'EUR'" in mixed.mixed.help
    assert mixed.frame.collect()["other currency "].to_list() == [False, True]
    assert read("customer,date,amount\nA,2025-01-31,1\n").table.mixed is None
