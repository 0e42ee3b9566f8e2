"""What is to be done, and for how many customers."""

from __future__ import annotations

from rich.console import RenderableType

from custier.show.grid import Column, Row, grid, section
from custier.show.look import Look, styled
from custier.values import ActionCount, Summary


def actions(summary: Summary, look: Look) -> RenderableType | None:
    """One line per action of the rubric."""
    if not summary.actions:
        return None
    columns = [Column(look.told("action"), folds=True), Column(look.told("customers"), right=True), Column(look.told("due"))]
    columns += [Column(look.told("owner"), folds=True), Column(look.told("what to do"), folds=True)]
    return section(look.told("to do"), grid(columns, [_action(action, look) for action in summary.actions], look))


def _action(action: ActionCount, look: Look) -> Row:
    said = (str(action.due or ""), action.owner or "", look.titled(action.text, action.text_zh) or "")
    return [styled(action.name, "bold"), styled(f"{action.customers:,}"), *(styled(text) for text in said)]
