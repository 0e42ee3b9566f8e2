"""Formulas are exact, whitelisted, small, and say what is wrong with them."""

from __future__ import annotations

from fractions import Fraction

import narwhals as nw
import polars as pl
import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st

from custier.rubric.formula import Day, FormulaError, Number, Raw, Text, compile_condition, compile_formula, compile_number, names_in, nodes
from custier.rubric.formula.parse import MOST_WORDS

MONEY = 2
NAMES = {
    "spend": Number(nw.col("spend"), MONEY),
    "profit": Number(nw.col("profit"), MONEY),
    "orders": Number(nw.col("orders")),
    "order": Number(nw.col("orders")),
    "first": Number(nw.col("orders")),
    "count": Number(nw.col("orders")),
    "rating": Number(nw.col("rating"), 6),
    "margin": Number(nw.col("profit"), 0, nw.when(nw.col("spend") > 0).then(nw.col("spend"))),
    "region": Text(nw.col("region")),
    "date": Day(nw.col("day")),
    "odd name": Number(nw.col("orders")),
}
ROW = {"spend": 10_000, "profit": -2_500, "orders": 3, "rating": 4_500_000, "region": "East", "day": 20_000}


def _frame(**changed: object) -> nw.DataFrame[pl.DataFrame]:
    types = {name: pl.String() if name == "region" else pl.Int64() for name in ROW}
    return nw.from_native(pl.DataFrame([{**ROW, **changed}], schema=types), eager_only=True)


def _number(text: str, **row: object) -> Fraction | None:
    value = compile_number(text, NAMES)
    den = nw.lit(1) if value.den is None else value.den
    num, per = _frame(**row).select(num=value.num, den=den).row(0)
    return None if num is None or per is None else Fraction(int(num), int(per)) / 10**value.scale


def _holds(text: str, **row: object) -> bool:
    return bool(_frame(**row).select(x=compile_condition(text, NAMES)).row(0)[0])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("spend / orders", Fraction(100, 3)),
        ("spend + profit * 2", Fraction(50)),
        ("spend - profit", Fraction(125)),
        ("-profit", Fraction(25)),
        ("spend / profit", Fraction(-4)),
        ("1 / profit", Fraction(-1, 25)),
        ("margin - 0.05", Fraction(-3, 10)),
        ("margin / margin", Fraction(1)),
        ("margin * margin", Fraction(1, 16)),
        ("rating * spend", Fraction(450)),
        ("spend / rating", Fraction(200, 9)),
        ("abs(margin)", Fraction(1, 4)),
        ("least(spend, orders, 7)", Fraction(3)),
        ("greatest(spend, orders)", Fraction(100)),
        ("500_000", Fraction(500_000)),
        ("0.1 + 0.2", Fraction(3, 10)),
        ("1e3", Fraction(1000)),
        ('"odd name" * 2', Fraction(6)),
        ("order + first + count", Fraction(9)),
        ("spend -- what they paid", Fraction(100)),
    ],
)
def test_arithmetic_is_exact(text: str, value: Fraction) -> None:
    assert _number(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("round(0.5)", 1),
        ("round(-0.5)", -1),
        ("round(1.5)", 2),
        ("round(2.5)", 3),
        ("round(-2.5)", -3),
        ("round(0.49)", 0),
        ("round(1.005, 2)", Fraction(101, 100)),
        ("round(-1.005, 2)", Fraction(-101, 100)),
        ("round(spend / orders, 1)", Fraction(333, 10)),
        ("round(spend / 8, 1)", Fraction(125, 10)),
        ("round(margin * 10)", -3),
        ("round(orders, 2)", 3),
    ],
)
def test_rounding_is_half_away_from_zero(text: str, value: Fraction) -> None:
    assert _number(text) == value


@given(st.integers(-9 * 10**13, 9 * 10**13), st.integers(1, 10**12), st.integers(0, 6))
@settings(max_examples=60, deadline=None)
def test_rounding_a_quotient_equals_decimal_rounding(num: int, den: int, decimals: int) -> None:
    exactly = Fraction(num, 100) / den
    shift = exactly * 10**decimals
    halves = abs(shift) + Fraction(1, 2)
    expected = Fraction(int(halves) * (1 if shift >= 0 else -1), 10**decimals)
    assert _number(f"round(spend / orders, {decimals})", spend=num, orders=den) == expected


