"""Why a run that ended was not published, as an error that a person and a program can read."""

from __future__ import annotations

from custier.errors import CustierError, DataError, HeldError, Problem
from custier.show.command_line import command, publish_command
from custier.values import Guard, Summary

CODES = {
    "moved_at_most": ("CT4001", "the share of customers that changed tier is {observed}; the limit is {limit}"),
    "customers_drop_at_most": ("CT4002", "the share of the last run's customers without a row now is {observed}; the limit is {limit}"),
    "not_older_than_current": ("CT4003", "the as-of date {observed} is older than {limit}, that of the current run"),
    "usable_rows": ("CT3302", "no usable row is left in the windows up to the as-of date"),
    "rejected_at_most": ("CT4101", "the share of rows that were rejected is {observed}; the limit is {limit}"),
}
OTHER = ("CT4000", "a guardrail observed {observed}; the limit is {limit}")
STRICT = "rows were rejected, and --strict allows none"
DRY = "run the same command without --dry-run"


def verdict(summary: Summary) -> CustierError | None:
    """HeldError for exit 3, DataError for exit 1, None when nothing stood in the way."""
    if summary.exit_code == 0:
        return None
    return _held(summary) if summary.exit_code == 3 else _failed(summary)


def is_dry(summary: Summary) -> bool:
    """Whether nothing was written, so that there is no run to look into or to publish."""
    return summary.directory is None


def _held(summary: Summary) -> HeldError:
    cure = f"{DRY} to keep the run, look at it and publish it" if is_dry(summary) else f"if it is right: {publish_command(summary)}"
    problems = [_problem(guard, cure) for guard in summary.guards if guard.held] or [_problem(_UNNAMED, "")]
    return HeldError(problems, state="Nothing was written; the run would be kept and held, not published." if is_dry(summary) else None)


def _failed(summary: Summary) -> DataError:
    problems = [_problem(guard, _cure(guard, summary)) for guard in summary.guards if guard.held] or [_strict(summary)]
    return DataError(problems, state="Nothing was written; the run would fail and not be published." if is_dry(summary) else None)


def _strict(summary: Summary) -> Problem:
    cure = f"{DRY} to have them named in rejected.csv" if is_dry(summary) else "correct the rows that rejected.csv names"
    return Problem("CT4102", STRICT, help=f"{cure}, or leave --strict out")


def _cure(guard: Guard, summary: Summary) -> str:
    if cures := cure_of(summary, guard.name.partition(" of ")[2]):
        return cures
    if summary.rejected:
        source = guard.name.partition(" of ")[2]
        code = next((r.code for r in summary.rejected if r.source == source), summary.rejected[0].code)
        named = "the export" if is_dry(summary) else f"the rows that {summary.directory}/rejected.csv names"
        return f"correct {named}; {command('help', code)} tells how"
    return "look at --as-of and at the `where` of the sources" if guard.name == "usable_rows" else "correct the export"


def cure_of(summary: Summary, source: str) -> str:
    """What the rubric could say of the rejected cells of a source, or of all where none is named; empty where nothing would help."""
    lines = [line for name, found in summary.cures.items() if source in ("", name) for line in found]
    what = (
        "say in the rubric which of two readings is meant"
        if len(lines) > len(summary.cures)
        else "say in the rubric how the cells are written"
    )
    return f"{what}: {', or '.join(lines)}" if lines else ""


_UNNAMED = Guard("guardrail", "not known", "not known", 0, 0, True)


def _problem(guard: Guard, cure: str) -> Problem:
    name, _, about = guard.name.partition(" of ")
    code, what = CODES.get(name, OTHER)
    counts = f"{guard.count:,} of {guard.of:,}" if "%" in guard.limit else ""
    where = ", ".join(part for part in (name, about, counts) if part)
    return Problem(code, what.format(observed=guard.observed, limit=guard.limit), where, cure)
