"""Sources with one record per customer: which record counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import narwhals as nw

from custier.frames import Frame
from custier.rubric.columns import ColumnKind, frame_name, is_dated
from custier.rubric.plan import day_number


def record_rows(rows: Frame, source: str, columns: Mapping[str, ColumnKind], as_of: date) -> Frame:
    """Rows of such a source → at most one per customer: customer_id and its columns.

    Where records are dated it is the latest that has not expired by the as-of date. Records that say the same are one; what one
    leaves blank another may say, and none contradicts another, since checking rejects those.
    """
    if is_dated(source):
        rows = _latest(_not_expired(rows, columns, as_of), as_of)
    held = {name for column in columns for name in (frame_name(column), f"{column}_day")} - {"customer_id"}
    names = [name for name in rows.collect_schema().names() if name in held]
    return rows.group_by("customer_id").agg(nw.col(*names).max()) if names else rows.unique(["customer_id"])


def _not_expired(rows: Frame, columns: Mapping[str, ColumnKind], as_of: date) -> Frame:
    if "estimated_until" not in columns:
        return rows
    until = nw.col("estimated_until_day")
    return rows.filter(until.is_null() | (until >= day_number(as_of)))


def _latest(rows: Frame, as_of: date) -> Frame:
    known = rows.filter(nw.col("date_day") <= day_number(as_of))
    newest = known.group_by("customer_id").agg(nw.col("date_us").max().alias("newest_us"))
    return known.join(newest, on="customer_id", how="inner").filter(nw.col("date_us") == nw.col("newest_us")).drop("newest_us")
