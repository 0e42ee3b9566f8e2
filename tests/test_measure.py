"""Every aggregation, against figures worked out by hand."""

from __future__ import annotations

import random
from calendar import isleap
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custier.measure import Before
from custier.measure.aggregate import RowMetric, aggregate_rows
from custier.measure.fit import outgrown_metrics
from custier.measure.pool import measure_customers
from custier.rubric.formula import FormulaError, Number
from custier.rubric.model import Rubric
from custier.rubric.plan import plan_metrics
from custier.rubric.window import Length

ORDERS = "customer date amount order category quantity"


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("{sum: amount}", "60.00"),
        ("{sum: amount, where: amount > 0}", "70.00"),
        ("{sum: amount * quantity}", "160.00"),
        ("{sum: 'round(amount / 3, 2)'}", "20.01"),
        ("{mean: amount}", "20.00"),
        ("{mean: quantity}", "3"),
        ("{min: amount}", "-10.00"),
        ("{max: amount}", "50.00"),
        ("{min: amount, where: amount > 0}", "20.00"),
        ("{count: order}", "3"),
        ("{count: category}", "2"),
        ("{count: quantity}", "2"),
        ("{count: customer, where: amount < 0}", "1"),
        ("{count_distinct: order}", "2"),
        ("{count_distinct: category}", "1"),
        ("{count_distinct: amount, where: category = 'food'}", "2"),
        ("{first: amount}", "20.00"),
        ("{last: amount}", "50.00"),
        ("{last: quantity}", "4"),
        ("{first: amount, where: amount < 0}", "-10.00"),
        ("{weighted_mean: amount, weight: quantity}", "26.666666666667"),
        ("{weighted_mean: quantity, weight: amount}", "16"),
        ("{active_months: date}", "2"),
        ("{active_months: date, where: amount < 0}", "1"),
    ],
)
def test_an_aggregation_over_the_rows_of_the_window(graded: Any, table: Any, metric: str, expected: str) -> None:
    rows = table(
        "transactions",
        ORDERS,
        ("a", "2024-12-31", "999.00", "0", "old", "9"),
        ("a", "2025-01-01", "20.00", "1", "food", "2"),
        ("a", "2025-01-31", "-10.00", "1", None, None),
        ("a", "2025-12-31", "50.00", "2", "food", "4"),
        ("a", "2026-01-01", "999.00", "3", "new", "9"),
        ("b", "2025-05-05", "1.00", "9", "toys", "1"),
    )
    # 20×2 + 50×4 = 240 over 6 or 70: a row without a quantity has no weight and no value
    expected = {"{sum: amount * quantity}": "240.00", "{weighted_mean: amount, weight: quantity}": "40"}.get(metric, expected)
    expected = "3.428571428571" if metric == "{weighted_mean: quantity, weight: amount}" else expected
    run = graded(f"metrics: {{m: {metric}}}", rows)
    assert run.value("a", "m") == Decimal(expected)


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ("{sum: amount}", 0),
        ("{count: order}", 0),
        ("{count_distinct: category}", 0),
        ("{active_months: date}", 0),
        ("{mean: amount}", None),
        ("{min: amount}", None),
        ("{max: amount}", None),
        ("{first: amount}", None),
        ("{last: amount}", None),
        ("{weighted_mean: amount, weight: quantity}", None),
        ("{formula: spend / orders}", None),
        ("{formula: spend + orders}", 0),
    ],
)
def test_a_customer_without_rows_in_the_window_has_zero_or_nothing(graded: Any, table: Any, metric: str, value: int | None) -> None:
    rows = table("transactions", ORDERS, ("a", "2024-12-31", "9.00", "0", "old", "9"), ("b", "2025-05-05", "1.00", "9", "toys", "1"))
    assert graded(f"metrics: {{m: {metric}}}", rows).value("a", "m") == value


