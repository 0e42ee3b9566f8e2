"""Typed cells → texts and exact integers of 10^-scale; what a number cannot hold exactly is null, never rounded."""

from __future__ import annotations

from decimal import Decimal

import narwhals as nw
import polars as pl

from custier.characters import BLANK
from custier.read.cells import MOST_WHOLE
from custier.read.numbers import FLOAT_NOISE, MOST_NOISE, USUAL_NOISE, most_digits

ROOMY = 28
FLOAT32_NOISE, ULP = FLOAT_NOISE[pl.Float32()], 1e-15


def text(cell: nw.Expr, dtype: nw.dtypes.DType) -> nw.Expr:
    """A column of this type as trimmed text, null when nothing is left; a float that is no whole number is no text either."""
    if dtype.is_float():
        return _whole(cell).cast(nw.String())
    bare = as_text(cell, dtype).str.strip_chars(BLANK)
    return nw.when(bare != "").then(bare)


def as_text(cell: nw.Expr, dtype: nw.dtypes.DType) -> nw.Expr:
    """A cell as it would stand in a text export: whole floats without a point, times in ISO form."""
    if dtype.is_float():
        return nw.coalesce(_whole(cell).cast(nw.String()), cell.cast(nw.String()))
    if isinstance(dtype, nw.Datetime):
        microseconds = (cell.dt.microsecond() % 10**6 + 10**6).cast(nw.String()).str.slice(1)
        return nw.concat_str(cell.dt.to_string("%Y-%m-%d %H:%M:%S."), microseconds)
    return cell if isinstance(dtype, nw.String) else cell.cast(nw.String())


def number(cell: nw.Expr, dtype: nw.dtypes.DType, scale: int) -> nw.Expr:
    """A column of this type as Int64 at this scale."""
    if dtype.is_float():
        return _of_float(cell, scale, FLOAT32_NOISE if isinstance(dtype, nw.Float32) else USUAL_NOISE)
    if isinstance(dtype, nw.Decimal):
        return _of_decimal(cell, dtype, scale)
    return _of_integer(cell, scale) if dtype.is_integer() else _of_text(as_text(cell, dtype), scale)


def _small(cell: nw.Expr, limit: int) -> nw.Expr:
    """The cell where it lies between these limits; its absolute value could itself be too large."""
    return nw.when((cell < limit) & (cell > -limit)).then(cell)


def _of_integer(cell: nw.Expr, scale: int) -> nw.Expr:
    return _small(cell, 10 ** most_digits(scale)).cast(nw.Int64()) * nw.lit(10**scale, nw.Int64())


def _of_decimal(cell: nw.Expr, dtype: nw.Decimal, scale: int) -> nw.Expr:
    """What is left after whole steps of 10^-scale says whether there are more decimals."""
    digits = most_digits(scale)
    fitting = _small(cell, 10**digits) if dtype.precision - dtype.scale > digits else cell
    if dtype.scale > scale:
        fitting = nw.when(fitting % nw.lit(Decimal(1).scaleb(-scale)) == 0).then(fitting)
    return _whole_steps(fitting, scale)


def _of_text(said: nw.Expr, scale: int) -> nw.Expr:
    bare, whole = said.str.strip_chars(BLANK), rf"0*[0-9]{{1,{most_digits(scale)}}}"
    pattern = rf"^[+-]?(?:{whole}(?:\.[0-9]{{0,{scale}}}0*)?|\.[0-9]{{0,{scale}}}0*)$"
    fits = bare.str.contains(pattern) & bare.str.contains("[0-9]")
    return _whole_steps(nw.when(fits).then(bare), scale)


def _whole_steps(fitting: nw.Expr, scale: int) -> nw.Expr:
    """A decimal or its text in steps of 10^-scale; the digits leave room for the product."""
    return (fitting.cast(nw.Decimal(ROOMY, scale)) * nw.lit(10**scale)).cast(nw.Int64())


def _of_float(cell: nw.Expr, scale: int, noise: float) -> nw.Expr:
    """The nearest decimal; a float that is further from it than its own noise has more decimals."""
    limit = 10 ** most_digits(scale)
    scaled = nw.when(cell.is_finite() & (cell.abs() < limit)).then(cell.cast(nw.Float64())) * float(10**scale)
    nearest = _nearest(scaled)
    size = scaled.abs()
    allowed = nw.max_horizontal(nw.min_horizontal(size * noise, nw.lit(MOST_NOISE)), size * ULP)
    return nw.when((scaled - nearest.cast(nw.Float64())).abs() <= allowed).then(nearest)


def _nearest(value: nw.Expr) -> nw.Expr:
    """The nearest whole number, the even one of two: engines round halves in their own ways."""
    low = value.floor().cast(nw.Int64())
    rest = value - low.cast(nw.Float64())
    up = (rest > 0.5) | ((rest == 0.5) & (low % 2 == 1))
    return low + nw.when(up).then(nw.lit(1, nw.Int64())).otherwise(nw.lit(0, nw.Int64()))


def _whole(cell: nw.Expr) -> nw.Expr:
    """A float that is a whole number and holds it exactly, as that number."""
    small = nw.when(cell.is_finite() & (cell.abs() < MOST_WHOLE)).then(cell)
    low = small.floor().cast(nw.Int64())
    return nw.when(low.cast(nw.Float64()) == small).then(low)
