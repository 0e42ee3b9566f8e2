"""Numbers in the form that the rubric declares: exactly what they say, or rejected; never another value."""

import re
from decimal import Decimal, localcontext
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from custier.read.numbers import number
from custier.rubric.model import Source
from custier.rubric.numbers import SHIFTS, Numbers

HEADER = "customer,date,amount\n"


def amounts(*cells: str, header: str = HEADER) -> str:
    return header + "".join(f'A1,2025-01-31,"{c}"\n' for c in cells)


@pytest.mark.parametrize(
    ("numbers", "cells"),
    [
        ({"thousands": ","}, {"1,234.56": 123456, "-1,234,567.8": -123456780, "1234.56": 123456, "+12": 1200, ".5": 50, " 7. ": 700}),
        ({"thousands": "indian"}, {"5,29,550.00": 52955000, "99,999": 9999900, "1,00,00,000": 1000000000, "529550": 52955000}),
        ({"decimal": ",", "thousands": "."}, {"1.234,56": 123456, "-7": -700, "1.234.567": 123456700, ",5": 50}),
        ({"decimal": ",", "thousands": " "}, {"1 234,5": 123450, "1\u00a0234": 123400, "1\u202f234\u202f567,89": 123456789}),
        ({"thousands": "'"}, {"1'234.50": 123450, "1’234": 123400}),
        ({"currency": "$"}, {"$12": 1200, "$ 12.50 ": 1250, "-$12": -1200, "$-12": -1200, "12 $": 1200, "＄3": 300, "4": 400}),
        ({"currency": ["¥", "元", "CNY"]}, {"¥12": 1200, "￥12": 1200, "12元": 1200, "CNY 12": 1200, "￥12元": 1200}),
        ({"currency": "Rs."}, {"Rs.500": 50000, "Rs. 5.25": 525}),
        ({"negative": "parentheses"}, {"(100)": -10000, "( 1.5 )": -150, "-2": -200, "(0)": 0}),
        ({"negative": "parentheses", "currency": "$", "thousands": ","}, {"($1,008.75)": -100875, "$(1,008.75)": -100875, "(1)$": -100}),
        ({"negative": "trailing"}, {"12.50-": -1250, "12.50 -": -1250, "-3": -300}),
        ({"negative": "trailing", "currency": "€"}, {"12-€": -1200, "12 € -": -1200, "12−": -1200}),
        ({"currency": "$", "dash": "zero"}, {" $-   ": 0, "-": 0, "—": 0, "$1": 100}),
        ({"digits": "full-width", "thousands": ",", "negative": "parentheses"}, {"１２": 1200, "－１，２３４．５": -123450, "（３）": -300}),
        ({"unit": "万元"}, {"0.1234": 123400, "12.5": 12500000, "-1": -1000000, "0.000001": 1}),
        ({"unit": "thousands", "thousands": ","}, {"1,234.5": 123450000}),
        ({"unit": "亿元"}, {"1.00000001": 10000000100}),
        ({"decimal": ",", "unit": "millions"}, {"1,5": 150000000}),
        ({"doubles": True}, {"731.9399999999999": 73194, "-0.30000000000000004": -30, "1261.3999999999999": 126140, "7.5": 750}),
        ({"doubles": True, "decimal": ","}, {"604,8000000000001": 60480}),
    ],
)  # fmt: skip
def test_a_declared_form_is_read_exactly(read, numbers: dict[str, Any], cells: dict[str, int]):
    assert read(amounts(*cells), {"numbers": numbers}).column("amount") == list(cells.values())


