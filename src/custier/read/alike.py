"""Rows that are seen only beside others: alike in every column, or of an order or of days that stand in several files."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import polars as pl

from custier.read.export import HELD, Export
from custier.read.overlap import on_days_of_a_later_file
from custier.rubric.columns import fold
from custier.rubric.source import Source
from custier.rubric.suspects import action_of, mark
from custier.values import InputFile

CELL_OF_ROW = "cell of row "
"""Before the number of a header: its cell, taken only to tell rows apart."""

MOST_BYTES, MOST_ROWS = 256 << 20, 2_000_000
"""Up to here rows that stand twice are counted unasked; above, where a key of the source drops or rejects them."""

FILE_NUMBER = "number of file "
LEFT_OUT = "left out "
SEEDS = (0, 1 << 32)
"""Two hashes of 64 bits, so that rows that differ are never taken for alike."""


def wants_whole_rows(spec: Source, export: Export) -> bool:
    """Whether every column is picked: always of files, of whose rows only those that need it are read whole; of tables when asked."""
    return export.file.bytes > 0 or action_of(spec, "duplicates") != "keep"


def whole_row(header: Sequence[str]) -> dict[str, int]:
    """Every column of an export as a pick; columns in another order are the same row."""
    return {f"{CELL_OF_ROW}{n}": at for n, at in enumerate(by_name(header))}


def by_name(header: Sequence[str]) -> list[int]:
    """The places of the headers in the order of their names."""
    return sorted(range(len(header)), key=lambda at: (fold(header[at]), header[at], at))


def is_of_row(column: str) -> bool:
    return column.removeprefix(HELD).startswith(CELL_OF_ROW)


def fingerprint(frame: pl.LazyFrame, header: Sequence[str]) -> list[pl.Expr]:
    """Columns that are equal for rows alike in every column of exports with the same headers; none where those were not picked."""
    schema = frame.collect_schema()
    cells = [pl.col(name).fill_null("") if dtype == pl.String() else pl.col(name) for name, dtype in schema.items() if is_of_row(name)]
    if not cells:
        return []
    of_headers = crc32("\n".join(sorted(map(fold, header))).encode())
    return [pl.struct(*cells).hash(of_headers + seed).alias(f"{CELL_OF_ROW}hash {seed}") for seed in SEEDS]


def with_repeats(frame: pl.LazyFrame, spec: Source, rows: int, files: Sequence[InputFile]) -> pl.LazyFrame:
    """Rows with their fingerprints and the number of their file, in that order → the same with marks of what stands twice, as far as it
    is looked for."""
    names = frame.collect_schema().names()
    hashes = [name for name in names if is_of_row(name)]
    few = rows <= MOST_ROWS
    if len(files) > 1 and "order" in names and (few or action_of(spec, "same_order") != "keep"):
        frame = frame.with_columns(_in_several_files(spec, names).alias(mark("same_order")))
    if len(files) > 1 and "date_day" in names and (few or action_of(spec, "overlaps") != "keep"):
        frame = on_days_of_a_later_file(frame, FILE_NUMBER)
    if hashes and ((few and 0 < sum(file.bytes for file in files) <= MOST_BYTES) or action_of(spec, "duplicates") != "keep"):
        frame = frame.with_columns(_is_again(hashes, frame.collect_schema().names(), spec).alias(mark("duplicates")))
    return frame.drop(*hashes, FILE_NUMBER, strict=False)


def _is_again(hashes: Sequence[str], names: Sequence[str], spec: Source) -> pl.Expr:
    """Whether a row is like an earlier one; one that a later file stands for is neither, or both of two copies would be left out."""
    keys = [key for key in ("same_order", "overlaps") if mark(key) in names and action_of(spec, key) == "exclude"]
    left_out = pl.any_horizontal(mark(key) for key in keys) if keys else pl.lit(False)
    return ~pl.struct(*hashes, left_out.alias(LEFT_OUT)).is_first_distinct() & ~left_out


def _in_several_files(spec: Source, names: Sequence[str]) -> pl.Expr:
    """Whether an order stands in several files; where the last one counts, only the rows of those before it are marked.

    A file that has nothing but refunds of an order does not tell it again: they belong to what was sold before.
    """
    file, of_order = pl.col(FILE_NUMBER), pl.col("order").is_not_null()
    again = file if "amount" not in names else pl.when(~(pl.col("amount") < 0).fill_null(False)).then(file)
    last = pl.coalesce(again.max().over("order"), file.max().over("order"))
    if action_of(spec, "same_order") == "exclude":
        return of_order & (file < last)
    return of_order & (file.min().over("order") < last)
