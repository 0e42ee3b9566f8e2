"""Every column: what it is taken for, how much of it is missing, its most frequent values."""

from __future__ import annotations

from rich.console import RenderableType

from custier.profile.values import ColumnProfile, Profile
from custier.show.grid import Column, Row, grid, section
from custier.show.look import Look, styled
from custier.show.words import share

MOST_COLUMNS = 40


def columns(profile: Profile, look: Look) -> RenderableType:
    """One line per header; the roles are those of a rubric."""
    heads = [
        Column(look.told("column"), folds=True),
        Column(look.told("taken for")),
        Column(look.told("holds")),
        Column(look.told("missing"), right=True),
        Column(look.told("most frequent"), folds=True),
    ]
    rows = [_row(column, look) for column in profile.columns[:MOST_COLUMNS]]
    more = len(profile.columns) - MOST_COLUMNS
    note = [styled(look.told("and {more} more columns", more=more), "dim")] if more > 0 else []
    return section(look.told("columns"), grid(heads, rows, look), *note)


def _row(column: ColumnProfile, look: Look) -> Row:
    kinds = {"date": look.told("dates"), "number": look.told("numbers"), "text": look.told("texts")}
    top = "  ".join(f"{value.value} {value.rows:,}" for value in column.top)
    return [
        styled(column.header, "bold"),
        styled(column.role or ""),
        styled(kinds[column.kind]),
        styled(share(float(column.missing_share)) if column.missing else "", "yellow"),
        styled(top, "dim"),
    ]
