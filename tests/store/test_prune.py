from __future__ import annotations

import errno
import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from custier.errors import NotFoundError, OutputError, StoreError
from custier.store import (
    Keep,
    Store,
    chain,
    current_run,
    list_runs,
    manifest,
    note_failure,
    plan_prune,
    prune,
    published_before,
    verify_chain,
)
from custier.store.history import resolve_run

AT = datetime(2026, 6, 1, tzinfo=UTC)


def pruned(store: Store, **asked: Any) -> list[str]:
    """The ids that went."""
    plan = plan_prune(store, Keep(**asked))
    prune(store, plan, who="me", at=AT)
    return [row.run_id for row in plan.goes]


@pytest.fixture
def year(store: Store, add_run: Any) -> list[str]:
    """Six published months, the newest first."""
    runs: list[str] = []
    for month in range(1, 7):
        runs.insert(0, add_run(f"2025-0{month}-28", key=str(month), previous=runs[0] if runs else None))
    return runs


def test_the_last_runs_stay_and_the_rest_goes(store: Store, year: list[str]) -> None:
    assert sorted(pruned(store, months=3)) == sorted(year[3:])
    assert [row.run_id for row in list_runs(store)] == year[:3] and chain(store) == year[:3]
    assert list(store.staging.iterdir()) == [] and current_run(store) == year[0]


def test_the_current_run_and_the_one_it_builds_on_stay_whatever_is_asked(store: Store, year: list[str]) -> None:
    pruned(store, months=1)
    assert chain(store) == year[:2]
    assert pruned(store, since=AT) == []


def test_only_what_was_made_before_a_day_goes(store: Store, year: list[str]) -> None:
    third = next(row.created for row in list_runs(store) if row.run_id == year[3])
    assert sorted(pruned(store, since=third)) == sorted(year[4:])


def test_of_two_limits_the_one_that_keeps_more_counts(store: Store, year: list[str]) -> None:
    assert sorted(pruned(store, months=2, since=next(r.created for r in list_runs(store) if r.run_id == year[3]))) == sorted(year[4:])


def test_a_replaced_run_goes_with_its_month_and_what_the_current_one_replaced_stays(store: Store, add_run: Any) -> None:
    january = add_run("2025-01-31", key="wrong")
    corrected = add_run("2025-01-31", key="right", previous=None, base=january)
    february = add_run("2025-02-28", key="2", previous=corrected)
    march = add_run("2025-03-31", key="3", previous=february)
    again = add_run("2025-03-31", key="3 again", previous=february, base=march)
    assert sorted(pruned(store, months=1)) == sorted([january, corrected])
    assert {row.run_id: row.status for row in list_runs(store)} == {again: "current", march: "replaced", february: "earlier"}


def test_runs_that_wait_for_a_person_stay_and_are_named_unless_they_are_asked_for(store: Store, year: list[str], add_run: Any) -> None:
    held = add_run("2025-02-20", key="h", status="held", previous=year[5])
    by_hand = add_run("2025-02-21", key="u", status="unpublished", previous=year[5])
    plan = plan_prune(store, Keep(months=3))
    assert {row.run_id for row in plan.waiting} == {held, by_hand} and held not in {row.run_id for row in plan.goes}
    assert {held, by_hand} <= set(pruned(store, months=3, held=True))


def test_failed_runs_and_logs_go_once_a_later_run_is_published(store: Store, year: list[str], add_run: Any) -> None:
    failed = add_run("2025-06-29", key="f", status="failed", previous=year[0])
    made = next(row.created for row in list_runs(store) if row.run_id == failed)
    assert made is not None
    for at in (made.replace(year=2025), made):
        half = {"status": "failed", "exit_code": 4, "problems": [], "created": at.isoformat()}
        note_failure(store, manifest({}, half), b"", at)
    plan = plan_prune(store, Keep(months=9))
    assert list(plan.goes) == [] and [f.created for f in plan.failures] == [made.replace(year=2025)]
    add_run("2025-07-31", key="7", previous=year[0])
    plan = plan_prune(store, Keep(months=9))
    assert [row.run_id for row in plan.goes] == [failed] and len(plan.failures) == 2 and plan.bytes > 0
    prune(store, plan, who="me", at=AT)
    assert list(store.failures.iterdir()) == []


def test_a_damaged_run_stays_to_be_looked_at(store: Store, year: list[str]) -> None:
    (store.runs / year[0][:11]).with_name("2024-01-31-0123456789ab").mkdir()
    assert "2024-01-31-0123456789ab" not in pruned(store, months=9)


def test_a_run_whose_cuts_a_kept_one_has_stays(store: Store, year: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("custier.store.pruning._cuts_from", lambda _, run: {year[0]: year[4], year[4]: year[5]}.get(run))
    assert pruned(store, months=2) == [year[2], year[3]]


def test_published_runs_stay_where_the_rubric_counts_back_through_them(store: Store, year: list[str], add_run: Any) -> None:
    assert pruned(store, months=1, all_published=True) == []


def test_the_chain_ends_at_what_was_pruned_and_is_still_proved(store: Store, add_run: Any) -> None:
    runs: list[str] = []
    for month in (1, 2, 3, 4):
        runs.insert(0, add_run(f"2025-0{month}-28", key=str(month), previous=runs[0] if runs else None))
    pruned(store, months=2)
    assert chain(store) == runs[:2]
    log = [json.loads(line) for line in store.pruned.read_text().splitlines()]
    assert [entry["run"] for entry in log] == [runs[2], runs[3]] and all(len(entry["content_id"]) == 64 for entry in log)
    assert published_before(store, date(2025, 4, 1)) == runs[1]
    with pytest.raises(NotFoundError) as caught:
        published_before(store, date(2025, 3, 28))
    assert caught.value.problems[0].code == "CT5508"
    assert resolve_run(store) == runs[0]


def test_a_run_that_is_gone_and_was_not_pruned_is_still_damage(store: Store, year: list[str]) -> None:
    pruned(store, months=3)
    store.pruned.unlink()
    with pytest.raises(StoreError):
        chain(store)


@pytest.mark.parametrize("torn", [b"", b"[]\nnot json\n", b'{"run": 1}\n'])
def test_a_log_of_pruned_runs_that_cannot_be_read_says_nothing(store: Store, year: list[str], torn: bytes) -> None:
    store.pruned.write_bytes(torn)
    assert chain(store) == year


def test_whatever_the_disk_refuses_the_chain_is_whole_and_the_same_again_does_the_rest(
    store: Store, year: list[str], refusing: Any, moments: Any, tmp_path: Path
) -> None:
    def copy(name: str) -> Store:
        shutil.copytree(store.root, tmp_path / name)
        return Store(tmp_path / name, "grade")

    whole = copy("all")
    for n in moments(lambda: pruned(whole, months=2), seed=3, least=20):
        tried = copy(str(n))
        with refusing(n, errno.EIO, forever=True), pytest.raises(OutputError):
            pruned(tried, months=2)
        assert chain(tried)[:2] == year[:2]
        pruned(tried, months=2)
        assert chain(tried) == year[:2] and verify_chain(tried)[0] == year[:2]
        assert sorted(p.name for p in tried.runs.iterdir()) == sorted(year[:2])


def test_a_link_planted_as_the_log_of_pruned_runs_is_not_followed(store: Store, year: list[str], tmp_path: Path) -> None:
    (tmp_path / "target").write_text("mine")
    store.pruned.symlink_to(tmp_path / "target")
    with pytest.raises(OutputError):
        pruned(store, months=2)
    assert (tmp_path / "target").read_text() == "mine" and chain(store) == year
