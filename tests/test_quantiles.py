"""Points by parts of the population: what a look at each customer gives, equal customers alike, the cut points told."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import duckdb
import narwhals as nw
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from custier.rubric.model import Metric, Rubric
from custier.rubric.plan import Kind, Plan, Planned
from custier.score import bounds_of, find_quantiles, quantile_bounds, score_customers, with_quantiles
from custier.values import Cut

PLAN = Plan({"spend": Planned("spend", Metric.model_validate({"sum": "amount"}), Kind(2, money=True), True)})
Keys = list[int | None]


def on(engine: str, keys: Keys) -> Any:
    frame = pl.DataFrame({"spend": keys}, schema={"spend": pl.Int64})
    return nw.from_native(frame.lazy() if engine == "polars" else duckdb.from_arrow(frame.to_arrow()))


def rubric_of(**quantiles: Any) -> Rubric:
    score = {"spend": {"weight": 100, "missing": "skip", "quantiles": quantiles}}
    return Rubric.model_validate({"rubric": "parts", "score": score, "tiers": [{"name": "all"}]})


def type_7(values: list[int], share: Fraction) -> Fraction:
    """The quantile as R, numpy and Excel define it, in fractions."""
    ordered, place = sorted(values), (len(values) - 1) * share
    below = ordered[int(place)]
    return below + (place - int(place)) * (ordered[min(int(place) + 1, len(values) - 1)] - below)


def is_in(value: int, values: list[int], part: int, parts: int, best: str, ties: str, edges: str) -> bool:
    """Whether a value is among the best so many parts: by its definition, customer by customer."""
    up = 1 if best == "high" else -1
    if edges == "interpolated":
        quantile = type_7(values, Fraction(parts - part, parts) if best == "high" else Fraction(part, parts))
        return value * up > quantile * up if ties == "strict" else value * up >= quantile * up
    rank = sum(other * up >= value * up if ties == "strict" else other * up > value * up for other in values) + (ties == "generous")
    return Fraction(rank, len(values)) <= Fraction(part, parts)


SPREAD = [1, 3, 50, 10**6, 2**45, 2**59]
KEYS = st.sampled_from(SPREAD).flatmap(lambda most: st.lists(st.none() | st.integers(-most, most), max_size=30))
QUANTILES = st.fixed_dictionaries(
    {
        "parts": st.integers(2, 12),
        "best": st.sampled_from(["high", "low"]),
        "ties": st.sampled_from(["generous", "strict"]),
        "edges": st.sampled_from(["ranks", "interpolated"]),
    }
)


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@given(KEYS, QUANTILES)
@example([1] * 6 + [2, 3, 4, 9], {"parts": 5, "best": "high", "ties": "strict", "edges": "ranks"})
@example([7], {"parts": 3, "best": "low", "ties": "generous", "edges": "interpolated"})
@settings(max_examples=60, deadline=None)
def test_both_ways_to_cut_are_the_definition_customer_by_customer(engine: str, keys: Keys, asked: dict[str, Any]) -> None:
    rubric, customers, parts = rubric_of(**asked), on(engine, keys), asked["parts"]
    values = [key for key in keys if key is not None]
    cuts = find_quantiles(customers, rubric, PLAN)
    inside = [
        [v for v in values if is_in(v, values, part, parts, asked["best"], asked["ties"], asked["edges"])] for part in range(1, parts)
    ]
    furthest = min if asked["best"] == "high" else max
    assert [(cut.customers, cut.num) for cut in cuts] == [(len(held), furthest(held, default=None)) for held in inside]
    columns = [f"quantile_spend_{part}" for part in range(1, parts)]
    if keys:
        assert with_quantiles(customers, rubric, PLAN).select(columns).unique().collect().rows() == [tuple(cut.num for cut in cuts)]
    expected = [None if v is None else next((i for i, held in enumerate(inside) if v in held), parts - 1) for v in keys]
    found = [
        score_customers(customers, rubric, PLAN, bounds_of(cuts)),
        score_customers(with_quantiles(customers, rubric, PLAN), rubric, PLAN, quantile_bounds(rubric)),
    ]
    for scored in found:
        rows = dict(scored.select("spend", "band_spend").collect().rows())
        assert rows == dict(zip(keys, expected, strict=True))


@given(KEYS.filter(any), st.integers(2, 12), st.sampled_from(["high", "low"]))
@settings(max_examples=60, deadline=None)
def test_an_interpolated_quantile_is_told_as_others_compute_it(keys: Keys, parts: int, best: str) -> None:
    cuts = find_quantiles(on("polars", keys), rubric_of(parts=parts, best=best, edges="interpolated"), PLAN)
    values = [key for key in keys if key is not None]
    for cut, part in zip(cuts, range(1, parts), strict=True):
        quantile = type_7(values, Fraction(parts - part if best == "high" else part, parts)) / 100
        assert isinstance(cut.quantile, Decimal) and abs(Fraction(cut.quantile) - quantile) <= Fraction(1, 2 * 10**6)


def test_buyers_who_came_once_stay_together_in_the_part_that_ties_say() -> None:
    """60% bought once: generous ties lift them to where their first fits, strict ones leave them where their last does."""
    keys: Keys = [1] * 6 + [2, 2, 3, 9]
    found = {}
    for ties in ("generous", "strict"):
        rubric = rubric_of(parts=5, ties=ties)
        scored = score_customers(on("polars", keys), rubric, PLAN, bounds_of(find_quantiles(on("polars", keys), rubric, PLAN)))
        found[ties] = dict(scored.select("spend", "points_spend").collect().rows())
    assert found == {"generous": {9: 5, 3: 5, 2: 4, 1: 3}, "strict": {9: 5, 3: 5, 2: 4, 1: 1}}


def test_a_cut_tells_what_was_asked_and_what_came_out() -> None:
    [best, _] = find_quantiles(on("polars", [100, 200, 200, 300, None]), rubric_of(parts=3, best="low", points=[9, 4, 4]), PLAN)
    assert best == Cut(
        tier="", by="spend", asked="best 1 of 3", ties="generous", asked_share=1 / 3, realised_share=0.25, customers=1, value=Decimal("1.00"),
        num=100, den=100, last_rank=1, last_in=100, first_out=200, ranked=4, criterion="spend", best="low", points=9,
    )  # fmt: skip


def test_of_nobody_no_quantile_is_told() -> None:
    cuts = find_quantiles(on("polars", [None]), rubric_of(parts=2, edges="interpolated"), PLAN)
    assert [(cut.customers, cut.value, cut.quantile, cut.realised_share) for cut in cuts] == [(0, None, None, 0.0)]


SCORE = """
eligible: orders < 3
score:
  recency: {metric: recency_days, weight: 50, missing: {points: 1}, quantiles: {parts: 2, best: low}}
  value: {metric: average_order, weight: 50, missing: {points: 1}, quantiles: {parts: 4, points: [100, 60, 30, 0], ties: strict}}
