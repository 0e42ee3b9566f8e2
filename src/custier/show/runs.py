"""The runs of a store, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Group
from rich.text import Text

from custier.show.grid import Column, grid, section
from custier.show.look import Look, render, styled
from custier.show.summary.head import STATUS_STYLES
from custier.show.words import worded

MOST_FAILURES = 5


def failures_text(failures: Sequence[Any], look: Look) -> str:
    """The newest runs that ended before anything was kept: when, how, with which exit code and why; where their logs are."""
    if not failures:
        return ""
    columns = [Column(look.told("made")), Column(look.told("exit"), right=True), Column(look.told("why"), folds=True)]
    rows = [
        [
            styled(f"{failure.created.astimezone():%Y-%m-%d %H:%M}"), styled(str(failure.exit_code)),
            styled(f"{failure.code} {failure.what}".strip()),
        ]
        for failure in failures[:MOST_FAILURES]
    ]  # fmt: skip
    more = len(failures) - len(rows)
    said = [Text(look.told("and {count:,} more", count=more), style="dim")] if more else []
    where = styled(look.told("their logs: {folder}", folder=str(failures[0].directory.parent)), "dim")
    return render(section(look.told("failed before anything was kept"), grid(columns, rows, look), *said, where), look)


def runs_text(runs: Sequence[Any], look: Look) -> str:
    """One line per run: its id, which begins with its as-of date, status, customers, moved, created."""
    if not runs:
        return render(Text(look.told("no runs yet")), look)
    columns = [
        Column(look.told("run")),
        Column(look.told("status"), folds=True),
        Column(look.told("customers"), right=True),
        Column(look.told("moved"), right=True),
        Column(look.told("made")),
    ]
    rows = [
        [
            styled(run.run_id, "bold" if run.status == "current" else ""),
            styled(_status(run, look), STATUS_STYLES.get(run.status, "dim")), styled(worded(run.customers, look, "")),
            styled(worded(run.moved, look, "")), styled(f"{run.created.astimezone():%Y-%m-%d %H:%M}" if run.created else "", "dim"),
        ]
        for run in runs
    ]  # fmt: skip
    return render(Group(grid(columns, rows, look)), look)


def _status(run: Any, look: Look) -> str:
    """`current`; `held: moved_at_most`."""
    why = ", ".join(getattr(run, "held_by", ()))
    return f"{look.told(run.status)}: {why}" if why else look.told(run.status)
