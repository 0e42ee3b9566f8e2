"""A stored row, and what its run says of itself → the explanation."""

from __future__ import annotations

from typing import Any

from custier.explain.distance import distances
from custier.explain.held import exact_value, shown_value
from custier.explain.kept import Kept
from custier.explain.policy import Policy, Tier
from custier.explain.sums import criterion_lines, in_points
from custier.values import UNRATED, Cut, Explanation, RuleLine

Row = dict[str, Any]


def told(row: Row, kept: Kept, rows: list[dict[str, Any]]) -> Explanation:
    """Everything that there is to say of one customer, and the rows behind it."""
    policy, stable = kept.policy, kept.stable
    shown = {name: shown_value(row, name, kind) for name, kind in kept.kinds.items()}
    exactly = {name: exact_value(row, name, kind) for name, kind in kept.kinds.items()}
    to_next, to_lose = distances(exactly, shown, row["earned_rank"], policy, kept.kinds, kept.cuts)
    tier = next((t for t in policy["tiers"] if t["name"] == row["tier"]), None)
    return Explanation(
        customer_id=row["customer_id"],
        rubric=policy["rubric"],
        title=policy["title"],
        run_id=kept.directory.name,
        as_of=kept.as_of,
        window=policy["window"],
        currency=policy["currency"],
        tier=row["tier"],
        tier_title=tier["title"] if tier is not None else None,
        earned_tier=row["earned_tier"],
        tier_before_rules=row["tier_before_rules"],
        previous_tier=row["previous_tier"],
        previous_run=stable["previous"] and stable["previous"]["run"],
        change=row["change"],
        cause=row["cause"] or "",
        tier_since=row["tier_since"],
        score=None if not policy["criteria"] or row["score"] is None else in_points(row["score"]),
        criteria=criterion_lines(row, shown, policy["criteria"]),
        tier_condition=_tier_condition(row, policy, kept.cuts),
        rules=_rule_lines(row, policy),
        flags={name: row[f"flag_{name}"] for name in policy["flags"]},
        segments={name: row[name] or "" for name in policy["segments"]},
        metrics=shown,
        benefits=tier["benefits"] if tier is not None else [],
        next_tier=row["next_tier"],
        to_next=to_next,
        to_lose=to_lose,
        rows=rows,
    )


def _rule_lines(row: Row, policy: Policy) -> list[RuleLine]:
    def name(rank: int | None) -> str:
        return UNRATED if rank is None else policy["tiers"][rank]["name"]

    lines, before = [], row["rank_before_rules"]
    for rule in policy["rules"]:
        after, effect = row[f"rank_after_{rule['name']}"], f"{rule['effect'].replace('_', ' ')} {rule['value']}"
        lines.append(RuleLine(rule["name"], rule["words"], effect, row[f"rule_{rule['name']}"], name(before), name(after)))
        before = after
    return lines


def _tier_condition(row: Row, policy: Policy, cuts: list[Cut]) -> str:
    """What the tier before rules asked for, in the rubric's words."""
    if row["rank_before_rules"] is not None:
        asked = _asked(policy["tiers"][row["rank_before_rules"]], {c.tier: c for c in cuts})
        return " and ".join(asked) or "the tiers above ask for more"
    if not row["eligible"]:
        return f"not eligible: asks for {policy['eligible']['words'] if policy['eligible'] is not None else None}"
    unrated = [name for name, c in policy["criteria"].items() if c["missing"] == "unrated" and row[f"unrated_{name}"]]
    return f"no value for {', '.join(unrated) or 'any criterion'}"


def _asked(tier: Tier, cuts: dict[str, Cut]) -> list[str]:
    said = [f"score {tier['score']['words']}"] if tier["score"] is not None else []
    said += [tier["when"]["words"]] if tier["when"] is not None else []
    if tier["name"] in cuts:
        cut = cuts[tier["name"]]
        by = "" if " of " in cut.asked else f" by {cut.by}"
        said.append(f"{cut.asked}{by}: at least {cut.exactly}")
    return said
