"""A graded population in figures: tiers with their shares, movement, changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import polars as pl

from custier.rubric.model import Rubric
from custier.rubric.plan import Plan
from custier.rubric.scalars import Title
from custier.tally import ACTION, FIRED, MOVED, Alike, is_total, total
from custier.values import UNRATED, ActionCount, RejectedCode, RuleCount, TierCount

CHANGES = ("new", "up", "down", "same", "returned")


def count_tiers(alike: Sequence[Alike], rubric: Rubric, plan: Plan) -> list[TierCount]:
    """Per tier, best first (unrated last, when there are any): customers and shares of customers, spend and profit."""
    keys = ("customers", "spend", "profit")
    tiers = [*rubric.tier_names, *([UNRATED] if any(each["tier"] == UNRATED for each in alike) else [])]
    counted = {name: {key: total(alike, key, tier=name) for key in keys} for name in tiers}
    everyone, titles = {key: total(alike, key) for key in keys}, {t.name: t.title for t in rubric.tiers}
    return [_tier_count(name, titles.get(name), counted[name], everyone, plan, rubric.currency_decimals) for name in tiers]


def count_rules(alike: Sequence[Alike], rubric: Rubric) -> list[RuleCount]:
    """Per rule, in order: for how many customers it fired, and how many tiers it moved."""
    counts = [(r, total(alike, FIRED + r.name), total(alike, MOVED + r.name)) for r in rubric.rules]
    return [RuleCount(r.name, r.effect_words, *_both(r.reason), fired, moved) for r, fired, moved in counts]


def _both(title: Title | None) -> tuple[str | None, str | None]:
    return (None, None) if title is None else (title.en, title.zh)


def count_changes(alike: Sequence[Alike]) -> dict[str, int]:
    return {change: total(alike, "customers", change=change) for change in CHANGES}


def count_movement(alike: Sequence[Alike], rubric: Rubric) -> dict[str, dict[str, int]]:
    """Previous tier → tier → customers, for customers of both runs; empty when there are none."""
    cells: Counter[tuple[str, str]] = Counter()
    for each in alike:
        if each["previous_tier"] is not None:
            cells[each["previous_tier"], each["tier"]] += each["customers"]
    if not cells:
        return {}
    names = [*rubric.tier_names, UNRATED]
    names += sorted({was for was, _ in cells} - set(names))
    rows = [n for n in names if n in rubric.tier_names or any(was == n for was, _ in cells)]
    columns = [n for n in names if n in rubric.tier_names or any(now == n for _, now in cells)]
    return {was: {now: cells[was, now] for now in columns} for was in rows}


def count_actions(alike: Sequence[Alike], rubric: Rubric, as_of: date) -> list[ActionCount]:
    """Per action, in the rubric's order: for how many customers it is to be done, and when."""
    return [
        ActionCount(a.name, a.do.en, a.do.zh, a.owner, None if a.due is None else a.due.after(as_of), total(alike, ACTION + a.name))
        for a in rubric.actions
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


def _tier_count(name: str, title: Title | None, row: dict[str, int], everyone: dict[str, int], plan: Plan, decimals: int) -> TierCount:
    scale = plan.metrics["spend"].kind.scale if is_total("spend", plan) else decimals
    return TierCount(
        name=name,
        title=title.zh if title else None,
        customers=row["customers"],
        customer_share=_share(row["customers"], everyone["customers"]) or 0.0,
        spend=Decimal(row["spend"]).scaleb(-scale) if is_total("spend", plan) else None,
        spend_share=_share(row["spend"], everyone["spend"]) if is_total("spend", plan) else None,
        profit_share=_share(row["profit"], everyone["profit"]) if is_total("profit", plan) else None,
        title_en=title.en if title else None,
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole > 0 else None
