"""Separators, quotes and lines that are no rows."""

import gzip
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custier.read.separators import cells
from custier.read.totals import first_filled, totals_of

HEADER = "customer,date,amount,category\n"
GOOD = "A1,2025-01-31,10.50,food\n"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found_in_the_header(read, separator: str):
    found = read((HEADER + GOOD).replace(",", separator))
    assert found.column("amount") == [1050] and found.table.files[0].separator == separator


def test_columns_between_runs_of_spaces_are_read(read):
    found = read(" customer  date     amount\r\n 00001 19970101   11.77\r\n 00002 19970112 5.00\r\n")
    assert found.column("customer_id") == ["00001", "00002"] and found.column("line") == [2, 3]
    assert found.table.files[0].separator == "whitespace"


def test_between_spaces_a_quote_is_a_character(read):
    assert read('customer date amount\n5"A 2025-01-31 1\n').column("customer_id") == ['5"A']


def test_an_export_of_one_column_is_refused(problems):
    assert [p.code for p in problems("customer\nA1\n")] == ["CT2103"]


def test_an_open_quote_in_the_header_is_refused(problems):
    assert [p.code for p in problems('"customer,date,amount\nA1,2025-01-31,1\n')] == ["CT2105"]


def test_too_many_columns_are_refused(problems):
    assert [p.code for p in problems(",".join(f"c{i}" for i in range(2001)) + "\n")] == ["CT6214"]


@pytest.mark.parametrize("row", ["A1,2025-01-31,5", "A1,2025-01-31,5,food,more", "garbage"])
def test_a_row_of_another_width_is_rejected_with_its_line(read, row: str):
    found = read(f"{HEADER}{GOOD}{row}\n{GOOD}")
    assert found.rejects == [(3, "CT3001")] and found.column("line") == [2, 4]
    assert found.cells["raw"].to_list() == [row] and found.table.read == 3


def test_a_short_and_a_long_row_do_not_make_up_for_each_other(read):
    found = read(f"{HEADER}{GOOD}A1,2025-01-31,5\nA1,2025-01-31,5,food,more\n")
    assert found.rejects == [(3, "CT3001"), (4, "CT3001")]


def test_a_row_at_a_chunk_border_is_counted_once(read, monkeypatch: pytest.MonkeyPatch):
    from custier.read import scan

    for size in range(1, 40):
        monkeypatch.setattr(scan, "CHUNK_BYTES", size)
        assert read(f"{HEADER}{GOOD}{GOOD}short\n{GOOD}").rejects == [(4, "CT3001")]


def test_odd_lines_keep_their_numbers_whatever_lies_between_them(read, monkeypatch: pytest.MonkeyPatch):
    from custier.read import scan

    for size in (1, 2, 7, 30, 31, 32, 33, 100, 1000):
        monkeypatch.setattr(scan, "CHUNK_BYTES", size)
        found = read(f"{HEADER}{GOOD}{GOOD}{HEADER}{GOOD}\u3000合计,,9,\n{HEADER}{GOOD}")
        assert found.rejects == [(4, "CT3007"), (6, "CT3020"), (7, "CT3007")] and found.column("line") == [2, 3, 5, 8]


@pytest.mark.parametrize("rows", [2, 50_000])
def test_a_long_line_that_makes_up_for_a_short_one_is_not_read_quickly(read, rows: int):
    short, long = "A1,2025-01-31,5", "A1,2025-01-31,5,food,more"
    for first, second in ((short, long), (long, short)):
        found = read(f"{HEADER}{GOOD * rows}{first}\n{GOOD * rows}{second}\n{GOOD}")
        assert found.rejects == [(rows + 2, "CT3001"), (2 * rows + 3, "CT3001")] and found.table.read == 2 * rows + 3
        assert found.cells["raw"].to_list() == [first, second]


@pytest.mark.parametrize("wanted", [{"customer": True, "date": True, "amount": True}, {"customer": True}])
def test_a_line_that_is_too_long_is_seen_though_its_last_columns_are_not_wanted(read, wanted):
    assert read(f"{HEADER}{GOOD}A1,2025-01-31,5\nA1,2025-01-31,5,food,more\n", wanted=wanted).rejects == [(3, "CT3001"), (4, "CT3001")]


