"""Freeing a store of what nobody needs: which runs go and which stay, told before anything is removed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from custier.errors import StoreError
from custier.store.disk import private_directory, saving, sync_directory
from custier.store.failures import Failure, list_failures
from custier.store.history import RunRow, chain, list_runs
from custier.store.layout import Store, run_directory
from custier.store.pruned import note_pruned
from custier.store.publications import run_replaced_by
from custier.store.record import base_of, previous_of, read_manifest
from custier.store.stage import sweep

PUBLISHED = ("current", "earlier", "replaced")
BY_HAND = ("held", "unpublished")


@dataclass(frozen=True)
class Keep:
    """What is asked for. months: so many of the published runs that build on one another; since: what was made from then on.

    held: whether runs that wait for a person may go too; all_published: whether those that were published stay, whatever else is asked.
    """

    months: int | None = None
    since: datetime | None = None
    held: bool = False
    all_published: bool = False


@dataclass(frozen=True)
class Pruning:
    """What goes, what waits for a person and stays for that, and how many bytes it frees."""

    goes: Sequence[RunRow]
    failures: Sequence[Failure]
    waiting: Sequence[RunRow]
    bytes: int


def plan_prune(store: Store, keep: Keep) -> Pruning:
    """What would go. To be called under the lock; raises StoreError where CURRENT or the chain behind it is broken.

    Never the current run, what it was compared with, what it replaced, a run whose cuts a kept one has, or a damaged one. A failed run goes
    once a later one is published: until then it is what people look into.
    """
    rows, published = list_runs(store), chain(store)
    stays = _needed(store, rows, published, keep)
    goes = [row for row in rows if row.run_id not in stays and row.status in (*PUBLISHED, "failed", *(BY_HAND if keep.held else ()))]
    waiting = [row for row in rows if row.status in BY_HAND and row.run_id not in stays and not keep.held]
    settled = _made(rows, published)
    failures = [f for f in list_failures(store) if settled is not None and f.created < settled and not _is_recent(f.created, keep)]
    folders = [*(run_directory(store, row.run_id) for row in goes), *(failure.directory for failure in failures)]
    return Pruning(goes, failures, waiting, sum(map(_bytes_below, folders)))


def prune(store: Store, plan: Pruning, *, who: str, at: datetime) -> None:
    """Remove what was planned; each run leaves `runs/` in one step. To be called under the lock. Raises OutputError.

    Stopped at any moment, the store is whole, and the same again does the rest.
    """
    content = {row.run_id: read_manifest(store, row.run_id) for row in plan.goes if row.status in PUBLISHED}
    if content:
        note_pruned(store, {run: str(manifest["content_id"]) for run, manifest in content.items()}, who, at)
    folders = [store.runs / row.run_id for row in plan.goes] + [failure.directory for failure in plan.failures]
    with saving(store.staging):
        private_directory(store.staging)
    for folder in folders:
        with saving(folder):
            folder.rename(store.staging / folder.name)
    with saving(store.runs):
        sync_directory(store.runs)
    sweep(store)


def _needed(store: Store, rows: Sequence[RunRow], published: Sequence[str], keep: Keep) -> set[str]:
    oldest, settled = _oldest_kept(rows, published, keep), _made(rows, published)
    stays = {row.run_id for row in rows if _stays(row, keep, oldest, settled)}
    if published:
        current = read_manifest(store, published[0])
        beside = (base_of(current), previous_of(current), run_replaced_by(store, published[0]))
        stays |= {published[0], *(run for run in beside if run is not None)}
    while more := {cuts for run in stays if (cuts := _cuts_from(store, run)) is not None} - stays:
        stays |= more
    return stays


def _stays(row: RunRow, keep: Keep, oldest: date | None, settled: datetime | None) -> bool:
    if _is_recent(row.created, keep):
        return True
    if row.status == "failed":
        return settled is None or row.created is None or row.created >= settled
    return (oldest is not None and row.as_of >= oldest) or (keep.all_published and row.status in PUBLISHED)


def _oldest_kept(rows: Sequence[RunRow], published: Sequence[str], keep: Keep) -> date | None:
    """The as-of date of the last month that is kept; what was replaced since then stays with it."""
    kept = published[: keep.months or 0]
    return min((row.as_of for row in rows if row.run_id in kept), default=None)


def _made(rows: Sequence[RunRow], published: Sequence[str]) -> datetime | None:
    return next((row.created for row in rows if published and row.run_id == published[0]), None)


def _is_recent(created: datetime | None, keep: Keep) -> bool:
    return keep.since is not None and (created is None or created >= keep.since)


def _cuts_from(store: Store, run: str) -> str | None:
    try:
        kept = read_manifest(store, run)["stable"].get("cuts_from")
        return str(kept["run"]) if kept else None
    except (StoreError, KeyError, TypeError):
        return None


def _bytes_below(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir()) if os.path.lexists(folder) else 0
