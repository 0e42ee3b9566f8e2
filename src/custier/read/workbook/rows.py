"""A sheet's header and its rows: texts as they stand, numbers as the doubles that they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from custier.errors import Problem
from custier.read.export import HELD, MALFORMED, WHOLE, Picks, Rows
from custier.read.totals import BLANK, Totals
from custier.read.totals import CODE as TOTAL
from custier.read.workbook.file import column_letters
from custier.read.workbook.sheets import Book, Sheet

MOST_EXACT = 10**15
"""Excel keeps fifteen digits; a whole number from here on has lost the others."""
BOOLEANS = ["true", "false"]
TIME_ALONE = r"^(?:1899-12-3[01]|1904-01-01) ([0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?)$"
"""A cell of a time, or of the number 0, shown as a moment of the day before the first."""


@dataclass(frozen=True)
class Grid:
    """A sheet as a table. header: the names of its columns, without those that have none; at: where in the sheet these columns are;
    first: the row below the header.
    """

    book: Book
    sheet: Sheet
    header: tuple[str, ...]
    at: tuple[int, ...]
    first: int
    day_0: int
    totals: Totals

    @cached_property
    def filled_lines(self) -> pl.DataFrame:
        """The rows of the sheet, from 1, below the header and with anything in them: line, is_total."""
        bare = pl.all().str.strip_chars(BLANK)
        first = pl.coalesce(pl.when(bare != "").then(bare))
        is_total = first.str.contains(self.totals.pattern) if self.totals.words else pl.lit(False)
        rows = self.sheet.texts.select(line=pl.int_range(1, pl.len() + 1, dtype=pl.Int64()), first=first, is_total=is_total)
        return rows.filter(pl.col("first").is_not_null() & (pl.col("line") >= self.first)).select("line", "is_total")

    @cached_property
    def lines(self) -> pl.Series:
        """Those of them that are no totals."""
        return self.filled_lines.filter(~pl.col("is_total"))["line"]

    @cached_property
    def total_lines(self) -> pl.DataFrame:
        """Those that are (MALFORMED)."""
        lines = self.filled_lines.filter("is_total")["line"]
        cells = self.sheet.texts[(lines - 1).to_list()].select(raw=pl.concat_str(pl.all().fill_null(""), separator=","))
        return cells.select(line=lines, code=pl.lit(TOTAL), raw="raw")

    def read(self, picks: Picks, carefully: bool) -> Rows:
        """The picked columns; carefully makes no difference, since all of a sheet is in memory."""
        columns = sorted({self.at[i] for i in picks.values()})
        numbers = self._numbers(columns)
        frame, lost = pl.DataFrame({"line": self.lines}), dict[str, Problem]()
        for name, i in picks.items():
            column = self.at[i]
            held = numbers.get(column)
            text = self.sheet.texts[str(column)].str.replace(TIME_ALONE, "${1}")
            frame = frame.with_columns(self._below(_without(text, held)).alias(name))
            if held is not None:
                frame = frame.with_columns(self._below(held).alias(HELD + name))
                lost |= self._lost(name, column, frame)
        repeats = self._repeats(frame, picks)
        malformed = frame.filter(repeats).select("line", code=pl.lit("CT3007"), raw=pl.lit(",".join(self.header)))
        frame = frame.filter(~repeats).with_columns(pl.lit(True).alias(WHOLE))
        left_out, rejected = (
            (len(self.total_lines), malformed) if self.totals.is_declared else (0, pl.concat([malformed, self.total_lines]))
        )
        return Rows(frame.lazy(), len(frame), rejected.match_to_schema(MALFORMED), self.day_0, lost, left_out)

    def _below(self, column: pl.Series) -> pl.Series:
        return column.gather(self.lines - 1)

    def _numbers(self, columns: Sequence[int]) -> dict[int, pl.Series]:
        """The numbers of the columns that have any; null where a cell is none. What is told as a boolean is one or a number."""
        told = self.book.cells(self.sheet.name, "boolean", columns)
        is_number = {c: told[str(c)].is_not_null() & ~self.sheet.texts[str(c)].is_in(BOOLEANS).fill_null(False) for c in columns}
        having = [c for c in columns if is_number[c].any()]
        if not having:
            return {}
        read = self.book.cells(self.sheet.name, "float", having)
        return {c: read[str(c)].set(~is_number[c], None) for c in having}

    def _lost(self, name: str, column: int, frame: pl.DataFrame) -> dict[str, Problem]:
        """What to say of the first number in a column that has lost digits, should it be an identifier."""
        number = pl.col(HELD + name)
        lines = frame.filter(number.is_finite() & (number.abs() >= MOST_EXACT))["line"]
        if not len(lines):
            return {}
        where = f"{self.book.name}:{self.sheet.name}!{column_letters(column + 1)}{lines[0]}"
        what = "an identifier of more than 15 digits is held as a number, of which Excel keeps 15: the others are lost"
        return {name: Problem("CT2124", what, where, "export it again with that column as text, or as CSV")}

    def _repeats(self, frame: pl.DataFrame, picks: Picks) -> pl.Series:
        """Whether a row is the header once more."""
        same = pl.all_horizontal(pl.col(name).str.strip_chars() == self.header[i] for name, i in picks.items())
        return frame.select(same.fill_null(False)).to_series()


def _without(text: pl.Series, held: pl.Series | None) -> pl.Series:
    return text if held is None else text.set(held.is_not_null(), None)
