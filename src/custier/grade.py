"""The pure middle: good rows in, one graded row per customer out. Knows the order of the steps and nothing of files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import narwhals as nw

from custier.compare import Last, compare_runs
from custier.errors import Bug, DataError, Problem
from custier.frames import Collected, Frame
from custier.mark import mark_customers
from custier.measure import Before, Tables, measure_customers
from custier.reason import give_reasons
from custier.retain import settle_tiers
from custier.rubric.model import Rubric
from custier.rubric.plan import Columns, Plan
from custier.score import score_customers
from custier.tier import assign_tiers, find_cuts, rated_customers, with_ratings
from custier.values import Cut


@dataclass(frozen=True)
class Graded:
    """Every customer graded, sorted by customer_id, and where the population was cut."""

    customers: Collected
    cuts: list[Cut]


def grade(tables: Tables, rubric: Rubric, plan: Plan, columns: Columns, as_of: date, before: Before, last: Last | None) -> Graded:
    """measure → score → tier → retain → compare, over narwhals frames of any engine.

    The rows stay in their engine; the scored customers, few beside them, are collected once, because cuts look at all of them.
    """
    measured = measure_customers(tables, rubric, plan, columns, as_of, before)
    scored = with_ratings(score_customers(measured, rubric, plan), rubric, plan).collect(backend="polars")
    _refuse_missing(scored, rubric)
    cuts = find_cuts(rated_customers(scored.lazy()), rubric, plan)
    tiered = settle_tiers(tier_customers(scored.lazy(), rubric, plan, cuts))
    compared = compare_runs(tiered, last, rubric, plan, cuts, as_of)
    customers = compared.sort("customer_id").collect()
    _reconcile(customers, rubric)
    return Graded(customers, cuts)


def regrade(customers: Frame, rubric: Rubric, plan: Plan, cuts: Sequence[Cut]) -> Frame:
    """Customers whose metrics were changed → what they would earn at the same cuts."""
    scored = with_ratings(score_customers(customers, rubric, plan), rubric, plan)
    return assign_tiers(scored, rubric, plan, cuts)


def tier_customers(scored: Frame, rubric: Rubric, plan: Plan, cuts: Sequence[Cut]) -> Frame:
    return give_reasons(mark_customers(assign_tiers(scored, rubric, plan, cuts), rubric, plan), rubric)


def _refuse_missing(scored: Collected, rubric: Rubric) -> None:
    """DataError for every criterion that says `missing: fail` and has a customer without a value."""
    problems = []
    for name, criterion in rubric.score.items():
        if criterion.missing in ("fail", None):
            count = len(scored.filter(nw.col(f"fail_{name}")))
            if count:
                what = f"{count} customers have no value for the criterion `{name}`, which says `missing: fail`"
                problems.append(
                    Problem("CT3301", what, help=f"complete the data, or say what a missing value earns under score.{name}.missing")
                )
    if problems:
        raise DataError(problems)


def _reconcile(customers: Collected, rubric: Rubric) -> None:
    """Σ weighted points = score for every row, within the half millionth that rounding may take; otherwise custier is wrong."""
    if not rubric.score:
        return
    total = nw.lit(0, nw.Int64())
    for name, criterion in rubric.score.items():
        total = total + nw.coalesce(nw.col(f"points_{name}"), nw.lit(0, nw.Int64())) * criterion.weight
    gap = (nw.col("score") * nw.col("score_weight") - total * 1_000_000) * 2
    off = customers.filter((total != nw.col("score_sum")) | (gap > nw.col("score_weight")) | (gap < nw.lit(0) - nw.col("score_weight")))
    if len(off):
        raise Bug(Problem("CT9002", f"the points of {len(off)} customers do not add up to their score"))
