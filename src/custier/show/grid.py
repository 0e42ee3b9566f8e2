"""Aligned columns without boxes, and `key: value` blocks where the columns do not fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from custier.show.look import Look

GAP = 2
INDENT = 2
_FOLDS_TO = 16
_EIGHTHS = " ▏▎▍▌▋▊▉"


@dataclass(frozen=True)
class Column:
    """A column: numbers stand right and are never broken; `picture` is left out of blocks; `folds` may take several lines."""

    name: str
    right: bool = False
    picture: bool = False
    folds: bool = False


Row = Sequence[Text]


def grid(columns: Sequence[Column], rows: Sequence[Row], look: Look) -> RenderableType:
    """Rows under their column names, or a block per row where they do not fit; a row without a head is left out of blocks."""
    if (look.narrow and len(columns) > 2) or least_width(columns, rows) + INDENT > look.width:
        return Group(*(_block(columns, row) for row in rows if row[0].plain))
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="dim", show_header=any(c.name for c in columns))
    for column in columns:
        justify, overflow = ("right" if column.right else "left"), "fold"
        table.add_column(Text(column.name), justify=justify, no_wrap=not column.folds, overflow=overflow)  # type: ignore[arg-type]
    for row in rows:
        table.add_row(*row)
    return table


def least_width(columns: Sequence[Column], rows: Sequence[Row]) -> int:
    """The cells that the columns need at least, gaps included."""
    lengths = [max([Text(c.name).cell_len, *(row[i].cell_len for row in rows)]) for i, c in enumerate(columns)]
    return sum(min(n, _FOLDS_TO) if c.folds else n for c, n in zip(columns, lengths, strict=True)) + GAP * len(columns)


def _block(columns: Sequence[Column], row: Row) -> RenderableType:
    head, *rest = zip(columns, row, strict=True)
    lines = [Text.assemble((f"{c.name.strip()}: " if c.name else ""), _stripped(text)) for c, text in rest if text.plain and not c.picture]
    return Group(head[1], Padding(Group(*lines), (0, 0, 0, INDENT), expand=False))


def _stripped(text: Text) -> Text:
    kept = text[len(text.plain) - len(text.plain.lstrip()) :]
    kept.rstrip()
    return kept


def named(lines: Iterable[tuple[str, Text]], cells: int) -> RenderableType:
    """Each name before its text; what is too long for its line goes on under its own beginning."""
    table = Table.grid(padding=(0, GAP, 0, 0))
    table.add_column(style="dim", min_width=cells - GAP, no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in lines:
        table.add_row(Text(name), text)
    return table


def section(heading: str, *body: RenderableType) -> RenderableType:
    """A heading and what stands under it, after a blank line."""
    return Group(Text(), Text(heading, style="bold"), Padding(Group(*body), (0, 0, 0, INDENT)))


def bar(fraction: float, cells: int, look: Look) -> str:
    """A bar of up to `cells` characters; what is not nothing shows at least its thinnest slice."""
    fraction = min(max(fraction, 0.0), 1.0)
    if not look.unicode:
        return "#" * (max(1, round(fraction * cells)) if fraction else 0)
    whole, eighths = divmod(max(1, round(fraction * cells * 8)) if fraction else 0, 8)
    return "█" * whole + _EIGHTHS[eighths].strip()