@pytest.mark.parametrize(
    ("numbers", "cells"),
    [
        ({"thousands": ","}, {"1,23": "CT3102", "12,34.5": "CT3102", "1234,567": "CT3102", ",123": "CT3102", "5,29,550": "CT3102",
                              "1.234,5": "CT3102", "0,123": "CT3102", "$1": "CT3102", "(1)": "CT3102", "1-": "CT3102", "１": "CT3102",
                              "1,234.567": "CT3104", "9,999,999,999,999,999": "CT3105", "nan": "CT3103", "": "CT3002"}),
        ({"thousands": "indian"}, {"1,234,567": "CT3102", "529,550": "CT3102", "5,2,550": "CT3102"}),
        ({"decimal": ","}, {"1.5": "CT3102", "1.234": "CT3102", "1,234": "CT3104"}),
        ({"thousands": " "}, {"1 23": "CT3102", "1  234": "CT3102"}),
        ({"currency": "$"}, {"€1": "CT3102", "$": "CT3102", "$.5": "CT3102", "--$1": "CT3102", "$-": "CT3102", "1$2": "CT3102"}),
        ({"currency": "Rs"}, {"Rs.500": "CT3102"}),
        ({"doubles": True}, {"12.345": "CT3104", "12.34567890123456": "CT3104", "0.333333333333333": "CT3104", "12.3400000000000000001": "CT3104"}),
        ({"negative": "parentheses"}, {"(-1)": "CT3102", "-(1)": "CT3102", "(1": "CT3102", "1)": "CT3102", "()": "CT3102"}),
        ({"negative": "trailing"}, {"-1-": "CT3102", "-": "CT3102"}),
        ({"dash": "zero"}, {"--": "CT3102"}),
        ({"unit": "万元"}, {"0.0000001": "CT3104", "1.1234567": "CT3104"}),
        ({"digits": "full-width"}, {"１２．３４５": "CT3104", "１２万": "CT3102"}),
    ],
)  # fmt: skip
def test_what_is_not_in_the_form_is_rejected_with_its_reason(read, numbers: dict[str, Any], cells: dict[str, str]):
    found = read(amounts(*cells, "1"), {"numbers": numbers})
    assert [code for _, code in found.rejects] == list(cells.values())
    assert found.cells["raw"].to_list() == [cell or None for cell in cells]


def test_a_column_says_its_own_form_key_by_key(read):
    content = 'customer,date,amount,cost\nA1,2025-01-31,"$1,234.5","$(1,2)"\n'
    spec = {
        "numbers": {"currency": "$", "thousands": ","},
        "cost": {"numbers": {"decimal": ",", "thousands": ".", "negative": "parentheses"}},
    }
    found = read(content, spec)
    assert found.column("amount") == [123450] and found.column("cost") == [-120]


def test_the_unit_of_a_source_is_that_of_its_money(read):
    content = "customer,date,金额(万元),quantity,price\nA1,2025-01-31,0.5,3,2\n"
    spec = {"numbers": {"unit": "万元"}, "quantity": {"type": "number"}, "price": {"numbers": {"unit": "thousands"}}}
    found = read(content, spec)
    assert found.column("amount") == [500000] and found.column("quantity") == [3_000_000] and found.column("price") == [2_000_000_000]
    assert found.table.warnings == ()


def test_a_header_that_says_another_unit_is_warned_of(read):
    content = "customer,date,金额(千元)\nA1,2025-01-31,0.5\n"
    found = read(content, {"amount": {"column": "金额(千元)", "numbers": {"unit": "万元"}}})
    assert found.column("amount") == [500000] and found.table.warnings == ("`金额(千元)` is taken to be in 万元, as the rubric says",)


def test_formulas_and_where_take_headers_in_the_form_of_the_source(read):
    content = 'customer,date,Qty,Price\nA1,2025-01-31,"1.000","2,50 €"\nA1,2025-01-31,1,"7,00 €"\nA1,2025-01-31,n/a,"7,00 €"\n'
    spec = {
        "numbers": {"decimal": ",", "thousands": ".", "currency": "€"},
        "missing": "n/a",
        "amount": {"formula": "Qty * Price"},
        "where": "Price < 7 or Qty is null",
    }
    found = read(content, spec, wanted={"customer": True, "date": True})
    assert found.column("amount") == [250000] and found.excluded == 1 and found.rejects == [(4, "CT3002")]


