"""Texts → dates, read the one way that the whole column proves; day and month are never told apart by guess."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from custier.errors import Problem
from custier.read.numbers import DAY_SECONDS
from custier.rubric.yaml_line import yaml_line

TIME = r"(?:(?:[ \t]+|T)(?P<H>[0-9]{1,2}):(?P<M>[0-9]{2})(?::(?P<S>[0-9]{2})(?:[.,](?P<f>[0-9]{1,9}))?)?(?: ?(?P<half>[AaPp][Mm]))?)?"
COMPACT_TIME = r"(?:(?P<H>[0-9]{2})(?P<M>[0-9]{2})(?P<S>[0-9]{2})?)?"
ZONE = r"(?P<zone> ?(?:Z|UTC|[+-][0-9]{2}:?[0-9]{2}))?"
MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHS = {name: f"{number:02}" for number, name in enumerate(MONTH_NAMES, 1)}
YEAR_4_OR_2 = r"(?P<Y>[0-9]{4}|[0-9]{2})"
YEAR_FIRST = "year first"
ZONED = r"[0-9:] ?(?:Z|UTC|[+-][0-9]{2}:?[0-9]{2})$"

QUICK = {
    r"^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}$": "%Y-%m-%d",
    r"^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?$": "%Y-%m-%d %H:%M:%S%.f",
    r"^[1-9][0-9]{3}/[0-9]{2}/[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$": "%Y/%m/%d %H:%M:%S",
}
"""The most usual forms again, for speed: a column of times has as many texts as rows."""

DAY_BYTES = 10
"""How long a day without a time is in these."""

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


EXCEL = "excel"
SERIAL = r"^(?:1[89]|[2-6][0-9]|7[0-2])[0-9]{3}(?:\.[0-9]+)?$"
"""Days that Excel counts from 1899-12-30, here of the years 1949 to 2099, with the time as a fraction."""

EXCEL_DAY_0 = -25_569


@dataclass(frozen=True)
class Asked:
    """A column of dates that is to be read. said: what the rubric says of it; zone: where a day begins for times that name theirs."""

    column: str
    source: str
    said: Mapping[str, object] = field(default_factory=dict)

    @property
    def format(self) -> str | None:
        return str(self.said["format"]) if "format" in self.said else None

    @property
    def zone(self) -> str | None:
        return str(self.said["timezone"]) if "timezone" in self.said else None

    def with_format(self, form: str) -> str:
        """The line of the rubric that declares this form."""
        return f"sources: {yaml_line({self.source: {self.column: {**self.said, 'format': form}}})}"


@dataclass(frozen=True)
class Readings:
    """What the texts of a column mean. frame: text String, at Datetime (null where it is no date)."""

    frame: pl.DataFrame
    format: str = YEAR_FIRST
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def quick_dates(text: pl.Expr) -> pl.Expr:
    """Texts in the most usual forms, with or without spaces around them, as moments; null for any other."""
    return text.map_batches(_read_quickly, return_dtype=pl.Datetime("us"), is_elementwise=True)


def _read_quickly(texts: pl.Series) -> pl.Series:
    if (texts.str.len_bytes() > DAY_BYTES).any():
        return _read_each_quickly(texts)
    of = pl.Categorical(pl.Categories.random())  # days are few, whatever the number of rows
    held = texts.cast(of)  # as long as it lives, so do the categories
    return _read_each_quickly(of.categories.to_series()).gather(held.to_physical())


def _read_each_quickly(texts: pl.Series) -> pl.Series:
    for pattern, format in QUICK.items():
        if texts.str.contains(pattern).all():
            return texts.str.to_datetime(format, time_unit="us", strict=False)
    frame = texts.str.strip_chars().to_frame("text")
    return frame.select(pl.coalesce(_by_strict_format(pattern, format) for pattern, format in QUICK.items())).to_series()


def read_dates(distinct: pl.DataFrame, asked: Asked, quick_rows: int = 0) -> Readings:
    """The dates that the texts of a whole column stand for (distinct: text, rows); problems CT2211, CT2212.

    quick_rows: how many rows beside these hold a text that `quick_dates` reads.
    """
    if distinct.is_empty():
        return Readings(distinct.select("text", at=pl.lit(None, pl.Datetime("us"))))
    if asked.format is not None:
        read = _by_serial() if asked.format == EXCEL else _by_format(asked.format, asked.zone)
        return _checked(distinct.with_columns(at=read), asked.format, asked, 0)
    distinct, unread = _read_clear(distinct, asked.zone)
    fitting = {} if unread.is_empty() else _best_fitting(unread)
    if len(fitting) > 1:
        return Readings(distinct.select("text", "at"), problems=[_ambiguous(unread, fitting, asked)])
    for name, pattern in fitting.items():
        distinct = distinct.with_columns(at=pl.coalesce("at", _by_pattern(pattern, asked.zone)))
        form = _named(name, unread.filter(_by_pattern(pattern).is_not_null())["text"].sort()[0])
        return _checked(distinct, form, asked, quick_rows)
    return _checked(distinct, YEAR_FIRST, asked, quick_rows)


def _read_clear(distinct: pl.DataFrame, zone: str | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The texts with the dates of those whose form is clear, and the texts that are left."""
    read = []
    quick = [_by_strict_format(pattern, format) for pattern, format in QUICK.items()]
    for form in [*quick, *(_by_pattern(pattern, zone) for pattern in CLEAR)]:
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