tiers:
  - {name: A, score: {at_least: 50}, when: points_recency = 2}
  - {name: B}
rules: [{name: dear, when: points_value >= 60 and points_recency < 2, up: 1}]
flags: {poor: points_value = 0}
segments: {rv: {best: points_recency = 2 and points_value = 100, rest: otherwise}}
"""


def test_points_of_parts_feed_score_tiers_rules_flags_and_segments(graded: Any, bought: Any) -> None:
    rows = bought(
        ("a", "2025-12-31", "90"), ("b", "2025-12-30", "10"), ("c", "2025-06-01", "70"), ("d", "2025-05-01", "20.01"),
        *(("many", "2025-12-31", "9999") for _ in range(3)),
    )  # fmt: skip
    run = graded(SCORE, rows)
    assert run.column("points_recency") == {"a": 2, "b": 2, "c": 1, "d": 1, "many": 2}
    assert run.column("points_value") == {"a": 100, "c": 60, "d": 30, "b": 0, "many": 100}
    assert run.column("score") == {"a": 51_000_000, "b": 1_000_000, "c": 30_500_000, "d": 15_500_000, "many": 51_000_000}
    assert run.column("tier") == {"a": "A", "b": "B", "c": "A", "d": "B", "many": "unrated"}
    assert run.column("rules") == {"a": "", "b": "", "c": "dear", "d": "", "many": ""}
    assert run.column("flags") == {"a": "", "b": "poor", "c": "", "d": "", "many": ""}
    assert run.column("rv")["a"] == "best" and run.column("rv")["c"] == "rest"
    assert [(cut.criterion, cut.customers) for cut in run.graded.cuts] == [("recency", 2), ("value", 1), ("value", 2), ("value", 3)]
