"""Workbooks: a sheet as an export, with the rows that Excel shows and its cells exact.

A number in a cell is a double, of which fifteen digits are meant; a date is a number that is shown as one; a formula is the value that was
stored beside it, and nothing where none was.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from custier.errors import InputError, Problem
from custier.read.declared import declare
from custier.read.dialect import MOST_COLUMNS
from custier.read.export import Export
from custier.read.totals import totals_of
from custier.read.workbook.file import checked_bytes, day_0
from custier.read.workbook.header import no_header
from custier.read.workbook.rows import Grid
from custier.read.workbook.sheets import Book, Sheet, choose_sheet, open_book
from custier.rubric.model import Source
from custier.values import InputFile

SUFFIXES = (".xlsx", ".xlsm", ".xls")


def open_workbook(source: str, path: Path, name: str, scratch: Path, spec: Source) -> Export:
    """A sheet of a workbook; raises InputError (CT2003, CT2103, CT2110, CT2120–CT2123, CT2201, CT6214, CT622x)."""
    content = checked_bytes(path, name)
    book = open_book(content, name)
    sheet = choose_sheet(book, spec.sheet, source)
    grid, odd = _grid(source, book, sheet, spec, day_0(content, path))
    file = InputFile(source, str(path), name, "", len(content), "xlsx", None, None, 0, sheet.name)
    return Export(file, grid.header, (pl.String(),) * len(grid.header), grid.read, odd)


def _grid(source: str, book: Book, sheet: Sheet, spec: Source, day_0: int) -> tuple[Grid, Problem | None]:
    """The sheet as a table, and what to say of its header where columns are not found in it."""
    filled = sheet.filled.arg_true() + 1
    if not len(filled) or (spec.header_line or 1) > filled[-1]:
        raise InputError(Problem("CT2110", "holds no rows", book.name, "check that the export has finished"))
    line = spec.header_line or int(filled[0])
    columns, where = [int(column) for column in sheet.texts.columns], f"{book.name}:{line}"
    if spec.header:
        _check_width(spec.header, columns, where, source)
        return Grid(book, sheet, tuple(spec.header), tuple(columns), line, day_0, totals_of(spec.total_lines)), None
    named = [(i, header) for i, header in zip(columns, sheet.cells(line), strict=True) if header]
    odd = None if spec.header_line else no_header(source, book.name, sheet, [int(n) for n in filled if n >= line])
    if len(named) < 2:
        raise InputError(odd or Problem("CT2103", "the header has one column only", where, "give each column a header"))
    if len(named) > MOST_COLUMNS:
        raise InputError(Problem("CT6214", f"has more than {MOST_COLUMNS} columns", where, "export only the columns that the rubric needs"))
    header, at = tuple(header for _, header in named), tuple(i for i, _ in named)
    return Grid(book, sheet, header, at, line + 1, day_0, totals_of(spec.total_lines)), odd


def _check_width(header: Sequence[str], columns: Sequence[int], where: str, source: str) -> None:
    """Names are declared for all columns from the first that has anything in it."""
    if len(header) != len(columns):
        names = [*header, *(f"column {n}" for n in range(len(header) + 1, len(columns) + 1))][: len(columns)]
        what = f"the rubric names {len(header)} columns, and the sheet has {len(columns)}"
        raise InputError(Problem("CT2109", what, where, f"name as many: {declare(source, 'header', names)}"))