@pytest.mark.parametrize("text", ["1 / 0", "spend / (orders - 3)", "spend / (margin + 0.25)", "margin / 0 * 0"])
def test_a_division_by_zero_is_missing(text: str) -> None:
    assert _number(text) is None
    assert not _holds(f"{text} >= 0")
    assert not _holds(f"not ({text} >= 0)")
    assert _holds(f"{text} is null")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("spend >= 100", True),
        ("spend > 100", False),
        ("spend <= 100", True),
        ("spend < 100.01", True),
        ("spend = 100", True),
        ("spend <> 100.00", False),
        ("spend != 99.99", True),
        ("margin = -0.25", True),
        ("margin > -0.25", False),
        ("margin >= -0.250001", True),
        ("spend between 100 and 100", True),
        ("spend between 100.01 and 200", False),
        ("orders in (1, 3)", True),
        ("orders not in (1, 3)", False),
        ("region in ('West', 'East')", True),
        ("region = 'east'", False),
        ("region like 'E%t'", True),
        ("region like '_ast'", True),
        ("region like 'ast'", False),
        ("region like 'E.*'", False),
        ("date >= date '2024-10-04'", True),
        ("date > date '2024-10-04'", False),
        ("date - date '2024-10-01' = 3", True),
        ("true", True),
        ("not false", True),
        ("spend > 1 and not orders > 5 or false", True),
        ("(spend > 1) = (orders > 1)", True),
        ("spend is not null", True),
        ("margin is null", False),
    ],
)
def test_conditions(text: str, expected: bool) -> None:
    assert _holds(text) is expected


@pytest.mark.parametrize(
    "text", ["spend > 1", "spend <= 1", "not spend > 1", "spend <> 1", "spend in (1)", "spend not in (1)", "spend between 0 and 9"]
)
def test_a_condition_on_a_missing_value_is_false(text: str) -> None:
    assert not _holds(text, spend=None)


def test_a_missing_value_can_be_asked_for_and_replaced() -> None:
    assert _holds("spend is null", spend=None)
    assert _holds("margin is null", profit=None)
    assert _number("coalesce(spend, profit, 5)", spend=None, profit=None) == 5
    assert _number("coalesce(spend, 5)") == 100
    assert _number("least(spend, orders)", spend=None) == 3
    assert _number("greatest(orders, spend)", spend=None) == 3
    assert _number("least(spend, orders)", spend=None, orders=None) is None


def test_text_patterns_escape_what_is_not_a_wildcard() -> None:
    assert _holds("region like 'a+b (c)[-] 东%'", region="a+b (c)[-] 东\nx")
    assert not _holds("region like 'a.c'", region="abc")


ints = st.integers(-(10**15), 10**15)


@given(ints, ints, ints, ints, st.sampled_from(["<", "<=", "=", ">=", ">", "<>"]))
@settings(max_examples=60, deadline=None)
def test_quotients_compare_as_rationals(a: int, b: int, c: int, d: int, sign: str) -> None:
    """By cross-multiplication with the right sign, in 128 bits."""
    names = {name: Number(nw.col(name), scale) for name, scale in (("a", 2), ("b", 0), ("c", 6), ("d", 2))}
    frame = nw.from_native(pl.DataFrame({"a": [a], "b": [b], "c": [c], "d": [d]}), eager_only=True)
    held = frame.select(x=compile_condition(f"a / b {sign} c / d", names)).row(0)[0]
    if b == 0 or d == 0:
        assert held is False
        return
    left, right = Fraction(a, 100) / b, Fraction(c, 10**6) / Fraction(d, 100)
    assert (
        held
        is {"<": left < right, "<=": left <= right, "=": left == right, ">=": left >= right, ">": left > right, "<>": left != right}[sign]
    )


def test_a_product_of_two_large_amounts_does_not_wrap() -> None:
    big = 4 * 10**18
    assert _number("spend * spend", spend=big) == Fraction(big, 100) ** 2
    assert _holds("spend * spend > 1", spend=big)
    assert not _holds("margin > 1", spend=big, profit=big)
    assert _holds("margin >= 1", spend=big, profit=big)