def test_a_weighted_mean_whose_weights_cancel_is_missing_and_negative_weights_keep_the_sign(graded: Any, table: Any) -> None:
    rows = table(
        "transactions",
        "customer date amount quantity",
        ("zero", "2025-01-05", "10.00", "2"),
        ("zero", "2025-01-06", "20.00", "-2"),
        ("minus", "2025-01-05", "10.00", "-1"),
        ("minus", "2025-01-06", "20.00", "-3"),
    )
    run = graded("metrics: {m: {weighted_mean: amount, weight: quantity}}\nflags: {high: m > 17}", rows)
    assert run.value("zero", "m") is None
    assert run.value("minus", "m") == Decimal("17.5")
    assert run["minus"]["flag_high"] and not run["zero"]["flag_high"]


def test_ready_made_metrics_mean_what_their_names_say(graded: Any, table: Any) -> None:
    rows = table(
        "transactions",
        "customer date amount order category quantity cost",
        ("a", "2024-11-30", "5.00", "0", "x", "1", "1.00"),
        ("a", "2025-01-05", "20.00", "1", "food", "2", "15.00"),
        ("a", "2025-01-05", "30.00", "1", "toys", "1", "15.50"),
        ("a", "2025-12-21", "-10.00", "2", "food", "-1", "-8.00"),
    )
    rubric = (
        "flags: {f: orders + categories + quantity + profit + active_months + recency_days + tenure_months > 0,"
        " g: average_order > 0, h: margin > 0}"
    )
    run = graded(rubric, rows)
    values = {name: run.value("a", name) for name in run.plan.metrics}
    assert values == {
        "spend": 40,
        "orders": 2,
        "categories": 2,
        "quantity": 2,
        "profit": Decimal("17.50"),
        "average_order": 20,
        "margin": Decimal("0.4375"),
        "active_months": 2,
        "recency_days": 10,
        "tenure_months": 13,
    }


def test_without_an_order_number_every_row_is_an_order(graded: Any, bought: Any) -> None:
    assert graded("{}", bought(("a", "2025-01-05", "1"), ("a", "2025-01-05", "1"))).value("a", "orders") == 2


@pytest.mark.parametrize(
    ("first", "as_of", "months"),
    [
        ("2025-01-31", "2025-02-28", 1),
        ("2025-01-31", "2025-02-27", 0),
        ("2024-01-31", "2024-02-29", 1),
        ("2024-01-31", "2024-02-28", 0),
        ("2024-02-29", "2025-02-28", 12),
        ("2024-02-29", "2025-02-27", 11),
        ("2025-06-15", "2025-09-14", 2),
        ("2025-06-15", "2025-09-15", 3),
        ("2025-12-31", "2025-12-31", 0),
        ("2025-03-30", "2025-04-30", 1),
        ("2025-03-31", "2025-04-30", 1),
    ],
)
def test_tenure_counts_whole_months(graded: Any, bought: Any, first: str, as_of: str, months: int) -> None:
    run = graded("flags: {f: tenure_months > 0}", bought(("a", first, "1")), as_of=as_of)
    assert run.value("a", "tenure_months") == months


def test_recency_and_tenure_look_beyond_the_window_but_not_beyond_the_as_of_date(graded: Any, bought: Any) -> None:
    run = graded(
        "flags: {f: recency_days + tenure_months > 0}", bought(("a", "2020-01-01", "1"), ("a", "2024-12-30", "1"), ("a", "2026-01-01", "1"))
    )
    assert (run.value("a", "recency_days"), run.value("a", "tenure_months")) == (366, 71)


def test_a_customer_whose_every_row_is_later_than_the_as_of_date_is_not_there_yet(graded: Any, bought: Any) -> None:
    run = graded("{}", bought(("a", "2025-12-31", "1"), ("b", "2026-01-01", "1")))
    assert run.frame["customer_id"].to_list() == ["a"]


INVOICES = "customer date paid amount"


@pytest.mark.parametrize(
    ("due", "paid", "delay", "late"),
    [
        ("2025-06-30", "2025-06-30", 0, 0),
        ("2025-06-30", "2025-07-01", 1, 1),
        ("2025-06-30", "2025-06-20", -10, 0),
        ("2025-12-01", None, 30, 30),
        ("2025-12-31", None, None, None),
        ("2025-12-30", None, 1, 1),
        ("2025-12-01", "2026-01-15", 30, 30),
        ("2025-12-01", "2025-12-31", 30, 30),
    ],
)
def test_days_late_of_one_invoice(
    graded: Any, bought: Any, table: Any, due: str, paid: str | None, delay: int | None, late: int | None
) -> None:
    """Unpaid counts up to the as-of date, paid after it is not known yet, not due is neither late nor on time."""
    rubric = "sources: {transactions: {}, invoices: {}}\nmetrics: {late: {max: days_late, source: invoices}, delay: {max: payment_delay_days, source: invoices}}"
    run = graded(rubric, bought(("a", "2025-01-05", "1")), table("invoices", INVOICES, ("a", due, paid, "5")))
    assert (run.value("a", "delay"), run.value("a", "late")) == (delay, late)


