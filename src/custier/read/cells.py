"""The cells of one export → texts and exact integers, whatever the file held them as."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from custier.errors import Problem
from custier.read.export import Export
from custier.read.numbers import as_text, number
from custier.rubric.columns import ColumnKind, frame_name
from custier.rubric.scalars import MOST_DECIMALS

RAW = "__raw"
EXPORT = "export:"
AS_NUMBER = ":number"
MOST_WHOLE = 2**53
"""From here on a float no longer holds every whole number, so it is no identifier."""


def cell_columns(frame: pl.DataFrame, kinds: Mapping[str, ColumnKind], exported: Iterable[str]) -> pl.DataFrame:
    """Picked columns as the file held them → for each canonical column its raw text, and its text or integer.

    In: line, <column>__raw of any type, export:<header> of any type. Out: line; <column>__raw String, null when blank; <column> String
    trimmed, or Int64 at the column's scale (a date is still text); export:<header> String and export:<header>:number Int64 of 10^-6.
    """
    made = [pl.col("line")]
    for column, kind in kinds.items():
        name = frame_name(column)
        made += _canonical(name, kind, frame.schema.get(name + RAW, pl.String()))
    for header in exported:
        cell, dtype = pl.col(EXPORT + header), frame.schema[EXPORT + header]
        made += [trimmed(as_text(cell, dtype)), number(cell, dtype, MOST_DECIMALS).alias(EXPORT + header + AS_NUMBER)]
    absent = [pl.lit(None, pl.String()).alias(frame_name(c) + RAW) for c in kinds if frame_name(c) + RAW not in frame.columns]
    return frame.lazy().with_columns(absent).select(made).collect()


def _canonical(name: str, kind: ColumnKind, dtype: pl.DataType) -> list[pl.Expr]:
    cell = pl.col(name + RAW)
    text = as_text(cell, dtype)
    if kind.type in ("money", "number"):
        value = number(cell, dtype, kind.scale)
    elif kind.type == "text" and dtype.is_float():
        value = pl.when(cell.is_finite() & (cell == cell.round()) & (cell.abs() < MOST_WHOLE)).then(trimmed(text))
    else:
        value = trimmed(text)
    nan_is_blank = cell.is_nan() if kind.type == "text" and dtype.is_float() else pl.lit(False)
    return [pl.when(~nan_is_blank & (text.str.strip_chars() != "")).then(text).alias(name + RAW), value.alias(name)]


def trimmed(text: pl.Expr) -> pl.Expr:
    """A text without the spaces around it; null when nothing is left."""
    bare = text.str.strip_chars()
    return pl.when(bare != "").then(bare)


def type_problems(export: Export, positions: Mapping[str, int], kinds: Mapping[str, ColumnKind], exported: Iterable[str]) -> list[Problem]:
    """Columns of a Parquet export, picked or used by a formula, whose type cannot hold what they should (CT2204)."""
    wanted = [(at, kinds[column]) for column, at in positions.items()]
    wanted += [(export.header.index(header), ColumnKind("text", 0, required=False)) for header in exported if header in export.header]
    return [_wrong_type(export, at, kind) for at, kind in wanted if not _can_hold(export.dtypes[at], kind)]


def _wrong_type(export: Export, at: int, kind: ColumnKind) -> Problem:
    what = f"the column `{export.header[at]}` is {str(export.dtypes[at]).lower()}, which cannot be read as {kind.type}"
    return Problem("CT2204", what, export.file.name, "export it as text or with the right type, or name another header")


def _can_hold(dtype: pl.DataType, kind: ColumnKind) -> bool:
    if dtype == pl.String() or dtype == pl.Null() or isinstance(dtype, pl.Categorical | pl.Enum):
        return True
    if kind.type == "date":
        return dtype.is_integer() or isinstance(dtype, pl.Date | pl.Datetime)
    if kind.type == "text":
        return dtype.is_numeric() or isinstance(dtype, pl.Boolean | pl.Date | pl.Datetime)
    return dtype.is_numeric()
