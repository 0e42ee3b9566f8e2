"""One writer at a time: a lock the kernel frees when its holder ends, however it ends."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from custier.errors import BusyError, Problem
from custier.store.disk import FILE_MODE, read_bytes, saving, whole_file
from custier.store.layout import Store


@contextmanager
def locked(store: Store, label: str) -> Iterator[None]:
    """Hold the store for the block; `label` tells others what it is held for, such as `classify 2025-12-31`.

    Raises BusyError at once when another process holds it, however long it has.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(store.root / "LOCK", timeout=0, mode=FILE_MODE, fallback_to_soft=False)
    with saving(store.root / "LOCK"):
        try:
            lock.acquire()
        except Timeout:
            raise BusyError(_busy(store.root)) from None
    try:
        _sign(store.root, label)
        yield
    finally:
        with suppress(OSError):
            _signature(store.root).unlink(missing_ok=True)
        lock.release()


def _signature(root: Path) -> Path:
    return root / "LOCK.holder"


def _sign(root: Path, label: str) -> None:
    with whole_file(_signature(root)) as file:
        file.write(json.dumps({"pid": os.getpid(), "label": label}).encode())


def _busy(root: Path) -> Problem:
    what = f"another custier{_holder(root)} is using the store"
    return Problem("CT5101", what, str(root), "wait for it to end, then run the same command again")


def _holder(root: Path) -> str:
    """` (pid 4121, since 2026-01-05 02:00:07, classify 2025-12-31)`, or nothing when the holder left no readable name."""
    try:
        held = json.loads(read_bytes(_signature(root), 1000))
        since = datetime.fromtimestamp(_signature(root).stat().st_mtime, tz=UTC).astimezone()
        return f" (pid {held['pid']}, since {since:%Y-%m-%d %H:%M:%S}, {held['label']})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""