def test_days_late_is_averaged_over_the_invoices_due_in_the_window(graded: Any, bought: Any, table: Any) -> None:
    rubric = "sources: {transactions: {}, invoices: {}}\nmetrics: {late: {mean: days_late, source: invoices}, paid_late: {count: paid, source: invoices, where: paid > date}}"
    invoices = table(
        "invoices",
        INVOICES,
        ("a", "2024-12-31", "2025-12-31", "5"),
        ("a", "2025-03-01", "2025-03-02", "5"),
        ("a", "2025-04-01", "2025-03-02", "5"),
        ("a", "2025-05-01", None, "5"),
        ("a", "2025-12-31", None, "5"),
        ("x", "2025-05-01", None, "5"),
    )
    run = graded(rubric, bought(("a", "2025-01-05", "1"), ("b", "2025-01-05", "1")), invoices)
    assert run.value("a", "late") == round(Decimal(1 + 0 + 244) / 3, 12)
    assert run.value("b", "late") is None
    assert (run.value("a", "paid_late"), run.value("b", "paid_late")) == (1, 0)
    assert run.frame["customer_id"].to_list() == ["a", "b"]


def test_a_source_that_was_not_given_leaves_its_metrics_missing(graded: Any, bought: Any) -> None:
    sources = "sources: {transactions: {}, surveys: {optional: true}, invoices: {optional: true}}\n"
    metrics = "metrics: {s: {mean: score, source: surveys}, n: {count: score, source: surveys}, l: {sum: days_late, source: invoices}}"
    run = graded(sources + metrics, bought(("a", "2025-01-05", "1")))
    assert [run.value("a", name) for name in "snl"] == [None, None, None]


def test_a_balance_is_weighed_by_the_days_it_stood(graded: Any, bought: Any, table: Any) -> None:
    """Carried into the window, changed inside it, and standing until its end; days before the first balance do not count."""
    rubric = "sources: {transactions: {}, balances: {}}\nwindow: last 10 days\nmetrics: {assets: {time_weighted_mean: balance, source: balances}}"
    balances = table(
        "balances",
        "customer date balance",
        ("a", "2025-01-01", "7.00"),
        ("a", "2025-12-01", "100.00"),
        ("a", "2025-12-25", "200.00"),
        ("a", "2025-12-31", "1000.00"),
        ("b", "2025-12-30", "50.00"),
        ("c", "2026-01-01", "9.00"),
        ("d", "2025-12-30", "10.00"),
        ("d", "2025-12-30", "30.00"),
    )
    run = graded(rubric, bought(*((c, "2025-01-05", "1") for c in "abcd")), balances)
    assert run.value("a", "assets") == Decimal(100 * 3 + 200 * 6 + 1000) / 10
    assert run.value("b", "assets") == 50
    assert run.value("c", "assets") is None
    assert run.value("d", "assets") == 30


PER_ACCOUNT = (
    "sources: {balances: {}}\nwindow: last 10 days\nmetrics: {assets: {time_weighted_mean: balance, source: balances, per: account}}"
)


def test_the_balances_of_several_accounts_are_added_up_day_by_day(graded: Any, table: Any) -> None:
    """An account opened later held nothing until then; days before the first of all do not count; no number is an account, too."""
    rows = [
        ("a", "2025-01-01", "7.00", "one"),
        ("a", "2025-12-25", "10.00", "two"),
        ("a", "2025-12-29", "0.00", "one"),
        ("a", "2025-12-29", "1.00", None),
        ("b", "2025-12-28", "50.00", "one"),
        ("b", "2025-12-30", "20.00", "two"),
        ("c", "2026-01-01", "9.00", "one"),
    ]
    run = graded(PER_ACCOUNT, table("balances", "customer date balance account", *rows))
    assert run.value("a", "assets") == Decimal(7 * 7 + 10 * 7 + 3) / 10
    assert run.value("b", "assets") == Decimal(50 * 4 + 20 * 2) / 4
    assert "c" not in run.column("tier")


