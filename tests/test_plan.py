"""Which metrics are measured, in which order, and which cannot be."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from custier.rubric.check import check_rubric
from custier.rubric.formula import FormulaError
from custier.rubric.model import Rubric
from custier.rubric.plan import Kind, can_be_missing, formula_problems, plan_metrics
from custier.rubric.wanted import wanted_columns

SOURCES = "sources: {transactions: {}, surveys: {optional: true}, balances: {}}\n"
C = "tiers: [{name: C}]\n"


def rubric_of(text: str) -> Rubric:
    return Rubric.model_validate({"rubric": "test", **yaml.safe_load(SOURCES + C), **yaml.safe_load(text)})


def _problems(text: str) -> list[str]:
    return [f"{'.'.join(map(str, place))}: {error} | {error.help}" for place, error in formula_problems(rubric_of(text))]


def test_each_metric_comes_after_those_it_is_made_from() -> None:
    plan = plan_metrics(rubric_of("metrics: {a: {formula: b + c}, b: {formula: c * 2}, c: {sum: amount}, s: {share_of_total: a}}"))
    order = list(plan.metrics)
    assert order.index("c") < order.index("b") < order.index("a") < order.index("s")


def test_only_what_the_rubric_names_is_measured() -> None:
    assert set(plan_metrics(rubric_of("{}")).metrics) == {"spend", "orders", "recency_days"}
    assert "margin" in plan_metrics(rubric_of("flags: {f: margin > 0}")).metrics
    assert "profit" in plan_metrics(rubric_of("tiers: [{name: A, top: 1%, by: profit}, {name: C}]")).metrics
    assert "tenure_months" in plan_metrics(rubric_of("rules: [{name: r, when: tenure_months > 1, up: 1}]")).metrics


@pytest.mark.parametrize(
    ("metric", "kind", "missing"),
    [
        ("{sum: amount}", Kind(2, False, True), False),
        ("{sum: amount * quantity}", Kind(8), False),
        ("{mean: amount}", Kind(2, True, True), True),
        ("{max: amount}", Kind(2, False, True), True),
        ("{count: customer}", Kind(), False),
        ("{count: score, source: surveys}", Kind(), True),
        ("{sum: score, source: surveys}", Kind(6), True),
        ("{count_distinct: category}", Kind(), False),
        ("{formula: spend / orders}", Kind(2, True, True), True),
        ("{formula: spend * 2}", Kind(2, False, True), False),
        ("{formula: spend / 7}", Kind(2, True, True), True),
        ("{formula: recency_days - 1}", Kind(), True),
        ("{share_of_total: spend}", Kind(0, True), True),
        ("{years_at_tier: C}", Kind(), False),
    ],
)
def test_how_a_metric_is_held_and_whether_it_can_be_missing(metric: str, kind: Kind, missing: bool) -> None:
    rubric = rubric_of(f"metrics: {{m: {metric}}}")
    assert (plan_metrics(rubric).metrics["m"].kind, can_be_missing(rubric, "m")) == (kind, missing)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("metrics: {a: {formula: b}, b: {formula: a}}", "metrics.a: `a` is made from itself: a → b → a"),
        ("metrics: {a: {formula: a + 1}}", "metrics.a: `a` is made from itself"),
        ("metrics: {a: {formula: spnd}}", "metrics.a: `spnd` is not a"),
        ("metrics: {a: {sum: amont}}", "nearest known name is `amount`"),
        ("metrics: {a: {sum: amount, where: categry = 'x'}}", "nearest known name is `category`"),
        ("metrics: {a: {sum: amount / quantity}}", "divides row by row | round it"),
        ("metrics: {a: {count_distinct: amount / quantity}}", "divides row by row"),
        ("metrics: {a: {count: amount / quantity}}", "divides row by row"),
        ("metrics: {a: {sum: category}}", "is not a number"),
        ("metrics: {a: {weighted_mean: amount, weight: amount / 2}}", "divides row by row"),
        ("metrics: {a: {time_weighted_mean: balance, source: balances, per: acount}}", "`acount` is no column that tells"),
        ("metrics: {a: {time_weighted_mean: balance, source: balances, per: balance}}", "`balance` is no column that tells"),
        ("metrics: {a: {time_weighted_mean: balance, source: balances, per: customer}}", "`customer` is no column that tells"),
        ("metrics: {a: {sum: x, source: nowhere}}", "`nowhere` is not a source"),
        ("metrics: {a: {share_of_total: spnd}}", "`spnd` is not a metric"),
        ("metrics: {a: {share_of_total: average_order}}", "is a quotient"),
        ("metrics: {a: {years_at_tier: Gold}}", "`Gold` is not a tier"),
        ("eligible: spnd > 1", "eligible: `spnd`"),
        ("rules: [{name: r, when: spnd > 1, up: 1}]", "rules.0.when: `spnd`"),
        ("flags: {f: spend}", "flags.f: `spend` is not a condition"),
        ("segments: {s: {x: spend + 1, y: otherwise}}", "segments.s.x: `spend + 1` is not a condition"),
        ("tiers: [{name: A, top: 1%, by: spnd}, {name: C}]", "tiers.0.by: `spnd` is not a metric | the nearest known metric is `spend`"),
        ("score: {spnd: {weight: 100, bands: [{otherwise: 1}]}}", "score.spnd: `spnd` is not a metric"),
    ],
)
def test_what_cannot_be_measured_is_said_with_its_place(text: str, said: str) -> None:
    assert any(said in problem for problem in _problems(text)), _problems(text)


def test_every_problem_is_reported_not_only_the_first() -> None:
    assert len(_problems("metrics: {a: {sum: amont}, b: {formula: spnd}}\neligible: zz > 1\nflags: {f: yy > 1}")) == 4


def test_columns_that_are_not_there_leave_out_what_needs_them(graded: Any, bought: Any) -> None:
    with pytest.raises(FormulaError, match="`profit` needs the column"):
        graded("flags: {f: profit > 0}", bought(("a", "2025-01-05", "1")))


@pytest.mark.parametrize(
    "name",
    [
        "has_rows",
        "first_date",
        "last_day",
        "rows_in_window",
        "joined_on",
        "eligible",
        "rated",
        "score_sum",
        "score_weight",
        "rank",
        "tier_rank",
        "earned_rank",
        "rank_before_rules",
        "tier_before_rules",
        "previous_rank",
        "cause",
        "held_since",
        "band_spend",
        "points_x",
        "fail_x",
        "unrated_x",
        "rule_x",
        "rank_after_x",
        "flag_x",
        "lost_x",
        "in_group",
        "merged_from",
        "in_force",
        "place_x",
        "previous_x",
        "x__per",
        "and",
        "null",
        "between",
    ],
)
@pytest.mark.parametrize("block", ["metrics", "segments"])
def test_a_name_that_custier_uses_itself_is_refused(name: str, block: str) -> None:
    held = {"metrics": "{sum: amount}", "segments": "{x: spend > 1, y: otherwise}"}[block]
    found = [f for f in check_rubric(rubric_of(f"{block}: {{{name!r}: {held}}}")) if f.code == "CT1410"]
    assert [f.place for f in found] == [(block, name)]


def test_wanted_columns_are_those_of_the_metrics() -> None:
    wanted = wanted_columns(rubric_of("metrics: {c: {count_distinct: category}}\nflags: {f: margin + quantity > 0}"), "transactions")
    assert wanted == {
        "customer": True,
        "date": True,
        "amount": True,
        "order": False,
        "category": True,
        "profit": False,
        "cost": False,
        "quantity": True,
    }
    assert wanted_columns(rubric_of("metrics: {c: {mean: score, source: surveys}}"), "surveys") == {
        "customer": True,
        "date": True,
        "score": True,
    }


def test_rubrics_that_are_asked_of_in_turn_each_have_their_own_plan() -> None:
    one, other = rubric_of("metrics: {a: {sum: amount}}"), rubric_of("metrics: {b: {sum: nothing}}")
    for _ in range(2):
        assert "a" in plan_metrics(one).metrics and not formula_problems(one)
        assert [place for place, _ in formula_problems(other)] == [("metrics", "b")]
