"""The engines that run the same middle: Polars reads whatever was exported, DuckDB grades it too, Spark reads typed tables."""

from __future__ import annotations

ENGINES = ("polars", "duckdb", "spark")