@pytest.mark.parametrize("again", [HEADER, HEADER.replace(",", '","').replace("customer", '"customer').replace("category", 'category"')])
def test_a_header_repeated_far_down_is_told_as_such(read, again: str):
    found = read(f"{HEADER}{GOOD * 30_000}{again}{GOOD * 10}")
    assert found.rejects == [(30_002, "CT3007")] and found.table.read == 30_011


def test_a_row_with_a_line_end_in_a_quote_is_not_read_quickly_where_the_separators_add_up(read):
    found = read(f'{HEADER}"A\n1",2025-01-31,1,x\n{GOOD}')
    assert found.table.frame.collect()["line"].to_list() == [2, 4] and found.rejects == [(2, "CT3006")]
    found = read(f'{HEADER}{GOOD}A1,2025-01-31,1,"a,b,c,\nd"\n{GOOD}')
    assert found.column("line") == [2, 3, 5] and found.column("category")[1] == "a,b,c,\nd"


def test_blank_lines_are_no_rows_and_count_as_lines(read):
    found = read(f"\n{HEADER}\n{GOOD}   \n\r\n{GOOD}\n")
    assert found.column("line") == [4, 7] and found.table.read == 2


def test_a_row_of_blank_cells_is_a_row(read):
    assert read(f"{HEADER}{GOOD},,,\n").rejects == [(3, "CT3002")] * 3


def test_quoted_cells_may_hold_separators_quotes_and_line_ends(read):
    found = read(f'{HEADER}"A,1",2025-01-31,1,"say ""hi"""\nB2,2025-01-31,2,"two\r\nlines"\nC3,2025-01-31,3,x\n')
    assert found.column("customer_id") == ["A,1", "B2", "C3"] and found.column("line") == [2, 3, 5]
    assert found.column("category") == ['say "hi"', "two\nlines", "x"]


def test_a_wholly_quoted_export_is_read(read):
    quoted = "".join('"' + line.replace(",", '","') + '"\n' for line in (HEADER + GOOD * 2).splitlines())
    found = read(quoted)
    assert found.column("line") == [2, 3] and found.column("amount") == [1050, 1050]


def test_a_quote_within_a_cell_is_a_character(read):
    assert read(f'{HEADER}A1,2025-01-31,1,5" pipe\n').column("category") == ['5" pipe']


@pytest.mark.parametrize("stray", ['"A9,2025-01-31,1,food', 'A9,2025-01-31,1,"food', 'A9,"2025-01-31,1,food', '"A"9,2025-01-31,1,food'])
def test_a_stray_quote_takes_one_line_and_not_those_below(read, stray: str):
    found = read(f"{HEADER}{GOOD}{stray}\n{GOOD * 80}")
    assert found.rejects == [(3, "CT3003")] and found.table.read == 82 and len(found.good) == 81


@pytest.mark.parametrize("between", [0, 1, 30])
def test_two_stray_quotes_do_not_swallow_the_rows_between_them(read, between: int):
    found = read(f'{HEADER}A8,2025-01-31,1,"food\n{GOOD * between}A9,2025-01-31,1,food"\n{GOOD}')
    assert found.rejects[0] == (2, "CT3003") and found.table.read == between + 3 and len(found.good) >= between + 1


def test_an_open_quote_at_the_end_of_the_file_is_rejected(read):
    assert read(f'{HEADER}{GOOD}A1,2025-01-31,1,"food\n').rejects == [(3, "CT3003")]


@pytest.mark.parametrize(
    "end",
    ["A", "A1,2025-01-31", "A1,2025-01-31,1", 'A1,2025-01-31,1,"fo', '"A1,2025-01', 'A1,2025-01-31,1,"two\nli', '"A1",2025-01-31,"1"'],
)
@pytest.mark.parametrize("quoted", ["", '"Q,1",2025-01-31,1,x\n'])
def test_a_file_that_ends_within_a_record_is_cut_off(problems, end: str, quoted: str):
    text = f"{HEADER}{quoted}{GOOD}{end}"
    (problem,) = problems(text)
    assert (problem.code, problem.where) == ("CT2008", f"a.csv:{text.count(chr(10)) + 1}")
    (problem,) = problems({"b.csv.gz": gzip.compress(text.encode())})
    assert problem.code == "CT2008"


