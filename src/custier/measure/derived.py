"""Metrics made from dates, from other metrics, from the whole population and from earlier runs."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import date

import narwhals as nw

from custier.expressions import first_true
from custier.frames import Frame
from custier.rubric.formula import Number, compile_number, wide
from custier.rubric.plan import PER, Plan, Planned, day_number

SHORTENED_BY = (10**6, 10**3, 10)
WHOLE = "the whole"


def recency_days(as_of: date) -> nw.Expr:
    """Days from the last row to the as-of date."""
    return nw.lit(day_number(as_of), nw.Int64()) - nw.col("last_day")


def tenure_months(since: str, as_of: date) -> nw.Expr:
    """Whole months from the day of joining, in the column `since`, to the as-of date; from 31 January to 28 February is one."""
    return months_since(nw.col(since), as_of)


def months_since(day: nw.Expr, as_of: date) -> nw.Expr:
    year, month = day.dt.year().cast(nw.Int64()), day.dt.month().cast(nw.Int64())
    months = nw.lit(as_of.year * 12 + as_of.month, nw.Int64()) - year * 12 - month
    at_month_end = as_of.day == calendar.monthrange(as_of.year, as_of.month)[1]
    short = nw.lit(0, nw.Int64()) if at_month_end else nw.when(day.dt.day() > as_of.day).then(1).otherwise(0)
    return nw.when(~day.is_null()).then(months - short)


def stored(name: str, value: Number) -> dict[str, nw.Expr]:
    """An exact number as the Int64 columns that hold a metric; refuses to wrap."""
    columns = {name: value.num.cast(nw.Int64())}
    return columns if value.den is None else columns | {name + PER: value.den.cast(nw.Int64())}


def shortened(value: Number) -> Number:
    """A quotient without the trailing zeros that numerator and denominator share: 6-decimal weights that are whole numbers bring six."""
    assert value.den is not None
    ends = [((value.num % p == 0) & (value.den % p == 0), p) for p in SHORTENED_BY]
    by = first_true(ends, 1)
    return Number(value.num // by, value.scale, value.den // by)


def formula_columns(planned: Planned, plan: Plan) -> dict[str, nw.Expr]:
    """The columns of a metric that is a formula over metrics measured before it."""
    assert planned.metric.formula is not None
    return stored(planned.name, compile_number(planned.metric.formula, plan.names))


def with_share(customers: Frame, population: Frame, planned: Planned, plan: Plan) -> Frame:
    """customers → the same with <name> and its divisor: a part of the whole population's total; missing where that is not above zero.

    The total is one row joined to all: a window over the whole population would pass through one task of a cluster.
    """
    part = wide(plan.value(str(planned.metric.share_of_total)).num)
    whole = nw.col(WHOLE)
    total = population.select(part.sum().alias(WHOLE)).with_columns(**{WHOLE: nw.when(whole > 0).then(whole)})
    share = shortened(Number(part, 0, whole))
    return customers.join(total, how="cross").with_columns(**stored(planned.name, share)).drop(WHOLE)


def years_at_tier(history: Frame | None, customers: Frame, name: str, tiers: Sequence[str], tier: str, as_of: date) -> Frame:
    """customers → the same with <name>: whole years since the customer has held this tier or a better one without a break.

    history: customer_id, as_of (Date), tier of every published run before this one.
    """
    if history is None:
        return customers.with_columns(**{name: nw.lit(0, nw.Int64())})
    good = nw.col("tier").is_in(list(tiers[: list(tiers).index(tier) + 1]))
    breaks = (
        history.with_columns(broken=nw.when(~good).then(nw.col("as_of")))
        .group_by("customer_id")
        .agg(nw.col("broken").max().alias("broken_on"))
    )
    since = history.join(breaks, on="customer_id", how="inner").filter(
        good & (nw.col("broken_on").is_null() | (nw.col("as_of") > nw.col("broken_on")))
    )
    since = since.group_by("customer_id").agg(nw.col("as_of").min().alias("held_since"))
    held = customers.join(since, on="customer_id", how="left")
    years = (months_since(nw.col("held_since"), as_of) // 12).cast(nw.Int64())
    return held.with_columns(**{name: first_true([(nw.col("held_since").is_null(), 0)], years)}).drop("held_since")
