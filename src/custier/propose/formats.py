"""How the cells of a column are written, seen over all of its rows: dates, numbers and their decimals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from custier.propose.opened import Opened
from custier.read.dates import YEAR_FIRST, Asked, date_readings, quick_dates, read_dates
from custier.read.likely import likely_missing, number_readings
from custier.read.numbers import number
from custier.read.units import multiple_in
from custier.rubric.scalars import MOST_DECIMALS

MOST_TEXTS = 20_000
UNITS = {1_000: "千元", 10_000: "万元", 1_000_000: "百万元", 10_000_000: "千万元", 100_000_000: "亿元"}


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
    read = read_dates(distinct, Asked("date", ""))
    odd = distinct.join(read.frame.filter(pl.col("at").is_null()), on="text")
    plain_rows = opened.filled[at] - int(distinct["rows"].sum())
    if read.format != YEAR_FIRST and not plain_rows and _says_all(distinct, read.format, read.frame):
        keys = {"format": read.format}
    return Written(keys, missing=tuple(missing), odd=int(odd["rows"].sum()))


def _says_all(distinct: pl.DataFrame, format: str, read: pl.DataFrame) -> bool:
    """Whether a declared format gives every date that the proof over the column gave."""
    declared = read_dates(distinct, Asked("date", "", {"format": format})).frame.join(read, on="text", suffix="_proved")
    return declared.filter(pl.col("at_proved").is_not_null() & (pl.col("at").is_null() | (pl.col("at") != pl.col("at_proved")))).is_empty()


def numbers_as_written(opened: Opened, at: int) -> Written:
    """The form of a column of numbers, by all of its texts, and the most decimals that it has."""
    text = pl.col("text")
    exact = number(text, pl.String(), MOST_DECIMALS)
    odd = opened.column(at).filter(exact.is_null()).group_by("text").agg(rows=pl.len()).sort("text").head(MOST_TEXTS)
    plain = opened.column(at).select(_float_decimals(text) if _is_float(opened, at) else _decimals(text).filter(exact.is_not_null()).max())
    strange, most = (frame.collect(engine="streaming") for frame in (odd, plain))
    missing = likely_missing(strange["text"].to_list())
    strange = strange.filter(~pl.col("text").is_in(missing))
    unit = multiple_in(opened.headers[at])
    keys = {"unit": UNITS[unit[1]]} if unit else {}
    decimals = int(most.item() or 0)
    if strange.is_empty() or _is_float(opened, at):
        return Written(_as_numbers(keys), decimals=decimals, missing=tuple(missing))
    sample = [*strange["text"].to_list(), *_plain_texts(opened, at)]
    readings = number_readings(sample)
    if len(readings) > 1:
        return Written({}, tuple((_as_numbers(r | keys), _example(sample, r)) for r in readings), decimals, tuple(missing))
    said = (readings[0] if readings else {}) | keys
    mark = said.get("decimal", ".")
    with_mark = strange.select(text.str.extract(rf"[{mark}]([0-9]+)[^0-9]*$").str.strip_chars_end("0").str.len_bytes().max()).item()
    return Written(_as_numbers(said), decimals=max(decimals, int(with_mark or 0)), missing=tuple(missing))


def _as_numbers(keys: dict[str, Any]) -> dict[str, Any]:
    return {"numbers": keys} if keys else {}


def _plain_texts(opened: Opened, at: int) -> list[str]:
    return opened.sample[str(at)].drop_nulls().unique().sort().head(500).to_list()


def _example(texts: list[str], reading: dict[str, Any]) -> str:
    mark = "," if reading.get("thousands") in (",", "indian") or reading.get("decimal") == "," else "."
    return next((text for text in texts if mark in text), texts[0])


def _is_float(opened: Opened, at: int) -> bool:
    return any(export.dtypes[export.header.index(opened.headers[at])].is_float() for export in opened.exports)


def _float_decimals(text: pl.Expr) -> pl.Expr:
    """The least decimals that give every float back, its noise apart."""
    value = text.cast(pl.Float64, strict=False)
    fits = [number(value, pl.Float64(), n).is_not_null().all() for n in range(MOST_DECIMALS)]
    return pl.coalesce(*(pl.when(fit).then(n) for n, fit in enumerate(fits)), pl.lit(MOST_DECIMALS))


def _decimals(text: pl.Expr) -> pl.Expr:
    return text.str.extract(r"\.([0-9]+)$").str.strip_chars_end("0").str.len_bytes().cast(pl.Int64)