def test_a_formula_takes_a_header_as_the_column_does_that_has_it(read):
    content = 'customer,date,Qty,Price\nA1,2025-01-31,2,"3,5"\n'
    spec = {"price": {"column": "Price", "numbers": {"decimal": ",", "unit": "万元"}}, "amount": {"formula": "Qty * Price"}}
    found = read(content, spec, wanted={"customer": True, "date": True})
    assert found.column("amount") == [700] and found.column("price") == [35_000_000_000]


def test_typed_columns_take_the_unit_and_nothing_else(read):
    days = pl.Series("date", ["2025-01-31"] * 2)
    frame = pl.DataFrame({"customer": ["A", "B"], "date": days, "amount": [0.1234, -2.0], "cost": pl.Series([3, 4], dtype=pl.Int32)})
    found = read(frame, {"numbers": {"unit": "万元", "decimal": ",", "currency": "$"}, "cost": {"numbers": {"unit": "元"}}})
    assert found.column("amount") == [123400, -2000000] and found.column("cost") == [300, 400]


def test_texts_that_mean_an_empty_cell_are_blank(read):
    content = "customer,date,amount,cost\nA1,2025-01-31,1, N/A \nA1,2025-01-31,NULL,2\nA1,NULL,3,NULL\nNULL,2025-01-31,3,4\n"
    found = read(content, {"missing": ["NULL", "N/A"], "cost": {"optional": True}})
    assert found.column("cost") == [None] and found.rejects == [(3, "CT3002"), (4, "CT3002"), (5, "CT3002")]


def test_a_column_says_itself_which_texts_are_empty(read):
    content = "customer,date,amount,cost,note\nA1,2025-01-31,-,NA,-\nA1,2025-01-31,1,-,NA\n"
    spec = {"missing": "-", "amount": {"optional": True}, "cost": {"missing": "NA", "optional": True}, "note": {"missing": []}}
    found = read(content, spec)
    assert found.column("amount") == [None] and found.column("note") == ["-"] and found.rejects == [(3, "CT3102")]


def test_dates_that_are_declared_empty_are_no_texts_to_be_proved(read):
    content = "customer,due date,paid,amount,open\nA1,2025-01-31,NULL,1,0\nA1,2025-01-31,NULL,1,0\nA1,2025-01-31,2025-02-03,1,0\n"
    found = read(content, {"missing": "NULL", "paid": "paid"}, source="invoices")
    assert [str(day) for day in found.column("paid")] == ["None", "None", "2025-02-03"] and found.rejects == []


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ({"thousands": "."}, "as the decimal mark and between thousands"),
        ({"decimal": ",", "thousands": "indian"}, "as the decimal mark and between thousands"),
        ({"currency": ["$", "¥"]}, "signs of 2 currencies"),
        ({"currency": "万元"}, "as a sign of currency"),
        ({"currency": "%"}, "as a sign of currency"),
        ({"currency": "k"}, "as a sign of currency"),
        ({"currency": "."}, "as a sign of currency"),
    ],
)
def test_forms_that_would_read_one_text_as_two_numbers_are_refused(said: dict[str, Any], what: str):
    with pytest.raises(ValidationError, match=what):
        Numbers.model_validate(said)


@pytest.mark.parametrize(
    "spec",
    [
        {"amount": {"formula": "a * b", "numbers": {"decimal": ","}}},
        {"amount": {"formula": "a * b"}, "numbers": {"unit": "万元"}},
        {"date": {"format": "%d.%m.%Y", "numbers": {"decimal": ","}}},
        {"region": {"type": "text", "numbers": {"decimal": ","}}},
    ],
)
def test_a_form_that_nothing_would_follow_is_refused(spec: dict[str, Any]):
    with pytest.raises(ValidationError):
        Source.model_validate(spec)


FORMS = st.builds(
    dict,
    decimal=st.sampled_from([".", ","]),
    thousands=st.sampled_from([None, ",", ".", " ", "'", "indian"]),
    currency=st.sampled_from([[], ["$"], ["¥", "元"], ["Rs."], ["kr."], ["CHF"]]),
    negative=st.sampled_from(["minus", "parentheses", "trailing"]),
    digits=st.sampled_from(["ascii", "full-width"]),
    unit=st.sampled_from(sorted(SHIFTS)),
    dash=st.sampled_from([None, "zero"]),
).filter(lambda said: said["decimal"] != {"indian": ","}.get(said["thousands"], said["thousands"]))


