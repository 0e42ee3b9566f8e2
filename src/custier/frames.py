"""The two kinds of frames that steps hand on, rows still in their engine and a table in memory, and how one becomes the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import narwhals as nw

Frame = nw.LazyFrame[Any]
"""A lazy frame of any engine; every step takes and gives these."""

Collected = nw.DataFrame[Any]
"""A frame in memory, for what looks at all rows or customers at once."""

Given = Callable[[Frame], Frame]
"""An engine's way to take in a small table that was made here, by `in_memory`."""

Added = Callable[[Frame, nw.Expr, str, Callable[[Frame], Frame]], Frame]
"""An engine's way to add a column that only those rows have a value in for which a condition holds: to all, or to those rows."""

FOUND = "found "


def as_it_is(frame: Frame) -> Frame:
    """How Polars takes in such a table."""
    return frame


def added_to_all(frame: Frame, which: nw.Expr, column: str, add: Callable[[Frame], Frame]) -> Frame:
    """How engines do it that would work rows out twice to look at some."""
    return add(frame)


def added_to_some(customers: Frame, which: nw.Expr, column: str, add: Callable[[Frame], Frame]) -> Frame:
    """How Polars does it, which works out once what is looked at twice."""
    return customers.join(add(customers.filter(which)).select("customer_id", column), on="customer_id", how="left")


def in_memory(columns: Mapping[str, Sequence[Any]], schema: Mapping[str, Any]) -> Frame:
    """A small table of Polars."""
    table: Frame = nw.from_dict(columns, schema, backend="polars").lazy()
    return table


def with_named(frame: Frame, columns: Mapping[str, nw.Expr]) -> Frame:
    """The frame with these columns; also when there are none, which narwhals refuses."""
    return frame.with_columns(**columns) if columns else frame


def row_count(frame: Frame) -> int:
    """How many rows a frame has when it is worked out."""
    return int(frame.select(count=nw.len()).collect(backend="polars").item())


def without(frame: Frame, others: Frame, on: Sequence[str]) -> Frame:
    """The rows of a frame whose keys another frame has not: a join that every warehouse can write, which an anti join is not."""
    marked = others.select(*on, **{FOUND: nw.lit(True)})
    return frame.join(marked, on=list(on), how="left").filter(nw.col(FOUND).is_null()).drop(FOUND)
