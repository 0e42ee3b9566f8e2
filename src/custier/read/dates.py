"""Texts → dates, read the one way that the whole column proves; day and month are never told apart by guess."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from custier.errors import Problem

TIME = r"(?:(?:[ \t]+|T)(?P<H>[0-9]{1,2}):(?P<M>[0-9]{2})(?::(?P<S>[0-9]{2})(?:[.,](?P<f>[0-9]{1,9}))?)?(?: ?(?P<half>[AaPp][Mm]))?)?"
COMPACT_TIME = r"(?:(?P<H>[0-9]{2})(?P<M>[0-9]{2})(?P<S>[0-9]{2})?)?"
ZONE = r"(?P<zone> ?(?:Z|UTC|[+-][0-9]{2}:?[0-9]{2}))?"
MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHS = {name: f"{number:02}" for number, name in enumerate(MONTH_NAMES, 1)}
YEAR_4_OR_2 = r"(?P<Y>[0-9]{4}|[0-9]{2})"
YEAR_FIRST = "year first"

QUICK = {
    r"^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}$": "%Y-%m-%d",
    r"^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?$": "%Y-%m-%d %H:%M:%S%.f",
    r"^[1-9][0-9]{3}/[0-9]{2}/[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$": "%Y/%m/%d %H:%M:%S",
}
"""The most usual forms again, for speed: a column of times has as many texts as rows."""

CLEAR = (
    rf"^(?P<Y>[0-9]{{4}})[-/.](?P<m>[0-9]{{1,2}})[-/.](?P<d>[0-9]{{1,2}}){TIME}{ZONE}$",
    rf"^(?P<Y>[0-9]{{4}})年(?P<m>[0-9]{{1,2}})月(?P<d>[0-9]{{1,2}})日{TIME}{ZONE}$",
    rf"^(?P<Y>[0-9]{{4}})(?P<m>[0-9]{{2}})(?P<d>[0-9]{{2}}){TIME}{ZONE}$",
    rf"^(?P<Y>[0-9]{{4}})(?P<m>[0-9]{{2}})(?P<d>[0-9]{{2}}){COMPACT_TIME}$",
    rf"^(?P<d>[0-9]{{1,2}})[-/ .](?P<b>[A-Za-z]{{3}})[-/ .]{YEAR_4_OR_2}{TIME}{ZONE}$",
)
"""Forms that say themselves which number is the month."""

UNCLEAR = {
    "%d{0}%m{0}%Y": rf"^(?P<d>[0-9]{{1,2}})[-/.](?P<m>[0-9]{{1,2}})[-/.]{YEAR_4_OR_2}{TIME}{ZONE}$",
    "%m{0}%d{0}%Y": rf"^(?P<m>[0-9]{{1,2}})[-/](?P<d>[0-9]{{1,2}})[-/]{YEAR_4_OR_2}{TIME}{ZONE}$",
    "%Y{0}%m{0}%d": rf"^(?P<Y>[0-9]{{2}})[-/](?P<m>[0-9]{{1,2}})[-/](?P<d>[0-9]{{1,2}}){TIME}{ZONE}$",
}
"""Forms that one text can fit at once; only a column that fits exactly one of them is read."""


@dataclass(frozen=True)
class Readings:
    """What the texts of a column mean. frame: text String, at Datetime (null where it is no date)."""

    frame: pl.DataFrame
    format: str = YEAR_FIRST
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def quick_dates(text: pl.Expr) -> pl.Expr:
    """Texts in the most usual forms as moments, null for any other."""
    return text.map_batches(_read_quickly, return_dtype=pl.Datetime("us"), is_elementwise=True)


def _read_quickly(texts: pl.Series) -> pl.Series:
    frame = texts.to_frame("text")
    for pattern, format in QUICK.items():
        if texts.str.contains(pattern).all():
            return frame.select(pl.col("text").str.to_datetime(format, time_unit="us", strict=False)).to_series()
    return frame.select(pl.coalesce(_by_strict_format(pattern, format) for pattern, format in QUICK.items())).to_series()


def read_dates(distinct: pl.DataFrame, format: str | None, column: str, where: str, quick_rows: int = 0) -> Readings:
    """The dates that the texts of a whole column stand for (distinct: text, rows); problems CT2211, CT2212.

    quick_rows: how many rows beside these hold a text that `quick_dates` reads.
    """
    if distinct.is_empty():
        return Readings(distinct.select("text", at=pl.lit(None, pl.Datetime("us"))))
    if format is not None:
        return _checked(distinct.with_columns(at=_by_format(format)), format, column, where, 0)
    distinct, unread = _read_clear(distinct)
    fitting = {} if unread.is_empty() else _best_fitting(unread)
    if len(fitting) > 1:
        return Readings(distinct.select("text", "at"), problems=[_ambiguous(unread, fitting, column, where)])
    for name, pattern in fitting.items():
        distinct = distinct.with_columns(at=pl.coalesce("at", _by_pattern(pattern)))
        form = _named(name, unread.filter(_by_pattern(pattern).is_not_null())["text"].sort()[0])
        return _checked(distinct, form, column, where, quick_rows)
    return _checked(distinct, YEAR_FIRST, column, where, quick_rows)


def _read_clear(distinct: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The texts with the dates of those whose form is clear, and the texts that are left."""
    read = []
    for form in [_by_strict_format(pattern, format) for pattern, format in QUICK.items()] + [_by_pattern(pattern) for pattern in CLEAR]:
        distinct = distinct.with_columns(at=form)
        read.append(distinct.filter(pl.col("at").is_not_null()))
        distinct = distinct.filter(pl.col("at").is_null())
    return pl.concat([*read, distinct]), distinct


