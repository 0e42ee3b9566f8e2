"""Workbooks: what Excel shows is what is read, exactly, or it is told why not."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
import polars as pl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from custier.propose.opened import look_into
from custier.read.workbook import open_workbook
from custier.rubric.model import Source

HEADER = ["客户", "日期", "金额"]
JAN = date(2025, 1, 31)
ROW = ["A1", JAN, 10.5]


def workbook(*rows: Sequence[Any], since_1904: bool = False, hidden: Sequence[str] = (), **others: Sequence[Sequence[Any]]) -> bytes:
    """A workbook of a sheet 明细 with these rows, and other sheets."""
    book = openpyxl.Workbook()
    if since_1904:
        book.epoch = CALENDAR_MAC_1904
    book.active.title = "明细"
    for name, cells in {"明细": rows, **others}.items():
        sheet = book[name] if name in book.sheetnames else book.create_sheet(name)
        sheet.sheet_state = "hidden" if name in hidden else "visible"
        for row in cells:
            sheet.append(row)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def old_workbook(*rows: Sequence[Any], since_1904: bool = False) -> bytes:
    """An .xls; dates are cells of numbers with a format of dates."""
    xlwt = pytest.importorskip("xlwt", reason="nothing else writes the workbooks of before 2007")
    book = xlwt.Workbook()
    book.dates_1904 = since_1904
    sheet, dated = book.add_sheet("明细"), xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            sheet.write(i, j, cell, *([dated] if isinstance(cell, date) else []))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def rewritten(content: bytes, member: str, change: Callable[[bytes], bytes]) -> bytes:
    """The same workbook with one of its parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            new.writestr(item.filename, change(old.read(item)) if item.filename == member else old.read(item))
    return out.getvalue()


@pytest.fixture
def found(read):
    """found(row, …) reads a workbook of these rows below the usual header."""
    return lambda *rows, **kwargs: read({"a.xlsx": workbook(HEADER, *rows)}, **kwargs)


@pytest.fixture
def refused(problems):
    """refused(content, spec, name=…) → code, place and cure of the one problem."""

    def told(content: bytes, spec: Any = None, name: str = "a.xlsx") -> tuple[str, str, str]:
        [problem] = problems({name: content}, spec)
        return problem.code, problem.where, problem.help

    return told


def test_a_sheet_is_read_with_the_rows_that_excel_shows(found):
    got = found(ROW, ["B2", datetime.fromisoformat("2025-02-01T13:05:07"), -3])
    assert got.column("customer_id") == ["A1", "B2"] and got.column("line") == [2, 3] and got.column("amount") == [1050, -300]
    assert got.column("date") == [JAN, date(2025, 2, 1)]
    file = got.table.files[0]
    assert (file.format, file.sheet, file.rows, file.encoding, file.separator) == ("xlsx", "明细", 2, None, None)


@pytest.mark.parametrize("name", ["a.xlsx", "a.XLSX", "a.xlsm"])
def test_the_suffix_may_be_of_macros_or_in_capitals(read, name):
    assert read({name: workbook(HEADER, ROW)}).column("amount") == [1050]


def test_old_workbooks_are_read_too(read):
    got = read({"a.xls": old_workbook(HEADER, ["007", JAN, 0.1 + 0.2], [12.0, 45688, 5])})
    assert (
        got.column("customer_id") == ["007", "12"] and got.column("date") == [JAN, date(2025, 1, 31)] and got.column("amount") == [30, 500]
    )


def test_a_workbook_under_the_name_of_the_other_kind_is_read(read):
    assert read({"a.xls": workbook(HEADER, ROW)}).column("amount") == [1050]
    assert read({"a.xlsx": old_workbook(HEADER, ROW)}).column("amount") == [1050]


@pytest.mark.parametrize("cell, customer", [("007", "007"), ("0012", "0012"), ("12345678901234567890", "12345678901234567890"), (17850.0, "17850"), (999_999_999_999_999, "999999999999999"), (" A1 ", "A1")])  # fmt: skip
def test_identifiers_are_what_the_cell_shows(found, cell, customer):
    assert found([cell, JAN, 1]).column("customer_id") == [customer]


