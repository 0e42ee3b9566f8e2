"""Texts that have few values, held as numbers of those values while they are written: a file is the same and takes half the time.

Where the first rows have few and later ones many, its bytes differ from those of texts, but never from run to run.
"""

from __future__ import annotations

from io import BytesIO

import polars as pl

from custier.values import FEW_VALUES

ROWS_LOOKED_AT = 50_000
LEAST_ROWS_A_VALUE = 10


def with_few(table: pl.LazyFrame, few: list[str]) -> pl.LazyFrame:
    """The table with these texts as numbers of their values."""
    return table.with_columns(pl.col(few).cast(pl.Categorical)) if few else table


def few_in(table: pl.LazyFrame) -> list[str]:
    """The columns of FEW_VALUES that have few in the first rows; what has many would be held in memory to the end, every value once."""
    schema = table.collect_schema()
    first = table.select(name for name in FEW_VALUES if schema.get(name) == pl.String).head(ROWS_LOOKED_AT).collect()
    return [column.name for column in first if column.n_unique() * LEAST_ROWS_A_VALUE <= len(first)]


def told_as_texts(schema: pl.Schema) -> dict[str, str]:
    """What a Parquet file with such columns says of itself, so that whoever reads it sees texts."""
    empty = BytesIO()
    pl.DataFrame(schema={name: pl.String() if dtype == pl.Categorical else dtype for name, dtype in schema.items()}).write_parquet(empty)
    empty.seek(0)
    return {name: said for name, said in pl.read_parquet_metadata(empty).items() if name == "ARROW:schema"}
