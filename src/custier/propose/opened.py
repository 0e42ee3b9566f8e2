"""The files of one source, opened as they are: every column as text, before anybody said what it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import polars as pl

from custier.errors import InputError, Problem
from custier.read.cells import trimmed
from custier.read.export import HELD, Export, Rows
from custier.read.first_line import shown
from custier.read.numbers import as_text
from custier.rubric.columns import fold

LOOKED_AT_ROWS = 20_000


@dataclass(frozen=True)
class Opened:
    """Files with the same headers. texts: file String, line Int64, and under the place of each header ("0", "1" …) its cells as String;
    filled: how many cells of each header are not blank; malformed: line, code and raw text of lines that are no rows.
    """

    exports: tuple[Export, ...]
    headers: tuple[str, ...]
    texts: pl.LazyFrame
    rows: int
    malformed: pl.DataFrame
    filled: tuple[int, ...]

    @cached_property
    def sample(self) -> pl.DataFrame:
        """The first rows of every file, trimmed, blanks null."""
        each = max(1, LOOKED_AT_ROWS // len(self.exports))
        files = [self.texts.filter(pl.col("file") == e.file.name).head(each) for e in self.exports]
        return pl.concat([frame.select(trimmed(pl.col(str(at))) for at in range(len(self.headers))).collect() for frame in files])

    def column(self, at: int) -> pl.LazyFrame:
        """text String: the cells of a header that are not blank, trimmed."""
        return self.texts.select(trimmed(pl.col(str(at))).alias("text")).filter(pl.col("text").is_not_null())


def look_into(exports: Sequence[Export]) -> Opened:
    """What these files hold; raises InputError (CT2203) where they have other headers than the first."""
    headers = exports[0].header
    odd = [p for e in exports[1:] if (p := _other_headers(exports[0], e))]
    if odd:
        raise InputError(odd)
    try:
        return _counted(exports, headers, carefully=False)
    except pl.exceptions.PolarsError:
        return _counted(exports, headers, carefully=True)


def _counted(exports: Sequence[Export], headers: Sequence[str], *, carefully: bool) -> Opened:
    rows = [e.read_rows({str(n): at for n, at in enumerate(_places(e, headers))}, carefully) for e in exports]
    texts = pl.concat([_texts(e, r, len(headers)) for e, r in zip(exports, rows, strict=True)])
    filled_cells = (trimmed(pl.col(str(at))).count().alias(str(at)) for at in range(len(headers)))
    counts = texts.select(pl.len(), *filled_cells).collect(engine="streaming")
    read, *filled = (int(n) for n in counts.row(0))
    exports = [replace(e, file=replace(e.file, rows=r.read)) for e, r in zip(exports, rows, strict=True)]
    return Opened(tuple(exports), tuple(headers), texts, read, pl.concat([r.malformed for r in rows]), tuple(filled))


def _texts(export: Export, rows: Rows, width: int) -> pl.LazyFrame:
    schema = rows.frame.collect_schema()
    cells = [_text(str(at), schema).alias(str(at)) for at in range(width)]
    return rows.frame.select(pl.lit(export.file.name).alias("file"), "line", *cells)


def _text(name: str, schema: Mapping[str, pl.DataType]) -> pl.Expr:
    """A cell as a text; a number of a workbook with the digits that Excel keeps."""
    text, held = as_text(pl.col(name), schema[name]), HELD + name
    return pl.coalesce(as_text(pl.col(held).round_sig_figs(15), schema[held]), text) if held in schema else text


def _places(export: Export, headers: Sequence[str]) -> list[int]:
    """Where each of these headers stands in a file that may have them in another order."""
    if export.header == tuple(headers):
        return list(range(len(headers)))
    folded = [fold(h) for h in export.header]
    return [folded.index(fold(h)) for h in headers]


def _other_headers(first: Export, other: Export) -> Problem | None:
    lacking = [h for h in first.header if fold(h) not in {fold(o) for o in other.header}]
    if not lacking and len(other.header) == len(first.header):
        return None
    what = f"has other headers than {first.file.name}; {shown(other.header, 8)}"
    cure = f"start a rubric from files of one table; give another table its name: --source invoices={other.file.name}"
    return Problem("CT2203", what, other.file.name, cure)
