from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from custier.errors import BusyError, OutputError
from custier.store import Store, locked

HOLD = """
import sys
from pathlib import Path
from custier.store import Store, locked
with locked(Store(Path(sys.argv[1]), "grade"), "classify 2025-12-31"):
    print("held", flush=True)
    sys.stdin.read()
"""
TRY = """
import sys, time
from pathlib import Path
from custier.errors import BusyError
from custier.store import Store, locked
sys.stdin.readline()
try:
    with locked(Store(Path(sys.argv[1]), "grade"), "try"):
        time.sleep(2)
except BusyError as error:
    sys.exit(error.exit_code)
"""


def child(script: str, root: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", script, str(root)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)


@contextmanager
def held_elsewhere(store: Store) -> Iterator[subprocess.Popen[str]]:
    holder = child(HOLD, store.root)
    assert holder.stdout is not None and holder.stdout.readline() == "held\n"
    try:
        yield holder
    finally:
        holder.kill()
        holder.communicate()


def test_a_second_process_is_told_who_holds_the_store(store: Store) -> None:
    with held_elsewhere(store) as holder, pytest.raises(BusyError) as caught, locked(store, "test"):
        pass
    problem = caught.value.problems[0]
    assert problem.code == "CT5101" and caught.value.exit_code == 5
    assert f"pid {holder.pid}, since " in problem.what and "classify 2025-12-31" in problem.what


def test_the_lock_is_free_when_its_holder_ends(store: Store) -> None:
    with locked(store, "one"):
        pass
    with locked(store, "two"):
        pass
    with pytest.raises(ZeroDivisionError), locked(store, "three"):
        raise ZeroDivisionError
    with locked(store, "four"):
        assert json.loads((store.root / "LOCK.holder").read_text()) == {"pid": os.getpid(), "label": "four"}
    assert (store.root / "LOCK.holder").read_bytes() == b""


def test_the_lock_of_a_killed_holder_is_free_at_once_and_its_name_does_no_harm(store: Store) -> None:
    with held_elsewhere(store) as holder:
        holder.kill()
        holder.wait()
        assert json.loads((store.root / "LOCK.holder").read_text())["pid"] == holder.pid
        with locked(store, "test"):
            pass


@pytest.mark.parametrize("left", ["", "not json", "[]", "{}", '"text"', None])
def test_an_unreadable_name_of_the_holder_is_left_out(store: Store, left: str | None) -> None:
    with held_elsewhere(store):
        path = store.root / "LOCK.holder"
        path.unlink() if left is None else path.write_text(left)
        with pytest.raises(BusyError) as caught, locked(store, "test"):
            pass
    assert caught.value.problems[0].what == "another custier is using the store"


def test_of_processes_that_start_at_once_exactly_one_gets_the_store(store: Store) -> None:
    children = [child(TRY, store.root) for _ in range(4)]
    for process in children:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    codes = Counter(process.wait(30) for process in children)
    for process in children:
        process.communicate()
    assert codes == {0: 1, BusyError.exit_code: 3}


def test_one_lock_serves_all_rubrics_of_a_store(store: Store) -> None:
    with held_elsewhere(store), pytest.raises(BusyError), locked(Store(store.root, "other"), "test"):
        pass


def test_a_lock_that_cannot_be_made_is_an_output_error(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    (store.root / "LOCK").mkdir()
    with pytest.raises(OutputError) as caught, locked(store, "test"):
        pass
    assert caught.value.problems[0].code == "CT5004"


def test_a_full_disk_does_not_leave_the_store_locked(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("custier.store.lock._sign", full)
        with pytest.raises(OutputError), locked(store, "test"):
            pass
    with locked(store, "test"):
        assert stat.S_IMODE((store.root / "LOCK").stat().st_mode) == 0o600


def test_who_may_wait_gets_the_store_when_its_holder_ends(store: Store) -> None:
    with held_elsewhere(store) as holder:
        threading.Timer(0.5, holder.kill).start()
        began = time.monotonic()
        with locked(store, "test", wait_seconds=30):
            assert 0.3 < time.monotonic() - began < 20


def test_who_waited_in_vain_is_told_who_holds_it(store: Store) -> None:
    with held_elsewhere(store) as holder, pytest.raises(BusyError, match=f"pid {holder.pid}"), locked(store, "test", wait_seconds=0.2):
        pass


@pytest.mark.parametrize("name", ["LOCK", "LOCK.holder"])
def test_a_link_planted_as_the_lock_is_not_followed(store: Store, tmp_path: Path, name: str) -> None:
    target = tmp_path / "target"
    target.write_text("mine")
    (store.root / name).symlink_to(target)
    with pytest.raises(OutputError) as caught, locked(store, "test"):
        pass
    assert caught.value.problems[0].code == "CT5004" and target.read_text() == "mine"