def _by_strict_format(pattern: str, format: str) -> pl.Expr:
    text = pl.col("text")
    return pl.when(text.str.contains(pattern)).then(text).str.to_datetime(format, time_unit="us", strict=False)


def _best_fitting(unread: pl.DataFrame) -> Mapping[str, str]:
    """The unclear forms that fit most rows and give different dates."""
    read = unread.select("rows", **{name: _by_pattern(p) for name, p in UNCLEAR.items()})
    fits = {name: int(read.filter(pl.col(name).is_not_null())["rows"].sum()) for name in UNCLEAR}
    best = [name for name, rows in fits.items() if rows == max(fits.values()) and rows > 0]
    unlike = best[:1] + [name for name in best[1:] if not read[name].equals(read[best[0]])]
    return {name: UNCLEAR[name] for name in unlike}


def _checked(distinct: pl.DataFrame, format: str, column: str, where: str, quick_rows: int) -> Readings:
    read = quick_rows + int(distinct.filter(pl.col("at").is_not_null())["rows"].sum())
    problems = []
    if read * 2 < quick_rows + int(distinct["rows"].sum()):
        what = (
            f"fewer than half of the cells of `{column}` are dates {'in a known form' if format == YEAR_FIRST else f'written as {format}'}"
        )
        problems = [Problem("CT2212", what, where, f"say how they are written, such as {column}: {{column: …, format: '%d/%m/%Y %H:%M'}}")]
    zoned = distinct["text"].str.contains(r"[0-9:] ?(?:Z|UTC|[+-][0-9]{2}:?[0-9]{2})$") & distinct["text"].str.contains(":")
    warnings = [f"the times of `{column}` name a time zone; they are taken as written"] if zoned.any() else []
    return Readings(distinct.select("text", "at"), format, problems, warnings)


