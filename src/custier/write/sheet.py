"""A table as a workbook for people: texts as texts, never a formula or a link; amounts as numbers; the same bytes each time."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import polars as pl

from custier.errors import OutputError, Problem

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 2**20 - 1
MOST_CHARACTERS = 32_767
MOST_EXACT = 10**15
"""Excel keeps fifteen digits of a number; from here on it is written as a text."""
MADE = datetime.fromisoformat("2000-01-01")
"""When every workbook says that it was made, so that the same table gives the same bytes."""
FIRST_YEAR = 1900
LOOKED_AT_ROWS = 200
NARROWEST, WIDEST = 8, 50
NOT_IN_XML = str.maketrans({"\ufffe": "\ufffd", "\uffff": "\ufffd"})

Write = Callable[[int, int, Any], None]


def write_sheet(schema: pl.Schema, chunks: Iterable[pl.DataFrame], to: Path, called: Path) -> None:
    """Writes a table as the only sheet of a workbook, its header frozen; called: the file as errors name it.

    Raises OutputError (CT5601) for a table that no sheet can hold, and OSError.
    """
    with _workbook(to) as book:
        sheet = book.add_worksheet(called.stem[:31])
        writers = [_writer(book, sheet, dtype, called) for dtype in schema.dtypes()]
        rows, first = 0, pl.DataFrame(schema=schema)
        _write_header(book, sheet, first.columns)
        for chunk in chunks:
            first = first if len(first) else chunk.head(LOOKED_AT_ROWS)
            if rows + len(chunk) > MOST_ROWS:
                raise _too_much(f"a sheet holds {MOST_ROWS:,} rows below its header, and there are more", called)
            for row, cells in enumerate(chunk.iter_rows(), rows + 1):
                for column, (write, cell) in enumerate(zip(writers, cells, strict=True)):
                    if cell is not None:
                        write(row, column, cell)
            rows += len(chunk)
        _lay_out(sheet, first, rows)


@contextmanager
def _workbook(to: Path) -> Iterator[Workbook]:
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import FileCreateError

    with TemporaryDirectory(dir=to.parent, prefix=".") as scratch:
        book = Workbook(str(to), {"constant_memory": True, "tmpdir": scratch, "strings_to_formulas": False, "strings_to_urls": False})
        book.set_properties({"created": MADE})
        try:
            yield book
            book.close()
        except FileCreateError as error:
            raise error.args[0] from None
        finally:
            for sheet in book.worksheets():
                if sheet.row_data_fh is not None:
                    sheet.row_data_fh.close()  # else it stays open where writing was given up


def _write_header(book: Workbook, sheet: Worksheet, names: Sequence[str]) -> None:
    bold = book.add_format({"bold": True, "bottom": 1})
    for column, name in enumerate(names):
        _write_text(sheet, bold, 0, column, name)
    sheet.freeze_panes(1, 1)


def _lay_out(sheet: Worksheet, first: pl.DataFrame, rows: int) -> None:
    """Columns as wide as their headings and first cells; a filter over all."""
    for column, name in enumerate(first.columns):
        cells = [str(cell) for cell in first.to_series(column).to_list() if cell is not None]
        widest = max(map(_width, [name, *cells]))
        sheet.set_column(column, column, min(max(widest + 2, NARROWEST), WIDEST))
    sheet.autofilter(0, 0, rows, max(first.width - 1, 0))


def _width(text: str) -> int:
    """How many columns of letters a text takes: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _writer(book: Workbook, sheet: Worksheet, dtype: pl.DataType, called: Path) -> Write:
    """What writes the cells of a column of this type."""
    text, shown = book.add_format({"num_format": "@"}), book.add_format({"num_format": _number_format(dtype)})
    most = MOST_EXACT / 10**dtype.scale if isinstance(dtype, pl.Decimal) else MOST_EXACT if dtype.is_integer() else math.inf

    def write_text(row: int, column: int, cell: Any) -> None:
        if len(cell) > MOST_CHARACTERS:
            raise _too_much(f"a cell holds {MOST_CHARACTERS:,} characters, and a text has more", called)
        _write_text(sheet, text, row, column, cell)

    def write_number(row: int, column: int, cell: Any) -> None:
        if abs(cell) < most:
            sheet.write_number(row, column, float(cell), shown)
        elif math.isfinite(cell):
            write_text(row, column, f"{cell:f}" if isinstance(cell, Decimal) else str(cell))

    def write_date(row: int, column: int, cell: Any) -> None:
        sheet.write_datetime(row, column, cell, shown) if cell.year >= FIRST_YEAR else write_text(row, column, cell.isoformat())

    def write_boolean(row: int, column: int, cell: Any) -> None:
        sheet.write_boolean(row, column, cell)

    if dtype == pl.Boolean():
        return write_boolean
    if dtype == pl.Date():
        return write_date
    return write_number if dtype.is_numeric() else write_text


def _write_text(sheet: Worksheet, format: Format, row: int, column: int, text: str) -> None:
    text = text.translate(NOT_IN_XML)
    if text.startswith("<r>"):  # such a text would be taken for runs of rich text that are made already
        sheet.write_rich_string(row, column, text[:1], format, text[1:], format)
    else:
        sheet.write_string(row, column, text, format)


def _number_format(dtype: pl.DataType) -> str:
    if dtype == pl.Date():
        return "yyyy-mm-dd"
    if isinstance(dtype, pl.Decimal):
        return "#,##0" + ("." + "0" * dtype.scale if dtype.scale else "")
    return "0" if dtype.is_integer() else "General"


def _too_much(what: str, called: Path) -> OutputError:
    return OutputError(Problem("CT5601", what, called.name, "leave xlsx out: --format csv,parquet"))
