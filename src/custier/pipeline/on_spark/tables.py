"""The input of one source on Spark: its columns found as those of a file are, its cells checked on the cluster."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import narwhals as nw
import polars as pl

from custier.engines.spark import FILE, ROW, open_files, table_digest
from custier.engines.spark import open_table as open_catalogued
from custier.engines.spark_rows import rows as typed_rows
from custier.engines.typed_currency import in_one_currency, with_currency
from custier.engines.typed_formulas import with_exported, with_formulas
from custier.engines.typed_rows import OWN_FORM_CURE, Typed, judged, only_in_files
from custier.errors import InputError, Problem
from custier.frames import Frame
from custier.pipeline.on_spark.inputs import TABLE, Named
from custier.pipeline.one_source import Reading
from custier.read.dates import YEAR_FIRST
from custier.read.export import Export, rows_elsewhere
from custier.read.formulas import unusable
from custier.read.headers import Mapped
from custier.read.source import Found, find_columns, refuse, stamp_of, taken_names
from custier.read.source import open_files as open_exports
from custier.read.units import unit_warnings
from custier.read.whole import Whole, read_whole
from custier.rubric.columns import ColumnKind, of_header
from custier.rubric.formula import FormulaError
from custier.rubric.model import Source
from custier.rubric.wanted import wanted_columns
from custier.values import InputFile

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True)
class Opened:
    """One source. rows: as `typed_rows` gives them, with `kept`, `sound`, FILE and ROW (null in a table, whose rows have no place)."""

    source: str
    rows: Frame
    kinds: Mapping[str, ColumnKind]
    files: tuple[InputFile, ...]
    stamps: Mapping[Path, tuple[int, int] | None]
    formats: Mapping[str, str]
    warnings: tuple[str, ...]
    whole: Mapping[str, Whole] = field(default_factory=dict)  # file → its rows, as this machine sees them; of a table there are none

    @property
    def read(self) -> int:
        return sum(file.rows for file in self.files)


def open_table(session: SparkSession, source: str, named: Named, reading: Reading) -> Opened:
    """A source, opened; raises InputError (CT20xx, CT21xx, CT22xx, CT2402–CT2405)."""
    spec, stamps = reading.rubric.sources[source], {path: stamp_of(path) for path in named.files}
    refuse(taken_names(source, spec))
    frame, exports = _table(session, source, named.table) if named.table else _files(session, source, named.files, reading.scratch, spec)
    found = find_columns(source, spec, exports, wanted_columns(reading.rubric, source), reading.rubric.currency_decimals)
    refuse([*_unlike(found), *_own_forms(spec, found, frame), *only_in_files(source, spec)])
    rows = in_one_currency(_rows(frame, source, spec, found, reading), source, found.mapped, spec, found.kinds)
    files = tuple(_whole(e.file, frame, found) if named.table else e.file for e in exports)
    dated = {name: YEAR_FIRST for name, kind in found.kinds.items() if kind.type == "date"}
    warnings = tuple(unit_warnings([(m.export, m.positions) for m in found.mapped], found.kinds))
    whole = {} if named.table else {export.file.name: read_whole(export) for export in exports}
    return Opened(source, rows, found.kinds, files, stamps, dated, warnings, whole)


def _files(session: SparkSession, source: str, paths: Sequence[Path], scratch: Path, spec: Source) -> tuple[Frame, list[Export]]:
    exports = open_exports(source, paths, scratch, spec)
    return open_files(session, paths), exports


def _table(session: SparkSession, source: str, name: str) -> tuple[Frame, list[Export]]:
    frame = open_catalogued(session, name)
    header = tuple(frame.collect_schema().names())
    file = InputFile(source, TABLE + name, TABLE + name, "", 0, "table", None, None, 0)
    nowhere = {FILE: nw.lit(None, nw.String()), ROW: nw.lit(None, nw.Int64())}
    return frame.with_columns(**nowhere), [Export(file, header, (pl.String(),) * len(header), rows_elsewhere)]


def _rows(frame: Frame, source: str, spec: Source, found: Found, reading: Reading) -> Frame:
    headers = _headers(found)
    plain = {name: kind for name, kind in found.kinds.items() if name not in spec.made}
    frame, exported = with_exported(frame, found.exported)
    frame, named = with_currency(frame, found.mapped, spec, found.kinds)
    typed = Typed(source, headers, plain, reading.today, also=(FILE, ROW, *exported, *named))
    try:
        rows = with_formulas(typed_rows(frame, typed), source, spec, found.used, found.kinds, reading.today)
        rows = judged(rows, source, spec, found.kinds, reading.today)
    except FormulaError as error:
        raise InputError(unusable(source, error)) from None
    return rows.drop(list(exported)) if exported else rows


def _headers(found: Found) -> dict[str, str]:
    first = found.mapped[0]
    return {column: first.export.header[at] for column, at in first.positions.items()}


def _whole(file: InputFile, frame: Frame, found: Found) -> InputFile:
    """A table with its number of rows and a digest of the columns that are read."""
    rows, digest = table_digest(frame, sorted({*_headers(found).values(), *found.exported}))
    told = hashlib.sha256(digest.encode()).hexdigest()
    return InputFile(file.source, file.path, file.name, told, 0, file.format, None, None, rows)


def _unlike(found: Found) -> Iterator[Problem]:
    """CT2405 for files whose columns are called otherwise, or are of another type, than those of the first: Spark reads all as one."""
    first, *others = (_columns(m, found) for m in found.mapped)
    for mapped, columns in zip(found.mapped[1:], others, strict=True):
        for column in sorted(first.keys() | columns.keys()):
            if (was := first.get(column)) != (held := columns.get(column)):
                what = f"has {_told(held)} for the column `{column}`, and {found.mapped[0].export.file.name} has {_told(was)}"
                yield Problem("CT2405", what, mapped.export.file.name, "export all files of a table alike, or leave --engine out")


def _columns(mapped: Mapped, found: Found) -> dict[str, tuple[str, pl.DataType]]:
    export = mapped.export
    at = mapped.positions | {header: export.header.index(header) for header in found.exported}
    return {column: (export.header[i], export.dtypes[i]) for column, i in at.items()}


def _told(held: tuple[str, pl.DataType] | None) -> str:
    return "nothing" if held is None else f"`{held[0]}` as {str(held[1]).lower()}"


def _own_forms(spec: Source, found: Found, frame: Frame) -> Iterator[Problem]:
    """CT2403 for texts whose form of dates, or of numbers in formulas, the rubric names: only the Polars engine reads those."""
    schema = frame.collect_schema()
    for column, header in _headers(found).items():
        declared = spec.columns.get(column)
        if declared is not None and declared.format and isinstance(schema[header], nw.String):
            where = found.mapped[0].export.file.name
            yield Problem(
                "CT2403", f"the column `{header}` has dates in a form of its own", where, "store it as a date, or leave --engine out"
            )
    for header in found.exported:
        if of_header(spec, header).has_own_form and isinstance(schema[header], nw.String):
            where = found.mapped[0].export.file.name
            yield Problem("CT2403", f"the column `{header}` has texts in a form that the rubric declares", where, OWN_FORM_CURE)
