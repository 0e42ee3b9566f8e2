"""Metrics → points per criterion → score."""

from __future__ import annotations

import narwhals as nw
from sqlglot import exp

from custier.cases import first_true, no_number
from custier.frames import Frame
from custier.rubric.formula import COMPARE, Number, compare_numbers, exact
from custier.rubric.model import EDGES, Criterion, Edges, MissingPoints, Rubric
from custier.rubric.plan import Plan

SCORE_DECIMALS = 6
_EDGE = dict(zip(EDGES, (COMPARE[exp.GTE], COMPARE[exp.GT], COMPARE[exp.LTE], COMPARE[exp.LT]), strict=True))


def score_customers(customers: Frame, rubric: Rubric, plan: Plan) -> Frame:
    """Metric columns → the same with, per criterion, `band_<c>` (index, null when missing) and `points_<c>` (null when not counted);
    score_sum (Σ points × weight in basis points), score_weight (Σ weights counted, basis points), score (10^-6 points,
    rounded half up once where weights were spread), eligible (bool) and, per criterion that says `unrated` or `fail`, `<said>_<c>`.
    """
    for name, criterion in rubric.score.items():
        customers = customers.with_columns(**_band_columns(name, criterion, plan.value(criterion.metric or name)))
        customers = customers.with_columns(**_point_columns(name, criterion))
    return customers.with_columns(**_sums(rubric)).with_columns(score=_score())


def within(value: Number, edges: Edges) -> nw.Expr:
    """Whether a value lies between the edges; null where it is missing."""
    tests = [compare_numbers(value, exact(getattr(edges, e)), _EDGE[e]) for e in EDGES if getattr(edges, e) is not None]
    held = tests[0] if tests else ~value.num.is_null()
    for test in tests[1:]:
        held = held & test
    return held


def is_missing(value: Number) -> nw.Expr:
    return value.num.is_null() if value.den is None else value.num.is_null() | value.den.is_null()


def _band_columns(name: str, criterion: Criterion, value: Number) -> dict[str, nw.Expr]:
    cases = [(nw.coalesce(within(value, band), nw.lit(False)), i) for i, band in enumerate(criterion.bands)]
    band = first_true([(is_missing(value), no_number()), *cases], no_number())
    columns = {f"band_{name}": band}
    if criterion.missing in ("unrated", "fail", None):
        columns[f"{criterion.missing or 'fail'}_{name}"] = is_missing(value)
    return columns


def _point_columns(name: str, criterion: Criterion) -> dict[str, nw.Expr]:
    band = nw.col(f"band_{name}")
    earned = first_true([(band == i, b.points) for i, b in enumerate(criterion.bands)], no_number())
    missing = criterion.missing.points if isinstance(criterion.missing, MissingPoints) else no_number()
    return {f"points_{name}": first_true([(band.is_null(), missing)], earned)}


def _sums(rubric: Rubric) -> dict[str, nw.Expr]:
    weighted, weights = nw.lit(0, nw.Int64()), nw.lit(0, nw.Int64())
    for name, criterion in rubric.score.items():
        points = nw.col(f"points_{name}")
        weighted = weighted + nw.coalesce(points * criterion.weight, nw.lit(0, nw.Int64()))
        weights = weights + first_true([(points.is_null(), 0)], criterion.weight)
    return {"score_sum": weighted, "score_weight": weights}


def _score() -> nw.Expr:
    """score_sum / score_weight to the millionth of a point: exact for thresholds of two decimals (see docs/decisions.md)."""
    num = nw.col("score_sum") * (2 * 10**SCORE_DECIMALS) + nw.col("score_weight")
    den = nw.when(nw.col("score_weight") > 0).then(nw.col("score_weight") * 2)
    return nw.when(nw.col("score_weight") > 0).then(num // den)


SCORE = Number(nw.col("score_sum"), 0, nw.when(nw.col("score_weight") > 0).then(nw.col("score_weight")))
"""The exact score, as tiers compare it."""
