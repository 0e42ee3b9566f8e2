"""Metrics → points per criterion → score."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw

from custier.expressions import SCORE_DECIMALS, first_true, no_number, within
from custier.frames import Frame, with_named
from custier.places import cut_key
from custier.rubric.formula import Number
from custier.rubric.model import Banded, Criterion, MissingPoints, Parted, Rubric
from custier.rubric.plan import Plan
from custier.score.bounds import Bounds, quantile_bounds, with_quantiles
from custier.score.quantiles import find_quantiles
from custier.values import Cut, cuts_of_points

__all__ = ["bounds_of", "find_quantiles", "quantile_bounds", "score_customers", "with_quantiles"]


def bounds_of(cuts: Sequence[Cut]) -> Bounds:
    """The furthest value in of every cut of a criterion's points, as constants."""
    criteria = dict.fromkeys(cut.criterion for cut in cuts if cut.criterion)
    return {name: [nw.lit(cut.num, nw.Int64()) for cut in cuts_of_points(cuts, name)] for name in criteria}


def score_customers(customers: Frame, rubric: Rubric, plan: Plan, bounds: Bounds) -> Frame:
    """Metric columns, and the bounds of criteria by quantiles → the same with, per criterion, `band_<c>` (index of the band or part, null
    when missing) and `points_<c>` (null when not counted); score_sum (Σ points × weight in basis points), score_weight (Σ weights counted,
    basis points), score (10^-6 points, rounded half up once where weights were spread) and, per criterion that says `unrated` or `fail`,
    `<said>_<c>`.
    """
    bands = [_band_columns(name, criterion, plan, bounds) for name, criterion in rubric.score.items()]
    points = {f"points_{name}": _points(name, criterion) for name, criterion in rubric.score.items()}
    customers = with_named(with_named(customers, dict(column for columns in bands for column in columns.items())), points)
    return customers.with_columns(**_sums(rubric)).with_columns(score=_score())


def _band_columns(name: str, criterion: Criterion, plan: Plan, bounds: Bounds) -> dict[str, nw.Expr]:
    metric = criterion.metric or name
    value = plan.value(metric)
    held = _in_part(cut_key(plan, metric), criterion, bounds[name]) if isinstance(criterion, Parted) else _in_band(value, criterion)
    cases = [(nw.coalesce(test, nw.lit(False)), i) for i, test in enumerate(held)]
    band = first_true([(value.present.is_null(), no_number()), *cases], no_number())
    columns = {f"band_{name}": band}
    if criterion.missing in ("unrated", "fail", None):
        columns[f"{criterion.missing or 'fail'}_{name}"] = value.present.is_null()
    return columns


def _in_band(value: Number, criterion: Banded) -> list[nw.Expr]:
    return [within(value, band) for band in criterion.bands]


def _in_part(key: Number, criterion: Parted, bounds: Sequence[nw.Expr]) -> list[nw.Expr]:
    """Whether a customer is in each of the parts, from the best; the last takes the rest."""
    return [*(key.num <= bound if criterion.quantiles.best == "low" else key.num >= bound for bound in bounds), nw.lit(True)]


def _points(name: str, criterion: Criterion) -> nw.Expr:
    band = nw.col(f"band_{name}")
    earned = first_true([(band == i, points) for i, points in enumerate(criterion.earned)], no_number())
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
