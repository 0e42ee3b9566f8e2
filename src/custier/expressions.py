"""Expressions that several steps share: the first case that holds, numbers between edges, the exact score."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import narwhals as nw
from sqlglot import exp

from custier.rubric.formula import COMPARE, Number, compare_numbers, compile_condition, exact
from custier.rubric.model import EDGES, Edges, Rubric
from custier.rubric.plan import Plan, day_number
from custier.rubric.window import Window
from custier.values import NO_GROUP, UNRATED

SCORE_DECIMALS = 6
SCORE = Number(nw.col("score_sum"), 0, nw.when(nw.col("score_weight") > 0).then(nw.col("score_weight")))
"""The exact score, from the columns that scoring leaves; tiers compare it."""

_EDGE = dict(zip(EDGES, (COMPARE[exp.GTE], COMPARE[exp.GT], COMPARE[exp.LTE], COMPARE[exp.LT]), strict=True))


def first_true(cases: Sequence[tuple[nw.Expr, Any]], otherwise: Any) -> nw.Expr:
    """The value of the first condition that holds."""
    chosen = _expr(otherwise)
    for condition, value in reversed(cases):
        chosen = nw.when(condition).then(_expr(value)).otherwise(chosen)
    return chosen


def _expr(value: Any) -> nw.Expr:
    if isinstance(value, nw.Expr):
        return value
    return nw.lit(value, nw.Int64()) if isinstance(value, int) and not isinstance(value, bool) else nw.lit(value)


def tier_name(rank: nw.Expr, names: Sequence[str]) -> nw.Expr:
    """The tier of a rank, 0 the best; `unrated` for none."""
    return first_true([(rank == i, name) for i, name in enumerate(names)], UNRATED)


def next_tier_name(rank: nw.Expr, names: Sequence[str]) -> nw.Expr:
    """The tier above that of a rank; null for the best and for none."""
    return first_true([(rank == i, names[i - 1]) for i in range(1, len(names))], no_text())


def dated_within(window: Window, as_of: date) -> nw.Expr:
    """Whether a row's date lies between the window's first and last day."""
    start, end = window.dates(as_of)
    until = nw.col("date_day") < day_number(end)
    return until if start is None else until & (nw.col("date_day") >= day_number(start))


def is_eligible(rubric: Rubric, plan: Plan) -> nw.Expr:
    """Whether a customer with these metrics may be graded."""
    return compile_condition(rubric.eligible, plan.names) if rubric.eligible else nw.lit(True)


def no_number() -> nw.Expr:
    return nw.lit(None, nw.Int64())


def no_text() -> nw.Expr:
    return nw.lit(None, nw.String())


def group_of(column: str) -> nw.Expr:
    """The group of a customer, by a segment or a text; who has none is in the group `-`."""
    return nw.coalesce(nw.col(column).cast(nw.String()), nw.lit(NO_GROUP))


def joined(parts: Sequence[nw.Expr], separator: str = "; ") -> nw.Expr:
    """Texts after one another, those that are null left out; empty when all are."""
    if not parts:
        return nw.lit("")
    return nw.concat_str(*parts, separator=separator, ignore_nulls=True)


def within(value: Number, edges: Edges) -> nw.Expr:
    """Whether a value lies between the edges; null where it is missing."""
    tests = [compare_numbers(value, exact(getattr(edges, e)), _EDGE[e]) for e in EDGES if getattr(edges, e) is not None]
    held = tests[0] if tests else ~value.num.is_null()
    for test in tests[1:]:
        held = held & test
    return held
