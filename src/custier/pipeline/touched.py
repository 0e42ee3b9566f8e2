"""Customers of whom a row was rejected: what is known of them is not all that there is."""

from __future__ import annotations

from collections.abc import Iterable

import narwhals as nw
import polars as pl

from custier.expressions import first_true
from custier.frames import Frame
from custier.rubric.suspects import mark
from custier.values import TOUCHED


def nobody_touched() -> pl.DataFrame:
    """customer_id, rejected_rows of nobody."""
    return pl.DataFrame(schema={"customer_id": pl.String(), TOUCHED: pl.Int64()})


def touched_ids(suspects: pl.DataFrame) -> pl.DataFrame:
    """Rows that are not sound → customer_id and rejected_rows of everyone whose id could be read."""
    somebody = pl.col("customer_id").is_not_null()
    if mark("no_customer") in suspects.columns:
        somebody &= ~pl.col(mark("no_customer"))
    counted = suspects.filter(somebody).group_by("customer_id").agg(pl.len().cast(pl.Int64).alias(TOUCHED))
    return counted.cast({"customer_id": pl.String()})


def all_touched(found: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """The same of all tables together."""
    return pl.concat([nobody_touched(), *found]).group_by("customer_id").agg(pl.col(TOUCHED).sum()).sort("customer_id")


def with_touched(customers: Frame, touched: Frame | None) -> Frame:
    """Graded customers → the same with rejected_rows (Int64)."""
    none = nw.lit(0, nw.Int64())
    if touched is None:
        return customers.with_columns(**{TOUCHED: none})
    joined = customers.join(touched, on="customer_id", how="left")
    return joined.with_columns(**{TOUCHED: first_true([(nw.col(TOUCHED).is_null(), none)], nw.col(TOUCHED))})
