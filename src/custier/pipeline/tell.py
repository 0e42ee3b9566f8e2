"""A run as a summary."""

from __future__ import annotations

import narwhals as nw

from custier.errors import listed
from custier.grade import Graded
from custier.pipeline.keep import Run
from custier.rubric.plan import Plan
from custier.summarise import count_changes, count_movement, count_tiers, group_rejected
from custier.values import UNRATED, Guard, Summary


def summarise(run: Run, plan: Plan, graded: Graded, guards: list[Guard], status: str, exit_code: int) -> Summary:
    """The summary of a run that was graded."""
    customers, rubric = graded.customers, run.job.rubric
    orphans = {
        name: _orphans(run, name) for name in run.gathered.tables if name != "transactions" and "transactions" in run.gathered.tables
    }
    return Summary(
        **_head(run, guards, status, exit_code),
        customers=len(customers),
        unrated=len(customers.filter(nw.col("tier") == UNRATED)),
        without_rows=len(customers.filter(~nw.col("has_rows"))),
        tiers=count_tiers(customers, rubric, plan),
        changes=count_changes(customers),
        movement=count_movement(customers, rubric),
        cuts=graded.cuts,
        orphans={name: count for name, count in orphans.items() if count},
    )


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
        "guards": guards,
        "files": run.gathered.files,
        "warnings": [*run.gathered.warnings, *_warnings(run)],
    }


def _orphans(run: Run, source: str) -> int:
    """Customer ids of a table that no transaction has."""
    known = run.gathered.tables["transactions"].good.select("customer_id").unique()
    ids = run.gathered.tables[source].good.select("customer_id").unique()
    return len(ids.join(known, on="customer_id", how="anti"))


def _warnings(run: Run) -> list[str]:
    """What is no error and must not be overlooked: optional tables that were not given, an as-of date that is still to come."""
    rubric, told = run.job.rubric, []
    for name in rubric.sources:
        if name not in run.gathered.tables:
            metrics = [metric for metric, spec in rubric.metrics.items() if spec.source == name]
            told.append(f"the table `{name}` was not given, so {listed(metrics) or 'what it holds'} is missing for every customer")
    if run.as_of > run.job.request.today:
        told.append(f"the as-of date {run.as_of} is later than today")
    return told
