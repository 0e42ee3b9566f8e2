"""The statement exported for Spark, run by Spark, selects what the one exported for DuckDB selects."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from custier.export import Asked, export_sql
from custier.rubric.load import load_rubric, shipped_rubrics
from custier.rubric.model import Rubric
from custier.rubric.wanted import wanted_columns

AS_OF = date(2025, 12, 31)
SCHEMAS = {
    "transactions": {"customer": pl.String(), "date": pl.Date(), "amount": pl.Decimal(12, 2), "order": pl.String(), "category": pl.String(), "cost": pl.Decimal(12, 2), "quantity": pl.Int64()},
    "invoices": {"customer": pl.String(), "date": pl.Date(), "paid": pl.Date(), "amount": pl.Decimal(12, 2)},
    "surveys": {"customer": pl.String(), "date": pl.Date(), "score": pl.Decimal(4, 1)},
    "events": {"customer": pl.String(), "date": pl.Date(), "event": pl.String(), "value": pl.Decimal(12, 1)},
    "balances": {"customer": pl.String(), "date": pl.Date(), "balance": pl.Decimal(12, 2)},
    "customers": {"customer": pl.String(), "region": pl.String(), "joined": pl.Date()},
    "estimates": {"customer": pl.String(), "date": pl.Date(), "estimate": pl.Int64(), "estimated_until": pl.Date(), "estimated_by": pl.String(), "reason": pl.String()},
    "members": {"customer": pl.String(), "date": pl.Date(), "parent": pl.String()},
}  # fmt: skip
QUOTIENTS = {
    "rubric": "quotients",
    "metrics": {
        "first_amount": {"first": "amount"},
        "weighted": {"weighted_mean": "amount", "weight": "cost"},
        "odd": {"formula": "round(spend / orders, 2) * 3 - abs(first_amount)"},
    },
    "score": {"odd": {"weight": 100, "missing": "skip", "bands": [{"above": 1000, "points": 33}, {"otherwise": -7}]}},
    "tiers": [{"name": "V", "top": "7.5%", "by": "weighted", "ties": "strict"}, {"name": "K", "score": {"at_least": 33}}, {"name": "C"}],
}


POINTS = {
    "rubric": "earned",
    "sources": {"transactions": {}, "events": {}},
    "points": {
        "earn": [
            {"name": "bought", "of": "amount", "points": "2", "per": 7},
            {"name": "profile", "source": "events", "when": "event = 'profile'", "points": "50", "once": True},
        ],
        "redeem": {"when": "event = 'redeem'", "points": "value"},
        "expire": "5 months",
    },
    "tiers": [{"name": "V", "when": "points_balance > 9000"}, {"name": "K", "when": "points_expired > 5000"}, {"name": "C"}],
}

OWN = {"quotients": QUOTIENTS, "earned": POINTS}
EVENTS = ("referral", "推荐", "visit", "profile", "redeem", "redeem", None)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The three tables as Parquet files that every worker reaches."""
    draw, place = random.Random(11), tmp_path_factory.mktemp("warehouse")

    def day() -> date:
        return date(2024, 1, 1) + timedelta(draw.randrange(740))

    def who() -> str | None:
        return draw.choice([f" 客户{draw.randrange(80)}\t", f"C{draw.randrange(80)}", f"C{draw.randrange(3)}", None, "un\u200bseen"])

    def money() -> Decimal:
        return Decimal(draw.choice([0, -31_005, 5_000_000, draw.randrange(9_000_000)])).scaleb(-2)

    rows = {
        "transactions": [
            (who(), day(), money(), str(draw.randrange(300)), draw.choice(["a", "b ", "", None]), money(), draw.choice([1, 7]))
            for _ in range(900)
        ],
        "invoices": [(who(), day(), draw.choice([None, day()]), money()) for _ in range(200)],
        "surveys": [(who(), day(), Decimal(draw.choice(["1", "4.5"]))) for _ in range(100)],
        "events": [(who(), day(), draw.choice(EVENTS), Decimal(draw.choice(["7", "9000.5"]))) for _ in range(300)],
        "balances": [(who(), day(), Decimal(draw.randrange(900_000_000)).scaleb(-2)) for _ in range(100)],
        "customers": [(f"C{i}", draw.choice(["North", "华东", None]), draw.choice([None, day()])) for i in range(0, 120, 3)],
        "estimates": [
            (f"C{i}", day(), draw.randrange(100), draw.choice([None, day()]), "Li", draw.choice(["met", None])) for i in range(60, 120)
        ],
        "members": [(f"C{n}", day(), draw.choice([f"C{n % 12}", None])) for n in range(80)],
    }
    for name, found in rows.items():
        pl.DataFrame(found, schema=SCHEMAS[name], orient="row").write_parquet(place / f"{name}.parquet")
    return place


@pytest.mark.spark
@pytest.mark.parametrize("name", [*OWN, *shipped_rubrics()])
def test_spark_selects_what_duckdb_selects(name: str, folder: Path, spark_session: Any) -> None:
    rubric = Rubric.model_validate(OWN[name]) if name in OWN else load_rubric(name).rubric
    without = [f"{source}.{c}" for source in rubric.sources for c in wanted_columns(rubric, source) if c not in SCHEMAS[source]]
    statements = {
        d: export_sql(rubric, Asked(d, AS_OF, {source: source for source in rubric.sources}, without)) for d in ("duckdb", "spark")
    }
    connection = duckdb.connect()
    for source in rubric.sources:
        path = str(folder / f"{source}.parquet")
        connection.execute(f"CREATE VIEW {source} AS SELECT * FROM '{path}'")
        spark_session.read.parquet(path).createOrReplaceTempView(source)
    found = pl.DataFrame(pl.from_arrow(spark_session.sql(statements["spark"].rstrip().removesuffix(";")).toArrow()))
    expected = connection.sql(statements["duckdb"]).pl()
    assert_frame_equal(found, expected, check_exact=True)
    assert expected["tier"].n_unique() > 1