def test_texts_and_numbers_may_stand_in_one_column(found):
    got = found(["007", JAN, "12.50"], [7, "2025-01-31", 12.5], [7.0, 45688, "12.345"], ["A1", "31.01.2025", 0.1 + 0.2])
    assert got.column("customer_id") == ["007", "7", "A1"] and got.column("amount") == [1250, 1250, 30] and set(got.column("date")) == {JAN}
    assert got.rejects == [(4, "CT3104")]


@pytest.mark.parametrize("digits", [13_800_138_000_123_456, 1_000_000_000_000_000, -(10**15)])
def test_an_identifier_that_has_lost_digits_is_told_with_its_cell(refused, digits):
    content = workbook(HEADER, ["13800138000123456", JAN, 1], [digits, JAN, 1], [digits, JAN, 1])
    code, where, cure = refused(content)
    assert (code, where) == ("CT2124", "a.xlsx:明细!A3") and "as text" in cure


def test_an_amount_of_many_digits_is_rejected_and_an_identifier_that_nobody_asked_for_does_not_matter(read):
    rows = ([*HEADER, "phone"], ["A1", JAN, 1e20, 13_800_138_000_123_456], ["A2", JAN, 5, None])
    got = read({"a.xlsx": workbook(*rows)})
    assert got.rejects == [(2, "CT3102")] and got.column("amount") == [500]


def test_an_identifier_that_is_no_whole_number_is_rejected(found):
    assert found([17850.5, JAN, 1], [12, JAN, 1], ["x", JAN, 1]).rejects == [(2, "CT3005")]


@pytest.mark.parametrize("cell, minor", [(731.9399999999999, 73194), (99_999_999.99, 9_999_999_999), (0.1 + 0.2, 30), (1e3, 100_000), (-12.5, -1250), (0, 0)])  # fmt: skip
def test_amounts_are_the_decimals_that_are_meant(found, cell, minor):
    assert found(["A", JAN, cell]).column("amount") == [minor]


@pytest.mark.parametrize("cell", [12.345, 12.0001, 0.001])
def test_an_amount_with_more_decimals_is_rejected_not_rounded(found, cell):
    assert found(["A", JAN, cell], ROW).rejects == [(2, "CT3104")]


def test_a_formula_without_a_stored_value_and_an_error_are_blank_not_zero(found):
    got = found(["A", JAN, "=1+1"], ["B", JAN, "#N/A"], ["=A1", JAN, 2], ROW)
    assert [line for line, _ in got.rejects] == [2, 3, 4] and got.column("amount") == [1050]


def test_true_is_no_amount(found):
    assert found(["A", JAN, True], ROW).rejects == [(2, "CT3102")]


@pytest.mark.parametrize("since_1904", [False, True])
def test_dates_are_read_in_both_calendars_whether_shown_as_dates_or_as_numbers(read, since_1904):
    serial = 45688 - (1462 if since_1904 else 0)
    rows = HEADER, ["A", JAN, 1], ["B", serial, 1], ["C", serial + 0.5, 1], ["D", 20250131, 1], ["E", "2025年1月31日", 1]
    got = read({"a.xlsx": workbook(*rows, since_1904=since_1904)})
    assert got.column("date") == [JAN] * 5
    assert got.column("date_us")[2] - got.column("date_us")[1] == timedelta(hours=12) / timedelta(microseconds=1)


def test_dates_of_old_workbooks_are_read_in_both_calendars(read):
    for since_1904, serial in ((False, 45688), (True, 45688 - 1462)):
        got = read({"a.xls": old_workbook(HEADER, ["A", JAN, 1], ["B", serial, 1], since_1904=since_1904)})
        assert got.column("date") == [JAN, JAN]


@pytest.mark.parametrize("cell", [time(5, 6), timedelta(hours=5), 0, 12, 1e9, "next week", True])
def test_what_is_no_day_is_rejected(found, cell):
    assert found(["A", cell, 1], ROW, ROW, ROW).rejects == [(2, "CT3201")]


def test_empty_rows_are_no_rows_and_the_others_keep_their_numbers(found):
    got = found([None, None, None], ["A", JAN, 1], ["  ", "", None], ["B", JAN, 2], *[[None, "", " "]] * 20)
    assert got.column("line") == [3, 5] and got.table.read == 2