def written(value: Decimal, form: Numbers, before: bool) -> str:
    """The number as an export in this form would write it."""
    whole, _, rest = f"{abs(value):f}".partition(".")
    head, last = whole[:-3], whole[-3:]
    step = 2 if form.thousands == "indian" else 3
    groups = [head[max(0, end - step) : end] for end in range(len(head), 0, -step)]
    mark = {"indian": ",", None: ""}.get(form.thousands, form.thousands)
    text = (mark or "").join([*groups[::-1], last]) + (form.decimal + rest if rest else "")
    if form.digits == "full-width":
        text = text.translate(str.maketrans("0123456789.,", "０１２３４５６７８９．，"))
    sign = form.currency[0] if form.currency else ""
    text = f"{sign}{text}" if before else f"{text} {sign}"
    if value >= 0:
        return text
    return {"minus": f"-{text}", "parentheses": f"({text})", "trailing": f"{text}-"}[form.negative]


@settings(max_examples=300, deadline=None)
@given(FORMS, st.integers(-(10**12), 10**12), st.integers(0, 6), st.integers(0, 6), st.booleans())
def test_what_is_written_in_a_form_is_read_as_that_number_or_not_at_all(said, digits: int, places: int, scale: int, before: bool):
    form, value = Numbers.model_validate(said), Decimal(digits).scaleb(-places)
    cells = pl.DataFrame({"a": [written(value, form, before)]})
    found = cells.select(number(pl.col("a"), pl.String(), scale, form)).item()
    exact = value.scaleb(form.shift + scale)
    held = exact == int(exact) and abs(value) < 10 ** min(15, 18 - scale - form.shift)
    assert found == (int(exact) if held else None)


@settings(max_examples=300, deadline=None)
@given(FORMS, st.text("0123456789.,'- ()$¥元-−１", max_size=12))
def test_a_text_is_a_number_only_where_its_digits_say_so(said, text: str):
    form = Numbers.model_validate(said | {"unit": "元"})
    found = pl.DataFrame({"a": [text]}).select(number(pl.col("a"), pl.String(), 6, form)).item()
    shown = text.translate(str.maketrans("１", "1"))
    if found is not None:
        only = "".join(c for c in shown if c.isdigit() or c == form.decimal).replace(",", ".") or "0"
        assert abs(found) == Decimal(only).scaleb(6) and (found <= 0 or not any(c in shown for c in "-−("))


PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
CELLS = st.one_of(
    st.integers(-(10**19), 10**19).map(str), st.from_regex(PLAIN, fullmatch=True), st.text("0123456789.+-eE _", max_size=22), st.none()
)


@settings(max_examples=500, deadline=None)
@given(st.lists(CELLS, max_size=5), st.integers(0, 6))
@example(["1e2", "+1", "-0", "007", " 7 ", "999999999999", "1000000000000", "-1000000000000", str(-(2**63)), None], 6)
@example(["1.005", "12", "1.0000000000000000000000000000001"], 2)
def test_a_cell_is_read_as_the_number_it_says_whatever_stands_beside_it(cells: list[str | None], scale: int):
    held = pl.DataFrame({"a": pl.Series(cells, dtype=pl.String)})
    assert held.select(number(pl.col("a"), pl.String(), scale)).to_series().to_list() == [exactly(cell, scale) for cell in cells]


def exactly(cell: str | None, scale: int) -> int | None:
    if cell is None or not PLAIN.fullmatch(cell.strip()) or abs(Decimal(cell.strip())) >= 10 ** min(15, 18 - scale):
        return None
    with localcontext(prec=60):
        scaled = Decimal(cell.strip()).scaleb(scale)
        return int(scaled) if scaled == int(scaled) else None
