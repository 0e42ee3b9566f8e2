"""Two months of every rubric that ships, classified from files: the same answer on every engine, however it was stored."""

from __future__ import annotations

import json
import math
import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
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
from custier.rubric.load import load_rubric, shipped_text
from custier.store import Store, verify_run
from custier.values import Summary

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
MONTHS = (date(2025, 11, 30), date(2025, 12, 31))
SHIPPED = sorted(path.stem for path in Path("configs").glob("*.yaml"))
HELD = "annual-spend"
"""Lets no customer move, so that its second month is held; the others let everyone."""
LOOSE = "top_tier_leaves_at_most: off, drift_at_most: off, missing_months_at_most: off, restated_at_most: off, silent_days_at_most: off"

PEOPLE = [f" 客户{n}" for n in range(150)] + ["gone"]
EVENTS = ("referral", "推荐", " 培训", "visit", None, "review", "首评", "profile", "late delivery", "redeem", "redeem", "freight")
MONEY = pl.Decimal(20, 2)
SCHEMAS = {
    "transactions": {"customer": pl.String, "date": pl.Date, "amount": MONEY, "order": pl.Int64, "category": pl.String, "cost": pl.Float64, "quantity": pl.Int16},
    "invoices": {"customer": pl.String, "due date": pl.String, "paid date": pl.Date, "amount": MONEY},
    "surveys": {"customer": pl.String, "date": pl.Datetime("us"), "score": pl.Float64},
    "events": {"customer": pl.String, "date": pl.Date, "event": pl.String, "value": pl.Decimal(12, 1)},
    "balances": {"customer": pl.String, "date": pl.Date, "balance": pl.Decimal(24, 4)},
    "members": {"customer": pl.String, "since": pl.Date, "parent": pl.String},
    "customers": {"customer": pl.String, "地区": pl.String, "joined": pl.Date, "product need": pl.String, "服务需求": pl.String, "decision style": pl.String},
    "estimates": {"customer": pl.String, "estimated on": pl.Date, "estimate": pl.Int64, "valid until": pl.Date, "by": pl.String, "reason": pl.String},
}  # fmt: skip
NEVER, MAY = date(2027, 1, 1), date(2025, 5, 1)
MIDNIGHT = datetime.combine(MAY, datetime.min.time())
BAD: dict[str, list[tuple[Any, ...]]] = {
    "transactions": [("", MAY, Decimal(1), 1, None, None, 1), ("C1", NEVER, Decimal(1), 1, None, 1.5, 1), ("C2", None, None, 1, None, 0.001, 1)],
    "invoices": [(" ", "2025-05-01", None, Decimal(1)), ("C1", "2025-02-30", None, Decimal(1)), ("C2", None, None, Decimal(1))],
    "surveys": [("客户1", MIDNIGHT, math.nan), (None, MIDNIGHT, 1.0), ("客户2", MIDNIGHT, None)],
    "events": [("", MAY, "visit", Decimal(1)), ("客户1", None, "visit", Decimal(1)), ("客户2", NEVER, None, Decimal(1))],
    "balances": [("客户1", MAY, Decimal("0.001")), ("客户2", MAY, None), ("\u3000", MAY, Decimal(1))],
    "members": [("", date(2025, 1, 1), "客户1"), ("客户21", None, "客户1"), ("un\u200bseen", date(2025, 1, 1), "客户1")],
    "customers": [("客户3", "Mars", None, "附加", "a", "a"), (" ", "North", None, None, None, None), ("客户3", "Venus", None, "basic", "b", "b")],
    "estimates": [("", MAY, 9, None, "Li", None), ("客户1", None, 9, None, "Li", None), ("客户2", MAY, None, None, "Li", None)],
}  # fmt: skip
"""What no run takes, in the second month; a customer of two records only where a rubric reads what differs."""
Months = list[Summary]


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    """The exports of each month as Parquet: ties, blanks, a few bad rows; in the second month some customers are gone and some new."""
    folder, rows = tmp_path_factory.mktemp("exports"), rows_of(random.Random(5))
    new = rows_of(random.Random(6), ["new"], 3)
    later = {name: [row for row in found if row[0] != "gone"] + new[name] + BAD[name] for name, found in rows.items()}
    return [_written(folder / "november", rows), _written(folder / "december", later)]


