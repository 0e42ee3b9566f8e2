"""A Spark DataFrame → the rows that a run measures: its headers found as those of a file are, its cells checked on the cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import narwhals as nw

from custier.api.asked import Asked
from custier.engines.spark import framed
from custier.engines.spark_rows import rows as typed_rows
from custier.engines.typed_currency import in_one_currency, with_currency
from custier.engines.typed_rows import Typed, judged, only_in_files
from custier.errors import InputError, Problem
from custier.frames import Frame
from custier.read.export import Export, rows_elsewhere
from custier.read.formulas import formula_texts
from custier.read.headers import map_columns
from custier.read.joined import joined_headers
from custier.read.source import needed_columns, taken_names
from custier.rubric.columns import ColumnKind, as_exported, kind_of
from custier.rubric.model import Source
from custier.rubric.wanted import wanted_columns
from custier.values import InputFile

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


@dataclass(frozen=True)
class Opened:
    """One table. rows: as `typed_rows` gives them, with `kept` and `sound`; kinds: its canonical columns."""

    rows: Frame
    kinds: Mapping[str, ColumnKind]


def open_table(source: str, native: DataFrame, asked: Asked) -> Opened:
    """A table of the cluster, its columns found; raises UsageError (CT1922), InputError (CT2104, CT2201–CT2206, CT2403),
    DataError (CT3401).
    """
    frame, spec = framed(native), asked.rubric.sources[source]
    schema = frame.collect_schema()
    export = Export(InputFile(source, source, source, "", 0, "spark", None, None, 0), tuple(schema.names()), (), rows_elsewhere)
    mapped, problems = map_columns(source, spec, [export], needed_columns(spec, wanted_columns(asked.rubric, source)))
    headers = {column: export.header[at] for column, at in mapped[0].positions.items()}
    problems += [*taken_names(source, spec), *_only_polars(source, spec, headers, schema), *only_in_files(source, spec)]
    if problems:
        raise InputError(problems)
    decimals, today = asked.rubric.currency_decimals, asked.now.date()
    kinds = {column: as_exported(kind_of(source, column, spec.columns.get(column), decimals), spec, column) for column in headers}
    frame, named = with_currency(frame, mapped, spec, kinds)
    rows = typed_rows(frame, Typed(source, headers, kinds, today, also=named)).with_columns(kept=nw.lit(True))
    return Opened(in_one_currency(judged(rows, source, spec, kinds, today), source, mapped, spec, kinds), kinds)


def _only_polars(source: str, spec: Source, headers: Mapping[str, str], schema: nw.Schema) -> Iterator[Problem]:
    """What only the Polars engine does: formulas over headers, and dates in a form that the rubric names."""
    cure = "work it out in the DataFrame first, or give a path or a frame in memory"
    for place in (*formula_texts(spec), *joined_headers(spec)):
        yield Problem("CT2205", f"a formula of `{place}` cannot be used: on Spark, tables come without formulas", source, cure)
    for column, header in headers.items():
        declared = spec.columns.get(column)
        if declared is not None and declared.format and isinstance(schema[header], nw.String):
            yield Problem("CT2403", f"the column `{header}` has dates in a form of its own", source, "make it a date with to_date")
