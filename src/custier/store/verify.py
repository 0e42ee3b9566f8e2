"""Whether a run is still what was written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from custier.errors import NotFoundError, Problem, StoreError
from custier.store.checksums import check_files, check_named, listed_sums
from custier.store.history import chain
from custier.store.layout import Store, run_directory
from custier.store.pruned import pruned_runs
from custier.store.record import MANIFEST, content_id, read_manifest


def verify_run(store: Store, run: str) -> list[Problem]:
    """Everything wrong with a stored run: its files, its manifest; empty when it is whole. Raises NotFoundError."""
    return check_files(run_directory(store, run)) + _check_manifest(store, run)


def verify_chain(store: Store) -> tuple[list[str], list[Problem]]:
    """The published runs, newest first, and everything wrong with them or with what each says of the one before it.

    Each manifest holds the content id of the run that it was compared with, and of the run whose cuts it kept; a run that was changed after
    it was built upon, with all its checksums made anew, is found here. Raises StoreError where CURRENT or a link is broken.
    """
    runs, gone = chain(store), pruned_runs(store)
    problems = [problem for run in runs for problem in (*verify_run(store, run), *_check_links(store, run, gone))]
    return runs, problems


def _check_links(store: Store, run: str, gone: Mapping[str, str]) -> list[Problem]:
    try:
        stable = read_manifest(store, run)["stable"]
        links = [link for link in (stable.get("previous"), stable.get("cuts_from")) if link]
        return [problem for link in links if (problem := _check_link(store, run, str(link["run"]), link.get("content_id"), gone))]
    except (StoreError, KeyError, TypeError, AttributeError):
        return []  # what is wrong with the manifest itself is told by `verify_run`


def _check_link(store: Store, run: str, before: str, wanted: Any, gone: Mapping[str, str]) -> Problem | None:
    where = str(store.runs / run / MANIFEST)
    try:
        found = content_id(read_manifest(store, before)["stable"])
    except (NotFoundError, StoreError):
        if before not in gone:
            return Problem("CT5309", f"{run} builds on {before}, which is missing or unreadable", where, _CURE)
        found = gone[before]
    if found == wanted:
        return None
    return Problem("CT5309", f"{run} builds on {before} as it no longer is", where, _CURE)


_CURE = "restore both runs from a backup"


def require_whole(store: Store, run: str) -> None:
    """Raise StoreError with every problem of a run that is not whole."""
    if problems := verify_run(store, run):
        raise StoreError(problems)


def require_files(store: Store, run: str, names: Sequence[str], *, at_most: int | None = None) -> Path:
    """The folder of a run whose named files are as they were written; raises StoreError.

    Files larger than `at_most` bytes are not hashed, for who must answer at once; `verify_run` looks at all.
    """
    directory = run_directory(store, run)
    if problems := check_named(directory, [MANIFEST, *names], at_most):
        raise StoreError(problems)
    return directory


def listed_parts(store: Store, run: str, table: str) -> list[str]:
    """The files that a table of a run was written as, in order: itself, or the parts of a directory of its name."""
    try:
        names = sorted(listed_sums(run_directory(store, run)))
    except (OSError, ValueError):
        return [table]
    return [name for name in names if name.startswith(f"{table}/")] or [table]


def is_listed(store: Store, run: str, name: str) -> bool:
    """Whether a run was made with this file; what is wrong with the list itself, `require_files` tells."""
    try:
        return name in listed_sums(run_directory(store, run))
    except (OSError, ValueError):
        return False


def _check_manifest(store: Store, run: str) -> list[Problem]:
    try:
        content = read_manifest(store, run)
    except StoreError as error:
        return list(error.problems)
    if content.get("content_id") == content_id(content["stable"]):
        return []
    where = str(store.runs / run / MANIFEST)
    return [Problem("CT5304", "the manifest does not match its content id", where, "restore the run from a backup, or `custier rollback`")]
