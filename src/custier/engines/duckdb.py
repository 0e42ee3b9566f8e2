"""DuckDB: typed Parquet files and tables in one process that spills to disk."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import narwhals as nw

from custier.engines.typed_rows import Typed, iso_text, moment, typed_rows
from custier.errors import InputError, Problem, UsageError
from custier.frames import Frame

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ROWS_PER_GROUP = 50_000
DAY_US = 86_400_000_000
_names = count()


def open_duckdb(directory: Path | None = None, memory_bytes: int | None = None, threads: int | None = None) -> DuckDBPyConnection:
    """A connection of its own, spilling to `directory`; raises UsageError (CT1920) where DuckDB is not installed."""
    try:
        import duckdb
        import pyarrow  # noqa: F401 — frames go through Arrow
    except ImportError:
        raise UsageError(Problem("CT1920", "the engine duckdb is not installed", "--engine", "pip install 'custier[duckdb]'")) from None
    settings: dict[str, Any] = {"preserve_insertion_order": False}
    settings |= {"temp_directory": str(directory)} if directory else {}
    settings |= {"memory_limit": f"{memory_bytes}B"} if memory_bytes else {}
    settings |= {"threads": threads} if threads else {}
    return duckdb.connect(":memory:", config=settings)


def open_parquet(connection: DuckDBPyConnection, paths: Sequence[Path]) -> Frame:
    """Parquet files, or directories of them, as one table; raises InputError (CT2402)."""
    import duckdb

    files = [str(p / "**" / "*.parquet") if p.is_dir() else str(p) for p in paths]
    try:
        return _framed(connection.read_parquet(files, union_by_name=True))
    except duckdb.Error:
        where = ", ".join(str(p) for p in paths)
        raise InputError(Problem("CT2402", "cannot be read as Parquet by duckdb", where, "check the path, and export it again")) from None


def rows(frame: Frame, typed: Typed) -> Frame:
    """A typed table → rows as `typed_rows` gives them."""
    return typed_rows(frame, typed, _with_moments)


def _with_moments(frame: Frame, headers: Sequence[str]) -> Frame:
    schema, relation = frame.collect_schema(), frame.to_native()
    added = [sql for h in headers for sql in _moments(h, schema[h])]
    return _framed(relation.project(", ".join(["*", *added]))) if added else frame


def _moments(header: str, dtype: nw.dtypes.DType) -> list[str]:
    """The Date, the day and the microseconds of a header; a time with a zone is taken in UTC, as Parquet keeps it."""
    us = f"epoch_us({_quoted(header)})"
    if isinstance(dtype, nw.String):
        us = f"epoch_us(TRY_CAST({_quoted(iso_text(header))} AS TIMESTAMP))"
    elif dtype == nw.Datetime("ns"):
        us = f"(epoch_ns({_quoted(header)}) // 1000)"
    day = f"(({us} - (({us} % {DAY_US}) + {DAY_US}) % {DAY_US}) // {DAY_US})::BIGINT"
    made = {"": f"DATE '1970-01-01' + ({day})::INTEGER", "_day": day, "_us": f"{us}::BIGINT"}
    return [f"{sql} AS {_quoted(moment(header, part))}" for part, sql in made.items()]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def hold(connection: DuckDBPyConnection, frame: Frame) -> Frame:
    """The frame, worked out once into a temporary table."""
    name = f"custier_held_{next(_names)}"
    frame.to_native().create(name)
    return _framed(connection.table(name))


def release(connection: DuckDBPyConnection, frame: Frame) -> None:
    """Give back what `hold` keeps."""
    connection.execute(f"DROP TABLE IF EXISTS {frame.to_native().alias}")


def write_parquet(frame: Frame, path: Path) -> None:
    """Write a sorted frame to one file, in small row groups, without having all of it in memory."""
    frame.to_native().write_parquet(str(path), compression="zstd", row_group_size=ROWS_PER_GROUP)


def _framed(relation: object) -> Frame:
    frame: Frame = nw.from_native(relation)
    return frame
