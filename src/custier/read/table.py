"""The rows of all files of a source → one table, its dates proved over the whole column, its formulas worked out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from custier.errors import InputError, Problem
from custier.read.cells import EXPORT, cell_columns
from custier.read.dates import YEAR_FIRST, read_dates
from custier.read.export import Rows
from custier.read.formulas import add_formula_columns, formula_texts, kept_rows, unusable
from custier.read.headers import Mapped
from custier.read.units import unit_warnings
from custier.rubric.columns import ColumnKind
from custier.rubric.formula import FormulaError
from custier.rubric.model import Source
from custier.values import REJECTED, InputFile

MESSAGES = {
    "CT3001": "the row has another number of fields than the header",
    "CT3003": "a quote is not closed, or stands where none may",
    "CT3007": "the header is repeated among the rows",
}


@dataclass(frozen=True)
class Table:
    """One source as it was read: read = rows of frame + rows of malformed + excluded.

    frame: file String, line Int64, customer_id String; every column under its name (text String, number and money Int64 at the
    column's scale, date Date with <name>_day Int64, and date_us Int64) and <name>__raw String, the cell as in the file.
    malformed: rejected rows that are no rows at all.
    """

    source: str
    frame: pl.DataFrame
    malformed: pl.DataFrame
    files: tuple[InputFile, ...]
    columns: dict[str, ColumnKind]
    read: int
    excluded: int
    money_excluded: int
    formats: dict[str, str]
    warnings: tuple[str, ...]


def assemble(
    source: str, spec: Source, mapped: Sequence[Mapped], rows: Sequence[Rows], kinds: dict[str, ColumnKind], used: dict[str, set[str]]
) -> Table:
    """One table of the rows of every file; raises InputError (CT2205, CT2211, CT2212)."""
    files = tuple(replace(m.export.file, rows=r.read) for m, r in zip(mapped, rows, strict=True))
    exported = sorted(set().union(*used.values()))
    plain = {c: k for c, k in kinds.items() if c not in formula_texts(spec)}
    cells = [cell_columns(r.frame, plain, exported).insert_column(0, _named(f, r.frame)) for f, r in zip(files, rows, strict=True)]
    frame, formats, warnings = _with_dates(pl.concat(cells), spec, plain, source)
    try:
        frame = add_formula_columns(frame, spec, used, kinds)
        kept = kept_rows(frame, spec.where, used["where"], kinds) if spec.where is not None else None
    except FormulaError as error:
        raise InputError(unusable(source, error)) from None
    warnings += unit_warnings([(m.export, m.positions) for m in mapped], kinds)
    excluded = frame.clear() if kept is None else frame.filter(~kept)
    frame = (frame if kept is None else frame.filter(kept)).drop(pl.selectors.starts_with(EXPORT))
    malformed = pl.concat([_rejected(source, f, r.malformed) for f, r in zip(files, rows, strict=True)])
    money = int(excluded["amount"].cast(pl.Int128).sum()) if "amount" in kinds and kinds["amount"].type in ("money", "number") else 0
    return Table(source, frame, malformed, files, kinds, sum(r.read for r in rows), len(excluded), money, formats, tuple(warnings))


def _named(file: InputFile, frame: pl.DataFrame) -> pl.Series:
    return pl.repeat(file.name, len(frame), dtype=pl.String(), eager=True).alias("file")


def _proof(frame: pl.DataFrame, column: str, form: str, source: str) -> list[str]:
    """What a reader should know where cells, not the rubric, said which number is the month: the reading, and files that prove nothing."""
    if form == YEAR_FIRST:
        return []
    files = frame["file"].unique().sort()
    cells = {name: frame.filter(pl.col("file") == name)[column] for name in files} if len(files) > 1 else {}
    alone = {name: read_dates(texts, None, column, source).problems for name, texts in cells.items()}
    unproved = [name for name, problems in alone.items() if any(p.code == "CT2211" for p in problems)]
    told = [f"`{column}` of {source} is read as {form}, as its cells prove; `format: '{form}'` in the rubric would say so"]
    return told + [f"the dates of {name} alone fit two readings; they are read as those of the other files" for name in unproved]


def _with_dates(
    frame: pl.DataFrame, spec: Source, kinds: Mapping[str, ColumnKind], source: str
) -> tuple[pl.DataFrame, dict[str, str], list[str]]:
    formats: dict[str, str] = {}
    warnings: list[str] = []
    problems: list[Problem] = []
    for column in (c for c, k in kinds.items() if k.type == "date"):
        declared = spec.columns.get(column)
        readings = read_dates(frame[column], declared.format if declared else None, column, source)
        problems += readings.problems
        warnings += readings.warnings
        if declared is None or declared.format is None:
            warnings += _proof(frame, column, readings.format, source)
        formats[column] = readings.format
        at = frame.select(text=column).join(readings.frame, on="text", how="left", maintain_order="left")["at"]
        frame = frame.with_columns(at.dt.date().alias(column), at.dt.date().cast(pl.Int32).cast(pl.Int64).alias(f"{column}_day"))
        frame = frame.with_columns(at.cast(pl.Int64).alias("date_us")) if column == "date" else frame
    if problems:
        raise InputError(problems)
    return frame, formats, warnings


def _rejected(source: str, file: InputFile, malformed: pl.DataFrame) -> pl.DataFrame:
    columns = {
        "source": pl.lit(source),
        "file": pl.lit(file.name),
        "column": pl.lit(""),
        "message": pl.col("code").replace_strict(MESSAGES, return_dtype=pl.String),
    }
    return malformed.with_columns(**columns).select(REJECTED)
