from __future__ import annotations

import json
import stat
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from custier.store import Store, find_store, list_failures, manifest, note_failure, open_store
from custier.store.failures import MOST_KEPT

NOON = datetime.fromisoformat("2026-01-05T12:00:00+00:00")


def noted(store: Store, minutes: int = 0, code: str = "CT2001") -> Path:
    at = NOON + timedelta(minutes=minutes)
    problem = {"code": code, "what": "there is no such file", "where": "june.csv", "help": "name another"}
    half = {"status": "failed", "exit_code": 4, "problems": [problem], "created": at.isoformat()}
    return note_failure(store, manifest({"as_of": None}, half), b'{"event": "run.end"}\n', at)


def test_a_failure_leaves_a_manifest_and_a_log_that_only_its_owner_reads(store: Store) -> None:
    directory = noted(store)
    assert directory.parent == store.failures and sorted(p.name for p in directory.iterdir()) == ["log.jsonl", "manifest.json"]
    assert json.loads((directory / "manifest.json").read_text())["run"]["problems"][0]["code"] == "CT2001"
    assert {stat.S_IMODE(p.stat().st_mode) for p in directory.iterdir()} == {0o600}
    assert stat.S_IMODE(directory.stat().st_mode) == stat.S_IMODE(store.failures.stat().st_mode) == 0o700


def test_failures_are_listed_the_newest_first(store: Store) -> None:
    for minutes, code in ((5, "CT2002"), (0, "CT2001"), (9, "CT2003")):
        noted(store, minutes, code)
    assert [f.code for f in list_failures(store)] == ["CT2003", "CT2002", "CT2001"]
    newest = list_failures(store)[0]
    assert (newest.status, newest.exit_code, newest.what, newest.created) == (
        "failed",
        4,
        "there is no such file",
        NOON + timedelta(minutes=9),
    )


def test_a_job_that_fails_for_ever_does_not_fill_the_disk(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("custier.store.failures.MOST_KEPT", 3)
    for minutes in range(5):
        noted(store, minutes)
    assert [f.created.minute for f in list_failures(store)] == [4, 3, 2] and MOST_KEPT >= 50


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"run": {}}', b'{"run": {"problems": [], "created": "x"}}', None])
def test_what_is_left_of_a_failure_that_could_not_be_written_is_not_listed(store: Store, content: bytes | None) -> None:
    path = noted(store) / "manifest.json"
    path.unlink() if content is None else path.write_bytes(content)
    (store.failures / "notes.txt").write_text("mine")
    assert list_failures(store) == []


def test_a_failure_without_a_problem_is_listed_all_the_same(store: Store) -> None:
    half: dict[str, Any] = {"status": "interrupted", "exit_code": 143, "problems": [], "created": NOON.isoformat()}
    note_failure(store, manifest({}, half), b"", NOON)
    assert [(f.status, f.exit_code, f.code) for f in list_failures(store)] == [("interrupted", 143, "")]


def test_a_link_planted_where_failures_go_is_refused(store: Store, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    store.failures.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NotADirectoryError):
        noted(store)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_store_of_failures_alone_is_found_only_by_who_asks_for_failures(tmp_path: Path, add_run: Any, store: Store) -> None:
    other = open_store(store.root, "other")
    noted(other)
    assert find_store(store.root, failed=True) == other
    add_run("2025-12-31")
    assert find_store(store.root).rubric == find_store(store.root, failed=True).rubric == "grade"
    assert find_store(store.root, "other", failed=True) == other
