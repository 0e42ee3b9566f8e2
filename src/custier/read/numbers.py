"""Cells → exact integers of 10^-scale, or null where the cell is no plain number that they can hold."""

from __future__ import annotations

from functools import partial

import polars as pl

from custier.rubric.numbers import Numbers
from custier.rubric.written import WIDE, below_zero, pattern, sign, zero

MOST_DIGITS = 15
INT64_DIGITS = 18
LOOKED_AT_ROWS = 100
DAY_SECONDS = 86_400
CALENDAR = (-719_162, 2_932_895)
"""From the first day of the year 1 to the last but one of 9999, in days since 1970-01-01."""

FLOAT_NOISE: dict[pl.DataType, float] = {pl.Float32(): 1.2e-7}
USUAL_NOISE = 1e-12
MOST_NOISE = 1e-3
DIGITS_OF_DOUBLES = (16, 17)
NARROW = (pl.Int8(), pl.Int16(), pl.Int32(), pl.Int64(), pl.UInt8(), pl.UInt16(), pl.UInt32())


def most_digits(scale: int) -> int:
    """How many digits before the point an Int64 holds beside this many decimals."""
    return min(MOST_DIGITS, INT64_DIGITS - scale)


def number(cell: pl.Expr, dtype: pl.DataType, scale: int, form: Numbers | None = None) -> pl.Expr:
    """A column of this type as Int64 at this scale; decimals beyond the scale give null, never a rounded number.

    form: how its texts are written and what it counts in, which moves the point: 0.1234万元 with four decimals is 1234.
    """
    scale += form.shift if form else 0
    if dtype.is_float():
        return _of_float(cell, scale, FLOAT_NOISE.get(dtype, USUAL_NOISE))
    if dtype in NARROW:
        return at_scale(cell.cast(pl.Int64), 0, scale, pl.Int64())
    if isinstance(dtype, pl.Decimal) and dtype.precision is not None and dtype.precision <= INT64_DIGITS:
        return at_scale(cell.to_physical().cast(pl.Int64), dtype.scale, scale, pl.Int64())
    of_texts = partial(_of_written, form) if form and not form.is_plain and is_textual(dtype) else _of_texts
    return as_text(cell, dtype).map_batches(partial(of_texts, scale=scale), return_dtype=pl.Int64(), is_elementwise=True)


