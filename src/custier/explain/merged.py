"""Which customers a run counts under another id."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from custier.explain.kept import Kept


def merged_into(kept: Kept, customer_id: str) -> str:
    """The id under which a customer is counted, mostly its own."""
    found = _merges(kept.merges, pl.col("customer_id") == customer_id)
    return str(found["into"][0]) if len(found) else customer_id


def merged_ids(kept: Kept, customer_id: str) -> list[str]:
    """The ids that are counted under this one."""
    return _merges(kept.merges, pl.col("into") == customer_id)["customer_id"].to_list()


def _merges(path: Path | None, wanted: pl.Expr) -> pl.DataFrame:
    if path is None:
        return pl.DataFrame(schema={"customer_id": pl.String(), "into": pl.String()})
    return pl.scan_parquet(path, glob=False).filter(wanted).collect()
