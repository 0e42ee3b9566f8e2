"""A store in a temporary folder, and a way to put small runs into it."""

from __future__ import annotations

import errno
import io
import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from custier.store import Store, current_run, manifest, open_store, publish, run_id, seal, staging, write_manifest
from custier.write import write_json, write_text

EVERY_MOMENT = os.environ.get("CUSTIER_FAULTS") == "all"
MOMENTS_TRIED = 8
"""Of the hundreds of moments at which a disk can refuse, so many are tried, unless CUSTIER_FAULTS=all asks for every one."""

START = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
AddRun = Callable[..., str]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store", "grade")


@pytest.fixture
def add_run(store: Store) -> AddRun:
    """Seals a run and, when its status says so, publishes it; returns its id."""
    made = iter(range(1000))

    def add(
        as_of: str, *, key: str = "a", status: str = "published", previous: str | None = None, base: str | None = None, **run: Any
    ) -> str:
        day = date.fromisoformat(as_of)
        name = run_id(day, sha256(key.encode()).hexdigest())
        half = {"status": status, "created": START + timedelta(hours=next(made)), "base": base or current_run(store)} | run
        with staging(store, name) as directory:
            write_text(f"customer_id,tier\nC1,{key}\n", directory / "labels.csv")
            (directory / "rows").mkdir()
            write_text(key, directory / "rows" / "transactions.csv")
            write_json({"customers": 7, "changes": {"new": 1, "up": 2, "down": 1, "same": 3}}, directory / "summary.json")
            write_manifest(directory, manifest({"as_of": day, "previous": previous and {"run": previous}}, half))
            seal(store, name)
        if status == "published":
            publish(store, name, base=current_run(store), reason="test", who="me", at=START)
        return name

    return add


@pytest.fixture
def swap_note() -> dict[str, Any]:
    """The who, why and when that every publication needs."""
    return {"reason": "checked by hand", "who": "li", "at": START}


class Disk:
    """Refuses the n-th thing asked of it, once or from then on."""

    def __init__(self, fail_at: int, code: int, *, forever: bool) -> None:
        self.fail_at, self.code, self.forever, self.asked = fail_at, code, forever, 0

    def ask(self) -> None:
        self.asked += 1
        if self.asked == self.fail_at or (self.forever and self.asked > self.fail_at):
            raise OSError(self.code, os.strerror(self.code))

    @property
    def refused(self) -> bool:
        return self.asked >= self.fail_at


@contextmanager
def faulty(disk: Disk) -> Iterator[None]:
    """Ask `disk` before every open for writing, write, flush, rename, new folder, change of mode and removal."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("fsync", "replace", "rename", "mkdir", "fchmod", "unlink", "rmdir"):
            patch.setattr(os, name, _asking(disk, getattr(os, name)))
        patch.setattr(os, "open", _asking_to_write(disk, os.open))
        patch.setattr(os, "fdopen", _writing_through(disk, os.fdopen))
        yield


def _asking(disk: Disk, call: Callable[..., Any]) -> Callable[..., Any]:
    def asked(*arguments: Any, **options: Any) -> Any:
        disk.ask()
        return call(*arguments, **options)

    return asked


def _asking_to_write(disk: Disk, call: Callable[..., int]) -> Callable[..., int]:
    def asked(path: Any, flags: int, *arguments: Any, **options: Any) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR):
            disk.ask()
        return call(path, flags, *arguments, **options)

    return asked


def _writing_through(disk: Disk, call: Callable[..., Any]) -> Callable[..., Any]:
    class Raw(io.FileIO):
        def write(self, data: Any) -> int:
            disk.ask()
            return super().write(data)

    def opened(descriptor: int, mode: str) -> Any:
        return call(descriptor, mode) if mode == "rb" else io.BufferedWriter(Raw(descriptor, mode[0]))

    return opened


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """`with refusing(n, code, forever=…) as disk:` the n-th thing asked of the disk is refused."""
    monkeypatch.setattr("custier.store.stage.BETWEEN_TRIES_SECONDS", 0)

    @contextmanager
    def refuse(n: int, code: int, *, forever: bool) -> Iterator[Disk]:
        disk = Disk(n, code, forever=forever)
        with faulty(disk):
            yield disk

    return refuse


@pytest.fixture
def moments(refusing: Callable[..., Any]) -> Callable[..., list[int]]:
    """Which of the things that `work` asks of the disk are to be refused in turn: all of them, or a sample."""

    def chosen(work: Callable[[], Any], *, seed: int, least: int = 30) -> list[int]:
        with refusing(10**9, errno.EIO, forever=False) as disk:
            work()
        assert disk.asked > least
        every = range(1, disk.asked + 1)
        return list(every) if EVERY_MOMENT else sorted(random.Random(seed).sample(every, MOMENTS_TRIED))

    return chosen
