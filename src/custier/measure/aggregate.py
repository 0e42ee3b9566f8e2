"""Aggregations that one pass over the rows can make: each metric is a value per row, then a group-by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import narwhals as nw

from custier.frames import Frame
from custier.rubric.formula import Number, wide
from custier.rubric.plan import DAY, PER


@dataclass(frozen=True)
class RowMetric:
    """A metric over rows: which rows count, the value of each, and (for a weighted mean) its weight."""

    name: str
    aggregation: str
    counts: nw.Expr
    value: nw.Expr
    weight: Number | None = None
    start_day: int | None = None
    end_day: int = 0
    part: nw.Expr | None = None  # which of the customer's accounts a balance is of
    date: nw.Expr | None = None  # of a metric that is a date, whose value is its days


Columns = dict[str, tuple[nw.Expr, Callable[[nw.Expr], nw.Expr]]]
"""Column name → (value per row, how the rows of a customer become one)."""


def _sum(e: nw.Expr) -> nw.Expr:
    return e.sum()


def _counted(m: RowMetric, value: nw.Expr) -> nw.Expr:
    return nw.when(m.counts).then(value)


def _added(m: RowMetric, value: nw.Expr) -> nw.Expr:
    """What a row adds to a sum; nothing is 0, because engines add up columns without nulls faster."""
    return nw.when(m.counts & ~m.value.is_null()).then(value).otherwise(nw.lit(0, nw.Int64()))


def _ones(m: RowMetric) -> nw.Expr:
    return _added(m, nw.lit(1, nw.Int64()))


def total(m: RowMetric) -> Columns:
    return {m.name: (_added(m, m.value), _sum)}


def mean(m: RowMetric) -> Columns:
    return {m.name: (_added(m, m.value), _sum), m.name + PER: (_ones(m), _sum)}


def held_columns(m: RowMetric) -> dict[str, nw.Expr]:
    """The columns that hold a metric which is one of its rows' values; a date is held with its days."""
    return {m.name: m.value} if m.date is None else {m.name: m.date, m.name + DAY: m.value}


def least(m: RowMetric) -> Columns:
    return {name: (_counted(m, value), lambda e: e.min()) for name, value in held_columns(m).items()}


def greatest(m: RowMetric) -> Columns:
    return {name: (_counted(m, value), lambda e: e.max()) for name, value in held_columns(m).items()}


def count(m: RowMetric) -> Columns:
    return {m.name: (_ones(m), _sum)}


def weighted_mean(m: RowMetric) -> Columns:
    """Σ value × weight / Σ weight over the rows that have both; the weight's own scale cancels out.

    The sum of products cannot wrap: reading refuses a column with Σ|x| above 4e18, and Σ|a × b| <= Σ|a| × Σ|b| <= 1.6e37 < 2^127.
    Products with a formula in them are counted bit by bit when the metric is planned.
    """
    assert m.weight is not None
    both = m.counts & ~m.value.is_null() & ~m.weight.num.is_null()
    return {
        m.name: (nw.when(both).then(wide(m.value) * wide(m.weight.num)), _sum),
        m.name + PER: (nw.when(both).then(m.weight.num), _sum),
    }


ONE_PASS: dict[str, Callable[[RowMetric], Columns]] = {
    "sum": total,
    "mean": mean,
    "min": least,
    "max": greatest,
    "count": count,
    "weighted_mean": weighted_mean,
}


def aggregate_rows(rows: Frame, metrics: Sequence[RowMetric], also: Columns | None = None) -> Frame:
    """rows (customer_id, …) → one row per customer: customer_id and the columns of each metric (Int64), and those of `also`."""
    columns: Columns = {**also} if also else {}
    for metric in metrics:
        columns |= ONE_PASS[metric.aggregation](metric)
    values = rows.select("customer_id", **{name: value for name, (value, _) in columns.items()})
    return values.group_by("customer_id").agg(**{name: make(nw.col(name)) for name, (_, make) in columns.items()})
