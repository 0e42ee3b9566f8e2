"""An input file, opened: what it is, the headers it has, and how its rows are read when it is known which columns are wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl

from custier.errors import Problem
from custier.values import InputFile

Picks = Mapping[str, int]
"""Frame column → the position of the header it is taken from."""

WHOLE = "whole "
HELD = "held:"
"""Before the name of a picked column: the cells of a workbook that are numbers, as Float64; the column itself has the others."""

DAY_0 = -25_569
"""The day of a workbook's date 0, in days since 1970-01-01, where it counts from 1900."""

MALFORMED = {"line": pl.Int64(), "code": pl.String(), "raw": pl.String()}


@dataclass(frozen=True)
class Rows:
    """The rows of one file, not read yet where it is plain. frame: line Int64 and the picked columns, `whole` of any type (reading it
    finds lines that are too long); count: rows of frame; malformed: line Int64, code String, raw String; totals: lines of totals left out.
    """

    frame: pl.LazyFrame
    count: int
    malformed: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=MALFORMED))
    day_0: int = DAY_0
    lost: Mapping[str, Problem] = field(default_factory=dict)  # picked column → what to say if its numbers are identifiers
    totals: int = 0

    @property
    def read(self) -> int:
        return self.count + len(self.malformed) + self.totals


@dataclass(frozen=True)
class Export:
    """An opened file; its SHA-256 is empty until it is known. Texts have String columns only; Parquet has the types that `dtypes` tells."""

    file: InputFile
    header: tuple[str, ...]
    dtypes: tuple[pl.DataType, ...]
    read_rows: Callable[[Picks, bool], Rows]  # the second: line by line, without trust in the file's shape
    not_a_header: Problem | None = None  # what to say of the first line where columns are not found in it


def rows_elsewhere(picks: Picks, carefully: bool) -> Rows:
    """In place of a reading, for a table whose rows stay on their cluster; only its headers are used."""
    raise NotImplementedError("the rows stay on their cluster")
