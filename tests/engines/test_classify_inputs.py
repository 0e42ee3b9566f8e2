"""What Spark and DuckDB take as input, what they refuse, and what they say when they cannot go on."""

from __future__ import annotations

import importlib
import os
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from polars.testing import assert_frame_equal

from custier.cli import run
from custier.engines.typed_rows import only_in_files
from custier.errors import CustierError
from custier.pipeline import Request, classify_files
from custier.rubric.source import Source

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("CUSTIER_DATA") or ROOT.parent / "shared" / "data")
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
GRADING = importlib.import_module("custier.pipeline.on_spark.grading")
EVERY = pytest.mark.parametrize("engine", ["on_duckdb", pytest.param("on_spark", marks=pytest.mark.spark)])
SALES = {
    "customer": ["b", "a", "a", "c"],
    "date": [date(2025, 3, day) for day in (1, 2, 3, 4)],
    "Unit Price": [Decimal("1.25"), Decimal("3.50"), None, Decimal("2.00")],
    "Units": [4, 2, 1, 3],
    "status": ["done", "done", "done", " void"],
}
RUBRIC = """
rubric: test
sources: {transactions: {where: status = 'done', amount: {formula: 'round("Unit Price" * Units / 3, 2)'}}}
tiers: [{name: A, when: spend >= 2}, {name: C}]
guardrails: {rejected_at_most: 50%}
"""


def sales(tmp_path: Path, name: str = "sales [1].parquet", **changed: Any) -> str:
    pl.DataFrame(SALES | changed).write_parquet(tmp_path / name)
    return str(tmp_path / name)


def asked(tmp_path: Path, *inputs: str, rubric: str = RUBRIC, **settings: Any) -> Request:
    (tmp_path / "test.yaml").write_text(rubric, encoding="utf-8")
    plain = Request(inputs, str(tmp_path / "test.yaml"), (), tmp_path / settings.get("engine", "polars"), NOW.date(), NOW)
    return replace(plain, **settings)


def refused(request: Request) -> tuple[int, set[str]]:
    with pytest.raises(CustierError) as caught:
        classify_files(request)
    assert all(problem.help for problem in caught.value.problems)
    return caught.value.exit_code, {problem.code for problem in caught.value.problems}


def labels(directory: str | None) -> pl.DataFrame:
    path = Path(str(directory)) / "labels.parquet"
    return pl.read_parquet(sorted(path.glob("part-*")) if path.is_dir() else path)


