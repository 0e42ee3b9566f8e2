"""A table in memory as an export: it goes through the same checks as a Parquet file; a row's line is its number from 1."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from custier.api.kinds import kind_of
from custier.read.export import WHOLE, Export, Picks, Rows
from custier.store.disk import saving
from custier.values import InputFile
from custier.write import told_by_polars


def open_table(source: str, native: Any, scratch: Path) -> Export:
    """A table of any kind, opened; what is worked out on demand keeps its rows in the scratch directory, not in memory.

    Raises UsageError (CT1930).
    """
    kind = kind_of(native, source)
    table = kind.read(native)
    schema = table.frame.collect_schema()
    dtypes = tuple(schema.get(str(at), pl.Object()) for at in range(len(table.header)))
    file = InputFile(source, source, source, "", 0, f"{kind.library} {kind.name}", None, None, 0)
    return Export(file, table.header, dtypes, partial(_read_rows, table.frame, scratch / f"{source}.arrow"))


def _read_rows(frame: pl.DataFrame | pl.LazyFrame, spool: Path, picks: Picks, carefully: bool) -> Rows:
    picked = frame.lazy().select(**{column: pl.col(str(at)) for column, at in picks.items()})
    if isinstance(frame, pl.LazyFrame):
        picked = _worked_out(picked, spool)
    numbered = picked.with_row_index("line ", offset=1)
    rows = numbered.select(pl.col("line ").cast(pl.Int64).alias("line"), pl.lit(True).alias(WHOLE), pl.exclude("line "))
    return Rows(rows, int(picked.select(pl.len()).collect().item()))


def _worked_out(picked: pl.LazyFrame, spool: Path) -> pl.LazyFrame:
    """The rows in a file, worked out once: another time they could be others."""
    if not spool.exists():
        with saving(spool), told_by_polars():
            picked.sink_ipc(spool)
    return pl.scan_ipc(spool, glob=False)
