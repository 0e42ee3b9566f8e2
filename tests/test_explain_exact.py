"""The sums that `explain` does for one customer, in fractions, against those that the engine did for all."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from custier.explain.distance import _cuts_around
from custier.explain.earned import cut_key, earned_rank, told_values
from custier.explain.edges import BEYOND, moves
from custier.explain.exact import evaluate, holds
from custier.explain.held import exact_value, shown_value
from custier.explain.policy import Policy
from custier.explain.prepared import prepared
from custier.explain.ranks import _key
from custier.grade import regrade
from custier.labels import label_customers
from custier.rubric.formula import FormulaError, compile_condition, compile_number
from custier.rubric.formula.nodes import NODES
from custier.rubric.formula.tree import TREES, formula_tree
from custier.rubric.load import load_rubric
from custier.rubric.model import Rubric
from custier.rubric.plan import number_of
from custier.rubric.yaml_file import read_yaml
from custier.values import PER, Cut, Kind

KINDS = {"a": Kind(2, money=True), "b": Kind(), "q": Kind(quotient=True), "r": Kind(6, quotient=True)}
NAMES = {name: number_of(name, kind) for name, kind in KINDS.items()}
COLUMNS = ("a", "b", "q", "q__per", "r", "r__per")

ODD = """
rubric: odd
metrics:
  first_amount: {first: amount}
  stood: {time_weighted_mean: amount}
  weighted: {weighted_mean: amount, weight: cost}
  share: {share_of_total: spend}
  spend_before: {sum: amount, window: {last: 12 months, shifted: 12 months}}
  growth: {formula: spend / spend_before - 1}
  odd: {formula: "round(spend / orders, 2) * 3 - abs(first_amount)"}
eligible: tenure_months >= 2 or spend > 100.5
score:
  odd: {weight: 50, missing: unrated, bands: [{at_least: 0, points: 33}, {otherwise: -7}]}
  spend: {weight: 30, bands: [{at_least: 100_000, points: 100}, {above: 120.5, points: 55}, {otherwise: 10}]}
  growth: {weight: 20, missing: skip, bands: [{at_least: 0.333333, points: 100}, {above: -0.5, points: 50}, {otherwise: 0}]}
tiers:
  - {name: V, top: 7.5%, by: weighted, ties: strict}
  - {name: K, cumulative_share: 60%, by: spend}
  - {name: T, top: 20 customers, by: growth}
  - {name: S, score: {above: 40, at_most: 70}, when: "orders between 2 and 9 and not (growth < 0.25 or orders in (3, 4))"}
  - {name: C, when: "spend > -1000"}
rules:
  - {name: few, when: "orders < 1.5 and least(growth, 2) < 1", down: 1}
  - {name: big, when: "spend >= 2000 and stood > 100", at_least: S}
  - {name: minus, when: "first_amount < 0", at_most: S}
  - {name: lucky, when: "share >= 0.01 and coalesce(growth, 1) >= 0.5", up: 2}
  - {name: given, when: "orders = 2", set: K}
"""
GROUPED = """
rubric: grouped
segments:
  buyer: {frequent: orders >= 9, rare: orders > 3, once: otherwise}
  size: {big: spend >= 50000, small: otherwise}
tiers:
  - {name: A, top: 10%, by: spend, within: buyer}
  - {name: B, next: 20%}
  - {name: H, cumulative_share: 50%, by: spend, within: size}
  - {name: S, top: 3 customers, by: average_order, within: buyer, ties: strict}
  - {name: F, top: 500 customers, by: profit, within: size, when: orders > 2}
  - {name: C}
"""
CELLS = """
rubric: cells
segments:
  worth: {high: {n_of: 2, conditions: [spend >= 2000, orders > 4, "much = 'yes'"]}, low: otherwise}
  much: {"yes": average_order > 500 and not spend < 50_000, "no": otherwise}
matrix:
  rows: worth
  columns: {metric: margin, missing: thin, bands: {fat: {above: 0.5}, fair: {at_least: 0.1}, thin: otherwise}}
  tiers: {high: {fat: A, fair: A, thin: B}, low: {fat: B, fair: C, thin: C}}
tiers: [{name: A}, {name: B}, {name: C}]
rules: [{name: r, when: {any: ["much = 'yes'", recency_days < 20]}, up: 1}]
"""
PARTS = """
rubric: parts
metrics:
  spend_before: {sum: amount, window: {last: 12 months, shifted: 12 months}}
  growth: {formula: spend / spend_before - 1}
score:
  recency_days: {weight: 30, missing: {points: 1}, quantiles: {parts: 5, best: low, edges: interpolated}}
  orders: {weight: 20, quantiles: {parts: 4, ties: strict, points: [100, 60, 30, -5]}}
  growth: {weight: 30, missing: skip, quantiles: {parts: 3, edges: interpolated, ties: strict}}
  spend: {weight: 20, quantiles: {parts: 7, best: low, ties: strict}}
