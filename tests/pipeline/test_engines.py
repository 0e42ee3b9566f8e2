"""DuckDB grades whatever Polars reads, in memory or in parts: the same bytes in every file of a run."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest

from custier.pipeline import Request, classify_files
from custier.pipeline.engine import ENGINES

GATHER, ON_DUCKDB, GRADING = (import_module(f"custier.pipeline.{name}") for name in ("gather", "on_duckdb", "grading"))
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
MONTHS = (date(2025, 11, 30), date(2025, 12, 31))
FILES = ("labels.parquet", "labels.csv", "changes.csv", "evidence.parquet", "rejected.csv", "summary.json", "explain.json")
RUBRIC = """
rubric: messy
metrics:
  part: {share_of_total: spend}
  years: {years_at_tier: A}
  kinds: {count_distinct: category}
tiers: [{name: A, top: 20%, by: spend}, {name: B, when: kinds > 1 or years > 0}, {name: C}]
guardrails: {moved_at_most: 100%, rejected_at_most: 10%}
"""


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CSV as exports are: two forms of numbers, blanks, and rows that are none."""
    draw, path = random.Random(9), tmp_path_factory.mktemp("export") / "sales.csv"
    lines = ["customer;date;amount;order;category"]
    for n in range(3000):
        day = date(2025, 12, 31) - timedelta(draw.randrange(500))
        amount = draw.choice(["20000.00", "+7.5", "-3.10", f"{draw.randrange(10**6) / 100:.2f}"])
        lines.append(f"C{draw.randrange(400):05};{day.isoformat()};{amount};{n // 2};{draw.choice(['a', 'b', ''])}")
    lines += ["C00001;2025-12-01;many;1;a", ";2025-12-01;1.00;1;a", "C00002;2025-12-01;1.00;1;a;b"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def answers(folder: Path, export: Path, engine: str, rows_kept: int) -> list[bytes]:
    """Everything that two months leave behind, the second compared with the first."""
    folder.mkdir()
    (folder / "messy.yaml").write_text(RUBRIC, encoding="utf-8")
    asked = Request(
        (str(export),), str(folder / "messy.yaml"), (), folder / "store", NOW.date(), NOW, engine=engine, most_rows_kept=rows_kept
    )
    found: list[bytes] = []
    for as_of in MONTHS:
        run = Path(str(classify_files(replace(asked, as_of=as_of)).directory))
        told = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
        assert told["run"]["engine"] == engine
        found += [(run / name).read_bytes() for name in FILES] + [told["content_id"].encode()]
    assert not list((folder / "store" / "messy" / ".staging").iterdir())
    return found


@pytest.mark.parametrize("rows_kept", [10_000, 0])
@pytest.mark.parametrize("buckets", [1, 5])
def test_a_messy_csv_leaves_the_same_bytes_on_duckdb(
    buckets: int, rows_kept: int, export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = answers(tmp_path / "polars", export, "polars", rows_kept)
    monkeypatch.setattr(GATHER, "bucket_count", lambda sizes, memory: buckets)
    monkeypatch.setattr(ON_DUCKDB, "CUSTOMERS_PER_PART", 150)
    assert answers(tmp_path / "duckdb", export, "duckdb", rows_kept) == expected


def test_duckdb_stays_within_its_part_of_the_memory_and_spills_where_the_run_works(
    export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    monkeypatch.setattr(ON_DUCKDB, "open_duckdb", lambda *how, real=ON_DUCKDB.open_duckdb: opened.append(how) or real(*how))
    (tmp_path / "messy.yaml").write_text(RUBRIC, encoding="utf-8")
    classify_files(
        Request((str(export),), str(tmp_path / "messy.yaml"), (), tmp_path / "store", NOW.date(), NOW, engine="duckdb", memory="2GiB")
    )
    assert opened[1:] == [(tmp_path / "store" / "messy" / ".staging" / "scratch" / "duckdb", 1 << 30)]


def test_every_engine_of_the_command_line_is_there() -> None:
    from custier.engines import ENGINES as NAMES

    assert tuple(ENGINES) == NAMES
