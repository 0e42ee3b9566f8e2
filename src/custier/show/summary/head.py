"""Which rubric, which date, which run, compared with what."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from custier.show.look import Look, styled
from custier.show.words import counted
from custier.values import Summary

STATUS_STYLES = {"published": "green", "already current": "green", "current": "green", "held": "yellow", "failed": "red"}
_FROM = {"given": "as given", "data": "from the data"}


def head(summary: Summary, look: Look) -> RenderableType:
    dot = f" {look.glyph('·')} "
    named = [] if summary.title == summary.rubric else [styled(summary.title, "bold"), Text(dot, style="dim")]
    title = Text.assemble(*named, styled(summary.rubric, "" if named else "bold"), f" version {summary.version}")
    lines = {
        "as of": Text.assemble(str(summary.as_of), (f" ({_FROM.get(summary.as_of_from, '')})", "dim")),
        "window": styled(summary.window),
        "run": Text.assemble(styled(summary.run_id), dot, styled(summary.status, STATUS_STYLES.get(summary.status, ""))),
        "compared with": styled(summary.previous or "nothing, there is no run before"),
    }
    if summary.tiers:
        lines["customers"] = Text.assemble(
            (f"{summary.customers:,}", "bold"), f"{dot}{summary.unrated:,} unrated" if summary.unrated else ""
        )
    if summary.without_rows:
        lines["without rows"] = styled(f"{counted(summary.without_rows, 'customer')} of the last run")
    return Group(title, Text(), *(Text.assemble((f"{name:<15}", "dim"), text) for name, text in lines.items()))
