"""One plan of Polars over tables that come one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import narwhals as nw
import polars as pl
from polars.io.plugins import register_io_source

from custier.frames import Frame


def in_turn(like: Frame) -> tuple[Frame, Callable[[Frame], None]]:
    """A frame that is worked out as the table put there last, and what puts one there; `like` has the columns of all of them."""
    there: list[pl.LazyFrame] = []

    def rows(columns: list[str] | None, predicate: pl.Expr | None, count: int | None, size: int | None) -> Iterator[pl.DataFrame]:
        lazy = there[-1] if columns is None else there[-1].select(columns)
        lazy = lazy if predicate is None else lazy.filter(predicate)
        yield (lazy if count is None else lazy.head(count)).collect()

    def put(frame: Frame) -> None:
        there[:] = [frame.to_native()]

    schema = like.to_native().collect_schema()
    return nw.from_native(register_io_source(rows, schema=schema, is_pure=True)), put  # pure: looked at twice in a plan, it is read once


def in_memory(plan: pl.LazyFrame) -> pl.DataFrame:
    """The plan worked out by the engine that is the faster for some customers.

    What it refuses, as to compare a constant text with a column that holds nothing, the other does.
    """
    try:
        return plan.collect(engine="in-memory")
    except pl.exceptions.InvalidOperationError:
        return plan.collect(engine="streaming")
