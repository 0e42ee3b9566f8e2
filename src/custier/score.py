"""Metrics → points per criterion → score."""

from __future__ import annotations

import narwhals as nw

from custier.expressions import SCORE_DECIMALS, first_true, no_number, within
from custier.frames import Frame, with_named
from custier.rubric.formula import Number
from custier.rubric.model import Criterion, MissingPoints, Rubric
from custier.rubric.plan import Plan


def score_customers(customers: Frame, rubric: Rubric, plan: Plan) -> Frame:
    """Metric columns → the same with, per criterion, `band_<c>` (index, null when missing) and `points_<c>` (null when not counted);
    score_sum (Σ points × weight in basis points), score_weight (Σ weights counted, basis points), score (10^-6 points,
    rounded half up once where weights were spread), eligible (bool) and, per criterion that says `unrated` or `fail`, `<said>_<c>`.
    """
    bands = [_band_columns(name, criterion, plan.value(criterion.metric or name)) for name, criterion in rubric.score.items()]
    points = {f"points_{name}": _points(name, criterion) for name, criterion in rubric.score.items()}
    customers = with_named(with_named(customers, dict(column for columns in bands for column in columns.items())), points)
    return customers.with_columns(**_sums(rubric)).with_columns(score=_score())


def _band_columns(name: str, criterion: Criterion, value: Number) -> dict[str, nw.Expr]:
    cases = [(nw.coalesce(within(value, band), nw.lit(False)), i) for i, band in enumerate(criterion.bands)]
    band = first_true([(value.present.is_null(), no_number()), *cases], no_number())
    columns = {f"band_{name}": band}
    if criterion.missing in ("unrated", "fail", None):
        columns[f"{criterion.missing or 'fail'}_{name}"] = value.present.is_null()
    return columns


def _points(name: str, criterion: Criterion) -> nw.Expr:
    band = nw.col(f"band_{name}")
    earned = first_true([(band == i, b.points) for i, b in enumerate(criterion.bands)], no_number())
    missing = criterion.missing.points if isinstance(criterion.missing, MissingPoints) else no_number()
    return first_true([(band.is_null(), missing)], earned)


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
    return nw.when(nw.col("score_weight") > 0).then((num // den).cast(nw.Int64()))
