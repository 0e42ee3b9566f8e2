"""A run in parts that is killed, or finds the disk full, publishes nothing, tears nothing, and the next one cleans up."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from custier.errors import OutputError
from custier.pipeline import Request, classify_files
from custier.store import Store, current_run, stored_runs, verify_run

GATHER = import_module("custier.pipeline.gather")
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
LAST, THIS = date(2025, 11, 30), date(2025, 12, 31)
BUCKETS, PURCHASES, CUSTOMERS, KILLS = 8, 20_000, 4_000, 20
NAMES = ("labels.parquet", "labels.csv", "changes.csv", "evidence.parquet")

DRIVER = f"""
import sys
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from custier.pipeline import Request, classify_files
import_module("custier.pipeline.gather").bucket_count = lambda tables, memory: {BUCKETS}
now = datetime(2026, 1, 31, 12, tzinfo=UTC)
request = Request((sys.argv[1],), "pyramid", (), Path(sys.argv[2]), now.date(), now, as_of=date(2025, 12, 31), most_rows_kept=0)
print("ready", flush=True)
print(classify_files(request).status, flush=True)
"""


def export(path: Path, until: date, seed: int) -> Path:
    rng = random.Random(seed)
    days = (until - date(2024, 12, 1)).days
    rows = (
        f"C{rng.randrange(CUSTOMERS):06},{date.fromordinal(date(2024, 12, 1).toordinal() + rng.randrange(days + 1))},"
        f"O{row:06},{rng.randrange(10**6)}.{rng.randrange(100):02}\n"
        for row in range(PURCHASES)
    )
    path.write_text("customer_id,date,order,amount\n" + "".join(rows))
    return path


def asked(file: Path, store: Path, as_of: date = THIS, most_rows_kept: int = 0) -> Request:
    return Request((str(file),), "pyramid", (), store, NOW.date(), NOW, as_of=as_of, most_rows_kept=most_rows_kept)


def answer(store: Path) -> dict[str, bytes]:
    run = next(path for path in (store / "pyramid" / "runs").iterdir() if path.name.startswith(THIS.isoformat()))
    return {name: (run / name).read_bytes() for name in NAMES}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store where last month is published, and this month's export."""
    folder = tmp_path_factory.mktemp("crash")
    classify_files(asked(export(folder / "last.csv", LAST, 1), folder / "store", LAST))
    export(folder / "sales.csv", THIS, 2)
    return folder


@pytest.fixture(scope="module")
def expected(home: Path) -> dict[str, bytes]:
    """What a run in one part, with its rows kept, says of this month."""
    copytree(home / "store", home / "whole")
    classify_files(asked(home / "sales.csv", home / "whole", most_rows_kept=10**9))
    return answer(home / "whole")


@pytest.fixture
def in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GATHER, "bucket_count", lambda tables, memory: BUCKETS)


def start(home: Path, store: Path) -> subprocess.Popen[str]:
    paths = os.pathsep.join(str(Path(path).resolve()) for path in sys.path if path)
    command = [sys.executable, "-c", DRIVER, str(home / "sales.csv"), str(store)]
    process = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": paths}, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    return process


def nothing_is_torn(store: Path, before: str | None) -> None:
    """Every run that is there is whole, and the current one is the last month's or this month's whole one."""
    found = Store(store, "pyramid")
    assert [problem for run in stored_runs(found) for problem in verify_run(found, run)] == []
    current = current_run(found)
    assert current == before or (current is not None and current.startswith(THIS.isoformat()) and current in stored_runs(found))


def finishes(home: Path, store: Path, expected: dict[str, bytes]) -> None:
    told = classify_files(asked(home / "sales.csv", store))
    assert told.status in ("published", "already current", "held") and answer(store) == expected
    assert list((store / "pyramid" / ".staging").iterdir()) == []


def test_a_run_in_parts_that_is_killed_at_any_moment_leaves_nothing_torn_and_the_next_cleans_up(
    home: Path, expected: dict[str, bytes], tmp_path: Path, in_parts: None
) -> None:
    before = current_run(Store(home / "store", "pyramid"))
    copytree(home / "store", tmp_path / "timed")
    process = start(home, tmp_path / "timed")
    began = time.monotonic()
    process.communicate(timeout=120)
    seconds = time.monotonic() - began
    assert answer(tmp_path / "timed") == expected
    left_behind = 0
    for kill in range(KILLS):
        store = tmp_path / f"store-{kill}"
        copytree(home / "store", store)
        process = start(home, store)
        time.sleep(seconds * (kill + 0.5) / KILLS)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=120)
        nothing_is_torn(store, before)
        left_behind += bool(list((store / "pyramid" / ".staging").iterdir()))
        finishes(home, store, expected)
    assert left_behind >= KILLS // 4  # or no kill met a run at work


@pytest.mark.parametrize(("size_bytes", "at"), [(4_000, ".staging/scratch/rows"), (100_000, ".staging/2025-12-31-")])
def test_a_run_in_parts_that_finds_the_disk_full_publishes_nothing_and_can_be_run_again(
    home: Path, expected: dict[str, bytes], tmp_path: Path, in_parts: None, size_bytes: int, at: str, a_disk_of: Callable[..., Any]
) -> None:
    store = tmp_path / "store"
    copytree(home / "store", store)
    before = current_run(Store(store, "pyramid"))
    with a_disk_of(size_bytes), pytest.raises(OutputError) as caught:
        classify_files(asked(home / "sales.csv", store))
    assert caught.value.exit_code == 6 and [p.code for p in caught.value.problems] == ["CT5001"]
    assert at in (caught.value.problems[0].where or "")
    assert current_run(Store(store, "pyramid")) == before and stored_runs(Store(store, "pyramid")) == [before]
    assert list((store / "pyramid" / ".staging").iterdir()) == []
    finishes(home, store, expected)
