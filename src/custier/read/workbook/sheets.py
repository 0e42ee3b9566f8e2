"""Which sheet of a workbook is read, and its cells as texts."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import polars as pl

from custier.errors import InputError, Problem, listed, nearest
from custier.read.workbook.file import broken, protected

if TYPE_CHECKING:
    from fastexcel import ExcelReader, ExcelSheet

Held = Literal["string", "boolean", "float"]


@dataclass(frozen=True)
class Book:
    """An opened workbook; `name` is what errors call it."""

    reader: ExcelReader
    name: str

    def cells(self, sheet: str, held: Held, columns: Sequence[int] | None = None) -> pl.DataFrame:
        """The cells of a sheet as one type, each column named by its position from 0; null where a cell is not of the type."""
        loaded = self.load(sheet, held, columns)
        frame = loaded.to_polars()
        frame.columns = [str(column.absolute_index) for column in loaded.selected_columns]
        return frame

    def load(self, sheet: str, held: Held, columns: Sequence[int] | None = None) -> ExcelSheet:
        """A sheet from its first row on, whatever is in it."""
        try:
            picked = None if columns is None else list(columns)
            return self.reader.load_sheet(sheet, header_row=None, skip_rows=0, dtypes=held, use_columns=picked)
        except BaseException as error:
            raise _failed(error, self.name) from None


def open_book(content: bytes, name: str) -> Book:
    """Raises InputError (CT2121, CT2122)."""
    from fastexcel import read_excel

    for library in ("fastexcel", "calamine"):
        logging.getLogger(library).addHandler(logging.NullHandler())  # else what they warn of goes to stderr
    try:
        return Book(read_excel(content), name)
    except BaseException as error:
        raise _failed(error, name) from None


def _failed(error: BaseException, name: str) -> BaseException:
    """A panic of the library is no Exception; an interrupt stays what it is."""
    if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit | MemoryError | InputError):
        return error
    return InputError(protected(name) if "password" in str(error).lower() else broken(name))


@dataclass(frozen=True)
class Sheet:
    """A sheet with something in it. texts: one column per column of the sheet, named by its position from 0; a row per row from 1."""

    name: str
    texts: pl.DataFrame

    @property
    def filled(self) -> pl.Series:
        """Whether a row has any cell that is not blank."""
        return self.texts.select(pl.any_horizontal(pl.all().str.strip_chars() != "").fill_null(False)).to_series()

    def cells(self, line: int) -> list[str]:
        """The cells of a row from 1, without spaces around them; blank where there is nothing."""
        return ["" if cell is None else cell.strip() for cell in self.texts.row(line - 1)]


def choose_sheet(book: Book, asked: str | int | None, source: str) -> Sheet:
    """The sheet that is asked for, else the only visible one with something in it; raises InputError (CT2110, CT2122, CT2123)."""
    names = list(book.reader.sheet_names)
    if isinstance(asked, str):
        if asked not in names:
            near = nearest(asked, names) or names[0]
            raise InputError(Problem("CT2123", f"has no sheet `{asked}`; it has {listed(names)}", book.name, _cure(source, near)))
        return _sheet(book, asked)
    heights = _visible(book, names)
    if isinstance(asked, int):
        if asked > len(heights):
            what = f"has no sheet {asked}; those that are not hidden are {listed(list(heights))}"
            raise InputError(Problem("CT2123", what, book.name, _cure(source, next(iter(heights), names[0]))))
        return _sheet(book, list(heights)[asked - 1])
    filled = {sheet: height for sheet, height in heights.items() if height}
    if len(filled) == 1:
        return _sheet(book, next(iter(filled)))
    if filled:
        what = f"has several sheets: {listed([f'{sheet} ({height:,} rows)' for sheet, height in filled.items()])}"
        raise InputError(Problem("CT2123", what, book.name, _cure(source, max(filled, key=lambda sheet: filled[sheet]))))
    if hidden := [sheet for sheet in names if sheet not in heights]:
        what = f"has nothing in the sheets that are shown; hidden are {listed(hidden)}"
        raise InputError(Problem("CT2123", what, book.name, _cure(source, hidden[0])))
    raise InputError(Problem("CT2110", "holds no rows", book.name, "check that the export has finished"))


def _visible(book: Book, names: Sequence[str]) -> dict[str, int]:
    """The sheets that are not hidden, with their numbers of rows."""
    loaded = {name: book.load(name, "string") for name in names}
    return {name: sheet.total_height if sheet.width else 0 for name, sheet in loaded.items() if sheet.visible == "visible"}


def _sheet(book: Book, name: str) -> Sheet:
    return Sheet(name, book.cells(name, "string"))


def _cure(source: str, sheet: str) -> str:
    quoted = "'" + sheet.replace("'", "''") + "'"
    return f"say which one is meant: sources: {{{source}: {{sheet: {quoted}}}}}"
