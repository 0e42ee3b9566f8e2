"""`custier init`: from exports that nobody described to published tiers, reading nothing but what the screen says."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter

from custier.rubric.load import load_rubric

ZH = ("客户编号", "下单日期", "订单号", "金额")


def published(folder: Path) -> list[Path]:
    return list(folder.glob("custier-store/*/CURRENT"))


def test_the_commands_that_init_ends_with_check_and_publish(custier: Any, export: Any, rows: Any, tmp_path: Path) -> None:
    export("sales.csv", rows())
    started = custier("init sales.csv")
    assert (started.exit_code, started.err) == (0, "")
    check, classify, *_ = started.commands
    assert check == "custier rubric check my-annual-spend.yaml"
    checked = custier(check)
    assert checked.exit_code == 0 and "warning" not in checked.err
    assert custier(classify).exit_code == 0 and len(published(tmp_path)) == 1


def test_a_newcomer_gets_from_a_gbk_export_with_chinese_headers_to_published_tiers_by_the_hints_alone(
    custier: Any, export: Any, rows: Any, tmp_path: Path
) -> None:
    export("销售.csv", rows(ZH, date="{y}/{m}/{d}", amount="{:,.2f}"), encoding="gbk")
    started = custier("init 销售.csv --lang zh")
    assert started.exit_code == 0, started.err
    for line in started.commands[:2]:
        assert custier(line).exit_code == 0
    assert len(published(tmp_path)) == 1
    said = (tmp_path / "my-annual-spend.yaml").read_text(encoding="utf-8")
    assert "常用表头" in said and "numbers: {thousands:" in said
    labels = pl.read_csv(next(tmp_path.glob("custier-store/*/runs/*/labels.csv")))
    assert labels.filter(customer_id="C0000")["spend"].item() == 1_200_000 and len(labels) == 12


def test_a_dirty_gbk_export_needs_no_yaml_by_hand(custier: Any, export: Any, rows: Any, tmp_path: Path) -> None:
    table = rows((*ZH[:3], "金额(万元)"), amount="{:,.4f}")
    mixed = [[c, day.replace("-0", "-").replace("-", "/") if n % 2 else day, *rest] for n, (c, day, *rest) in enumerate(table)]
    export("销售.csv", mixed, encoding="gbk", above=["销售明细表 2025", "制表：财务部"], below=['合计,,,"1,234,567.0000"'])
    started = custier("init 销售.csv --lang zh")
    assert started.exit_code == 0, started.err
    assert [custier(line).exit_code for line in started.commands[:2]] == [0, 0]
    text = (tmp_path / "my-annual-spend.yaml").read_text(encoding="utf-8")
    assert "header_line: 3 " in text and "total_lines: [合计] " in text and "unit: 万元" in text
    labels = pl.read_csv(next(tmp_path.glob("custier-store/*/runs/*/labels.csv")))
    assert labels.filter(customer_id="C0000")["spend"].item() == 12_000_000_000 and len(labels) == 12


def test_rows_of_nobody_are_excluded_with_their_count(custier: Any, export: Any, rows: Any, tmp_path: Path) -> None:
    nobody = [["", "2025-03-01", "N1", "7.00"], ["散客", "2025-03-01", "N2", "7.00"], ["散客", "2025-03-02", "N3", "7.00"]]
    export("sales.csv", [*rows(), *nobody])
    started = custier("init sales.csv")
    assert started.exit_code == 0, started.err
    assert "# rows of nobody: 1 without a customer; `散客` 2" in (tmp_path / "my-annual-spend.yaml").read_text(encoding="utf-8")
    assert custier(started.commands[1]).exit_code == 0
    labels = pl.read_csv(next(tmp_path.glob("custier-store/*/runs/*/labels.csv")))
    assert len(labels) == 12 and "散客" not in labels["customer_id"].to_list()


def with_merged_cells(rows: Any, columns: int) -> list[list[str]]:
    """Sales of which every second has its first cells blank, as cells that were merged are."""
    return [[*([""] * columns), *row[columns:]] if n and n % 2 == 0 else row for n, row in enumerate(rows())]


@pytest.mark.parametrize("columns", [1, 3])
def test_merged_cells_are_never_left_out_unless_somebody_says_so(
    custier: Any, export: Any, rows: Any, tmp_path: Path, columns: int
) -> None:
    export("sales.csv", with_merged_cells(rows, columns))
    refused = custier("init sales.csv")
    assert refused.exit_code == 4 and not list(tmp_path.glob("*.yaml"))
    assert "CT2233" in refused.err and "`customer_id` is blank in 30 of 60 rows (50.0%)" in refused.err
    assert "help: fill these cells down in the export" in refused.err
    assert refused.commands == ["custier init sales.csv --no-customer exclude"]
    assert custier("init sales.csv --no-customer exclude").exit_code == 0
    assert "no_customer: exclude " in (tmp_path / "my-annual-spend.yaml").read_text()
    assert custier("init sales.csv --no-customer reject --force").exit_code == 1
    assert custier("init sales.csv --no-customer maybe").exit_code == 2


def test_merged_cells_are_not_left_out_by_the_hint_of_another_question(custier: Any, export: Any, rows: Any) -> None:
    table = with_merged_cells(lambda: rows(date="{d:02}/{m:02}/{y}"), 1)
    export("sales.csv", [[*row[:1], "03/04/2025" if n else "date", *row[2:]] for n, row in enumerate(table)])
    refused = custier("init sales.csv")
    dates, blank = (line for line in refused.err.splitlines() if line.startswith("help: "))
    assert "--date-format" in dates and "--no-customer" not in dates
    assert "--date-format" in blank and "--no-customer exclude" in blank


def test_merged_cells_of_another_table_fail_the_trial(custier: Any, export: Any, rows: Any) -> None:
    export("sales.csv", rows())
    bills = [
        ["customer", "due date", "paid", "amount"],
        *([f"C{n:04}" if n % 2 else "", "2025-05-01", "2025-05-09", "5"] for n in range(12)),
    ]
    export("bills.csv", bills)
    failed = custier("init sales.csv --source invoices=bills.csv")
    assert failed.exit_code == 1 and "CT3002 (`customer`) 6 times" in failed.err
    assert "fill the blank customers down" in failed.err and "exclude" not in failed.err


ERP = ("单据编号", "往来单位编码", "往来单位名称", "单据日期", "价税合计", "不含税金额")


def erp(table: list[list[str]]) -> list[list[str]]:
    """Sales as systems of accounts export them, with two rows to a document."""
    rows = [[f"XS{n // 2:05}", c, f"客户{c}", day, amount, amount] for n, (c, day, _, amount) in enumerate(table[1:])]
    return [list(ERP), *rows]


def test_the_partner_of_a_document_is_the_customer_and_its_number_is_not(custier: Any, export: Any, rows: Any, tmp_path: Path) -> None:
    export("sales.csv", erp(rows(customer="{:04}")))
    refused = custier("init sales.csv --out r.yaml")
    assert refused.exit_code == 4 and "several headers may be the column `amount`: 价税合计, 不含税金额" in refused.err
    assert custier(refused.commands[0]).exit_code == 0
    columns = load_rubric(tmp_path / "r.yaml").rubric.sources["transactions"].columns
    assert {name: c.header for name, c in columns.items()} == {
        "customer": ["往来单位编码"],
        "date": ["单据日期"],
        "amount": ["价税合计"],
        "order": ["单据编号"],
    }


def test_the_number_of_a_document_is_never_offered_as_the_customer(custier: Any, export: Any, rows: Any) -> None:
    table = erp(rows(customer="{:04}"))
    export("sales.csv", [[*row[:2], *row[3:5]] if n else ["单据编号", "往来码", "单据日期", "金额"] for n, row in enumerate(table)])
    refused = custier("init sales.csv")
    assert "CT2231" in refused.err and "--customer '往来码'" in refused.err and "单据编号" not in refused.err


@pytest.mark.parametrize("header", ["含税金额", "不含税金额", "价税合计", "含税总额"])
def test_an_amount_with_or_without_tax_is_an_amount(custier: Any, export: Any, rows: Any, tmp_path: Path, header: str) -> None:
    export("sales.csv", [[*row, "7"] if n else ["customer", "date", "order", header, "税金"] for n, row in enumerate(rows())])
    assert custier("init sales.csv --out r.yaml").exit_code == 0
    assert load_rubric(tmp_path / "r.yaml").rubric.sources["transactions"].columns["amount"].header == [header]


def test_days_as_excel_counts_them_are_asked_about_with_the_option_that_says_so(
    custier: Any, export: Any, rows: Any, tmp_path: Path
) -> None:
    export("sales.csv", [[row[0], str(45_700 + n) if n else row[1], *row[2:]] for n, row in enumerate(rows())])
    refused = custier("init sales.csv --out r.yaml")
    assert refused.exit_code == 4 and "45701 = 2025-02-13 as excel" in refused.err and "sources:" not in refused.err
    assert refused.commands == ["custier init sales.csv --out r.yaml --date-format excel"]
    assert custier(refused.commands[0]).exit_code == 0
    assert load_rubric(tmp_path / "r.yaml").rubric.sources["transactions"].columns["date"].format == "excel"


def test_days_as_excel_counts_them_in_another_column_are_taken_as_such(custier: Any, export: Any, rows: Any, tmp_path: Path) -> None:
    export("sales.csv", rows())
    export("bills.csv", [["customer", "due date", "paid", "amount"], *([f"C{n:04}", "45778", "45786", "5"] for n in range(12))])
    started = custier("init sales.csv --source invoices=bills.csv --out r.yaml")
    assert started.exit_code == 0, started.err
    spec = load_rubric(tmp_path / "r.yaml").rubric.sources["invoices"]
    assert (spec.columns["date"].format, spec.columns["paid"].format) == ("excel", "excel")


def test_a_trial_that_cannot_read_the_files_says_that_nothing_was_written(custier: Any, export: Any, rows: Any, tmp_path: Path) -> None:
    export("sales.csv", [[row[0], f"day {n}" if n else row[1], *row[2:]] for n, row in enumerate(rows())])
    refused = custier("init sales.csv --out r.yaml")
    assert refused.exit_code == 4 and "Nothing was written." in refused.err and not (tmp_path / "r.yaml").exists()


def test_each_file_stands_with_its_own_rows(custier: Any, export: Any, rows: Any, tmp_path: Path) -> None:
    table = rows()
    export("a.csv", table[:41])
    export("b.csv", [table[0], *table[41:]])
    assert custier("init a.csv b.csv --out r.yaml").exit_code == 0
    text = (tmp_path / "r.yaml").read_text()
    assert "# transactions from a.csv: 40 rows" in text and "# transactions from b.csv: 20 rows" in text


def test_a_tier_is_changed_as_the_comment_says(custier: Any, export: Any, rows: Any, tmp_path: Path) -> None:
    export("sales.csv", rows())
    assert custier("init sales.csv --out r.yaml").exit_code == 0
    text = (tmp_path / "r.yaml").read_text()
    assert "take away its # and that of tiers:" in text
    freed = re.sub(r"(?m)^# (tiers:)$", r"\1", re.sub(r"(?m)^#   (- \{name: VIP, )when: \"?[^,}]*\"?", r"  \1when: spend > 700_000", text))
    (tmp_path / "r.yaml").write_text(freed)
    tiers = {tier.name: tier for tier in load_rubric(tmp_path / "r.yaml").rubric.tiers}
    assert freed.count("spend > 700_000") == 1 and "700" in str(tiers["VIP"].when) and len(tiers) > 2


def test_a_workbook_with_two_sheets_is_asked_about_and_the_cure_works(custier: Any, tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "book.xlsx") as book:
        sheet, other = book.add_worksheet("明细"), book.add_worksheet("说明")
        other.write_row(0, 0, ["a", "b"])
        other.write_row(1, 0, ["c", "d"])
        sheet.write(0, 0, "2025 年销售")
        sheet.write_row(2, 0, ["客户编号", "日期", "金额"])
        for n in range(30):
            sheet.write_row(3 + n, 0, [1000 + n % 7, f"2025-01-{n % 28 + 1:02}", 100.25 * n])
    refused = custier("init book.xlsx")
    assert refused.exit_code == 4 and "CT2123" in refused.err
    started = custier(refused.commands[0])
    assert started.exit_code == 0, started.err
    assert custier(started.commands[1]).exit_code == 0 and len(published(tmp_path)) == 1


def test_an_encoding_that_is_not_proved_is_asked_for_and_the_cure_works(custier: Any, export: Any, rows: Any, tmp_path: Path) -> None:
    export("sales.csv", [[*row, "note" if n == 0 else "Müller-Straße café"] for n, row in enumerate(rows())], encoding="cp1252")
    refused = custier("init sales.csv")
    assert refused.exit_code == 4 and "CT2101" in refused.err
    assert custier(refused.commands[0]).exit_code == 0
    assert "encoding: cp1252" in (tmp_path / "my-annual-spend.yaml").read_text(encoding="utf-8")


def test_a_file_without_a_header_is_told_so_and_the_option_names_its_columns(custier: Any, export: Any, rows: Any, tmp_path: Path) -> None:
    export("sales.csv", rows()[1:])
    refused = custier("init sales.csv")
    assert refused.exit_code == 4 and "--header" in refused.err
    assert custier("init sales.csv --header customer,date,order,amount").exit_code == 0
    assert "header: [customer, date, order, amount]" in (tmp_path / "my-annual-spend.yaml").read_text()


def test_doubles_as_a_program_printed_them_are_declared(custier: Any, export: Any, rows: Any, tmp_path: Path) -> None:
    export("sales.csv", [*rows(), *([f"C{n:04}", "2025-01-05", f"T{n}", "73.19999999999999"] for n in range(12))])
    assert custier("init sales.csv").exit_code == 0
    text = (tmp_path / "my-annual-spend.yaml").read_text()
    assert "numbers: {doubles: true}" in text and "currency_decimals" not in text


def test_a_customer_who_is_called_like_a_total_is_not_left_out(custier: Any, export: Any, rows: Any, tmp_path: Path) -> None:
    export("sales.csv", [*rows(), *(["Total Energies", "2025-01-05", f"T{n}", "5.00"] for n in range(60))], below=["Total,,,999.00"])
    assert custier("init sales.csv").exit_code == 0
    assert "total_lines" not in (tmp_path / "my-annual-spend.yaml").read_text()


def test_a_name_stands_for_a_customer_only_where_no_id_does(custier: Any, export: Any, rows: Any, tmp_path: Path) -> None:
    export("a.csv", rows(("customer name", "date", "order", "amount"), customer="Mr {}"))
    assert custier("init a.csv --out a.yaml").exit_code == 0
    assert "two customers of one name count as one" in (tmp_path / "a.yaml").read_text()
    export("b.csv", [["id" if n == 0 else f"{n}", *row] for n, row in enumerate(rows(("customer name", "date", "order", "amount")))])
    refused = custier("init b.csv")
    assert refused.exit_code == 4 and "--customer id" in refused.err


def test_a_money_header_in_ten_thousands_becomes_whole_units(custier: Any, export: Any, rows: Any, tmp_path: Path) -> None:
    export("sales.csv", rows((*ZH[:3], "金额(万元)"), amount="{:.4f}"))
    assert custier("init sales.csv").exit_code == 0
    assert "numbers: {unit: 万元}" in (tmp_path / "my-annual-spend.yaml").read_text(encoding="utf-8")
    assert load_rubric(tmp_path / "my-annual-spend.yaml").rubric.sources["transactions"].columns["amount"].header == ["金额(万元)"]


def test_every_line_that_init_writes_says_why(custier: Any, export: Any, rows: Any, tmp_path: Path) -> None:
    export("sales.csv", rows(("cust", "sold_on", "order", "value"), date="{d:02}/{m:02}/{y}"))
    assert custier("init sales.csv").exit_code == 0
    lines = (tmp_path / "my-annual-spend.yaml").read_text(encoding="utf-8").splitlines()
    columns = [line for line in lines if re.match(r"    \w+:", line)]
    assert len(columns) == 4 and all(re.search(r"  # \w", line) for line in columns)
    assert any('date: {column: sold_on, format: "%d/%m/%Y"}' in line for line in columns)


@pytest.mark.parametrize(
    ("headers", "column", "taken"),
    [
        (("CustomerID", "date", "order", "amount"), "customer", "CustomerID"),
        (("buyer_code", "date", "order", "amount"), "customer", "buyer_code"),
        (("会员卡", "日期", "单号", "金额"), "customer", "会员卡"),
        (("customer", "when it was", "order", "amount"), "date", "when it was"),
        (("customer", "date", "order", "net_revenue"), "amount", "net_revenue"),
        (("customer", "date", "order", "营业额（含税前）"), "amount", None),
    ],
)
def test_a_header_is_found_by_its_words_and_its_content(
    custier: Any, export: Any, rows: Any, tmp_path: Path, headers: Any, column: str, taken: str | None
) -> None:
    export("sales.csv", rows(headers))
    assert custier("init sales.csv --out r.yaml").exit_code == 0
    columns = load_rubric(tmp_path / "r.yaml").rubric.sources["transactions"].columns
    assert columns[column].header == [taken or headers[3]]


def test_without_a_customer_init_refuses_and_says_which_columns_look_close(custier: Any, export: Any, rows: Any, tmp_path: Path) -> None:
    export("till.csv", rows(("商品ID", "成交时间", "订单ID", "金额"), customer="{:05}"))
    refused = custier("init till.csv")
    assert refused.exit_code == 4 and "CT2231" in refused.err and "商品ID" in refused.err
    assert not list(tmp_path.glob("*.yaml")) and "Nothing was written. (exit 4)" in refused.err


def test_two_headers_together_may_name_the_customer(custier: Any, export: Any, rows: Any, tmp_path: Path) -> None:
    export(
        "sales.csv", [["Segment" if n == 0 else "AB"[n % 2], *row] for n, row in enumerate(rows(("Country", "date", "order", "amount")))]
    )
    assert custier("init sales.csv --customer Segment,Country").exit_code == 0
    assert load_rubric(tmp_path / "my-annual-spend.yaml").rubric.sources["transactions"].columns["customer"].columns == [
        "Segment",
        "Country",
    ]


def test_the_name_of_a_thing_is_no_customer(custier: Any, export: Any, rows: Any) -> None:
    export("dishes.csv", rows(("dish_name", "date", "order", "amount"), customer="Dish {}"))
    refused = custier("init dishes.csv")
    assert refused.exit_code == 4 and "CT2231" in refused.err and not refused.commands


def test_the_cure_for_an_unknown_customer_works_when_it_is_pasted(custier: Any, export: Any, rows: Any, tmp_path: Path) -> None:
    export("orders.csv", rows(("phone", "date", "order", "amount"), customer="1380000{:04}"))
    refused = custier("init orders.csv")
    assert "CT2231" in refused.err and custier(refused.commands[0]).exit_code == 0
    assert load_rubric(tmp_path / "my-annual-spend.yaml").rubric.sources["transactions"].columns["customer"].header == ["phone"]


def test_dates_that_fit_two_readings_are_asked_for_and_the_flag_decides(custier: Any, export: Any, tmp_path: Path) -> None:
    export("sales.csv", [["customer", "date", "amount"], *([f"C{n % 4}", f"0{n % 9 + 1}/0{n % 7 + 1}/2025", "10.00"] for n in range(40))])
    refused = custier("init sales.csv")
    assert refused.exit_code == 4 and "CT2233" in refused.err and "%d/%m/%Y" in refused.err and "%m/%d/%Y" in refused.err
    assert custier(refused.commands[0]).exit_code == 0
    assert load_rubric(tmp_path / "my-annual-spend.yaml").rubric.sources["transactions"].columns["date"].format == "%d/%m/%Y"


def test_numbers_that_fit_two_readings_are_asked_for_and_the_flag_decides(custier: Any, export: Any, tmp_path: Path) -> None:
    export(
        "sales.csv",
        [["customer", "date", "amount"], *([f"C{n % 4}", f"2025-01-{n % 28 + 1:02}", f"{n + 1},250"] for n in range(40))],
        separator=";",
    )
    refused = custier("init sales.csv")
    assert refused.exit_code == 4 and "CT2233" in refused.err and "1,250 = 1.250 as ,; 1,250 = 1250 as ." in refused.err
    assert "--decimal ," in refused.commands[0], "semicolons stand where commas are taken"
    assert custier("init sales.csv --decimal ,").exit_code == 0
    numbers = load_rubric(tmp_path / "my-annual-spend.yaml").rubric.sources["transactions"].columns["amount"].numbers
    assert numbers is not None and numbers.decimal == ","


def test_two_headers_for_one_column_are_asked_for(custier: Any, export: Any) -> None:
    table = [
        ["客户", "下单日期", "交易日期", "金额"],
        *([f"C{n % 4}", f"2025-01-{n % 28 + 1:02}", f"2025-02-{n % 28 + 1:02}", "1"] for n in range(40)),
    ]
    export("sales.csv", table)
    refused = custier("init sales.csv")
    assert refused.exit_code == 4 and "CT2233" in refused.err and "--date 下单日期" in refused.err.replace("'", "")
    assert custier("init sales.csv --date 交易日期").exit_code == 0


class Terminal(io.StringIO):
    """Somebody who types these lines."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_init_asks_and_takes_a_number_or_a_header(
    custier: Any, export: Any, rows: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    export("orders.csv", rows(("phone", "date", "order", "amount"), customer="1380000{:04}"))
    monkeypatch.setattr(sys, "stdin", Terminal("1\n"))
    asked = custier("init orders.csv")
    assert asked.exit_code == 0 and "1  phone" in asked.err
    monkeypatch.setattr(sys, "stdin", Terminal("order\n"))
    assert custier("init orders.csv --force").exit_code == 0
    assert load_rubric(tmp_path / "my-annual-spend.yaml").rubric.sources["transactions"].columns["customer"].header == ["order"]
    monkeypatch.setattr(sys, "stdin", Terminal(""))
    assert custier("init orders.csv --force").exit_code == 130