def test_a_table_may_stand_anywhere_on_its_sheet(read):
    rows = [[], [], *([None, None, *row, None, "note" if n == 5 else None] for n, row in enumerate([HEADER, ROW, ROW]))]
    assert read({"a.xlsx": workbook(*rows)}).column("line") == [4, 5]


def test_the_header_once_more_among_the_rows_is_rejected_as_such(found):
    got = found(ROW, HEADER, ROW)
    assert got.rejects == [(3, "CT3007")] and got.column("line") == [2, 4] and got.table.read == 3


def test_totals_are_rejected_as_such_or_left_out_where_they_are_declared(found):
    rows = ROW, ["合计", None, 10.5], ["B2", JAN, 3], [None, "Total:", 3], ["Totality", JAN, 1]
    got = found(*rows)
    assert got.rejects == [(3, "CT3020"), (5, "CT3020")] and got.column("line") == [2, 4, 6] and got.table.read == 5
    got = found(*rows, spec={"total_lines": ["合计", "TOTAL"]})
    assert (got.rejects, got.column("line"), got.table.totals, got.table.read) == ([], [2, 4], 3, 5)
    assert found(ROW, ["合计", JAN, 5], spec={"total_lines": []}).column("customer_id") == ["A1", "合计"]


@pytest.mark.parametrize("word", ["TOTAL GÉNÉRAL", "ΣΎΝΟΛΟ", "\u2003total général", "\u200b\ufeffσύνολο\u2003"])
def test_a_declared_total_means_in_a_sheet_what_it_means_in_a_text(found, word: str):
    assert found(ROW, [word, JAN, 10.5], spec={"total_lines": ["Total Général", "Σύνολο"]}).table.totals == 1


@pytest.mark.parametrize("word", ["\u2003Total\u200b", "\ufeff合计", "TOTALS (2)\u2003", "Sub-Total：\u00a0"])
def test_signs_without_ink_around_a_total_make_it_no_row(found, word: str):
    assert found(ROW, [word, JAN, 10.5], ["\u017fubtotal", JAN, 1]).rejects == [(3, "CT3020")]


def test_titles_above_the_header_are_told_and_the_cure_works(read, refused):
    book = openpyxl.load_workbook(io.BytesIO(workbook(["销售明细", None, None], ["客户信息", None, None], HEADER, ROW)))
    book.active.merge_cells("A1:C1")
    content = saved(book)
    code, where, cure = refused(content)
    assert (code, where) == ("CT2201", "a.xlsx:1") and cure.endswith("sources: {transactions: {header_line: 3}}")
    assert read({"a.xlsx": content}, {"header_line": 3}).column("line") == [4]


def test_a_sheet_without_a_header_is_told_and_its_columns_can_be_named(read, refused):
    content = workbook(ROW, ["B2", JAN, 3])
    code, _, cure = refused(content)
    assert code == "CT2201" and cure.endswith("sources: {transactions: {header: [customer, date, amount]}}")
    got = read({"a.xlsx": content}, {"header": ["customer", "date", "amount"]})
    assert got.column("line") == [1, 2] and got.column("amount") == [1050, 300]
    assert refused(content, {"header": ["customer", "date"]})[0] == "CT2109"


def test_of_several_sheets_one_must_be_named(read, refused):
    content = workbook(["说明"], 数据=[HEADER, ROW, ROW], 附表=[["x", "y"], [1, 2]])
    code, _, cure = refused(content)
    assert code == "CT2123" and cure.endswith("sources: {transactions: {sheet: '数据'}}")
    assert read({"a.xlsx": content}, {"sheet": "数据"}).column("line") == [2, 3]
    assert read({"a.xlsx": content}, {"sheet": 2}).column("line") == [2, 3]
    assert refused(content, {"sheet": "无"})[0] == "CT2123"
    assert refused(content, {"sheet": 4})[0] == "CT2123"


def test_a_hidden_sheet_is_read_only_where_it_is_named(read, refused):
    content = workbook(HEADER, ROW, 旧数据=[HEADER, ["old", JAN, 1]], hidden=["旧数据"])
    assert read({"a.xlsx": content}).column("customer_id") == ["A1"]
    assert read({"a.xlsx": content}, {"sheet": "旧数据"}).column("customer_id") == ["old"]
    content = workbook(旧数据=[HEADER, ROW], hidden=["旧数据"])
    assert refused(content)[::2] == ("CT2123", "say which one is meant: sources: {transactions: {sheet: '旧数据'}}")


