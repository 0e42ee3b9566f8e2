"""Cells → exact numbers and proved dates, or a reason."""

from datetime import date
from pathlib import Path

import pytest

from custier.read import read_source
from custier.rubric.model import Source

HEADER = "customer,date,amount\n"


def amounts(*cells: str) -> str:
    return HEADER + "".join(f'A1,2025-01-31,"{c}"\n' for c in cells)


def dates(*cells: str) -> str:
    return HEADER + "".join(f'A1,"{c}",1\n' for c in cells)


@pytest.mark.parametrize(
    ("cell", "cents"),
    [("10", 1000), ("10.5", 1050), (" +0010.50 ", 1050), ("-.5", -50), ("5.", 500), ("0", 0), ("-0.00", 0),
     ("12.340000000000000000000", 1234),
     ("000000000000000000000000001", 100), ("999999999999999.99", 99999999999999999), ("-999999999999999.99", -99999999999999999)],
)  # fmt: skip
def test_plain_numbers_are_exact(read, cell: str, cents: int):
    assert read(amounts(cell)).column("amount") == [cents]


@pytest.mark.parametrize(
    ("cell", "code"),
    [("1,234.56", "CT3102"), ("￥12", "CT3102"), ("(100)", "CT3102"), ("１２", "CT3102"), ("1.234,56", "CT3102"), ("-", "CT3102"),
     ("N/A", "CT3102"), ("1e3", "CT3102"), (".", "CT3102"), ("1 000", "CT3102"), ("0x10", "CT3102"),
     ("1_000", "CT3102"), ("--1", "CT3102"),
     ("true", "CT3102"),
     ("nan", "CT3103"), ("NaN", "CT3103"), ("-inf", "CT3103"), ("Infinity", "CT3103"), ("1e400", "CT3103"),
     ("12.345", "CT3104"), ("-0.001", "CT3104"), ("12.3400001", "CT3104"),
     ("1000000000000000", "CT3105"), ("9" * 60, "CT3105"), ("", "CT3002"), ("   ", "CT3002"), ("　", "CT3002")],
)  # fmt: skip
def test_what_is_no_plain_number_is_rejected_with_its_reason(read, cell: str, code: str):
    found = read(amounts(cell, "1"))
    assert found.rejects == [(2, code)] and found.column("amount") == [100]
    assert found.cells["raw"].to_list() == [cell if cell.strip() else None] and found.cells["column"].to_list() == ["amount"]


def test_a_number_column_keeps_six_decimals(read):
    found = read("customer,date,amount,score\nA1,2025-01-31,1,4.123456\nA1,2025-01-31,1,4.1234567\n", {"score": {"type": "number"}})
    assert found.column("score") == [4123456] and found.rejects == [(3, "CT3104")]


def test_currencies_without_decimals_hold_whole_numbers(read):
    found = read(amounts("12", "12.0", "12.5"), decimals=0)
    assert found.column("amount") == [12, 12] and found.rejects == [(4, "CT3104")]


@pytest.mark.parametrize(
    "cell",
    ["2025-01-31", "2025/1/31", "2025.01.31", "20250131", "2025年1月31日", "2025-01-31 09:05", "2025/1/31 9:05:00",
     "2025-01-31T09:05:00.250", "20250131090500", "31-Jan-25", "31 jan 2025", " 2025-01-31 "],
)  # fmt: skip
def test_clear_dates_are_read_as_they_are(read, cell: str):
    assert read(dates(cell)).column("date") == [date(2025, 1, 31)]


def test_years_of_two_digits_lie_between_1969_and_2068(read):
    found = read(dates("31-Jan-69", "31-Jan-68"), {"date": "date"}, source="invoices")
    assert found.column("date") == [date(1969, 1, 31), date(2068, 1, 31)]


def test_times_are_kept_to_the_microsecond(read):
    found = read(dates("2025-01-31 09:05:07.25", "1970-01-01"))
    assert found.column("date_us") == [1738314307250000, 0] and found.column("date_day") == [20119, 0]


