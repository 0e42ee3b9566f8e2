"""Building a run aside and renaming it into place, whole or not at all."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from custier.store.checksums import write_checksums
from custier.store.disk import private_directory, saving, sync_directory, sync_tree
from custier.store.layout import Store
from custier.store.record import read_manifest, status_of
from custier.store.verify import require_whole

TRIES, BETWEEN_TRIES_SECONDS = 20, 0.05


def sweep(store: Store) -> list[str]:
    """Remove what crashed runs left in `.staging` and return their names. To be called under the lock."""
    with saving(store.staging):
        private_directory(store.staging)
        names = sorted(entry.name for entry in store.staging.iterdir())
        for name in names:
            _remove(store.staging / name)
    return names


@contextmanager
def staging(store: Store, run: str) -> Iterator[Path]:
    """An empty folder to build a run in; removed at the end of the block unless `seal` moved it away."""
    directory = store.staging / run
    with saving(directory):
        private_directory(store.staging)
        _remove(directory)
        private_directory(directory)
    try:
        yield directory
    finally:
        _clear(directory)


@contextmanager
def scratch(store: Store) -> Iterator[Path]:
    """An empty folder for what a run needs only while it works; what a crash leaves of it, the next `sweep` removes."""
    directory = store.staging / "scratch"
    with staging(store, directory.name):
        yield directory


def seal(store: Store, run: str, known: Mapping[str, str] | None = None) -> Path:
    """Finish a staged run: list its checksums (known: those of its files taken already), flush every byte, rename it into `runs/`.

    Returns its folder.

    A run that is there already stays as it is and the staged one is dropped; only a failed attempt makes room.
    Raises OutputError, or StoreError where the run that is there is damaged.
    """
    staged, final = store.staging / run, store.runs / run
    with saving(staged):
        write_checksums(staged, known or {})
        sync_tree(staged)
        if not _stays(store, run):
            staged.rename(final)
        sync_directory(store.runs)
    return final


def _stays(store: Store, run: str) -> bool:
    """Whether this very run is there already and whole; a failed attempt is moved aside, to be swept."""
    if not os.path.lexists(store.runs / run):
        return False
    if status_of(read_manifest(store, run)) == "failed":
        aside = store.staging / f"{run}.failed"
        _remove(aside)
        (store.runs / run).rename(aside)
        return False
    require_whole(store, run)
    return True


def _clear(directory: Path) -> None:
    """Remove what a block leaves; threads that are still being stopped may add to it for a moment."""
    for _ in range(TRIES):
        with suppress(OSError):
            _remove(directory)
        if not directory.exists():
            return
        time.sleep(BETWEEN_TRIES_SECONDS)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
