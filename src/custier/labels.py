"""The table people read: exact columns of a graded customer as amounts, counts and quotients."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from custier.expressions import SCORE_DECIMALS
from custier.rubric.model import Rubric
from custier.rubric.plan import PER, Kind, Plan

FIRST = ("customer_id", "tier", "previous_tier", "change", "steps", "score", "earned_tier", "next_tier", "reasons", "rules", "flags")
DATES = ("tier_since", "valid_until")


def label_customers(evidence: pl.DataFrame, rubric: Rubric, plan: Plan) -> pl.DataFrame:
    """Graded customers → labels, in the contract's order of columns.

    Money is Decimal at the currency's decimals, counts are Int64, other numbers and quotients Float64: one division of exact
    integers, for reading only. Sorted by customer_id.
    """
    points = [f"points_{name}" for name in rubric.score]
    columns: list[pl.Expr] = [pl.col(name) for name in FIRST if name != "score"]
    columns.insert(FIRST.index("score"), quotient(pl.col("score"), None, SCORE_DECIMALS).alias("score"))
    columns += [pl.col(name) for name in (*rubric.segments, *DATES, *points)]
    columns += [shown(name, planned.kind).alias(name) for name, planned in plan.metrics.items()]
    return evidence.sort("customer_id").select(columns)


def change_list(labels: pl.DataFrame, evidence: pl.DataFrame) -> pl.DataFrame:
    """Labels → customer_id, change, previous_tier, tier, steps, cause of everyone who is new, moved or back."""
    causes = evidence.select("customer_id", "cause")
    moved = labels.filter(pl.col("change") != "same").join(causes, on="customer_id", how="left")
    return moved.select("customer_id", "change", "previous_tier", "tier", "steps", "cause").sort("customer_id")


def shown(name: str, kind: Kind) -> pl.Expr:
    """A metric's stored columns as one column to read."""
    if kind.quotient:
        return quotient(pl.col(name), pl.col(name + PER), kind.scale)
    if kind.scale == 0:
        return pl.col(name).cast(pl.Int64)
    if kind.money:
        return money(pl.col(name), kind.scale)
    return quotient(pl.col(name), None, kind.scale)


def money(minor: pl.Expr, decimals: int) -> pl.Expr:
    """Minor units as an exact decimal."""
    return minor.cast(pl.Decimal(38, 0)) * pl.lit(Decimal(1).scaleb(-decimals)).cast(pl.Decimal(38, decimals))


def quotient(num: pl.Expr, den: pl.Expr | None, scale: int) -> pl.Expr:
    """num / (den × 10^scale) as one division of two columns (Polars divides by a scalar through its reciprocal, one ulp off)."""
    whole = num * 0 + 1 if den is None else den
    divisor = whole.cast(pl.Int128) * pl.lit(10**scale, pl.Int128)
    return num.cast(pl.Float64) / divisor.cast(pl.Float64)
