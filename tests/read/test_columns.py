"""Headers → canonical columns, formulas over headers, and `where`."""

import polars as pl
import pytest
import yaml

from custier.rubric.columns import USUAL, fold, kind_of, usual_columns
from custier.rubric.model import Column

ROWS = "A1,2025-01-31,10.50\n"


@pytest.mark.parametrize(
    "header",
    [
        "customer_id,order date,Amount",
        "客户编号,下单日期,金额",
        "会员号,交易日期,销售额",
        "CUSTOMER-ID,OrderDate,Sales",
        "Ｃustomer　ID,InvoiceDate,订单金额",
    ],
)
def test_usual_headers_map_themselves(read, header: str):
    assert read(f"{header}\n{ROWS}").column("amount") == [1050]


@pytest.mark.parametrize("source", USUAL)
def test_no_usual_header_stands_for_two_columns_of_a_source(source: str):
    folded = [h for usual in usual_columns(source).values() for h in usual.folded]
    assert len(folded) == len(set(folded))


def test_headers_are_compared_without_case_spaces_and_width():
    assert fold("Customer_ID") == fold("customer id") == fold("ＣＵＳＴＯＭＥＲ－ＩＤ".replace("－", "-")) == "customerid"


@pytest.mark.parametrize(
    ("source", "name", "column", "kind"),
    [
        ("transactions", "amount", None, ("money", 2, True)),
        ("transactions", "quantity", None, ("number", 6, True)),
        ("transactions", "category", None, ("text", 0, False)),
        ("transactions", "customer", {"column": "x", "optional": True}, ("text", 0, True)),
        ("transactions", "cost", {"column": "x", "optional": True}, ("money", 2, False)),
        ("transactions", "shoe", None, ("text", 0, False)),
        ("transactions", "shoe", {"type": "number"}, ("number", 6, True)),
        ("transactions", "shipped", {"format": "%d/%m/%Y"}, ("date", 0, True)),
        ("transactions", "points", {"formula": "x * 2"}, ("number", 6, True)),
        ("invoices", "paid", None, ("date", 0, False)),
        ("invoices", "date", None, ("date", 0, True)),
        ("visits", "date", None, ("date", 0, True)),
    ],
)
def test_a_column_is_held_as_its_kind_says(source, name, column, kind):
    found = kind_of(source, name, None if column is None else Column.model_validate(column), 2)
    assert (found.type, found.scale, found.required) == kind


def test_a_declared_header_is_taken_even_where_a_usual_one_is_there(read):
    found = read("customer,date,amount,paid sum\nA1,2025-01-31,1,2\n", {"amount": "paid sum"})
    assert found.column("amount") == [200]


def test_one_of_several_declared_headers_is_enough(read):
    assert read("who,date,amount\nA1,2025-01-31,1\n", {"customer": {"column": ["buyer", "who"]}}).column("customer_id") == ["A1"]


def test_a_header_declared_for_one_column_is_no_longer_usual_for_another(read):
    found = read(
        "customer,order date,invoice date,amount\nA1,2025-01-31,2025-02-28,1\n", {"billed": {"column": "invoice date", "type": "date"}}
    )
    assert str(found.column("date")[0]) == "2025-01-31" and str(found.column("billed")[0]) == "2025-02-28"


def test_a_missing_column_is_told_with_the_headers_and_the_cure(problems):
    (problem,) = problems("customer,date,amont\nA1,2025-01-31,1\n")
    assert problem.code == "CT2201" and "customer, date, amont" in problem.what
    assert "sources: {transactions: {amount: amont}}" in problem.help


def test_the_headers_are_listed_once_and_the_header_in_the_file_may_be_corrected(problems):
    found = problems({"a.csv": "who,when,much\nA1,x,1\n", "b.csv": "who,when,much\nA2,x,1\n"})
    assert [p.where for p in found] == ["a.csv"] * 3 + ["b.csv"] * 3
    assert ["the headers are" in p.what for p in found] == [True] + [False] * 5
    assert all("correct the header in the file" in p.help and "nearest" not in p.help for p in found)


