"""What is to be done, and for how many customers."""

from __future__ import annotations

from rich.console import RenderableType

from custier.show.grid import Column, Row, grid, section
from custier.show.look import Look, styled
from custier.show.words import both
from custier.values import ActionCount, Summary


def actions(summary: Summary, look: Look) -> RenderableType | None:
    """One line per action of the rubric."""
    if not summary.actions:
        return None
    columns = [Column("action", folds=True), Column("customers", right=True), Column("due")]
    columns += [Column("owner", folds=True), Column("what", folds=True)]
    return section("to do", grid(columns, [_action(action) for action in summary.actions], look))


def _action(action: ActionCount) -> Row:
    said = (str(action.due or ""), action.owner or "", both(action.text, action.text_zh))
    return [styled(action.name, "bold"), styled(f"{action.customers:,}"), *(styled(text) for text in said)]
