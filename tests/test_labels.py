"""The table people read: the contract's columns in its order, each of its type."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custier.labels import change_list, label_customers, money, quotient

RUBRIC = """
metrics: {rating: {mean: quantity}, units: {sum: quantity}}
score: {spend: {weight: 60, bands: [{at_least: 10, points: 90}, {otherwise: 0}]}, orders: {weight: 40, bands: [{otherwise: 55}]}}
tiers: [{name: V, score: {at_least: 70}}, {name: C}]
segments: {size: {big: spend > 10, small: otherwise}}
flags: {f: spend > 0}
"""


def test_columns_come_in_the_order_of_the_contract_and_are_typed(graded: Any, table: Any) -> None:
    rows = table(
        "transactions",
        "customer date amount quantity",
        ("b", "2025-06-01", "10.05", "1"),
        ("b", "2025-06-02", "0.10", "2.5"),
        ("a", "2025-06-01", "-0.01", "1"),
    )
    run = graded(RUBRIC, rows)
    labels = label_customers(run.frame.reverse(), run.rubric, run.plan)
    assert dict(labels.schema) == {
        "customer_id": pl.String,
        "tier": pl.String,
        "previous_tier": pl.String,
        "change": pl.String,
        "steps": pl.Int64,
        "score": pl.Float64,
        "earned_tier": pl.String,
        "next_tier": pl.String,
        "reasons": pl.String,
        "rules": pl.String,
        "flags": pl.String,
        "size": pl.String,
        "tier_since": pl.Date,
        "valid_until": pl.Date,
        "reason_codes": pl.String,
        "points_spend": pl.Int64,
        "points_orders": pl.Int64,
        "spend": pl.Decimal(38, 2),
        "orders": pl.Int64,
        "recency_days": pl.Int64,
        "rating": pl.Float64,
        "units": pl.Float64,
    }
    assert list(labels.columns)[:11] == [
        "customer_id",
        "tier",
        "previous_tier",
        "change",
        "steps",
        "score",
        "earned_tier",
        "next_tier",
        "reasons",
        "rules",
        "flags",
    ]
    assert labels["customer_id"].to_list() == ["a", "b"]
    assert labels["spend"].to_list() == [Decimal("-0.01"), Decimal("10.15")]
    assert (labels["rating"].to_list(), labels["units"].to_list(), labels["score"].to_list()) == ([1.0, 1.75], [1.0, 3.5], [22.0, 76.0])


def test_the_change_list_has_everyone_who_is_not_the_same(graded: Any, bought: Any) -> None:
    rubric = "tiers: [{name: V, when: spend > 10}, {name: C}]"
    last = graded(rubric, bought(("a", "2024-06-01", "1"), ("b", "2024-06-01", "1")), as_of="2024-12-31")
    run = graded(rubric, bought(("b", "2025-06-01", "2"), ("a", "2025-06-01", "20"), ("n", "2025-06-01", "3")), previous=last)
    changes = change_list(run.frame)
    assert changes.columns == ["customer_id", "change", "previous_tier", "tier", "steps", "cause"]
    assert changes.rows() == [("a", "up", "C", "V", 1, "spend 1.00 → 20.00"), ("n", "new", None, "C", None, "first row on 2025-06-01")]


@given(st.integers(-(2**53), 2**53), st.integers(1, 10**9), st.integers(0, 6))
@settings(max_examples=60, deadline=None)
def test_a_quotient_is_one_division_to_the_last_bit(num: int, den: int, scale: int) -> None:
    frame = nw.from_native(pl.DataFrame({"n": [num] * 9, "d": [den] * 9}, schema={"n": pl.Int64, "d": pl.Int64}))
    found = frame.select(of_both=quotient(nw.col("n"), nw.col("d"), scale), of_one=quotient(nw.col("n"), None, scale))
    assert found["of_both"].to_list() == [num / (den * 10**scale)] * 9
    assert found["of_one"].to_list() == [num / 10**scale] * 9


@pytest.mark.parametrize("scale", [2, 6])
@pytest.mark.parametrize("den", [5, 10**13, 4 * 10**18])
def test_a_quotient_over_a_large_divisor_does_not_wrap(den: int, scale: int) -> None:
    frame = nw.from_native(pl.DataFrame({"n": [den // 5, -den, None], "d": [den] * 3}, schema={"n": pl.Int64, "d": pl.Int64}))
    found = frame.select(q=quotient(nw.col("n"), nw.col("d"), scale))["q"].to_list()
    assert found[:2] == pytest.approx([0.2 / 10**scale, -1 / 10**scale], rel=1e-15) and found[2] is None


def test_a_weighted_mean_of_many_units_reads_as_what_it_is(graded: Any, table: Any) -> None:
    rows = table("transactions", "customer date amount quantity", ("a", "2025-06-01", "0.20", "4000000.000001"))
    run = graded("metrics: {m: {weighted_mean: amount, weight: quantity}}", rows)
    assert label_customers(run.frame, run.rubric, run.plan)["m"].to_list() == [0.2]


@given(st.integers(-(4 * 10**18), 4 * 10**18), st.integers(0, 6))
@settings(max_examples=40, deadline=None)
def test_money_is_an_exact_decimal(minor: int, decimals: int) -> None:
    frame = nw.from_native(pl.DataFrame({"m": [minor]}, schema={"m": pl.Int64}))
    assert frame.select(money(nw.col("m"), decimals)).item() == Decimal(minor).scaleb(-decimals)
