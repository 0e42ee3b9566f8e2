"""A run as a summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import narwhals as nw

from custier.account import GOOD, Counted
from custier.errors import in_number, listed
from custier.frames import Frame, row_count
from custier.guard.gaps import last_day
from custier.pipeline.keep import Run
from custier.pipeline.suspected import customer_warnings, rounded_warnings, suspicion_warnings
from custier.pipeline.ties import tie_warnings
from custier.rubric.plan import day_number, points_metrics
from custier.rubric.points import OVERDRAWN
from custier.rubric.wanted import is_of_merges
from custier.summarise import count_actions, count_changes, count_movement, count_rules, count_tiers, group_rejected
from custier.tally import Alike, total
from custier.values import UNRATED, Cut, Guard, Summary

NO_DAYS = (date(1899, 12, 30), date(1900, 1, 1), date(1970, 1, 1), date(9999, 12, 31))
"""Where the calendars of spreadsheets and computers begin or end."""

LIKE_A_FORMULA = r"^[=@＝＋－＠]|^[+-].*[^0-9 ().-]"
"""An id that a spreadsheet would work out; `-5` and `+8613800138000` it takes for numbers, which do no harm."""

LISTS = ("transactions", "customers")
"""The tables that say who is a customer."""


def summarise(
    run: Run, customers: Frame, alike: Sequence[Alike], cuts: list[Cut], guards: list[Guard], status: str, exit_code: int
) -> Summary:
    """The summary of a run that was graded; alike: its customers, counted."""
    rubric, plan, counted = run.job.rubric, run.gathered.plan, run.gathered.counted
    lists = [name for name in LISTS if name in counted]
    beside = [name for name in counted if lists and name not in lists and not is_of_merges(name, rubric)]
    orphans = {name: _orphans(run, name, lists) for name in beside}
    head = _head(run, guards, status, exit_code)
    head["warnings"] += [
        *_overdrawn(alike),
        *tie_warnings(cuts),
        *_formulas(customers, alike),
        *customer_warnings(customers, alike, run),
    ]
    return Summary(
        **head,
        customers=total(alike, "customers"),
        unrated=total(alike, "customers", tier=UNRATED),
        without_rows=total(alike, "without_rows"),
        touched=total(alike, "touched"),
        kept=total(alike, "kept"),
        tiers=count_tiers(alike, rubric, plan),
        rules=count_rules(alike, rubric),
        changes=count_changes(alike),
        movement=count_movement(alike, rubric),
        actions=count_actions(alike, rubric, run.as_of),
        cuts=cuts,
        orphans={name: count for name, count in orphans.items() if count},
    )


def _formulas(customers: Frame, alike: Sequence[Alike]) -> list[str]:
    """A warning where ids of customers would be worked out by a spreadsheet that opens the labels as CSV."""
    odd = total(alike, "odd_ids")  # an id like a formula is one of them
    count = row_count(customers.filter(nw.col("customer_id").str.contains(LIKE_A_FORMULA))) if odd else 0
    who = in_number(count, "customer has an id", "customers have ids")
    return [f"{who} like a formula: in a spreadsheet open labels.xlsx (--format xlsx), not labels.csv"] if count else []


def summarise_failed(run: Run) -> Summary:
    """The summary of a run that failed its checks before anything was graded."""
    head = _head(run, run.guards, "failed", 1)
    return Summary(**head, customers=0, unrated=0, without_rows=0, tiers=[], changes={}, movement={}, cuts=[], orphans={})


def _head(run: Run, guards: list[Guard], status: str, exit_code: int) -> dict:  # type: ignore[type-arg]
    rubric = run.job.rubric
    return {
        "rubric": rubric.rubric,
        "title": rubric.full_title,
        "version": rubric.version,
        "run_id": run.run_id,
        "as_of": run.as_of,
        "as_of_from": run.as_of_from,
        "window": rubric.window.in_words(run.as_of),
        "currency": rubric.currency,
        "currency_decimals": rubric.currency_decimals,
        "previous": run.earlier.run,
        "status": status,
        "exit_code": exit_code,
        "accounts": run.accounts,
        "rejected": group_rejected(run.gathered.rejected),
        "cures": dict(run.gathered.cures),
        "guards": guards,
        "files": run.gathered.files,
        "warnings": [*run.gathered.warnings, *warnings_of(run)],
    }


def _orphans(run: Run, source: str, lists: Sequence[str]) -> int:
    """Customer ids of a table that none of the tables with customers has."""

    def unknown(tables: Mapping[str, Frame]) -> int:
        ids = tables[source].select("customer_id").unique(["customer_id"])
        for name in lists:
            ids = ids.join(tables[name].select("customer_id").unique(["customer_id"]), on="customer_id", how="anti")
        return row_count(ids)

    return sum(unknown(tables) for tables in run.gathered.buckets)


def _overdrawn(alike: Sequence[Alike]) -> list[str]:
    """A warning where customers used more points than they had."""
    count, most = total(alike, "overdrawn"), max((each.get("most_overdrawn", 0) for each in alike), default=0)
    return (
        [f"{in_number(count, 'customer', 'customers')} used more points than there were, up to {most:,}: see {OVERDRAWN}"] if count else []
    )


def warnings_of(run: Run) -> list[str]:
    """What is no error and must not be overlooked: optional tables that were not given, an as-of date that is still to come."""
    rubric, told = run.job.rubric, []
    for name in rubric.sources:
        if name not in run.gathered.counted:
            metrics = [metric for metric, spec in (rubric.metrics | points_metrics(rubric)).items() if spec.source == name]
            told.append(f"the table `{name}` was not given, so {listed(metrics) or 'what it holds'} is missing for every customer")
    if run.as_of > run.job.request.today:
        told.append(f"the as-of date {run.as_of} is later than today")
    before = run.earlier.last.as_of if run.earlier.last is not None else None
    if run.as_of_from == "data" and before is not None and before == last_day(before) and run.as_of != last_day(run.as_of):
        told.append(
            f"graded up to {run.as_of}, the newest row; the last run was up to the end of a month, as --as-of {last_day(run.as_of)}"
        )
    stand_ins = (line for counted in run.gathered.counted.values() for line in _stand_ins(counted))
    return [*told, *rounded_warnings(run.gathered.rejected), *suspicion_warnings(run.accounts), *stand_ins]


def _stand_ins(counted: Counted) -> Iterator[str]:
    """A warning for each day of good rows that programs write where they know none."""
    rows: Counter[int] = Counter()
    for state, day, count in counted.days.select("state", "date_day", "rows").iter_rows():
        rows[day] += count if state == GOOD else 0
    for day in NO_DAYS:
        if found := rows[day_number(day)]:
            are = "is" if found == 1 else "are"
            has = in_number(found, "row", "rows")
            yield f"{has} of `{counted.source}` {are} dated {day}, which often stands for no date; if so, name its text under `missing`"
