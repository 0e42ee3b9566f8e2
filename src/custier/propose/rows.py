"""Rows that are no purchases of a customer: totals among the rows, and ids that stand for nobody."""

from __future__ import annotations

import re

import polars as pl

from custier.propose.opened import Opened
from custier.read.totals import CODE, USUAL, totals_of
from custier.rubric.suspects import NoCustomer


def total_lines(opened: Opened) -> tuple[list[str], int]:
    """The words that begin lines of totals, as they stand, and how many such lines there are; no words where other rows begin so too."""
    totals = opened.malformed.filter(code=CODE)["raw"].to_list()
    words = sorted({found[0] for raw in totals if (found := re.search(rf"(?i:{USUAL})", raw))})
    if not words:
        return [], len(totals)
    first = pl.coalesce(_bare(str(at)) for at in range(len(opened.headers)))
    others = opened.texts.select(first.str.contains(totals_of(words).pattern).sum()).collect(engine="streaming").item()
    return ([] if others else words), len(totals)


def ids_of_nobody(opened: Opened, customer: int) -> tuple[int, dict[str, int]]:
    """How many rows have no customer at all, and per text that stands for nobody how many have it."""
    folded = pl.col("text").str.normalize("NFKC").str.to_lowercase().str.strip_chars()
    found = opened.column(customer).filter(folded.is_in(NoCustomer().texts)).group_by("text").agg(rows=pl.len()).collect(engine="streaming")
    return opened.rows - opened.filled[customer], dict(found.sort("rows", "text", descending=True).rows())


def _bare(name: str) -> pl.Expr:
    text = pl.col(name).str.strip_chars()
    return pl.when(text != "").then(text)
