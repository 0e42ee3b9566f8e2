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
    columns = [Column(look.told("rule")), *(Column(look.told(name), folds=True) for name in ("when", "then", "here"))]
    shown = grid(columns, [_rule(rule, look) for rule in explanation.rules], look)
    joined = [part for rule in explanation.rules for part in condition_parts(rule.name, rule.parts, look)]
    return section(look.told("rules"), shown, *joined, *_outcome(explanation, look))


def _rule(rule: RuleLine, look: Look) -> Row:
    moved = f"{rule.tier_before} {look.glyph('→')} {rule.tier_after}"
    here = moved if rule.tier_before != rule.tier_after else look.told(_at_rest(rule))
    style = "bold" if rule.fired else "dim"
    reason = look.titled(rule.reason, rule.reason_zh)
    return [
        styled(rule.name, style),
        styled(rule.when, "" if rule.fired else "dim"),
        styled(f"{look.sentence(rule.effect)}{f': {reason}' if reason else ''}", style),
        styled(here, style),
    ]


def _at_rest(rule: RuleLine) -> str:
    """Why a rule left the tier as it was."""
    if rule.fired:
        return "holds, changes nothing"
    return "does not hold" if rule.reached else "not looked at, one above applied"


def _outcome(e: Explanation, look: Look) -> list[RenderableType]:
    path = [look.told("{tier} before the rules", tier=e.tier_before_rules), look.told("{tier} earned", tier=e.earned_tier)]
    path += [look.told("{tier} kept", tier=e.tier)] if e.tier != e.earned_tier else []
    return [styled(f" {look.glyph('→')} ".join(path), "dim")]
