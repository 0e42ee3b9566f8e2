"""Frames to files, whole or not at all."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from custier.store.disk import private_directory, saving, sync_directory, whole_file, whole_path
from custier.store.json_text import json_bytes
from custier.write.chunks import ROWS_PER_GROUP, Output, told_by_polars, worked_out, write_together
from custier.write.few import few_in, with_few

Headings = Callable[[list[str]], list[str]]

__all__ = [
    "ROWS_PER_GROUP",
    "Output",
    "copy_out",
    "parts_of",
    "told_by_polars",
    "worked_out",
    "write_as_one",
    "write_csv",
    "write_json",
    "write_parquet",
    "write_text",
    "write_together",
]


def write_csv(frame: pl.DataFrame, path: Path) -> None:
    """Write UTF-8, LF, no BOM; decimals plain, dates ISO, missing empty. Raises OutputError."""
    with _frame_file(path) as file:
        frame.write_csv(file, line_terminator="\n", include_bom=False)


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Write Parquet in small row groups with statistics, so that one id of a sorted column is found quickly. Raises OutputError."""
    with _frame_file(path) as file:
        frame.write_parquet(file, compression="zstd", statistics=True, row_group_size=ROWS_PER_GROUP)


def write_json(value: Any, path: Path) -> None:
    """Write dataclasses, dates and decimals (exact, as numbers) as indented JSON in the order given. Raises OutputError."""
    with whole_file(path) as file:
        file.write(json_bytes(value))


def write_text(text: str, path: Path) -> None:
    """Write UTF-8 as it is. Raises OutputError."""
    with whole_file(path) as file:
        file.write(text.encode())


def copy_out(run_directory: Path, out: Path, names: Sequence[str], headings: Headings = list) -> list[Path]:
    """Put flat copies of a run's files (those of `names` it has) into `out`, each replaced in one step. Raises OutputError.

    A table that the run keeps in Parquet only is written as CSV where `names` has it so; one that it keeps in parts becomes one file.
    headings: what the columns of a CSV or a workbook are called in the copy.
    """
    with saving(out):
        if not out.is_dir():
            private_directory(out)
        for left in (part for name in names for part in out.glob(f".{name}.*.part")):  # by a run that was killed
            left.unlink(missing_ok=True)
    copies = [out / name for name in names if _copied(run_directory / name, out / name, headings)]
    with saving(out):
        sync_directory(out)
    return copies


def _copied(original: Path, copy: Path, headings: Headings) -> bool:
    parts = parts_of(original.with_suffix(".parquet"))
    if original.is_file() and not (copy.suffix == ".xlsx" and _are_renamed(parts, headings)):
        with whole_file(copy) as file, original.open("rb") as content:
            file.write(_head(content, headings) if copy.suffix == ".csv" else b"")
            shutil.copyfileobj(content, file)
    elif parts:
        named = _renamed(headings) if copy.suffix != ".parquet" else (lambda table: table)
        write_as_one(parts, copy, named)
    else:
        return False
    return True


def _are_renamed(parts: list[Path], headings: Headings) -> bool:
    names = pl.scan_parquet(parts, glob=False).collect_schema().names()
    return headings(names) != names


def _head(content: BinaryIO, headings: Headings) -> bytes:
    """The first line of a CSV with its columns called otherwise."""
    names = next(csv.reader([content.readline().decode()]), [])
    line = StringIO()
    csv.writer(line, lineterminator="\n").writerow(headings(names))
    return line.getvalue().encode()


def _renamed(headings: Headings) -> Callable[[pl.LazyFrame], pl.LazyFrame]:
    def renamed(table: pl.LazyFrame) -> pl.LazyFrame:
        names = table.collect_schema().names()
        return table.rename(dict(zip(names, headings(names), strict=True)))

    return renamed


def parts_of(table: Path) -> list[Path]:
    """The Parquet files that a table was written as, in order: itself, or the parts in a directory of its name; none if it is not there."""
    return sorted(table.glob("part-*.parquet")) if table.is_dir() else [table] * table.is_file()


def write_as_one(parts: list[Path], path: Path, columns: Callable[[pl.LazyFrame], pl.LazyFrame] = lambda table: table) -> None:
    """Write Parquet files that follow one another as one table in bounded memory: CSV, Parquet or a workbook, by its suffix.

    Raises OutputError.
    """
    with whole_path(path) as to, told_by_polars():
        table = columns(pl.scan_parquet(parts, glob=False))
        Output(path, columns).write(with_few(table, few_in(table)), to)


@contextmanager
def _frame_file(path: Path) -> Iterator[BinaryIO]:
    with whole_file(path) as file, told_by_polars():
        yield file