tiers:
  - {name: V, top: 5%, by: spend}
  - {name: A, score: {at_least: 20}}
  - {name: B, when: "points_growth >= 2 or points_recency_days = 5"}
  - {name: C, when: "points_growth is null"}
  - {name: D}
rules: [{name: rare, when: "points_orders < 0 and points_spend > 2", down: 1}]
"""
OWN = {"odd": ODD, "grouped": GROUPED, "cells": CELLS, "parts": PARTS}
RUBRICS = ("annual-spend", "pyramid", "rfm", "weighted-grade", *OWN)


@pytest.fixture(scope="module")
def runs(graded: Any, table: Any) -> dict[str, Any]:
    draw = random.Random(11)

    def row() -> tuple[str, ...]:
        amount = draw.choice(["200000.00", "50000.00", "-310.05", "0.00", f"{draw.randrange(-9000, 900_000) / 100:.2f}"])
        day = (date(2023, 6, 1) + timedelta(draw.randrange(940))).isoformat()
        return f"c{int(draw.paretovariate(0.8)) % 90}", day, amount, str(draw.randrange(400)), draw.choice("abcdefghi"), "12.34"

    sold = table("transactions", "customer date amount order category cost", *(row() for _ in range(700)))
    rubrics = {n: load_rubric(n).rubric for n in RUBRICS if n not in OWN}
    rubrics |= {name: Rubric.model_validate(read_yaml(text.encode(), "own.yaml").data) for name, text in OWN.items()}
    return {name: graded(rubric, sold) for name, rubric in rubrics.items()}


def as_kept(run: Any) -> tuple[Policy, dict[str, Kind], list[Cut]]:
    """The policy, read back from JSON as a run keeps it."""
    policy = json.loads(json.dumps(prepared(run.rubric, run.as_of)))
    return policy, {name: planned.kind for name, planned in run.plan.metrics.items()}, run.graded.cuts


def exactly(row: dict[str, Any], kinds: dict[str, Kind]) -> dict[str, Fraction | None]:
    return {name: exact_value(row, name, kind) for name, kind in kinds.items()}


def test_every_node_that_a_formula_may_have_can_be_kept() -> None:
    assert set(TREES) == set(NODES)


@pytest.mark.parametrize("name", RUBRICS)
def test_each_customer_earns_what_the_engine_gave(runs: dict[str, Any], name: str) -> None:
    policy, kinds, cuts = as_kept(runs[name])
    rows = runs[name].frame.rows(named=True)
    assert len({row["earned_rank"] for row in rows}) > 2
    for row in rows:
        assert earned_rank(exactly(row, kinds), policy, kinds, cuts) == row["earned_rank"], row["customer_id"]


@pytest.mark.parametrize("name", RUBRICS)
def test_each_metric_is_shown_as_in_the_labels(runs: dict[str, Any], name: str) -> None:
    _, kinds, _ = as_kept(runs[name])
    labels = label_customers(runs[name].frame, runs[name].rubric, runs[name].plan)
    for row, label in zip(runs[name].frame.rows(named=True), labels.rows(named=True), strict=True):
        for metric, kind in kinds.items():
            assert repr(shown_value(row, metric, kind)) == repr(label[metric])


def all_moves(policy: Policy, kinds: dict[str, Kind], cuts: list[Cut]) -> Iterator[tuple[str, Fraction]]:
    for name, kind in kinds.items():
        for needed, side in moves(name, kind, policy, cuts):
            yield name, Fraction(needed) + {"above": 1, "below": -1, "": 0}[side] * Fraction(BEYOND)


def moved(row: dict[str, Any], name: str, value: Fraction, kind: Kind) -> dict[str, int]:
    num = value * 10**kind.scale
    return row | ({name: num.numerator, name + PER: num.denominator} if kind.quotient else {name: int(num)})


@pytest.mark.parametrize("name", RUBRICS)
def test_each_moved_customer_earns_what_the_engine_would_give(runs: dict[str, Any], name: str) -> None:
    policy, kinds, cuts = as_kept(runs[name])
    columns = [c for metric, kind in kinds.items() for c in ([metric, metric + PER] if kind.quotient else [metric])]
    changed = 0
    for row in runs[name].frame.rows(named=True)[::4]:
        values = exactly(row, kinds)
        alone = list(_cuts_around(cuts, told_values(values, policy, kinds, cuts), row["rated"], policy, kinds))
        tried = list(all_moves(policy, kinds, alone))
        held = {column: row[column] for column in columns}
        rows = [moved(held, metric, value, kinds[metric]) | {"customer_id": f"{i:06d}"} for i, (metric, value) in enumerate(tried)]
        frame = pl.DataFrame(rows, schema={"customer_id": pl.String()} | dict.fromkeys(columns, pl.Int64()))
        given = regrade(nw.from_native(frame.lazy()), runs[name].rubric, runs[name].plan, alone).sort("customer_id").collect()
        found = [earned_rank({**values, metric: value}, policy, kinds, alone) for metric, value in tried]
        assert found == given["earned_rank"].to_list()
        changed += sum(rank != row["earned_rank"] for rank in found)
    assert changed > 20


def test_nobody_is_above_a_cut_that_lets_nobody_in(runs: dict[str, Any]) -> None:
    policy, kinds, cuts = as_kept(runs["pyramid"])
    shut = [replace(cut, num=None) for cut in cuts]
    assert earned_rank({"spend": Fraction(10**9)}, policy, kinds, shut) == len(policy["tiers"]) - 1


@given(
    st.lists(st.tuples(st.integers(-(2**62), 2**62), st.integers(-(2**62), 2**62)), min_size=1, max_size=20), st.sampled_from(["q", "r"])
)
def test_a_rank_is_counted_by_the_key_that_cuts(cells: list[tuple[int, int]], name: str) -> None:
    frame = pl.DataFrame({name: [num for num, _ in cells], f"{name}__per": [den or None for _, den in cells]})
    keys = frame.select(_key(name, KINDS[name])).to_series().to_list()
    scale = 10 ** KINDS[name].scale
    assert keys == [None if not den else cut_key(Fraction(num, den * scale), KINDS[name]) for num, den in cells]


# --- formulas --------------------------------------------------------------------------------------------------------

NUMBERS = st.recursive(
    st.sampled_from(["a", "b", "q", "r", "0", "1", "2.5", "-0.01", "100", "1e2"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda x: f"-({x})"),
        inner.map(lambda x: f"abs({x})"),
        st.tuples(inner, st.integers(0, 3)).map(lambda t: f"round({t[0]}, {t[1]})"),
        inner.map(lambda x: f"round({x})"),
        st.tuples(st.sampled_from(["coalesce", "least", "greatest"]), inner, inner, inner).map(lambda t: f"{t[0]}({t[1]}, {t[2]}, {t[3]})"),
    ),
    max_leaves=4,
)
TESTS = st.recursive(
    st.one_of(
        st.tuples(NUMBERS, st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), NUMBERS).map(" ".join),
        st.tuples(NUMBERS, NUMBERS, NUMBERS).map(lambda t: f"{t[0]} between {t[1]} and {t[2]}"),
        st.tuples(NUMBERS, NUMBERS, NUMBERS).map(lambda t: f"{t[0]} in ({t[1]}, {t[2]})"),
        st.tuples(NUMBERS, st.sampled_from(["is null", "is not null"])).map(" ".join),
        st.sampled_from(["true", "'a+b' like 'a+%'", "'ab' like '_'", "date '2025-03-01' - date '2025-02-01' = 28", "'a' < 'b'"]),
    ),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda t: f"({t[0]}) {t[1]} ({t[2]})"),
        inner.map(lambda x: f"not ({x})"),
        st.tuples(inner, st.sampled_from(["=", "<>"]), inner).map(lambda t: f"({t[0]}) {t[1]} ({t[2]})"),
        inner.map(lambda x: f"({x}) is null"),
    ),
    max_leaves=3,
)
MAYBE = st.none() | st.integers(-300, 300) | st.integers(-(10**9), 10**9)
ROWS = st.tuples(MAYBE, MAYBE, MAYBE, st.none() | st.integers(1, 50), MAYBE, st.none() | st.integers(1, 50))


def on_engine(text: str, row: tuple[int | None, ...], of: Any) -> Any:
    frame = nw.from_native(pl.DataFrame([row], schema=dict.fromkeys(COLUMNS, pl.Int64()), orient="row"), eager_only=True)
    try:
        return frame.select(**of(text, NAMES)).row(0)
    except FormulaError:  # too large for exact numbers: no rubric can hold it
        assume(False)


@given(TESTS, ROWS)
@example("(a > 1) is null", (None,) * 6)
@example("b in (1, q)", (None, 2, 1, None, None, None))
@example("not (b in (1, q))", (None, 1, None, None, None, None))
@settings(max_examples=250, deadline=None)
def test_a_condition_holds_where_it_holds_on_the_engine(text: str, row: tuple[int | None, ...]) -> None:
    expected = bool(on_engine(text, row, lambda text, names: {"x": nw.lit(True) & compile_condition(text, names)})[0])
    assert holds(formula_tree(text, NAMES), exactly(dict(zip(COLUMNS, row, strict=True)), KINDS)) is expected


@given(NUMBERS, ROWS)
@example("round(a / 8, 1)", (1000, None, None, None, None, None))
@example("round(-(a) / 8, 1)", (1000, None, None, None, None, None))
@settings(max_examples=250, deadline=None)
def test_a_number_is_what_it_is_on_the_engine(text: str, row: tuple[int | None, ...]) -> None:
    def columns(text: str, names: Any) -> dict[str, nw.Expr]:
        value = compile_number(text, names)
        return {"num": value.num, "den": nw.lit(1) if value.den is None else value.den, "scale": nw.lit(value.scale)}

    num, den, scale = on_engine(text, row, columns)
    expected = None if num is None or den is None else Fraction(int(num), int(den) * 10 ** int(scale))
    assert evaluate(formula_tree(text, NAMES), exactly(dict(zip(COLUMNS, row, strict=True)), KINDS)) == expected
