"""Columns of dates → Date, day number and moment; texts are read the one way that the whole column proves."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from custier.errors import InputError, Problem
from custier.read.cells import trimmed
from custier.read.dates import YEAR_FIRST, Asked, Readings, quick_dates, read_dates
from custier.read.numbers import as_text
from custier.rubric.columns import RAW, UNREAD, ColumnKind
from custier.rubric.model import Column, Source

LOOKED_AT_ROWS = 1_000
FIRST_DAY, LAST_DAY = date(1_000, 1, 1), date(9_999, 12, 31)


@dataclass
class Dated:
    """The rows with their dates, and how they were read. taken: columns whose first rows only were looked at."""

    frame: pl.LazyFrame
    formats: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    taken: tuple[str, ...] = ()


def add_dates(cells: Sequence[pl.LazyFrame], spec: Source, kinds: Mapping[str, ColumnKind], source: str, *, carefully: bool) -> Dated:
    """Rows per file with dates as the files held them → one frame with, per date, <name> Date, <name>_day Int64 (days since 1970),
    <name>__unread (bool), and date_us Int64; raises InputError (CT2211, CT2212).
    """
    names = [c for c, k in kinds.items() if k.type == "date"]
    dated = Dated(pl.concat(_alike(cells, names)) if cells else pl.LazyFrame())
    for name in names:
        declared = spec.columns.get(name)
        _add(dated, Asked(name, source, _said(declared)), carefully)
    if dated.problems:
        raise InputError(dated.problems)
    return dated


def _alike(cells: Sequence[pl.LazyFrame], names: Sequence[str]) -> list[pl.LazyFrame]:
    """A date that some files hold as text and others as a date becomes a text in all."""
    schemas = [frame.collect_schema() for frame in cells]
    mixed = [n for n in names if len({type(schema[n]) for schema in schemas}) > 1]
    return [frame.with_columns(as_text(pl.col(n), schema[n]) for n in mixed) for frame, schema in zip(cells, schemas, strict=True)]


def _said(declared: Column | None) -> dict[str, object]:
    said = declared.model_dump(by_alias=True, exclude_unset=True) if declared else {}
    header = said.get("column", [])
    return said | ({"column": header[0]} if len(header) == 1 else {})


def _add(dated: Dated, asked: Asked, carefully: bool) -> None:
    name, format = asked.column, asked.format
    dtype, cell = dated.frame.collect_schema()[name], pl.col(name)
    if isinstance(dtype, pl.Date | pl.Datetime):
        dated.formats[name] = YEAR_FIRST
        known = pl.when(cell.cast(pl.Date).is_between(FIRST_DAY, LAST_DAY)).then(cell)
        dated.frame = _with_moment(dated.frame, name, known.cast(pl.Datetime("us")), known.cast(pl.Date))
        return
    quick = quick_dates(cell) if format is None else pl.lit(None, pl.Datetime("us"))
    if format is None and not carefully and _looks_usual(dated.frame, name):
        dated.formats[name] = YEAR_FIRST
        dated.taken += (name,)
        dated.frame = _with_moment(dated.frame, name, quick)
        return
    dated.frame = dated.frame.with_columns(trimmed(cell))
    readings = _read(dated, asked)
    dated.formats[name] = readings.format
    if readings.frame.is_empty():
        dated.frame = _with_moment(dated.frame, name, quick)
        return
    told = readings.frame.lazy().select(pl.col("text").alias(name), pl.col("at").alias("at "))
    joined = dated.frame.join(told, on=name, how="left", maintain_order="left")
    dated.frame = _with_moment(joined, name, pl.coalesce(quick, pl.col("at "))).drop("at ")


def _with_moment(frame: pl.LazyFrame, name: str, moment: pl.Expr, day: pl.Expr | None = None) -> pl.LazyFrame:
    day = moment.cast(pl.Date) if day is None else day
    known = day.is_between(FIRST_DAY, LAST_DAY)
    made = {"at_moment ": pl.when(known).then(moment), "at_date ": pl.when(known).then(day)}
    frame = frame.with_columns(**made)
    on, unread = pl.col("at_date "), pl.col(name + RAW).is_not_null() & pl.col("at_date ").is_null()
    columns = {name: on, f"{name}_day": on.cast(pl.Int32).cast(pl.Int64), name + UNREAD: unread}
    if name == "date":
        columns["date_us"] = pl.col("at_moment ").cast(pl.Int64)
    return frame.with_columns(**columns).drop(list(made))


def _looks_usual(frame: pl.LazyFrame, name: str) -> bool:
    """Whether the first rows have dates in a usual form only; the others are looked at when they are read."""
    text = pl.col(name)
    first = frame.select(trimmed(text)).head(LOOKED_AT_ROWS).filter(text.is_not_null()).select(text, at=quick_dates(text)).collect()
    return len(first) > 0 and first["at"].null_count() == 0


def _read(dated: Dated, asked: Asked) -> Readings:
    """How the texts of a column are to be read, from all of them; those of a usual form are only counted."""
    text, format = pl.col(asked.column), asked.format
    filled = dated.frame.select("file", text=text).filter(pl.col("text").is_not_null())
    quick = quick_dates(pl.col("text")).is_not_null() if format is None else pl.lit(False)
    quick_rows = int(filled.select(quick.sum()).collect().item() or 0)
    texts = filled.filter(~quick).group_by("file", "text").agg(rows=pl.len()).collect()
    readings = read_dates(_distinct(texts), asked, quick_rows)
    dated.problems += readings.problems
    dated.warnings += readings.warnings
    if format is None:
        told, problems = _proof(texts, readings.format, asked)
        dated.warnings += told
        dated.problems += problems
    return readings


def _distinct(texts: pl.DataFrame) -> pl.DataFrame:
    return texts.group_by("text").agg(pl.col("rows").sum()).sort("text")


def _proof(texts: pl.DataFrame, form: str, asked: Asked) -> tuple[list[str], list[Problem]]:
    """What a reader should know where cells, not the rubric, said which number is the month: the reading, and files that prove nothing.

    Files that prove different ones are a problem (CT2211): the dates of one of them that fit both would be read wrong.
    """
    if form == YEAR_FIRST:
        return [], []
    files = [str(name) for name in texts["file"].unique().sort()] if texts["file"].n_unique() > 1 else []
    alone = {name: read_dates(_distinct(texts.filter(file=name)), asked) for name in files}
    unproved = [name for name, found in alone.items() if any(p.code == "CT2211" for p in found.problems)]
    others = {n: r.format for n, r in alone.items() if not r.problems and r.format != YEAR_FIRST and _order(r.format) != _order(form)}
    told = [f"`{asked.column}` of {asked.source} is read as {form}, as its cells prove; `format: '{form}'` in the rubric would say so"]
    told += [f"the dates of {name} alone fit two readings; they are read as those of the other files" for name in unproved]
    return told, [_unlike(name, other, form, asked) for name, other in others.items()]


def _order(form: str) -> list[str]:
    """In which order a form has day, month and year."""
    return [letter.lower() for letter in re.findall("%([dmYy])", form)]


def _unlike(name: str, other: str, form: str, asked: Asked) -> Problem:
    what = f"the dates of `{asked.column}` are read as {other} here and as {form} in other files"
    cure = f"classify files of one form at a time, or export all in one; the rubric can name one form: {asked.with_format(form)}"
    return Problem("CT2211", what, name, cure)
