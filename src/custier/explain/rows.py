"""The source rows behind a customer's grade."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

FIRST = ("source", "file", "line", "date")


def source_rows(directory: Path, stable: dict[str, Any], customer_id: str) -> list[dict[str, Any]]:
    """Every stored row of this customer up to the as-of date: source, file, line, date, counted, then its columns as in the export."""
    found = []
    for source, kinds in stable["columns"].items():
        rows = pl.scan_parquet(directory / "rows" / f"{source}.parquet", glob=False).filter(pl.col("customer_id") == customer_id).collect()
        found += [_row(source, row, kinds) for row in rows.iter_rows(named=True)]
    return found


def _row(source: str, row: dict[str, Any], kinds: dict[str, dict[str, Any]]) -> dict[str, Any]:
    told = {"source": source} | {name: row[name] for name in FIRST if name in row}
    return told | {name: _value(row[name], kinds.get(name, {})) for name in row if name not in (*FIRST, "customer_id")}


def _value(value: Any, kind: dict[str, Any]) -> Any:
    if value is None or kind.get("type") not in ("number", "money"):
        return value
    exactly = Decimal(value).scaleb(-kind["scale"])
    return exactly if kind["type"] == "money" else exactly.normalize() + 0