@pytest.mark.parametrize(
    ("cells", "form", "first"),
    [
        (("03/04/2025", "13/04/2025"), "%d/%m/%Y", date(2025, 4, 3)),
        (("03/04/2025", "04/13/2025"), "%m/%d/%Y", date(2025, 3, 4)),
        (("3/4/25", "4/13/25"), "%m/%d/%y", date(2025, 3, 4)),
        (("03-04-2025", "13-04-2025"), "%d-%m-%Y", date(2025, 4, 3)),
        (("03.04.2025", "04.04.2025"), "%d.%m.%Y", date(2025, 4, 3)),
        (("3/4/2025 1:05 PM", "4/13/2025 11:00 AM"), "%m/%d/%Y %I:%M %p", date(2025, 3, 4)),
        (("1/1/2025", "2/2/2025"), "%d/%m/%Y", date(2025, 1, 1)),
    ],
)
def test_the_whole_column_proves_which_number_is_the_month(read, cells, form, first):
    found = read(dates(*cells))
    assert found.table.formats["date"] == form and found.column("date")[0] == first


def test_a_later_file_can_prove_an_earlier_one(read):
    found = read({"a.csv": dates("03/04/2025"), "b.csv": dates("04/13/2025")})
    assert found.column("date") == [date(2025, 3, 4), date(2025, 4, 13)]


def test_dates_that_fit_two_readings_are_not_guessed(problems):
    (problem,) = problems(dates("03/04/2025", "05/06/2025"))
    assert problem.code == "CT2211" and "2025-04-03" in problem.what and "2025-03-04" in problem.what
    assert "%d/%m/%Y" in problem.help and "%m/%d/%Y" in problem.help


def test_a_declared_format_decides(read):
    found = read(dates("03/04/2025", "13/04/2025"), {"date": {"format": "%m/%d/%Y"}})
    assert found.column("date") == [date(2025, 3, 4)] and found.rejects == [(3, "CT3201")]


def test_a_few_cells_that_are_no_dates_are_rejected(read):
    found = read(dates("04/13/2025", "04/14/2025", "soon", "02/30/2025"))
    assert found.rejects == [(4, "CT3201"), (5, "CT3201")] and found.column("line") == [2, 3]


def test_a_column_that_is_mostly_no_dates_is_an_error(problems):
    assert [p.code for p in problems(dates("soon", "later", "2025-01-31"))] == ["CT2212"]
    assert [p.code for p in problems(dates("2025-01-31"), {"date": {"format": "%d/%m/%Y"}})] == ["CT2212"]


@pytest.mark.parametrize("cell", ["2025-02-30", "2025-13-01", "0000-01-01", "2025-01-31 25:00", "2025-1", "45688", "2025-01-31 13:00 PM"])
def test_a_day_that_is_not_there_is_no_date(read, cell: str):
    assert read(dates("2025-01-31", "2025-02-01", cell)).rejects == [(4, "CT3201")]


def test_times_with_a_zone_are_taken_as_written_and_that_is_said(read):
    found = read(dates("2025-01-31T23:30:00Z"))
    assert found.column("date") == [date(2025, 1, 31)] and len(found.table.warnings) == 1


def test_a_blank_payment_date_is_an_open_invoice(read):
    text = "customerID,DueDate,SettledDate,InvoiceAmount\nA1,2025-01-31,2025-02-03,1\nA1,2026-12-31,,2\n"
    found = read(text, source="invoices", wanted={"customer": True, "date": True, "paid": True, "amount": True})
    assert found.column("paid") == [date(2025, 2, 3), None] and found.rejects == [] and found.column("paid_day")[1] is None


def test_a_column_of_blank_dates_is_all_blank(read):
    found = read("customer,due date,paid\nA1,2025-01-31,\n", source="invoices", wanted={"customer": True, "date": True, "paid": True})
    assert found.column("paid") == [None]


