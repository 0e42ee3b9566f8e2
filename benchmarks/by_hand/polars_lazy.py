"""The benchmark's job as one lazy Polars query: a group-by with filtered aggregates, then the points. Run: polars_lazy.py GLOB OUT"""

from __future__ import annotations

import sys
from datetime import date

import polars as pl

SCHEMA = {
    "customer_id": pl.String(),
    "order_id": pl.Int64(),
    "order_date": pl.Date(),
    "amount": pl.Decimal(12, 2),
    "category": pl.String(),
    "cost": pl.Decimal(12, 2),
    "days_late": pl.Int16(),
    "rating": pl.Int16(),
}
WEIGHTS = {"spend": 30, "growth": 15, "margin": 15, "orders": 15, "categories": 10, "days_late": 10, "satisfaction": 5}
POINTS = [f"points_{name}" for name in WEIGHTS]
METRICS = ["spend", "spend_before", "growth", "profit", "margin", "orders", "categories", "days_late", "longest_delay", "satisfaction"]
TIERS = {1: "VIP", 2: "A", 3: "B", 4: "C"}


def measure(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Transactions → one row per customer; growth and margin are missing where there is nothing to divide by."""
    recent = pl.col("order_date") >= date(2025, 1, 1)
    before = pl.col("order_date").is_between(date(2024, 1, 1), date(2024, 12, 31))
    customers = (
        rows.filter(pl.col("order_date") <= date(2025, 12, 31))
        .group_by("customer_id")
        .agg(
            spend=pl.col("amount").filter(recent).sum(),
            spend_before=pl.col("amount").filter(before).sum(),
            cost=pl.col("cost").filter(recent).sum(),
            orders=pl.col("order_id").filter(recent).n_unique(),
            categories=pl.col("category").filter(recent).n_unique(),
            days_late=pl.col("days_late").filter(recent).mean(),
            longest_delay=pl.col("days_late").filter(recent).max(),
            satisfaction=pl.col("rating").filter(recent).mean(),
            recency_days=(date(2025, 12, 31) - pl.col("order_date").max()).dt.total_days(),
        )
        .with_columns(profit=pl.col("spend") - pl.col("cost"))
    )
    spend, spend_before, profit = (pl.col(name).cast(pl.Float64) for name in ("spend", "spend_before", "profit"))
    return customers.with_columns(
        growth=pl.when(spend_before != 0).then(spend / spend_before - 1),
        margin=pl.when(spend != 0).then(profit / spend),
    )


def first_of(*cases: tuple[pl.Expr, int], otherwise: int | None) -> pl.Expr:
    """The points of the first case that holds."""
    return pl.coalesce(*(pl.when(holds).then(points) for holds, points in cases), otherwise)


def give_points(customers: pl.LazyFrame) -> pl.LazyFrame:
    """Metrics → points_<criterion>; growth and margin are compared as products, since a quotient may fall on the wrong side."""
    spend, before, profit, orders = (pl.col(name) for name in ("spend", "spend_before", "profit", "orders"))
    categories, late, satisfaction = (pl.col(name) for name in ("categories", "days_late", "satisfaction"))
    return customers.with_columns(
        points_spend=first_of((spend >= 100_000, 100), (spend >= 40_000, 80), (spend >= 10_000, 60), otherwise=30),
        points_growth=first_of(
            (before == 0, 50), (4 * spend >= 5 * before, 100), (spend >= before, 70), (2 * spend >= before, 40), otherwise=10
        ),
        points_margin=first_of((spend == 0, 0), (10 * profit >= 4 * spend, 100), (10 * profit >= 3 * spend, 70), otherwise=30),
        points_orders=first_of((orders > 4, 100), (orders >= 2, 70), otherwise=30),
        points_categories=first_of((categories >= 5, 100), (categories >= 2, 60), otherwise=20),
        points_days_late=first_of((late <= 10, 100), (late <= 20, 60), (late > 20, 0), otherwise=None),
        points_satisfaction=first_of((satisfaction.is_null(), 50), (satisfaction >= 4.5, 100), (satisfaction >= 3.5, 70), otherwise=20),
    )


def give_tiers(customers: pl.LazyFrame) -> pl.LazyFrame:
    """Points → score and tier: by score, one up where spend doubled, at most B after a long delay."""
    points = pl.sum_horizontal(pl.col(f"points_{name}") * weight for name, weight in WEIGHTS.items())
    weights = pl.when(pl.col("points_days_late").is_null()).then(90).otherwise(100)
    score, rank = pl.col("score"), pl.col("rank")
    doubled = (pl.col("spend_before") > 0) & (pl.col("spend") >= 2 * pl.col("spend_before"))
    late = pl.col("longest_delay") > 90
    return (
        customers.with_columns(score=(points / weights).round(6))
        .with_columns(rank=first_of((score >= 85, 1), (score >= 70, 2), (score >= 50, 3), otherwise=4))
        .with_columns(rank=pl.when(doubled).then(pl.max_horizontal(rank - 1, 1)).otherwise(rank))
        .with_columns(rank=pl.when(late).then(pl.max_horizontal(rank, 3)).otherwise(rank))
        .with_columns(tier=rank.replace_strict(TIERS, return_dtype=pl.String))
    )


def main(source: str, out: str) -> None:
    """Transactions as Parquet or CSV files → one labels file."""
    rows = pl.scan_csv(source, schema=SCHEMA) if source.endswith(".csv") else pl.scan_parquet(source)
    lapsing = pl.when(pl.col("recency_days") > 180).then(pl.lit("lapsing")).otherwise(pl.lit(""))
    graded = give_tiers(give_points(measure(rows)))
    graded.select("customer_id", "tier", "score", lapsing.alias("flags"), *POINTS, *METRICS, "recency_days").sink_parquet(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
