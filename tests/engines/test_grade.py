"""The same grades, labels and changes on every engine, and no step that pulls everyone through one task of a cluster."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import count
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from custier.compare import Last
from custier.engines import duckdb
from custier.engines.spark import framed, hold
from custier.grade import grade
from custier.labels import change_list, label_customers
from custier.measure import Before
from custier.rubric.load import load_rubric, shipped_rubrics
from custier.rubric.model import Rubric
from custier.rubric.plan import plan_metrics
from custier.values import Cut

OCTOBER, DECEMBER = date(2025, 10, 31), date(2025, 12, 31)
MONTHS = (OCTOBER, DECEMBER)
COMPARED_ON_SPARK = ("moments", "weighted-grade")
"""Where the second month on Spark tells something that the same month on DuckDB does not; each takes its driver many seconds."""
NAMES = ("cells", "families", "moments", *shipped_rubrics())
ON_SPARK = ("cells", "families", "moments", "pyramid", "regions", "rfm", "weighted-grade")
"""Every rubric that ships is classified on Spark in test_classify_months.py; here are those with cuts, and the steps with larger numbers."""
ENGINES = [("on_duckdb", name) for name in NAMES] + [pytest.param("on_spark", name, marks=pytest.mark.spark) for name in ON_SPARK]
FAMILIES = {
    "rubric": "families",
    "sources": {"transactions": {}, "kin": {"parent": "户主"}},
    "accounts": {"parent": {"source": "kin", "column": "parent"}},
    "metrics": {
        "per_head": {"mean_of_members": "spend"},
        "orders_together": {"sum_of_members": "orders"},
        "of_the_family": {"formula": "spend / per_head"},
    },
    "tiers": [
        {"name": "V", "top": "5%", "by": "per_head"},
        {"name": "A", "when": "spend >= 300_000 or per_head >= 150_000 and members > 1"},
        {"name": "B", "when": "of_the_family > 1"},
        {"name": "C"},
    ],
    "rules": [{"name": "family", "when": "members between 2 and 6", "inherit": "best"}, {"name": "few", "when": "orders < 2", "down": 1}],
}
MOMENTS = {
    "rubric": "moments",
    "metrics": {
        "first_amount": {"first": "amount"},
        "last_amount": {"last": "amount"},
        "months": {"active_months": "date"},
        "stood": {"time_weighted_mean": "amount"},
        "stood_per_category": {"time_weighted_mean": "amount", "per": "category"},
        "weighted": {"weighted_mean": "amount", "weight": "cost"},
        "share": {"share_of_total": "spend"},
        "odd": {"formula": "round(spend / orders, 2) * 3 - abs(first_amount)"},
    },
    "eligible": "months > 1",
    "score": {
        "orders": {"weight": 10, "quantiles": {"parts": 5, "best": "low", "ties": "strict"}},
        "weighted": {"weight": 10, "missing": "skip", "quantiles": {"parts": 4, "edges": "interpolated"}},
        "odd": {"weight": 50, "missing": "unrated", "bands": [{"at_least": 0, "points": 33}, {"otherwise": -7}]},
        "stood": {"weight": 30, "missing": "skip", "bands": [{"above": 1000, "points": 50}, {"otherwise": -1}]},
    },
    "tiers": [
        {"name": "V", "top": "7.5%", "by": "weighted", "ties": "strict", "benefits": ["manager", {"贵宾厅": "每年5次"}]},
        {"name": "K", "cumulative_share": "60%", "by": "spend"},
        {"name": "G", "top": "30%", "by": "spend", "within": "held"},
        {"name": "H", "next": "20%", "ties": "strict"},
        {"name": "S", "when": {"any": ["share > 0.001", {"all": ["weighted >= round(stood, 2) * 1.5", "held <> 'nothing'"]}]}},
        {"name": "C"},
    ],
    "rules": [
        {"name": "falling", "when": "last_amount < first_amount", "down": 1},
        {"name": "most", "when": {"n_of": 2, "conditions": ["months > 3", "kept = 'yes'", "odd > 0"]}, "up": 1},
    ],
    "segments": {
        "kept": {"yes": {"all": ["held = 'much'", "spend > 0"]}, "no": "otherwise"},
        "rare": {"yes": "points_orders > 3 and held <> 'much'", "no": "otherwise"},
        "held": {"nothing": "stood is null or stood <= 0", "much": "stood > 1000", "some": "otherwise"},
    },
    "flags": {"few": "points_orders >= 4", "steady": "stood = weighted", "heavy": "weighted > stood"},
    "actions": [
        {"name": "call", "tier": ["V", "K"], "change": ["new", "up"], "when": "heavy and not steady", "do": "Call", "due": "14 days"},
        {"name": "ask", "when": {"any": ["tier <> previous_tier", "held = 'much'", "months > 4"]}, "do": "Ask"},
        {"name": "rest", "tier": "unrated", "do": "Look"},
    ],
    "actions_apply": "first",
}
CELLS = {
    "rubric": "cells",
    "metrics": {
        "spend_before": {"sum": "amount", "window": {"last": "12 months", "shifted": "12 months"}},
        "growth": {"formula": "spend / spend_before - 1"},
    },
    "segments": {"value": {"高": {"any": ["spend >= 200_000", "orders > 9"]}, "low": "otherwise"}},
    "matrix": {
        "rows": "value",
        "columns": {
            "metric": "growth",
            "missing": "flat",
            "bands": {"up": {"above": "0.333333"}, "flat": {"at_least": 0}, "down": "otherwise"},
        },
        "tiers": {"高": {"up": "A", "flat": "B", "down": "C"}, "low": {"up": "B", "flat": "D", "down": "D"}},
    },
    "tiers": [{"name": "A"}, {"name": "B"}, {"name": "C"}, {"name": "D"}],
    "rules_apply": "first",
    "rules": [
        {"name": "late", "when": "recency_days > 300 and value = '高'", "down": 1, "reason": {"en": "not seen", "zh": "久未购买"}},
        {"name": "often", "when": "orders > 3", "up": 1},
    ],
}
OWN = {"moments": MOMENTS, "cells": CELLS, "families": FAMILIES}


@dataclass(frozen=True)
class Engine:
    """How rows get into an engine, and how it keeps what it will look at again."""

    table: Callable[[pl.DataFrame], Any]
    hold: Callable[[Any], Any]

    def given(self, frame: Any) -> Any:
        return self.table(frame.collect(backend="polars").to_native())


@dataclass(frozen=True)
class Month:
    """One run as it came out."""

    graded: pl.DataFrame
    labels: pl.DataFrame
    changes: pl.DataFrame
    cuts: list[Cut]


POLARS = Engine(lambda frame: nw.from_native(frame.lazy()), lambda frame: frame.collect().lazy())


def rubric_named(name: str) -> Rubric:
    return Rubric.model_validate(OWN[name]) if name in OWN else load_rubric(name).rubric


@pytest.fixture(scope="module")
def exports(table: Any) -> dict[str, Any]:
    """Two and a half years with ties, blanks, returns, customers who leave, and amounts whose products outgrow 64 bits."""
    draw = random.Random(7)

    def day() -> str:
        return (date(2023, 6, 1) + timedelta(draw.randrange(960))).isoformat()

    def who() -> str:
        return f"客户{draw.randrange(300)}"

    def amount() -> str:
        return draw.choice(["200000.00", "50000.00", "-310.05", "0.00", f"{draw.randrange(1, 9_000_000) / 100:.2f}"])

    bought = [
        (who(), day(), amount(), str(draw.randrange(900)), draw.choice(["a", "b", "c", None]), amount(), draw.choice("1237"))
        for _ in range(3000)
    ]
    bought += [(f"huge{i}", "2025-06-15", f"{7**i}0000000.01", "1", None, f"{3**i}.07", "1") for i in range(5)]
    bought += [("gone", "2024-11-15", "70000.00", "1", "a", "1.00", "1"), ("new", "2025-12-31", "0.01", "1", None, "0.01", "1")]
    due = [(who(), day(), draw.choice([None, day()]), amount()) for _ in range(800)]
    asked = [(who(), day(), draw.choice(["1", "3.5", "4.5", "5"])) for _ in range(400)]
    kinds = ("referral", "推荐", "培训", "visit", None, "review", "首评", "profile", "late delivery", "redeem", "redeem", "freight")
    did = [(who(), day(), draw.choice(kinds), draw.choice(["0", "300", "20000.5", "700000", "-50"])) for _ in range(1500)]
    held = [(who(), day(), f"{draw.randrange(900_000_000) / 100:.2f}") for _ in range(400)]
    listed = [(f"客户{i}", draw.choice(["华东", "华北", "North", "", None]), draw.choice([None, day()])) for i in range(0, 340, 2)]
    expected = [
        (f"客户{i}", day(), draw.randrange(100), draw.choice([None, day()]), "Li", draw.choice(["met", None])) for i in range(200, 340)
    ]
    related = [(f"客户{n}", "2025-01-01", f"客户{draw.randrange(n)}") for n in range(60, 300) if draw.random() < 0.6]
    related += [(f"客户{n}", "2025-01-01", f"head{n % 5}") for n in range(50, 60)]  # whose heads bought nothing, and have one, too
    related += [(f"head{n}", "2025-01-01", "head0" if n else None) for n in range(5)]
    return {
        "transactions": table("transactions", "customer date amount order category cost quantity", *bought),
        "invoices": table("invoices", "customer date paid amount", *due),
        "surveys": table("surveys", "customer date score", *asked),
        "events": table("events", "customer date event value", *did),
        "balances": table("balances", "customer date balance", *held),
        "customers": table("customers", "customer region joined", *listed),
        "estimates": table("estimates", "customer date estimate estimated_until estimated_by reason", *expected),
        "members": table("members", "customer date parent", *((f"客户{n}", "2025-01-01", f"客户{n % 60}") for n in range(300))),
        "kin": table("kin", "customer date parent", *related),
    }


def grade_months(name: str, exports: dict[str, Any], engine: Engine, as_ofs: Sequence[date]) -> list[Month]:
    """A rubric's runs of its months, the second compared with the first."""
    rubric = rubric_named(name)
    given = {source: export for source, export in exports.items() if source in rubric.sources}
    columns = {source: export.kinds for source, export in given.items()}
    plan = plan_metrics(rubric, columns)
    months: list[Month] = []
    for as_of in as_ofs:
        tables = {source: engine.table(export.frame) for source, export in given.items()}
        before, last = _earlier(months, plan, engine) if months else (Before(), None)
        graded = grade(tables, rubric, plan, columns, as_of, before, last, engine.hold, engine.given)
        frames = (graded.customers.sort("customer_id"), label_customers(graded.customers, rubric, plan), change_list(graded.customers))
        months.append(Month(*(frame.collect(backend="polars").to_native() for frame in frames), graded.cuts))
    return months


