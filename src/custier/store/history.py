"""What was published, told by the runs themselves: from CURRENT back through each manifest's previous run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from custier.errors import CustierError, NotFoundError, Problem, StoreError, UsageError, listed
from custier.store.disk import read_bytes
from custier.store.layout import Store, command, is_run_id, no_such_run, run_directory, stored_runs
from custier.store.pruned import pruned_runs
from custier.store.publications import noted, published_by_note
from custier.store.record import as_of_of, previous_of, read_manifest, status_of


@dataclass(frozen=True)
class RunRow:
    """One stored run. `status`: current | earlier | replaced | held | failed | unpublished | damaged."""

    run_id: str
    as_of: date
    status: str
    customers: int | None  # None where the run has no summary
    moved: int | None  # customers whose tier went up or down
    created: datetime | None
    held_by: tuple[str, ...] = ()  # the guardrails that held it; empty for any other run


def current_run(store: Store) -> str | None:
    """The run that counts, None before the first. Raises StoreError where CURRENT names no run: nothing is guessed."""
    try:
        content = read_bytes(store.pointer, 1000)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(_broken(store, "CT5307", "CURRENT cannot be read")) from error
    run = content[:-1].decode("ascii", "replace")
    if content[-1:] != b"\n" or not is_run_id(run):
        raise StoreError(_broken(store, "CT5307", "CURRENT does not hold a run id"))
    if not (store.runs / run).is_dir():
        raise StoreError(_broken(store, "CT5308", f"CURRENT names the run {run}, which is not in the store"))
    return run


def _broken(store: Store, code: str, what: str) -> Problem:
    passed = [row.run_id for row in _rows(store, []) if row.status == "replaced"]
    back, see = command(store, "rollback RUN"), command(store, "runs")
    cure = f"choose the run that should count: `{back}`; runs that passed: {listed(passed, 3)}"
    return Problem(code, what, str(store.pointer), cure if passed else f"run `{see}`, then `{back}`")


def chain(store: Store) -> list[str]:
    """The published runs, newest first, as far back as they were not pruned. Raises StoreError where a link is missing or damaged."""
    return [run for run, _ in _published(store)]


def published_before(store: Store, as_of: date) -> str | None:
    """The last published run with an earlier as-of date, None where there is none.

    Raises StoreError, or NotFoundError where it was pruned.
    """
    run, before = None, None
    for run, content in _published(store):
        if as_of_of(content) < as_of:
            return run
        before = previous_of(content)
    if before is not None:
        what = f"the run before {as_of} was pruned: the published runs go back to {run}"
        raise NotFoundError(Problem("CT5508", what, str(store.pruned), "name the run to compare with: --previous RUN, or --previous none"))
    return None


def _published(store: Store) -> Iterator[tuple[str, dict[str, Any]]]:
    run, seen, pruned = current_run(store), set[str](), pruned_runs(store)
    while run is not None:
        if run in seen:
            raise StoreError(Problem("CT5308", f"the published runs form a circle at {run}", str(store.home), "restore it from a backup"))
        if seen and run in pruned and run not in stored_runs(store):
            return
        seen.add(run)
        content = _linked(store, run)
        yield run, content
        run = previous_of(content)


def _linked(store: Store, run: str) -> dict[str, Any]:
    try:
        return read_manifest(store, run)
    except NotFoundError:
        what = f"the published run {run}, on which a later one builds, is not in the store"
        raise StoreError(Problem("CT5308", what, str(store.runs), "restore it from a backup")) from None


def reachable(store: Store) -> list[str]:
    """The published runs as far back as they can be followed, newest first; never raises for damage."""
    found = []
    with suppress(StoreError):
        for run, _ in _published(store):
            found.append(run)
    return found


def list_runs(store: Store) -> list[RunRow]:
    """Every stored run, the newest first."""
    return _rows(store, reachable(store))


def _rows(store: Store, published: list[str]) -> list[RunRow]:
    by_note = published_by_note(store)
    rows = [_row(store, run, published, by_note) for run in stored_runs(store)]
    return sorted(rows, key=lambda row: (row.created.timestamp() if row.created else 0.0, row.run_id), reverse=True)


def _row(store: Store, run: str, published: list[str], by_note: frozenset[str]) -> RunRow:
    try:
        content = read_manifest(store, run)
    except CustierError:
        return RunRow(run, date.fromisoformat(run[:10]), "damaged", None, None, None)
    customers, moved = _headline(store, run)
    status = _status(run, content, published, by_note)
    return RunRow(run, as_of_of(content), status, customers, moved, _created(content), held_by(content) if status == "held" else ())


def _status(run: str, content: dict[str, Any], published: list[str], by_note: frozenset[str]) -> str:
    if run in published:
        return "current" if run == published[0] else "earlier"
    made_as = status_of(content)
    return "replaced" if made_as == "published" or (made_as != "failed" and run in by_note) else made_as


def was_published(store: Store, run: str) -> bool:
    """Whether the run is or once was the current one. Raises NotFoundError, or StoreError when its manifest is damaged."""
    return _status(run, read_manifest(store, run), reachable(store), published_by_note(store)) in ("current", "earlier", "replaced")


def undone(store: Store, run: str) -> tuple[str, str] | None:
    """On which day and by whom a run was rolled back last; None where it was not, or was made current since."""
    if run in reachable(store):
        return None
    for event in reversed(noted(store)):
        if event.get("run") == run:
            return None
        if event.get("event") == "rollback" and run in _between(store, event.get("before"), event.get("run")):
            return str(event.get("at"))[:10], str(event.get("by"))
    return None


def _between(store: Store, newest: Any, until: Any) -> Iterator[str]:
    """A run and those it builds on, as far as another one; never raises for damage."""
    seen = set[str]()
    with suppress(CustierError):
        while isinstance(newest, str) and newest != until and newest not in seen:
            seen.add(newest)
            yield newest
            newest = previous_of(read_manifest(store, newest))


def held_by(content: dict[str, Any]) -> tuple[str, ...]:
    """The guardrails that held a run, by its manifest; one that is only older than the current run has none."""
    return tuple(str(check.get("name")) for check in _holding(content))


def held_values(content: dict[str, Any]) -> list[str]:
    """The same with what was observed: `moved_at_most 31.25% (limit 20%)`."""
    return [f"{check.get('name')} {check.get('observed')} (limit {check.get('limit')})" for check in _holding(content)]


def _holding(content: dict[str, Any]) -> list[dict[str, Any]]:
    checks = content["stable"].get("checks")
    return [check for check in checks if isinstance(check, dict) and check.get("held")] if isinstance(checks, list) else []


def _created(content: dict[str, Any]) -> datetime | None:
    try:
        return datetime.fromisoformat(content["run"]["created"])
    except (KeyError, TypeError, ValueError):
        return None


def _headline(store: Store, run: str) -> tuple[int | None, int | None]:
    try:
        summary = json.loads(read_bytes(run_directory(store, run) / "summary.json"))
        return int(summary["customers"]), sum(int(summary["changes"].get(way, 0)) for way in ("up", "down"))
    except (OSError, KeyError, TypeError, ValueError, AttributeError):
        return None, None


def resolve_run(store: Store, text: str | None = None, *, prefer_published: bool = True) -> str:
    """The run that a person means: its id or the beginning of it; CURRENT when nothing is said.

    Of several that begin so, the one that is current or that the current one builds on, unless `prefer_published` is off.
    Raises NotFoundError, or StoreError where CURRENT is broken.
    """
    if text is None:
        if (current := current_run(store)) is None:
            cure = f"see `{command(store, 'runs')}`, or run `custier classify`"
            raise NotFoundError(Problem("CT5501", "nothing is published yet", str(store.home), cure))
        return current
    found = [run for run in stored_runs(store) if run.startswith(text)] if text else []
    published = [run for run in reachable(store) if run in found] if prefer_published and len(found) > 1 else []
    for fitting in (found, published):
        if len(fitting) == 1:
            return fitting[0]
    if found:
        what = f"`{text}` is the beginning of more than one run"
        raise NotFoundError(Problem("CT5504", what, str(store.home), f"there is {listed(found)}"))
    raise NotFoundError(no_such_run(store, text))


def published_run(store: Store, text: str | None = None) -> str:
    """The same, of the published ones. Raises UsageError for a run that is or was not current."""
    run = resolve_run(store, text)
    if not was_published(store, run):
        publish_it = command(store, f'publish {run} --reason "…"')
        cure = f"see `{command(store, f'show {run}')}`, then `{publish_it}`"
        raise UsageError(Problem("CT5403", "copies are made only of a run that was published", run, cure), state="Nothing was copied.")
    return run
