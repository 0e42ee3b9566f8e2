"""Parquet exports keep their types; a row's line is its number from 1."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import polars as pl

from custier.errors import InputError, Problem
from custier.read.dialect import MOST_COLUMNS
from custier.read.export import WHOLE, Export, Picks, Rows
from custier.rubric.model import Source
from custier.values import InputFile


def open_parquet(source: str, path: Path, name: str, scratch: Path, spec: Source) -> Export:
    """A Parquet export; raises InputError (CT2003, CT2007, CT2110, CT6214)."""
    size = path.stat().st_size
    try:
        scanned = pl.scan_parquet(path, glob=False)
        schema, rows = scanned.collect_schema(), scanned.select(pl.len()).collect().item()
    except (pl.exceptions.PolarsError, OSError):
        raise _broken(name) from None
    if rows == 0:
        raise InputError(Problem("CT2110", "holds no rows", name, "check that the export has finished"))
    if len(schema) > MOST_COLUMNS:
        raise InputError(Problem("CT6214", f"has more than {MOST_COLUMNS} columns", name, "export only the columns that the rubric needs"))
    file = InputFile(source, str(path), name, "", size, "parquet", None, None, rows)
    return Export(file, tuple(schema), tuple(schema.values()), partial(_read_rows, path, name, tuple(schema), rows))


def _read_rows(path: Path, name: str, header: tuple[str, ...], count: int, picks: Picks, carefully: bool) -> Rows:
    """Carefully means that every page is read once before it is trusted."""
    columns = {column: pl.col(header[i]) for column, i in picks.items()}
    scanned = pl.scan_parquet(path, glob=False, row_index_name="line ", row_index_offset=1)
    frame = scanned.select(pl.col("line ").cast(pl.Int64).alias("line"), pl.lit(True).alias(WHOLE), **columns)
    if carefully:
        try:
            frame.select(pl.all().null_count()).collect()
        except (pl.exceptions.PolarsError, OSError):
            raise _broken(name) from None
    return Rows(frame, count)


def _broken(name: str) -> InputError:
    return InputError(Problem("CT2007", "is not a whole Parquet file", name, "export or copy it again"))
