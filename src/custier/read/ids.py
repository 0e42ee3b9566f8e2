"""Ids that may be spelt in several ways, brought into one spelling as the source says."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from custier.rubric.columns import CELL
from custier.rubric.suspects import Ids


def with_one_spelling(frame: pl.LazyFrame, ids: Ids | None, columns: Collection[str]) -> pl.LazyFrame:
    """Rows whose ids, and the cells that they come from, are in one spelling; nothing is done where every spelling is an id of its own."""
    if ids is None or ids.is_exact:
        return frame
    names = frame.collect_schema().names()
    held = [name for column in columns for name in (column, column + CELL) if name in names]
    return frame.with_columns(spelt(pl.col(name).cast(pl.String).str.strip_chars(), ids).alias(name) for name in held)


def spelt(text: pl.Expr, ids: Ids) -> pl.Expr:
    """An id in the spelling that stands for all that are one."""
    if ids.width == "ignore":
        text = text.str.normalize("NFKC").str.strip_chars()
    if ids.case == "ignore":
        text = text.str.to_lowercase()
    return text.str.replace(r"^0+([0-9]+)$", "${1}") if ids.zeros == "ignore" else text


def bare(text: pl.Expr) -> pl.Expr:
    """An id without what spreadsheets and programs put around it: `="007"`, `'007` and `7.0` without all but the digits."""
    return text.str.replace(r'^="(.*)"$', "${1}").str.replace("^'", "").str.replace(r"^([0-9]+)\.0+$", "${1}")
