"""The same grades on Polars and on DuckDB."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import duckdb
import narwhals as nw
import polars as pl
import pytest

from custier.grade import grade
from custier.measure import Before
from custier.rubric.load import load_rubric
from custier.rubric.model import Rubric
from custier.rubric.plan import plan_metrics

AS_OF = date(2025, 12, 31)


@pytest.fixture(scope="module")
def exports(table: Any) -> dict[str, Any]:
    draw = random.Random(7)

    def day() -> str:
        return (date(2023, 6, 1) + timedelta(draw.randrange(960))).isoformat()

    def who() -> str:
        return f"客户{draw.randrange(300)}"

    amounts = ["200000.00", "50000.00", "-310.05", "0.00"]
    bought = [
        (
            who(),
            day(),
            draw.choice([*amounts, f"{draw.randrange(1, 9_000_000) / 100:.2f}"]),
            str(draw.randrange(900)),
            draw.choice(["a", "b", "c", None]),
            f"{draw.randrange(1, 4_000_000) / 100:.2f}",
        )
        for _ in range(3000)
    ]
    due = [(who(), day(), draw.choice([None, day()])) for _ in range(800)]
    asked = [(who(), day(), draw.choice(["1", "3.5", "4.5", "5"])) for _ in range(400)]
    return {
        "transactions": table("transactions", "customer date amount order category cost", *bought),
        "invoices": table("invoices", "customer date paid", *due),
        "surveys": table("surveys", "customer date score", *asked),
    }


MOMENTS = {
    "rubric": "moments",
    "metrics": {
        "first_amount": {"first": "amount"},
        "last_amount": {"last": "amount"},
        "months": {"active_months": "date"},
        "stood": {"time_weighted_mean": "amount"},
        "weighted": {"weighted_mean": "amount", "weight": "cost"},
        "share": {"share_of_total": "spend"},
        "odd": {"formula": "round(spend / orders, 2) * 3 - abs(first_amount)"},
    },
    "score": {"odd": {"weight": 100, "missing": "unrated", "bands": [{"at_least": 0, "points": 33}, {"otherwise": -7}]}},
    "tiers": [
        {"name": "V", "top": "7.5%", "by": "weighted", "ties": "strict"},
        {"name": "K", "cumulative_share": "60%", "by": "spend"},
        {"name": "C"},
    ],
}


@pytest.mark.parametrize("name", ["annual-spend", "pyramid", "weighted-grade", "moments"])
def test_polars_and_duckdb_agree_on_every_column(exports: dict[str, Any], name: str) -> None:
    rubric = Rubric.model_validate(MOMENTS) if name == "moments" else load_rubric(name).rubric
    given = {source: export for source, export in exports.items() if source in rubric.sources}
    columns = {source: export.kinds for source, export in given.items()}
    plan = plan_metrics(rubric, columns)
    con = duckdb.connect()
    for source, export in given.items():
        con.register(source, export.frame.to_arrow())
    on_polars = {s: nw.from_native(e.frame.lazy()) for s, e in given.items()}
    on_duckdb = {s: nw.from_native(con.table(s)) for s in given}
    first, second = (grade(t, rubric, plan, columns, AS_OF, Before(), None) for t in (on_polars, on_duckdb))
    expected, found = first.customers.to_native(), second.customers.to_native()
    assert found.columns == expected.columns
    for column in expected.columns:
        assert found[column].cast(pl.String).to_list() == expected[column].cast(pl.String).to_list(), column
    assert first.cuts == second.cuts
