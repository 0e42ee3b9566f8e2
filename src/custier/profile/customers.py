"""Rows of customers → one row per customer, as far as a profile needs it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import polars as pl

from custier.engines.keys import Numbered
from custier.profile.concentration import decimal_of
from custier.profile.values import Repeat

HISTOGRAM = ((1, "1"), (2, "2"), (4, "3-4"), (9, "5-9"), (19, "10-19"))
MORE = "20+"


def per_customer(frames: Sequence[pl.LazyFrame], ids: Numbered | None) -> pl.DataFrame:
    """Frames with disjoint customers → customer_id, rows, spend Int128 (0 without amounts), orders (days where rows have no order)."""
    customers = pl.concat([_per_customer(frame) for frame in frames])
    return customers.with_columns(customer_id=ids.text(pl.col("customer_id")) if ids else pl.col("customer_id"))


def _per_customer(frame: pl.LazyFrame) -> pl.DataFrame:
    names = frame.collect_schema().names()
    spend = pl.col("amount").cast(pl.Int128).sum() if "amount" in names else pl.lit(0, pl.Int128())
    summed = frame.group_by("customer_id").agg(rows=pl.len(), spend=spend)
    thing = counted_as(names)
    pairs = frame.select("customer_id", pl.col(thing).alias("thing")).filter(pl.col("thing").is_not_null()).unique()
    orders = pairs.group_by("customer_id").agg(orders=pl.len())
    both = summed.join(orders, on="customer_id", how="left").with_columns(pl.col("orders").fill_null(0))
    return both.collect(engine="streaming")


def counted_as(names: Sequence[str]) -> str:
    """What tells orders apart: their numbers, else the days."""
    return "order" if "order" in names else "date_day"


def repeat(customers: pl.DataFrame, counted: str) -> Repeat:
    """How many customers bought how often."""
    orders = customers["orders"]
    upto = [int((orders <= most).sum()) - int((orders == 0).sum()) for most, _ in HISTOGRAM]
    counts = [after - before for before, after in zip([0, *upto], upto, strict=False)]
    again = int((orders >= 2).sum())
    histogram = {name: n for (_, name), n in zip(HISTOGRAM, counts, strict=True)} | {MORE: int((orders > HISTOGRAM[-1][0]).sum())}
    return Repeat(
        "order" if counted == "order" else "days",
        int(orders.sum()),
        again,
        decimal_of(Fraction(again, max(1, len(customers)))),
        histogram,
    )