def _ambiguous(unread: pl.DataFrame, fitting: Mapping[str, str], column: str, where: str) -> Problem:
    first, second = list(fitting)[:2]
    read = unread.select("text", a=_by_pattern(fitting[first]), b=_by_pattern(fitting[second]))
    text, a, b = read.filter(pl.col("a") != pl.col("b")).sort("text").row(0)
    forms = _named(first, text), _named(second, text)
    what = f"the dates of `{column}` fit two readings: {text} is {a:%Y-%m-%d} as {forms[0]} and {b:%Y-%m-%d} as {forms[1]}"
    return Problem("CT2211", what, where, f"say which is meant: {column}: {{column: …, format: '{forms[0]}'}}, or '{forms[1]}'")


def _named(name: str, text: str) -> str:
    """The form in strftime's letters, as this text is written: %d/%m/%y %H:%M."""
    separator = re.search(r"[-/.]", text)
    day, _, time = text.partition(" ")
    form = name.format(separator[0] if separator else "/")
    form = form if re.search(r"[0-9]{4}", day) else form.replace("%Y", "%y")
    if ":" not in time:
        return form
    seconds, half = ":%S" if time.count(":") > 1 else "", time[-1] in "mM"
    return f"{form} {'%I' if half else '%H'}:%M{seconds}{' %p' if half else ''}"


def _by_format(format: str) -> pl.Expr:
    return pl.col("text").str.to_datetime(format, time_unit="us", strict=False).dt.replace_time_zone(None)


def _by_pattern(pattern: str) -> pl.Expr:
    parts = pl.col("text").str.extract_groups(pattern).struct
    has = set(re.findall(r"\?P<(\w+)>", pattern))

    def digits(name: str, width: int) -> pl.Expr:
        return (parts.field(name).fill_null("0") if name in has else pl.lit("0")).str.zfill(width)

    hour = _hour(parts.field("H"), parts.field("half")) if "half" in has else digits("H", 2)
    month = parts.field("b").str.to_lowercase().replace_strict(MONTHS, default=None) if "b" in has else digits("m", 2)
    fraction = parts.field("f").fill_null("0") if "f" in has else pl.lit("0")
    day = pl.concat_str(_year(parts.field("Y")), month, digits("d", 2), separator="-")
    time = pl.concat_str(hour, digits("M", 2), digits("S", 2), separator=":")
    return pl.concat_str(day, pl.lit(" "), time, pl.lit("."), fraction).str.to_datetime(
        "%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False
    )


def _year(year: pl.Expr) -> pl.Expr:
    """Four digits; two stand for 1969 to 2068, as in strftime. The year 0 is none."""
    century = pl.when(year.str.len_bytes() > 2).then(pl.lit("")).when(year < "69").then(pl.lit("20")).otherwise(pl.lit("19"))
    return pl.when(year != "0000").then(pl.concat_str(century, year))


def _hour(hour: pl.Expr, half: pl.Expr) -> pl.Expr:
    number, half = hour.cast(pl.Int32, strict=False), half.str.to_lowercase()
    twelve = pl.when(half == "am").then(number % 12).when(half == "pm").then(number % 12 + 12).otherwise(number)
    valid = half.is_null() | number.is_between(1, 12)
    return pl.when(hour.is_null()).then(pl.lit("00")).when(valid).then(twelve.cast(pl.String).str.zfill(2)).otherwise(pl.lit("99"))


def date_readings(distinct: pl.DataFrame) -> list[tuple[str, str]]:
    """Where the texts of a column (text, rows) fit several readings: each form in strftime's letters, and what it makes of one text."""
    _, unread = _read_clear(distinct)
    fitting = {} if unread.is_empty() else _best_fitting(unread)
    if len(fitting) < 2:
        return []
    read = unread.select("text", **{name: _by_pattern(pattern) for name, pattern in fitting.items()})
    first, second = list(fitting)[:2]
    text, *days = read.filter(pl.col(first) != pl.col(second)).sort("text").row(0)
    return [(_named(name, text), f"{text} = {day:%Y-%m-%d}") for name, day in zip(fitting, days, strict=True) if day is not None]
