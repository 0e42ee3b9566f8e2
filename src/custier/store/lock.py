"""One writer at a time: a lock the kernel frees when its holder ends, however it ends."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from custier.errors import BusyError, Problem
from custier.store.disk import FILE_MODE, NO_FOLLOW, read_bytes, saving
from custier.store.layout import Store

LOOKS, BETWEEN_LOOKS_SECONDS = 6, 0.05


@contextmanager
def locked(store: Store, label: str, *, wait_seconds: float = 0) -> Iterator[None]:
    """Hold the store for the block; `label` tells others what it is held for, such as `classify 2025-12-31`.

    Raises BusyError when another process holds it, however long it has, and still does after `wait_seconds`.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(store.root / "LOCK", timeout=wait_seconds, mode=FILE_MODE, fallback_to_soft=False)
    with saving(store.root / "LOCK"):
        try:
            lock.acquire()
        except Timeout:
            raise BusyError(_busy(store.root)) from None
    try:
        with saving(_signature(store.root)):
            _sign(store.root, {"pid": os.getpid(), "label": label})
        yield
    finally:
        with suppress(OSError):
            _sign(store.root, None)
        lock.release()


def _signature(root: Path) -> Path:
    return root / "LOCK.holder"


def _sign(root: Path, holder: dict[str, Any] | None) -> None:
    """Written over, never renamed: a run that has nothing to do leaves no trace in the store's folder."""
    descriptor = os.open(_signature(root), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | NO_FOLLOW, FILE_MODE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(b"" if holder is None else json.dumps(holder).encode())


def _busy(root: Path) -> Problem:
    what = f"another custier{_holder_soon(root)} is using the store"
    return Problem("CT5101", what, str(root), "wait for it to end, then run the same command again")


def _holder_soon(root: Path) -> str:
    """The holder, looked for again for a moment: who took the lock just now has yet to sign."""
    for _ in range(LOOKS):
        if told := _holder(root):
            return told
        time.sleep(BETWEEN_LOOKS_SECONDS)
    return ""


def _holder(root: Path) -> str:
    """` (pid 4121, since 2026-01-05 02:00:07, classify 2025-12-31)`, or nothing when the holder left no readable name."""
    try:
        held = json.loads(read_bytes(_signature(root), 1000))
        since = datetime.fromtimestamp(_signature(root).stat().st_mtime, tz=UTC).astimezone()
        return f" (pid {held['pid']}, since {since:%Y-%m-%d %H:%M:%S}, {held['label']})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""
