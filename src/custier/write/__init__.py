"""Frames to files, whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from custier.store.disk import private_directory, saving, sync_directory, whole_file
from custier.store.json_text import json_bytes
from custier.write.chunks import ROWS_PER_GROUP, Output, told_by_polars, write_together

__all__ = [
    "ROWS_PER_GROUP",
    "Output",
    "copy_out",
    "told_by_polars",
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


def copy_out(run_directory: Path, out: Path, names: Sequence[str]) -> list[Path]:
    """Put flat copies of a run's files (those of `names` it has) into `out`, each replaced in one step. Raises OutputError."""
    with saving(out):
        if not out.is_dir():
            private_directory(out)
    originals = [run_directory / name for name in names if (run_directory / name).is_file()]
    for original in originals:
        with whole_file(out / original.name) as file, original.open("rb") as content:
            shutil.copyfileobj(content, file)
    with saving(out):
        sync_directory(out)
    return [out / original.name for original in originals]


@contextmanager
def _frame_file(path: Path) -> Iterator[BinaryIO]:
    with whole_file(path) as file, told_by_polars():
        yield file
