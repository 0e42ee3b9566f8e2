"""Customers who turned out to be one: every row, and what the last run knew, under the id that is left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from custier.chains import MOST_STEPS, Hold, ends_of, refuse
from custier.expressions import first_true
from custier.frames import Frame

MERGED_FROM = "merged_from"
"""The id that a row had in the export, where it is another now."""

MERGED = "merged "
"""Whether it is."""

_INTO = "into "


def followed_merges(rows: Frame, column: str, hold: Hold) -> Frame:
    """Good rows of a table of merges → customer_id, up (texts): who is counted under which id, every chain followed to its end.

    Raises DataError for a customer that is merged into two (CT3321), and for merges that go round in a circle (CT3322).
    """
    both = hold(_stated(rows, column).agg(nw.col("into").min().alias("one"), nw.col("into").max().alias("up")))
    said = nw.concat_str(nw.col("customer_id"), nw.lit(" ("), nw.col("one"), nw.lit(" / "), nw.col("up"), nw.lit(")"))
    twice = both.filter(nw.col("one") != nw.col("up")).select("customer_id", said=said)
    refuse(twice, "CT3321", "is merged into two others", "are merged into two others", "keep one row of each in the table of merges")
    what = f"merges go round in a circle, or on over more than {MOST_STEPS} steps"
    return ends_of(both.select("customer_id", "up"), hold, "CT3322", what, "let the last id of each chain stand alone")


def stated_merges(rows: Frame, column: str) -> Frame:
    """The same without following or refusing anything; of several the last by name."""
    last: Frame = _stated(rows, column).agg(nw.col("into").max().alias("up"))
    return last


def _stated(rows: Frame, column: str) -> Any:
    into = nw.col(column)
    return rows.filter(~into.is_null()).filter(into != nw.col("customer_id")).select("customer_id", into=into).group_by("customer_id")


def with_merged(rows: Frame, merges: Frame, also: Sequence[str] = ()) -> Frame:
    """Rows → the same under the ids that are left, with merged_from (text) and `merged ` (bool); also: other columns that hold ids."""
    rows = rows.join(merges.select("customer_id", nw.col("up").alias(_INTO)), on="customer_id", how="left")
    is_merged = ~nw.col(_INTO).is_null()
    rows = rows.with_columns(**{MERGED: is_merged, MERGED_FROM: nw.when(is_merged).then(nw.col("customer_id"))})
    rows = rows.with_columns(customer_id=nw.coalesce(nw.col(_INTO), nw.col("customer_id"))).drop(_INTO)
    for column in also:
        rows = _renamed(rows, merges, column)
    return rows


def merged_seen(customers: Frame, merges: Frame) -> Frame:
    """customer_id, first_date, last_day of the last run → the same with one row for all who are one customer now."""
    known = _renamed(customers, merges)
    return known.group_by("customer_id").agg(nw.col("first_date").min(), nw.col("last_day").max())


def merged_last(customers: Frame, merges: Frame, rank: str | None) -> Frame:
    """Customers of the last run → the same; of those who are one now the one with the best tier, of equals the one whose id is left.

    rank: the column of the tier's place, 0 the best.
    """
    involved = nw.concat([merges.select("customer_id"), merges.select(customer_id=nw.col("up"))]).unique(["customer_id"])
    names = customers.collect_schema().names()
    others = customers.join(involved, on="customer_id", how="anti").select(names)
    ones = _renamed(customers.join(involved, on="customer_id", how="semi").with_columns(was=nw.col("customer_id")), merges)
    worst = nw.lit(10**9, nw.Int64())
    place = worst if rank is None else nw.coalesce(nw.col(rank).cast(nw.Int64()), worst)
    ones = ones.with_columns(place=place, order=nw.concat_str(_is_left(), nw.col("was")))
    ones = _first(ones, "place", "best")
    return nw.concat([others, _first(ones, "order", "chosen").select(names)])


def merged_history(history: Frame, merges: Frame, tiers: Sequence[str]) -> Frame:
    """customer_id, as_of, tier of earlier runs → the same; of those who are one now the best tier of each run."""
    place = first_true([(nw.col("tier") == name, i) for i, name in enumerate(tiers)], len(tiers))
    told = _renamed(history, merges).with_columns(place=place)
    best = told.group_by("customer_id", "as_of").agg(nw.col("place").min().alias("best"))
    told = told.join(best, on=["customer_id", "as_of"], how="inner").filter(nw.col("place") == nw.col("best"))
    return told.select("customer_id", "as_of", "tier").unique(["customer_id", "as_of", "tier"])


def _renamed(rows: Frame, merges: Frame, column: str = "customer_id") -> Frame:
    """Rows with the ids of a column as those that are left."""
    found = rows.join(merges.select(nw.col("customer_id").alias(column), nw.col("up").alias(_INTO)), on=column, how="left")
    return found.with_columns(**{column: nw.coalesce(nw.col(_INTO), nw.col(column))}).drop(_INTO)


def _is_left() -> nw.Expr:
    """Sorts the id that is left before those that are gone."""
    return nw.when(nw.col("was") == nw.col("customer_id")).then(nw.lit("0")).otherwise(nw.lit("1"))


def _first(customers: Frame, by: str, name: str) -> Frame:
    """Of each customer the rows that come first."""
    first = customers.group_by("customer_id").agg(nw.col(by).min().alias(name))
    return customers.join(first, on="customer_id", how="inner").filter(nw.col(by) == nw.col(name)).drop(name)
