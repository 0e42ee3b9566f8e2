"""Each run names the content of the one it builds on; whoever changes an old run is found out."""

from __future__ import annotations

import json
import shutil
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from custier.errors import StoreError
from custier.store import (
    Keep,
    Store,
    manifest,
    plan_prune,
    prune,
    publish,
    read_manifest,
    run_id,
    seal,
    staging,
    verify_chain,
    verify_run,
    write_manifest,
)
from custier.store.checksums import SUMS
from custier.store.record import content_id

DAYS = ("2025-10-31", "2025-11-30", "2025-12-31")


@pytest.fixture
def linked(store: Store, swap_note: dict[str, Any]) -> list[str]:
    """Three published months, the newest first, each with the content id of the one before."""
    runs: list[str] = []
    for day in DAYS:
        before = runs[0] if runs else None
        run = run_id(date.fromisoformat(day), sha256(day.encode()).hexdigest())
        previous = before and {"run": before, "content_id": read_manifest(store, before)["content_id"]}
        with staging(store, run) as directory:
            write_manifest(
                directory, manifest({"as_of": day, "previous": previous, "tiers": {"A": 1}}, {"status": "published", "base": before})
            )
            seal(store, run)
        publish(store, run, base=before, **swap_note)
        runs.insert(0, run)
    return runs


def forged(store: Store, run: str) -> None:
    """Another answer in the run, with its content id and its checksums made anew."""
    path = store.runs / run / "manifest.json"
    content = json.loads(path.read_text())
    content["stable"]["tiers"] = {"A": 2}
    content["content_id"] = content_id(content["stable"])
    path.write_text(json.dumps(content))
    (store.runs / run / SUMS).write_text(f"{sha256(path.read_bytes()).hexdigest()}  manifest.json\n")


def test_runs_that_build_on_one_another_are_whole(store: Store, linked: list[str]) -> None:
    assert verify_chain(store) == (linked, [])


@pytest.mark.parametrize("place", [1, 2])
def test_a_forged_run_is_found_by_the_one_that_builds_on_it(store: Store, linked: list[str], place: int) -> None:
    forged(store, linked[place])
    assert verify_run(store, linked[place]) == []
    _, problems = verify_chain(store)
    assert [p.code for p in problems] == ["CT5309"] and linked[place - 1] in problems[0].where and linked[place] in problems[0].what


def test_a_damaged_file_of_any_run_is_found(store: Store, linked: list[str]) -> None:
    (store.runs / linked[2] / "more.txt").write_text("x")
    assert [p.code for p in verify_chain(store)[1]] == ["CT5303"]


def test_a_missing_run_breaks_the_chain(store: Store, linked: list[str]) -> None:
    shutil.rmtree(store.runs / linked[1])
    with pytest.raises(StoreError):
        verify_chain(store)


def test_a_pruned_run_is_no_break_but_must_have_been_the_same(store: Store, linked: list[str], swap_note: dict[str, Any]) -> None:
    prune(store, plan_prune(store, Keep(months=1)), who="me", at=swap_note["at"])
    assert verify_chain(store) == (linked[:2], [])
    store.pruned.write_text(json.dumps({"run": linked[2], "content_id": "0" * 64}) + "\n")
    assert [p.code for p in verify_chain(store)[1]] == ["CT5309"]


def test_a_store_without_runs_has_an_empty_chain(store: Store) -> None:
    assert verify_chain(store) == ([], [])


def test_a_copied_store_is_as_whole_as_the_first(store: Store, linked: list[str], tmp_path: Path) -> None:
    shutil.copytree(store.root, tmp_path / "another place")
    copy = Store(tmp_path / "another place", "grade")
    assert verify_chain(copy) == (linked, []) and str(store.root).encode() not in b"".join(
        json.dumps(read_manifest(copy, run)["stable"]).encode() for run in linked
    )
