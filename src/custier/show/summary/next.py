"""Where the files are, and the command to type next; these lines are never broken, so that they can be copied."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rich.console import Group, RenderableType

from custier.errors import listed
from custier.show.command_line import command, options, publish_command
from custier.show.grid import named, section
from custier.show.look import Look, styled
from custier.show.verdict import is_dry
from custier.values import Pseudonyms, Summary

Step = tuple[str, str]
MOST_NAMED = 3
_WET = "the same command without --dry-run"


def where(summary: Summary, look: Look) -> RenderableType | None:
    """The run's directory, the full list of rejected rows, the flat copies."""
    rejected = str(Path(summary.directory) / "rejected.csv") if summary.directory and summary.rejected else None
    places = {look.told("run"): summary.directory, look.told("rejected"): rejected, look.told("copies"): summary.out}
    if summary.pseudonyms is not None:
        places |= {look.told("pseudonyms"): _pseudonyms(summary.pseudonyms, look)}
    lines = [(name, styled(place)) for name, place in places.items() if place]
    return section(look.told("written to"), named(lines, 10)) if lines else None


def _pseudonyms(pseudonyms: Pseudonyms, look: Look) -> str:
    """`key 1f2e3d4c; left out: labels.name, rejected.raw`."""
    named = look.told("key {key_id}", key_id=pseudonyms.key_id)
    left_out = look.told("left out, since they could name customers: {columns}", columns=listed(pseudonyms.left_out))
    return f"{named}; {left_out}" if pseudonyms.left_out else named


def next_step(summary: Summary, look: Look) -> RenderableType:
    """What to type next, and what for."""
    steps = [*_cures(summary, look), *NEXT.get(summary.status, _explain)(summary, look)]
    return section(look.told("next"), *(Group(styled(f"{why}:", "dim"), styled(f"  {line}", "cyan")) for why, line in steps))


def _cures(summary: Summary, look: Look) -> list[Step]:
    one = look.told("to have rejected cells read as they are written, say in the rubric")
    either = look.told("to have rejected cells read, say in the rubric which of two readings is meant")
    return [(one if len(lines) == 1 else either, line) for lines in summary.cures.values() for line in lines]


def _explain(summary: Summary, look: Look) -> list[Step]:
    return [(look.told("to see why a customer has its tier"), command("explain", "ID", *options(summary)))]


def _unpublished(summary: Summary, look: Look) -> list[Step]:
    return [(look.told("to publish this run"), publish_command(summary)), *_explain(summary, look)]


def _held(summary: Summary, look: Look) -> list[Step]:
    seen = (look.told("to see why a customer has its tier"), command("explain", "ID", "--run", summary.run_id, *options(summary)))
    publish = (look.told("to publish it although it was held ({guards})", guards=_guards(summary)), publish_command(summary))
    again = (look.told("or mend the export or the rubric"), look.told("the same command again"))
    return [seen, publish, again, (look.told("to see what is current"), command("runs", *options(summary)))]


def _failed(summary: Summary, look: Look) -> list[Step]:
    code = summary.rejected[0].code if summary.rejected else "CT3"
    steps = [(look.told("to learn what a code means, before the export is corrected and classified again"), command("help", code))]
    return [*steps, (look.told("to have every rejected row in a file"), look.told(_WET))] if is_dry(summary) and summary.rejected else steps


def _dry_run(summary: Summary, look: Look) -> list[Step]:
    if summary.exit_code == 3:
        return [(look.told("to keep this run; it would be held ({guards}), not published", guards=_guards(summary)), look.told(_WET))]
    return [(look.told("to write this run"), look.told(_WET))]


def _guards(summary: Summary) -> str:
    return listed([guard.name for guard in summary.guards if guard.held], MOST_NAMED)


def _current(summary: Summary, look: Look) -> list[Step]:
    return [
        (look.told("to grade another month"), look.told("the same command with that month's exports, or another --as-of")),
        *_explain(summary, look),
    ]


def _earlier(summary: Summary, look: Look) -> list[Step]:
    back = command("rollback", summary.run_id, *options(summary))
    which = (look.told("to see which run is current"), command("runs", *options(summary)))
    return [which, (look.told("to make this one current again"), back)]


NEXT: dict[str, Callable[[Summary, Look], list[Step]]] = {
    "held": _held, "unpublished": _unpublished, "failed": _failed, "dry-run": _dry_run,
    "already current": _current, "already published": _earlier,
}  # fmt: skip