def test_several_accounts_have_the_average_that_their_daily_total_has(graded: Any, table: Any) -> None:
    draw = random.Random(9)
    days = [date(2025, 11, 25) + timedelta(n) for n in range(37)]
    rows = [
        (f"c{draw.randrange(20)}", draw.choice(days).isoformat(), f"{draw.randrange(-900, 9_000) / 100:.2f}", draw.choice(["x", "y", "z"]))
        for _ in range(150)
    ]
    run = graded(PER_ACCOUNT, table("balances", "customer date balance account", *rows))
    for customer in run.frame["customer_id"]:
        totals = []
        for day in days[-10:]:
            known = [
                [(on, Decimal(b)) for c, on, b, a in rows if (c, a) == (customer, account) and on <= day.isoformat()] for account in "xyz"
            ]
            totals += [sum(max(found)[1] for found in known if found)] if any(known) else []
        assert run.value(customer, "assets") == (round(sum(totals) / len(totals), 12) if totals else None), customer


def test_a_balance_counts_where_its_condition_holds(graded: Any, bought: Any, table: Any) -> None:
    rubric = "sources: {transactions: {}, balances: {}}\nwindow: last 10 days\n"
    rubric += "metrics: {assets: {time_weighted_mean: balance, source: balances, where: balance < 100}}"
    balances = table(
        "balances", "customer date balance", ("a", "2025-01-01", "7.00"), ("a", "2025-12-27", "500.00"), ("b", "2025-01-01", "100.00")
    )
    run = graded(rubric, bought(("a", "2025-01-05", "1"), ("b", "2025-01-05", "1")), balances)
    assert run.value("a", "assets") == 7 and run.value("b", "assets") is None


WINDOWS = [
    "last 1 months",
    "last 3 months",
    "{last: 2 months, settle: 3 days}",
    "{last: 1 months, shifted: 1 months}",
    "calendar year",
    "lifetime",
]


@pytest.mark.parametrize("window", WINDOWS)
def test_the_average_day_is_what_adding_up_every_day_gives(window: str, graded: Any, table: Any) -> None:
    """Day by day from the first balance, or the window's first day, to its last: around month ends, a leap day and the turn of a year."""
    draw = random.Random(window)
    days = [date(2023, 11, 20) + timedelta(n) for n in range(140)]
    rows = [
        (f"c{n}", draw.choice(days).isoformat(), f"{draw.randrange(-5_000, 90_000) / 100:.2f}") for n in range(40) for _ in range(n % 7 + 1)
    ]
    rubric = f"sources: {{balances: {{}}}}\nwindow: {window}\nmetrics: {{assets: {{time_weighted_mean: balance, source: balances}}}}"
    for as_of in ("2024-02-29", "2024-03-31", "2024-01-31", "2023-12-31"):
        run = graded(rubric, table("balances", "customer date balance", *rows), as_of=as_of)
        start, end = run.rubric.window.dates(date.fromisoformat(as_of))
        counted = [day for day in days if day < end and (start is None or day >= start)]
        for customer in run.frame["customer_id"]:
            held: list[Decimal] = []
            for day in counted:
                known = [(on, Decimal(amount)) for who, on, amount in rows if who == customer and on <= day.isoformat()]
                held += [max(known)[1]] if known else []
            assert run.value(customer, "assets") == (round(sum(held) / len(held), 12) if held else None), (customer, as_of)


def test_the_largest_wins_where_first_and_last_share_a_day(graded: Any, bought: Any) -> None:
    rows = bought(("a", "2025-01-05", "1"), ("a", "2025-01-05", "3"), ("a", "2025-02-05", "9"), ("a", "2025-02-05", "2"))
    run = graded("metrics: {f: {first: amount}, l: {last: amount}}", rows)
    assert (run.value("a", "f"), run.value("a", "l")) == (3, 9)


