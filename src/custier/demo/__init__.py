"""A made-up company's exports, and the commands that grade them for two months."""

from __future__ import annotations

import shutil
from importlib.resources import as_file, files
from pathlib import Path

RUBRIC = "weighted-grade"
MOVED = "C0018"
"""A customer of the sample that moves in the second month."""


def write_demo(directory: Path) -> list[tuple[str, ...]]:
    """Writes the sample exports into a directory; returns the custier commands to run on them, in order."""
    exports = directory / "exports"
    exports.mkdir(parents=True, exist_ok=True)
    with as_file(files(__package__) / "data") as data:
        for sample in sorted(data.glob("*.csv")):
            shutil.copyfile(sample, exports / sample.name)
    august = [exports / "sales-2023-09-to-2025-08.csv"]
    september = [*august, exports / "sales-2025-09.csv"]
    return [
        _classify(directory, august, "2025-08", "2025-08-31"),
        _classify(directory, september, "2025-09", "2025-09-30"),
        ("explain", MOVED, "--store", str(directory / "store")),
    ]


def _classify(directory: Path, sales: list[Path], month: str, as_of: str) -> tuple[str, ...]:
    exports = directory / "exports"
    sources = [f"invoices={exports / f'invoices-{month}.csv'}", f"surveys={exports / 'surveys.csv'}"]
    tables = [word for source in sources for word in ("--source", source)]
    return ("classify", *map(str, sales), *tables, "--rubric", RUBRIC, "--as-of", as_of, "--store", str(directory / "store"))
