"""The benchmark's job in pandas, on NumPy columns: a group-by per year, then the points. Run: pandas_frame.py GLOB OUT"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

MONEY = ["amount", "cost"]
COLUMNS = ["customer_id", "order_id", "order_date", *MONEY, "category", "days_late", "rating"]
WEIGHTS = {"spend": 30, "growth": 15, "margin": 15, "orders": 15, "categories": 10, "days_late": 10, "satisfaction": 5}
POINTS = [f"points_{name}" for name in WEIGHTS]
METRICS = ["spend", "spend_before", "growth", "profit", "margin", "orders", "categories", "days_late", "longest_delay", "satisfaction"]
MONEY_METRICS = ["spend", "spend_before", "profit"]
TIERS = np.array(["VIP", "A", "B", "C"])


def read(source: str) -> pd.DataFrame:
    """Transactions, money in whole cents. Parquet goes through Arrow: pandas itself makes a Python object of each decimal."""
    rows = _read_csv(source) if source.endswith(".csv") else _read_parquet(source)
    rows[MONEY] = (rows[MONEY] * 100).round().astype("int64")
    return rows[rows["order_date"] <= "2025-12-31"]


def _files(source: str) -> list[Path]:
    return sorted(Path(source).parent.glob(Path(source).name))


def _read_csv(source: str) -> pd.DataFrame:
    files = (pd.read_csv(path, dtype={"category": "category"}, parse_dates=["order_date"]) for path in _files(source))
    return pd.concat(files, ignore_index=True)


def _read_parquet(source: str) -> pd.DataFrame:
    table = pq.read_table(_files(source), columns=COLUMNS, read_dictionary=["category"])
    for name in MONEY:
        table = table.set_column(COLUMNS.index(name), name, table[name].cast(pa.float64()))
    return table.to_pandas(date_as_object=False)


def measure(rows: pd.DataFrame) -> pd.DataFrame:
    """Transactions → one row per customer; money in cents."""
    rows["customer"], customers = pd.factorize(rows["customer_id"])
    is_recent = rows["order_date"] >= "2025-01-01"
    recent = rows[is_recent].groupby("customer", sort=False)
    before = rows[~is_recent & (rows["order_date"] >= "2024-01-01")].groupby("customer", sort=False)
    measured = recent.agg(
        spend=("amount", "sum"),
        cost=("cost", "sum"),
        orders=("order_id", "nunique"),
        categories=("category", "nunique"),
        days_late=("days_late", "mean"),
        longest_delay=("days_late", "max"),
        satisfaction=("rating", "mean"),
    ).reindex(range(len(customers)))
    measured.insert(0, "customer_id", customers)
    measured["spend_before"] = before["amount"].sum()
    totals = ["spend", "cost", "orders", "categories", "spend_before"]
    measured[totals] = measured[totals].fillna(0).astype("int64")
    measured["profit"] = measured["spend"] - measured["cost"]
    measured["growth"] = (measured["spend"] / measured["spend_before"] - 1).where(measured["spend_before"] != 0)
    measured["margin"] = (measured["profit"] / measured["spend"]).where(measured["spend"] != 0)
    measured["recency_days"] = (pd.Timestamp("2025-12-31") - rows.groupby("customer", sort=False)["order_date"].max()).dt.days
    return measured


def first_of(*cases: tuple[pd.Series, float], otherwise: float) -> np.ndarray:
    """The points of the first case that holds."""
    return np.select([holds for holds, _ in cases], [points for _, points in cases], otherwise)


def give_points(customers: pd.DataFrame) -> pd.DataFrame:
    """Metrics → points_<criterion>; growth and margin are compared as products, since a quotient may fall on the wrong side."""
    spend, before, profit, orders = (customers[name] for name in ("spend", "spend_before", "profit", "orders"))
    categories, late, satisfaction = (customers[name] for name in ("categories", "days_late", "satisfaction"))
    return customers.assign(
        points_spend=first_of((spend >= 10_000_000, 100), (spend >= 4_000_000, 80), (spend >= 1_000_000, 60), otherwise=30),
        points_growth=first_of(
            (before == 0, 50), (4 * spend >= 5 * before, 100), (spend >= before, 70), (2 * spend >= before, 40), otherwise=10
        ),
        points_margin=first_of((spend == 0, 0), (10 * profit >= 4 * spend, 100), (10 * profit >= 3 * spend, 70), otherwise=30),
        points_orders=first_of((orders > 4, 100), (orders >= 2, 70), otherwise=30),
        points_categories=first_of((categories >= 5, 100), (categories >= 2, 60), otherwise=20),
        points_days_late=first_of((late <= 10, 100), (late <= 20, 60), (late > 20, 0), otherwise=np.nan),
        points_satisfaction=first_of((satisfaction.isna(), 50), (satisfaction >= 4.5, 100), (satisfaction >= 3.5, 70), otherwise=20),
    )


def give_tiers(customers: pd.DataFrame) -> pd.DataFrame:
    """Points → score and tier: by score, one up where spend doubled, at most B after a long delay."""
    points = sum(customers[f"points_{name}"].fillna(0) * weight for name, weight in WEIGHTS.items())
    score = (points / np.where(customers["points_days_late"].isna(), 90, 100)).round(6)
    doubled = (customers["spend_before"] > 0) & (customers["spend"] >= 2 * customers["spend_before"])
    rank = first_of((score >= 85, 0), (score >= 70, 1), (score >= 50, 2), otherwise=3)
    rank = np.where(doubled, np.maximum(rank - 1, 0), rank)
    rank = np.where(customers["longest_delay"] > 90, np.maximum(rank, 2), rank)
    return customers.assign(score=score, tier=TIERS[rank], flags=np.where(customers["recency_days"] > 180, "lapsing", ""))


def main(source: str, out: str) -> None:
    """Transactions as Parquet or CSV files → one labels file."""
    graded = give_tiers(give_points(measure(read(source))))
    graded[MONEY_METRICS] = graded[MONEY_METRICS] / 100
    graded[["customer_id", "tier", "score", "flags", *POINTS, *METRICS, "recency_days"]].to_parquet(out, index=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
