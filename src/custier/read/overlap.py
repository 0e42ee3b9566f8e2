"""Files of a source that hold the same days: the end of one month exported again with the beginning of the next."""

from __future__ import annotations

import polars as pl

from custier.rubric.suspects import mark

FIRST, LAST, OTHER = "first day ", "last day ", "other "


def on_days_of_a_later_file(rows: pl.LazyFrame, file: str) -> pl.LazyFrame:
    """Rows with the number of their file and date_day → the same with the mark of days that a file after theirs covers.

    Files overlap where each has days of its own and the days of both are less than half of those of either: months do, shops of one
    month do not.
    """
    spans = rows.group_by(file).agg(pl.col("date_day").min().alias(FIRST), pl.col("date_day").max().alias(LAST)).drop_nulls()
    others = spans.rename({name: OTHER + name for name in (file, FIRST, LAST)})
    pairs = spans.join(others, how="cross").filter(pl.col(OTHER + file) > pl.col(file)).filter(_in_part())
    is_next = pl.col(OTHER + FIRST) > pl.col(FIRST)
    bounds = pairs.group_by(file).agg(
        pl.col(OTHER + FIRST).filter(is_next).min().alias(FIRST), pl.col(OTHER + LAST).filter(~is_next).max().alias(LAST)
    )
    day = pl.col("date_day")
    held = (day >= pl.col(FIRST)).fill_null(False) | (day <= pl.col(LAST)).fill_null(False)
    return rows.join(bounds, on=file, how="left", maintain_order="left").with_columns(held.alias(mark("overlaps"))).drop(FIRST, LAST)


def _in_part() -> pl.Expr:
    starts, ends = (pl.col(FIRST), pl.col(OTHER + FIRST)), (pl.col(LAST), pl.col(OTHER + LAST))
    staggered = ((starts[0] < starts[1]) & (ends[0] < ends[1])) | ((starts[0] > starts[1]) & (ends[0] > ends[1]))
    common = pl.min_horizontal(ends) - pl.max_horizontal(starts) + 1
    shorter = pl.min_horizontal(end - start for start, end in zip(starts, ends, strict=True)) + 1
    return staggered & (common > 0) & (common * 2 < shorter)
