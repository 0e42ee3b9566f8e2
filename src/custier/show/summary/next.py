"""Where the files are, and the command to type next; these lines are never broken, so that they can be copied."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

from custier.show.command_line import command, options, publish_command
from custier.show.grid import section
from custier.show.look import Look, styled
from custier.show.verdict import is_dry
from custier.values import Summary

Step = tuple[str, str]
_WET = "the same command without --dry-run"


def where(summary: Summary, look: Look) -> RenderableType | None:
    """The run's directory, the full list of rejected rows, the flat copies."""
    rejected = str(Path(summary.directory) / "rejected.csv") if summary.directory and summary.rejected else None
    places = {"run": summary.directory, "rejected": rejected, "copies": summary.out}
    lines = [Text.assemble((f"{name:<10}", "dim"), styled(place)) for name, place in places.items() if place]
    return section("written to", *lines) if lines else None


def next_step(summary: Summary, look: Look) -> RenderableType:
    """What to type next, and what for."""
    steps = NEXT.get(summary.status, _explain)(summary)
    return section("next", *(Group(styled(f"{why}:", "dim"), styled(f"  {line}", "cyan")) for why, line in steps))


def _explain(summary: Summary) -> list[Step]:
    return [("to see why a customer has its tier", command("explain", "ID", *options(summary)))]


def _unpublished(summary: Summary) -> list[Step]:
    return [("to publish this run", publish_command(summary)), *_explain(summary)]


def _held(summary: Summary) -> list[Step]:
    steps = [(f"to publish it although it was held ({_guards(summary)})", publish_command(summary))]
    return [*steps, ("to see what is current", command("runs", *options(summary)))]


def _failed(summary: Summary) -> list[Step]:
    code = summary.rejected[0].code if summary.rejected else "CT3"
    steps = [("to learn what a code means, before the export is corrected and classified again", command("help", code))]
    return [*steps, ("to have every rejected row in a file", _WET)] if is_dry(summary) and summary.rejected else steps


def _dry_run(summary: Summary) -> list[Step]:
    if summary.exit_code == 3:
        return [(f"to keep this run; it would be held ({_guards(summary)}), not published", _WET)]
    return [("to write this run", _WET)]


def _guards(summary: Summary) -> str:
    return ", ".join(guard.name for guard in summary.guards if guard.held)


def _current(summary: Summary) -> list[Step]:
    return [("to grade another month", "the same command with that month's exports, or another --as-of"), *_explain(summary)]


def _earlier(summary: Summary) -> list[Step]:
    back = command("rollback", summary.run_id, *options(summary))
    return [("to see which run is current", command("runs", *options(summary))), ("to make this one current again", back)]


NEXT: dict[str, Callable[[Summary], list[Step]]] = {
    "held": _held, "unpublished": _unpublished, "failed": _failed, "dry-run": _dry_run,
    "already current": _current, "already published": _earlier,
}  # fmt: skip