def test_a_share_of_the_total_is_exact_and_missing_where_the_total_is_not_above_zero(graded: Any, spent: Any) -> None:
    rubric = "metrics: {share: {share_of_total: spend}}\ntiers: [{name: V, when: share >= 0.1}, {name: C}]"
    run = graded(rubric, spent(a="10.00", b="9.99", c="80.01", d="0.00"))
    assert (run["a"]["tier"], run["b"]["tier"], run.value("c", "share")) == ("V", "C", Decimal("0.8001"))
    refunds = graded(rubric, spent(a="-10.00", b="10.00"))
    assert refunds.value("a", "share") is None


def test_a_share_of_a_total_beyond_64_bits_is_exact(graded: Any, spent: Any) -> None:
    rubric = "metrics: {sq: {formula: spend * spend}, sh: {share_of_total: sq}}\nflags: {third: 3 * sh = 1}"
    run = graded(rubric, spent(a="29000000", b="29000000", c="29000000"))
    assert [run.value(customer, "sh") for customer in "abc"] == [round(Decimal(1) / 3, 12)] * 3
    assert run["a"]["flag_third"]


def test_a_share_that_64_bits_cannot_hold_is_refused_and_not_wrapped(graded: Any, spent: Any) -> None:
    rubric = "metrics: {sq: {formula: spend * spend}, sh: {share_of_total: sq}}"
    with pytest.raises(nw.exceptions.InvalidOperationError, match="conversion"):
        graded(rubric, spent(a="29000000.01", b="29000000.01", c="29000000.01"))


@pytest.mark.parametrize("argument", ["round(amount * 1000.5, 2)", "amount + 9000000000000000.01", "greatest(amount, 9000000000000000.01)"])
@pytest.mark.parametrize("aggregation", ["sum", "mean"])
def test_a_sum_of_a_formula_is_refused_where_it_would_wrap(graded: Any, bought: Any, aggregation: str, argument: str) -> None:
    """No row is too large, and neither is the sum of the column; the sum of what is made of it is beyond 2^64."""
    rows = bought(*(("a", "2025-06-01", "9000000000000") for _ in range(41)))
    with pytest.raises(nw.exceptions.InvalidOperationError, match="conversion"):
        graded(f"metrics: {{m: {{{aggregation}: '{argument}'}}}}", rows)


def test_a_weighted_mean_is_exact_up_to_the_largest_sums_that_reading_lets_in(bought: Any) -> None:
    """Σ|value| and Σ|weight| at 4 × 10^18: the sum of their products reaches 1.6 × 10^37 and does not wrap."""
    most, half = 4 * 10**18, 2 * 10**18
    held = [("one", most, most), ("two", half, half), ("two", half, half), ("minus", -most, most)]
    rows = pl.DataFrame(held, schema={"customer_id": pl.String(), "v": pl.Int64(), "w": pl.Int64()}, orient="row")
    metric = RowMetric("m", "weighted_mean", nw.lit(True), nw.col("v"), Number(nw.col("w"), 6))
    found = aggregate_rows(nw.from_native(rows.lazy()), [metric]).collect().to_native()
    sums = {customer: (num, den) for customer, num, den in found.select("customer_id", "m", "m__per").iter_rows()}
    assert sums == {"one": (most * most, most), "two": (2 * half * half, most), "minus": (-most * most, most)}


@pytest.mark.parametrize(
    "metric", ["{weighted_mean: amount * quantity, weight: quantity}", "{time_weighted_mean: amount * quantity}"], ids=["weight", "time"]
)
def test_a_mean_of_products_that_could_outgrow_128_bits_is_refused(graded: Any, table: Any, metric: str) -> None:
    rows = table("transactions", "customer date amount quantity", ("a", "2025-06-01", "1", "1"))
    with pytest.raises(FormulaError, match="could grow beyond exact numbers") as error:
        graded(f"metrics: {{m: {metric}}}", rows)
    assert "round" in error.value.help