def test_every_file_that_is_cut_off_is_told(problems):
    found = problems({"a.csv": f"{HEADER}{GOOD}A", "b.csv": HEADER + GOOD, "c.csv": f"{HEADER}{GOOD}C"})
    assert [(p.code, p.where) for p in found] == [("CT2008", "a.csv:3"), ("CT2008", "c.csv:3")]


@pytest.mark.parametrize("end", ["A1,2025-01-31,5,food,more", '"A"9,2025-01-31,1,food', "A1,2025-01-31,5\n", "A1,2025-01-31,5\r\n"])
def test_a_last_line_that_is_no_row_but_not_cut_off_is_rejected_alone(read, end: str):
    assert [line for line, _ in read(f"{HEADER}{GOOD}{end}").rejects] == [3]


@pytest.mark.parametrize("end", ["A1,2025-01-31,5,", '"A1",2025-01-31,5,"f"', "   ", GOOD.rstrip()])
def test_a_last_line_that_is_whole_or_blank_needs_no_line_end(read, end: str):
    assert read(f"{HEADER}{GOOD}{end}").rejects == []


def test_a_file_whose_line_ends_are_returns_is_cut_off_too(problems):
    assert [p.where for p in problems(f"{HEADER}{GOOD}A1".replace("\n", "\r"))] == ["a.csv:3"]


@pytest.mark.parametrize("title", ["2025年9月销售明细", "Sales report September 2025", "销售明细,,,", "\nSales\nfrom the shop"])
def test_a_title_above_the_header_is_told_as_such(problems, title: str):
    (problem,) = problems(f"{title}\n{HEADER}{GOOD}")
    line = title.count("\n") + 2
    assert problem.code == "CT2201" and "title above the header" in problem.what and f"line {line}" in problem.help


@pytest.mark.parametrize("separator", [",", ";"])
def test_rows_without_a_header_are_told_as_such_and_not_shown(problems, separator: str):
    (problem,) = problems((GOOD * 2).replace(",", separator), {"amount": {"formula": "qty * 2"}})
    assert problem.code == "CT2201" and "not like a header" in problem.what
    assert not any(cell in problem.what + problem.help for cell in ("A1", "2025-01-31", "10.50", "food"))


SECRETS = [
    "王小明,5-Jan-2025,门店A,微信",
    "王小明,Jan 5 2025,门店A,微信",
    "王小明,2025年1月5日,门店A,微信",
    "王小明,138-0000-0000,门店A,微信",
    "王小明,+86 13800000000,门店A,微信",
    "王小明,1 000.00,门店A,微信",
    "王小明,¥1000.5,门店A,微信",
    "王小明,wang@example.com,门店A,微信",
]