def _earlier(months: list[Month], plan: Any, engine: Engine) -> tuple[Before, Last]:
    frame = months[-1].graded
    names = [n for n in frame.columns if n != "customer_id" and not n.startswith("previous_")]
    customers = engine.table(frame.select("customer_id", *(pl.col(n).alias(f"previous_{n}") for n in names)))
    kinds = {name: planned.kind for name, planned in plan.metrics.items()}
    known = Before(engine.table(frame.select("customer_id", "first_date", "last_day")))
    return known, Last(customers, frozenset(names), kinds, months[-1].cuts)


@pytest.fixture
def on_duckdb() -> Iterator[Engine]:
    names = count()
    with duckdb.open_duckdb(threads=2) as connection:

        def table(frame: pl.DataFrame) -> Any:
            name = f"table{next(names)}"
            connection.register(name, frame.to_arrow())
            return nw.from_native(connection.table(name))

        yield Engine(table, partial(duckdb.hold, connection))


@pytest.fixture
def on_spark(spark_session: Any, through_one_task: Callable[[], int]) -> Iterator[Engine]:
    before = through_one_task()
    yield Engine(lambda frame: framed(spark_session.createDataFrame(frame.to_arrow())), hold)
    assert through_one_task() == before


@pytest.mark.parametrize(("engine", "name"), ENGINES)
def test_every_month_is_the_same_as_on_polars_to_the_last_bit(name: str, engine: str, exports: Any, request: Any) -> None:
    as_ofs = MONTHS if engine == "on_duckdb" or name in COMPARED_ON_SPARK else MONTHS[1:]
    found = grade_months(name, exports, request.getfixturevalue(engine), as_ofs)
    for month, expected in zip(found, grade_months(name, exports, POLARS, as_ofs), strict=True):
        assert month.cuts == expected.cuts
        for what in ("graded", "labels", "changes"):
            assert_frame_equal(getattr(month, what), getattr(expected, what), check_exact=True)


def test_what_duckdb_holds_is_worked_out_once_and_given_back() -> None:
    with duckdb.open_duckdb() as connection:
        held = duckdb.hold(connection, nw.from_native(connection.sql("select random() as chance")))
        assert held.collect()["chance"][0] == held.collect()["chance"][0]
        duckdb.release(connection, held)
        assert not connection.execute("show tables").fetchall()


@pytest.mark.spark
def test_a_window_over_everyone_would_be_seen_in_the_log(spark_session: Any, through_one_task: Callable[[], int]) -> None:
    before = through_one_task()
    framed(spark_session.range(3)).with_columns(total=nw.col("id").sum()).collect()
    assert through_one_task() > before


def test_every_rubric_that_ships_tells_customers_apart_here(exports: Any) -> None:
    for name in NAMES:
        (month,) = grade_months(name, exports, POLARS, MONTHS[1:])
        assert month.labels["tier"].n_unique() > 1, name