@pytest.mark.parametrize("quantity", ["200000", "-200000", "200000.5"])
def test_a_weighted_mean_of_millions_with_weights_of_six_decimals_fits(graded: Any, table: Any, quantity: str) -> None:
    """The sum of amount × quantity × 10^6 alone would be beyond 2^63."""
    rows = table(
        "transactions",
        "customer date amount quantity",
        ("a", "2025-06-01", "900000.10", quantity),
        ("a", "2025-07-01", "900000.30", quantity),
        ("b", "2025-07-01", "7.00", "0.000001"),
        ("b", "2025-07-01", "8.00", "0.000002"),
    )
    run = graded("metrics: {m: {weighted_mean: amount, weight: quantity}}\nflags: {exact: m = 900000.20}", rows)
    assert run.value("a", "m") == Decimal("900000.20") and run["a"]["flag_exact"]
    assert run.value("b", "m") == round(Decimal(23) / 3, 12)


def test_the_metrics_that_do_not_fit_are_named_without_those_made_from_them(table: Any) -> None:
    made = {
        "root": {"formula": "round(spend * 10000, 2)"},
        "huge": {"formula": "root * root"},
        "more": {"formula": "round(huge, 2) * 2"},
        "last": {"formula": "more + 1"},
        "part": {"share_of_total": "huge"},
        "fine": {"formula": "spend / 7"},
        "odd": {"sum": "amount * amount"},
    }
    rubric = Rubric.model_validate({"rubric": "test", "sources": {"transactions": {}}, "metrics": made, "tiers": [{"name": "C"}]})
    bought = table("transactions", "customer date amount", ("a", "2025-06-01", "29000000"), ("a", "2025-06-01", "31000000"))
    columns = {"transactions": bought.kinds}
    plan = plan_metrics(rubric, columns)
    tables = {"transactions": nw.from_native(bought.frame.lazy())}
    assert outgrown_metrics(lambda p: measure_customers(tables, rubric, p, columns, date(2025, 12, 31), Before()), plan) == ["huge", "odd"]


@pytest.mark.parametrize("as_of, rolling, calendar", [("2025-02-01", 800, 300)])
def test_rolling_and_calendar_windows_differ(graded: Any, bought: Any, as_of: str, rolling: int, calendar: int) -> None:
    """500 in November and 300 in January: a rolling year reaches 800, the calendar year only 300."""
    rows = bought(("a", "2024-11-10", "500"), ("a", "2025-01-10", "300"))
    run = graded("metrics: {r: {sum: amount}, c: {sum: amount, window: calendar year}}", rows, as_of=as_of)
    assert (run.value("a", "r"), run.value("a", "c")) == (rolling, calendar)


def test_each_metric_looks_through_its_own_window(graded: Any, bought: Any) -> None:
    days = ["2023-12-31", "2024-01-01", "2024-12-31", "2025-01-01", "2025-09-30", "2025-11-30", "2025-12-01", "2025-12-31", "2026-01-01"]
    rows = bought(*(("a", day, 10**i) for i, day in enumerate(days)))
    windows = {
        "year": "last 12 months",
        "before": "{last: 12 months, shifted: 12 months}",
        "all": "lifetime",
        "settled": "{last: 12 months, settle: 31 days}",
        "fiscal": "fiscal year from month 10",
        "week": "last 1 week",
    }
    run = graded("metrics: {{{}}}".format(", ".join(f"{name}: {{sum: amount, window: {w}}}" for name, w in windows.items())), rows)
    values = {name: run.value("a", name) for name in windows}
    assert values == {"year": 11111000, "before": 110, "all": 11111111, "settled": 111100, "fiscal": 11100000, "week": 10000000}


def test_a_window_since_joining_starts_with_the_first_transaction(graded: Any, bought: Any, table: Any) -> None:
    rubric = "sources: {transactions: {}, surveys: {}}\nmetrics: {s: {count: score, source: surveys, window: since joining}, t: {sum: amount, window: since joining}}"
    surveys = table("surveys", "customer date score", ("a", "2020-01-04", "1"), ("a", "2020-01-05", "2"), ("a", "2025-01-01", "3"))
    run = graded(rubric, bought(("a", "2020-01-05", "1"), ("a", "2025-01-05", "2")), surveys)
    assert (run.value("a", "s"), run.value("a", "t")) == (2, 3)


