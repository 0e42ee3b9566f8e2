"""What the answer rests on: every metric, and the rows behind them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rich.console import Group, RenderableType

from custier.show.grid import Column, grid, section
from custier.show.look import Look, styled
from custier.show.words import worded
from custier.values import Explanation

ADDITIVE = ("amount", "cost", "profit", "quantity", "open")


def metrics(explanation: Explanation, look: Look) -> RenderableType | None:
    """Every metric with its value."""
    if not explanation.metrics:
        return None
    rows = [[styled(name), styled(worded(value, look))] for name, value in explanation.metrics.items() if name not in _told(explanation)]
    return section(look.told("metrics"), grid([Column("", folds=True), Column("", right=True)], rows, look))


def _told(explanation: Explanation) -> set[str]:
    """The metrics that the statement of points shows."""
    p = explanation.points
    names = [] if p is None else [*(f"from_{rule.name}" for rule in p.earned), "lifetime", "redeemed", "expired", "balance", "overdrawn"]
    return {f"points_{name}" for name in names}


def rows(explanation: Explanation, look: Look) -> RenderableType | None:
    """The customer's rows per source, each with its place in the file."""
    sources = dict.fromkeys(str(row.get("source", "")) for row in explanation.rows)
    found = {source: [row for row in explanation.rows if str(row.get("source", "")) == source] for source in sources}
    return Group(*(_source(source, rows, explanation.window, look) for source, rows in found.items())) if found else None


def _source(source: str, rows: list[dict[str, Any]], window: str, look: Look) -> RenderableType:
    """A source's rows, those outside the window after those that count there, and what these add up to."""
    counting = [row for row in rows if row.get("in_window")]
    rows = counting + [row for row in rows if not row.get("in_window")]
    names = [name for name in dict.fromkeys(name for row in rows for name in row) if name not in ("source", "file", "line", "in_window")]
    numeric = {name for name in names if any(isinstance(row.get(name), int | float | Decimal) for row in rows)}
    columns = [
        Column(look.told("at"), folds=True),
        *(Column(name, right=name in numeric, folds=name not in numeric and name != "date") for name in names),
    ]
    body = [[styled(_place(row), "dim"), *(styled(worded(row.get(name), look, "")) for name in names)] for row in rows]
    if added := [name for name in names if name in ADDITIVE]:
        sums = {name: sum((row[name] for row in counting if row.get(name) is not None), Decimal(0)) for name in added}
        total = [styled(worded(sums[name], look) if name in sums else "", "bold") for name in names]
        body.insert(len(counting), [styled(look.told("sum of these {count:,}", count=len(counting)), "bold"), *total])
    dated = any("in_window" in row for row in rows)
    said = "{source}: {rows}, {counting:,} in the window {window}" if dated else "{source}: {rows}, in every window"
    title = look.told(said, source=source, rows=look.counted(len(rows), "row"), counting=len(counting), window=look.sentence(window))
    return section(title, grid(columns, body, look))


def _place(row: dict[str, Any]) -> str:
    return f"{row.get('file', '')}:{row.get('line', '')}"
