"""A stored row, and what its run says of itself → the explanation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from custier.explain.customer import readable
from custier.explain.cuts import own_cuts
from custier.explain.distance import distances
from custier.explain.earned import told_values
from custier.explain.exact import Values, holds
from custier.explain.held import exact_value, shown_value, with_all_digits
from custier.explain.kept import Kept
from custier.explain.policy import Action, Asked, Matrix, Policy, Tier
from custier.explain.ranks import rank_lines
from custier.explain.statement import points_statement
from custier.explain.sums import criterion_lines, in_points
from custier.values import (
    ACCOUNT_RANK,
    IN_FORCE,
    PREVIOUS_RANK,
    TOUCHED,
    UNRATED,
    ActionLine,
    BenefitLine,
    CellLine,
    ConditionLine,
    Cut,
    Explanation,
    Kind,
    RankLine,
    RuleLine,
)

Row = dict[str, Any]


def told(row: Row, kept: Kept, rows: list[dict[str, Any]]) -> Explanation:
    """Everything that there is to say of one customer, and the rows behind it."""
    policy, stable = kept.policy, kept.stable
    shown = {name: shown_value(row, name, kind) for name, kind in kept.kinds.items()}
    exactly: Values = {name: exact_value(row, name, kind) for name, kind in kept.kinds.items()}
    exactly = {**exactly, **{name: row.get(name) for name in (ACCOUNT_RANK, PREVIOUS_RANK, IN_FORCE)}}
    to_next, to_lose = distances(exactly, shown, row["tier_rank"], policy, kept.kinds, kept.cuts)
    values = told_values(exactly, policy, kept.kinds, kept.cuts)
    cuts = own_cuts(kept.cuts, values)
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
        valid_until=row.get("valid_until"),
        retained=row.get("retained"),
        rejected_rows=row.get(TOUCHED) or 0,
        tier_title_en=tier.get("title_en") if tier is not None else None,
        earned_tier=row["earned_tier"],
        tier_before_rules=row["tier_before_rules"],
        previous_tier=row["previous_tier"],
        previous_run=stable["previous"] and stable["previous"]["run"],
        change=row["change"],
        cause=row["cause"] or "",
        tier_since=row["tier_since"],
        score=None if not policy["criteria"] or row["score"] is None else in_points(row["score"]),
        criteria=criterion_lines(row, shown, policy["criteria"], kept.cuts),
        tier_condition=_tier_condition(row, policy, cuts, kept.kinds),
        tier_parts=_held(_tier_asked(row, policy), values),
        rules=_rule_lines(row, policy, values),
        flags={name: row[f"flag_{name}"] for name in policy["flags"]},
        segments={name: row[name] or "" for name in policy["segments"]},
        cell=_cell(row, policy),
        label_parts=_label_parts(row, policy, values),
        points=points_statement(shown, policy["points"]),
        metrics=shown,
        benefits=[BenefitLine(**benefit) for benefit in tier["benefits"]] if tier is not None else [],
        next_tier=row["next_tier"],
        to_next=[replace(d, needed=with_all_digits(d.needed, kept.kinds[d.metric])) for d in to_next],
        to_lose=[replace(d, needed=with_all_digits(d.needed, kept.kinds[d.metric])) for d in to_lose],
        ranks=_ranks(kept, cuts, values) if row["rated"] else [],
        actions=[_action_line(action) for action in policy["actions"] if row[f"action_{action['name']}"]],
        reason_codes=[code for code in (row.get("reason_codes") or "").split("; ") if code],
        rows=rows,
    )


def _ranks(kept: Kept, cuts: list[Cut], values: Values) -> list[RankLine]:
    with readable(kept.directory):
        return rank_lines(kept.evidence, cuts, values, kept.kinds)


def _held(asked: Asked | None, values: Values) -> list[ConditionLine]:
    """Each part of a joined condition, and whether it holds; nothing for one formula."""
    return [ConditionLine(part["words"], part["depth"], holds(part["test"], values)) for part in asked["parts"]] if asked else []


def _tier_asked(row: Row, policy: Policy) -> Asked | None:
    """The condition of the tier before rules; of who may not be graded, that of being it."""
    if row["rank_before_rules"] is not None:
        return policy["tiers"][row["rank_before_rules"]]["when"]
    return None if row["eligible"] else policy["eligible"]


def _cell(row: Row, policy: Policy) -> CellLine | None:
    """Where the customer stands in the matrix, and all of it."""
    if (matrix := policy["matrix"]) is None:
        return None
    return CellLine(matrix["rows"]["name"], row["matrix_row"], matrix["columns"]["name"], row["matrix_column"], matrix["tiers"])


def _cell_words(row: Row, matrix: Matrix) -> str:
    """`value high and potential low`, or what has no value."""
    labels = {matrix[side]["name"]: row[f"matrix_{column}"] for side, column in (("rows", "row"), ("columns", "column"))}  # type: ignore[literal-required]
    missing = [name for name, label in labels.items() if label is None]
    return f"no value for {', '.join(missing)}" if missing else " and ".join(f"{name} {label}" for name, label in labels.items())


def _label_parts(row: Row, policy: Policy, values: Values) -> dict[str, list[ConditionLine]]:
    """What held of the joined conditions of flags, and of the label that a segment has."""
    asked: dict[str, Asked] = {**policy["flags"]}
    asked |= {
        f"{segment} {label['name']}": label["asked"]
        for segment, labels in policy["segments"].items()
        for label in labels
        if label["asked"] is not None and row[segment] == label["name"]
    }
    return {name: lines for name, condition in asked.items() if (lines := _held(condition, values))}


def _rule_lines(row: Row, policy: Policy, values: Values) -> list[RuleLine]:
    def name(rank: int | None) -> str:
        return UNRATED if rank is None else policy["tiers"][rank]["name"]

    lines, before, reached = [], row["rank_before_rules"], True
    for rule in policy["rules"]:
        after, effect = row[f"rank_after_{rule['name']}"], f"{rule['effect'].replace('_', ' ')} {rule['value']}"
        fired, parts = row[f"rule_{rule['name']}"], _held(rule, values)
        lines.append(
            RuleLine(
                rule["name"], rule["words"], effect, fired, name(before), name(after), parts, rule["reason"], rule["reason_zh"], reached
            )
        )
        before, reached = after, reached and not (fired and policy["rules_apply"] == "first")
    return lines


def _action_line(action: Action) -> ActionLine:
    due = date.fromisoformat(action["due"]) if action["due"] is not None else None
    return ActionLine(action["name"], action["text"], action["text_zh"], action["owner"], due, action["because"])


def _tier_condition(row: Row, policy: Policy, cuts: list[Cut], kinds: Mapping[str, Kind]) -> str:
    """What the tier before rules asked for, in the rubric's words."""
    if policy["matrix"] is not None and row["eligible"]:
        return _cell_words(row, policy["matrix"])
    if row["rank_before_rules"] is not None:
        asked = _asked(policy["tiers"][row["rank_before_rules"]], {c.tier: c for c in cuts}, kinds)
        return " and ".join(asked) or "the tiers above ask for more"
    if not row["eligible"]:
        return f"not eligible: asks for {policy['eligible']['words'] if policy['eligible'] is not None else None}"
    unrated = [name for name, c in policy["criteria"].items() if c["missing"] == "unrated" and row[f"unrated_{name}"]]
    return f"no value for {', '.join(unrated) or 'any criterion'}"


def _asked(tier: Tier, cuts: dict[str, Cut], kinds: Mapping[str, Kind]) -> list[str]:
    said = [f"score {tier['score']['words']}"] if tier["score"] is not None else []
    said += [tier["when"]["words"]] if tier["when"] is not None else []
    if tier["name"] in cuts:
        cut = cuts[tier["name"]]
        by = "" if " of " in cut.asked else f" by {cut.by}"
        where = "" if cut.group is None else f" in {cut.group}"
        least = with_all_digits(cut.exactly, kinds[cut.by])
        said.append(f"{cut.asked}{by}{where}: at least {least}{_kept_from(cut)}")
    return said


def _kept_from(cut: Cut) -> str:
    return "" if cut.cut_by is None else f", the cut of {cut.cut_by}"