def test_the_whole_rubric_may_look_since_joining(graded: Any, bought: Any) -> None:
    run = graded("window: since joining", bought(("a", "2020-01-05", "1"), ("a", "2025-01-05", "2")))
    assert (run.value("a", "spend"), run["a"]["rows_in_window"]) == (3, 2)


def test_years_at_a_tier_count_from_the_last_break(graded: Any, bought: Any) -> None:
    import datetime

    import narwhals as nw
    import polars as pl

    from custier.measure.derived import years_at_tier

    held = [
        ("a", 2022, "V"),
        ("a", 2023, "C"),
        ("a", 2024, "A"),
        ("a", 2025, "V"),
        ("b", 2020, "V"),
        ("b", 2025, "A"),
        ("c", 2025, "C"),
        ("e", 2020, "unrated"),
    ]
    days = [(c, datetime.date(year, 12, 31), tier) for c, year, tier in held]
    history = nw.from_native(pl.DataFrame(days, schema=["customer_id", "as_of", "tier"], orient="row").lazy())
    customers = nw.from_native(pl.DataFrame({"customer_id": ["a", "b", "c", "d", "e"]}).lazy())
    years = years_at_tier(history, customers, "y", ["V", "A", "C"], "A", datetime.date(2026, 12, 30)).sort("customer_id").collect()
    assert years["y"].to_list() == [1, 5, 0, 0, 0]
    assert years_at_tier(None, customers, "y", ["V"], "V", datetime.date(2026, 1, 1)).collect()["y"].to_list() == [0] * 5


def test_money_that_does_not_fit_in_a_float_is_summed_exactly(graded: Any, bought: Any) -> None:
    big, small = "9007199254740993.01", "0.01"
    run = graded(
        "tiers: [{name: V, when: spend > 9007199254740993.01}, {name: C}]",
        bought(("a", "2025-01-05", big), ("b", "2025-01-05", big), ("b", "2025-01-06", small)),
    )
    assert (run["a"]["tier"], run["b"]["tier"]) == ("C", "V")


def test_customers_that_differ_in_case_or_spaces_are_different_customers(graded: Any, bought: Any) -> None:
    run = graded(
        "{}",
        bought(
            ("a", "2025-01-05", "1"),
            ("A", "2025-01-05", "2"),
            (" a", "2025-01-05", "4"),
            ("007", "2025-01-05", "8"),
            ("7", "2025-01-05", "16"),
        ),
    )
    assert run.column("spend") == {"a": 100, "A": 200, " a": 400, "007": 800, "7": 1600}


def anniversary_by_hand(joined: date, as_of: date, years: int) -> date:
    """The last anniversary up to a day, found day by day, and the one so many years before it."""

    def in_year(year: int) -> date:
        return joined.replace(year=year) if (joined.month, joined.day) != (2, 29) or isleap(year) else date(year, 2, 28)

    year = as_of.year if in_year(as_of.year) <= as_of else as_of.year - 1
    return in_year(year - years)


@settings(deadline=None, max_examples=60)
@given(
    joined=st.dates(date(2019, 1, 1), date(2022, 12, 31)) | st.just(date(2020, 2, 29)),
    as_of=st.dates(date(2023, 1, 1), date(2025, 12, 31)) | st.sampled_from([date(2024, 2, 28), date(2024, 2, 29)]),
    years=st.integers(0, 2),
)
def test_a_membership_year_starts_on_the_last_anniversary_of_joining(
    graded: Any, table: Any, joined: date, as_of: date, years: int
) -> None:
    start = anniversary_by_hand(joined, as_of, years)
    days = {start + timedelta(n) for n in (-1, 0, 1)} | {as_of, joined}
    until = Length(months=12 * years).before(as_of + timedelta(1))
    window = f"{{span: membership year, shifted: {years} years}}"
    rubric = f"sources: {{transactions: {{}}, customers: {{}}}}\nmetrics: {{n: {{count: amount, window: {window}}}}}"
    rows = table("transactions", "customer date amount", *(("a", day.isoformat(), "1") for day in sorted(days)))
    register = table("customers", "customer joined", ("a", joined.isoformat()))
    found = graded(rubric, rows, register, as_of=as_of.isoformat()).value("a", "n")
    assert found == sum(start <= day < until for day in days)
