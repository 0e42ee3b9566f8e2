"""Every row and every cent is somewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import narwhals as nw
import polars as pl
import pytest

from custier.account import Counted, account_for, count_rows, newest_day, refuse_overflow
from custier.errors import Bug, InputError
from custier.rubric.model import Rubric
from custier.rubric.plan import day_number, plan_metrics
from custier.values import Account

AS_OF = date(2025, 12, 31)


def _counted(
    table: Any, *rows: tuple[str, str | None, str | None], rejected: tuple[int, ...] = (), excluded: tuple[int, ...] = ()
) -> Counted:
    """Rows counted, where `rejected` and `excluded` are places among them; two more lines are no rows."""
    frame = table("transactions", "customer date amount", *rows).frame.with_row_index("at")
    judged = frame.with_columns(kept=~pl.col("at").is_in(excluded), sound=~pl.col("at").is_in(rejected))
    days = count_rows(nw.from_native(judged.lazy()), ["amount"]).collect("polars")
    return Counted("transactions", nw.from_native(days.to_native(), eager_only=True), read=len(frame) + 2, malformed=2)


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
    counted = _counted(table, *ROWS, ("c", "2025-05-05", "0.77"), ("c", None, "64"), rejected=(4, 5, 7), excluded=(6,))
    account = account_for(counted, rubric, plan_metrics(rubric), AS_OF)
    assert account == Account(
        "transactions",
        read=10,
        rejected=5,
        excluded=1,
        before_window=1,
        after_window=1,
        used=2,
        money_read=-100 + 77 + 6400,
        money_rejected=-1600 + 6400,
        money_excluded=77,
        money_before_window=100,
        money_after_window=800,
        money_used=600,
        size_read=12777,
        size_rejected=11_200,
        excluded_for={"where": 1},
    )


def test_a_row_that_is_left_out_is_not_judged(table: Any) -> None:
    rubric = _rubric()
    account = account_for(_counted(table, *ROWS, rejected=(0, 1), excluded=(1, 2)), rubric, plan_metrics(rubric), AS_OF)
    assert (account.excluded, account.rejected, account.money_excluded, account.money_rejected) == (2, 3, 600, 100)


def test_rows_without_a_date_or_an_amount_are_counted_and_hold_no_money(table: Any) -> None:
    rubric = _rubric()
    rows = (("a", None, None), ("a", "2025-05-05", None), ("a", None, "1"))
    account = account_for(_counted(table, *rows, rejected=(0, 1, 2)), rubric, plan_metrics(rubric), AS_OF)
    assert (account.read, account.rejected, account.money_read, account.money_rejected) == (5, 5, 100, 100)


def test_a_table_without_amounts_is_counted_in_rows(table: Any) -> None:
    frame = table("surveys", "customer date score", ("a", "2025-05-05", "4"), ("b", "2024-05-05", "5")).frame
    days = count_rows(nw.from_native(frame.with_columns(kept=True, sound=True).lazy()), ["score"]).collect("polars")
    rubric = _rubric(sources={"transactions": {}, "surveys": {}})
    counted = Counted("surveys", nw.from_native(days.to_native(), eager_only=True), 2, 0)
    account = account_for(counted, rubric, plan_metrics(rubric), AS_OF)
    assert (account.used, account.before_window, account.money_read) == (1, 1, 0)


def test_a_row_counts_where_any_window_covers_it(table: Any) -> None:
    rubric = _rubric(metrics={"old": {"sum": "amount", "window": {"last": "1 month", "shifted": "12 months"}}})
    account = account_for(_counted(table, *ROWS, ("a", "2024-11-30", "1")), rubric, plan_metrics(rubric), AS_OF)
    assert (account.used, account.before_window, account.after_window) == (5, 1, 1)


@pytest.mark.parametrize("read", [7, 9])
def test_a_row_that_is_nowhere_or_in_two_places_is_a_bug(table: Any, read: int) -> None:
    rubric = _rubric()
    with pytest.raises(Bug, match="CT9001"):
        account_for(replace(_counted(table, *ROWS), read=read), rubric, plan_metrics(rubric), AS_OF)


def test_money_beyond_64_bits_is_added_up_whole(table: Any) -> None:
    rubric, many = _rubric(), [("a", "2025-05-05", "90000000000000000")] * 3
    assert account_for(_counted(table, *many), rubric, plan_metrics(rubric), AS_OF).money_used == 27 * 10**18


@pytest.mark.parametrize(("good", "refused"), [(["2e16", "-2e16"], False), (["2e16", "-2e16", "1e15"], True), ([], False)])
def test_amounts_whose_sum_could_wrap_are_refused(table: Any, good: list[str], refused: bool) -> None:
    counted = _counted(table, *(("a", "2025-05-05", amount) for amount in good), ("a", "2025-05-05", "4e16"), rejected=(len(good),))
    if not refused:
        refuse_overflow(counted, ["amount"])
        return
    with pytest.raises(InputError, match="CT6401"):
        refuse_overflow(counted, ["amount"])


def test_amounts_of_many_days_that_could_wrap_together_are_refused(table: Any) -> None:
    days = [("a", f"2025-{1 + n // 28:02}-{1 + n % 28:02}", "1e15") for n in range(41)]
    refuse_overflow(_counted(table, *days[:40]), ["amount"])
    with pytest.raises(InputError, match="CT6401"):
        refuse_overflow(_counted(table, *days), ["amount"])


def test_the_newest_day_is_that_of_a_good_row(table: Any) -> None:
    counted = _counted(table, *ROWS, rejected=(3,), excluded=(2,))
    assert newest_day(counted) == day_number(date(2025, 5, 6))
    assert newest_day(_counted(table, *ROWS[:1], rejected=(0,))) is None
