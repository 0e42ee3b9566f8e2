"""The tier that a customer's exact numbers earn at the cuts of a run: one customer, no engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from custier.explain.cuts import own_cuts
from custier.explain.exact import Values, holds, rounded
from custier.explain.policy import Axis, Criterion, Policy, Rule, Tier
from custier.values import ACCOUNT_RANK, Cut, Kind, cuts_of_points

QUOTIENT_DECIMALS = 6
"""A slice is cut by a quotient rounded to this decimal."""

Rank = int | None
"""0 for the best tier; None for no tier."""


def earned_rank(values: Values, policy: Policy, kinds: Mapping[str, Kind], cuts: Sequence[Cut]) -> Rank:
    """Every metric, the policy, how metrics are held and the cuts of the run → the rank after the rules."""
    values = told_values(values, policy, kinds, cuts)
    decides = {cut.tier: cut for cut in own_cuts(cuts, values)}
    score = _score(values, policy)
    if not _is_rated(values, score, policy):
        return None
    names = [tier["name"] for tier in policy["tiers"]]
    if (matrix := policy["matrix"]) is not None:
        row, column = axis_label(matrix["rows"], values), axis_label(matrix["columns"], values)
        rank: Rank = None if row is None or column is None else names.index(matrix["tiers"][row][column])
    else:
        rank = next((i for i, tier in enumerate(policy["tiers"]) if _is_asked_for(tier, values, score, kinds, decides)), None)
    for rule in fired_rules(values, policy):
        rank = _after(rule, rank, names, values.get(ACCOUNT_RANK))
    return rank


def fired_rules(values: Values, policy: Policy) -> list[Rule]:
    """The rules that hold, in their order; only the first of them where only that applies."""
    held = [rule for rule in policy["rules"] if holds(rule["test"], values)]
    return held[:1] if policy["rules_apply"] == "first" else held


def told_values(values: Values, policy: Policy, kinds: Mapping[str, Kind], cuts: Sequence[Cut]) -> Values:
    """A customer's metrics → all that conditions may name: these, the points of every criterion, the label of every segment."""
    told: dict[str, Any] = {**values}
    for name, criterion in policy["criteria"].items():
        points = _points(values, criterion, kinds, cuts_of_points(cuts, name))
        told[f"points_{name}"] = None if points is None else Fraction(points)
    for segment in policy["told_in_order"]:
        labels = policy["segments"][segment]
        told[segment] = next((label["name"] for label in labels if label["asked"] is None or holds(label["asked"]["test"], told)), None)
    return told


def axis_label(axis: Axis, values: Values) -> str | None:
    """The label that a customer with its segments has on one side of a matrix; None where that leaves it unrated."""
    metric = axis["metric"]
    if metric is None:
        label: str | None = values[axis["name"]]
        return label
    if values[metric] is None:
        return axis["missing"]
    return next((label["name"] for label in axis["labels"] if label["asked"] is None or holds(label["asked"]["test"], values)), None)


def cut_key(value: Fraction | None, kind: Kind) -> int | None:
    """The whole number that a slice is ranked by."""
    if value is None:
        return None
    scale = QUOTIENT_DECIMALS if kind.quotient else kind.scale
    return int(rounded(value, scale) * 10**scale)


def is_eligible(values: Values, policy: Policy) -> bool:
    return policy["eligible"] is None or holds(policy["eligible"]["test"], values)


def _is_rated(values: Values, score: Fraction | None, policy: Policy) -> bool:
    if not is_eligible(values, policy):
        return False
    if policy["criteria"] and score is None:
        return False
    if (matrix := policy["matrix"]) is not None and None in (axis_label(matrix["rows"], values), axis_label(matrix["columns"], values)):
        return False
    return not any(c["missing"] == "unrated" and values[c["metric"]] is None for c in policy["criteria"].values())


def _score(values: Values, policy: Policy) -> Fraction | None:
    """Σ points × weight / Σ weights over the criteria that count; None where none does."""
    earned = ((values[f"points_{name}"], criterion["weight"]) for name, criterion in policy["criteria"].items())
    counted = [(points, weight) for points, weight in earned if points is not None]
    return sum((points * weight for points, weight in counted), Fraction(0)) / sum(weight for _, weight in counted) if counted else None


def _points(values: Values, criterion: Criterion, kinds: Mapping[str, Kind], cuts: Sequence[Cut]) -> int | None:
    missing = criterion["missing"] if isinstance(criterion["missing"], int) else None
    if values[criterion["metric"]] is None:
        return missing
    if criterion["best"] is not None:
        part = next((i for i, cut in enumerate(cuts) if _is_above(cut, values, kinds)), -1)
        return criterion["bands"][part]["points"]
    return next((band["points"] for band in criterion["bands"] if holds(band["test"], values)), missing)


def _is_asked_for(tier: Tier, values: Values, score: Fraction | None, kinds: Mapping[str, Kind], cuts: Mapping[str, Cut]) -> bool:
    """Whether all that a tier asks for is there."""
    return (
        (tier["score"] is None or holds(tier["score"]["test"], {"score": score}))
        and (tier["when"] is None or holds(tier["when"]["test"], values))
        and (tier["name"] not in cuts or _is_above(cuts[tier["name"]], values, kinds))
    )


def _is_above(cut: Cut, values: Values, kinds: Mapping[str, Kind]) -> bool:
    key = cut_key(values[cut.by], kinds[cut.by])
    if cut.num is None or key is None:
        return False
    return key <= cut.num if cut.best == "low" else key >= cut.num


def _after(rule: Rule, rank: Rank, names: list[str], of_others: Rank) -> Rank:
    """The rank after a rule whose condition holds; who has no tier gets one only when it is set."""
    value, worst = rule["value"], len(names) - 1
    if rule["effect"] == "set":
        return names.index(str(value))
    if rank is None:
        return None
    if rule["effect"] == "inherit":
        return rank if of_others is None else min(rank, of_others)
    return {
        "at_most": lambda: max(rank, names.index(str(value))),
        "at_least": lambda: min(rank, names.index(str(value))),
        "up": lambda: max(rank - int(value), 0),
        "down": lambda: min(rank + int(value), worst),
    }[rule["effect"]]()