def test_a_constant_beyond_64_bits_is_compared_exactly() -> None:
    assert _holds("rating < 12345678901234.123456")
    assert not _holds("rating > 123456789012345.123456")
    assert _holds("spend >= 100.000000000000")


@pytest.mark.parametrize(
    ("text", "said", "cure"),
    [
        ("spnd > 1", "`spnd` is not known here", "the nearest known name is `spend`"),
        ("Spend > 1", "`Spend` is not known here", "the nearest known name is `spend`"),
        ("zzz > 1", "`zzz` is not known here", "known names: "),
        ("t.spend > 1", "is not a name", "double quotes"),
        ("spend", "is not a condition", "compare it"),
        ("not spend", "is not a condition", "compare it"),
        ("region > 5", "compares unlike things", "single quotes"),
        ("date > '2025-01-31'", "compares a date with a text", "date '2025-01-31'"),
        ("date > date '2025-02-30'", "is not a date", "date '2025-01-31'"),
        ("spend > 1e19", "too many digits", ""),
        ("spend > 1e999999999", "too many digits", ""),
        ("spend * 1e-999999999 > 1", "too many digits", ""),
        ("spend > 1e99999999999999999999", "too many digits", ""),
        ("spend > 0.1234567890123", "too many digits", ""),
        ("round(spend, 7) > 1", "needs a number of decimals", ""),
        ("round(spend, 2.5) > 1", "needs a number of decimals", ""),
        ("round(spend, orders) > 1", "needs a number of decimals", ""),
        ("rating * rating * rating > 1", "multiplies too many decimals", "round a factor first"),
        ("region * 2 > 1", "is not a number", ""),
        ("", "more or less than one", "such as"),
        ("spend > 1; spend > 2", "more or less than one", "such as"),
        ("spend >", "cannot be read", "such as"),
        ("(spend > 1", "cannot be read", "close the parenthesis"),
    ],
)
def test_a_bad_formula_says_what_is_wrong_and_the_cure(text: str, said: str, cure: str) -> None:
    with pytest.raises(FormulaError) as error:
        compile_condition(text, NAMES)
    assert said in str(error.value)
    assert cure in error.value.help


@pytest.mark.parametrize(
    "text",
    [
        "(select 1)",
        "spend in (select 1)",
        "exists (select 1)",
        "read_csv('/etc/passwd')",
        "sum(spend)",
        "sum(spend) over ()",
        "count(*)",
        "*",
        "case when spend > 1 then 2 end",
        "if(spend > 1, 2, 3)",
        "cast(spend as text)",
        "spend::int",
        "try_cast('2025-01-01' as date)",
        "spend % 2",
        "spend // 2",
        "spend ^ 2",
        "spend ** 2",
        "spend || 'x'",
        "region ilike 'e%'",
        "region ~ 'e'",
        "region like region",
        "region like 'a' escape 'x'",
        "spend between symmetric 5 and 1",
        "round(spend, 2, 'x')",
        "[1]",
        "{'a': 1}",
        "null",
        "spend > null",
        "spend is true",
        "spend is not distinct from 1",
        "current_date",
        "now()",
        "random()",
        "$1",
        "?",
        "interval 1 day",
        "x -> 1",
        "drop table x",
        "set a = 1",
        "attach 'x'",
        "spend := 1",
        "0x10",
        "spend as x",
        "nullif(spend, 0)",
    ],
)
def test_nothing_outside_the_whitelist_is_compiled(text: str) -> None:
    with pytest.raises(FormulaError):
        compile_formula(text, NAMES)


TOO_LARGE = (
    "+".join(["spend"] * 200),
    " and ".join(["spend > 1"] * 100),
    "(" * 5000 + "spend" + ")" * 5000,
    "not " * 2000 + "spend > 1",
    "- " * 3000 + "spend",
    "abs(" * 2000 + "spend" + ")" * 2000,
    "a." * 3000 + "b",
    "[" * 3000,
    "case " * 2000,
    "spend in (" + "1," * 3000 + "1)",
    "((((((((((((((((((((((((" * 400,
)


@pytest.mark.parametrize("text", TOO_LARGE)
def test_a_formula_too_large_is_refused_before_it_is_parsed(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlglot, "tokenize", lambda *given, **options: pytest.fail("the formula was given to the parser"))
    with pytest.raises(FormulaError, match="too large"):
        compile_formula(text, NAMES)


