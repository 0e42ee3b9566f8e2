"""`custier profile`: every figure against SQL or by hand, and what it says of whether grading is worth it."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from custier.profile.concentration import concentration, gini_of, masked
from custier.profile.customers import repeat
from custier.profile.worth import three_tests, verdict_of

DATA = Path(os.environ.get("CUSTIER_DATA") or Path(__file__).parents[3] / "shared" / "data")
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the public data is not here; CUSTIER_DATA names its folder")


def spends(*values: int) -> pl.Series:
    return pl.Series("spend", values, dtype=pl.Int128)


@pytest.mark.parametrize(
    ("values", "gini"),
    [
        ((5, 5, 5, 5), Fraction(0)),
        ((0, 0, 0, 8), Fraction(3, 4)),
        ((1, 2, 3, 4), Fraction(1, 4)),
        ((100,), Fraction(0)),
        ((10**18, 10**18, 1), Fraction(10**18 * 2 - 2, 3 * (2 * 10**18 + 1))),
    ],
)
def test_the_gini_coefficient_is_exact(values: tuple[int, ...], gini: Fraction) -> None:
    assert gini_of(spends(*values).sort(descending=True)) == gini


@given(st.lists(st.integers(0, 10**15), min_size=1, max_size=60).filter(any))
def test_the_gini_coefficient_is_half_the_mean_difference_over_the_mean(values: list[int]) -> None:
    differences = sum(abs(a - b) for a in values for b in values)
    assert gini_of(spends(*values).sort(descending=True)) == Fraction(differences, 2 * len(values) * sum(values))


def test_the_best_part_is_rounded_down_and_one_customer_at_least() -> None:
    held = concentration(spends(50, 30, 10, 6, 4), 0)
    assert held is not None
    assert [(t.percent, t.customers, t.share) for t in held.top] == [
        (1, 1, Decimal("0.5")),
        (4, 1, Decimal("0.5")),
        (15, 1, Decimal("0.5")),
        (20, 1, Decimal("0.5")),
    ]
    assert (held.customers_with_80_percent, held.share_with_80_percent) == (2, Decimal("0.4"))


def test_who_got_back_more_than_was_spent_counts_as_zero() -> None:
    held = concentration(spends(100, 100, -50), 2)
    assert held is not None and held.below_zero == 1
    assert held.total == Decimal("2.00") and held.gini == Decimal("0.333333")


def test_where_nobody_spent_anything_nothing_is_concentrated() -> None:
    assert concentration(spends(0, 0), 2) is None and concentration(spends(), 2) is None


def test_customers_are_counted_by_how_often_they_bought() -> None:
    customers = pl.DataFrame({"orders": [0, 1, 1, 2, 3, 4, 9, 10, 19, 20, 500]})
    assert repeat(customers, "order").histogram == {"1": 2, "2": 1, "3-4": 2, "5-9": 1, "10-19": 2, "20+": 2}
    assert repeat(customers, "order").customers_with_2_or_more == 8


@pytest.mark.parametrize(
    ("customers", "again", "fifth", "verdict"),
    [
        (101, "0.2", "0.4", "worth it"),
        (100, "0.2", "0.4", "perhaps"),
        (101, "0.19", "0.4", "perhaps"),
        (101, "0.2", "0.39", "hardly"),
        (100, "0.1", "0.9", "hardly"),
    ],
)
def test_the_verdict_follows_from_three_tests(customers: int, again: str, fifth: str, verdict: str) -> None:
    spend = concentration(spends(*[int(Decimal(fifth) * 100)], *[1] * 4), 0)
    assert spend is not None
    top = [replace(t, share=Decimal(fifth)) for t in spend.top]
    counted = replace(repeat(pl.DataFrame({"orders": [1]}), "order"), share_with_2_or_more=Decimal(again))
    assert verdict_of(three_tests(customers, counted, replace(spend, top=top))) == verdict


def test_without_amounts_value_cannot_be_told_and_grading_may_be_worth_it() -> None:
    counted = repeat(pl.DataFrame({"orders": [2] * 5}), "days")
    tests = three_tests(500, counted, None)
    assert [t.passed for t in tests] == [True, True, None] and verdict_of(tests) == "perhaps"


def test_ids_are_masked() -> None:
    assert [masked(t) for t in ("C00018", "A1234", "B12", "", "张三丰李四光")] == ["C0•••8", "A1•••4", "B•••", "•••", "张三•••光"]


def test_the_figures_are_those_of_sql(custier: Any, export: Any, rows: Any, tmp_path: Path) -> None:
    export("sales.csv", rows())
    told = json.loads(custier("profile sales.csv --json").out, parse_float=Decimal)
    query = f"select customer_id, sum(amount::decimal(18,2)) s, count(distinct \"order\") n from read_csv('{tmp_path / 'sales.csv'}', all_varchar=true) group by 1"
    customers = duckdb.sql(query).fetchall()
    total = sum(s for _, s, _ in customers)
    best = sorted((s for _, s, _ in customers), reverse=True)
    assert (told["rows"], told["used"], told["customers"]) == (60, 60, len(customers))
    assert told["concentration"]["total"] == total and told["repeat"]["orders"] == 60
    assert told["concentration"]["top"][3]["amount"] == sum(best[: len(best) * 20 // 100])
    ranked = sorted(s for _, s, _ in customers)
    gini = (2 * sum(i * s for i, s in enumerate(ranked, 1)) / total - len(ranked) - 1) / len(ranked)
    assert abs(told["concentration"]["gini"] - gini) < Decimal("0.000001")


KEYS = {
    "ok", "files", "rows", "used", "excluded", "rejected", "customers", "first_day", "last_day", "months", "months_without_rows", "columns",
    "dirt", "currency", "currency_decimals", "concentration", "largest", "repeat", "tests", "verdict",
}  # fmt: skip


def test_the_json_has_the_documented_keys_and_no_id_of_a_customer(custier: Any, export: Any, rows: Any) -> None:
    export("sales.csv", rows(customer="Secret{:04}"))
    out = custier("profile sales.csv --json").out
    assert set(json.loads(out)) == KEYS and "Secret0" not in out
    assert "Secret0" not in custier("profile sales.csv").out


def test_dirt_is_counted_by_kind(custier: Any, export: Any, rows: Any) -> None:
    table = rows()
    odd = [
        table[5],
        ["C0001 ", "2025-01-05", "S9", "5.00"],
        ["C0002", "soon", "S8", "1.00"],
        ["C0003", "2025-01-05", "=1+1", "2.00"],
        ["C0004", "2025-01-06", "NULL", "2.00"],
    ]
    export("sales.csv", [*table, *odd])
    told = json.loads(custier("profile sales.csv --json").out)
    counted = {(d["kind"], d["column"]): d["rows"] for d in told["dirt"]}
    assert counted["rows alike in every column", None] == 1
    assert counted["cells with spaces around them", "customer_id"] == 1
    assert counted["cells that a spreadsheet would run", "order"] == 1
    assert counted["texts that mean an empty cell", "order"] == 1
    assert [d["code"] for d in told["dirt"] if d["rejected"]] == ["CT3201"] and told["rejected"] == 1
    assert told["rows"] == told["used"] + told["rejected"] + told["excluded"] == 65


def test_ids_in_scientific_notation_are_told_and_fail_what_init_tries(custier: Any, export: Any, rows: Any) -> None:
    export("sales.csv", [*rows(), *(["1.38001E+10", "2025-01-05", f"S{n}", "5.00"] for n in range(5))])
    told = json.loads(custier("profile sales.csv --json").out)
    assert [(d["code"], d["column"], d["rows"]) for d in told["dirt"] if d["rejected"]] == [("CT3009", "customer", 5)]
    failed = custier("init sales.csv")
    assert failed.exit_code == 1 and "CT3009 (`customer`) 5 times" in failed.err


def test_where_leaves_rows_out_and_they_are_counted(custier: Any, export: Any, rows: Any) -> None:
    export("sales.csv", rows())
    told = json.loads(custier("""profile sales.csv --where "amount > 10000" --json""").out)
    assert told["excluded"] > 0 and told["used"] + told["excluded"] == 60


def test_months_without_rows_are_told(custier: Any, export: Any) -> None:
    export("sales.csv", [["customer", "date", "amount"], ["A", "2025-01-31", "1"], ["B", "2025-04-01", "2"]])
    told = json.loads(custier("profile sales.csv --json").out)
    assert (told["months"], told["months_without_rows"], told["first_day"]) == (4, 2, "2025-01-31")
    assert "2 of 4 months have no row" in custier("profile sales.csv").out


def test_a_rubric_says_how_to_read_the_files(custier: Any, export: Any, rows: Any, tmp_path: Path) -> None:
    export("sales.csv", rows(("who", "date", "order", "amount")))
    (tmp_path / "r.yaml").write_text(
        "rubric: r\nsources: {transactions: {customer: who}}\ntiers: [{name: A, when: spend > 1}, {name: B}]\n"
    )
    assert json.loads(custier("profile sales.csv --rubric r.yaml --json").out)["customers"] == 12


def test_a_failure_is_json_too_and_nothing_is_asked(custier: Any, export: Any, rows: Any) -> None:
    export("till.csv", rows(("商品ID", "成交时间", "订单ID", "金额")))
    refused = custier("profile till.csv --json")
    assert refused.exit_code == 4 and json.loads(refused.out)["error"]["code"] == "CT2231"


def test_the_page_is_in_chinese_when_asked_for(custier: Any, export: Any, rows: Any) -> None:
    export("sales.csv", [*rows(), rows()[3]])
    page = custier("profile sales.csv --lang zh").out
    assert "是否值得分级" in page
    assert not re.search(r"[A-Za-z]{3,}", re.sub(r"customer_id|customer|date|order|amount|sales\.csv", "", page)), page


@pytest.mark.parametrize("columns", ["60", "120"])
def test_no_line_of_the_page_is_wider_than_the_screen(
    custier: Any, export: Any, rows: Any, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    export("销售.csv", rows(("客户编号", "下单日期", "订单号", "金额"), customer="张三丰{:04}"), encoding="gbk")
    monkeypatch.setenv("COLUMNS", columns)
    lines = custier("profile 销售.csv").out.splitlines()
    assert lines and max(map(cell_len, lines)) <= int(columns)


def test_hostile_cells_do_not_reach_the_terminal(custier: Any, export: Any, rows: Any) -> None:
    export("sales.csv", [[*row, "kind\x1b[0m" if n == 0 else "\x1b[2J\u202e[red]"] for n, row in enumerate(rows())])
    page = custier("profile sales.csv")
    assert page.exit_code == 0 and "\x1b" not in page.out and "\u202e" not in page.out


PUBLISHED = [
    ("cdnow/CDNOW_master.txt", "", 23_570, "0.6778", "worth it"),
    ("retail-transactions/Retail_Data_Transactions_ddMonyy_CRLF_shifted4y.csv", "", 6_889, "0.3064", "hardly"),
    ("online-retail/online_retail_2010_2011.parquet", "--where 'Quantity > 0 and UnitPrice > 0'", 4_338, "0.7459", "worth it"),
]


@needs_data
@pytest.mark.parametrize(("file", "options", "customers", "fifth", "verdict"), PUBLISHED, ids=lambda v: str(v)[:12])
def test_the_best_fifth_of_public_data_has_what_was_counted(
    custier: Any, file: str, options: str, customers: int, fifth: str, verdict: str
) -> None:
    told = json.loads(custier(f"profile {DATA / file} {options} --json").out, parse_float=Decimal)
    assert (told["customers"], told["verdict"]) == (customers, verdict)
    assert round(told["concentration"]["top"][3]["share"], 4) == Decimal(fifth)


@pytest.mark.parametrize("option", ["--encoding klingon", "--header-line 0", "--customer customer_id,customer_id"])
def test_an_option_that_makes_no_sense_is_refused(custier: Any, export: Any, rows: Any, option: str) -> None:
    export("sales.csv", rows())
    refused = custier(f"profile sales.csv {option}")
    assert refused.exit_code == 2 and "error[CT1205]" in refused.err


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("客户名称", ("秘密一号店", "秘密二号店")),
        ("联系人", ("秘密甲", "秘密乙")),
        ("姓名", ("秘密甲", "秘密乙")),
        ("收货人", ("秘密甲", "秘密乙")),
        ("收件地址", ("秘密路1号", "秘密路2号")),
        ("业务员", ("秘密甲", "秘密乙")),
        ("Sales Rep", ("Secret One", "Secret Two")),
        ("First Name", ("Secretone", "Secrettwo")),
        ("备注", ("张秘密", "李秘密")),
        ("remark", ("secret1@example.com", "secret2@example.com")),
    ],
)
def test_whatever_may_speak_of_people_is_masked(custier: Any, export: Any, rows: Any, header: str, values: tuple[str, ...]) -> None:
    export("sales.csv", [[*row, values[n % 2] if n else header] for n, row in enumerate(rows())])
    as_json = json.dumps(json.loads(custier("profile sales.csv --json").out), ensure_ascii=False)
    for out in (custier("profile sales.csv").out, as_json):
        assert header in out and not any(value in out for value in values)


def test_what_speaks_of_things_is_shown(custier: Any, export: Any, rows: Any) -> None:
    export("sales.csv", [[*row, ("电子产品", "日用百货")[n % 2] if n else "商品类别"] for n, row in enumerate(rows())])
    assert "电子产品" in custier("profile sales.csv").out


def test_lines_of_totals_are_counted_so_that_the_rows_add_up(custier: Any, export: Any, rows: Any) -> None:
    export("sales.csv", rows(), below=["合计,,,99.00"])
    told = json.loads(custier("profile sales.csv --json").out)
    assert (told["rows"], told["used"], told["excluded"], told["rejected"]) == (61, 60, 1, 0)
    assert "1 excluded" in custier("profile sales.csv").out


def test_what_is_left_out_is_listed_by_its_reason(custier: Any, export: Any, rows: Any, tmp_path: Path) -> None:
    odd = [["", "2025-01-05", "S1", "5"], ["散客", "2025-01-05", "S2", "5"], ["GUEST", "2025-01-05", "S3", "5"]]
    export("sales.csv", [*rows(), *odd], below=["合计,,,99.00"])
    told = json.loads(custier("""profile sales.csv --where "amount < 200000" --json""").out)
    counted = {d["kind"]: (d["column"], d["rows"]) for d in told["dirt"]}
    left_out = {
        "rows without a customer": ("customer_id", 1),
        "rows of ids that stand for nobody": ("customer_id", 2),
        "rows left out by `total_lines`": (None, 1),
        "rows left out by `where`": (None, 5),
    }
    assert {kind: counted.get(kind) for kind in left_out} == left_out and told["excluded"] == 9
    page = custier("profile sales.csv").out
    assert "rows of ids that stand for nobody" in page and "none of these figures" not in page


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_many_rows_without_a_customer_are_told_where_grading_is_called_worth_it(
    custier: Any, export: Any, rows: Any, lang: str, tmp_path: Path
) -> None:
    export("sales.csv", [["", *row[1:]] if n and n % 2 == 0 else row for n, row in enumerate(rows())])
    page = " ".join(custier(f"profile sales.csv --lang {lang}").out.split())
    assert ("30 rows (50.0%) have no `customer_id`" if lang == "en" else "30 行（50.0%）没有 `customer_id`") in page
    told = json.loads(custier("profile sales.csv --json").out)
    assert told["excluded"] == 30 and ("rows without a customer", 30) in {(d["kind"], d["rows"]) for d in told["dirt"]}


def test_columns_that_a_first_rubric_would_take_are_told_with_what_they_are_taken_for(custier: Any, export: Any, rows: Any) -> None:
    export("sales.csv", [[*row, "pear", "3"] if n else [*row, "类别", "数量"] for n, row in enumerate(rows())])
    columns = json.loads(custier("profile sales.csv --json").out)["columns"]
    assert {c["header"]: c["role"] for c in columns}["类别"] == "category" and columns[-1]["role"] == "quantity"


def test_a_profile_asks_for_nothing_that_it_does_not_take(custier: Any, export: Any, rows: Any) -> None:
    table = [["" if n % 2 else row[0], "03/04/2025", *row[2:]] if n else row for n, row in enumerate(rows())]
    export("sales.csv", table)
    refused = custier("profile sales.csv")
    assert refused.exit_code == 4 and "--date-format" in refused.err and "--no-customer" not in refused.err