def test_a_sheet_with_a_quote_in_its_name_is_proposed_as_yaml_takes_it(refused):
    assert refused(workbook(HEADER, ROW, **{"it's": [HEADER, ROW, ROW]}))[2].endswith("{sheet: 'it''s'}}")


@pytest.mark.parametrize("rows", [[], [HEADER], [HEADER, [None, " "]]])
def test_a_workbook_without_rows_is_refused(refused, rows):
    assert refused(workbook(*rows))[0] == "CT2110"


def test_an_empty_file_is_refused(refused):
    assert refused(b"")[0] == "CT2110"


def test_a_single_column_is_no_table(refused):
    assert refused(workbook(["customer"], ["A1"]))[0] == "CT2103"


def test_too_many_columns_are_refused(refused):
    assert refused(workbook([f"c{i}" for i in range(2001)], [1]))[0] == "CT6214"


@pytest.mark.parametrize("content, word", [(b"customer,date,amount\nA1,2025-01-31,10\n", "ends in .csv"), (b"<html><table><tr><td>customer", "save it as"), (b'\xef\xbb\xbf\n<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">', "save it as")])  # fmt: skip
def test_what_only_has_the_name_of_a_workbook_is_named(refused, content, word):
    code, where, cure = refused(content, name="a.xls")
    assert (code, where) == ("CT2120", "a.xls") and word in cure


@pytest.mark.parametrize("member", ["orders.csv", "mimetype", "xl/workbook.bin"])
def test_other_archives_are_no_workbooks(refused, member):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(member, "x")
    assert refused(content.getvalue())[0] == "CT2120"


def test_a_workbook_with_a_password_is_told_as_such(refused):
    container = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000) + "EncryptedPackage".encode("utf-16-le") + bytes(1000)
    assert refused(container)[0] == "CT2121"


