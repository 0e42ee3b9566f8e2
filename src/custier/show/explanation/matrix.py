"""The matrix, with the customer's cell."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from custier.show.grid import Column, Row, grid, section
from custier.show.look import Look, styled
from custier.values import CellLine, Explanation


def matrix(explanation: Explanation, look: Look) -> RenderableType | None:
    """One line per row label, one column per column label; the customer's tier in brackets."""
    cell = explanation.cell
    if cell is None:
        return None
    labels = list(dict.fromkeys(column for columns in cell.tiers.values() for column in columns))
    columns = [Column(cell.rows), *(Column(f"{cell.columns} {label}") for label in labels)]
    return section(look.told("matrix"), grid(columns, [_row(cell, row, labels) for row in cell.tiers], look))


def _row(cell: CellLine, row: str, labels: list[str]) -> Row:
    here = [row == cell.row and label == cell.column for label in labels]
    return [styled(row, "bold"), *(_tier(cell.tiers[row][label], is_here) for label, is_here in zip(labels, here, strict=True))]


def _tier(tier: str, is_here: bool) -> Text:
    return styled(f"[{tier}]", "bold green") if is_here else styled(tier, "dim")
