"""Rows that are no purchases of a customer: totals below the rows, and ids that stand for nobody."""

from __future__ import annotations

import polars as pl

from custier.propose.opened import Opened

TOTALS = "本页合计|本页小计|总合计|合计|总计|小计|累计|grand total|subtotal|sub-total|totals|total|sum"
"""What rows of totals begin with, in any case."""

NOBODY = ("0", "-", "null", "none", "n/a", "nan", "anonymous", "unknown", "guest", "匿名", "散客", "未知", "无")


def total_lines(opened: Opened, customer: int | None) -> tuple[tuple[str, ...], int]:
    """The words that begin rows of totals, as they stand, and how many such rows there are; a row with a customer of its own is none."""
    first = pl.coalesce(_bare(str(at)) for at in range(len(opened.headers)))
    of_nobody = [_bare(str(customer)).is_null()] if customer else []  # the first column may be that of the customers
    found = opened.texts.filter(first.str.contains(rf"^(?i:{TOTALS})(?:\s*[:：(（].*)?$"), *of_nobody)
    words = found.select(first.str.extract(rf"^((?i:{TOTALS}))").alias("word")).group_by("word").agg(rows=pl.len())
    counted = words.collect(engine="streaming").sort("word")
    return tuple(counted["word"]), int(counted["rows"].sum())


def ids_of_nobody(opened: Opened, customer: int) -> tuple[int, dict[str, int]]:
    """How many rows have no customer at all, and per text that stands for nobody how many have it."""
    folded = pl.col("text").str.normalize("NFKC").str.to_lowercase().str.strip_chars()
    found = opened.column(customer).filter(folded.is_in(NOBODY)).group_by("text").agg(rows=pl.len()).collect(engine="streaming")
    return opened.rows - opened.filled[customer], dict(found.sort("rows", "text", descending=True).rows())


def _bare(name: str) -> pl.Expr:
    text = pl.col(name).str.strip_chars()
    return pl.when(text != "").then(text)
