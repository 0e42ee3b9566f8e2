from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from custier.errors import NotFoundError, OutputError, StoreError
from custier.store import Store, base_of, manifest, read_manifest, run_id, seal, staging, sweep, verify_run, write_manifest
from custier.store.disk import whole_file
from custier.write import write_text

RUN = run_id(date(2025, 12, 31), "ab" * 32)


@dataclass(frozen=True)
class Cut:
    value: Decimal
    day: date


def codes(store: Store, run: str) -> list[tuple[str, str]]:
    return [(problem.code, Path(problem.where).name) for problem in verify_run(store, run)]


def test_a_sealed_run_is_whole_and_staging_is_empty(store: Store, add_run: Any) -> None:
    run = add_run("2025-12-31")
    assert verify_run(store, run) == []
    assert list(store.staging.iterdir()) == []


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="needs sha256sum")
def test_sha256sum_agrees_with_the_list(store: Store, add_run: Any) -> None:
    directory = store.runs / add_run("2025-12-31")
    assert subprocess.run(["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=directory, capture_output=True, check=False).returncode == 0
    listed = [line.split("  ", 1)[1] for line in (directory / "SHA256SUMS").read_text().splitlines()]
    assert listed == ["labels.csv", "manifest.json", "rows/transactions.csv", "summary.json"]


def test_a_run_that_is_not_sealed_leaves_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), staging(store, RUN) as directory:
        write_text("x", directory / "labels.csv")
        raise ZeroDivisionError
    assert list(store.staging.iterdir()) == [] and list(store.runs.iterdir()) == []


def test_staging_starts_empty(store: Store) -> None:
    (store.staging / RUN).mkdir()
    (store.staging / RUN / "labels.csv").write_text("from a crash")
    with staging(store, RUN) as directory:
        assert list(directory.iterdir()) == []


def test_sweeping_removes_leftovers_and_follows_no_link(store: Store, tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").write_text("kept")
    (store.staging / RUN / "rows").mkdir(parents=True)
    (store.staging / RUN / "rows" / "inner").symlink_to(tmp_path / "precious")
    (store.staging / "link").symlink_to(tmp_path / "precious")
    (store.staging / ".CURRENT.1.part").write_text("")
    assert sweep(store) == [".CURRENT.1.part", RUN, "link"]
    assert list(store.staging.iterdir()) == []
    assert (tmp_path / "precious" / "file").read_text() == "kept"


def test_staging_that_became_a_link_is_refused(store: Store, tmp_path: Path) -> None:
    store.staging.rmdir()
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").write_text("kept")
    store.staging.symlink_to(tmp_path / "precious")
    with pytest.raises(OutputError):
        sweep(store)
    with pytest.raises(OutputError), staging(store, RUN):
        pass
    assert (tmp_path / "precious" / "file").read_text() == "kept"


def test_a_run_that_is_there_is_kept_byte_for_byte(store: Store, add_run: Any) -> None:
    run = add_run("2025-12-31", host="first")
    before = (store.runs / run / "manifest.json").stat()
    add_run("2025-12-31", host="second")
    assert (store.runs / run / "manifest.json").stat().st_ino == before.st_ino
    assert read_manifest(store, run)["run"]["host"] == "first"
    assert list(store.staging.iterdir()) == []


def test_a_failed_attempt_makes_room_for_the_next(store: Store, add_run: Any) -> None:
    run = add_run("2025-12-31", status="failed", host="first")
    add_run("2025-12-31", status="failed", host="second")
    assert read_manifest(store, run)["run"]["host"] == "second"
    assert add_run("2025-12-31", status="published") == run
    assert read_manifest(store, run)["run"]["status"] == "published"
    assert verify_run(store, run) == []


def test_a_damaged_run_is_not_replaced_in_silence(store: Store, add_run: Any) -> None:
    run = add_run("2025-12-31")
    (store.runs / run / "labels.csv").write_text("edited")
    with pytest.raises(StoreError) as caught:
        add_run("2025-12-31", status="held")
    assert caught.value.problems[0].code == "CT5301"
    assert (store.runs / run / "labels.csv").read_text() == "edited"


def test_every_kind_of_damage_is_found_at_once(store: Store, add_run: Any) -> None:
    run = add_run("2025-12-31")
    directory = store.runs / run
    (directory / "labels.csv").write_text("customer_id,tier\nC1,VIP\n")
    (directory / "summary.json").unlink()
    (directory / "notes.txt").write_text("hello")
    (directory / "rows" / "more.csv").write_text("")
    assert codes(store, run) == [("CT5302", "summary.json"), ("CT5301", "labels.csv"), ("CT5303", "notes.txt"), ("CT5303", "more.csv")]


def test_a_link_in_place_of_a_file_is_damage_even_with_the_same_content(store: Store, add_run: Any, tmp_path: Path) -> None:
    run = add_run("2025-12-31")
    path = store.runs / run / "labels.csv"
    path.rename(tmp_path / "moved")
    path.symlink_to(tmp_path / "moved")
    assert codes(store, run) == [("CT5306", "labels.csv")]


def test_a_pipe_in_place_of_a_file_is_damage_and_is_not_waited_for(store: Store, add_run: Any) -> None:
    path = store.runs / (run := add_run("2025-12-31")) / "labels.csv"
    path.unlink()
    os.mkfifo(path)
    assert codes(store, run) == [("CT5306", "labels.csv")]


def test_a_linked_folder_is_damage(store: Store, add_run: Any, tmp_path: Path) -> None:
    run = add_run("2025-12-31")
    (store.runs / run / "extra").symlink_to(tmp_path)
    assert codes(store, run) == [("CT5303", "extra")]


@pytest.mark.parametrize("sums", [b"", b"not a checksum", b"\xff\xfe", None])
def test_an_unreadable_list_of_checksums_is_damage(store: Store, add_run: Any, sums: bytes | None) -> None:
    run = add_run("2025-12-31")
    path = store.runs / run / "SHA256SUMS"
    path.unlink() if sums is None else path.write_bytes(sums)
    assert codes(store, run)[0] == ("CT5306", "SHA256SUMS")


def test_an_edited_manifest_is_found_even_when_its_checksum_was_redone(store: Store, add_run: Any) -> None:
    run = add_run("2025-12-31", key="b", previous=add_run("2025-11-30"))
    directory = store.runs / run
    old = (directory / "manifest.json").read_bytes()
    new = old.replace(b'"as_of": "2025-12-31"', b'"as_of": "2025-12-30"')
    (directory / "manifest.json").write_bytes(new)
    sums = (directory / "SHA256SUMS").read_text().replace(sha256(old).hexdigest(), sha256(new).hexdigest())
    (directory / "SHA256SUMS").write_text(sums)
    assert codes(store, run) == [("CT5304", "manifest.json")]


def test_the_content_id_is_the_hash_of_the_stable_half_as_anyone_can_compute_it(store: Store, add_run: Any) -> None:
    stored = json.loads((store.runs / add_run("2025-12-31") / "manifest.json").read_bytes())
    canonical = json.dumps(stored["stable"], sort_keys=True, separators=(",", ":"))
    assert stored["content_id"] == sha256(canonical.encode()).hexdigest()


def test_the_content_id_ignores_the_run_half_and_the_order_of_keys() -> None:
    one = manifest({"as_of": date(2025, 12, 31), "previous": None}, {"status": "published"})
    two = manifest({"previous": None, "as_of": date(2025, 12, 31)}, {"status": "held", "host": "x"})
    other = manifest({"previous": None, "as_of": date(2025, 11, 30)}, {"status": "held"})
    assert one["content_id"] == two["content_id"] != other["content_id"]


def test_exact_values_survive_the_manifest(store: Store) -> None:
    cut = Cut(Decimal("12345678901234567.10"), date(2025, 1, 2))
    made = manifest(
        {"as_of": date(2025, 12, 31), "previous": None, "cuts": [cut], "title": "客户"}, {"status": "held", "command": "x\udcff"}
    )
    with staging(store, RUN) as directory:
        write_manifest(directory, made)
        seal(store, RUN)
    assert read_manifest(store, RUN) == made
    assert made["stable"]["cuts"] == [{"value": "12345678901234567.10", "day": "2025-01-02"}]
    assert verify_run(store, RUN) == []


def test_a_run_of_a_newer_custier_is_refused_and_named_so(store: Store, add_run: Any) -> None:
    path = store.runs / (run := add_run("2025-12-31")) / "manifest.json"
    path.write_text(path.read_text().replace('"schema": 1', '"schema": 99'))
    with pytest.raises(StoreError) as caught:
        read_manifest(store, run)
    assert caught.value.problems[0].code == "CT5305" and caught.value.exit_code == 7
    assert "CT5305" in [code for code, _ in codes(store, run)]
    path.write_text('{"stable": {"schema": 2, "dated": "otherwise"}}')
    with pytest.raises(StoreError, match="CT5305"):
        read_manifest(store, run)


STRANGE = [
    "",
    "[]",
    "{",
    "{}",
    "\x00",
    '{"stable": {}}',
    '{"stable": {"schema": 1, "as_of": "2025-12-31", "previous": 3}, "run": {"status": "held"}}',
    '{"stable": {"schema": 1, "as_of": "2025-12-31", "previous": {"run": 3}}, "run": {"status": "held"}}',
    '{"stable": {"schema": 1, "as_of": "31/12/2025", "previous": null}, "run": {"status": "held"}}',
    '{"stable": {"schema": 1, "as_of": "2025-12-31", "previous": null}, "run": {"status": "odd"}}',
]


@pytest.mark.parametrize("text", STRANGE)
def test_a_manifest_that_is_not_ours_is_damage_not_a_crash(store: Store, add_run: Any, text: str) -> None:
    run = add_run("2025-12-31")
    (store.runs / run / "manifest.json").write_text(text)
    with pytest.raises(StoreError) as caught:
        read_manifest(store, run)
    assert caught.value.problems[0].code == "CT5306"
    assert {code for code, _ in codes(store, run)} == {"CT5301", "CT5306"}


def test_a_run_without_a_manifest_is_damage(store: Store, add_run: Any) -> None:
    run = add_run("2025-12-31")
    (store.runs / run / "manifest.json").unlink()
    with pytest.raises(StoreError):
        read_manifest(store, run)
    with pytest.raises(NotFoundError):
        read_manifest(store, RUN)


def test_the_base_of_a_run_is_what_was_current_when_it_began(store: Store, add_run: Any) -> None:
    first = add_run("2025-11-30")
    assert base_of(read_manifest(store, first)) is None
    assert base_of(read_manifest(store, add_run("2025-12-31", previous=first))) == first
    assert base_of({"stable": {"previous": {"run": first}}, "run": {}}) == first
    assert base_of({"stable": {"previous": {"run": first}}, "run": {"base": None}}) is None


def test_a_file_takes_its_name_only_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt), whole_file(path) as file:
        file.write(b"half")
        raise KeyboardInterrupt
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_a_link_planted_where_the_file_is_prepared_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("kept")
    path = tmp_path / "file"
    (tmp_path / f".file.{os.getpid()}.part").symlink_to(tmp_path / "precious")
    path.symlink_to(tmp_path / "precious")
    with whole_file(path) as file:
        file.write(b"new")
    assert (tmp_path / "precious").read_text() == "kept"
    assert path.read_text() == "new" and not path.is_symlink()
