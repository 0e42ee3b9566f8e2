"""What is odd, each kind with its count."""

from __future__ import annotations

from rich.console import RenderableType

from custier.profile.dirt import LEFT_OUT_BY
from custier.profile.values import Dirt, Profile
from custier.show.grid import Column, Row, grid, section
from custier.show.look import Look, styled

MOST_LINES = 20


def dirt(profile: Profile, look: Look) -> RenderableType | None:
    """What a run would reject first, then what it would only count."""
    if not profile.dirt:
        return section(look.told("nothing odd was found"))
    heads = [
        Column(look.told("code")),
        Column(look.told("rows"), right=True),
        Column(look.told("what"), folds=True),
        Column(look.told("column"), folds=True),
        Column(look.told("first at"), folds=True),
    ]
    more = len(profile.dirt) - MOST_LINES
    note = [styled(look.told("and {more} more kinds", more=more), "dim")] if more > 0 else []
    return section(look.told("odd"), grid(heads, [_row(d, look) for d in profile.dirt[:MOST_LINES]], look), *note)


def _row(found: Dirt, look: Look) -> Row:
    what = look.sentence(found.kind) if found.rejected else _counted(found.kind, look)
    return [
        styled(found.code or "-", "bold" if found.rejected else "dim"),
        styled(f"{found.rows:,}", "yellow" if found.rejected else ""),
        styled(what),
        styled(found.column or ""),
        styled(found.place or "", "dim"),
    ]


def _counted(kind: str, look: Look) -> str:
    if kind.startswith(LEFT_OUT_BY):
        return look.told("rows left out by `{key}`", key=kind.removeprefix(LEFT_OUT_BY).rstrip("`"))
    match kind:
        case "rows without a customer":
            return look.told("rows without a customer")
        case "rows of ids that stand for nobody":
            return look.told("rows of ids that stand for nobody")
        case "rows alike in every column":
            return look.told("rows alike in every column")
        case "cells with control or invisible characters":
            return look.told("cells with control or invisible characters")
        case "cells that a spreadsheet would run":
            return look.told("cells that a spreadsheet would run")
        case "cells with spaces around them":
            return look.told("cells with spaces around them")
        case "texts that mean an empty cell":
            return look.told("texts that mean an empty cell")
    return kind
