"""A register, attributes and estimates on every engine: the same values, rejects and accounts, also in the month after."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from custier import classify, load_rubric
from custier.engines.spark import framed
from custier.pipeline import Request, classify_files
from custier.values import Summary

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
MONTHS = (date(2025, 11, 30), date(2025, 12, 31))
RUBRIC = Path(__file__).with_name("register.yaml")
SCHEMAS = {
    "transactions": {"customer": pl.String, "date": pl.Date, "amount": pl.Decimal(20, 2), "Channel": pl.String},
    "customers": {"customer": pl.String, "region": pl.String, "joined": pl.Date, "Staff": pl.Int64},
    "estimates": {"customer": pl.String, "date": pl.Datetime("us"), "estimate": pl.Int64, "estimated_until": pl.Date, "estimated_by": pl.String, "reason": pl.String},
    "surveys": {"customer": pl.String, "date": pl.Date, "score": pl.Float64},
}  # fmt: skip


def tables_of(month: int) -> dict[str, pl.DataFrame]:
    draw = random.Random(month)

    def who(most: int = 60) -> str:
        return f" 客户{draw.randrange(most)}"

    def day() -> date:
        return date(2025, 12, 31) - timedelta(draw.randrange(900))

    people = [
        (f"客户{n}", "华东" if n % 3 else "North", day() if n % 4 else None, draw.choice([5, 500, None])) for n in range(30, 80 + month)
    ]
    people += [("客户30", "South", None, None), ("客户31", None, None, None), ("", "North", None, None)]
    estimates = [
        (who(90), datetime.combine(day(), datetime.min.time()), draw.randrange(100), draw.choice([None, day()]), "Li", None)
        for _ in range(60)
    ]
    estimates += [(*estimates[0][:2], 101, None, "Wu", "other")]
    rows = {
        "transactions": [(who(), day(), Decimal(draw.randrange(900_000)).scaleb(-2), draw.choice(["web", "shop", "店", None])) for _ in range(250)],
        "customers": people,
        "estimates": estimates,
        "surveys": [(who(100), day(), 4.5) for _ in range(40)],
    }  # fmt: skip
    return {name: pl.DataFrame(found, schema=SCHEMAS[name], orient="row") for name, found in rows.items()}


def two_months(folder: Path, **how: Any) -> list[Summary]:
    found = []
    for month, as_of in enumerate(MONTHS):
        for name, frame in tables_of(month).items():
            frame.write_parquet(folder / f"{name}.parquet")
        others = tuple((name, str(folder / f"{name}.parquet")) for name in SCHEMAS if name != "transactions")
        asked = Request((str(folder / "transactions.parquet"),), str(RUBRIC), others, folder / "store", NOW.date(), NOW, as_of)
        found.append(classify_files(replace(asked, **how)))
    return found


@pytest.mark.parametrize("engine", ["on_duckdb", pytest.param("on_spark", marks=pytest.mark.spark)])
def test_both_months_are_the_same_as_on_polars(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    expected = two_months(tmp_path / "there")
    for found, wanted in zip(two_months(tmp_path / "here", **request.getfixturevalue(engine)), expected, strict=True):
        assert (found.accounts, found.orphans, found.tiers, found.changes) == (
            wanted.accounts,
            wanted.orphans,
            wanted.tiers,
            wanted.changes,
        )
        assert set(wanted.orphans) == {"estimates", "surveys"} and {code.code for code in wanted.rejected} == {"CT3008", "CT3002"}
        here, there = (Path(str(told.directory)) for told in (found, wanted))
        for name in ("labels.csv", "changes.csv", "rejected.csv", "explain.json"):
            assert (here / name).read_bytes() == (there / name).read_bytes(), name
        for name in ("labels.parquet", "evidence.parquet"):
            frames = [
                pl.read_parquet(run / name if (run / name).is_file() else sorted((run / name).glob("*.parquet"))) for run in (here, there)
            ]
            assert_frame_equal(*frames, check_exact=True)


@pytest.mark.spark
def test_frames_of_spark_are_graded_as_those_of_polars(spark_session: Any) -> None:
    tables = tables_of(0)
    rubric = load_rubric(RUBRIC)

    def labels(held: dict[str, Any]) -> Any:
        others = {name: held[name] for name in SCHEMAS if name != "transactions"}
        return classify(held["transactions"], rubric, as_of=MONTHS[0], sources=others, on_rejected=lambda _: None)

    expected = labels(tables)
    on_spark = {name: spark_session.createDataFrame(frame.to_arrow()) for name, frame in tables.items()}
    found = framed(labels(on_spark)).collect(backend="polars").to_native().sort("customer_id")
    assert_frame_equal(found, expected, check_exact=True)
