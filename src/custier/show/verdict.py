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
STRICT = Problem(
    "CT4102", "rows were rejected, and --strict allows none", help="correct the rows that rejected.csv names, or leave --strict out"
)


def verdict(summary: Summary) -> CustierError | None:
    """HeldError for exit 3, DataError for exit 1, None when nothing stood in the way."""
    if summary.exit_code == 0:
        return None
    over = [guard for guard in summary.guards if guard.held]
    if summary.exit_code == 3:
        return HeldError([_problem(guard, f"if it is right: {publish_command(summary)}") for guard in over] or [_problem(_UNNAMED, "")])
    return DataError([_problem(guard, _cure(guard, summary)) for guard in over] or [STRICT])


def _cure(guard: Guard, summary: Summary) -> str:
    if summary.rejected:
        return f"correct the export; {command('help', summary.rejected[0].code)} tells how"
    return "look at --as-of and at the `where` of the sources" if guard.name == "usable_rows" else "correct the export"


_UNNAMED = Guard("guardrail", "not known", "not known", 0, 0, True)


def _problem(guard: Guard, cure: str) -> Problem:
    name, _, about = guard.name.partition(" of ")
    code, what = CODES.get(name, OTHER)
    counts = f"{guard.count:,} of {guard.of:,}" if "%" in guard.limit else ""
    where = ", ".join(part for part in (name, about, counts) if part)
    return Problem(code, what.format(observed=guard.observed, limit=guard.limit), where, cure)
