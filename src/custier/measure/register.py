"""Who is measured: customers with transactions, those whom the table of customers lists, and those of the last run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import narwhals as nw

from custier.expressions import dated_within
from custier.frames import Frame, without
from custier.measure.aggregate import Columns as Aggregated
from custier.measure.aggregate import RowMetric, aggregate_rows
from custier.rubric.model import Rubric
from custier.rubric.plan import Columns, day_number
from custier.rubric.window import SINCE_JOINING

LIST = "customers"
KNOWN_BEFORE = ("first_date", "last_day")


def registered(
    rows: Mapping[str, Frame], rubric: Rubric, columns: Columns, as_of: date, metrics: Sequence[RowMetric], before: Frame | None
) -> Frame:
    """Rows of every source → customer_id, first_date, last_day, rows_in_window, has_rows, and what one pass over the transactions
    measures; joined_on (Date) where the table of customers says when they joined.

    Without transactions and without a table of customers, everyone is measured who has a row in any source.
    """
    customers = _with_rows(rows, rubric, as_of, metrics)
    customers = _with_others(customers, rows.get(LIST) if "transactions" in rows else None, before)
    return _with_joining(customers, rows[LIST], as_of) if LIST in rows and "joined" in columns[LIST] else customers


def _with_rows(rows: Mapping[str, Frame], rubric: Rubric, as_of: date, metrics: Sequence[RowMetric]) -> Frame:
    """The customers that rows name, with what one pass over transactions measures."""
    if "transactions" in rows:
        customers = aggregate_rows(rows["transactions"], metrics, _seen(rubric, as_of))
    else:
        named = [_dated(rows[LIST])] if LIST in rows else [_dated(table) for table in rows.values()]
        customers = aggregate_rows(nw.concat(named), [], _seen(rubric, as_of))
    return customers.with_columns(nw.col("rows_in_window").cast(nw.Int64()), has_rows=nw.lit(True))


def _dated(rows: Frame) -> Frame:
    if "date_day" in rows.collect_schema().names():
        return rows.select("customer_id", "date", "date_day")
    return rows.select("customer_id", date=nw.lit(None, nw.Date()), date_day=nw.lit(None, nw.Int64()))


def _seen(rubric: Rubric, as_of: date) -> Aggregated:
    """When a customer was first and last seen, and how many rows the rubric's window covers."""
    until = nw.col("date_day") < day_number(rubric.window.dates(as_of)[1])
    in_window = until if rubric.window.span == SINCE_JOINING else dated_within(rubric.window, as_of)
    counted = nw.when(in_window).then(nw.lit(1, nw.Int64())).otherwise(nw.lit(0, nw.Int64()))
    return {
        "first_date": (nw.col("date"), lambda e: e.min()),
        "last_day": (nw.col("date_day"), lambda e: e.max()),
        "rows_in_window": (counted, lambda e: e.sum()),
    }


def _with_others(customers: Frame, listed: Frame | None, before: Frame | None) -> Frame:
    """Customers with rows, then those that are only listed, then those of the last run that are neither; nothing is measured for them
    yet, but the last run's dates stand.
    """
    schema = customers.collect_schema()
    for others, has_rows in ((listed, True), (before, False)):
        if others is None:
            continue
        new = without(others, customers, ["customer_id"])
        if others is listed and before is not None:
            new = new.select("customer_id").join(before.select("customer_id", *KNOWN_BEFORE), on="customer_id", how="left")
        known = {"customer_id", *(KNOWN_BEFORE if before is not None else ())}
        columns = {name: nw.lit(None, dtype) for name, dtype in schema.items() if name not in known}
        columns |= {"rows_in_window": nw.lit(0, nw.Int64()), "has_rows": nw.lit(has_rows)}
        customers = nw.concat([customers, new.with_columns(**columns).select(schema.names())])
    return customers


def _with_joining(customers: Frame, listed: Frame, as_of: date) -> Frame:
    """The day on which a customer joined: as the table of customers says, or that of the first row; a day to come says nothing."""
    said = nw.when(nw.col("joined_day") <= day_number(as_of)).then(nw.col("joined"))
    joined = listed.select("customer_id", joined_on=said)
    both = customers.join(joined, on="customer_id", how="left")
    return both.with_columns(joined_on=nw.coalesce(nw.col("joined_on"), nw.col("first_date")))