@pytest.mark.parametrize(
    ("column", "header"), [("quantity", "quality"), ("date", "rate"), ("profit", "product"), ("amount", "account"), ("cost", "most")]
)
def test_another_word_is_not_taken_for_a_slip(problems, column: str, header: str):
    others = [name for name in ("customer", "date", "amount") if name != column]
    (problem,) = problems(f"{','.join(others)},{header}\n", wanted=dict.fromkeys([*others, column], True))
    assert f"column `{column}`" in problem.what and "nearest" not in problem.help


def test_a_slip_in_a_usual_header_is_seen(problems):
    (problem,) = problems("customer,date,Sales Amout\nA1,2025-01-31,1\n")
    assert "the nearest header is `Sales Amout`" in problem.help


@pytest.mark.parametrize(
    "header", ["金额（元）", "金额(元)", "Amount (CNY)", "amount(RMB)", "销售额（人民币）", "销售额(单位：元)", "金额【元】"]
)
def test_a_unit_of_money_in_brackets_is_no_part_of_the_header(read, header: str):
    found = read(f"customer,date,{header}\n{ROWS}")
    assert found.column("amount") == [1050] and found.table.warnings == ()


def test_an_amount_with_and_without_its_unit_is_not_chosen_between(problems):
    assert [p.code for p in problems("customer,date,金额,金额(元)\nA1,2025-01-31,1,2\n")] == ["CT2202"]


@pytest.mark.parametrize(
    ("header", "multiple"),
    [("金额(万元)", 10_000), ("销售额（千元）", 1000), ("金额（人民币万元）", 10_000), ("金额(百万)", 10**6), ("金额(亿元)", 10**8)],
)
def test_amounts_in_thousands_are_not_taken_by_themselves_and_the_formula_is_told(read, problems, header: str, multiple: int):
    text = f"customer,date,{header}\nA1,2025-01-31,1.5\n"
    (problem,) = problems(text)
    assert problem.code == "CT2201" and f"{{amount: {{formula: '\"{header}\" * {multiple}'}}}}" in problem.help
    spec = yaml.safe_load(problem.help.split("sources: ")[1])["transactions"]
    found = read(text, spec)
    assert found.column("amount") == [150 * multiple] and found.table.warnings == ()


def test_amounts_in_thousands_that_a_rubric_maps_are_taken_with_a_warning(read):
    found = read("customer,date,金额（万元）,数量(千克)\nA1,2025-01-31,1.5,2\n", {"amount": "金额(万元)", "quantity": "数量(千克)"})
    (warning,) = found.table.warnings
    assert found.column("amount") == [150] and "`金额（万元）` is taken as it stands" in warning
    assert "amount: {formula: '\"金额（万元）\" * 10000'}" in warning


def test_one_formula_is_not_proposed_for_a_file_in_another_unit_than_the_others(problems):
    files = {"a.csv": f"customer,date,金额\n{ROWS}", "b.csv": f"customer,date,金额(万元)\n{ROWS}"}
    for spec in ({}, {"amount": "金额"}):
        (problem,) = problems(files, spec)
        assert (problem.code, problem.where) == ("CT2201", "b.csv") and "needs a formula" not in problem.help
        assert "export this file again" in problem.help and "only where every file has `金额(万元)`" in problem.help


def test_a_file_that_lacks_a_header_of_the_formula_which_others_have_is_to_be_exported_again(problems):
    files = {"a.csv": f"customer,date,金额\n{ROWS}", "b.csv": f"customer,date,金额(万元)\n{ROWS}"}
    (problem,) = problems(files, {"amount": {"formula": '"金额(万元)" * 10000'}})
    assert (problem.code, problem.where) == ("CT2201", "a.csv") and "export this file again" in problem.help
    assert "double quotes" not in problem.help


@pytest.mark.parametrize("spec", [{}, {"customer": "客户编号"}, {"customer": {"column": "客户编号", "type": "text"}}])
def test_a_column_renamed_in_one_file_is_named_by_both_headers(read, problems, spec):
    old, new = f"客户编号,date,amount\n{ROWS}", f"往来单位,date,amount\n{ROWS}"
    (problem,) = problems({"a.csv": old, "b.csv": new}, spec)
    assert (problem.code, problem.where) == ("CT2201", "b.csv")
    line = problem.help.split("sources: ")[1].partition(", or correct")[0]
    said = yaml.safe_load(line.replace("<header>", "往来单位"))["transactions"]
    assert isinstance(said["customer"], dict) == isinstance(spec.get("customer"), dict)
    assert read({"a.csv": old, "b.csv": new}, said).column("customer_id") == ["A1", "A1"]


