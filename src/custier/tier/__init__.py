"""Score, conditions and population cuts → a tier, then the rules in order → the earned tier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import narwhals as nw

from custier.expressions import SCORE, first_true, is_eligible, next_tier_name, no_number, tier_name, within
from custier.frames import Frame, Given, as_it_is
from custier.places import cut_key
from custier.rubric.formula import compile_condition
from custier.rubric.model import Rubric, Tier
from custier.rubric.plan import Plan
from custier.tier.bounds import bounds, columns_within, with_bounds, with_cuts
from custier.tier.cuts import find_cuts
from custier.tier.inherit import account_ranks, before_inheriting, with_account_rank
from custier.tier.matrix import has_cell, rank_of_cell, with_cell
from custier.tier.rules import apply_rules
from custier.tier.slices import slices
from custier.values import Cut, cuts_of_tiers

__all__ = [
    "account_ranks",
    "assign_tiers",
    "before_inheriting",
    "bounds",
    "find_cuts",
    "rated_customers",
    "tiers_above",
    "with_account_rank",
    "with_bounds",
    "with_ratings",
]

Bounds = Mapping[str, nw.Expr]
"""Tier → the lowest key that its slice lets in, null where that is nobody."""


def with_ratings(customers: Frame, rubric: Rubric, plan: Plan) -> Frame:
    """Scored customers with their segments → the same with `eligible` and `rated` (bool): who may be graded, and who also has what it
    takes; where the rubric has a matrix with the labels of their cell, too.
    """
    customers = with_cell(customers.with_columns(eligible=is_eligible(rubric, plan)), rubric, plan)
    rated = nw.col("eligible")
    if rubric.score:
        rated = rated & (nw.col("score_weight") > 0)
    for name, criterion in rubric.score.items():
        if criterion.missing == "unrated":
            rated = rated & ~nw.col(f"unrated_{name}")
    if rubric.matrix is not None:
        rated = rated & has_cell()
    return customers.with_columns(rated=rated)


def rated_customers(customers: Frame) -> Frame:
    return customers.filter(nw.col("rated"))


def assign_tiers(customers: Frame, rubric: Rubric, plan: Plan, cuts: Sequence[Cut], given: Given = as_it_is) -> Frame:
    """Scored and rated customers, and where the population is cut → what `tiers_above` gives. given: how an engine takes in a table."""
    one = {cut.tier: nw.lit(cut.num, nw.Int64()) for cut in cuts_of_tiers(cuts) if cut.within is None}
    in_groups = {tier: column for tier, column in bounds(rubric).items() if tier not in one}
    tiered = tiers_above(with_cuts(customers, rubric, cuts, given), rubric, plan, {**in_groups, **one})
    return tiered.drop(columns_within(rubric)) if in_groups else tiered


def tiers_above(customers: Frame, rubric: Rubric, plan: Plan, lowest: Bounds) -> Frame:
    """Scored and rated customers → the same with, best tier 0 and null unrated: rank_before_rules, what rules made
    of it (`apply_rules`), and tier_before_rules, earned_tier and next_tier as names.
    """
    customers = customers.with_columns(
        rank_before_rules=first_true([(~nw.col("rated"), no_number())], _rank_before_rules(rubric, plan, lowest))
    )
    return apply_rules(customers, rubric, plan).with_columns(
        tier_before_rules=tier_name(nw.col("rank_before_rules"), rubric.tier_names),
        earned_tier=tier_name(nw.col("earned_rank"), rubric.tier_names),
        next_tier=next_tier_name(nw.col("earned_rank"), rubric.tier_names),
    )


def _rank_before_rules(rubric: Rubric, plan: Plan, lowest: Bounds) -> nw.Expr:
    if rubric.matrix is not None:
        return rank_of_cell(rubric.matrix, rubric.tier_names)
    return first_true([(_asks(tier, rubric, plan, lowest), i) for i, tier in enumerate(rubric.tiers)], no_number())


def _asks(tier: Tier, rubric: Rubric, plan: Plan, lowest: Bounds) -> nw.Expr:
    """All that a tier asks for, as one condition."""
    asked = nw.lit(True)
    if tier.score is not None:
        asked = asked & nw.coalesce(within(SCORE, tier.score), nw.lit(False))
    if tier.when is not None:
        asked = asked & compile_condition(tier.when, plan.names)
    if tier.slice is not None:
        asked = asked & _above_cut(tier, rubric, plan, lowest[tier.name])
    return asked


def _above_cut(tier: Tier, rubric: Rubric, plan: Plan, lowest: nw.Expr) -> nw.Expr:
    key = cut_key(plan, next(s.by for s in slices(rubric) if s.tier.name == tier.name))
    return nw.coalesce(key.num >= lowest, nw.lit(False))
