"""The cells of one export → texts and exact integers, whatever the file held them as."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import polars as pl

from custier.errors import Problem
from custier.read.export import WHOLE, Export
from custier.read.numbers import NARROW, as_text, number
from custier.rubric.columns import CELL, NOT_FINITE, RAW, UNREAD, ColumnKind, frame_name
from custier.rubric.scalars import MOST_DECIMALS

EXPORT = "export:"
AS_NUMBER = ":number"
MOST_WHOLE = 2**53
"""From here on a float no longer holds every whole number, so it is no identifier."""


def cell_columns(
    frame: pl.LazyFrame, kinds: Mapping[str, ColumnKind], exported: Iterable[str], counted: Collection[str] = ()
) -> pl.LazyFrame:
    """Picked columns as the file held them → for each canonical column its text or integer, its raw text, and whether it is unread.

    In: line, `whole`, <column>__raw of any type, export:<header> of any type. Out: line; `whole`; <column>__raw String, null when blank;
    <column>__unread, true where a cell holds something that gives no value; of texts <column>__cell String, untrimmed; <column> String
    trimmed, or Int64 at the column's scale (a date is still as the file held it; so are whole numbers that are only counted);
    export:<header> String and export:<header>:number Int64 of 10^-6.
    """
    schema = frame.collect_schema()
    made = [pl.col("line"), pl.col(WHOLE).is_null().alias(WHOLE)]
    for column, kind in kinds.items():
        name = frame_name(column)
        made += _canonical(name, kind, schema.get(name + RAW, pl.String()), column in counted)
    for header in exported:
        cell, dtype = pl.col(EXPORT + header), schema[EXPORT + header]
        made += [trimmed(as_text(cell, dtype)), number(cell, dtype, MOST_DECIMALS).alias(EXPORT + header + AS_NUMBER)]
    absent = [pl.lit(None, pl.String()).alias(frame_name(c) + RAW) for c in kinds if frame_name(c) + RAW not in schema]
    return frame.with_columns(absent).select(made)


def _canonical(name: str, kind: ColumnKind, dtype: pl.DataType, is_counted: bool) -> list[pl.Expr]:
    cell = pl.col(name + RAW)
    text = as_text(cell, dtype)
    if kind.type == "date":
        return [_raw(cell, text, kind, dtype).alias(name + RAW), *_dates(name, cell, text, dtype)]
    if kind.type in ("money", "number"):
        value = number(cell, dtype, kind.scale)
    elif dtype.is_float():
        value = pl.when(cell.is_finite() & (cell == cell.round()) & (cell.abs() < MOST_WHOLE)).then(trimmed(text))
    else:
        value = cell.cast(pl.Int64) if is_counted and dtype in NARROW else trimmed(text)
    unread = _is_unread(cell, text, value, kind, dtype)
    as_held = [text.alias(name + CELL)] if kind.type == "text" else []
    return [_raw(cell, text, kind, dtype).alias(name + RAW), value.alias(name), unread.alias(name + UNREAD), *as_held]


def _dates(name: str, cell: pl.Expr, text: pl.Expr, dtype: pl.DataType) -> list[pl.Expr]:
    """A date as the file held it: texts trimmed, moments without their zone."""
    if isinstance(dtype, pl.Date):
        return [cell.alias(name)]
    if isinstance(dtype, pl.Datetime):
        return [cell.dt.replace_time_zone(None).dt.cast_time_unit("us").alias(name)]
    return [trimmed(text).alias(name)]


def _raw(cell: pl.Expr, text: pl.Expr, kind: ColumnKind, dtype: pl.DataType) -> pl.Expr:
    if kind.type == "text" and dtype.is_float():
        return pl.when(~cell.is_nan()).then(text)
    return pl.when(text.str.strip_chars() != "").then(text) if _is_textual(dtype) else text


def _is_unread(cell: pl.Expr, text: pl.Expr, value: pl.Expr, kind: ColumnKind, dtype: pl.DataType) -> pl.Expr:
    """Whether a filled cell has no value; NaN and inf fill nothing where a column may be blank."""
    if dtype.is_float():
        filled = cell.is_not_null() & (~cell.is_nan() if kind.type == "text" else pl.lit(kind.required) | cell.is_finite())
        return filled & value.is_null()
    if not _is_textual(dtype):
        return cell.is_not_null() & value.is_null()
    if kind.type == "text":
        return pl.lit(False)
    odd = pl.when(value.is_null()).then(text)  # the few texts that a closer look is worth
    filled = (odd.str.strip_chars() != "").fill_null(False)
    return filled if kind.required else filled & ~odd.str.contains(NOT_FINITE).fill_null(False)


def _is_textual(dtype: pl.DataType) -> bool:
    return dtype == pl.String() or isinstance(dtype, pl.Categorical | pl.Enum)


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
