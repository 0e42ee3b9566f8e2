"""Values at a moment: the first, the last, and a balance weighted by the days it stood."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw

from custier.frames import Frame
from custier.measure.aggregate import RowMetric, held_columns
from custier.rubric.formula import wide
from custier.rubric.plan import PER


def last(rows: Frame, metric: RowMetric) -> Frame:
    """rows → customer_id, <name>: the value of the newest row; the largest, of texts the last, where several share the moment."""
    return _at_edge(rows, metric, nw.col("date_us").max())


def first(rows: Frame, metric: RowMetric) -> Frame:
    """rows → customer_id, <name>: the value of the oldest row; the largest, of texts the last, where several share the moment."""
    return _at_edge(rows, metric, nw.col("date_us").min())


def _at_edge(rows: Frame, metric: RowMetric, edge: nw.Expr) -> Frame:
    held = held_columns(metric)
    values = rows.filter(metric.counts).select("customer_id", "date_us", **held).filter(~nw.col(metric.name).is_null())
    edges = values.group_by("customer_id").agg(edge.alias("edge_us"))
    at_edge = values.join(edges, on="customer_id", how="inner").filter(nw.col("date_us") == nw.col("edge_us"))
    return at_edge.group_by("customer_id").agg(nw.col(*held).max())


def time_weighted_mean(rows: Frame, metric: RowMetric) -> Frame:
    """rows → customer_id, <name> and its divisor: Σ balance × days it stood in the window / those days.

    A balance stands from its day until the next one of its account; the last of a day counts (the largest at one moment). Days before
    a customer's first balance do not count; an account that is opened later held nothing until then.
    """
    account = ["customer_id"] if metric.part is None else ["customer_id", "part"]
    balances = _last_of_each_day(rows.filter(metric.counts), metric, [*account, "date_day"])
    until = nw.col("date_day").shift(-1).over(*account, order_by="date_day")
    stood = balances.with_columns(until=nw.coalesce(until, nw.lit(metric.end_day, nw.Int64())))
    begin = nw.lit(metric.start_day if metric.start_day is not None else -10_000_000, nw.Int64())
    stood = stood.with_columns(begin=nw.max_horizontal(nw.col("date_day"), begin))
    stood = stood.with_columns(days=nw.col("until") - nw.col("begin")).filter(nw.col("days") > 0)
    weighed = stood.select(*account, days=nw.col("days"), weighed=wide(nw.col("value")) * wide(nw.col("days")))
    held = weighed.group_by(*account).agg(nw.col("weighed").sum(), nw.col("days").sum())
    if metric.part is not None:
        held = held.group_by("customer_id").agg(nw.col("weighed").sum(), nw.col("days").max())
    return held.select("customer_id", **{metric.name: nw.col("weighed"), metric.name + PER: nw.col("days")})


def _last_of_each_day(rows: Frame, metric: RowMetric, day: Sequence[str]) -> Frame:
    part = {} if metric.part is None else {"part": nw.coalesce(metric.part, nw.lit(""))}
    values = rows.select("customer_id", "date_day", "date_us", value=metric.value, **part).filter(~nw.col("value").is_null())
    newest = values.group_by(*day).agg(nw.col("date_us").max().alias("newest_us"))
    of_day = values.join(newest, on=list(day), how="inner").filter(nw.col("date_us") == nw.col("newest_us"))
    return of_day.group_by(*day).agg(nw.col("value").max().alias("value"))
