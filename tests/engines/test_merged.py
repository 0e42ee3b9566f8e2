"""Merged customers and their accounts, two months on a cluster: the same labels, evidence, account of rows and table of merges as on Polars."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from custier.explain import explain_customer
from custier.pipeline import Request, classify_files
from custier.values import Summary

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
MONTHS = (date(2025, 11, 30), date(2025, 12, 31))
MERGES = {"C1": "C2", "C2": "C30", "C7": "C30", "gone": "C40"}
POLICY = """
rubric: merged
sources: {transactions: {}, members: {}, merges: {optional: true}}
merge: {source: merges}
accounts: {parent: {source: members, column: parent}}
metrics: {together: {sum_of_members: spend}}
tiers: [{name: V, when: together >= 90_000}, {name: A, when: spend >= 40_000}, {name: B}]
rules: [{name: family, when: members > 1, inherit: best}]
guardrails: {moved_at_most: 100%, customers_drop_at_most: 100%, missing_months_at_most: off, silent_days_at_most: off, restated_at_most: off}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place, draw = tmp_path_factory.mktemp("merged"), random.Random(4)
    names = [f"C{n}" for n in range(45)] + ["gone"]
    bought = [(draw.choice(names), date(2025, draw.randrange(1, 12), 3), Decimal(draw.randrange(2_000_000)) / 100) for _ in range(300)]
    rows: dict[str, tuple[list[Any], dict[str, Any]]] = {
        "transactions": (
            bought + [(name, date(2025, 1, 1), Decimal(1)) for name in names],
            {"customer": pl.String(), "date": pl.Date(), "amount": pl.Decimal(18, 2)},
        ),
        "members": (
            [(f"C{n}", draw.choice(["C1", "C7", "C41", "C44", "head"])) for n in range(10, 40, 2)] + [("head", None)],
            {"customer": pl.String(), "parent": pl.String()},
        ),
        "merges": (
            list(MERGES.items()),
            {"customer": pl.String(), "into": pl.String()},
        ),
    }
    for name, (found, schema) in rows.items():
        pl.DataFrame(found, schema=schema, orient="row").write_parquet(place / f"{name}.parquet")
    (place / "merged.yaml").write_text(POLICY, encoding="utf-8")
    return place


def two_months(folder: Path, store: Path, **engine: Any) -> list[Summary]:
    """In the first month nobody knows yet who is one."""
    summaries = []
    for month, known in zip(MONTHS, (("members",), ("members", "merges")), strict=True):
        sources = tuple((name, str(folder / f"{name}.parquet")) for name in known)
        transactions = (str(folder / "transactions.parquet"),)
        summaries.append(
            classify_files(Request(transactions, str(folder / "merged.yaml"), sources, store, NOW.date(), NOW, month, **engine))
        )
    return summaries


def table(summary: Summary, name: str) -> pl.DataFrame:
    path = Path(str(summary.directory)) / name
    return pl.read_parquet(sorted(path.glob("*.parquet")) if path.is_dir() else path)


@pytest.mark.parametrize("engine", ["on_duckdb", pytest.param("on_spark", marks=pytest.mark.spark)])
def test_those_who_are_one_are_one_on_every_engine(engine: str, folder: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    found = two_months(folder, tmp_path / engine, **request.getfixturevalue(engine))
    expected = two_months(folder, tmp_path / "polars")
    for here, there in zip(found, expected, strict=True):
        for name in ("labels.parquet", "evidence.parquet"):
            assert_frame_equal(table(here, name), table(there, name), check_exact=True)
        assert here.accounts == there.accounts and here.orphans == there.orphans
    assert_frame_equal(table(found[1], "merges.parquet"), table(expected[1], "merges.parquet"))
    assert found[1].accounts[0].merged > 10 and table(found[1], "labels.parquet")["tier"].n_unique() == 3
    told, wanted = (explain_customer(tmp_path / store, "C1", rows=True) for store in (engine, "polars"))
    assert told == wanted and told.customer_id == "C30" and told.merged == ["C1", "C2", "C7"]
