"""The rules in their order, and what those that held did to the tier."""

from __future__ import annotations

from rich.console import RenderableType

from custier.show.explanation.parts import condition_parts
from custier.show.grid import Column, Row, grid, section
from custier.show.look import Look, styled
from custier.values import Explanation, RuleLine


def rules(explanation: Explanation, look: Look) -> RenderableType | None:
    """One line per rule: its condition, its effect, the tier before and after."""
    if not explanation.rules:
        return None
    columns = [Column("rule"), Column("when", folds=True), Column("then", folds=True), Column("here", folds=True)]
    shown = grid(columns, [_rule(rule, look) for rule in explanation.rules], look)
    joined = [part for rule in explanation.rules for part in condition_parts(rule.name, rule.parts, look)]
    return section("rules", shown, *joined, *_outcome(explanation, look))


def _rule(rule: RuleLine, look: Look) -> Row:
    moved = f"{rule.tier_before} {look.glyph('→')} {rule.tier_after}"
    here = moved if rule.tier_before != rule.tier_after else "holds, changes nothing" if rule.fired else "does not hold"
    style = "bold" if rule.fired else "dim"
    return [styled(rule.name, style), styled(rule.when, "" if rule.fired else "dim"), styled(rule.effect, style), styled(here, style)]


def _outcome(e: Explanation, look: Look) -> list[RenderableType]:
    path = [f"{e.tier_before_rules} before the rules", f"{e.earned_tier} earned", *([f"{e.tier} kept"] if e.tier != e.earned_tier else [])]
    return [styled(f" {look.glyph('→')} ".join(path), "dim")]
