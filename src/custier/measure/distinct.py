"""Counts of different things: the pairs of customer and thing once, then counted (nulls are no thing)."""

from __future__ import annotations

from collections.abc import Callable

import narwhals as nw

from custier.frames import Frame
from custier.measure.aggregate import RowMetric

CountPairs = Callable[[Frame], Frame]
"""customer_id, thing (never null) → customer_id, things: how many different ones; an engine may have a faster way than `count_pairs`."""


def count_pairs(pairs: Frame) -> Frame:
    return pairs.unique(["customer_id", "thing"]).group_by("customer_id").agg(nw.len().alias("things"))


def count_distinct(rows: Frame, metric: RowMetric, count: CountPairs = count_pairs) -> Frame:
    """rows → customer_id, <name>: how many different values its rows have."""
    pairs = rows.filter(metric.counts).select("customer_id", thing=metric.value).filter(~nw.col("thing").is_null())
    return count(pairs).select("customer_id", nw.col("things").alias(metric.name))


def active_months(rows: Frame, metric: RowMetric, count: CountPairs = count_pairs) -> Frame:
    """rows → customer_id, <name>: in how many calendar months it has rows."""
    month = nw.col("date").dt.year().cast(nw.Int64()) * 12 + nw.col("date").dt.month().cast(nw.Int64())
    return count_distinct(rows, RowMetric(metric.name, "count_distinct", metric.counts, month), count)