def test_nobody_leaves_rows_out_by_pressing_enter(custier: Any, export: Any, rows: Any, tmp_path: Path, monkeypatch: Any) -> None:
    export("sales.csv", with_merged_cells(rows, 1))
    monkeypatch.setattr(sys, "stdin", Terminal("\n\nexclude\n"))
    asked = custier("init sales.csv")
    assert asked.exit_code == 0 and "blank in 30 of 60 rows" in asked.err and "[exclude]" not in asked.err


def test_init_never_replaces_a_file_unless_it_is_told_to(custier: Any, export: Any, rows: Any, tmp_path: Path) -> None:
    export("sales.csv", rows())
    (tmp_path / "my-annual-spend.yaml").write_text("mine")
    refused = custier("init sales.csv")
    assert refused.exit_code == 2 and "CT1951" in refused.err and (tmp_path / "my-annual-spend.yaml").read_text() == "mine"
    assert custier("init sales.csv --force").exit_code == 0 and (tmp_path / "my-annual-spend.yaml").read_text() != "mine"


@pytest.mark.parametrize(
    ("headers", "like"),
    [
        (("customer", "date", "order", "amount"), "annual-spend"),
        (("customer", "date", "category", "amount"), "retail-vip"),
        (("customer", "date", "order", "item"), "frequency"),
    ],
)
def test_a_rubric_is_chosen_that_the_columns_suffice_for(
    custier: Any, export: Any, rows: Any, headers: Any, like: str, tmp_path: Path
) -> None:
    table = [row[:3] + (["pear"] if headers[3] == "item" and row[0] != "customer" else row[3:]) for row in rows(headers)]
    export("sales.csv", table)
    assert custier("init sales.csv --out r.yaml").exit_code == 0
    assert f"extends: {like} " in (tmp_path / "r.yaml").read_text()


