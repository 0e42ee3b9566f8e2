"""A run's tables for other eyes: customers under pseudonyms, and nothing that could name them otherwise."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import polars as pl

from custier.pseudonyms import Key
from custier.store.disk import whole_path
from custier.write import parts_of
from custier.write.chunks import Output, told_by_polars

CUSTOMERS = ("customer_id", "account")
"""Columns that hold ids of customers."""

TABLES: dict[str, tuple[str, ...]] = {
    "labels": (
        "tier", "previous_tier", "change", "earned_tier", "next_tier", "reasons", "rules", "flags", "benefits", "actions", "reason_codes",
    ),
    "changes": ("change", "previous_tier", "tier", "steps", "cause"),
    "actions": ("tier", "action", "text", "text_zh", "owner", "due"),
    "rejected": ("source", "file", "line", "column", "code", "message"),
}  # fmt: skip
"""Of each table that may be shared, the texts that the rubric or custier wrote. Any other text could be a name."""


def write_shared(run: Path, to: Path, key: Key, also: Collection[str], never: Collection[str]) -> list[str]:
    """Writes each table of a run, as far as it may be shared, into the folder `to` as Parquet, in the order of the pseudonyms.

    also: further columns of texts that the rubric wrote, such as segments. never: columns that may hold values of the data after all.
    Returns the columns left out, as `labels.name`. Raises OutputError.
    """
    left_out: list[str] = []
    for name, texts in TABLES.items():
        table = _opened(run, name)
        if table is None:
            continue
        schema = table.collect_schema()
        kept = [c for c in schema if c not in never and (c in (*CUSTOMERS, *texts, *also) or schema[c] != pl.String())]
        left_out += [f"{name}.{column}" for column in schema if column not in kept]
        _write(table.select(kept), to / f"{name}.parquet", key)
    return left_out


def _opened(run: Path, name: str) -> pl.LazyFrame | None:
    """A table of a run, in parts or whole; a text of what is kept as CSV only stays as it is."""
    if parts := parts_of(run / f"{name}.parquet"):
        return pl.scan_parquet(parts, glob=False)
    file = run / f"{name}.csv"
    return pl.scan_csv(file, infer_schema=False, glob=False) if file.is_file() else None


def _write(table: pl.LazyFrame, path: Path, key: Key) -> None:
    """In the order of the pseudonyms, since that of the ids would tell much of them."""
    ids = [column for column in CUSTOMERS if column in table.collect_schema()]
    renamed = table.with_columns(pl.col(column).map_batches(_names(key), return_dtype=pl.String(), is_elementwise=True) for column in ids)
    ordered = renamed.sort("customer_id", maintain_order=True) if "customer_id" in ids else renamed
    with whole_path(path) as to, told_by_polars():
        Output(path, lambda made: made).write(ordered, to)


def _names(key: Key) -> Callable[[pl.Series], pl.Series]:
    def named(ids: pl.Series) -> pl.Series:
        made: Sequence[str | None] = [None if name is None else key.pseudonym(name) for name in ids.to_list()]
        return pl.Series(ids.name, made, dtype=pl.String())

    return named
