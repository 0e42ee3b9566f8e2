"""Every row and every cent is somewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import narwhals as nw
import polars as pl
import pytest

from custier.account import Sorted, account_for, refuse_overflow
from custier.errors import Bug, InputError
from custier.rubric.model import Rubric
from custier.rubric.plan import plan_metrics
from custier.values import Account

AS_OF = date(2025, 12, 31)


def _sorted(table: Any, *rows: tuple[str, str, str], rejected: tuple[int, ...] = ()) -> Sorted:
    frame = table("transactions", "customer date amount", *rows).frame.with_columns(
        file=pl.lit("x.csv"), line=pl.int_range(2, pl.len() + 2)
    )
    bad = pl.DataFrame({"file": ["x.csv"] * len(rejected), "line": list(rejected)}, schema={"file": pl.String, "line": pl.Int64})
    good = frame.filter(~pl.col("line").is_in(list(rejected)))
    held = [nw.from_native(f, eager_only=True) for f in (frame, good, bad)]
    return Sorted("transactions", *held, read=len(frame) + 5, malformed=2, excluded=3, money_excluded=77)


def _rubric(**said: Any) -> Rubric:
    return Rubric.model_validate({"rubric": "test", "tiers": [{"name": "C"}], **said})


ROWS = [
    ("a", "2024-12-31", "1"),
    ("a", "2025-01-01", "2"),
    ("a", "2025-12-31", "4"),
    ("a", "2026-01-01", "8"),
    ("b", "2025-05-05", "16"),
    ("b", "2025-05-06", "-32"),
]


def test_rows_and_money_are_in_exactly_one_place(table: Any) -> None:
    rubric = _rubric()
    account = account_for(_sorted(table, *ROWS, rejected=(6, 6, 7)), rubric, plan_metrics(rubric), AS_OF)
    assert account == Account("transactions", 11, 4, 3, 1, 1, 2, -100 + 77, -1600, 77, 100, 800, 600)


def test_a_row_counts_where_any_window_covers_it(table: Any) -> None:
    rubric = _rubric(metrics={"old": {"sum": "amount", "window": {"last": "1 month", "shifted": "12 months"}}})
    account = account_for(_sorted(table, *ROWS, ("a", "2024-11-30", "1")), rubric, plan_metrics(rubric), AS_OF)
    assert (account.used, account.before_window, account.after_window) == (5, 1, 1)


def test_a_row_that_is_nowhere_is_a_bug(table: Any) -> None:
    rubric = _rubric()
    with pytest.raises(Bug, match="CT9001"):
        account_for(replace(_sorted(table, *ROWS), read=99), rubric, plan_metrics(rubric), AS_OF)
    with pytest.raises(Bug, match="CT9001"):
        account_for(replace(_sorted(table, *ROWS), excluded=4), rubric, plan_metrics(rubric), AS_OF)


def test_amounts_whose_sum_could_wrap_are_refused() -> None:
    def column(*values: int) -> Any:
        return nw.from_native(pl.DataFrame({"amount": values}), eager_only=True)

    refuse_overflow(column(2 * 10**18, -2 * 10**18), "transactions", ["amount"])
    refuse_overflow(column(), "transactions", [])
    with pytest.raises(InputError, match="CT6401"):
        refuse_overflow(column(2 * 10**18, -2 * 10**18, 10**17), "transactions", ["amount"])