def test_a_broken_workbook_is_told_as_such(refused):
    content = workbook(HEADER, *[[f"C{i}", JAN, i] for i in range(500)])
    assert refused(content[: len(content) // 2])[0] == "CT2122"
    assert refused(old_workbook(HEADER, ROW)[:2000], name="a.xls")[0] == "CT2122"
    assert refused(rewritten(content, "xl/worksheets/sheet1.xml", lambda part: part[: len(part) // 2]))[0] == "CT2122"
    at = content.index(b"xl/worksheets/sheet1.xml") + 400
    assert refused(content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :])[0] == "CT2122"


def test_a_workbook_that_unpacks_to_far_more_than_its_size_is_refused(refused):
    bomb = rewritten(
        workbook(HEADER, ROW), "xl/worksheets/sheet1.xml", lambda part: part.replace(b"</sheetData>", b"</sheetData>" + b" " * 20_000_000)
    )
    assert len(bomb) < 100_000 and refused(bomb)[0] == "CT6221"


def test_a_size_that_an_archive_understates_is_found_out(refused):
    content = bytearray(workbook(HEADER, ROW))
    at = content.index(b"PK\x01\x02")
    while content[at + 46 : at + 46 + 24] != b"xl/worksheets/sheet1.xml":
        at = content.index(b"PK\x01\x02", at + 1)
    content[at + 24 : at + 28] = (10).to_bytes(4, "little")
    assert refused(bytes(content))[0] == "CT2122"


FAR = [
    b'<row r="1"><c r="XFD1048576"><v>1</v></c></row>',
    b'<row r="1"><c r="ZZ900000"><v>1</v></c></row>',
    b'<row r="1"><c t="n" r = "B2399999999999999999"><v>1</v></c></row>',
    b"<row r='1'><c r='xfd9'><v>1</v></c></row><row r='900000'><c r='A900000'><v>1</v></c></row>",
    b'<row r="900000">' + b"<c/>" * 200 + b"<c><v>1</v></c></row>",
    b'<row r="1"><c r' + b" " * 400 + b'="XFD1048576"><v>1</v></c></row>',
]


@pytest.mark.parametrize("cells", FAR, ids=range(len(FAR)))
def test_a_sheet_that_reaches_too_far_is_refused_before_it_fills_the_memory(refused, cells):
    content = rewritten(
        workbook(HEADER, ROW), "xl/worksheets/sheet1.xml", lambda part: part.replace(b"</sheetData>", cells + b"</sheetData>")
    )
    assert refused(content)[0] == ("CT2122" if b" " * 40 in cells else "CT6222")


def test_cells_that_do_not_say_where_they_are_follow_one_another(read):
    plain = workbook(HEADER, ROW, ["B2", JAN, 3])
    bare = rewritten(plain, "xl/worksheets/sheet1.xml", lambda part: re.sub(rb' r="[A-Z]+[0-9]+"', b"", part))
    assert read({"a.xlsx": bare}).column("amount") == [1050, 300]


def test_an_old_workbook_whose_sectors_go_in_a_circle_is_refused_before_it_fills_the_memory(refused):
    content = bytearray(old_workbook(HEADER, *[[f"C{i}", JAN, i] for i in range(200)]))
    table = (struct.unpack_from("<I", content, 76)[0] + 1) * 512
    content[table : table + 8] = struct.pack("<II", 1, 0)
    assert refused(bytes(content), name="a.xls")[0] == "CT2122"


def test_an_old_workbook_with_a_cell_beyond_a_sheet_is_refused(refused):
    content = old_workbook(HEADER, ["A1", JAN, 5.251])
    cell = struct.pack("<HHHH", 0x0203, 14, 1, 2)
    assert content.count(cell) == 1
    assert refused(content.replace(cell, struct.pack("<HHHH", 0x0203, 14, 1, 60_000)), name="a.xls")[0] == "CT6222"


def test_a_wide_table_of_few_rows_is_read(read):
    wide = [*HEADER, *(f"c{i}" for i in range(100))]
    assert read({"a.xlsx": workbook(wide, [*ROW, *range(100)])}).column("amount") == [1050]


def test_workbooks_and_texts_are_one_table(read):
    got = read(
        {"a.xlsx": workbook(HEADER, ROW), "b.csv": "客户,日期,金额\nB2,2025-02-01,3\n", "c.xls": old_workbook(HEADER, [3, 45688, 1])}
    )
    assert got.column("customer_id") == ["A1", "B2", "3"] and got.column("date") == [JAN, date(2025, 2, 1), JAN]


def test_formulas_and_conditions_take_the_numbers_of_a_workbook(read):
    rows = (
        ["客户", "日期", "qty", "price", "Status"],
        ["A", JAN, 3, 731.9399999999999, "ok"],
        ["B", JAN, "2", 0.5, "no"],
        ["C", JAN, 2, "0.25", 7],
    )
    spec = {"amount": {"formula": "qty * price"}, "where": "Status <> 'no'"}
    got = read({"a.xlsx": workbook(*rows)}, spec)
    assert got.column("amount") == [219582, 50] and got.excluded == 1


def test_the_same_table_is_read_from_a_workbook_and_from_parquet(read):
    amounts = [0.1 * i for i in range(300)] + [1 / 3, 12.345, 1e14, 99_999_999.99]
    frame = pl.DataFrame({"客户": [f"C{i % 7}" for i in range(len(amounts))], "日期": [JAN] * len(amounts), "金额": amounts})
    parquet, excel = read({"a.parquet": frame}), read({"a.xlsx": workbook(HEADER, *frame.iter_rows())})
    assert parquet.column("amount") == excel.column("amount") and len(parquet.rejects) == len(excel.rejects) > 0


def test_who_looks_into_a_workbook_sees_its_numbers_too(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(workbook(HEADER, ["A1", JAN, 731.9399999999999], [7, "2025-02-01", "x"], [None, None, 0.1 + 0.2]))
    opened = look_into([open_workbook("transactions", tmp_path / "a.xlsx", "a.xlsx", tmp_path, Source())])
    assert (opened.rows, opened.filled) == (3, (2, 2, 3))
    assert opened.sample.rows() == [("A1", "2025-01-31 00:00:00", "731.94"), ("7", "2025-02-01", "x"), (None, None, "0.3")]