@pytest.mark.parametrize(
    ("header", "formula"),
    [
        ("金额(万元)", "金额(万元) * 10000"),
        ("金额(万元)", "金额（万元） * 10000"),
        ("金额（万元）", '"金额(万元)" * 10000'),
        ("金额 (万元)", "金额 (万元) * 10000"),
    ],
)
def test_a_header_with_brackets_that_lacks_its_quotes_is_shown_with_them(problems, header: str, formula: str):
    (problem,) = problems(f"customer,date,{header}\n{ROWS}", {"amount": {"formula": formula}})
    assert problem.code == "CT2201" and f"amount: {{formula: '\"{header}\" * 10000'}}" in problem.help


def test_a_condition_that_lacks_its_quotes_is_shown_as_yaml_takes_it(problems):
    (problem,) = problems(f"customer,date,amount,状态(新)\n{ROWS}", {"where": "状态(新) = 'x'"})
    assert """where: '"状态(新)" = ''x'''""" in problem.help


def test_a_blank_order_number_is_a_missing_order_and_the_row_counts(read):
    found = read(
        "customer,date,amount,order\nA1,2025-01-31,1,\nA1,2025-01-31,2,7\n",
        wanted=dict.fromkeys(("customer", "date", "amount", "order"), True),
    )
    assert found.column("order") == [None, "7"] and found.column("amount") == [100, 200]


@pytest.mark.parametrize("source", USUAL)
def test_no_text_but_the_customer_must_be_filled(source: str):
    texts = {c: kind_of(source, c, None, 2) for c, usual in USUAL[source].items() if usual.type == "text"}
    assert [c for c, kind in texts.items() if kind.required] == ["customer"]


def test_all_missing_columns_of_all_files_are_told_at_once(problems):
    found = problems({"a.csv": "date,sum\n2025-01-31,1\n", "b.csv": "customer,when,amount\nA1,2025-01-31,1\n"})
    assert [(p.code, p.where) for p in found] == [("CT2201", "a.csv"), ("CT2201", "a.csv"), ("CT2201", "b.csv")]


def test_a_missing_declared_header_is_named(problems):
    (problem,) = problems(f"customer,date,amount\n{ROWS}", {"category": "Produkt"})
    assert problem.code == "CT2201" and "`Produkt`" in problem.what


def test_an_optional_column_may_be_absent(read):
    assert "cost" not in read(f"customer,date,amount\n{ROWS}", {"cost": {"column": "Kosten", "optional": True}}).table.columns


def test_two_headers_that_fit_one_column_are_not_chosen_between(problems):
    (problem,) = problems("customer,date,Sales,Total\nA1,2025-01-31,1,2\n")
    assert problem.code == "CT2202" and "`Sales` and `Total`" in problem.what


def test_files_with_columns_in_another_order_are_each_read_by_their_own_header(read):
    found = read({"a.csv": f"customer,date,amount\n{ROWS}", "b.csv": "金额;客户编号;日期\n2;B2;2025-02-01\n"})
    assert sorted(found.good.select("file", "line", "customer_id", "amount").rows()) == [("a.csv", 2, "A1", 1050), ("b.csv", 2, "B2", 200)]


def test_a_column_that_only_some_files_have_is_refused_unless_optional(read, problems):
    files = {"a.csv": f"customer,date,amount\n{ROWS}", "b.csv": "customer,date,amount,category\nB2,2025-02-01,2,food\n"}
    (problem,) = problems(files)
    assert (problem.code, problem.where) == ("CT2203", "a.csv")
    assert read(files, {"category": {"optional": True}}).column("category") == [None, "food"]


def test_a_formula_is_exact_and_negative_products_too(read):
    found = read(
        "customer,date,qty,Unit Price\nA1,2025-01-31,3,0.10\nA1,2025-01-31,-3,19.99\n", {"amount": {"formula": 'qty * "Unit Price"'}}
    )
    assert found.column("amount") == [30, -5997]


