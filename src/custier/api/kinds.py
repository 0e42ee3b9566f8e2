"""The kinds of tables that come in: how each becomes a frame that Polars reads, and how labels become that kind again."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

from custier.errors import Problem, UsageError

NOT_IN_POLARS = ("interval", "union")
"""Of DuckDB's types; what needs such a column cannot use it."""


@dataclass(frozen=True)
class Table:
    """A table as it came in. frame: its columns under their positions, 0, 1, …, without those of types that Polars does not have."""

    header: tuple[str, ...]
    frame: pl.DataFrame | pl.LazyFrame


@dataclass(frozen=True)
class Kind:
    """A kind of table. give: a Polars frame, and a table that it should be like."""

    library: str
    name: str
    read: Callable[[Any], Table]
    give: Callable[[pl.DataFrame, Any], Any]


def kind_of(native: Any, where: str = "transactions") -> Kind:
    """The kind of a table; raises UsageError (CT1930)."""
    for kind in KINDS:
        library = sys.modules.get(kind.library)
        if library is not None and isinstance(native, getattr(library, kind.name)):
            return kind
    known = ", ".join(f"{kind.library} {kind.name}" for kind in KINDS)
    what = f"a {type(native).__qualname__} is no table that custier reads"
    raise UsageError(Problem("CT1930", what, where, f"give a path, or one of {known}, pyspark DataFrame"))


def _read_polars(native: pl.DataFrame | pl.LazyFrame) -> Table:
    header = tuple(native.collect_schema().names())
    return Table(header, native.select(pl.col(name).alias(str(at)) for at, name in enumerate(header)))


def _read_pandas(native: Any) -> Table:
    series = (native.iloc[:, at] for at in range(native.shape[1]))
    return _of_columns([str(name) for name in native.columns], {at: _held(pl.from_pandas, each) for at, each in enumerate(series)})


def _read_arrow(native: Any) -> Table:
    return _of_columns(native.column_names, {at: _held(pl.from_arrow, each) for at, each in enumerate(native.columns)})


def _held(convert: Callable[[Any], Any], column: Any) -> pl.Series | None:
    """A column for Polars; None where its cells are of several types, or of one that Polars does not have."""
    if "interval" in str(column.dtype if hasattr(column, "dtype") else column.type):
        return None
    try:
        held: pl.Series = convert(column)
    except (TypeError, ValueError, NotImplementedError, pl.exceptions.PolarsError):
        return None
    return held


def _of_columns(header: list[str], columns: dict[int, pl.Series | None]) -> Table:
    return Table(tuple(header), pl.DataFrame([held.alias(str(at)) for at, held in columns.items() if held is not None]))


def _read_duckdb(native: Any) -> Table:
    import duckdb

    header = tuple(native.columns)
    known = [at for at, held in enumerate(native.types) if held.id not in NOT_IN_POLARS]
    if len(known) < len(native.types):
        native = native.select(*(duckdb.ColumnExpression(native.columns[at]) for at in known))
    frame = native.pl(lazy=True)
    names = frame.collect_schema().names()
    return Table(header, frame.select(pl.col(name).alias(str(at)) for at, name in zip(known, names, strict=True)))


def _give_duckdb(frame: pl.DataFrame, like: Any) -> Any:
    """A relation of the connection that the table came from, over a frame in memory: nothing is made in its database."""
    custier__frame = frame.to_arrow()  # noqa: F841 — DuckDB finds it by its name
    return like.query("custier__given", "SELECT * FROM custier__frame")


KINDS = (
    Kind("polars", "DataFrame", _read_polars, lambda frame, _: frame),
    Kind("polars", "LazyFrame", _read_polars, lambda frame, _: frame.lazy()),
    Kind("pandas", "DataFrame", _read_pandas, lambda frame, _: frame.to_pandas(use_pyarrow_extension_array=True)),
    Kind("pyarrow", "Table", _read_arrow, lambda frame, _: frame.to_arrow()),
    Kind("duckdb", "DuckDBPyRelation", _read_duckdb, _give_duckdb),
)
"""Libraries are never imported for this: whoever has such a table has imported its library."""