@pytest.mark.parametrize("cell", ["007", "00000000000000000012", "A1 ", "1e5", "张三", "café", "café"])
def test_identifiers_stay_text_as_they_are_but_for_outer_spaces(read, cell: str):
    assert read(f"{HEADER}{cell},2025-01-31,1\n").column("customer_id") == [cell.strip()]


@pytest.mark.parametrize("hidden", ["\0", "\x07", "\x1b[2J", "\u202e", "\u200b", "\x9b", "\ufeff"])
def test_identifiers_with_characters_that_cannot_be_seen_are_rejected(read, hidden: str):
    assert read(f"{HEADER}A{hidden}1,2025-01-31,1\nB2,2025-01-31,1\n").rejects == [(2, "CT3006")]


def test_a_reading_of_dates_that_cells_proved_is_said_and_a_file_that_proves_nothing_is_named(tmp_path: Path) -> None:
    (tmp_path / "eu.csv").write_text("customer_id,date,amount\na,13/04/2025,1.00\n")
    (tmp_path / "us.csv").write_text("customer_id,date,amount\nb,03/05/2025,1.00\n")
    table = read_source(
        "transactions",
        Source(),
        [tmp_path / "eu.csv", tmp_path / "us.csv"],
        wanted={"date": True, "amount": True},
        currency_decimals=2,
        scratch=tmp_path,
    )
    assert table.formats == {"date": "%d/%m/%Y"}
    assert [w for w in table.warnings if "is read as %d/%m/%Y" in w]
    assert [w for w in table.warnings if "us.csv alone" in w] and not [w for w in table.warnings if "eu.csv alone" in w]


MANY = 3_000


@pytest.mark.parametrize("usual", ["2025-01-31", "2025-01-31 10:11:12", "2025/01/31 10:11:12"])
@pytest.mark.parametrize(
    ("odd", "read_as", "form"),
    [
        ("25.02.2025", date(2025, 2, 25), "%d.%m.%Y"),
        ("20250225", date(2025, 2, 25), "year first"),
        ("2025年2月25日", date(2025, 2, 25), "year first"),
    ],
)
def test_a_date_of_another_form_far_down_is_read_as_the_whole_column_proves(read, usual: str, odd: str, read_as: date, form: str):
    found = read("customer,date,amount\n" + f"A1,{usual},1\n" * MANY + f"A1,{odd},1\n" + f"A1,{usual},1\n" * MANY)
    assert found.column("date")[MANY] == read_as and set(found.column("date")) == {date(2025, 1, 31), read_as}
    assert found.table.formats == {"date": form} and found.rejects == []


def test_a_date_far_down_that_fits_two_readings_is_not_guessed(problems):
    (problem,) = problems("customer,date,amount\n" + "A1,2025-01-31,1\n" * MANY + "A1,03/04/2025,1\n")
    assert problem.code == "CT2211" and "03/04/2025" in problem.what


def test_a_column_whose_first_rows_only_are_dates_is_refused(problems):
    assert [p.code for p in problems("customer,date,amount\n" + "A1,2025-01-31,1\n" * 1_000 + "A1,soon,1\n" * 1_500)] == ["CT2212"]


def test_a_date_of_another_form_far_down_counts_for_where_as_any_other(read):
    rows = "A1,2025-01-31,1\n" * MANY + "A1,25.02.2025,1\n"
    found = read(f"客户编号,日期,金额\n{rows}", {"where": "date >= date '2025-02-01'"})
    assert found.column("date") == [date(2025, 2, 25)] and found.excluded == MANY


def test_dates_of_many_files_are_one_column(read):
    files = {f"{n}.csv": f"customer,date,amount\nA1,2025-01-{n + 1:02},1\n" for n in range(20)}
    files |= {"odd.csv": "customer,date,amount\nA1,31/01/2025,1\n"}
    assert read(files).table.formats == {"date": "%d/%m/%Y"}
