"""A graded population in figures: tiers with their shares, movement, changes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import narwhals as nw
import polars as pl

from custier.expressions import first_true
from custier.frames import Frame
from custier.rubric.formula import wide
from custier.rubric.model import Rubric
from custier.rubric.plan import Plan
from custier.rubric.scalars import Title
from custier.values import UNRATED, ActionCount, RejectedCode, RuleCount, TierCount

CHANGES = ("new", "up", "down", "same", "returned")


def count_tiers(customers: Frame, rubric: Rubric, plan: Plan) -> list[TierCount]:
    """Per tier, best first (unrated last, when there are any): customers and shares of customers, spend and profit."""
    counted = _totals(customers, plan)
    everyone = {key: sum(row[key] for row in counted.values()) for key in ("customers", "spend", "profit")}
    names = [*rubric.tier_names, *([UNRATED] if UNRATED in counted else [])]
    titles = {t.name: t.title for t in rubric.tiers}
    return [_tier_count(n, titles.get(n), counted.get(n), everyone, plan, rubric.currency_decimals) for n in names]


def count_rules(customers: Frame, rubric: Rubric) -> list[RuleCount]:
    """Per rule, in order: for how many customers it fired, and how many tiers it moved."""
    if not rubric.rules:
        return []
    ranks = ["rank_before_rules", *(f"rank_after_{rule.name}" for rule in rubric.rules)]
    sums: dict[str, nw.Expr] = {}
    for i, rule in enumerate(rubric.rules):
        sums[f"fired {i}"] = _ones(nw.col(f"rule_{rule.name}")).sum()
        sums[f"moved {i}"] = _ones(nw.coalesce(nw.col(ranks[i]) != nw.col(ranks[i + 1]), nw.lit(False))).sum()
    row = [int(count or 0) for count in customers.select(**sums).collect(backend="polars").row(0)]
    counts = zip(rubric.rules, row[::2], row[1::2], strict=True)
    return [RuleCount(r.name, r.effect_words, *_both(r.reason), fired, moved) for r, fired, moved in counts]


def _both(title: Title | None) -> tuple[str | None, str | None]:
    return (None, None) if title is None else (title.en, title.zh)


def _ones(condition: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(nw.lit(1, nw.Int64())).otherwise(nw.lit(0, nw.Int64()))


def count_changes(customers: Frame) -> dict[str, int]:
    counted = _counts(customers, "change")
    return {change: counted.get(change, 0) for change in CHANGES}


def count_movement(customers: Frame, rubric: Rubric) -> dict[str, dict[str, int]]:
    """Previous tier → tier → customers, for customers of both runs; empty when there are none."""
    known = customers.filter(~nw.col("previous_tier").is_null())
    counted = known.group_by("previous_tier", "tier").agg(nw.len().alias("customers")).collect(backend="polars")
    if not len(counted):
        return {}
    cells = {(row["previous_tier"], row["tier"]): row["customers"] for row in counted.iter_rows(named=True)}
    names = [*rubric.tier_names, UNRATED]
    names += sorted({was for was, _ in cells} - set(names))
    rows = [n for n in names if n in rubric.tier_names or any(was == n for was, _ in cells)]
    columns = [n for n in names if n in rubric.tier_names or any(now == n for _, now in cells)]
    return {was: {now: cells.get((was, now), 0) for now in columns} for was in rows}


def count_actions(customers: Frame, rubric: Rubric, as_of: date) -> list[ActionCount]:
    """Per action, in the rubric's order: for how many customers it is to be done, and when."""
    if not rubric.actions:
        return []
    ones = {a.name: first_true([(nw.col(f"action_{a.name}"), 1)], 0).sum() for a in rubric.actions}
    counts = customers.select(**ones).collect(backend="polars").row(0)
    return [
        ActionCount(a.name, a.do.en, a.do.zh, a.owner, None if a.due is None else a.due.after(as_of), int(count or 0))
        for a, count in zip(rubric.actions, counts, strict=True)
    ]


def group_rejected(rejected: pl.DataFrame) -> list[RejectedCode]:
    """Rejected cells → one line per source, code and column, the most frequent first, with its first place."""
    grouped = rejected.sort("source", "file", "line", "column").group_by("source", "code", "column", "message", maintain_order=True)
    counted = grouped.agg(rows=pl.len(), first_file=pl.col("file").first(), first_line=pl.col("line").first())
    ordered = counted.sort("rows", "code", "column", "source", descending=[True, False, False, False])
    return [
        RejectedCode(r["code"], r["message"], r["rows"], r["first_file"], r["first_line"], r["column"] or "", r["source"])
        for r in ordered.iter_rows(named=True)
    ]


def _counts(customers: Frame, column: str) -> dict[str, int]:
    counted = customers.group_by(column).agg(nw.len().alias("customers")).collect(backend="polars")
    return dict(zip(counted[column].to_list(), counted["customers"].to_list(), strict=True))


def _totals(customers: Frame, plan: Plan) -> dict[str, dict[str, int]]:
    sums = [wide(nw.col(name)).sum().alias(name) for name in ("spend", "profit") if _is_total(name, plan)]
    counted = customers.group_by("tier").agg(nw.len().alias("customers"), *sums).collect(backend="polars")
    found = ({"spend": 0, "profit": 0} | row for row in counted.iter_rows(named=True))
    return {row["tier"]: {name: int(row[name] or 0) for name in ("customers", "spend", "profit")} for row in found}


def _is_total(name: str, plan: Plan) -> bool:
    return name in plan.metrics and not plan.metrics[name].kind.quotient


def _tier_count(
    name: str, title: Title | None, row: dict[str, int] | None, everyone: dict[str, int], plan: Plan, decimals: int
) -> TierCount:
    row = row or {"customers": 0, "spend": 0, "profit": 0}
    scale = plan.metrics["spend"].kind.scale if _is_total("spend", plan) else decimals
    return TierCount(
        name=name,
        title=title.zh if title else None,
        customers=row["customers"],
        customer_share=_share(row["customers"], everyone["customers"]) or 0.0,
        spend=Decimal(row["spend"]).scaleb(-scale) if _is_total("spend", plan) else None,
        spend_share=_share(row["spend"], everyone["spend"]) if _is_total("spend", plan) else None,
        profit_share=_share(row["profit"], everyone["profit"]) if _is_total("profit", plan) else None,
        title_en=title.en if title else None,
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole > 0 else None