def test_other_tables_are_mapped_too_and_lead_to_a_rubric_that_takes_them(custier: Any, export: Any, rows: Any, tmp_path: Path) -> None:
    export("sales.csv", rows())
    export(
        "bills.csv", [["customer", "due date", "settled", "amount"], *([f"C{n:04}", "2025-05-01", "2025-05-09", "5"] for n in range(12))]
    )
    started = custier("init sales.csv --source invoices=bills.csv --set invoices.paid=settled")
    assert started.exit_code == 0, started.err
    spec = load_rubric(tmp_path / "my-weighted-grade.yaml").rubric.sources["invoices"]
    assert spec.columns["paid"].header == ["settled"]
    assert "--source invoices=bills.csv" in started.commands[1] and custier(started.commands[1]).exit_code == 0


def test_a_rubric_that_needs_an_amount_is_refused_without_one_and_the_cure_works(custier: Any, export: Any, rows: Any) -> None:
    export("baskets.csv", [row[:3] for row in rows()])
    refused = custier("init baskets.csv --like annual-spend")
    assert refused.exit_code == 4 and "CT2232" in refused.err
    assert custier(refused.commands[0] if refused.commands else "init baskets.csv --like frequency").exit_code == 0


def test_quantity_times_price_stands_in_for_an_amount(custier: Any, export: Any, tmp_path: Path) -> None:
    export(
        "lines.csv", [["customer", "date", "数量", "单价"], *([f"C{n % 6}", f"2025-01-{n % 28 + 1:02}", "3", "1.25"] for n in range(60))]
    )
    assert custier("init lines.csv").exit_code == 0
    assert load_rubric(tmp_path / "my-annual-spend.yaml").rubric.sources["transactions"].columns["amount"].formula == '"数量" * "单价"'


