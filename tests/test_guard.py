"""Guardrails hold above their limit and not at it."""

from __future__ import annotations

from datetime import date
from typing import Any

import narwhals as nw
import polars as pl
import pytest

from custier.guard import check_movement, check_newer, check_rejected
from custier.rubric.model import Guardrails
from custier.values import Account

LIMITS = Guardrails.model_validate({"moved_at_most": "20%", "rejected_at_most": "1%", "customers_drop_at_most": "10%"})


def _customers(moved: int, gone: int, of: int, new: int = 0) -> Any:
    rows = [{"previous_tier": "A", "steps": (-1) ** i if i < moved else 0, "has_rows": i >= gone} for i in range(of)]
    rows += [{"previous_tier": None, "steps": None, "has_rows": True}] * new
    schema = {"previous_tier": pl.String, "steps": pl.Int64, "has_rows": pl.Boolean}
    return nw.from_native(pl.LazyFrame(rows, schema=schema))


@pytest.mark.parametrize(
    ("moved", "gone", "of", "held"),
    [
        (20, 10, 100, [False, False]),
        (21, 10, 100, [True, False]),
        (20, 11, 100, [False, True]),
        (1, 0, 5, [False, False]),
        (0, 0, 3, [False, False]),
        (1, 1, 4, [True, True]),
    ],
)
def test_movement_at_and_above_the_limit(moved: int, gone: int, of: int, held: list[bool]) -> None:
    guards = check_movement(_customers(moved, gone, of, new=500), LIMITS)
    assert [(g.name, g.held, g.count, g.of) for g in guards] == [
        ("moved_at_most", held[0], moved, of),
        ("customers_drop_at_most", held[1], gone, of),
    ]


def test_without_a_customer_of_both_runs_nothing_can_have_moved() -> None:
    assert check_movement(_customers(0, 0, 0, new=3), LIMITS) == []


@pytest.mark.parametrize(
    ("rejected", "read", "held"),
    [(1, 100, False), (2, 100, True), (0, 0, False), (1, 99, True), (10_000, 1_000_000, False), (10_001, 1_000_000, True)],
)
def test_rejected_rows_at_and_above_the_limit(rejected: int, read: int, held: bool) -> None:
    [guard] = check_rejected([Account("transactions", read, rejected, 0, 0, 0, read - rejected)], LIMITS)
    assert (guard.held, guard.name, guard.limit) == (held, "rejected_at_most of transactions", "1%")


def test_a_limit_of_nothing_holds_at_the_first() -> None:
    strict = Guardrails.model_validate({"moved_at_most": "0%", "rejected_at_most": "0%", "customers_drop_at_most": "0%"})
    assert [g.held for g in check_movement(_customers(1, 1, 10_000), strict)] == [True, True]
    assert [g.held for g in check_movement(_customers(0, 0, 10_000), strict)] == [False, False]


@pytest.mark.parametrize(("current", "held"), [(None, False), ("2025-12-30", False), ("2025-12-31", False), ("2026-01-01", True)])
def test_a_run_older_than_the_current_one_is_held(current: str | None, held: bool) -> None:
    assert any(g.held for g in check_newer(date(2025, 12, 31), current)) is held