def rows_of(draw: random.Random, everyone: Sequence[str] = PEOPLE, times: int = 1) -> dict[str, list[tuple[Any, ...]]]:
    """Every usual table of these customers, each of whom bought something, held something and is registered."""

    def day(most: int = 900) -> date:
        return date(2025, 12, 31) - timedelta(draw.randrange(most))

    def money() -> Decimal:
        return draw.choice([Decimal(200_000), Decimal("-310.05"), Decimal(0), Decimal(draw.randrange(9_000_000)).scaleb(-2)])

    def bought(who: str) -> tuple[Any, ...]:
        kind, cost = draw.choice(["a", " b", "配件", "", None]), draw.choice([0.1, 250.25, 60_000.5, None])
        return who, day(), money(), draw.randrange(900), kind, cost, draw.choice([1, 3, 40])

    def did(who: str) -> tuple[Any, ...]:
        return who, day(), draw.choice(EVENTS), draw.choice([Decimal(0), Decimal(300), Decimal("20000.5"), Decimal(-50)])

    def registered(who: str) -> tuple[Any, ...]:
        wants = draw.choice(["附加", "basic", None]), draw.choice([" value-added", ""]), draw.choice(["反对", "recommended", None])
        return who, draw.choice(["North", "华东", " South", "", None]), draw.choice([None, day()]), *wants

    def estimated(who: str) -> tuple[Any, ...]:
        return who, day(), draw.randrange(100), draw.choice([None, day()]), "王 ", draw.choice([None, "met"])

    def some(number: int) -> Iterator[str]:
        """The first of them much more often than the last."""
        return (everyone[draw.randrange(draw.randrange(len(everyone)) + 1)] for _ in range(number * len(everyone) * times // 10))

    listed = [registered(who) for who in everyone]
    return {
        "transactions": [bought(who) for who in (*some(80), *everyone)],
        "invoices": [(who, day().isoformat(), draw.choice([None, day()]), draw.choice([None, money()])) for who in some(20)],
        "surveys": [(who, datetime.combine(day(), datetime.min.time()), draw.choice([1.0, 4.5, 5.0, 88.5])) for who in some(13)],
        "events": [did(who) for who in some(40)],
        "balances": [(who, day(300), Decimal(draw.randrange(400_000_000)).scaleb(-2)) for who in (*some(20), *everyone)],
        "members": [(who, day(), f"客户{number % 20} ") for number, who in enumerate(everyone) if number % 3 and number > 20],
        "customers": listed + listed[:5] + [(who, None, None, None, None, None) for who in everyone[5:9]],
        "estimates": [estimated(who) for who in some(8)],
    }


def _written(folder: Path, rows: dict[str, list[tuple[Any, ...]]]) -> dict[str, str]:
    """Each table in two files of a directory, as Spark leaves them."""
    for name, found in rows.items():
        (folder / name).mkdir(parents=True)
        for part, start in enumerate((0, len(found) // 3)):
            half = found[start : len(found) // 3 if part == 0 else None]
            pl.DataFrame(half, schema=SCHEMAS[name], orient="row").write_parquet(folder / name / f"part-{part}.parquet")
    return {name: str(folder / name) for name in rows}


@cache
def sources_of(name: str) -> list[str]:
    return list(load_rubric(name).rubric.sources)


def asked(name: str, tables: dict[str, str], store: Path, as_of: date) -> Request:
    rubric = store.parent / f"{name}.yaml"
    limits = f"{{moved_at_most: {0 if name == HELD else 100}%, rejected_at_most: 50%, {LOOSE}}}"
    rubric.write_text(f"{shipped_text(name).split('guardrails:')[0]}guardrails: {limits}\n", encoding="utf-8")
    wanted = {source: tables[source] for source in sources_of(name)}
    bought = tuple(path for source, path in wanted.items() if source == "transactions")
    others = tuple((source, path) for source, path in wanted.items() if source != "transactions")
    return Request(bought, str(rubric), others, store, NOW.date(), NOW, as_of)


@pytest.fixture(scope="module")
def on_polars(exports: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Months]:
    @cache
    def months(name: str) -> Months:
        store = tmp_path_factory.mktemp(name) / "store"
        return [classify_files(asked(name, tables, store, as_of)) for tables, as_of in zip(exports, MONTHS, strict=True)]

    return months


def tables_of(run: Path) -> Iterator[pl.DataFrame]:
    for path in (run / "labels.parquet", run / "evidence.parquet"):
        yield pl.read_parquet(sorted(path.glob("part-*.parquet")) if path.is_dir() else path)


SEEN_IN_FILES = {"duplicates": "CT3032", "same_order": "CT3033", "overlaps": "CT3041", "": "CT3036", " ": "CT3039", "  ": "CT3040"}
"""What is looked for where rows stand beside others in files, or in this process: key of the source → code."""


def alike(told: Any) -> Any:
    """What a run says, without what a table on Spark is not searched for."""
    if isinstance(told, list):
        return [alike(each) for each in told if not (isinstance(each, str) and any(code in each for code in SEEN_IN_FILES.values()))]
    if isinstance(told, dict):
        return {key: alike(value) for key, value in told.items() if key not in {*SEEN_IN_FILES, "content_id", "cures"}}
    return told


def check(found: Summary, expected: Summary) -> None:
    """Everything that a run says is the same, and what it wrote holds the same values of the same types."""
    assert alike(asdict(replace(found, directory=None, out=None))) == alike(asdict(replace(expected, directory=None)))
    here, there = (Path(str(summary.directory)) for summary in (found, expected))
    for frame, other in zip(tables_of(here), tables_of(there), strict=True):
        assert_frame_equal(frame, other, check_exact=True)
    for name in ("labels.csv", "changes.csv", "rejected.csv", "explain.json"):
        assert (here / name).read_bytes() == (there / name).read_bytes(), name
    assert (here / "actions.csv").exists() == bool(found.actions)
    if found.actions:
        assert (here / "actions.csv").read_bytes() == (there / "actions.csv").read_bytes()
    told, other = (json.loads((run / "manifest.json").read_text(encoding="utf-8")) for run in (here, there))
    assert alike(told["stable"]) == alike(other["stable"])
    assert alike(json.loads((here / "summary.json").read_text())) == alike(json.loads((there / "summary.json").read_text()))
    assert not verify_run(Store(here.parents[2], found.rubric), found.run_id)


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("engine", ["on_duckdb", pytest.param("on_spark", marks=pytest.mark.spark)])
def test_both_months_are_the_same_as_on_polars(
    engine: str, name: str, exports: list[Any], on_polars: Callable[[str], Months], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    settings, expected = request.getfixturevalue(engine), on_polars(name)
    assert [month.status for month in expected] == ["published", "held" if name == HELD else "published"]
    assert all(account.rejected for account in expected[1].accounts) and expected[1].without_rows == 1
    assert expected[1].changes["new"] >= 1 and all(len(tiers_of(month)) > 1 for month in expected)
    for tables, as_of, wanted in zip(exports, MONTHS, expected, strict=True):
        found = classify_files(replace(asked(name, tables, tmp_path / "store", as_of), **settings))
        check(found, wanted)
        for customer in ("客户7", "gone"):
            here, there = (explain_customer(store_of(summary), customer, run=summary.run_id, rows=True) for summary in (found, wanted))
            assert here == there and (here.rows or customer == "gone")


def tiers_of(summary: Summary) -> set[str]:
    return set(next(tables_of(Path(str(summary.directory))))["tier"]) - {"unrated"}


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