@pytest.mark.parametrize("text", ["'" + "x" * 100_000, "1" * 100_000])
def test_a_word_too_long_is_refused(text: str) -> None:
    with pytest.raises(FormulaError):
        compile_formula(text, NAMES)


@pytest.mark.parametrize(
    "text",
    ["- " * 300 + "spend", "not " * 300 + "spend > 1", "- " * 98 + "spend", "+".join(["spend"] * 99), " or ".join(["spend > 1"] * 60)],
)
def test_a_formula_at_the_cap_is_compiled_or_refused_with_each_node_built_once(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[object] = []
    build = nodes.build
    monkeypatch.setattr(nodes, "build", lambda node, names: (built.append(node), build(node, names))[1])
    try:
        value = compile_formula(text, NAMES)
    except FormulaError:
        value = None
    if isinstance(value, Number):
        _frame().select(x=value.num)
    assert len(built) == len({id(node) for node in built}) <= MOST_WORDS


def test_words_that_are_names_are_never_keywords() -> None:
    words = ["order", "date", "count", "first", "last", "group", "select", "from", "values", "desc", "left", "interval", "window", "end"]
    names = {word: Number(nw.col("orders")) for word in words}
    for word in words:
        assert names_in(f"{word} + 1 > {word}", names) == {word}
        assert isinstance(compile_number(f"{word} * 2", names), Number)


def test_a_date_may_be_written_where_a_column_is_called_date() -> None:
    assert _holds("date >= date '2024-01-01' and date < date '2025-01-01'")


def test_a_column_of_the_export_is_a_text_or_a_number_by_its_use() -> None:
    names = {"Qty": Raw(nw.col("region"), Number(nw.col("orders")))}
    frame = _frame(region="3")
    for text in ("Qty = '3'", "Qty = 3", "Qty * 2 = 6", "Qty like '3'", "Qty in ('3', '4')", "Qty is not null"):
        assert frame.select(x=compile_condition(text, names)).row(0)[0] is True, text


def test_a_missing_quotient_can_be_replaced() -> None:
    assert _number("coalesce(margin, 0.25)", spend=0, profit=5) == Fraction(1, 4)
    assert _number("coalesce(margin, 0.25)", spend=4, profit=3) == Fraction(3, 4)
    assert _number("greatest(margin, 0.5)", spend=4, profit=1) == Fraction(1, 2)


@pytest.mark.parametrize("sign", ["<", "<=", "=", ">=", ">", "<>"])
@given(a=ints, b=ints, c=ints)
@settings(max_examples=20, deadline=None)
def test_a_quotient_compares_with_a_number_of_other_decimals(sign: str, a: int, b: int, c: int) -> None:
    """Cross-multiplied, 62 bits over 62 bits against 62 bits of 10^-6 could outgrow 128: the whole parts decide first."""
    names = {"a": Number(nw.col("a"), 2), "b": Number(nw.col("b")), "c": Number(nw.col("c"), 6)}
    frame = nw.from_native(pl.DataFrame({"a": [a], "b": [b], "c": [c]}), eager_only=True)
    held = {text: frame.select(x=compile_condition(text, names)).row(0)[0] for text in (f"a / b {sign} c", f"c {sign} a / b")}
    test = {"<": lambda x, y: x < y, "<=": lambda x, y: x <= y, "=": lambda x, y: x == y}
    test |= {">=": lambda x, y: x >= y, ">": lambda x, y: x > y, "<>": lambda x, y: x != y}
    left, right = Fraction(a, 100) / b if b else None, Fraction(c, 10**6)
    expected = [left is not None and test[sign](left, right), left is not None and test[sign](right, left)]
    assert list(held.values()) == expected


def test_a_quotient_equals_the_number_it_is() -> None:
    big = 3 * 10**18
    assert _holds("spend / orders = rating", spend=big, orders=big, rating=10_000)
    assert _holds("rating = spend / orders", spend=-big, orders=big, rating=-10_000)
    assert not _holds("spend / orders = rating", spend=big - 1, orders=big, rating=10_000)
    assert _holds("spend / orders > rating", spend=1 - big, orders=big, rating=-10_000)


def test_a_sum_of_two_rounded_numbers_does_not_wrap() -> None:
    total = _number("round(rating * 1000.5, 6) + round(rating * 1000.5, 6)", rating=8 * 10**15)
    assert total == 16_008_000_000_000


@pytest.mark.parametrize("text", ["spend * spend * spend > 0", "margin + margin + margin + margin > 1", "margin * margin * margin < 1"])
def test_a_formula_that_could_outgrow_128_bits_is_refused(text: str) -> None:
    with pytest.raises(FormulaError, match="could grow beyond exact numbers") as error:
        compile_condition(text, NAMES)
    assert "round" in error.value.help


@pytest.mark.parametrize(
    ("text", "said", "cure"),
    [
        ("spend => 5", "`=>` is not allowed", "write `>=`"),
        ("spend =< 5", "`=<` is not allowed", "write `<=`"),
        ("spend > 1 && orders > 2", "`&&` is not allowed", "write and"),
        ("spend > 1 || orders > 2", "`||` is not allowed", "write or"),
        ("spend ≥ 5", "`spend ≥ 5` cannot be read", "write `>=` for `≥`"),
        ("spend > 1,000", "`spend > 1,000` cannot be read", "without separators"),
        ("spend > 1，000", "`spend > 1，000` is not allowed", "without separators"),
        ("spend > 1'000", "cannot be read", "without separators"),
        ("least(spend, 1,000) > 3", "`000` starts with a zero", "without separators"),
        ("spend > 50万", "`spend > 50万` is not allowed", "write `50万` in full, such as 500_000"),
        ("margin > 20%", "`margin > 20%` cannot be read", "as a fraction, such as 0.2"),
        ("orders > 45天", "`orders > 45天` is not allowed", "write `45天` without its unit: 45"),
        ("spend ＞ 5", "`spend ＞ 5` cannot be read", "the sign `＞` is full-width; write `>`"),
        ("orders in （1，2）", "（1，2）", "the sign `（` is full-width; write `(`"),
        ("region = “East”", "`“East”` is not known here", "the sign `“` is full-width; write `'` round a text"),
    ],
)
def test_a_slip_of_the_hand_is_told_what_to_write(text: str, said: str, cure: str) -> None:
    with pytest.raises(FormulaError) as error:
        compile_condition(text, NAMES)
    assert said in str(error.value)
    assert cure in error.value.help


def test_signs_inside_quotes_are_no_slip() -> None:
    assert not _holds("region = 'a => b && 1,000 ＞ 5 || c'")
    assert _holds("region <> '50万' -- && => 1,000")
    names = {"金额（元）": Number(nw.col("spend"), MONEY), "a=>b": Number(nw.col("spend"), MONEY)}
    assert isinstance(compile_number('金额（元） + "a=>b"', names), Number)


def test_a_list_of_numbers_without_spaces_is_no_separator() -> None:
    assert not _holds("orders in (1,200)", orders=1200)
    assert _holds("orders in (1,200)", orders=200)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("spend > 1 and orders > 45 x", "spend > 1 and orders > 45 x"),
        ("spend>1 and  not   Orders ", "Orders"),
        ("spend > 1 AND NOT spend", "spend"),
        ("spend > 1 and  region>5", "region>5"),
        ("spend > 1 and orders::int > 5", "spend > 1 and orders::int > 5"),
        ("spend > 1 and spend % 2 = 1", "spend % 2"),
        ("\"odd name\" > 'x'", "\"odd name\" > 'x'"),
        ("'x' < \"odd name\"", "'x' < \"odd name\""),
        ("order = 'İSTANBUL' and region>5", "region>5"),
        ("region = 'İi' and Round(spend ,9) > 1", "Round(spend ,9)"),
    ],
)
def test_a_message_quotes_what_was_written(text: str, part: str) -> None:
    """And not how the parser would write it: quotes, capitals, casts."""
    with pytest.raises(FormulaError) as error:
        compile_condition(text, {name: value for name, value in NAMES.items() if name != "order"} | {"order": Text(nw.col("region"))})
    assert f"`{part}`" in str(error.value)


def test_a_long_formula_is_quoted_in_part() -> None:
    with pytest.raises(FormulaError) as error:
        compile_condition(" and ".join(["spend > 1"] * 30) + " and", NAMES)
    assert len(str(error.value)) < 160