def test_a_formula_with_more_decimals_than_the_column_is_rejected_not_rounded(read):
    found = read("customer,date,qty,price\nA1,2025-01-31,3,0.125\nA1,2025-01-31,2,0.125\n", {"amount": {"formula": "qty * price"}})
    assert found.rejects == [(2, "CT3104")] and found.column("amount") == [25]
    assert found.cells["raw"].to_list() == ["0.375000000000"]


def test_a_rounded_formula_keeps_every_row(read):
    found = read("customer,date,qty,price\nA1,2025-01-31,3,0.125\n", {"amount": {"formula": "round(qty * price, 2)"}})
    assert found.column("amount") == [38]


@pytest.mark.parametrize(("row", "code"), [("x,1", "CT3102"), (",1", "CT3002"), ("nan,1", "CT3102"), ("99999999999,9999999", "CT3105")])
def test_a_formula_that_cannot_be_worked_out_rejects_its_row(read, row: str, code: str):
    found = read(f"customer,date,qty,price\nA1,2025-01-31,{row}\nA1,2025-01-31,1,1\n", {"amount": {"formula": "qty * price"}})
    assert found.rejects == [(2, code)] and found.column("amount") == [100]


@pytest.mark.parametrize("formula", ["price / qty", "price +", "price > 1", "read_csv('/etc/hostname')", "sum(price)"])
def test_a_formula_that_cannot_be_used_is_an_error(problems, formula: str):
    found = problems("customer,date,qty,price\nA1,2025-01-31,1,2\n", {"amount": {"formula": formula}})
    assert [p.code for p in found] == ["CT2205"]


@pytest.mark.parametrize("column", ["date", "order"])
def test_a_formula_cannot_give_a_date_or_a_text(problems, column: str):
    found = problems("customer,date,qty,amount\nA1,2025-01-31,1,2\n", {column: {"formula": "qty * 2"}})
    assert [p.code for p in found] == ["CT2205"]


@pytest.mark.parametrize("name", ["line", "file", "merged_from", "customer_id", "due_day", "x__raw", "kept", "sound", "x__unread"])
def test_a_column_cannot_have_a_name_that_frames_use(problems, name: str):
    assert [p.code for p in problems(f"customer,date,amount\n{ROWS}", {name: "amount"})] == ["CT2206"]


def test_a_formula_names_a_header_that_is_not_there(problems):
    (problem,) = problems(f"customer,date,amount\n{ROWS}", {"amount": {"formula": "Amonut * 2"}})
    assert problem.code == "CT2201" and "`amount`" in problem.help


def test_where_leaves_rows_out_and_counts_them_with_their_money(read):
    found = read(
        "customer,date,amount,Order Status\nA1,2025-01-31,1,Completed\nA1,2025-01-31,2.50,Cancelled\nA1,bad,4,\n",
        {"where": "\"Order Status\" = 'Completed'"},
    )
    assert (found.table.read, found.excluded, found.money_excluded) == (3, 2, 650)
    assert found.rejects == [] and found.column("amount") == [100]


def test_where_may_use_canonical_columns_and_dates(read):
    found = read("客户编号,日期,金额\nA1,2025-01-31,1\nA1,2025-02-01,-2\n", {"where": "amount > 0 and date < date '2025-02-01'"})
    assert found.column("amount") == [100] and found.money_excluded == -200


def test_where_compares_numbers_as_numbers(read):
    found = read("customer,date,amount,state\nA1,2025-01-31,1,01\nA1,2025-01-31,2,2\n", {"where": "state = 1"})
    assert found.column("amount") == [100]


def test_every_row_keeps_its_file_and_the_types_the_frame_promises(read):
    schema = read(f"customer,date,amount,category\n{ROWS.strip()},\n").table.frame.collect_schema()
    values = {"customer_id": pl.String, "date": pl.Date, "amount": pl.Int64, "category": pl.String}
    promised = {"file": pl.String, "line": pl.Int64, "date_day": pl.Int64, "date_us": pl.Int64, "kept": pl.Boolean} | values
    beside = {name + end: kind for name in values for end, kind in (("__raw", pl.String), ("__unread", pl.Boolean))}
    found = {name: kind for name, kind in schema.items() if not name.endswith("__cell") and not name.endswith(" ")}
    assert found == promised | beside