@EVERY
def test_formulas_and_where_over_headers_are_worked_out_as_on_polars(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    path = sales(tmp_path)
    expected = classify_files(asked(tmp_path, path))
    found = classify_files(asked(tmp_path, path, **request.getfixturevalue(engine)))
    assert replace(found, directory=None) == replace(expected, directory=None)
    assert [(a.rejected, a.excluded, a.money_used) for a in found.accounts] == [(1, 1, 400)]
    assert_frame_equal(labels(found.directory), labels(expected.directory), check_exact=True)
    told, other = (Path(str(summary.directory)) / "rejected.csv" for summary in (found, expected))
    assert told.read_bytes() == other.read_bytes()


@EVERY
def test_units_and_joined_customers_are_as_on_polars_and_mixed_currencies_are_refused(
    engine: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    path = sales(tmp_path, Currency=["CNY", "RMB", " cny", "USD"], customer=["b", "a", "a", "a"])
    said = "sources: {transactions: {customer: {columns: [customer, status]}, amount: {column: Unit Price, numbers: {unit: 万元}}, WHERE}}"
    rubric = "rubric: test\n" + said + "\ntiers: [{name: A, when: spend >= 30_000}, {name: C}]\nguardrails: {rejected_at_most: 50%}\n"
    settings = request.getfixturevalue(engine)
    kept = rubric.replace("WHERE", "where: Currency <> 'USD'")
    ours, theirs = (classify_files(asked(tmp_path, path, rubric=kept, **each)) for each in ({}, settings))
    assert_frame_equal(labels(theirs.directory), labels(ours.directory))
    assert labels(ours.directory)["customer_id"].to_list() == ["a | done", "b | done"]
    assert refused(asked(tmp_path, path, rubric=rubric.replace(", WHERE", ""), **settings)) == (1, {"CT3401"})


@EVERY
def test_a_number_that_outgrows_its_column_is_refused(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    squared = RUBRIC.replace("tiers:", "metrics: {volume: {formula: spend * spend}}\ntiers:")
    path = sales(tmp_path, **{"Unit Price": [Decimal("9999999999.00")] * 4})
    assert refused(asked(tmp_path, path, rubric=squared, **request.getfixturevalue(engine))) == (4, {"CT6402"})


@EVERY
def test_a_dry_run_tells_the_same_and_leaves_nothing(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    found = classify_files(asked(tmp_path, sales(tmp_path), dry_run=True, **request.getfixturevalue(engine)))
    assert (found.status, found.customers) == ("dry-run", 2)
    assert {path.name for path in tmp_path.iterdir()} == {"sales [1].parquet", "test.yaml"}


@pytest.mark.parametrize("engine, library", [("duckdb", "duckdb"), ("spark", "pyspark.sql")])
def test_an_engine_that_is_not_installed_stops_the_command_before_anything_is_made(
    engine: str, library: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    assert refused(asked(tmp_path, sales(tmp_path), engine=engine)) == (2, {"CT1920"})
    assert not (tmp_path / engine).exists()


def test_spark_reads_no_csv(tmp_path: Path) -> None:
    pytest.importorskip("pyspark")
    (tmp_path / "sales.csv").write_text("customer,date\na,2025-01-01\n")
    for name in (str(tmp_path / "sales.csv"), str(tmp_path)):
        assert refused(asked(tmp_path, name, engine="spark")) == (4, {"CT2404"})
    assert refused(asked(tmp_path, "table:sales", str(tmp_path), engine="spark")) == (2, {"CT1900"})


def test_a_spark_master_needs_spark(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["classify", "sales.csv", "--rubric", "annual-spend", "--spark-master", "local[2]"]) == 2
    assert "add --engine spark" in capsys.readouterr().err


@pytest.mark.spark
def test_spark_refuses_what_it_would_read_wrongly(on_spark: dict[str, Any], tmp_path: Path) -> None:
    other = sales(tmp_path, "other.parquet", Units=[1.0, 2.0, 3.0, 4.0])
    assert refused(asked(tmp_path, sales(tmp_path), other, **on_spark)) == (4, {"CT2405"})
    texts = sales(tmp_path, "texts.parquet", date=["31.01.2025"] * 4)
    named = RUBRIC.replace("where:", "date: {column: date, format: 'DD.MM.YYYY'}, where:")
    assert refused(asked(tmp_path, texts, rubric=named, **on_spark)) == (4, {"CT2403"})
    assert refused(asked(tmp_path, "table:no_such_table", **on_spark)) == (4, {"CT2402"})


@pytest.mark.spark
def test_what_spark_cannot_finish_is_told(on_spark: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torn = Path(sales(tmp_path, "torn.parquet"))
    content = torn.read_bytes()
    torn.write_bytes(content[:4] + b"\xff" * 120 + content[124:])
    assert refused(asked(tmp_path, str(torn), **on_spark)) == (4, {"CT2406"})
    monkeypatch.setattr(GRADING, "write_parquet", lambda frame, directory, customers: [])
    assert refused(asked(tmp_path, sales(tmp_path), **on_spark)) == (6, {"CT5009"})
    assert not list((tmp_path / "spark" / "test" / "runs").iterdir())


@pytest.mark.spark
def test_a_table_of_the_catalogue_gives_the_labels_of_its_files(on_spark: dict[str, Any], spark_session: Any, tmp_path: Path) -> None:
    path = sales(tmp_path)
    expected = classify_files(asked(tmp_path, path))
    spark_session.createDataFrame(pl.DataFrame(SALES).to_arrow()).createOrReplaceTempView("sales")
    first = classify_files(asked(tmp_path, "table:sales", **on_spark))
    assert_frame_equal(labels(first.directory), labels(expected.directory), check_exact=True)
    assert (first.rejected[0].first_file, first.rejected[0].first_line) == ("table:sales", None)
    again = classify_files(asked(tmp_path, "table:sales", **on_spark))
    assert (again.run_id, again.status) == (first.run_id, "already current")
    spark_session.createDataFrame(pl.DataFrame(SALES | {"Units": [4, 2, 1, 4]}).to_arrow()).createOrReplaceTempView("sales")
    assert classify_files(asked(tmp_path, "table:sales", **on_spark)).run_id != first.run_id


@pytest.mark.skipif(not DATA.is_dir(), reason="the public data is not here; CUSTIER_DATA names its folder")
@pytest.mark.parametrize("engine, every", [("on_duckdb", 1), pytest.param("on_spark", 8, marks=pytest.mark.spark)])
def test_online_retail_is_the_same_as_on_polars(engine: str, every: int, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """A small cluster gets one row in eight: half a million would take it minutes."""
    path, example = DATA / "online-retail" / "online_retail_2010_2011.parquet", ROOT / "examples" / "online-retail" / "rubric.yaml"
    pl.read_parquet(path).gather_every(every).write_parquet(tmp_path / "online.parquet")
    rubric = example.read_text(encoding="utf-8")
    expected = classify_files(asked(tmp_path, str(tmp_path / "online.parquet"), rubric=rubric, most_rows_kept=0))
    settings = request.getfixturevalue(engine) | {"most_rows_kept": 0}
    found = classify_files(asked(tmp_path, str(tmp_path / "online.parquet"), rubric=rubric, **settings))
    beside_others = {"duplicates", "same_order", "overlaps"}  # what a table on Spark is not searched for
    here, there = (
        [replace(account, noted={key: n for key, n in account.noted.items() if key not in beside_others}) for account in summary.accounts]
        for summary in (found, expected)
    )
    assert here == there
    alike = replace(expected, directory=None, accounts=found.accounts, warnings=found.warnings)
    assert replace(found, directory=None) == alike and set(found.warnings) <= set(expected.warnings) and found.customers > 3_000
    assert_frame_equal(labels(found.directory), labels(expected.directory), check_exact=True)


@pytest.mark.parametrize("key", ["duplicates: drop", "same_order: reject", "ids: {case: ignore}"])
def test_spark_refuses_keys_that_compare_rows_of_files(key: str) -> None:
    spec = Source.model_validate(yaml.safe_load(f"{{{key}}}"))
    assert [(p.code, p.what.split("`")[1]) for p in only_in_files("transactions", spec)] == [("CT2403", key.partition(":")[0])]
    assert not list(only_in_files("transactions", Source()))