@pytest.mark.parametrize("row", SECRETS)
@pytest.mark.parametrize("above", [0, 2])
def test_a_row_taken_for_the_header_is_not_shown_though_the_rubric_points_at_it(problems, row: str, above: int):
    text = f"{HEADER}{GOOD}" * (above // 2) + f"{row}\n" * 3
    for problem in problems(text, {"header_line": above + 1} if above else {}):
        assert problem.code == "CT2201" and "looks like a row" in problem.what
        assert not any(cell in problem.what + problem.help for cell in row.split(","))
        assert "header: [" in problem.help


def test_a_header_that_looks_like_a_number_is_not_shown_among_the_others(problems):
    (problem,) = problems("customer,date,note,kind,place,4711\nA1,2025-01-31,x,y,z,1\n")
    assert "the headers are customer, date, note, kind, place" in problem.what and "4711" not in problem.what


@pytest.mark.parametrize("header", ["customer,Jan 2025,2023-2024,2024,5月", "客户,地址1,2024年1月,may_orders,Q1"])
def test_a_header_of_months_and_years_is_shown(problems, header: str):
    assert f"the headers are {header.replace(',', ', ')}" in problems(f"{header}\nA1,1,2,3,4\n")[0].what


def test_a_header_of_years_or_with_commas_in_the_rows_below_is_a_header(problems):
    (problem,) = problems("customer;date;2023;2024\nA1;2025-01-31;1,5;2,5\n")
    assert "the headers are customer, date, 2023, 2024" in problem.what


def test_a_quoted_row_of_another_width_is_rejected(read):
    assert read(f'{HEADER}{GOOD}"A1",2025-01-31,5\n').rejects == [(3, "CT3001")]


def test_a_header_repeated_among_the_rows_is_told_as_such(read):
    found = read(f"{HEADER}{GOOD}{HEADER}{GOOD}")
    assert found.rejects == [(3, "CT3007")] and found.column("line") == [2, 4]


def test_a_header_twice_matters_only_where_it_is_needed(read, problems):
    assert read("customer,date,amount,x,x\nA1,2025-01-31,1,2,3\n").column("amount") == [100]
    assert [p.code for p in problems("customer,date,amount,amount\nA1,2025-01-31,1,2\n")] == ["CT2104"]


@pytest.mark.parametrize("name", ["a b.csv", "[1]*?.csv", "-x.csv", "订单.csv", "two\nlines.csv"])
def test_odd_file_names_are_read_as_they_are(read, name: str):
    assert read({name: HEADER + GOOD}).good["file"].to_list() == [name]


def test_a_comment_sign_starts_no_comment(read):
    assert read(f"{HEADER}#1,2025-01-31,1,x\n").column("customer_id") == ["#1"]


def test_an_empty_field_too_many_at_the_very_end_does_not_make_up_for_a_short_line(read):
    found = read(f"{HEADER}{GOOD}A2,2025-01-31,5\n{GOOD.rstrip()},")
    assert found.rejects == [(3, "CT3001"), (4, "CT3001")]


@pytest.mark.parametrize("header", ["\ufeff" + HEADER, ",".join(f'" {name} "' for name in HEADER.strip().split(",")) + "\n"])
def test_a_header_is_found_among_the_rows_whatever_stands_before_the_first(read, header: str):
    assert read(f"{header}{GOOD}{HEADER}{GOOD}").rejects == [(3, "CT3007")]


@pytest.mark.parametrize("separator", [":", "^", "~", "|", "tab", "whitespace"])
def test_a_declared_separator_cuts(read, separator: str):
    sign = {"tab": "\t", "whitespace": " "}.get(separator, separator)
    assert read((HEADER + GOOD).replace(",", sign), {"separator": separator}).column("amount") == [1050]


def test_a_wrong_declared_separator_is_refused_with_both_named(read, problems):
    text = (HEADER + GOOD * 3).replace(",", ";")
    (problem,) = problems(text, {"separator": ","})
    assert problem.code == "CT2103" and '","' in problem.what and '";"' in problem.what
    assert problem.help == 'sources: {transactions: {separator: ";"}}' and read(text, {"separator": ";"}).table.read == 3


def test_the_separator_is_the_one_that_cuts_the_lines_below_alike(read):
    text = 'customer|date|amount|bought in shops a, b, c, d, e\nA1|2025-01-31|10.50|food\n"B|2"|2025-02-01|3|x\n'
    assert read(text).column("amount") == [1050, 300]


@pytest.mark.parametrize("quoted", [False, True])
def test_titles_above_the_header_are_passed_over_once_its_line_is_declared(read, problems, quoted: bool):
    last = '"A,1",2025-01-31,1,x\n' if quoted else "A2,2025-01-31,1,x\n"
    text = f"2025年9月销售明细\n打印,人:\n{HEADER}{GOOD}{last}"
    (problem,) = problems(text)
    assert problem.help.endswith("sources: {transactions: {header_line: 3}}")
    found = read(text, {"header_line": 3})
    assert found.column("line") == [4, 5] and found.table.read == 2


def test_a_line_far_below_the_end_holds_no_header(problems):
    assert [p.code for p in problems(HEADER + GOOD, {"header_line": 9})] == ["CT2110"]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("row", ["7,A1,2025-01-31,3,10.50\n", '7,"A,1",20250131,3,10.50\n'])
def test_a_file_without_a_header_is_read_once_its_columns_are_named(read, problems, mark: str, row: str):
    (problem,) = problems(mark + row * 3)
    assert problem.code == "CT2201" and problem.help.endswith(
        "sources: {transactions: {header: [customer, column 2, date, column 4, amount]}}"
    )
    found = read(mark + row * 3, {"header": ["number", "customer", "date", "pieces", "amount"]})
    assert found.column("line") == [1, 2, 3] and found.column("amount") == [1050] * 3 and found.column("customer_id")[0] in ("A1", "A,1")


def test_rows_without_a_header_may_begin_below_titles(read):
    found = read(f"Sales,\n\n{GOOD}{GOOD}", {"header": ["customer", "date", "amount", "category"], "header_line": 3})
    assert found.column("line") == [3, 4] and found.table.read == 2


def test_a_header_that_is_there_though_it_was_named_is_no_row(read):
    found = read(HEADER + GOOD, {"header": HEADER.strip().split(",")})
    assert found.rejects == [(1, "CT3007")] and found.column("line") == [2]


@pytest.mark.parametrize("names", [["customer", "date", "amount"], ["customer", "date", "amount", "category", "more"]])
def test_too_few_or_too_many_names_of_columns_are_refused(read, problems, names: list[str]):
    (problem,) = problems(GOOD * 2, {"header": names})
    assert problem.code == "CT2109" and f"names {len(names)} columns" in problem.what and "has 4 cells" in problem.what
    assert problem.help.endswith(f"header: [{', '.join([*names, 'column 4'][:4])}]}}}}")


def test_rows_that_all_end_in_a_separator_have_a_blank_column_more(read):
    found = read(HEADER + GOOD.replace("\n", ",\n") * 3 + "A1,2025-01-31,1,food,more\nA1,2025-01-31,1,food\n")
    assert found.column("line") == [2, 3, 4, 5] and found.rejects == [(6, "CT3001")]
    assert read(HEADER.replace("\n", ",\n") + GOOD * 3).column("line") == [2, 3, 4]


TOTALS = [
    "合计,,30.50,",
    ",合计：,30.50,",
    " ,总计（元）,30.50",
    '"TOTAL",2025-01-31,30.50,x',
    "Grand total:,,,,30.50,",
    "小计",
    "　小计 ,,,",
]


@pytest.mark.parametrize("total", TOTALS)
@pytest.mark.parametrize("quoted", ["", '"Q,1",2025-01-31,1,x\n'])
def test_a_line_that_is_a_total_is_rejected_as_such(read, total: str, quoted: str):
    found = read(f"{HEADER}{quoted}{GOOD * 3}{total}\n{GOOD}")
    assert found.rejects == [(5 + bool(quoted), "CT3020")] and len(found.good) == 4 + bool(quoted) and found.table.read == 5 + bool(quoted)


@pytest.mark.parametrize("total", TOTALS)
@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
def test_declared_totals_are_left_out_and_counted(read, total: str, end: str):
    found = read(f"{HEADER}{GOOD * 3}{total}{end}", {"total_lines": ["合计", "Total", "grand", "小计", "总计"]})
    assert found.rejects == [] and found.table.totals == 1 and found.table.read == 4 and len(found.good) == 3


WORDS = ["合计", "Total", "　小计 ", "GRAND TOTAL：", "总计（元）", "\u2003total\u200b", "\ufeff共计\x0b", "subtotals (2 rows)"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", " "])
@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize(
    "spec", [{}, {"total_lines": ["合计", "小计", "总计", "共计", "total", "GRAND", "Sub"]}], ids=["usual", "declared"]
)
def test_a_total_with_a_date_and_an_amount_is_no_row_whatever_separates_it(read, separator: str, word: str, spec: dict[str, list[str]]):
    word = "合计" if separator == " " else word
    text = f"{HEADER}{GOOD * 3}{word},2025-01-31,30.50,x\n{GOOD}".replace(",", separator)
    found = read(text, {**spec, **({"separator": "whitespace"} if separator == " " else {})})
    assert found.column("line") == [2, 3, 4, 6] and found.rejects == ([] if spec else [(5, "CT3020")]) and found.table.read == 5


@given(
    st.sampled_from(",;\t|^"),
    st.lists(st.text(" \t\u00a0\u2003\u200b\ufeff\u3000", max_size=2), min_size=1, max_size=3),
    st.sampled_from(["合计", "TOTAL", "Sub-Total", "总合计", "TOTAL GÉNÉRAL", "ΣΎΝΟΛΟ", "итого"]),
    st.sampled_from(["", ":", " ：", "\t", "（2）", " (2 rows) ", "\u2003"]),
    st.sampled_from([None, ["total général", "Σύνολο", "ИТОГО"]]),
    st.sampled_from(["", '"']),
)
def test_every_line_that_begins_with_a_total_is_looked_at(
    separator: str, before: list[str], word: str, after: str, words: list[str] | None, quote: str
):
    blanks = [blank.replace(separator, "") for blank in before]
    line = separator.join([*blanks[1:], f"{quote}{blanks[0]}{word}{after.replace(separator, '')}{quote}", "2025-01-31", "9"])
    totals = totals_of(words)
    is_total = totals.finds().match(first_filled(cells(line, separator))) is not None
    assert is_total is (word in (("合计", "TOTAL", "Sub-Total", "总合计") if words is None else ("TOTAL GÉNÉRAL", "ΣΎΝΟΛΟ", "итого")))
    if is_total:
        assert re.match(totals.begins_line(separator), line.encode()) and line.encode()[0] in totals.first_bytes(separator)


@pytest.mark.parametrize("word", ["TOTAL GÉNÉRAL", "total général", "ΣΎΝΟΛΟ", "σύνολος"])
def test_declared_totals_ignore_the_case_of_every_letter(read, word: str):
    found = read(f"{HEADER}{GOOD * 3}{word},2025-01-31,30.50,x\n", {"total_lines": ["Total Général", "Σύνολο"]})
    assert len(found.good) == 3 and found.table.totals == 1


@pytest.mark.parametrize("name", ["Total Energies", "Totally", "合计科技有限公司", "小计算机店", "Sum"])
def test_a_customer_whose_name_only_begins_like_a_total_is_a_customer(read, name: str):
    assert read(f"{HEADER}{name},2025-01-31,1,x\n").column("customer_id") == [name]


def test_where_nothing_is_a_total_a_customer_may_have_its_name(read):
    assert read(f"{HEADER}Total,2025-01-31,1,x\n", {"total_lines": []}).column("customer_id") == ["Total"]


def test_a_total_within_the_rows_is_none_where_another_cell_comes_first(read):
    assert read(f"{HEADER}A1,2025-01-31,1,合计\n").rejects == []


@pytest.mark.parametrize("length", [1 << 16, (1 << 16) + 1])
@pytest.mark.parametrize("quote", ["", '"'])
def test_a_cell_of_more_than_64_kib_is_refused_at_its_line(read, problems, length: int, quote: str):
    text = f"{HEADER}{GOOD * 30_000}A1,2025-01-31,1,{quote}{'x' * length}{quote}\n{GOOD * 30_000}"
    if length == 1 << 16:
        assert read(text).table.read == 60_001
    else:
        assert [(p.code, p.where) for p in problems(text)] == [("CT6215", "a.csv:30002")]


def test_a_long_line_of_short_cells_is_no_long_cell(read):
    names = [f"c{n}" for n in range(1500)]
    found = read(f"customer,date,amount,{','.join(names)}\nA1,2025-01-31,1,{','.join('x' * 60 for _ in names)}\n")
    assert found.column("amount") == [100]


@pytest.mark.parametrize("lines", [49, 50, 51, 80])
def test_a_quoted_cell_of_many_lines_is_read_up_to_the_limit_and_rejected_where_it_opened_beyond(read, lines: int):
    found = read(f'{HEADER}{GOOD}A2,2025-01-31,1,"{chr(10).join("abc" for _ in range(lines))}"\n{GOOD}')
    if lines <= 50:
        assert found.column("line") == [2, 3, 3 + lines] and found.rejects == []
    else:
        assert found.column("line") == [2, 3 + lines] and found.rejects[0] == (3, "CT3003")
    assert found.table.read == len(found.good) + len(found.table.malformed)


@pytest.mark.parametrize("rows", [1, 30_000])
def test_exports_with_marks_put_one_after_the_other_repeat_their_header(read, rows: int):
    found = read(f"\ufeff{HEADER}{GOOD * rows}\ufeff{HEADER}{GOOD}")
    assert found.rejects == [(rows + 2, "CT3007")] and len(found.good) == rows + 1


def test_a_mark_at_the_first_row_is_no_mark(read):
    assert read(f"{HEADER}\ufeff{GOOD}{GOOD}").rejects == [(2, "CT3006")]
