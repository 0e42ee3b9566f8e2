"""Cells → exact integers of 10^-scale, or null where the cell is no plain number that they can hold."""

from __future__ import annotations

import polars as pl

MOST_DIGITS = 15
INT64_DIGITS = 18
FLOAT_NOISE: dict[pl.DataType, float] = {pl.Float32(): 1.2e-7}
USUAL_NOISE = 1e-12
MOST_NOISE = 1e-3


def most_digits(scale: int) -> int:
    """How many digits before the point an Int64 holds beside this many decimals."""
    return min(MOST_DIGITS, INT64_DIGITS - scale)


def number(cell: pl.Expr, dtype: pl.DataType, scale: int) -> pl.Expr:
    """A column of this type as Int64 at this scale; decimals beyond the scale give null, never a rounded number."""
    return _of_float(cell, scale, FLOAT_NOISE.get(dtype, USUAL_NOISE)) if dtype.is_float() else _of_text(as_text(cell, dtype), scale)


def _of_text(text: pl.Expr, scale: int) -> pl.Expr:
    trimmed, whole = text.str.strip_chars(), rf"0*[0-9]{{1,{most_digits(scale)}}}"
    fits = trimmed.str.contains(rf"^[+-]?(?:{whole}(?:\.[0-9]{{0,{scale}}}0*)?|\.[0-9]{{0,{scale}}}0*)$") & trimmed.str.contains("[0-9]")
    exact = trimmed.cast(pl.Decimal(18, scale), strict=False).to_physical().cast(pl.Int64, strict=False)
    return pl.when(fits).then(exact)


def _of_float(value: pl.Expr, scale: int, noise: float) -> pl.Expr:
    """The nearest decimal; a float that is further from it than its own noise has more decimals."""
    scaled = value.cast(pl.Float64) * 10**scale
    nearest, size = scaled.round(), scaled.abs()
    allowed = pl.max_horizontal((size * noise).clip(upper_bound=MOST_NOISE), size * 1e-15)
    fits = value.is_finite() & (value.abs() < 10 ** most_digits(scale)) & ((scaled - nearest).abs() <= allowed)
    return pl.when(fits).then(nearest.cast(pl.Int64, strict=False))


def as_text(cell: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """A cell as it would stand in a text export: whole floats without a point, times in ISO form."""
    if dtype.is_float():
        whole = cell.is_finite() & (cell == cell.round()) & (cell.abs() < 2**53)
        return pl.when(whole).then(cell.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(cell.cast(pl.String))
    if isinstance(dtype, pl.Datetime):
        return cell.dt.replace_time_zone(None).dt.strftime("%Y-%m-%d %H:%M:%S%.6f")
    return cell if dtype == pl.String() else cell.cast(pl.String)
