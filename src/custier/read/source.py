"""The files of one source, read as one table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from custier.errors import InputError, Problem
from custier.read.cells import EXPORT, RAW, cell_columns, type_problems
from custier.read.csv_file import open_csv
from custier.read.dates import read_dates
from custier.read.export import Export, Rows
from custier.read.files import short_names
from custier.read.formulas import add_formula_columns, exported_names, formula_texts, kept_rows, unusable
from custier.read.headers import Mapped, map_columns
from custier.read.parquet_file import open_parquet
from custier.rubric.columns import ColumnKind, frame_name, kind_of
from custier.rubric.formula import FormulaError
from custier.rubric.model import Source
from custier.values import REJECTED, InputFile

OPEN: dict[str, Callable[[str, Path, str, Path], Export]] = {".parquet": open_parquet}
"""How a file is opened, by its suffix; any other is a text."""

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


def read_source(
    source: str, spec: Source, paths: Sequence[Path], *, wanted: Mapping[str, bool], currency_decimals: int, scratch: Path
) -> Table:
    """The table of these files; wanted: column → whether it must be found. Raises InputError (CT20xx to CT22xx, CT62xx)."""
    stamps = {path: _stamp(path) for path in paths}
    exports = _open_all(source, paths, scratch)
    needed = _needed(spec, wanted)
    mapped, problems = map_columns(source, spec, exports, needed)
    found = [c for c in needed if any(c in m.positions for m in mapped)] + [c for c in formula_texts(spec) if c != "where"]
    kinds = {c: kind_of(source, c, spec.columns.get(c), currency_decimals) for c in found}
    used, formula_problems = exported_names(spec, exports, found)
    problems += formula_problems + [p for m in mapped for p in type_problems(m.export, m.positions, kinds)]
    _raise(problems)
    rows = [_read(m, sorted(set().union(*used.values()))) for m in mapped]
    _raise(
        [
            Problem("CT2110", "holds no rows", m.export.file.name, "check that the export has finished")
            for m, r in zip(mapped, rows, strict=True)
            if not r.read
        ]
    )
    _raise([_changed(m.export.file) for path, m in zip(paths, mapped, strict=True) if _stamp(path) != stamps[path]])
    return _table(source, spec, mapped, rows, kinds, used)


def _raise(problems: Iterable[Problem]) -> None:
    if problems := list(problems):
        raise InputError(problems)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        return path.stat().st_size, path.stat().st_mtime_ns
    except OSError:
        return None


def _changed(file: InputFile) -> Problem:
    return Problem("CT2113", "was changed while it was read", file.name, "run again when the export has finished")


def _open_all(source: str, paths: Sequence[Path], scratch: Path) -> list[Export]:
    exports: list[Export] = []
    problems: list[Problem] = []
    for path, name in short_names(paths).items():
        try:
            exports.append(OPEN.get(path.suffix.lower(), open_csv)(source, path, name, scratch))
        except InputError as error:
            problems += error.problems
    _raise(problems)
    return exports


def _needed(spec: Source, wanted: Mapping[str, bool]) -> dict[str, bool]:
    """Every column to look for, and whether it must be there: what is wanted, what the rubric declares, and the customer."""
    names = {"customer": True, **wanted, **dict.fromkeys(spec.columns, True)}
    optional = {name for name, c in spec.columns.items() if c.optional}
    return {n: must and n not in optional for n, must in names.items() if not (n in spec.columns and spec.columns[n].formula)}


def _read(mapped: Mapped, exported: Sequence[str]) -> Rows:
    export = mapped.export
    picks = {frame_name(c) + RAW: at for c, at in mapped.positions.items()} | {EXPORT + h: export.header.index(h) for h in exported}
    rows = export.read_rows(picks)
    if export.file.format != "csv":
        return rows
    repeats = pl.all_horizontal(pl.col(name) == export.header[at] for name, at in picks.items()).fill_null(False)
    repeated = rows.frame.filter(repeats).select("line", code=pl.lit("CT3007"), raw=pl.lit(",".join(export.header)))
    return Rows(rows.frame.filter(~repeats), pl.concat([rows.malformed, repeated])) if len(repeated) else rows


def _table(
    source: str, spec: Source, mapped: Sequence[Mapped], rows: Sequence[Rows], kinds: dict[str, ColumnKind], used: dict[str, set[str]]
) -> Table:
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
    excluded = frame.clear() if kept is None else frame.filter(~kept)
    frame = (frame if kept is None else frame.filter(kept)).drop(pl.selectors.starts_with(EXPORT))
    malformed = pl.concat([_rejected(source, f, r.malformed) for f, r in zip(files, rows, strict=True)])
    money = int(excluded["amount"].cast(pl.Int128).sum()) if "amount" in kinds else 0
    return Table(source, frame, malformed, files, kinds, sum(r.read for r in rows), len(excluded), money, formats, tuple(warnings))


def _named(file: InputFile, frame: pl.DataFrame) -> pl.Series:
    return pl.repeat(file.name, len(frame), dtype=pl.String(), eager=True).alias("file")


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
        formats[column] = readings.format
        at = frame.select(text=column).join(readings.frame, on="text", how="left", maintain_order="left")["at"]
        frame = frame.with_columns(at.dt.date().alias(column), at.dt.date().cast(pl.Int32).cast(pl.Int64).alias(f"{column}_day"))
        frame = frame.with_columns(at.cast(pl.Int64).alias("date_us")) if column == "date" else frame
    _raise(problems)
    return frame, formats, warnings


def _rejected(source: str, file: InputFile, malformed: pl.DataFrame) -> pl.DataFrame:
    columns = {
        "source": pl.lit(source),
        "file": pl.lit(file.name),
        "column": pl.lit(""),
        "message": pl.col("code").replace_strict(MESSAGES, return_dtype=pl.String),
    }
    return malformed.with_columns(**columns).select(REJECTED)
