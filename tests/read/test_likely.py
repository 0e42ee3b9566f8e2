"""What is proposed of a column's texts: never more than they prove."""

import pytest

from custier.read.likely import currencies_in, likely_missing, likely_numbers, number_readings


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["1", "-2.50"], {}),
        (["1,234.50", "12"], {"thousands": ","}),
        (["5,29,550.00", "99,999.00"], {"thousands": "indian"}),
        (["1.234,56", "7"], {"decimal": ",", "thousands": "."}),
        (["1,5", "2,25"], {"decimal": ","}),
        (["1,234", "1,5"], {"decimal": ","}),
        (["1\u202f234,5 €"], {"decimal": ",", "thousands": " ", "currency": "€"}),
        (["1'234.5"], {"thousands": "'"}),
        (["￥12", "￥1.50"], {"currency": "￥"}),
        (["12元", "CNY 3"], {"currency": ["CNY", "元"]}),
        ([" $5,29,550.00 ", "($1,008.75)", " $-   "], {"thousands": "indian", "currency": "$", "negative": "parentheses", "dash": "zero"}),
        (["12.50-", "3"], {"negative": "trailing"}),
        (["１２", "３．５"], {"digits": "full-width"}),
        (["−12", "3.5"], {"digits": "full-width"}),
        (["0.123", "0.456"], {}),
        (["1,234.5", "N/A", ""], {"thousands": ","}),
    ],
)  # fmt: skip
def test_one_form_that_all_texts_have_is_proposed(texts: list[str], said: dict[str, object]):
    assert likely_numbers(filter(None, texts)) == said


@pytest.mark.parametrize("texts", [["1,234"], ["1,234", "567,890"], ["1.234"]])
def test_texts_that_fit_two_forms_give_both_and_no_proposal(texts: list[str]):
    assert len(number_readings(texts)) == 2 and likely_numbers(texts) is None


@pytest.mark.parametrize("texts", [[], ["N/A"], ["-"], ["twelve", "1"], ["1,23", "4.5.6"], ["$1", "￥2"]])
def test_what_is_no_column_of_numbers_has_no_form(texts: list[str]):
    assert number_readings(texts) == []


def test_one_odd_text_in_ten_is_let_pass():
    assert likely_numbers([*(f"1,{n:03}.5" for n in range(10)), "twelve"]) == {"thousands": ","}


def test_empty_cells_are_known_by_their_usual_texts():
    assert likely_missing(["12", " N/A", "NULL", "-", "无", "NASA", "0"]) == ["-", "N/A", "NULL", "无"]


def test_currencies_are_told_apart_and_spellings_are_not():
    assert len(currencies_in(["￥1", "2元", "CNY 3"])) == 1 and len(currencies_in(["￥1", "$2", "HK$3"])) == 3