def test_the_total_of_an_order_that_stands_in_each_of_its_rows_is_asked_about(custier: Any, export: Any) -> None:
    lines = [[f"C{n // 3 % 6}", f"2025-01-{n // 3 % 28 + 1:02}", f"S{n // 3}", f"{n % 3 + 1}", "2.50", "15.00"] for n in range(90)]
    export("lines.csv", [["customer", "date", "order", "quantity", "unit price", "total"], *lines])
    refused = custier("init lines.csv")
    assert refused.exit_code == 4 and "CT2233" in refused.err and custier(refused.commands[0]).exit_code == 0


def test_tiers_that_nobody_has_are_told_with_the_command_that_grades_by_places(
    custier: Any, export: Any, rows: Any, tmp_path: Path
) -> None:
    export("sales.csv", rows(amount="{:.0f}", customer="K{}"))
    small = [[*row[:3], "5" if row[3].isdigit() else row[3]] for row in rows(amount="{:.0f}")]
    export("sales.csv", small)
    started = custier("init sales.csv --out mine.yaml")
    assert "nobody here is in VIP, A, B" in started.out
    places = next(line for line in started.commands if "--like pyramid" in line)
    assert custier(places).exit_code == 0 and (tmp_path / "my-pyramid.yaml").exists()
    assert "# 0 of these customers (0.0%)" in (tmp_path / "mine.yaml").read_text().replace("  #", "#").replace("#", "# ").replace(
        "#  ", "# "
    )


