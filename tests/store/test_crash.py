"""What a reader finds after a process was killed, or the disk refused, at any moment."""

from __future__ import annotations

import errno
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from custier.errors import OutputError
from custier.store import (
    Store,
    chain,
    current_run,
    find_store,
    locked,
    manifest,
    open_store,
    publish,
    run_id,
    seal,
    staging,
    sweep,
    verify_run,
    write_manifest,
)
from custier.write import write_json, write_text

Refusing = Callable[..., AbstractContextManager[Any]]
Moments = Callable[..., list[int]]

KILLS = int(os.environ.get("CUSTIER_KILLS", "30"))
PUBLISHER = Path(__file__).with_name("publisher.py")
BY_HAND: dict[str, Any] = {"reason": "test", "who": "me", "at": datetime(2026, 1, 5, tzinfo=UTC)}
RUN = run_id(date(2025, 12, 31), "ab" * 32)


def started(root: Path) -> subprocess.Popen[str]:
    """A publisher that has published once."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    child = subprocess.Popen([sys.executable, str(PUBLISHER), str(root)], stdout=subprocess.PIPE, text=True, env=environment)
    assert child.stdout is not None and child.stdout.readline().strip().isdigit(), "it could not publish after the last kill"
    return child


def generations(directory: Path) -> set[str]:
    """Every distinct line of a run's data files, and how many lines each has."""
    files = list(directory.rglob("*.csv"))
    assert len(files) == 4
    return {f"{line} x {text.count(line)}" for text in (path.read_text() for path in files) for line in set(text.splitlines(keepends=True))}


def test_a_reader_never_sees_a_torn_or_mixed_run_however_often_the_writer_is_killed(tmp_path: Path) -> None:
    chance, torn_down = random.Random(20251231), 0
    for _ in range(KILLS):
        child = started(tmp_path / "store")
        assert child.stdout is not None
        time.sleep(chance.random() * 0.08)
        child.kill()
        child.wait()
        child.stdout.close()
        store = find_store(tmp_path / "store")
        current = current_run(store)
        assert current is not None and verify_run(store, current) == []
        assert len(generations(store.runs / current)) == 1
        torn_down += any(store.staging.iterdir())
    assert torn_down, "no kill fell into the middle of a run: the test proves nothing"
    assert len(chain(store)) > KILLS


@pytest.mark.skipif(KILLS < 30, reason="too few tries to say anything")
def test_a_reader_beside_the_writer_sees_whole_runs_only(tmp_path: Path) -> None:
    child = started(tmp_path / "store")
    store, seen = find_store(tmp_path / "store"), set()
    try:
        until = time.monotonic() + 2
        while time.monotonic() < until:
            current = current_run(store)
            assert current is not None
            assert len(generations(store.runs / current)) == 1
            seen.add(current)
    finally:
        child.kill()
        child.communicate()
    assert len(seen) > 3


def published_once(root: Path) -> str | None:
    """A whole publication of RUN, from opening the store to the swap; returns what was current before."""
    store = open_store(root, "grade")
    with locked(store, "test"):
        sweep(store)
        base = current_run(store)
        with staging(store, RUN) as directory:
            write_text("customer_id,tier\nC1,A\n", directory / "labels.csv")
            write_json({"customers": 1, "changes": {}}, directory / "summary.json")
            write_manifest(directory, manifest({"as_of": "2025-12-31", "previous": base and {"run": base}}, {"status": "published"}))
            seal(store, RUN)
        publish(store, RUN, base=base, **BY_HAND)
    return base


@pytest.mark.parametrize("forever", [False, True], ids=["once", "forever"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS], ids=errno.errorcode.get)
def test_whatever_the_disk_refuses_current_is_old_or_new_and_a_rerun_succeeds(
    tmp_path: Path, code: int, forever: bool, refusing: Refusing, moments: Moments
) -> None:
    whole = _with_a_base(tmp_path / "all")[0].root
    for n in moments(lambda: published_once(whole), seed=code):
        store, base = _with_a_base(tmp_path / str(n))
        with refusing(n, code, forever=forever) as disk:
            told = _outcome(store.root)
        now = current_run(store)
        assert now in (base, RUN) and verify_run(store, now) == [], f"refusal {n}"
        assert (now == RUN) == (told is None or told.startswith(f"{RUN} is published")), f"refusal {n} was told as: {told}"
        assert sorted(p.name for p in store.home.iterdir() if p.name != "publications.jsonl") == [".staging", "CURRENT", "runs"]
        published_once(store.root)
        assert current_run(store) == RUN and verify_run(store, RUN) == [] and list(store.staging.iterdir()) == []
        assert disk.refused


def _with_a_base(root: Path) -> tuple[Store, str]:
    store, base = open_store(root, "grade"), run_id(date(2025, 11, 30), "cd" * 32)
    with staging(store, base) as directory:
        write_manifest(directory, manifest({"as_of": "2025-11-30", "previous": None}, {"status": "published"}))
        seal(store, base)
    publish(store, base, base=None, **BY_HAND)
    return store, base


def _outcome(root: Path) -> str | None:
    """None after a publication, else the state that the OutputError tells; any other error fails the test."""
    try:
        published_once(root)
    except OutputError as error:
        assert error.exit_code == 6 and error.problems[0].code in ("CT5001", "CT5002", "CT5003")
        return error.state
    return None


def test_a_first_run_on_a_failing_disk_leaves_no_current(tmp_path: Path, refusing: Refusing, moments: Moments) -> None:
    for n in moments(lambda: published_once(tmp_path / "all"), seed=0):
        root = tmp_path / str(n)
        with refusing(n, errno.ENOSPC, forever=True):
            _outcome(root)
        store = Store(root, "grade")
        assert current_run(store) in (None, RUN)
        published_once(root)
        assert current_run(store) == RUN


def test_everything_is_on_the_disk_before_the_step_that_relies_on_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, _ = _with_a_base(tmp_path / "store")
    flushed: set[int] = set()
    fsync, rename, replace = os.fsync, os.rename, os.replace

    def noted(descriptor: int) -> None:
        flushed.add(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    def renamed(source: Any, target: Any) -> None:
        assert Path(target) == store.runs / RUN
        inside = {path.stat().st_ino for path in [Path(source), *Path(source).rglob("*")]}
        assert len(inside) == 5 and inside <= flushed
        flushed.clear()
        rename(source, target)

    def replaced(source: Any, target: Any) -> None:
        assert Path(source).stat().st_ino in flushed
        if Path(target) == store.pointer:
            assert store.runs.stat().st_ino in flushed
            flushed.clear()
        replace(source, target)

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(os, "rename", renamed)
    monkeypatch.setattr(os, "replace", replaced)
    published_once(store.root)
    assert {store.home.stat().st_ino, store.publications.stat().st_ino} <= flushed
