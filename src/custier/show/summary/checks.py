"""The guardrails as they were checked, and what a person should know besides."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from custier.show.grid import Column, Row, grid, section
from custier.show.look import Look, styled
from custier.values import Guard, Summary


def guards(summary: Summary, look: Look) -> RenderableType | None:
    """Each guardrail: what was observed, the limit, and whether it holds the run."""
    if not summary.guards:
        return None
    columns = [
        Column(look.told("guardrail"), folds=True),
        Column(""),
        Column(look.told("observed"), right=True),
        Column(look.told("limit"), right=True),
        Column("", right=True),
    ]
    return section(look.told("guardrails"), grid(columns, [_guard(guard, look) for guard in summary.guards], look))


def _guard(guard: Guard, look: Look) -> Row:
    verdict = styled(look.told("over the limit"), "bold yellow") if guard.held else styled(look.told("ok"), "green")
    counts = look.told("{count:,} of {of:,}", count=guard.count, of=guard.of)
    return [styled(guard.name), verdict, styled(guard.observed), styled(guard.limit), styled(counts, "dim")]


def warnings(summary: Summary, look: Look) -> RenderableType | None:
    """Each warning as one paragraph."""
    if not summary.warnings:
        return None
    return section(
        look.told("warnings"),
        *(Text.assemble((look.told("warning: "), "yellow"), styled(look.warned(warning))) for warning in summary.warnings),
    )
