"""The engines that run the same middle: Polars reads whatever was exported, DuckDB and Spark read typed tables; each brings an extra."""

from __future__ import annotations

ENGINES = ("polars", "duckdb", "spark")
