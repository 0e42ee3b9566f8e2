"""The rows of all files of a source → one table, its dates proved over the whole column, its formulas worked out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from custier.errors import InputError, Problem
from custier.read.alike import FILE_NUMBER, by_name, fingerprint, wants_whole_rows, with_repeats
from custier.read.cells import CURRENCY, EXPORT, cell_columns
from custier.read.currency import alike_in_currency, mark_other_currency, mixed_currencies
from custier.read.date_columns import add_dates
from custier.read.export import Rows
from custier.read.formulas import add_formula_columns, kept_rows, unusable
from custier.read.headers import Mapped
from custier.read.joined import add_joined_columns
from custier.read.units import unit_warnings
from custier.read.whole import Whole, whole_cells
from custier.rubric.columns import UNREAD, ColumnKind, frame_name, of_header
from custier.rubric.formula import FormulaError
from custier.rubric.model import Source
from custier.values import REJECTED, InputFile

MESSAGES = {
    "CT3001": "the row has another number of fields than the header",
    "CT3003": "a quote is not closed, or stands where none may",
    "CT3007": "the header is repeated among the rows",
    "CT3020": "the line is a total of others, not a row",
}
KEPT = "kept"


@dataclass(frozen=True)
class Table:
    """One source, opened: read = rows of frame + rows of malformed + totals. Its rows are read when the frame is collected.

    frame: file String, line Int64, customer_id String; every column under its name (text String, number and money Int64 at the
    column's scale, date Date with <name>_day Int64, and date_us Int64), <name>__raw String, the cell as in the file, and
    <name>__unread, whether it holds something that gave no value; `kept` (bool), what the source's `where` says; `whole ` (bool);
    marks (bool) of rows that stand twice.
    malformed: rejected rows that are no rows at all.
    taken: columns of dates that were taken to be in a usual form.
    whole: file → its rows with all their cells.
    digests: path → SHA-256 of a file that is still hashed beside the reading; `settled` writes them into files.
    """

    source: str
    frame: pl.LazyFrame
    malformed: pl.DataFrame
    files: tuple[InputFile, ...]
    columns: dict[str, ColumnKind]
    read: int
    formats: dict[str, str]
    warnings: tuple[str, ...]
    stamps: dict[Path, tuple[int, int] | None]
    taken: tuple[str, ...] = field(default=())
    totals: int = 0  # lines of totals, which are left out
    mixed: Problem | None = None  # what to say where good rows have `other currency `; None where the files name no currencies
    whole: Mapping[str, Whole] = field(default_factory=dict)
    digests: Mapping[str, Future[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)  # column → its header in the first file that has it


def assemble(
    source: str,
    spec: Source,
    mapped: Sequence[Mapped],
    rows: Sequence[Rows],
    kinds: dict[str, ColumnKind],
    used: dict[str, set[str]],
    stamps: dict[Path, tuple[int, int] | None],
    *,
    carefully: bool,
    counted: Collection[str],
) -> Table:
    """One table of the rows of every file; raises InputError (CT2205, CT2211, CT2212)."""
    files = tuple(replace(m.export.file, rows=r.read) for m, r in zip(mapped, rows, strict=True))
    exported = {header: of_header(spec, header) for header in sorted(set().union(*used.values()))}
    plain = {c: k for c, k in kinds.items() if c not in spec.made}
    cells = [_cells(n, file, m, r, plain, exported, counted) for n, (file, m, r) in enumerate(zip(files, mapped, rows, strict=True))]
    dated = add_dates(alike_in_currency(cells), spec, plain, source, carefully=carefully)
    try:
        frame = add_formula_columns(add_joined_columns(dated.frame, spec), spec, used, kinds)
        frame = _with_kept(frame, spec.where, used, kinds, dated.taken)
        frame, mixed = _with_currency(frame, source, spec, mapped, kinds)
        frame.collect_schema()
    except FormulaError as error:
        raise InputError(unusable(source, error)) from None
    warnings = [*dated.warnings, *unit_warnings([(m.export, m.positions) for m in mapped], kinds)]
    malformed = pl.concat([_rejected(source, f, r.malformed) for f, r in zip(files, rows, strict=True)])
    read = sum(r.read for r in rows)
    totals = sum(r.totals for r in rows)
    frame = with_repeats(frame.drop(pl.selectors.starts_with(EXPORT)), spec, read, files)
    picked = [(f, m.export, r) for f, m, r in zip(files, mapped, rows, strict=True) if wants_whole_rows(spec, m.export)]
    whole = {file.name: whole_cells(r, export, by_name(export.header)) for file, export, r in picked}
    table = Table(source, frame, malformed, files, kinds, read, dated.formats, tuple(warnings), stamps, dated.taken, totals, mixed, whole)
    return replace(table, headers={c: m.export.header[at] for m in reversed(mapped) for c, at in m.positions.items()})


def _with_currency(
    frame: pl.LazyFrame, source: str, spec: Source, mapped: Sequence[Mapped], kinds: Mapping[str, ColumnKind]
) -> tuple[pl.LazyFrame, Problem | None]:
    """The rows with `other currency `, and what to say where it is true; both only where the files name currencies."""
    if CURRENCY not in frame.collect_schema():
        return frame, None
    frame, first = mark_other_currency(frame)
    return frame, mixed_currencies(source, mapped, kinds, spec, first)


def _with_kept(
    frame: pl.LazyFrame, where: str | None, used: Mapping[str, set[str]], kinds: Mapping[str, ColumnKind], taken: Sequence[str]
) -> pl.LazyFrame:
    """The rows with `kept`; one whose date is still unread is kept, or `where` would leave it out unseen."""
    if where is None:
        return frame.with_columns(pl.lit(True).alias(KEPT))
    unread = [pl.col(frame_name(name) + UNREAD) for name in taken]
    return kept_rows(frame, where, used["where"], kinds).with_columns(pl.any_horizontal(KEPT, *unread))


def _cells(
    number: int,
    file: InputFile,
    mapped: Mapped,
    rows: Rows,
    kinds: Mapping[str, ColumnKind],
    exported: Mapping[str, ColumnKind],
    counted: Collection[str],
) -> pl.LazyFrame:
    whole = fingerprint(rows.frame, mapped.export.header)
    cells = cell_columns(rows.frame, kinds, exported, counted, rows.day_0, whole)
    said = {"file": pl.lit(file.name), FILE_NUMBER: pl.lit(number, pl.UInt32())}
    return cells.with_columns(**said).select("file", pl.exclude("file"))


def _rejected(source: str, file: InputFile, malformed: pl.DataFrame) -> pl.DataFrame:
    columns = {
        "source": pl.lit(source),
        "file": pl.lit(file.name),
        "column": pl.lit(""),
        "message": pl.col("code").replace_strict(MESSAGES, return_dtype=pl.String),
    }
    return malformed.with_columns(**columns).select(REJECTED)
