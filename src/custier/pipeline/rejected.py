"""The reject file of a run, and what the rubric could say so that fewer cells were in it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import polars as pl

from custier.read import Table
from custier.read.cures import mixed_columns, rejected_cures
from custier.read.finer import in_other_unit, most_places, other_unit_warning
from custier.read.whole import ROW
from custier.rubric.columns import RAW
from custier.rubric.model import Source
from custier.values import REJECTED, TWO_WAYS

LOOKED_AT = 500
ORDER = ["source", "file", "line", "column"]


def no_rejects() -> pl.DataFrame:
    """A reject file without rows."""
    return pl.DataFrame(schema=dict.fromkeys((*REJECTED, ROW), pl.String()) | {"line": pl.Int64()})


def cures_of(table: Table, rejected: pl.DataFrame, spec: Source) -> list[str]:
    """Lines for the rubric that would read rejected cells of this table; none for files in another unit, since it is for all files."""
    odd = in_other_unit(rejected, table.source, table.files, spec, table.columns)
    of_all = rejected.filter(~pl.any_horizontal(False, *(pl.col("file").is_in(f) & (pl.col("column") == c) for c, f in odd.items())))
    return rejected_cures(of_all, table.source, spec, table.columns, partial(_readable, table), table.headers)


def mixed_warnings(table: Table, rejected: pl.DataFrame, spec: Source) -> list[str]:
    """What to say of columns whose numbers are written in two ways, or are in another unit in some files."""
    odd = in_other_unit(rejected, table.source, table.files, spec, table.columns)
    found = mixed_columns(rejected, table.source, spec, table.columns, partial(_readable, table))
    return [_two_ways(table, column, rejected.filter(source=table.source, column=column).row(0, named=True)) for column in found] + [
        other_unit_warning(column, files, most_places(rejected.filter(source=table.source, column=column), column, spec))
        for column, files in odd.items()
    ]


def _two_ways(table: Table, column: str, bad: Mapping[str, Any]) -> str:
    good = _good(table, column).select("file", "line").head(1).collect().row(0, named=True)
    at = f"first at {good['file']}:{good['line']} / at {bad['file']}:{bad['line']}"
    return f"{TWO_WAYS} in `{column}`; {at}; correct the export"


def _readable(table: Table, column: str) -> list[str]:
    """Cells of a column that are read as they stand, from texts only: numbers of a workbook are read whatever is said."""
    if any(file.format != "csv" for file in table.files) or column + RAW not in table.frame.collect_schema():
        return []
    return list(_good(table, column).select(column + RAW).head(LOOKED_AT).collect().to_series())


def _good(table: Table, column: str) -> pl.LazyFrame:
    return table.frame.filter(pl.col("sound") & pl.col(column + RAW).is_not_null())
