"""How the cells of a column are written, seen over all of its rows: dates, numbers and their decimals."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import polars as pl

from custier.propose.opened import Opened
from custier.read.dates import EXCEL, YEAR_FIRST, Asked, date_readings, quick_dates, read_dates
from custier.read.likely import likely_missing, number_readings, value_of
from custier.read.numbers import number
from custier.read.units import multiple_in
from custier.rubric.numbers import SHIFTS, Numbers
from custier.rubric.scalars import MOST_DECIMALS

MOST_TEXTS = 20_000
TEXT = pl.col("text")
PRINTED = re.compile(r"-?(?=(?:\.?[0-9]){16,18}$)[0-9]+\.[0-9]+")
"""A double as a program printed it, 73.19999999999999 for 73.2."""

UNITS = {10**zeros: unit for unit, zeros in reversed(SHIFTS.items())}
"""What a header says that its numbers count in, as a rubric says it."""


@dataclass(frozen=True)
class Written:
    """How a column is written. keys: what a rubric says of it; readings: where several fit, each with an example; decimals: the most there
    are; missing: texts that stand for empty cells; odd: rows that fit none of it.
    """

    keys: dict[str, Any]
    readings: tuple[tuple[Any, str], ...] = ()
    decimals: int = 0
    missing: tuple[str, ...] = ()
    odd: int = 0


def dates_as_written(opened: Opened, at: int, format: str | None) -> Written:
    """The form of a column of dates, by all of its texts."""
    texts = opened.column(at).filter(quick_dates(pl.col("text")).is_null()).group_by("text").agg(rows=pl.len())
    distinct = texts.collect(engine="streaming").sort("text")
    missing = likely_missing(distinct["text"].to_list())
    distinct = distinct.filter(~pl.col("text").is_in(missing))
    keys = {"format": format} if format else {}
    if distinct.is_empty() or format:
        return Written(keys, missing=tuple(missing))
    if readings := date_readings(distinct):
        return Written({}, readings=tuple(readings), missing=tuple(missing))
    if serial := _as_serials(distinct, opened.filled[at]):
        return Written({}, readings=((EXCEL, serial),), missing=tuple(missing))
    read = read_dates(distinct, Asked("date", ""))
    odd = distinct.join(read.frame.filter(pl.col("at").is_null()), on="text")
    plain_rows = opened.filled[at] - int(distinct["rows"].sum())
    if read.format != YEAR_FIRST and not plain_rows and _says_all(distinct, read.format, read.frame):
        keys = {"format": read.format}
    return Written(keys, missing=tuple(missing), odd=int(odd["rows"].sum()))


def _as_serials(distinct: pl.DataFrame, filled: int) -> str | None:
    """Where most cells are days as Excel counts them, one of them with its date."""
    read = read_dates(distinct, Asked("date", "", {"format": EXCEL})).frame.drop_nulls().join(distinct, on="text").sort("text")
    if 2 * int(read["rows"].sum()) <= filled:
        return None
    return f"{read['text'][0]} = {read['at'][0]:%Y-%m-%d}"


def _says_all(distinct: pl.DataFrame, format: str, read: pl.DataFrame) -> bool:
    """Whether a declared format gives every date that the proof over the column gave."""
    declared = read_dates(distinct, Asked("date", "", {"format": format})).frame.join(read, on="text", suffix="_proved")
    return declared.filter(pl.col("at_proved").is_not_null() & (pl.col("at").is_null() | (pl.col("at") != pl.col("at_proved")))).is_empty()


def numbers_as_written(opened: Opened, at: int) -> Written:
    """The form of a column of numbers, by all of its texts, and the most decimals that it has."""
    exact = number(TEXT, pl.String(), MOST_DECIMALS)
    strange = opened.column(at).filter(exact.is_null()).group_by("text").agg(rows=pl.len()).sort("text").head(MOST_TEXTS)
    odd = strange.collect(engine="streaming")["text"].to_list()
    missing = tuple(likely_missing(odd))
    odd = [text for text in odd if text not in missing]
    unit = multiple_in(opened.headers[at])
    keys: dict[str, Any] = {"unit": UNITS[unit[1]]} if unit else {}
    if odd and all(PRINTED.fullmatch(text) for text in odd):
        keys["doubles"] = True
    if keys.get("doubles") or _is_float(opened, at):
        return Written(_as_numbers(keys), decimals=_whole_units(_most(opened, at, _float_decimals()), keys), missing=missing)
    decimals = _most(opened, at, _decimals().filter(exact.is_not_null()).max())
    if not odd and _may_be_thousands(opened, at):
        two = _likelier_first([{}, {"decimal": ",", "thousands": "."}], opened)
        texts = _plain_texts(opened, at)
        return Written({}, tuple((_as_numbers({**said, **keys}), _example(texts, said, ".")) for said in two), decimals, missing)
    if not odd:
        return Written(_as_numbers(keys), decimals=_whole_units(decimals, keys), missing=missing)
    sample = [*odd, *_plain_texts(opened, at)]
    readings = _likelier_first(number_readings(sample), opened)
    if len(readings) > 1:
        return Written({}, tuple((_as_numbers(r | keys), _example(sample, r)) for r in readings), decimals, missing)
    said = (readings[0] if readings else {}) | keys
    behind = [re.search(rf"[{said.get('decimal', '.')}]([0-9]+)[^0-9]*$", text) for text in odd]
    decimals = max([decimals, *(len(found[1].rstrip("0")) for found in behind if found)])
    return Written(_as_numbers(said), decimals=_whole_units(decimals, said), missing=missing)


def _may_be_thousands(opened: Opened, at: int) -> bool:
    """Whether every number is at most three digits, or has its digits in threes from a point on, as 1.044 for 1044."""
    if any(export.file.format != "csv" for export in opened.exports):
        return False
    grouped = TEXT.str.contains(r"^[+-]?[1-9][0-9]{0,2}\.[0-9]{3}$")
    short = TEXT.str.contains(r"^[+-]?[0-9]{1,3}$")
    found = opened.column(at).select(every=(grouped | short).all(), some=grouped.sum()).collect(engine="streaming").row(0)
    return bool(found[0]) and found[1] > 0


def _likelier_first(readings: list[dict[str, Any]], opened: Opened) -> list[dict[str, Any]]:
    """The readings with a decimal comma first where semicolons part the cells: a program that writes commas in numbers has to."""
    semicolons = all(export.file.separator == ";" for export in opened.exports)
    return sorted(readings, key=lambda said: said.get("decimal") != ",") if semicolons else readings


def _most(opened: Opened, at: int, decimals: pl.Expr) -> int:
    return int(opened.column(at).select(decimals).collect(engine="streaming").item() or 0)


def _whole_units(decimals: int, keys: dict[str, Any]) -> int:
    """The decimals that are left when money is told in its own unit: 0.1234 万元 has none."""
    return max(0, decimals - SHIFTS[keys.get("unit", "元")])


def _as_numbers(keys: dict[str, Any]) -> dict[str, Any]:
    return {"numbers": keys} if keys else {}


def _plain_texts(opened: Opened, at: int) -> list[str]:
    return opened.sample[str(at)].drop_nulls().unique().sort().head(500).to_list()


def _example(texts: list[str], reading: dict[str, Any], mark: str = "") -> str:
    """A text that shows the mark, and what it is in this reading."""
    mark = mark or ("," if reading.get("thousands") in (",", "indian") or reading.get("decimal") == "," else ".")
    text = next((text for text in texts if mark in text), texts[0])
    value = value_of(text, Numbers.model_validate(reading))
    return text if value is None else f"{text} = {value}"


def _is_float(opened: Opened, at: int) -> bool:
    return any(export.dtypes[export.header.index(opened.headers[at])].is_float() for export in opened.exports)


def _float_decimals() -> pl.Expr:
    """The least decimals that give every float back, its noise apart."""
    value = TEXT.cast(pl.Float64, strict=False)
    fits = [(number(value, pl.Float64(), n).is_not_null() | value.is_null()).all() for n in range(MOST_DECIMALS)]
    return pl.coalesce(*(pl.when(fit).then(n) for n, fit in enumerate(fits)), pl.lit(MOST_DECIMALS))


def _decimals() -> pl.Expr:
    return TEXT.str.extract(r"\.([0-9]+)$").str.strip_chars_end("0").str.len_bytes().cast(pl.Int64)
