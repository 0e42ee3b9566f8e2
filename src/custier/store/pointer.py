"""Which run counts: CURRENT, swapped in one step by `publish` and `rollback`."""

from __future__ import annotations

import getpass
import os
from datetime import datetime

from custier.errors import BusyError, NotFoundError, OutputError, Problem, StoreError, UsageError
from custier.store.disk import private_directory, saving, sync_directory, whole_file
from custier.store.history import current_run, held_values, resolve_run, was_published
from custier.store.layout import Store, command, stored_runs
from custier.store.publications import note, run_replaced_by
from custier.store.record import base_of, read_manifest, status_of
from custier.store.verify import require_whole


def publish(store: Store, run: str, *, base: str | None, reason: str, who: str, at: datetime, is_whole: bool = False) -> list[Problem]:
    """Make `run` the one that counts, if `base` still is. To be called under the lock; again is a no-op.

    is_whole: whether the caller sealed it or found it whole a moment ago, so that its files need not be read once more.

    Returns warnings. Raises BusyError when CURRENT is no longer `base`, UsageError for a failed run, StoreError for a
    damaged one, OutputError.
    """
    content = read_manifest(store, run)
    if status_of(content) == "failed":
        raise UsageError(_failed(run), state="Nothing was published.")
    if not is_whole:
        require_whole(store, run)
    current = current_run(store)
    if current not in (base, run):
        raise BusyError(_base_changed(store, run, base, current))
    event = _event("publish", run, current, reason, who, at)
    if although := held_values(content):
        event["although"] = "; ".join(although)
    return _swap(store, run, event)


def rollback(store: Store, run: str | None = None, *, reason: str, who: str, at: datetime) -> list[Problem]:
    """Make a published run count again: `run` or the beginning of its id, else the one that CURRENT's run replaced.

    To be called under the lock. Works without a readable CURRENT when `run` is given. Returns warnings.
    Raises NotFoundError, UsageError for a run that never passed, StoreError for a damaged one, OutputError.
    """
    target = _run_before(store) if run is None else resolve_run(store, run)
    require_whole(store, target)
    if run is not None and not was_published(store, target):
        raise UsageError(_never_passed(store, target), state="Nothing was published.")
    return _swap(store, target, _event("rollback", target, readable_current(store), reason, who, at))


def _run_before(store: Store) -> str:
    current = resolve_run(store)
    noted, base = run_replaced_by(store, current), base_of(read_manifest(store, current))
    if noted in stored_runs(store) and was_published(store, noted):  # the base is older where a replaced run was published anew
        return noted
    if base is None:
        what = f"nothing was published before {current}"
        raise NotFoundError(Problem("CT5503", what, str(store.home), f"name a run: `{command(store, 'rollback RUN')}`"))
    return base


def readable_current(store: Store) -> str | None:
    """What CURRENT says, for the log and for people; a broken one says nothing."""
    try:
        return current_run(store)
    except StoreError:
        return None


def _event(name: str, run: str, before: str | None, reason: str, who: str, at: datetime) -> dict[str, str | None]:
    return {"event": name, "run": run, "before": before, "reason": reason, "by": who, "at": at.isoformat()}


def _swap(store: Store, run: str, event: dict[str, str | None]) -> list[Problem]:
    changed = event["before"] != run
    if changed:
        with saving(store.staging):
            private_directory(store.staging)
        with whole_file(store.pointer, via=store.staging) as file:
            file.write(f"{run}\n".encode())
    try:
        with saving(store.home):
            sync_directory(store.home)
    except OutputError as error:
        state = f"{run} is published, but the disk did not confirm it. Run the same command again."
        raise OutputError(error.problems, state=state) from error
    return note(store, event) if changed else []


def user_name() -> str:
    """Who is at work, for the log of publications; a number where the account has no name, as in containers."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else "unknown"


def _failed(run: str) -> Problem:
    return Problem("CT5401", "a run that failed its checks cannot be published", run, "correct the export or the rubric and classify again")


def _base_changed(store: Store, run: str, base: str | None, current: str | None) -> Problem:
    what = f"the base changed: {run} was compared while {base or 'nothing'} was published, now {current or 'nothing'} is"
    back = f"it was published before: `{command(store, f'rollback {run}')}` makes it current again"
    cure = back if was_published(store, run) else "run `custier classify` again on the same files"
    return Problem("CT5201", what, str(store.pointer), cure)


def _never_passed(store: Store, run: str) -> Problem:
    publish_it = command(store, f'publish {run} --reason "…"')
    cure = f"see `{command(store, f'show {run}')}`, then `{publish_it}`"
    return Problem("CT5402", "rollback goes only to a run that was published", run, cure)
