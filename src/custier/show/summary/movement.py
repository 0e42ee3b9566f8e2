"""Who moved since the last run: the counts, and from which tier to which."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from custier.show.grid import INDENT, Column, Row, grid, least_width, section
from custier.show.look import Look, styled
from custier.values import Summary

_STYLES = {"up": "green", "down": "red"}
_KINDS = ("up", "down", "same", "new", "returned")
_MOST_MOVES = 12


def changes(summary: Summary, look: Look) -> RenderableType | None:
    """The changes and the movement; nothing where there is no run before."""
    if summary.previous is None or not summary.changes:
        return None
    counts = [(kind, summary.changes[kind]) for kind in _KINDS if kind in summary.changes]
    dot = (f" {look.glyph('·')} ", "dim")
    words = [(f"{n:,} {look.told(kind)}", _STYLES.get(kind, "") if n else "dim") for kind, n in counts]
    said = Text.assemble(*(part for word in words for part in (dot, word)))[3:]
    return section(look.told("changes since the last run"), said, *(_movement(summary, look) if summary.movement else ()))


def _movement(summary: Summary, look: Look) -> list[RenderableType]:
    order = _order(summary)
    befores = [name for name in order if any(summary.movement.get(name, {}).values())]
    arrow = look.glyph("→")
    columns = [Column(f"{look.told('before')} {arrow} {look.told('now')}"), *(Column(name, right=True) for name in order)]
    rows: list[Row] = [[styled(name, "bold"), *(_cell(summary, name, now, order, look) for now in order)] for name in befores]
    if look.narrow or least_width(columns, rows) + INDENT > look.width:
        return [Text(), *_largest_moves(summary, order, look)]
    return [Text(), grid(columns, rows, look)]


def _order(summary: Summary) -> list[str]:
    """Tiers best first, then whatever else the movement names."""
    others = [name for before, nows in summary.movement.items() for name in (before, *nows)]
    return list(dict.fromkeys([*(t.name for t in summary.tiers), *others]))


def _cell(summary: Summary, before: str, now: str, order: list[str], look: Look) -> Text:
    count = summary.movement[before].get(now, 0)
    if not count:
        return styled(look.glyph("–"), "dim")
    return styled(f"{count:,}", _direction(before, now, order))


def _direction(before: str, now: str, order: list[str]) -> str:
    if before == now or "unrated" in (before, now):
        return "dim"
    return "green" if order.index(now) < order.index(before) else "red"


def _largest_moves(summary: Summary, order: list[str], look: Look) -> list[RenderableType]:
    moves = [(n, before, now) for before, nows in summary.movement.items() for now, n in nows.items() if n and before != now]
    moves.sort(key=lambda move: -move[0])
    arrow = look.glyph("→")
    lines: list[RenderableType] = []
    for n, before, now in moves[:_MOST_MOVES]:
        lines.append(Text.assemble(styled(f"{before} {arrow} {now}", _direction(before, now, order)), f": {n:,}"))
    more = len(moves) - _MOST_MOVES
    return [*lines, *([styled(look.told("and {moves}", moves=look.counted(more, "smaller move")), "dim")] if more > 0 else [])]
