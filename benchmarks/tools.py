"""The tools that are compared, each as the command that writes PLACE/labels.parquet."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
RUBRIC = HERE / "rubric.yaml"
AS_OF = "2025-12-31"
LABELS = "labels.parquet"
MOST_ROWS = {"pandas": 10_000_000}
"""Above this a tool is not run: its frames would not fit the memory of a small machine."""

Command = list[str | Path]


def custier(source: str, place: Path, memory: str | None = None) -> Command:
    """The whole of custier: a run in a store of its own, and the labels as Parquet beside it."""
    command: Command = [sys.executable, "-m", "custier", "classify", source, "--rubric", RUBRIC, "--as-of", AS_OF]
    command += ["--store", place / "store", "--format", "parquet", "--out", place]
    return command + (["--memory", memory] if memory else [])


def _by_hand(script: str) -> Callable[[str, Path, str | None], Command]:
    return lambda source, place, memory=None: [sys.executable, HERE / "by_hand" / script, source, place / LABELS]


TOOLS: dict[str, Callable[[str, Path, str | None], Command]] = {
    "custier": custier,
    "duckdb": _by_hand("duckdb_sql.py"),
    "polars": _by_hand("polars_lazy.py"),
    "pandas": _by_hand("pandas_frame.py"),
}
