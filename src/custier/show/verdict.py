"""Why a run that ended was not published, as an error that a person and a program can read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from custier.errors import CustierError, DataError, HeldError, Problem
from custier.rubric.suspects import MANY_WITHOUT_CUSTOMER
from custier.show.command_line import command, options, publish_command
from custier.show.counts import counts_of
from custier.values import OTHER_UNIT, TWO_WAYS, Guard, RejectedCode, Summary

CODES = {
    "moved_at_most": ("CT4001", "the share of customers that changed tier is {observed}; the limit is {limit}"),
    "customers_drop_at_most": ("CT4002", "the share of the last run's customers without a row now is {observed}; the limit is {limit}"),
    "not_older_than_current": ("CT4003", "the as-of date {observed} is older than {limit}, that of the current run"),
    "top_tier_leaves_at_most": ("CT4004", "the share of the best tier's customers who left it is {observed}; the limit is {limit}"),
    "new_customers_at_most": ("CT4005", "new customers make up {observed} of the number that the last run had; the limit is {limit}"),
    "emptied_tier_at_most": ("CT4006", "a tier that had {observed} customers has none now; the limit is {limit}"),
    "tier_share_at_most": ("CT4007", "one tier has {observed} of all customers; the limit is {limit}"),
    "drift_at_most": ("CT4008", "the shares of the tiers drifted by {observed}; the limit is {limit}"),
    "rows_change_at_most": ("CT4011", "the rows are {observed} against the median of the last runs; the limit is {limit}"),
    "amount_change_at_most": ("CT4012", "the amounts are {observed} against the median of the last runs; the limit is {limit}"),
    "month_rows_change_at_most": (
        "CT4018",
        "the rows of a whole month are {observed} against the median of those before; the limit is {limit}",
    ),
    "month_amount_change_at_most": (
        "CT4019",
        "the amounts of a whole month are {observed} against the median of those before; the limit is {limit}",
    ),
    "not_undone": ("CT4020", "this very run was undone on {observed}"),
    "missing_months_at_most": ("CT4013", "the number of months without any row is {observed}; the limit is {limit}"),
    "silent_days_at_most": ("CT4014", "the as-of month has {observed} days without a row more than usual; the limit is {limit}"),
    "restated_at_most": ("CT4015", "of what the last run read {observed} changed since; the limit is {limit}"),
    "stale_input": ("CT4016", "the export is last run's under another name"),
    "rubric_changed": ("CT4017", "the rubric differs from that of the last run in {observed}"),
    "usable_rows": ("CT3302", "no usable row is left in the windows up to the as-of date"),
    "rejected_amount_at_most": ("CT4103", "the share of amounts that were rejected is {observed}; the limit is {limit}"),
    "rejected_at_most": ("CT4101", "the share of rows that were rejected is {observed}; the limit is {limit}"),
}
OTHER = ("CT4000", "a guardrail observed {observed}; the limit is {limit}")
STRICT = "rows were rejected, and --strict allows none"
NOBODY = ("CT3002", "CT3031")
FILL_DOWN = "fill the blank customers down in the export: most often cells are merged, or only the first row of an order is filled"
MOST_CODES = 5
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
    look = f"look at it: {command('show', summary.run_id, *options(summary))}; if it is right: {publish_command(summary)}"
    cure = f"{DRY} to keep the run, look at it and publish it" if is_dry(summary) else f"{look}; if not: mend it and classify again"
    problems = [_problem(guard, cure, summary) for guard in _told_once(summary.guards)] or [_problem(_UNNAMED, "", summary)]
    return HeldError(problems, state="Nothing was written; the run would be kept and held, not published." if is_dry(summary) else None)


def _told_once(guards: Sequence[Guard]) -> Iterator[Guard]:
    """The guardrails that hold; a cause that several have is told with the first."""
    told = {""}
    for guard in (guard for guard in guards if guard.held):
        yield guard if guard.cause not in told else replace(guard, cause="")
        told.add(guard.cause)


def _failed(summary: Summary) -> DataError:
    problems = [_problem(guard, _cure(guard, summary), summary) for guard in summary.guards if guard.held] or [_strict(summary)]
    return DataError(problems, state="Nothing was written; the run would fail and not be published." if is_dry(summary) else None)


def _strict(summary: Summary) -> Problem:
    cure = f"{DRY} to have them named in rejected.csv" if is_dry(summary) else "correct the rows that rejected.csv names"
    return Problem("CT4102", STRICT, help=f"{cure}, or leave --strict out")


def _cure(guard: Guard, summary: Summary) -> str:
    source = guard.name.partition(" of ")[2]
    if source and _is_mostly_nobody(summary, source):
        if _is_often_blank(summary, source):
            return f"{FILL_DOWN}; {command('help', 'CT3002')} tells more"
        return f"leave out the rows without a customer, and have them counted: sources: {{{source}: {{no_customer: exclude}}}}"
    if cures := cure_of(summary, guard.name.partition(" of ")[2]):
        return cures
    if mixed := next((warning for warning in summary.warnings if warning.startswith((TWO_WAYS, OTHER_UNIT))), ""):
        return mixed
    if summary.rejected:
        source = guard.name.partition(" of ")[2]
        code = next((r.code for r in summary.rejected if r.source == source), summary.rejected[0].code)
        named = "the export" if is_dry(summary) else f"the rows that {summary.directory}/rejected.csv names"
        return f"correct {named}; {command('help', code)} tells how"
    return "look at --as-of and at the `where` of the sources" if guard.name == "usable_rows" else "correct the export"


def _is_mostly_nobody(summary: Summary, source: str) -> bool:
    """Whether at least half of a source's rejected cells are ids that stand for nobody, or none."""
    cells = [(found.rows, found.code in NOBODY and found.column == "customer") for found in summary.rejected if found.source == source]
    return 2 * sum(rows for rows, nobody in cells if nobody) >= max(1, sum(rows for rows, _ in cells))


def _is_often_blank(summary: Summary, source: str) -> bool:
    """Whether so many customers are blank that their rows are hardly sales to nobody."""
    blank = sum(found.rows for found in summary.rejected if (found.source, found.code, found.column) == (source, "CT3002", "customer"))
    return blank > MANY_WITHOUT_CUSTOMER * sum(account.read for account in summary.accounts if account.source == source)


def _first_places(guard: Guard, summary: Summary) -> list[str]:
    """The most frequent codes of a source's rejected cells, how often each is there, and where first."""
    name, _, source = guard.name.partition(" of ")
    if not name.startswith("rejected_"):
        return []
    return [_place(found) for found in [found for found in summary.rejected if found.source == source][:MOST_CODES]]


def _place(found: RejectedCode) -> str:
    at = found.first_file if found.first_line is None else f"{found.first_file}:{found.first_line}"
    code = f"{found.code} (`{found.column}`)" if found.column else found.code
    return f"{code} once, at {at}" if found.rows == 1 else f"{code} {found.rows:,} times, first at {at}"


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


def _problem(guard: Guard, cure: str, summary: Summary) -> Problem:
    name, _, about = guard.name.partition(" of ")
    code, what = CODES.get(name, OTHER)
    counts = [name, about, counts_of(guard, summary.currency_decimals)]
    where = "; ".join([", ".join(part for part in counts if part), *_first_places(guard, summary)])
    said = what.format(observed=guard.observed, limit=guard.limit)
    return Problem(code, f"{said}; {guard.cause}" if guard.cause else said, where, cure)
