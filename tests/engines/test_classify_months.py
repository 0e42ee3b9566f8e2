"""Two months of every rubric that ships, classified from files: the same answer on every engine, however it was stored."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from custier.explain import explain_customer
from custier.pipeline import Request, classify_files
from custier.rubric.load import shipped_text
from custier.store import Store, verify_run
from custier.values import Summary

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
MONTHS = (date(2025, 11, 30), date(2025, 12, 31))
SHIPPED = sorted(path.stem for path in Path("configs").glob("*.yaml"))
HELD = "annual-spend"
"""Lets no customer move, so that its second month is held; the others let everyone."""

MONEY = pl.Decimal(20, 2)
SCHEMAS = {
    "transactions": {"customer": pl.String, "date": pl.Date, "amount": MONEY, "order": pl.Int64, "category": pl.String, "cost": pl.Float64},
    "invoices": {"customer": pl.String, "due date": pl.String, "paid date": pl.Date},
    "surveys": {"customer": pl.String, "date": pl.Datetime("us"), "score": pl.Float64},
}  # fmt: skip
Months = list[Summary]


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, list[str]]]:
    """The exports of each month as Parquet: ties, blanks, a few bad rows; in the second month some customers are gone and some new."""
    draw, folder = random.Random(5), tmp_path_factory.mktemp("exports")

    def day() -> date:
        return date(2025, 12, 31) - timedelta(draw.randrange(900))

    def money() -> Decimal:
        return draw.choice([Decimal(200_000), Decimal("-310.05"), Decimal(0), Decimal(draw.randrange(9_000_000)).scaleb(-2)])

    def bought(who: str, on: date | None = None) -> tuple[Any, ...]:
        return who, on or day(), money(), draw.randrange(900), draw.choice(["a", " b", "", None]), draw.choice([0.1, 250.25, None])

    everyone = [f" 客户{n}" for n in range(150)] + ["gone"]
    rows = {
        "transactions": [bought(draw.choice(everyone)) for _ in range(1200)] + [bought("gone") for _ in range(3)],
        "invoices": [(draw.choice(everyone), day().isoformat(), draw.choice([None, day()])) for _ in range(300)],
        "surveys": [(draw.choice(everyone), datetime.combine(day(), datetime.min.time()), draw.choice([1.0, 4.5])) for _ in range(200)],
    }
    bad = [
        ("", date(2025, 5, 1), Decimal(1), 1, None, None),
        ("C1", date(2027, 1, 1), Decimal(1), 1, None, 1.5),
        ("C2", None, None, 1, None, 0.001),
    ]
    later = [row for row in rows["transactions"] if row[0] != "gone"] + [bought("new", date(2025, 12, 9)) for _ in range(3)] + bad
    return [_written(folder / "november", rows), _written(folder / "december", rows | {"transactions": later})]


def _written(folder: Path, rows: dict[str, list[Any]]) -> dict[str, list[str]]:
    """Each table in two files of a directory, as Spark leaves them."""
    for name, found in rows.items():
        (folder / name).mkdir(parents=True)
        for part, start in enumerate((0, len(found) // 3)):
            half = found[start : len(found) // 3 if part == 0 else None]
            pl.DataFrame(half, schema=SCHEMAS[name], orient="row").write_parquet(folder / name / f"part-{part}.parquet")
    return {name: [str(folder / name)] for name in rows}


def asked(name: str, tables: dict[str, list[str]], store: Path, as_of: date) -> Request:
    rubric = store.parent / f"{name}.yaml"
    limit = "0%" if name == HELD else "100%"
    rubric.write_text(f"{shipped_text(name).split('guardrails:')[0]}guardrails: {{moved_at_most: {limit}}}\n", encoding="utf-8")
    others = tuple((source, path) for source in ("invoices", "surveys") for path in tables[source]) if name == "weighted-grade" else ()
    return Request(tuple(tables["transactions"]), str(rubric), others, store, NOW.date(), NOW, as_of)


@pytest.fixture(scope="module")
def on_polars(exports: list[dict[str, list[str]]], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Months]:
    @cache
    def months(name: str) -> Months:
        store = tmp_path_factory.mktemp(name) / "store"
        return [classify_files(asked(name, tables, store, as_of)) for tables, as_of in zip(exports, MONTHS, strict=True)]

    return months


def tables_of(run: Path) -> Iterator[pl.DataFrame]:
    for path in (run / "labels.parquet", run / "evidence.parquet"):
        yield pl.read_parquet(sorted(path.glob("part-*.parquet")) if path.is_dir() else path)


def check(found: Summary, expected: Summary) -> None:
    """Everything that a run says is the same, and what it wrote holds the same values of the same types."""
    assert replace(found, directory=None, out=None) == replace(expected, directory=None)
    here, there = (Path(str(summary.directory)) for summary in (found, expected))
    for frame, other in zip(tables_of(here), tables_of(there), strict=True):
        assert_frame_equal(frame, other, check_exact=True)
    for name in ("labels.csv", "changes.csv", "rejected.csv", "summary.json", "explain.json"):
        assert (here / name).read_bytes() == (there / name).read_bytes(), name
    assert (here / "actions.csv").exists() == bool(found.actions)
    if found.actions:
        assert (here / "actions.csv").read_bytes() == (there / "actions.csv").read_bytes()
    told, other = (json.loads((run / "manifest.json").read_text(encoding="utf-8")) for run in (here, there))
    assert told["content_id"] == other["content_id"], [k for k in told["stable"] if told["stable"][k] != other["stable"][k]]
    assert not verify_run(Store(here.parents[2], found.rubric), found.run_id)


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("engine", ["on_duckdb", pytest.param("on_spark", marks=pytest.mark.spark)])
def test_both_months_are_the_same_as_on_polars(
    engine: str, name: str, exports: list[Any], on_polars: Callable[[str], Months], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    settings, expected = request.getfixturevalue(engine), on_polars(name)
    assert [month.status for month in expected] == ["published", "held" if name == HELD else "published"]
    assert expected[1].accounts[0].rejected == 3 and expected[1].without_rows == 1 and expected[1].changes["new"] >= 1
    for tables, as_of, wanted in zip(exports, MONTHS, expected, strict=True):
        found = classify_files(replace(asked(name, tables, tmp_path / "store", as_of), **settings))
        check(found, wanted)
        for customer in ("客户7", "gone"):
            here, there = (explain_customer(store_of(summary), customer, run=summary.run_id, rows=True) for summary in (found, wanted))
            assert here == there and (here.rows or customer == "gone")


def store_of(summary: Summary) -> Path:
    return Path(str(summary.directory)).parents[2]


@pytest.mark.spark
def test_a_month_of_one_engine_is_followed_by_one_of_another(
    on_spark: dict[str, Any], exports: list[Any], on_polars: Callable[[str], Months], tmp_path: Path
) -> None:
    expected = on_polars("pyramid")
    check(classify_files(replace(asked("pyramid", exports[0], tmp_path / "spark", MONTHS[0]), **on_spark)), expected[0])
    for engine in ("duckdb", "polars"):
        store = shutil.copytree(tmp_path / "spark", tmp_path / engine)
        check(classify_files(replace(asked("pyramid", exports[1], store, MONTHS[1]), engine=engine)), expected[1])
    classify_files(asked("pyramid", exports[0], tmp_path / "store", MONTHS[0]))
    found = classify_files(replace(asked("pyramid", exports[1], tmp_path / "store", MONTHS[1]), **on_spark, out=tmp_path / "out"))
    check(found, expected[1])
    for name in ("labels.parquet", "labels.csv", "changes.csv"):
        assert (tmp_path / "out" / name).read_bytes() == (Path(str(expected[1].directory)) / name).read_bytes()
