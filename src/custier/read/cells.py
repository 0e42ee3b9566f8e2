"""The cells of one export → texts and exact integers, whatever the file held them as."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial

import polars as pl

from custier.errors import Problem
from custier.read.export import DAY_0, HELD, WHOLE, Export
from custier.read.numbers import DAY_SECONDS, NARROW, as_text, is_textual, number
from custier.rubric.columns import CELL, NOT_FINITE, RAW, UNREAD, ColumnKind, frame_name
from custier.rubric.scalars import MOST_DECIMALS

EXPORT = "export:"
AS_NUMBER = ":number"
CURRENCY = "currency "
"""In which currency a row is, where the export says it."""

FIRST_DAY, LAST_DAY = -7_305, 47_482
"""From 1950 to 2099, in days since 1970-01-01: numbers of days beyond are taken for something else."""

MOST_WHOLE = 2**53
"""From here on a float no longer holds every whole number, so it is no identifier."""


def cell_columns(
    frame: pl.LazyFrame,
    kinds: Mapping[str, ColumnKind],
    exported: Mapping[str, ColumnKind],
    counted: Collection[str] = (),
    day_0: int = DAY_0,
    also: Sequence[pl.Expr] = (),
) -> pl.LazyFrame:
    """Picked columns as the file held them → for each canonical column its text or integer, its raw text, and whether it is unread.

    In: line, `whole`, <column>__raw of any type, export:<header> of any type. Out: line; `whole`; <column>__raw String, null when blank;
    <column>__unread, true where a cell holds something that gives no value; of texts <column>__cell String, untrimmed; <column> String
    trimmed, or Int64 at the column's scale (a date is still as the file held it; so are whole numbers that are only counted);
    export:<header> String and export:<header>:number Int64 of 10^-6. exported: header → how a formula takes it.
    """
    schema = frame.collect_schema()
    made = [*also, pl.col("line"), pl.col(WHOLE).is_null().alias(WHOLE)]
    for column, kind in kinds.items():
        name = frame_name(column)
        texts = _canonical(name, kind, schema.get(name + RAW, pl.String()), column in counted)
        made += _or_held(texts, _held(name, kind, day_0)) if HELD + name + RAW in schema else texts
    for header, kind in exported.items():
        texts, held = _exported(EXPORT + header, kind, schema), HELD + EXPORT + header
        made += _or_held(texts, _exported(held, kind, schema)) if held in schema else texts
    made += [as_text(pl.col(CURRENCY), schema[CURRENCY]).alias(CURRENCY)] if CURRENCY in schema else []
    absent = [pl.lit(None, pl.String()).alias(frame_name(c) + RAW) for c in kinds if frame_name(c) + RAW not in schema]
    return frame.with_columns(absent).select(made)


def _exported(name: str, kind: ColumnKind, schema: Mapping[str, pl.DataType]) -> list[pl.Expr]:
    """A cell that a formula takes, as a text and as a number."""
    dtype = schema[name]
    cell = _filled(pl.col(name), kind, dtype)
    return [trimmed(as_text(cell, dtype)).alias(name), number(cell, dtype, MOST_DECIMALS, kind.numbers).alias(name + AS_NUMBER)]


def _held(name: str, kind: ColumnKind, day_0: int) -> list[pl.Expr]:
    """The numbers of a workbook's column, in which others of its cells are texts."""
    cell = pl.col(HELD + name + RAW)
    if kind.type != "date":
        return _canonical(HELD + name, kind, pl.Float64(), is_counted=False)
    text = as_text(cell, pl.Float64())
    return [text, pl.coalesce(_of_serial(cell, day_0), text)]


def _of_serial(serial: pl.Expr, day_0: int) -> pl.Expr:
    """A date that is held as its number, as a text; null where it is no number of a day from 1950 to 2099."""
    day = serial.floor() + day_0
    moment = (serial * DAY_SECONDS).round().cast(pl.Int64) + day_0 * DAY_SECONDS
    text = (moment * 1000).cast(pl.Datetime("ms")).dt.strftime("%Y-%m-%d %H:%M:%S")
    return pl.when((day >= FIRST_DAY) & (day < LAST_DAY)).then(text)


