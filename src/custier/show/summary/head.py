"""Which rubric, which date, which run, compared with what."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from custier.show.grid import named
from custier.show.look import Look, styled
from custier.show.words import counted
from custier.values import Summary

STATUS_STYLES = {"published": "green", "already current": "green", "current": "green", "held": "yellow", "failed": "red"}
NOTICES = {
    "already current": "Nothing to do: this very run is current already, and the store is unchanged.",
    "already published": "Nothing to do: this very run was published before; a later run is current, and the store is unchanged.",
    "held": "Held: this run is complete and kept, and it is not published.",
    "failed": "Failed: the data did not pass its checks, and nobody was graded.",
    "unpublished": "Not published: this run is complete and kept.",
    "dry-run": "Dry run: nothing was written.",
}
_FROM = {"given": "as given", "data": "from the data", "today": "today: no usable row has a date"}


def head(summary: Summary, look: Look) -> RenderableType:
    dot = f" {look.glyph('·')} "
    heading = [] if summary.title == summary.rubric else [styled(summary.title, "bold"), Text(dot, style="dim")]
    title = Text.assemble(*heading, styled(summary.rubric, "" if heading else "bold"), f" version {summary.version}")
    notice = [styled(NOTICES[summary.status], STATUS_STYLES.get(summary.status, "bold")), Text()] if summary.status in NOTICES else []
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
    return Group(*notice, title, Text(), named(lines.items(), 15))