def at_scale(held: pl.Expr, has: int, scale: int, wide: pl.DataType) -> pl.Expr:
    """An integer of 10^-has at another scale, worked out in a type; null where that would lose a decimal or not fit."""
    most = 10 ** (most_digits(scale) + has)
    most, power = pl.lit(min(most, 2**62) if wide == pl.Int64() else most, wide), pl.lit(10 ** abs(scale - has), wide)
    fits = (held < most) & (held > -most)
    if has <= scale:
        return pl.when(fits).then(held if has == scale else held * power).cast(pl.Int64)
    return pl.when(fits & (held % power == 0)).then(held // power).cast(pl.Int64)


def _of_texts(texts: pl.Series, scale: int) -> pl.Series:
    """The usual forms first, for speed: most columns have no other."""
    usual = _of_whole(texts, scale)
    usual = _of_decimals(texts, scale) if usual is None else usual
    if usual is not None:
        return usual
    trimmed, whole = pl.col("text").str.strip_chars(), rf"0*[0-9]{{1,{most_digits(scale)}}}"
    fits = trimmed.str.contains(rf"^[+-]?(?:{whole}(?:\.[0-9]{{0,{scale}}}0*)?|\.[0-9]{{0,{scale}}}0*)$") & trimmed.str.contains("[0-9]")
    exact = trimmed.cast(pl.Decimal(18, scale), strict=False).to_physical().cast(pl.Int64, strict=False)
    return texts.to_frame("text").select(pl.when(fits).then(exact)).to_series()


def _of_whole(texts: pl.Series, scale: int) -> pl.Series | None:
    """Whole numbers, which a cast takes by their digits and sign alone; None where a text is anything else."""
    for some in (texts.head(LOOKED_AT_ROWS), texts):
        held = some.cast(pl.Int64, strict=False)
        if held.null_count() > some.null_count():
            return None
    most = 10 ** most_digits(scale)
    return held * 10**scale if ((held < most) & (held > -most)).all() else None


def _of_decimals(texts: pl.Series, scale: int) -> pl.Series | None:
    """Digits with no more decimals than the scale; None where a text is anything else."""
    usual = rf"^-?[0-9]{{1,{most_digits(scale)}}}(?:\.[0-9]{{1,{scale}}})?$"
    if not scale or not texts.str.contains(usual).all():
        return None
    return texts.cast(pl.Decimal(18, scale), strict=False).to_physical().cast(pl.Int64, strict=False)


def _of_written(form: Numbers, texts: pl.Series, scale: int) -> pl.Series:
    """Texts in a declared form; a text that is not in it is no number, whatever digits it has."""
    plain = texts.to_frame("text").select(_plain(pl.col("text"), form)).to_series()
    exact = _of_texts(plain, scale)
    return _or_doubles(exact, plain, scale) if form.doubles else exact


def _or_doubles(exact: pl.Series, plain: pl.Series, scale: int) -> pl.Series:
    """Where a text is no number of so few decimals, but of as many digits as a double is printed with: the decimal next to the double."""
    digits = pl.col("text").str.replace_all("[^0-9]", "").str.strip_chars_start("0").str.len_bytes()
    double = pl.when(digits.is_between(*DIGITS_OF_DOUBLES)).then(pl.col("text").cast(pl.Float64, strict=False))
    read = pl.coalesce("exact", _of_float(double, scale, USUAL_NOISE))
    return pl.DataFrame({"exact": exact, "text": plain}).select(read).to_series()


def _plain(text: pl.Expr, form: Numbers) -> pl.Expr:
    """The same numbers with digits, a point and a minus only; null for a text that is not in the form."""
    ascii_text = text.str.replace_many(WIDE) if form.digits == "full-width" else text
    unsigned = ascii_text.str.replace_all(sign(form), "") if form.currency else ascii_text
    digits = unsigned.str.replace_all(f"[^0-9{form.decimal}]", "").str.replace(",", ".", literal=True)
    minus = pl.when(ascii_text.str.contains(below_zero(form))).then(pl.lit("-")).otherwise(pl.lit(""))
    plain = pl.when(text.str.contains(pattern(form))).then(pl.concat_str(minus, digits))
    return pl.when(text.str.contains(zero(form))).then(pl.lit("0")).otherwise(plain) if form.dash == "zero" else plain


def is_textual(dtype: pl.DataType) -> bool:
    """Whether cells of this type are texts, so that how they are written matters."""
    return dtype == pl.String() or isinstance(dtype, pl.Categorical | pl.Enum)


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
    if isinstance(dtype, pl.Date | pl.Datetime):
        return _of_calendar(cell, dtype)
    return cell if dtype == pl.String() else cell.cast(pl.String)


def _of_calendar(cell: pl.Expr, dtype: pl.Date | pl.Datetime) -> pl.Expr:
    """A day or moment as a text; one beyond the calendar, which Polars cannot write, as the number that it is held as."""
    per_day = 1 if isinstance(dtype, pl.Date) else DAY_SECONDS * 10 ** {"ms": 3, "us": 6, "ns": 9}[dtype.time_unit]
    number = cell.to_physical().cast(pl.Int64)
    first, last = (max(min(day * per_day, 2**63 - 1), -(2**63)) for day in CALENDAR)
    known = pl.when(number.is_between(first, last)).then(cell)
    text = known.cast(pl.String)
    if isinstance(dtype, pl.Datetime):
        text = known.dt.replace_time_zone(None).dt.strftime("%Y-%m-%d %H:%M:%S%.6f")
    return pl.coalesce(text, number.cast(pl.String))
