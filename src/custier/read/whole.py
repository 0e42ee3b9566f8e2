"""Rejected rows as they stand in their file, every cell of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from custier.read.alike import CELL_OF_ROW, by_name, whole_row
from custier.read.export import HELD, Export, Rows
from custier.read.numbers import as_text

ROW = "row"
PLACE = ("file", "line")


@dataclass(frozen=True)
class Whole:
    """The rows of one file with all their cells, to be read again: frame has line and, per header, its cell as text."""

    header: tuple[str, ...]
    frame: pl.LazyFrame


def read_whole(export: Export) -> Whole:
    """The same of a file that is read for this alone."""
    return whole_cells(export.read_rows(whole_row(export.header), False), export, by_name(export.header))


def whole_cells(rows: Rows, export: Export, order: Sequence[int]) -> Whole:
    """What was picked of a file by `whole_row`, whose columns stand in this order of the header's."""
    schema = rows.frame.collect_schema()
    cells = {at: _cell(f"{CELL_OF_ROW}{n}", schema) for n, at in enumerate(order)}
    named = [cells[at].alias(str(at)) for at in sorted(cells)]
    return Whole(export.header, rows.frame.select("line", *named))


def _cell(name: str, schema: pl.Schema) -> pl.Expr:
    """A cell as text; of a workbook's, what is no text is a number."""
    text = as_text(pl.col(name), schema[name])
    return pl.coalesce(text, as_text(pl.col(HELD + name), schema[HELD + name])) if HELD + name in schema else text


def with_rows(rejected: pl.DataFrame, whole: Mapping[str, Whole]) -> pl.DataFrame:
    """Rejected cells with their file and line → the same with `row`: the whole row, as a JSON object of its cells by header."""
    places = rejected.select(PLACE).unique()
    rows = [_rows_at(file, found, places.filter(pl.col("file") == file)["line"]) for file, found in whole.items()]
    told = pl.concat([pl.DataFrame(schema={"file": pl.String, "line": pl.Int64, ROW: pl.String}), *rows])
    return rejected.join(told, on=PLACE, how="left", maintain_order="left")


def _rows_at(file: str, whole: Whole, lines: pl.Series) -> pl.DataFrame:
    if lines.is_empty():
        return pl.DataFrame(schema={"file": pl.String, "line": pl.Int64, ROW: pl.String})
    found = whole.frame.filter(pl.col("line").is_in(lines.implode())).collect()
    names = [f"{header} ({n})" if header in whole.header[:n] else header for n, header in enumerate(whole.header)]
    cells = pl.struct(pl.col(str(n)).alias(name) for n, name in enumerate(names))
    return found.select(pl.lit(file).alias("file"), "line", cells.struct.json_encode().alias(ROW))
