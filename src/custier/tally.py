"""Graded customers counted in one look: who is alike in tier and movement, how many they are, and what they come to together.

All figures of a summary and all guardrails over customers are read off these few rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from custier.expressions import first_true
from custier.frames import Frame
from custier.rubric.formula import wide
from custier.rubric.model import Rubric
from custier.rubric.plan import Plan
from custier.rubric.points import OVERDRAWN
from custier.values import TOUCHED

Alike = dict[str, Any]
"""Customers who are alike, under the names that `tally` tells; sums and counts are integers."""

TIERS = ("previous_tier", "tier", "change")
DID = ("moved", "was_top", "left_top", "vanished")
TOTALS = ("spend", "profit")
FIRED, MOVED, ACTION = "fired ", "moved by ", "action "
"""Before the name of a rule or an action; no other column has a space."""

ODD_ID = "[^0-9A-Z_-]|^[0-]"
"""What an id has that may have another spelling, or that a spreadsheet may work out."""


def tally(customers: Frame, rubric: Rubric, plan: Plan) -> list[Alike]:
    """Graded customers → previous_tier (None when new), tier, change and the bools moved, was_top, left_top, vanished; of those who are
    alike in these: customers, without_rows, touched, kept, odd_ids, overdrawn, below_zero and, per rule and action, for how many it
    fired, moved the tier or is to be done; the sums spend, profit (of the metric's own scale) and rows; most_rows, most_overdrawn.
    """
    moves, sums, most = _moves(customers), _sums(rubric, plan), _most(rubric)
    looked_at = customers.select(*TIERS, **{name: _one(test) for name, test in moves.items()}, **sums, **most)
    together = {name: nw.col(name).sum() for name in sums} | {name: nw.col(name).max() for name in most}
    counted = looked_at.group_by(*TIERS, *moves).agg(customers=nw.len(), **together).collect(backend="polars")
    texts = {*TIERS, *moves}
    found = [{name: value if name in texts else int(value or 0) for name, value in row.items()} for row in counted.iter_rows(named=True)]
    return sorted(found, key=lambda alike: tuple(str(alike[name] or "") for name in (*TIERS, *moves)))


def total(alike: Sequence[Alike], name: str, **among: str) -> int:
    """What all customers come to, or those among them who have this tier or change."""
    return sum(each.get(name, 0) for each in alike if among.items() <= each.items())


def is_total(name: str, plan: Plan) -> bool:
    """Whether a metric adds up to what all customers have together."""
    return name in plan.metrics and not plan.metrics[name].kind.quotient


def _moves(customers: Frame) -> dict[str, nw.Expr]:
    """What customers did since the last run; who vanished had rows in it and has none now."""
    had = nw.col("previous_has_rows") if "previous_has_rows" in customers.collect_schema().names() else nw.lit(None, nw.Boolean())
    known, was_top = ~nw.col("previous_tier").is_null(), nw.col("previous_rank") == 0
    return {
        "moved": known & (nw.col("steps") != 0),
        "was_top": known & was_top,
        "left_top": known & was_top & (nw.col("steps") < 0),
        "vanished": known & ~nw.col("has_rows") & nw.coalesce(had, nw.lit(True)),
    }


def _sums(rubric: Rubric, plan: Plan) -> dict[str, nw.Expr]:
    tests = {
        "without_rows": ~nw.col("has_rows"),
        "touched": nw.col(TOUCHED) > 0,
        "odd_ids": nw.col("customer_id").str.contains(ODD_ID),
    }
    tests |= {"kept": ~nw.col("retained").is_null()} if rubric.retention is not None else {}
    tests |= {"overdrawn": nw.col(OVERDRAWN) > 0} if rubric.points is not None else {}
    tests |= {"below_zero": nw.col("spend") < 0} if "spend" in plan.metrics else {}
    ranks = ["rank_before_rules", *(f"rank_after_{rule.name}" for rule in rubric.rules)]
    for rule, before, after in zip(rubric.rules, ranks[:-1], ranks[1:], strict=True):
        tests |= {FIRED + rule.name: nw.col(f"rule_{rule.name}"), MOVED + rule.name: nw.col(before) != nw.col(after)}
    tests |= {ACTION + action.name: nw.col(f"action_{action.name}") for action in rubric.actions}
    totals = {name: wide(nw.col(name)) for name in TOTALS if is_total(name, plan)}
    return {name: _one(test) for name, test in tests.items()} | totals | {"rows": nw.col("rows_in_window")}


def _most(rubric: Rubric) -> dict[str, nw.Expr]:
    points = {"most_overdrawn": nw.col(OVERDRAWN)} if rubric.points is not None else {}
    return {"most_rows": nw.col("rows_in_window")} | points


def _one(test: nw.Expr) -> nw.Expr:
    """1 where the test holds, 0 where it does not or cannot be told."""
    return first_true([(test, 1)], 0)
