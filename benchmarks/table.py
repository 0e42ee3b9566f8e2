"""Measured runs → a Markdown table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

HEAD = ("input", "rows", "tool", "seconds", "all runs", "CPU", "ns a row", "÷ next smaller", "peak memory", "custier ÷ tool", "labels")


@dataclass(frozen=True)
class Line:
    """One tool on one input; without seconds it did not succeed, and `labels` says why."""

    kind: str
    rows: int
    tool: str
    seconds: tuple[float, ...]
    cpu_seconds: tuple[float, ...]
    peak_bytes: int
    labels: str

    @property
    def median(self) -> float | None:
        return median(self.seconds) if self.seconds else None

    @property
    def ns_per_row(self) -> float | None:
        return None if self.median is None else self.median * 1e9 / self.rows


def markdown(lines: Sequence[Line]) -> str:
    """The whole table, numbers to the right. Ratios: ns a row to the tool's next smaller size, custier's median to the tool's."""
    rows = [HEAD, tuple("---" if name in ("input", "tool", "labels") else "---:" for name in HEAD)]
    rows += [tuple(_cells(line, lines)) for line in lines]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in rows)


def _cells(line: Line, lines: Sequence[Line]) -> Iterator[str]:
    ours = next((x for x in lines if (x.kind, x.rows, x.tool) == (line.kind, line.rows, "custier")), None)
    smaller = [x for x in lines if (x.kind, x.tool) == (line.kind, line.tool) and x.rows < line.rows]
    before = max(smaller, key=lambda x: x.rows, default=None)
    yield from (line.kind, f"{line.rows:,}", line.tool, _figure(line.median, ".2f"))
    yield f"{min(line.seconds):.2f}–{max(line.seconds):.2f}" if line.seconds else ""
    yield _figure(median(line.cpu_seconds) if line.cpu_seconds else None, ".2f")
    yield _figure(line.ns_per_row, ".0f")
    yield _ratio(line.ns_per_row, before.ns_per_row if before else None)
    yield f"{line.peak_bytes / 2**20:,.0f} MiB" if line.peak_bytes else ""
    yield _ratio(ours.median if ours and ours is not line else None, line.median)
    yield line.labels


def _figure(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def _ratio(value: float | None, of: float | None) -> str:
    return "" if value is None or of is None else f"{value / of:.2f} ×"
