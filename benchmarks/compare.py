"""Whether two labels files grade every customer the same. Run: python benchmarks/compare.py LABELS OTHER"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

CRITERIA = ("spend", "growth", "margin", "orders", "categories", "days_late", "satisfaction")
EXACT = (
    *("tier", "flags", *(f"points_{name}" for name in CRITERIA)),
    *("spend", "spend_before", "profit", "orders", "categories", "longest_delay", "recency_days"),
)
QUOTIENTS = ("growth", "margin", "days_late", "satisfaction")
DIGITS_OF_SCORE = 6
LAST_DIGITS = 1e-12
"""Quotients are there to be read: two ways to divide may differ in a double's last digits."""


def differences(labels: Path, other: Path) -> dict[str, int]:
    """Two labels files → column → how many customers differ in it, without the columns that agree."""
    found = {name: f"a.{name} is distinct from b.{name}" for name in EXACT}
    found["score"] = f"round(a.score, {DIGITS_OF_SCORE}) is distinct from round(b.score, {DIGITS_OF_SCORE})"
    found |= {n: f"(a.{n} is null) != (b.{n} is null) or abs(a.{n} - b.{n}) > {LAST_DIGITS} * (1 + abs(a.{n}))" for n in QUOTIENTS}
    found = {name: f"a.customer_id = b.customer_id and ({differs})" for name, differs in found.items()}
    found["customers"] = "a.customer_id is null or b.customer_id is null"
    counts = ", ".join(f"count(*) filter ({differs}) as {name}" for name, differs in found.items())
    joined = f"select {counts} from read_parquet($a) a full join read_parquet($b) b using (customer_id)"
    with duckdb.connect() as connection:
        row = connection.execute(joined, {"a": str(labels), "b": str(other)}).fetchone() or ()
        twice = [_repeated(connection, path) for path in (labels, other)]
    counted = dict(zip(found, row, strict=True)) | {"repeated": sum(twice)}
    return {name: count for name, count in counted.items() if count}


def _repeated(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    (count,) = connection.execute("select count(*) - count(distinct customer_id) from read_parquet($1)", [str(path)]).fetchone() or (0,)
    return int(count)


def main(labels: str, other: str) -> int:
    """Says `same` or what differs; 1 if anything does."""
    differing = differences(Path(labels), Path(other))
    print(", ".join(f"{name}: {count:,}" for name, count in differing.items()) or "same")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
