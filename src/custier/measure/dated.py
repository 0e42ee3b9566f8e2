"""Which rows a window covers."""

from __future__ import annotations

from calendar import isleap
from datetime import date
from typing import Literal

import narwhals as nw

from custier.expressions import dated_within
from custier.frames import Frame
from custier.rubric.window import MEMBERSHIP_YEAR, SINCE_JOINING, YEAR, Window

LEAP_DAY, YEARS = 229, 10_000


def within(window: Window, as_of: date) -> nw.Expr:
    """Whether a row counts; of a window that starts with the customer's joining only for rows `with_joined`."""
    dated = dated_within(window, as_of)
    if window.span == SINCE_JOINING:
        return dated & (nw.col("date") >= nw.col("joined_on"))
    if window.span == MEMBERSHIP_YEAR:
        return dated & (_digits(nw.col("date"), YEARS) >= _anniversary(window, as_of))
    return dated


def _anniversary(window: Window, as_of: date) -> nw.Expr:
    """The last day of the year on which the customer joined, up to the window's last day, moved back as the window: 20250615.

    Who joined on 29 February has joined on the 28th in other years.
    """
    last, moved = window.last_day(as_of), window.shifted.months // YEAR
    reached = _joined_in(last.year) <= last.month * 100 + last.day
    this, before = last.year - moved, last.year - moved - 1
    return nw.when(reached).then(_joined_in(this) + this * YEARS).otherwise(_joined_in(before) + before * YEARS)


def _joined_in(year: int) -> nw.Expr:
    """Month and day of joining in a year: 615."""
    day = _digits(nw.col("joined_on"), 0)
    return day if isleap(year) else nw.when(day == LEAP_DAY).then(nw.lit(LEAP_DAY - 1, nw.Int64())).otherwise(day)


def _digits(day: nw.Expr, years: int) -> nw.Expr:
    """2025-06-15 → 20250615, or without its year."""
    month_and_day = day.dt.month().cast(nw.Int64()) * 100 + day.dt.day().cast(nw.Int64())
    return month_and_day + day.dt.year().cast(nw.Int64()) * years if years else month_and_day


def with_joined(rows: Frame, customers: Frame, how: Literal["inner", "left"] = "inner") -> Frame:
    """Rows of known customers (left: of all) → the same with joined_on, the day that the customer joined on."""
    return rows.join(customers.select("customer_id", joined_on=nw.col(joining(customers))), on="customer_id", how=how)


def with_in_window(rows: Frame, customers: Frame, window: Window, as_of: date) -> Frame:
    """Rows → the same with in_window, whether the window covers them; one that starts with joining covers no row of who is not known."""
    if not window.from_joining:
        return rows.with_columns(in_window=within(window, as_of))
    dated = with_joined(rows, customers, "left")
    return dated.with_columns(in_window=nw.coalesce(within(window, as_of), nw.lit(False))).drop("joined_on")


def joining(customers: Frame) -> str:
    """The column of the day that a customer joined on: that of the first row, unless a table of customers knows better."""
    return "joined_on" if "joined_on" in customers.collect_schema().names() else "first_date"
