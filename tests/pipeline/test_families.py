"""Accounts whose members fall into different parts of a run: the same bytes as in one, and the same values on DuckDB and in SQL."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from custier.errors import DataError
from custier.export import Asked, export_sql
from custier.pipeline import Request, classify_files
from custier.rubric.load import load_rubric

GATHER, POPULATION = (import_module(f"custier.pipeline.{name}") for name in ("gather", "population"))
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
MONTHS = (date(2025, 11, 30), date(2025, 12, 31))
ANSWERS = ("labels.parquet", "labels.csv", "changes.csv", "evidence.parquet", "rejected.csv", "summary.json")

FAMILIES = """
rubric: families
sources: {transactions: {}, members: {parent: 户主}}
accounts: {parent: {source: members, column: parent}}
metrics:
  mean_order: {formula: "round(average_order, 2)"}
  per_head: {mean_of_members: spend}
  orders_together: {sum_of_members: orders}
  usual: {mean_of_members: mean_order}
  part: {share_of_total: orders_together}
  against_the_others: {formula: spend / per_head}
tiers:
  - {name: V, top: 10%, by: per_head}
  - {name: A, when: spend >= 20_000 or per_head >= 15_000 and members > 1}
  - {name: B, when: orders_together >= 9 and against_the_others < 3}
  - {name: C}
rules:
  - {name: alone, when: members = 1, down: 1}
  - {name: family, when: members between 2 and 12, inherit: best}
flags: {large: members >= 4, usual: usual > 2_000}
guardrails: {moved_at_most: 100%}
"""


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Purchases of 300 customers, and trees of households: most members have a parent, some no row at all,
    neither of members nor of purchases."""
    draw, folder = random.Random(5), tmp_path_factory.mktemp("families")
    names = [f"客户{n}" for n in range(300)]
    days = [date.fromordinal(date(2025, 1, 1).toordinal() + n) for n in range(365)]
    bought = [(draw.choice(names), draw.choice(days), f"O{n // 2}", draw.randrange(-3_000, 2_000_000) / 100) for n in range(1500)]
    bought += [(name, date(2025, 1, 1), f"o{n}", 1.0) for n, name in enumerate(names)]
    parents = [(name, date(2025, 1, 1), names[draw.randrange(n)]) for n, name in enumerate(names) if n > 60 and draw.random() < 0.7]
    parents += [(name, date(2025, 12, 5), draw.choice([names[0], None])) for name in names[250:260]]
    silent = set(names[7::20])  # heads and members between them and others who bought nothing, but are listed
    parents += [(name, date(2025, 1, 1), None) for name in sorted(silent - {child for child, _, _ in parents})]
    bought = [row for row in bought if row[0] not in silent]
    tables = {
        "transactions": pl.DataFrame(bought, schema=["customer", "date", "order", "amount"], orient="row"),
        "members": pl.DataFrame(parents, schema=["customer", "date", "户主"], orient="row"),
    }
    tables["transactions"] = tables["transactions"].with_columns(pl.col("amount").cast(pl.Decimal(18, 2)))
    for name, frame in tables.items():
        frame.write_parquet(folder / f"{name}.parquet")
    (folder / "families.yaml").write_text(FAMILIES, encoding="utf-8")
    return {path.stem: path for path in folder.iterdir()}


def classified(exports: dict[str, Path], store: Path, as_of: date, rows_kept: int = 10**9, engine: str = "polars") -> Path:
    sources = (("members", str(exports["members"])),)
    asked = Request((str(exports["transactions"]),), str(exports["families"]), sources, store, NOW.date(), NOW, as_of=as_of)
    told = classify_files(Request(**{**vars(asked), "most_rows_kept": rows_kept, "engine": engine}))
    assert told.directory is not None and not list((store / "families" / ".staging").iterdir())
    return Path(told.directory)


def test_members_of_an_account_may_fall_into_different_parts(
    exports: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = [classified(exports, tmp_path / "whole", month, rows_kept=0) for month in MONTHS]
    labels = pl.read_parquet(expected[1] / "labels.parquet")
    assert labels["tier"].n_unique() == 4 and labels["members"].max() > 10 and labels["change"].n_unique() >= 3
    assert len(labels) == 285 and len(set(labels["account"]) - set(labels["customer_id"])) > 2
    monkeypatch.setattr(GATHER, "bucket_count", lambda tables, memory: 7)
    monkeypatch.setattr(POPULATION, "CUSTOMERS_PER_PART", 41)
    for month, whole in zip(MONTHS, expected, strict=True):
        parts = classified(exports, tmp_path / "parts", month, rows_kept=0)
        for name in ANSWERS:
            assert (parts / name).read_bytes().replace(b"parts", b"whole") == (whole / name).read_bytes(), name


def test_duckdb_finds_the_same_accounts(exports: dict[str, Path], tmp_path: Path) -> None:
    expected, found = (classified(exports, tmp_path / engine, MONTHS[1], engine=engine) for engine in ("polars", "duckdb"))
    for frame in ("labels.parquet", "evidence.parquet"):
        assert_frame_equal(pl.read_parquet(found / frame), pl.read_parquet(expected / frame), check_exact=True)


def test_the_exported_statement_selects_the_same_labels(exports: dict[str, Path], tmp_path: Path) -> None:
    expected = pl.read_parquet(classified(exports, tmp_path / "store", MONTHS[1]) / "labels.parquet").drop("partial_data")
    connection = duckdb.connect()
    for name in ("transactions", "members"):
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM '{exports[name]}'")
    statement = export_sql(load_rubric(exports["families"]).rubric, Asked("duckdb", MONTHS[1], {"transactions": "transactions"}))
    assert_frame_equal(connection.sql(statement).pl(), expected, check_exact=True)


def test_a_parent_who_is_no_customer_stops_a_run_in_parts_too(
    exports: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GATHER, "bucket_count", lambda tables, memory: 7)
    wrong = pl.DataFrame({"customer": ["客户8"], "date": [date(2025, 1, 1)], "户主": ["nobody"]})
    wrong.write_parquet(tmp_path / "members.parquet")
    with pytest.raises(DataError, match=r"CT3312 1 customer .* 客户8 → nobody"):
        classified({**exports, "members": tmp_path / "members.parquet"}, tmp_path / "store", MONTHS[1], rows_kept=0)
