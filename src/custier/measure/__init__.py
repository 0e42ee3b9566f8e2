"""Rows → one row per customer, every metric of the plan measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import narwhals as nw

from custier.expressions import dated_within, no_number
from custier.frames import Frame
from custier.measure.aggregate import ONE_PASS, RowMetric, aggregate_rows
from custier.measure.derived import formula_columns, recency_days, share_columns, shortened, stored, tenure_months, years_at_tier
from custier.measure.distinct import active_months, count_distinct
from custier.measure.moments import first, last, time_weighted_mean
from custier.rubric.formula import Number, Raw, Truth, Value, compile_condition, compile_formula, compile_number, wide
from custier.rubric.model import Metric, Rubric
from custier.rubric.plan import NEVER_MISSING, PER, Columns, Plan, Planned, day_number, row_names
from custier.rubric.window import Window

Tables = Mapping[str, Frame]
OWN_PASS: dict[str, Callable[[Frame, RowMetric], Frame]] = {
    "count_distinct": count_distinct,
    "active_months": active_months,
    "first": first,
    "last": last,
    "time_weighted_mean": time_weighted_mean,
}
KEPT_FROM_DATES = {"recency_days": recency_days, "tenure_months": tenure_months}


@dataclass(frozen=True)
class Before:
    """What earlier runs know: the last run's customers, and every earlier tier where a metric asks for it.

    customers: customer_id, first_date (Date), last_day (Int64 days); history: customer_id, as_of (Date), tier.
    """

    customers: Frame | None = None
    history: Frame | None = None


def measure_customers(tables: Tables, rubric: Rubric, plan: Plan, columns: Columns, as_of: date, before: Before) -> Frame:
    """Rows of every source → customer_id, has_rows, first_date, last_day, rows_in_window and the columns of each metric.

    tables: per source, good rows with customer_id, date, date_day, date_us and its columns (amounts in minor units).
    A metric is Int64 at its kind's scale; a quotient has a second column `<name>__per`. Nulls are missing values.
    """
    rows = {source: _rows_until(table, source, columns, as_of) for source, table in tables.items()}
    customers = _register(rows, rubric, as_of, before)
    for source, table in rows.items():
        customers = _measure_source(customers, table, source, rubric, plan, columns, as_of)
    for planned in plan.metrics.values():
        customers = _measure_derived(customers, planned, rubric, plan, tables, as_of, before)
    return customers


def _rows_until(table: Frame, source: str, columns: Columns, as_of: date) -> Frame:
    rows = table.filter(nw.col("date_day") <= day_number(as_of))
    return with_lateness(rows, as_of) if "paid" in columns[source] else rows


def with_lateness(rows: Frame, as_of: date) -> Frame:
    """Invoices → the same with payment_delay_days (negative when early) and days_late (never negative), in days.

    An invoice not paid by the as-of date is late up to that date; one not due yet has neither.
    """
    today = nw.lit(day_number(as_of), nw.Int64())
    paid = nw.when(nw.col("paid_day") <= today).then(nw.col("paid_day"))
    late_so_far = nw.when(today > nw.col("date_day")).then(today)
    rows = rows.with_columns(payment_delay_days=nw.coalesce(paid, late_so_far) - nw.col("date_day"))
    delay = nw.col("payment_delay_days")
    return rows.with_columns(days_late=nw.when(delay < 0).then(nw.lit(0, nw.Int64())).otherwise(delay))


def _register(rows: Mapping[str, Frame], rubric: Rubric, as_of: date, before: Before) -> Frame:
    """All customers: those with rows (transactions, or every source of a rubric without them), then those of the last run."""
    registers = [rows["transactions"]] if "transactions" in rows else list(rows.values())
    seen = nw.concat([r.select("customer_id", "date", "date_day") for r in registers])
    in_window = _until(rubric.window.dates(as_of)[1]) if rubric.window.span == "since joining" else _within(rubric.window, as_of)
    seen = seen.with_columns(counted=nw.when(in_window).then(nw.lit(1, nw.Int64())).otherwise(nw.lit(0, nw.Int64())))
    customers = seen.group_by("customer_id").agg(
        nw.col("date").min().alias("first_date"),
        nw.col("date_day").max().alias("last_day"),
        nw.col("counted").sum().alias("rows_in_window"),
    )
    customers = customers.with_columns(has_rows=nw.lit(True))
    return customers if before.customers is None else nw.concat([customers, _without_rows(customers, before.customers)])


def _without_rows(customers: Frame, before: Frame) -> Frame:
    gone = before.join(customers.select("customer_id"), on="customer_id", how="anti")
    return gone.select("customer_id", "first_date", "last_day", rows_in_window=nw.lit(0, nw.Int64()), has_rows=nw.lit(False))


def _measure_source(customers: Frame, rows: Frame, source: str, rubric: Rubric, plan: Plan, columns: Columns, as_of: date) -> Frame:
    names = row_names(source, columns[source], as_of)
    windows = {p.metric.window or rubric.window for p in plan.metrics.values() if p.metric.source == source}
    if any(w.span == "since joining" for w in windows):
        joined = customers.select("customer_id", joined_on=nw.col("first_date"))
        rows = rows.join(joined, on="customer_id", how="inner")
    over_rows = [p for p in plan.metrics.values() if _is_over_rows(p.metric) and p.metric.source == source and not p.absent]
    metrics = [_row_metric(p, rubric, names, as_of) for p in over_rows]
    one_pass = [m for m in metrics if m.aggregation in ONE_PASS]
    frames = [aggregate_rows(rows, one_pass)] if one_pass else []
    frames += [OWN_PASS[m.aggregation](rows, m) for m in metrics if m.aggregation in OWN_PASS]
    for frame in frames:
        customers = customers.join(frame, on="customer_id", how="left")
    return customers


def _is_over_rows(metric: Metric) -> bool:
    return metric.aggregation in ONE_PASS or metric.aggregation in OWN_PASS


def _row_metric(planned: Planned, rubric: Rubric, names: Mapping[str, Value], as_of: date) -> RowMetric:
    metric = planned.metric
    window = metric.window or rubric.window
    counts = _within(window, as_of)
    if metric.where is not None:
        counts = counts & compile_condition(metric.where, names)
    start, end = window.dates(as_of)
    return RowMetric(
        planned.name,
        metric.aggregation,
        counts if metric.aggregation != "time_weighted_mean" else _until(end),
        _argument(metric, names),
        compile_number(metric.weight, names) if metric.weight is not None else None,
        None if start is None else day_number(start),
        day_number(end),
    )


def _argument(metric: Metric, names: Mapping[str, Value]) -> nw.Expr:
    """What each row contributes; for counts, any column that says whether the row has something to count.

    Reading bounds the sum of a column, not of a formula: that is added up in 128 bits.
    """
    match compile_formula(metric.argument, names):
        case Number(num=num):
            return num if metric.argument in names else wide(num)
        case Raw(text=text):
            return text
        case Truth(expr=expr):
            return expr
        case other:
            return other.expr


def _within(window: Window, as_of: date) -> nw.Expr:
    dated = dated_within(window, as_of)
    return dated & (nw.col("date") >= nw.col("joined_on")) if window.span == "since joining" else dated


def _until(end: date) -> nw.Expr:
    return nw.col("date_day") < day_number(end)


def _measure_derived(customers: Frame, planned: Planned, rubric: Rubric, plan: Plan, tables: Tables, as_of: date, before: Before) -> Frame:
    name, metric = planned.name, planned.metric
    if _is_over_rows(metric):
        return customers.with_columns(**_settled(planned, metric.source in tables and not planned.absent))
    if metric.years_at_tier is not None:
        return years_at_tier(before.history, customers, name, rubric.tier_names, metric.years_at_tier, as_of)
    if metric.share_of_total is not None:
        return customers.with_columns(**share_columns(planned, plan))
    if metric.formula == name and name in KEPT_FROM_DATES:
        return customers.with_columns(**{name: KEPT_FROM_DATES[name](as_of)})
    return customers.with_columns(**formula_columns(planned, plan))


def _settled(planned: Planned, has_source: bool) -> dict[str, nw.Expr]:
    """No rows is 0 for sums and counts and missing for the rest; everything is missing where the table was not given."""
    names = [planned.name, *([planned.name + PER] if planned.kind.quotient else [])]
    if not has_source:
        return dict.fromkeys(names, no_number())
    if planned.metric.aggregation in NEVER_MISSING:
        return {n: nw.coalesce(nw.col(n).cast(nw.Int64()), nw.lit(0, nw.Int64())) for n in names}
    if not planned.kind.quotient:
        return {n: nw.col(n).cast(nw.Int64()) for n in names}
    num, den = nw.col(planned.name), nw.col(planned.name + PER)
    sign = nw.when(den > 0).then(nw.lit(1, nw.Int64())).when(den < 0).then(nw.lit(-1, nw.Int64()))
    mean = Number(num * sign, planned.kind.scale, den * sign)
    return stored(planned.name, mean if planned.metric.aggregation == "mean" else shortened(mean))
