"""Files that hold the same rows in other words: a month exported twice, as CSV and as a workbook, or with its dates written otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from custier.rubric.columns import RECORDS

LEAST_ROWS = 2
"""A single row may well be like that of another file."""


def twin_files(kept: Mapping[str, pl.LazyFrame]) -> Iterator[tuple[str, str]]:
    """Good rows of each source (file, customer_id, date_day, amount) → pairs of files whose customers, days and amounts are the same.

    The rows of each file are one sum of hashes, so that their order does not matter. Records of customers are alike as a rule.
    """
    for source, rows in kept.items():
        schema = rows.collect_schema()
        names = [name for name in ("customer_id", "date_day", "amount") if name in schema]
        if source in RECORDS or not {"file", "date_day"} <= set(schema):
            continue
        contents = rows.group_by("file").agg(pl.len().alias("rows"), content=pl.struct(names).hash().sum()).sort("file")
        alike = contents.filter(pl.col("rows") >= LEAST_ROWS).group_by("rows", "content", maintain_order=True).agg("file").collect()
        for files in alike["file"]:
            yield from ((files[0], other) for other in files[1:])
