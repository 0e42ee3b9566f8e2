"""Rows → one row per customer, every metric of the plan measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import narwhals as nw

from custier.expressions import no_number, no_text
from custier.frames import Frame, with_named
from custier.measure.accounts import with_parents
from custier.measure.aggregate import ONE_PASS, RowMetric, aggregate_rows
from custier.measure.dated import joining, with_joined, within
from custier.measure.derived import formula_columns, recency_days, shortened, stored, tenure_months, with_share, years_at_tier
from custier.measure.distinct import CountPairs, active_months, count_distinct, count_pairs
from custier.measure.moments import first, last, time_weighted_mean
from custier.measure.points import with_points
from custier.measure.records import record_rows
from custier.measure.register import registered
from custier.rubric.accounts import MEMBERS
from custier.rubric.columns import RECORDS, frame_name
from custier.rubric.formula import Number, Raw, Truth, Value, compile_condition, compile_formula, compile_number, is_difference, wide
from custier.rubric.model import Metric, Rubric
from custier.rubric.plan import DAY, NEVER_MISSING, PER, Columns, Plan, Planned, day_number, row_names

Tables = Mapping[str, Frame]
DISTINCT: dict[str, Callable[[Frame, RowMetric, CountPairs], Frame]] = {"count_distinct": count_distinct, "active_months": active_months}
OWN_PASS: dict[str, Callable[[Frame, RowMetric], Frame]] = {
    "first": first,
    "last": last,
    "time_weighted_mean": time_weighted_mean,
}
KEPT_FROM_DATES: dict[str, Callable[[Frame, date], nw.Expr]] = {
    "recency_days": lambda _, as_of: recency_days(as_of),
    "tenure_months": lambda customers, as_of: tenure_months(joining(customers), as_of),
}


@dataclass(frozen=True)
class Before:
    """What earlier runs know: the last run's customers, and every earlier tier where a metric asks for it.

    customers: customer_id, first_date (Date), last_day (Int64 days); history: customer_id, as_of (Date), tier.
    """

    customers: Frame | None = None
    history: Frame | None = None


def measure_rows(
    tables: Tables, rubric: Rubric, plan: Plan, columns: Columns, as_of: date, before: Before, count: CountPairs = count_pairs
) -> Frame:
    """Rows of every source → customer_id, has_rows, first_date, last_day, rows_in_window and the columns of each metric over rows.

    tables: per source, good rows with customer_id, date, date_day, date_us and its columns (amounts in minor units).
    A metric is Int64 at its kind's scale; a quotient has a second column `<name>__per`. Nulls are missing values.
    With accounts in the rubric also account_parent, and those whom the table of members lists beside the customers (has_rows null).
    Each customer's rows are looked at alone, so tables that were split by customer may be measured one after another.
    """
    rows = {source: _rows_until(table, source, columns, as_of) for source, table in tables.items()}
    metrics = {source: _row_metrics(source, rubric, plan, columns, as_of) for source in rows}
    at_once = [
        m for m in metrics.get("transactions", []) if m.aggregation in ONE_PASS and not _is_from_joining(plan.metrics[m.name], rubric)
    ]
    customers = registered(rows, rubric, columns, as_of, at_once, before.customers)
    measured = {m.name for m in at_once}
    for source, table in rows.items():
        for frame in _measure_source(table, customers, [m for m in metrics[source] if m.name not in measured], plan, rubric, count):
            customers = customers.join(frame, on="customer_id", how="left")
    customers = with_points(customers, rows, rubric, plan, columns, as_of)
    over_rows = [p for p in plan.metrics.values() if _is_over_rows(p.metric)]
    customers = with_named(customers, dict(column for p in over_rows for column in _settled(p, tables).items()))
    if rubric.accounts is None:
        return customers
    return with_parents(customers, rows.get(rubric.accounts.link.source), rubric.accounts)


def derive_metrics(customers: Frame, population: Frame, rubric: Rubric, plan: Plan, as_of: date, before: Before) -> Frame:
    """Customers with the metrics over rows → the same with those made from dates, other metrics, and the total of the population.

    population: all customers with the metrics over rows, of whom `customers` may be a part.
    """
    for planned in plan.metrics.values():
        alone = customers is population
        if planned.metric.share_of_total is not None:
            customers = with_share(customers, population, planned, plan)
            population = customers if alone else with_share(population, population, planned, plan)
        elif not (planned.of_points or _is_over_rows(planned.metric) or _is_of_account(planned)):
            customers = _derive(customers, planned, rubric, plan, as_of, before)
            population = customers if alone else _derive(population, planned, rubric, plan, as_of, before)
    return customers


def _rows_until(table: Frame, source: str, columns: Columns, as_of: date) -> Frame:
    if source in RECORDS:
        return record_rows(table, source, columns[source], as_of)
    if "date" not in columns[source]:
        return table
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


def _row_metrics(source: str, rubric: Rubric, plan: Plan, columns: Columns, as_of: date) -> list[RowMetric]:
    names = row_names(source, columns[source], as_of)
    over_rows = [p for p in plan.metrics.values() if _is_aggregated(p) and p.metric.source == source and not p.absent]
    return [_row_metric(p, rubric, names, as_of) for p in over_rows]


def _measure_source(
    rows: Frame, customers: Frame, metrics: Sequence[RowMetric], plan: Plan, rubric: Rubric, count: CountPairs
) -> Iterable[Frame]:
    """The metrics of one source: those that one pass makes, then each of the others."""
    if any(_is_from_joining(plan.metrics[m.name], rubric) for m in metrics):
        rows = with_joined(rows, customers)
    one_pass = [m for m in metrics if m.aggregation in ONE_PASS]
    if one_pass:
        yield aggregate_rows(rows, one_pass)
    yield from (_own_pass(rows, m, count) for m in metrics if m.aggregation not in ONE_PASS)


def _is_from_joining(planned: Planned, rubric: Rubric) -> bool:
    return planned.metric.source not in RECORDS and (planned.metric.window or rubric.window).from_joining


def _own_pass(rows: Frame, metric: RowMetric, count: CountPairs) -> Frame:
    if metric.aggregation in DISTINCT:
        return DISTINCT[metric.aggregation](rows, metric, count)
    return OWN_PASS[metric.aggregation](rows, metric)


def _is_aggregated(planned: Planned) -> bool:
    return _is_over_rows(planned.metric) and not planned.of_points


def _is_over_rows(metric: Metric) -> bool:
    return metric.aggregation in ONE_PASS or metric.aggregation in OWN_PASS or metric.aggregation in DISTINCT


def _is_of_account(planned: Planned) -> bool:
    """Whether `pool_accounts` measures it, before metrics are made from others."""
    return planned.metric.of_members is not None or planned.metric.formula == planned.name == MEMBERS


def _row_metric(planned: Planned, rubric: Rubric, names: Mapping[str, Value], as_of: date) -> RowMetric:
    metric, of_record = planned.metric, planned.metric.source in RECORDS
    window = metric.window or rubric.window
    start, end = window.dates(as_of)
    counts = _until(end) if metric.aggregation == "time_weighted_mean" else within(window, as_of)
    if of_record:
        counts = nw.lit(True)
    if metric.where is not None:
        counts = counts & compile_condition(metric.where, names)
    return RowMetric(
        planned.name,
        "max" if of_record and metric.aggregation in ("first", "last") else metric.aggregation,
        counts,
        _argument(metric, names),
        compile_number(metric.weight, names) if metric.weight is not None else None,
        None if start is None else day_number(start),
        day_number(end),
        nw.col(metric.per) if metric.per is not None else None,
        nw.col(frame_name(metric.argument)) if planned.kind.type == "date" else None,
    )


def _argument(metric: Metric, names: Mapping[str, Value]) -> nw.Expr:
    """What each row contributes; for counts, any column that says whether the row has something to count.

    Reading bounds the sum of a column, and so that of the sum or difference of two; any other formula is added up in 128 bits.
    """
    match compile_formula(metric.argument, names):
        case Number(num=num):
            return num if metric.argument in names or is_difference(metric.argument, names) else wide(num)
        case Raw(text=text):
            return text
        case Truth(expr=expr):
            return expr
        case other:
            return other.expr


def _until(end: date) -> nw.Expr:
    return nw.col("date_day") < day_number(end)


def _derive(customers: Frame, planned: Planned, rubric: Rubric, plan: Plan, as_of: date, before: Before) -> Frame:
    name, metric = planned.name, planned.metric
    if metric.years_at_tier is not None:
        return years_at_tier(before.history, customers, name, rubric.tier_names, metric.years_at_tier, as_of)
    if metric.formula == name and name in KEPT_FROM_DATES:
        return customers.with_columns(**{name: KEPT_FROM_DATES[name](customers, as_of)})
    return customers.with_columns(**formula_columns(planned, plan))


def _settled(planned: Planned, tables: Tables) -> dict[str, nw.Expr]:
    """No rows is 0 for sums and counts and missing for the rest; everything is missing where the table was not given."""
    names = [planned.name, *([planned.name + PER] if planned.kind.quotient else [])]
    is_absent = planned.absent or planned.metric.source not in tables
    if planned.kind.type != "number":
        return _nothing(planned) if is_absent else {}
    if is_absent:
        return dict.fromkeys(names, no_number())
    if planned.metric.aggregation in NEVER_MISSING:
        return {n: nw.coalesce(nw.col(n).cast(nw.Int64()), nw.lit(0, nw.Int64())) for n in names}
    if not planned.kind.quotient:
        return {n: nw.col(n).cast(nw.Int64()) for n in names}
    num, den = nw.col(planned.name), nw.col(planned.name + PER)
    sign = nw.when(den > 0).then(nw.lit(1, nw.Int64())).when(den < 0).then(nw.lit(-1, nw.Int64()))
    mean = Number(num * sign, planned.kind.scale, den * sign)
    return stored(planned.name, mean if planned.metric.aggregation == "mean" else shortened(mean))


def _nothing(planned: Planned) -> dict[str, nw.Expr]:
    """A text or a date that nobody has."""
    if planned.kind.type == "text":
        return {planned.name: no_text()}
    return {planned.name: nw.lit(None, nw.Date()), planned.name + DAY: no_number()}