def test_hostile_headers_and_names_reach_neither_the_terminal_nor_the_yaml_as_they_are(
    custier: Any, export: Any, rows: Any, tmp_path: Path
) -> None:
    export("a[bold]\u202e.csv", rows(("customer\x1b[2J", "date", "order: x # y", "amount'\"")))
    started = custier('init "a[bold]\u202e.csv" --out r.yaml')
    assert started.exit_code == 0, started.err
    assert "\x1b" not in started.out and "\u202e" not in started.out and "[bold]" in started.out
    text = (tmp_path / "r.yaml").read_text(encoding="utf-8")
    assert "\x1b" not in text and "\u202e" not in text
    assert load_rubric(tmp_path / "r.yaml").rubric.sources["transactions"].columns["customer"].header == ["customer\x1b[2J"]


def test_an_unknown_header_is_told_with_the_nearest(custier: Any, export: Any, rows: Any) -> None:
    export("sales.csv", rows())
    refused = custier("init sales.csv --customer custmer_id")
    assert refused.exit_code == 2 and "the nearest is `customer_id`" in refused.err


def test_files_of_two_tables_are_not_one(custier: Any, export: Any, rows: Any) -> None:
    export("a.csv", rows())
    export("b.csv", rows(("x", "y", "z", "amount")))
    refused = custier("init a.csv b.csv")
    assert refused.exit_code == 4 and "CT2203" in refused.err and "--source" in refused.err