def _checked(distinct: pl.DataFrame, format: str, asked: Asked, quick_rows: int) -> Readings:
    read = quick_rows + int(distinct.filter(pl.col("at").is_not_null())["rows"].sum())
    problems = [_no_dates(distinct, format, asked)] if read * 2 < quick_rows + int(distinct["rows"].sum()) else []
    zoned = asked.zone is None and (distinct["text"].str.contains(ZONED) & distinct["text"].str.contains(":")).any()
    told = f"the times of `{asked.column}` name a time zone; they are taken as written, unless `timezone` says where a day begins"
    return Readings(distinct.select("text", "at"), format, problems, [told] if zoned else [])


def _no_dates(distinct: pl.DataFrame, format: str, asked: Asked) -> Problem:
    """CT2212; its cure is the form that the cells are in, where that is plain to see."""
    form = "in a known form" if format == YEAR_FIRST else f"written as {format}"
    what = f"fewer than half of the cells of `{asked.column}` are dates {form}"
    if asked.format is not None:
        plain = Asked(asked.column, asked.source, {key: said for key, said in asked.said.items() if key != "format"})
        found = read_dates(distinct.select("text", "rows"), plain)
        if not found.problems:
            clear = f"they are read without it: take `format: {format}` out of `{asked.column}`"
            cure = clear if found.format == YEAR_FIRST else f"they are written otherwise: {asked.with_format(found.format)}"
            return Problem("CT2212", what, asked.source, cure)
    serials = int(distinct.filter(pl.col("text").str.contains(SERIAL))["rows"].sum())
    if serials * 2 > int(distinct["rows"].sum()) and format != EXCEL:
        return Problem("CT2212", what, asked.source, f"if they are days as Excel counts them, say so: {asked.with_format(EXCEL)}")
    return Problem("CT2212", what, asked.source, f"say how they are written, such as {asked.with_format('%d/%m/%Y %H:%M')}")


def _ambiguous(unread: pl.DataFrame, fitting: Mapping[str, str], asked: Asked) -> Problem:
    first, second = list(fitting)[:2]
    read = unread.select("text", a=_by_pattern(fitting[first]), b=_by_pattern(fitting[second]))
    text, a, b = read.filter(pl.col("a") != pl.col("b")).sort("text").row(0)
    forms = _named(first, text), _named(second, text)
    what = f"the dates of `{asked.column}` fit two readings: {text} is {a:%Y-%m-%d} as {forms[0]} and {b:%Y-%m-%d} as {forms[1]}"
    cure = f"say which is meant: {asked.with_format(forms[0])}, or {asked.with_format(forms[1])}"
    return Problem("CT2211", what, asked.source, cure)


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


def _by_format(format: str, zone: str | None) -> pl.Expr:
    read = pl.col("text").str.to_datetime(format, time_unit="us", strict=False)
    return (read.dt.convert_time_zone(zone) if zone and "%z" in format else read).dt.replace_time_zone(None)


def _by_serial() -> pl.Expr:
    """Days as Excel counts them, to the second, as it shows them."""
    text = pl.col("text")
    days = pl.when(text.str.contains(SERIAL)).then(text).cast(pl.Float64, strict=False)
    return (((days + EXCEL_DAY_0) * DAY_SECONDS).round().cast(pl.Int64) * 1_000_000).cast(pl.Datetime("us"))


def _by_pattern(pattern: str, zone: str | None = None) -> pl.Expr:
    parts = pl.col("text").str.extract_groups(pattern).struct
    has = set(re.findall(r"\?P<(\w+)>", pattern))

    def digits(name: str, width: int) -> pl.Expr:
        return (parts.field(name).fill_null("0") if name in has else pl.lit("0")).str.zfill(width)

    hour = _hour(parts.field("H"), parts.field("half")) if "half" in has else digits("H", 2)
    month = parts.field("b").str.to_lowercase().replace_strict(MONTHS, default=None) if "b" in has else digits("m", 2)
    fraction = parts.field("f").fill_null("0") if "f" in has else pl.lit("0")
    day = pl.concat_str(_year(parts.field("Y")), month, digits("d", 2), separator="-")
    time = pl.concat_str(hour, digits("M", 2), digits("S", 2), separator=":")
    written = pl.concat_str(day, pl.lit(" "), time, pl.lit("."), fraction)
    moment = written.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False)
    return moment if zone is None or "zone" not in has else _in_zone(moment, parts.field("zone"), zone)


def _in_zone(moment: pl.Expr, named: pl.Expr, zone: str) -> pl.Expr:
    """A moment with its zone as the time that clocks show in another; one that names no zone as it stands."""
    offset = named.str.strip_chars().str.replace(":", "", literal=True)
    hours, minutes = (offset.str.slice(at, 2).cast(pl.Int32, strict=False) for at in (1, 3))
    ahead = pl.when(offset.str.starts_with("-")).then(-1).otherwise(1) * (hours * 60 + minutes).fill_null(0)
    there = (moment - pl.duration(minutes=ahead)).dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.replace_time_zone(None)
    return pl.when(named.is_null()).then(moment).otherwise(there)


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
    _, unread = _read_clear(distinct, None)
    fitting = {} if unread.is_empty() else _best_fitting(unread)
    if len(fitting) < 2:
        return []
    read = unread.select("text", **{name: _by_pattern(pattern) for name, pattern in fitting.items()})
    first, second = list(fitting)[:2]
    text, *days = read.filter(pl.col(first) != pl.col(second)).sort("text").row(0)
    return [(_named(name, text), f"{text} = {day:%Y-%m-%d}") for name, day in zip(fitting, days, strict=True) if day is not None]
