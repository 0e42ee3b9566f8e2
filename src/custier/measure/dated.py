"""Which rows a window covers."""

from __future__ import annotations

from datetime import date

import narwhals as nw

from custier.expressions import dated_within
from custier.frames import Frame
from custier.rubric.window import Window

SINCE_JOINING = "since joining"


def within(window: Window, as_of: date) -> nw.Expr:
    """Whether a row counts; of a window since joining only for rows `with_joined`."""
    dated = dated_within(window, as_of)
    return dated & (nw.col("date") >= nw.col("joined_on")) if window.span == SINCE_JOINING else dated


def with_joined(rows: Frame, customers: Frame) -> Frame:
    """Rows of known customers → the same with joined_on, the day that the customer joined on."""
    return rows.join(customers.select("customer_id", joined_on=nw.col(joining(customers))), on="customer_id", how="inner")


def joining(customers: Frame) -> str:
    """The column of the day that a customer joined on: that of the first row, unless a table of customers knows better."""
    return "joined_on" if "joined_on" in customers.collect_schema().names() else "first_date"