def test_init_without_an_export_is_a_wrong_command_line(custier: Any) -> None:
    assert custier("init").exit_code == 2 and "CT1900" in custier("init").err


def test_rows_that_would_fail_the_run_are_told_and_exit_1(custier: Any, export: Any, rows: Any) -> None:
    export("sales.csv", [*rows(), *(["C1", "someday", "S", "1"] for _ in range(5))])
    failed = custier("init sales.csv")
    assert failed.exit_code == 1 and "CT4101" in failed.err and "custier classify" not in failed.out


def typical(page: str) -> str:
    """What a page in Chinese may hold of English: names, numbers and commands."""
    lines = [line for line in page.splitlines() if "custier " not in line]
    return re.sub(
        r"(customer_id|customer|date|order|amount|sales\.csv|my-annual-spend(\.yaml)?|annual-spend|transactions|utf-8|(--)?currency|CNY|VIP|[ABC]\b)",
        "",
        "\n".join(lines),
    )


def test_the_page_and_the_comments_are_in_chinese_when_asked_for(custier: Any, export: Any, rows: Any, tmp_path: Path) -> None:
    export("sales.csv", rows())
    page = custier("init sales.csv --lang zh").out
    assert not re.search(r"[A-Za-z]{3,}", typical(page)), typical(page)
    comments = re.findall(r"  # (.*)", (tmp_path / "my-annual-spend.yaml").read_text(encoding="utf-8"))
    assert comments and not any(re.search(r"[a-z]{3,} [a-z]{3,}", c) for c in comments)


