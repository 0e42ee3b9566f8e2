"""The rules: for how many customers each fired, and how many it moved."""

from __future__ import annotations

from rich.console import RenderableType

from custier.show.grid import Column, Row, grid, section
from custier.show.look import Look, styled
from custier.values import RuleCount, Summary


def rules(summary: Summary, look: Look) -> RenderableType | None:
    """One line per rule in its order; nothing where the rubric has none or nobody was graded."""
    if not summary.rules:
        return None
    columns = [Column(look.told("rule")), Column(look.told("then"))]
    columns += [Column(look.told("fired"), right=True), Column(look.told("moved"), right=True)]
    columns += [Column(look.told("reason"), folds=True)] if any(rule.reason for rule in summary.rules) else []
    return section(look.told("rules"), grid(columns, [_rule(rule, look)[: len(columns)] for rule in summary.rules], look))


def _rule(rule: RuleCount, look: Look) -> Row:
    counts = [styled(f"{count:,}", "" if count else "dim") for count in (rule.fired, rule.moved)]
    return [
        styled(rule.name, "bold"),
        styled(look.sentence(rule.effect)),
        *counts,
        styled(look.titled(rule.reason, rule.reason_zh) or "", "dim"),
    ]
