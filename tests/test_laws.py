"""What must hold for every population, whatever its rows."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from custier.labels import label_customers

RUBRIC = """
metrics: {growth: {formula: spend / spend_before - 1}, spend_before: {sum: amount, window: {last: 6 months, shifted: 6 months}}}
window: last 6 months
eligible: tenure_months >= 2
score:
  spend: {weight: 50, bands: [{at_least: 1000, points: 100}, {at_least: 10, points: 60}, {otherwise: 0}]}
  orders: {weight: 20, bands: [{above: 3, points: 100}, {otherwise: 30}]}
  growth: {weight: 30, missing: skip, bands: [{at_least: 0, points: 100}, {otherwise: 10}]}
tiers: [{name: V, score: {at_least: 85}}, {name: K, top: 30%, by: spend}, {name: B, score: {at_least: 40}}, {name: C}]
rules: [{name: many, when: orders > 5, up: 1}, {name: minus, when: spend < 0, at_most: B}]
flags: {f: average_order > 20}
segments: {s: {quiet: recency_days > 60, busy: otherwise}}
"""
WEIGHTS = {"spend": 5000, "orders": 2000, "growth": 3000}
AMOUNTS = st.one_of(
    st.sampled_from(["10.00", "9.99", "1000.00", "-10.00", "0"]), st.integers(-(10**7), 10**9).map(lambda c: f"{c / 100:.2f}")
)
ROWS = st.lists(
    st.tuples(
        st.sampled_from("abcdefgh"),
        st.integers(0, 400).map(lambda n: (date(2024, 12, 1) + timedelta(n)).isoformat()),
        AMOUNTS,
        st.sampled_from("123456789"),
    ),
    min_size=1,
    max_size=40,
).filter(lambda rows: min(row[1] for row in rows) <= "2025-12-31")
HEADER = "customer date amount order"
LAWS = settings(max_examples=25, deadline=None)


def _labels(graded: Any, table: Any, rows: Any) -> Any:
    run = graded(RUBRIC, table("transactions", HEADER, *rows))
    return label_customers(run.frame, run.rubric, run.plan)


@given(ROWS, st.randoms(use_true_random=False))
@LAWS
def test_the_order_of_the_rows_does_not_matter(graded: Any, table: Any, rows: list[Any], random: Any) -> None:
    shuffled = random.sample(rows, len(rows))
    assert _labels(graded, table, rows).equals(_labels(graded, table, shuffled))


@given(ROWS)
@LAWS
def test_every_customer_has_exactly_one_tier_and_a_score_that_adds_up(graded: Any, table: Any, rows: list[Any]) -> None:
    run = graded(RUBRIC, table("transactions", HEADER, *rows))
    frame = run.frame
    assert frame["customer_id"].to_list() == sorted({row[0] for row in rows if row[1] <= "2025-12-31"})
    assert set(frame["tier"]) <= {"V", "K", "B", "C", "unrated"}
    assert (frame["tier"] == "unrated").to_list() == (~frame["rated"]).to_list()
    for row in frame.iter_rows(named=True):
        counted = {name: weight for name, weight in WEIGHTS.items() if row[f"points_{name}"] is not None}
        exactly = Fraction(sum(row[f"points_{name}"] * weight for name, weight in counted.items()), sum(counted.values()))
        assert row["score"] == int(exactly * 10**6 + Fraction(1, 2))


@given(ROWS)
@LAWS
def test_equal_customers_are_graded_equally(graded: Any, table: Any, rows: list[Any]) -> None:
    twins = [(f"{row[0]}-twin", *row[1:]) for row in rows]
    frame = graded(RUBRIC, table("transactions", HEADER, *rows, *twins)).frame
    ids = frame["customer_id"]
    own, twin = frame.filter(~ids.str.ends_with("-twin")), frame.filter(ids.str.ends_with("-twin"))
    assert own.drop("customer_id").equals(twin.drop("customer_id"))


@given(ROWS)
@LAWS
def test_the_names_of_customers_do_not_matter(graded: Any, table: Any, rows: list[Any]) -> None:
    renamed = [(f"{1000 - ord(row[0])}号", *row[1:]) for row in rows]
    there, here = _labels(graded, table, renamed), _labels(graded, table, rows)
    assert there.reverse().drop("customer_id").equals(here.drop("customer_id"))


@given(ROWS, st.sampled_from("abcdefgh"), st.integers(1, 10**6))
@LAWS
def test_a_further_purchase_never_lowers_spend_or_orders(graded: Any, table: Any, rows: list[Any], customer: str, cents: int) -> None:
    before = graded(RUBRIC, table("transactions", HEADER, *rows))
    after = graded(RUBRIC, table("transactions", HEADER, *rows, (customer, "2025-12-31", f"{cents / 100:.2f}", "new")))
    was, now = before.column("spend").get(customer, 0), after.column("spend")[customer]
    assert now == was + cents
    assert after.column("orders")[customer] == before.column("orders").get(customer, 0) + 1
    others = {c: s for c, s in after.column("spend").items() if c != customer}
    assert others == {c: s for c, s in before.column("spend").items() if c != customer}


@given(ROWS)
@LAWS
def test_the_same_month_again_moves_nobody(graded: Any, table: Any, rows: list[Any]) -> None:
    first = graded(RUBRIC, table("transactions", HEADER, *rows))
    again = graded(RUBRIC, table("transactions", HEADER, *rows), previous=first).frame
    assert set(again["steps"]) == {0}
    assert set(again.filter(again["rows_in_window"] > 0)["change"]) <= {"same", "returned"}
    assert again["tier"].to_list() == first.frame["tier"].to_list()


@given(ROWS, ROWS)
@LAWS
def test_no_customer_of_the_last_run_vanishes(graded: Any, table: Any, rows: list[Any], later: list[Any]) -> None:
    first = graded(RUBRIC, table("transactions", HEADER, *rows))
    second = graded(RUBRIC, table("transactions", HEADER, *later), previous=first)
    assert set(first.frame["customer_id"]) <= set(second.frame["customer_id"])
    moved = second.frame.filter((second.frame["steps"] != 0).fill_null(False))
    assert all(cause for cause in moved["cause"])
