"""The table people read: exact columns of a graded customer as amounts, counts and quotients."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import narwhals as nw

from custier.expressions import SCORE_DECIMALS, first_true, no_text
from custier.rubric.actions import Action
from custier.rubric.entitlements import has_benefits
from custier.rubric.model import Rubric
from custier.rubric.plan import PER, Kind, Plan
from custier.values import ACCOUNT, TOUCHED

FIRST = ("customer_id", "tier", "previous_tier", "change", "steps", "score", "earned_tier", "next_tier", "reasons", "rules", "flags")
DATES = ("tier_since", "valid_until")
PARTIAL = "partial_data"
CHANGES = ("customer_id", "change", "previous_tier", "tier", "steps", "cause")
HALF = 2**53
"""Below this a double holds every whole number."""


def label_customers(evidence: Any, rubric: Rubric, plan: Plan) -> Any:
    """Graded customers → labels, in the contract's order of columns, sorted by customer_id; of the kind that came in.

    Money is Decimal at the currency's decimals, counts are Int64, other numbers and quotients Float64: one division of exact
    integers, for reading only, with the same last bit on every engine. Texts are String, dates Date.
    """
    labels = nw.from_native(evidence).select(**label_columns(rubric, plan)).sort("customer_id")
    return labels if isinstance(evidence, nw.LazyFrame | nw.DataFrame) else labels.to_native()


def label_columns(rubric: Rubric, plan: Plan, *, with_touched: bool = False) -> dict[str, nw.Expr]:
    """The labels' columns in their order, each as it is made from a graded customer.

    with_touched: the customers have rejected_rows, so that partial_data (Boolean), the last column, tells of whom a row was rejected.
    """
    points = [f"points_{name}" for name in rubric.score]
    codes = ["reason_codes"] if rubric.score else []
    columns = {name: nw.col(name) for name in FIRST} | {"score": quotient(nw.col("score"), None, SCORE_DECIMALS)}
    also = {ACCOUNT: bool(rubric.accounts), "benefits": has_benefits(rubric), "actions": bool(rubric.actions)}
    columns |= {
        name: nw.col(name) for name in (*rubric.segments, *(name for name, is_told in also.items() if is_told), *DATES, *codes, *points)
    }
    columns |= {name: shown(name, planned.kind) for name, planned in plan.metrics.items()}
    return columns | ({PARTIAL: nw.col(TOUCHED) > 0} if with_touched else {})


def change_list(evidence: Any) -> Any:
    """Graded customers → customer_id, change, previous_tier, tier, steps, cause of everyone who is new, moved or back, sorted."""
    moved = moved_customers(nw.from_native(evidence)).sort("customer_id")
    return moved if isinstance(evidence, nw.LazyFrame | nw.DataFrame) else moved.to_native()


def moved_customers(evidence: Any) -> Any:
    """The same of a narwhals frame, in the order that it has."""
    return evidence.filter(nw.col("change") != "same").select(*CHANGES)


def action_list(graded: Any, rubric: Rubric, as_of: date) -> Any:
    """Graded customers → customer_id, tier, action, text, text_zh, owner, due (Date): a row per customer and action that is to be done,
    of a narwhals frame, in the order that it has; those of one customer as the rubric has them.
    """
    listed = graded.select("customer_id", "tier", action=nw.col("actions").str.split("; ")).explode("action")
    told: dict[str, Callable[[Action], Any]] = {
        "text": lambda action: action.do.en,
        "text_zh": lambda action: action.do.zh,
        "owner": lambda action: action.owner,
    }
    columns = {name: first_true([(_is(a), _text(tell(a))) for a in rubric.actions], no_text()) for name, tell in told.items()}
    due = [(_is(a), nw.lit(a.due.after(as_of))) for a in rubric.actions if a.due is not None]
    return listed.filter(nw.col("action") != "").with_columns(**columns, due=first_true(due, nw.lit(None, nw.Date())))


def _is(action: Action) -> nw.Expr:
    return nw.col("action") == action.name


def _text(text: str | None) -> nw.Expr:
    return no_text() if text is None else nw.lit(text)


def shown(name: str, kind: Kind) -> nw.Expr:
    """A metric's stored columns as one column to read."""
    if kind.type != "number":
        return nw.col(name)
    if kind.quotient:
        return quotient(nw.col(name), nw.col(name + PER), kind.scale)
    if kind.scale == 0:
        return nw.col(name)
    if kind.money:
        return money(nw.col(name), kind.scale)
    return quotient(nw.col(name), None, kind.scale)


def money(minor: nw.Expr, decimals: int) -> nw.Expr:
    """Minor units as an exact decimal."""
    return (minor.cast(nw.Decimal(38, 0)) * nw.lit(Decimal(1).scaleb(-decimals))).cast(nw.Decimal(38, decimals))


def quotient(num: nw.Expr, den: nw.Expr | None, scale: int) -> nw.Expr:
    """num / (den × 10^scale) as one division of two columns (Polars divides by a scalar through its reciprocal, one ulp off)."""
    whole = num * 0 + 10**scale if den is None else den
    return num.cast(nw.Float64()) / (_double(whole, 10**scale) if den is not None and scale else whole.cast(nw.Float64()))


def _double(den: nw.Expr, by: int) -> nw.Expr:
    """den × by as the double next to it: DuckDB rounds 128 bits twice on the way, so two halves that fit are added, which rounds once."""
    product = den.cast(nw.Int128()) * nw.lit(by, nw.Int128())
    high, low = (part.cast(nw.Int64()).cast(nw.Float64()) for part in (product // HALF, product % HALF))
    return high * float(HALF) + low