def _or_held(texts: Sequence[pl.Expr], held: Sequence[pl.Expr]) -> list[pl.Expr]:
    """What the numbers of a column give, and where there are none what its texts give."""
    names = [text.meta.output_name() for text in texts]
    return [
        (number.fill_null(False) | text if name.endswith(UNREAD) else pl.coalesce(number, text)).alias(name)
        for name, text, number in zip(names, texts, held, strict=True)
    ]


def _canonical(name: str, kind: ColumnKind, dtype: pl.DataType, is_counted: bool) -> list[pl.Expr]:
    cell = _filled(pl.col(name + RAW), kind, dtype)
    text = as_text(cell, dtype)
    if kind.type == "date":
        return [_raw(cell, text, kind, dtype).alias(name + RAW), *_dates(name, cell, text, dtype, kind.timezone)]
    if kind.type in ("money", "number"):
        value = number(cell, dtype, kind.scale, kind.numbers)
    elif dtype.is_float():
        value = pl.when(cell.is_finite() & (cell == cell.round()) & (cell.abs() < MOST_WHOLE)).then(trimmed(text))
    else:
        value = cell.cast(pl.Int64) if is_counted and dtype in NARROW else trimmed(text)
    unread = _is_unread(cell, text, value, kind, dtype)
    as_held = [text.alias(name + CELL)] if kind.type == "text" else []
    return [_raw(cell, text, kind, dtype).alias(name + RAW), value.alias(name), unread.alias(name + UNREAD), *as_held]


def _filled(cell: pl.Expr, kind: ColumnKind, dtype: pl.DataType) -> pl.Expr:
    """A cell without the texts that mean an empty one."""
    if not kind.missing or not (is_textual(dtype) or isinstance(dtype, pl.Date | pl.Datetime)):
        return cell
    bare = (cell if is_textual(dtype) else cell.dt.date()).cast(pl.String).str.strip_chars()
    return pl.when(~bare.is_in(list(kind.missing)).fill_null(False)).then(cell)


def _dates(name: str, cell: pl.Expr, text: pl.Expr, dtype: pl.DataType, zone: str | None) -> list[pl.Expr]:
    """A date as the file held it, moments without their zone, in the declared one where there is one."""
    if isinstance(dtype, pl.Date):
        return [cell.alias(name)]
    if isinstance(dtype, pl.Datetime):
        cell = cell.dt.convert_time_zone(zone) if zone and dtype.time_zone else cell
        return [cell.dt.replace_time_zone(None).dt.cast_time_unit("us").alias(name)]
    return [text.alias(name)]


def _raw(cell: pl.Expr, text: pl.Expr, kind: ColumnKind, dtype: pl.DataType) -> pl.Expr:
    if kind.type == "text" and dtype.is_float():
        return pl.when(~cell.is_nan()).then(text)
    return pl.when(text.str.strip_chars() != "").then(text) if is_textual(dtype) else text


def _is_unread(cell: pl.Expr, text: pl.Expr, value: pl.Expr, kind: ColumnKind, dtype: pl.DataType) -> pl.Expr:
    """Whether a filled cell has no value; NaN and inf fill nothing where a column may be blank."""
    if dtype.is_float():
        filled = cell.is_not_null() & (~cell.is_nan() if kind.type == "text" else pl.lit(kind.required) | cell.is_finite())
        return filled & value.is_null()
    if not is_textual(dtype):
        return cell.is_not_null() & value.is_null()
    if kind.type == "text":
        return pl.lit(False)
    odd = pl.when(value.is_null()).then(text)  # the few texts that a closer look is worth
    return odd.map_batches(partial(_fills, required=kind.required), return_dtype=pl.Boolean(), is_elementwise=True)


def _fills(odd: pl.Series, required: bool) -> pl.Series:
    """Whether texts that give no number say something all the same; most often there are none."""
    if odd.null_count() == len(odd):
        return odd.is_not_null()
    text = pl.col("text")
    says = (text.str.strip_chars() != "").fill_null(False)
    says = says if required else says & ~text.str.contains(NOT_FINITE).fill_null(False)
    return odd.to_frame("text").select(says).to_series()


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
