from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from custier.errors import NotFoundError, OutputError, StoreError, UsageError
from custier.store import Store, current_run, find_store, open_store, run_directory, run_id, stored_rubrics


def code_of(caught: pytest.ExceptionInfo[Any]) -> str:
    return str(caught.value.problems[0].code)


def test_a_run_is_named_by_its_date_and_twelve_digits_of_its_key() -> None:
    assert run_id(date(2025, 12, 31), "0123456789abcdef" * 4) == "2025-12-31-0123456789ab"


def test_opening_makes_private_folders_and_leaves_no_probe(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store", "grade")
    assert sorted(p.name for p in store.home.iterdir()) == [".staging", "runs"]
    assert list(store.staging.iterdir()) == []
    assert {stat.S_IMODE(p.stat().st_mode) for p in (store.root, store.home, store.runs, store.staging)} == {0o700}


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    assert open_store(tmp_path / "store", "grade") == open_store(tmp_path / "store", "grade")


def test_a_store_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("notes")
    with pytest.raises(OutputError) as caught:
        open_store(tmp_path / "store", "grade")
    assert code_of(caught) == "CT5004" and caught.value.exit_code == 6
    assert (tmp_path / "store").read_text() == "notes"


def test_a_store_whose_parent_is_missing_is_refused_and_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as caught:
        open_store(tmp_path / "not-mounted" / "store", "grade")
    assert code_of(caught) == "CT5005"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("planted", ["runs", ".staging", "."])
def test_a_link_planted_inside_the_store_is_refused(tmp_path: Path, planted: str) -> None:
    elsewhere, home = tmp_path / "elsewhere", tmp_path / "store" / "grade"
    elsewhere.mkdir()
    (home if planted != "." else home.parent).mkdir(parents=True)
    (home / planted if planted != "." else home).symlink_to(elsewhere)
    with pytest.raises(OutputError) as caught:
        open_store(tmp_path / "store", "grade")
    assert code_of(caught) == "CT5004" and caught.value.problems[0].where == str(home / planted)
    assert list(elsewhere.iterdir()) == []


def test_the_store_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "store").symlink_to(tmp_path / "disk")
    assert open_store(tmp_path / "store", "grade").runs.is_dir()


@pytest.mark.parametrize("name", ["..", "a/b", ".hidden", ""])
def test_a_rubric_name_cannot_leave_the_store(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError) as caught:
        open_store(tmp_path / "store", name)
    assert code_of(caught) == "CT5008"
    assert list(tmp_path.iterdir()) == []


def test_staging_on_another_filesystem_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    true_stat = Path.stat

    def stat_elsewhere(path: Path, **options: Any) -> os.stat_result:
        found = true_stat(path, **options)
        return os.stat_result((*found[:2], found.st_dev + 1, *found[3:])) if path == store.staging else found

    monkeypatch.setattr(Path, "stat", stat_elsewhere)
    with pytest.raises(OutputError) as caught:
        open_store(store.root, "grade")
    assert code_of(caught) == "CT5006"


def test_a_folder_without_write_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied", str(tmp_path / "store"))

    monkeypatch.setattr(os, "mkdir", denied)
    with pytest.raises(OutputError) as caught:
        open_store(tmp_path / "store", "grade")
    assert code_of(caught) == "CT5002" and caught.value.problems[0].where == str(tmp_path / "store")


def test_a_store_that_cannot_take_a_file_is_refused_before_any_data_is_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_only(**_: Any) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("tempfile.TemporaryFile", read_only)
    with pytest.raises(OutputError) as caught:
        open_store(store.root, "grade")
    assert code_of(caught) == "CT5002"


def test_the_rubric_may_be_left_out_where_the_store_holds_one(store: Store, add_run: Any) -> None:
    add_run("2025-11-30")
    assert find_store(store.root) == store
    assert find_store(store.root, "grade") == store


def test_two_rubrics_must_be_told_apart(store: Store, add_run: Any) -> None:
    add_run("2025-11-30")
    other = open_store(store.root, "abc")
    assert stored_rubrics(store.root) == ["grade"] and find_store(store.root) == store  # of abc nothing was kept
    (other.runs / "2025-11-30-aaaaaaaaaaaa").mkdir()
    assert stored_rubrics(store.root) == ["abc", "grade"]
    with pytest.raises(NotFoundError) as caught:
        find_store(store.root)
    assert code_of(caught) == "CT5502" and "abc, grade" in caught.value.problems[0].help


def test_an_unknown_rubric_is_answered_with_the_nearest(store: Store, add_run: Any) -> None:
    add_run("2025-11-30")
    with pytest.raises(NotFoundError) as caught:
        find_store(store.root, "grad")
    assert caught.value.problems[0].help == "the nearest is grade"
    with pytest.raises(NotFoundError) as caught:
        find_store(store.root, "../../etc")
    assert caught.value.problems[0].help == "there is grade"


@pytest.mark.parametrize("root", ["missing", "file", "empty"])
def test_where_there_is_no_store_the_cure_is_named(tmp_path: Path, root: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotFoundError) as caught:
        find_store(tmp_path / root)
    assert code_of(caught) == "CT5502" and caught.value.exit_code == 8


def test_a_run_that_is_not_there_is_answered_with_the_nearest(store: Store, add_run: Any) -> None:
    run = add_run("2025-12-31")
    assert run_directory(store, run) == store.runs / run
    with pytest.raises(NotFoundError) as caught:
        run_directory(store, run[:-1] + ("0" if run[-1] != "0" else "1"))
    assert code_of(caught) == "CT5501" and run in caught.value.problems[0].help


@pytest.mark.parametrize("name", ["..", "../..", "", "2025-12-31", "2025-99-99-aaaaaaaaaaaa"])
def test_a_name_that_is_no_run_id_reaches_no_folder(store: Store, name: str) -> None:
    (store.runs / "2025-99-99-aaaaaaaaaaaa").mkdir()
    with pytest.raises(NotFoundError):
        run_directory(store, name)


def test_a_store_that_cannot_be_listed_is_an_error_with_a_code(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(_: Path) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", denied)
    with pytest.raises(StoreError) as caught:
        stored_rubrics(store.root)
    assert code_of(caught) == "CT5306" and caught.value.exit_code == 7


def test_umask_000_still_makes_private_files(tmp_path: Path, add_run: Any, store: Store) -> None:
    before = os.umask(0)
    try:
        run = add_run("2025-12-31", key="open")
        (store.root / "probe").write_text("")
    finally:
        os.umask(before)
    modes = Counter((p.is_dir(), stat.S_IMODE(p.stat().st_mode)) for p in store.home.rglob("*"))
    assert modes.keys() == {(True, 0o700), (False, 0o600)}
    assert stat.S_IMODE((store.root / "probe").stat().st_mode) == 0o666  # the umask was really 0
    assert current_run(store) == run


def test_the_store_can_be_used_without_polars() -> None:
    asked = "import sys, custier.store; sys.exit('polars' in sys.modules or 'pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], env={"PYTHONPATH": os.pathsep.join(sys.path)}, check=False).returncode == 0
