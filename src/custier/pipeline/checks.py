"""Every guardrail of a graded run, with what earlier runs left for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date

from custier import store as stores
from custier.errors import CustierError, listed
from custier.guard import (
    check_gaps,
    check_months,
    check_movement,
    check_restated,
    check_rubric,
    check_stale,
    check_tiers,
    check_volume,
    loosened,
    moves_of,
    with_causes,
)
from custier.history import days_of, history_of, months_of
from custier.pipeline.as_of import register
from custier.pipeline.gather import Gathered
from custier.pipeline.keep import Run
from custier.rubric.differences import differences
from custier.rubric.load import load_rubric
from custier.rubric.model import Rubric
from custier.store import Store
from custier.tally import Alike
from custier.values import Account, Guard, History, InputFile


def histories_of(accounts: Sequence[Account], gathered: Gathered, rubric: Rubric, as_of: date) -> dict[str, History]:
    """What each source held, to be kept for the runs after this one."""
    return {
        a.source: history_of(
            a,
            days_of(gathered.counted[a.source], as_of),
            rubric,
            gathered.plan,
            as_of,
            has_amounts="amount" in gathered.columns[a.source],
        )
        for a in accounts
    }


def check_run(run: Run, customers: Sequence[Alike]) -> tuple[list[Guard], list[str]]:
    """Every guardrail between this run and those before it, and what is to be warned of; customers: the graded ones, counted."""
    rubric, past, now = run.job.rubric, run.earlier.past, run.histories
    limits, moves = rubric.guardrails, moves_of(customers)
    alike = [p for p in past if (p.currency, p.decimals) == (rubric.currency, rubric.currency_decimals)]
    guards = [*check_movement(moves, limits), *check_tiers(moves, rubric.tier_names, limits)]
    guards += check_volume(now, run.as_of, alike, limits)
    for source, history in now.items():
        guards += check_months(source, history, run.as_of, past[0].as_of if past and source in past[0].histories else None, limits)
    for counted in register(run.gathered.counted):
        before = (past[0].histories.get(counted.source), past[0].as_of) if past else None
        guards += check_gaps(now[counted.source], run.as_of, before, limits)
    changes, warnings = 0, list(_held_between(run))
    if past:
        guards += _restated(run) if alike[:1] == list(past[:1]) else []
        stale = check_stale(_inputs(run), _newest(run), past[0], limits)
        guards += stale
        warnings += [guard.cause for guard in stale if guard.near and guard.limit != "off"]
        changes, told = _rubric_changes(run)
        guards += check_rubric(changes, limits)
        warnings += told
    return with_causes(guards, now, alike, changes > 0), warnings


def _restated(run: Run) -> Iterator[Guard]:
    past = run.earlier.past[0]
    for source, history in run.histories.items():
        as_then = months_of(days_of(run.gathered.counted[source], past.as_of))
        yield from check_restated(source, (history, run.as_of), as_then, past, run.job.rubric.guardrails)


def _inputs(run: Run) -> list[InputFile]:
    sources = {counted.source for counted in register(run.gathered.counted)}
    return [file for file in run.gathered.files if file.source in sources]


def _newest(run: Run) -> date | None:
    days = [day for counted in register(run.gathered.counted) for day in days_of(counted, run.as_of)]
    return max(days, default=None)


def _rubric_changes(run: Run) -> tuple[int, list[str]]:
    """In how many parts the rubric differs from that of the last run, and the warnings of it."""
    last, store, mode = run.earlier.run, run.job.store, run.job.rubric.guardrails.rubric_changed
    if store is None or last is None or run.earlier.sha256 == run.job.sha256:
        return 0, []
    with suppress(CustierError):
        was = load_rubric(stores.run_directory(store, last) / "rubric.yaml").rubric
        found, looser = differences(was, run.job.rubric), list(loosened(was.guardrails, run.job.rubric.guardrails))
        told = [f"the rubric differs in {len(found)} parts from that of {last}"] if found and mode != "off" else []
        return len(found), told + [f"limits were loosened since {last}: {listed(looser)}" for _ in looser[:1]]
    return 1, [f"the rubric of {last} cannot be read by this custier, so changes of it are not told"]


def _held_between(run: Run) -> Iterator[str]:
    """Held runs between the one to compare with and this one: their months are not what this run is compared with."""
    store, past = run.job.store, run.earlier.past
    since = past[0].as_of.isoformat() if past else ""
    for name in _stored(store) if store is not None else ():
        if since < name[:10] < run.as_of.isoformat() and _is_held(store, name):
            compared = f"this run is compared with {past[0].run}" if past else "this run is compared with nothing"
            yield f"the run {name} is held and not published; {compared}"


def _stored(store: Store) -> list[str]:
    return stores.stored_runs(store)


def _is_held(store: Store | None, name: str) -> bool:
    with suppress(CustierError):
        return store is not None and stores.status_of(stores.read_manifest(store, name)) == "held"
    return False