@pytest.mark.parametrize(
    ("option", "code"),
    [
        ("--encoding klingon", "CT1205"),
        ("--encoding utf-7", "CT1205"),
        ("--encoding idna", "CT1205"),
        ("--header-line 0", "CT1205"),
        ("--header-line 99999", "CT1205"),
        ("--date-format %Y-%m-%d%z", "CT1900"),
        ("--customer customer_id,customer_id", "CT1205"),
        ("--currency EURO", "CT1900"),
        ("--currency ,", "CT1900"),
        ("--decimal x", "CT1900"),
        ("--sheet nope", "CT1900"),
        ("--set foo=amount", "CT1900"),
        ('--customer ""', "CT1900"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused_at_its_name(
    custier: Any, export: Any, rows: Any, tmp_path: Path, option: str, code: str
) -> None:
    export("sales.csv", rows())
    refused = custier(f"init sales.csv {option}")
    assert refused.exit_code == 2 and f"error[{code}]" in refused.err and f"--> {option.split()[0]}" in refused.err
    assert not list(tmp_path.glob("*.yaml"))


def test_an_encoding_that_is_gainsaid_by_the_file_is_told_in_words_of_the_option(custier: Any, export: Any, rows: Any) -> None:
    export("sales.csv", rows(ZH, customer="王{}"), encoding="gbk")
    refused = custier("init sales.csv --encoding cp1252")
    assert "--encoding says cp1252" in refused.err and "rubric" not in refused.err and "--encoding cp1252" not in refused.err
    assert custier(refused.commands[0]).exit_code == 0


def test_a_rubric_is_named_after_its_file_so_that_two_share_no_store(custier: Any, export: Any, rows: Any, tmp_path: Path) -> None:
    export("sales.csv", rows())
    assert custier('init sales.csv --out "Shop North.yaml"').exit_code == 0 and custier("init sales.csv --out 门店.yaml").exit_code == 0
    assert load_rubric(tmp_path / "Shop North.yaml").rubric.rubric == "shop-north"
    assert load_rubric(tmp_path / "门店.yaml").rubric.rubric == "my-annual-spend"


def test_groups_of_customers_are_proposed_together_and_things_never(custier: Any, export: Any, rows: Any, tmp_path: Path) -> None:
    groups = [["Segment", "Land", "Product"], *([f"S{n % 4}", f"L{n % 5}", f"P{n % 9}"] for n in range(60))]
    export("sales.csv", [[*g, *row[1:]] for g, row in zip(groups, rows(date="{d:02}/{m:02}/{y}"), strict=True)])
    refused = custier("init sales.csv --date-format %d/%m/%Y --out r.yaml")
    assert "CT2231" in refused.err and "--customer Product" not in refused.err
    assert refused.commands == ["custier init sales.csv --date-format %d/%m/%Y --out r.yaml --customer Segment,Land"]
    assert custier(refused.commands[0]).exit_code == 0
    assert load_rubric(tmp_path / "r.yaml").rubric.sources["transactions"].columns["customer"].columns == ["Segment", "Land"]


def test_where_nothing_is_a_date_nothing_else_is_asked(custier: Any, export: Any) -> None:
    export(
        "churn.csv", [["CustomerID", "OrderAmountHike", "Cashback Amount", "Paid Amount"], *([f"C{n}", "1", "2", "3"] for n in range(40))]
    )
    refused = custier("init churn.csv")
    assert refused.exit_code == 4 and "CT2232" in refused.err and "nothing in the file is a date" in refused.err
    assert "CT2233" not in refused.err and "--amount" not in refused.err


def test_places_are_not_proposed_where_there_is_no_amount_and_an_option_stands_once(custier: Any, export: Any, rows: Any) -> None:
    export("baskets.csv", [row[:3] for row in rows()])
    assert "pyramid" not in custier("init baskets.csv").out
    refused = custier("init baskets.csv --like annual-spend --out r.yaml")
    assert "--like annual-spend" not in refused.err and refused.err.count("--like") == 1


def test_a_rubric_that_was_written_is_said_to_be_although_the_trial_fails(custier: Any, export: Any, rows: Any, tmp_path: Path) -> None:
    export("sales.csv", [*rows(), *(["C1", "someday", "S", "1"] for _ in range(5))])
    failed = custier("init sales.csv --out r.yaml")
    assert failed.exit_code == 1 and (tmp_path / "r.yaml").exists()
    assert "Nothing was written" not in failed.err and "The rubric was written: r.yaml" in failed.err


def test_the_currency_that_nobody_said_is_told_as_taken_from_the_rubric(custier: Any, export: Any, rows: Any) -> None:
    export("sales.csv", rows())
    assert "CNY  taken from annual-spend" in custier("init sales.csv --out a.yaml").out
    assert "USD  as told" in custier("init sales.csv --out b.yaml --currency USD").out


@pytest.mark.parametrize("every", [2, 20])
def test_numbers_written_in_two_ways_are_told_with_a_line_of_each_and_no_cure(
    custier: Any, export: Any, rows: Any, tmp_path: Path, every: int
) -> None:
    export("sales.csv", [[*r[:3], r[3].replace(".", ",") if n and n % every == 0 else r[3]] for n, r in enumerate(rows())])
    failed = custier("init sales.csv --out r.yaml")
    assert failed.exit_code == 1 and "decimal" not in failed.err
    first, other = "sales.csv:2", f"sales.csv:{every + 1}"
    assert f"two ways of writing numbers are mixed in `amount`; first at {first} / at {other}; correct the export" in failed.err


def test_numbers_that_are_read_and_those_that_are_not_decide_a_cure_together(custier: Any, export: Any, rows: Any, tmp_path: Path) -> None:
    plain = [[*r[:3], "1,044" if n and n % 20 == 0 else r[3]] for n, r in enumerate(rows())]
    export("sales.csv", plain)
    (tmp_path / "r.yaml").write_text("rubric: r\nextends: annual-spend\nversion: 1\n")
    failed = custier("classify sales.csv --rubric r.yaml --dry-run")
    assert '{thousands: ","}' in failed.err and "decimal" not in failed.err


def test_amounts_with_a_point_before_three_digits_are_asked_for(custier: Any, export: Any, tmp_path: Path) -> None:
    table = [["customer", "date", "amount"], *([f"C{n % 4}", f"2025-01-{n % 28 + 1:02}", f"{n + 1}.250"] for n in range(40))]
    export("sales.csv", table)
    refused = custier("init sales.csv")
    assert refused.exit_code == 4 and "CT2233" in refused.err and "--decimal ." in refused.err
    assert "1.250 = 1.250 as .; 1.250 = 1250 as ," in refused.err
    assert custier("init sales.csv --decimal , --out a.yaml").exit_code == 0 and custier(refused.commands[0]).exit_code == 0
    numbers = load_rubric(tmp_path / "a.yaml").rubric.sources["transactions"].columns["amount"].numbers
    assert numbers is not None and (numbers.decimal, numbers.thousands) == (",", ".")
    for proof in ("0.250", "1234", "12.5"):
        export("b.csv", [*table, ["C1", "2025-01-01", proof]])
        assert custier("init b.csv --force").exit_code == 0


@pytest.mark.parametrize(("header", "state"), [("Order Status", "Cancelled"), ("订单状态", "已取消"), ("订单状态", "退款")])
def test_orders_that_did_not_stand_are_pointed_to_with_the_option_that_leaves_them_out(
    custier: Any, export: Any, rows: Any, tmp_path: Path, header: str, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    export("sales.csv", [[*row, (state if n % 5 == 0 else "ok") if n else header] for n, row in enumerate(rows())])
    told = custier("init sales.csv --out a.yaml")
    option = re.search(r"--where .*", told.out)
    assert option is not None and option[0] in (tmp_path / "a.yaml").read_text(encoding="utf-8")
    left = custier(f"init sales.csv --out b.yaml {option[0]}")
    assert left.exit_code == 0 and "count as purchases" not in left.out
    out = custier("classify sales.csv --rubric b.yaml --dry-run --json").out
    assert '"excluded": 12' in out


def test_a_folder_that_there_is_not_is_told_and_the_language_is_kept(custier: Any, export: Any, rows: Any) -> None:
    export("sales.csv", rows())
    refused = custier("init sales.csv --out nowhere/x.yaml")
    assert refused.exit_code == 2 and "there is no such folder" in refused.err
    assert custier("init sales.csv --lang zh").commands[1].endswith("--lang zh")
