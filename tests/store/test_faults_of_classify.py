"""The whole command on a disk that refuses: exit 6, what was published stays, nothing is left over, and the same command again succeeds."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from custier.cli import run
from custier.store import Store, current_run, list_failures, verify_chain

ROWS = "customer_id,date,order,amount\n"
LINE = ["classify", "sales.csv", "--rubric", "annual-spend", "--as-of", "2025-12-31", "--out", "copies"]
IS_PUBLISHED = "only its copies are missing", "is published, but the disk did not confirm it"


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a store of one published month, and the export of the next."""
    (tmp_path / "begun").mkdir()
    monkeypatch.chdir(tmp_path / "begun")
    Path("november.csv").write_text(ROWS + "C1,2025-03-28,S1,500000.01\nC2,2025-04-02,S2,180000.00\n")
    Path("sales.csv").write_text(ROWS + "C1,2025-03-28,S1,500000.01\nC2,2025-04-02,S2,180000.00\nC3,2025-12-02,S3,900.00\n")
    assert run(["classify", "november.csv", *LINE[2:4], "--as-of", "2025-11-30", "-q"]) == 0
    return Path.cwd()


def copied(begun: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The folder once more, to work in."""
    shutil.copytree(begun, begun.parent / name)
    monkeypatch.chdir(begun.parent / name)
    return Store(Path("custier-store"), "annual-spend")


@pytest.mark.parametrize("forever", [False, True], ids=["once", "forever"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EACCES], ids=errno.errorcode.get)
def test_whatever_the_disk_refuses_the_command_exits_6_and_the_next_one_succeeds(
    code: int, forever: bool, begun: Path, refusing: Any, moments: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    copied(begun, "all", monkeypatch)
    for n in moments(lambda: run([*LINE, "-q"]), seed=code + forever, least=80):
        store = copied(begun, str(n), monkeypatch)
        before = current_run(store)
        capsys.readouterr()
        with refusing(n, code, forever=forever):
            exit_code = run([*LINE, "-q"])
        said = capsys.readouterr().err
        now, told = current_run(store), any(state in said for state in IS_PUBLISHED)
        assert (exit_code, said == "") in ((6, False), (0, True)), f"refusal {n}: {said}"
        assert (now != before) == (exit_code == 0 or told), f"refusal {n}: {said}"
        assert verify_chain(store)[1] == [] and {p.name for p in Path().iterdir()} <= {
            "november.csv", "sales.csv", "custier-store", "copies",
        }  # fmt: skip
        assert run([*LINE, "-q"]) == 0 and run([*LINE, "-q"]) == 0
        assert current_run(store) != before and verify_chain(store)[1] == [] and list(store.staging.iterdir()) == []
        assert len(list(Path("copies").iterdir())) == 5 and sorted(p.name for p in store.home.iterdir() if p.name != "failures") == [
            ".staging", "CURRENT", "publications.jsonl", "runs",
        ]  # fmt: skip


def in_a_process(*line: str, most_bytes: int) -> subprocess.CompletedProcess[str]:
    """The command where no file may grow beyond so many bytes: the system refuses the engine's own writes too."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(Path(path).resolve()) for path in sys.path if path)}
    command = [sys.executable, "-c", "from custier.cli import main; main()", *line]
    return subprocess.run(command, env=environment, preexec_fn=limited, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("most_bytes", [0, 10, 3000, 8000])
def test_a_file_that_may_not_grow_is_a_full_disk(most_bytes: int, begun: Path) -> None:
    store = Store(Path("custier-store"), "annual-spend")
    before = current_run(store)
    done = in_a_process(*LINE, most_bytes=most_bytes)
    assert done.returncode == 6 and ("error[CT5001]" in done.stderr or "error[CT5003]" in done.stderr) and "Traceback" not in done.stderr
    assert current_run(store) == before and list(store.staging.iterdir()) == [] and not Path("copies").exists()
    assert run([*LINE, "-q"]) == 0 and current_run(store) != before


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte, where one may be mounted."""
    disk = tmp_path / "disk"
    disk.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("no disk can be mounted here")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_disk_of_one_megabyte_is_full_and_left_as_it_was(begun: Path, tiny_disk: Path, capsys: Any) -> None:
    many = "".join(f"customer {n},2025-03-28,S{n},{n}.25\n" for n in range(60_000))
    Path("many.csv").write_text(ROWS + many)
    line = ["classify", "many.csv", *LINE[2:6], "--store", str(tiny_disk / "store")]
    assert run([*line, "-q"]) == 6
    assert "error[CT5001]" in capsys.readouterr().err
    store = Store(tiny_disk / "store", "annual-spend")
    assert current_run(store) is None and list(store.runs.iterdir()) == list(store.staging.iterdir()) == []
    assert [failure.exit_code for failure in list_failures(store)] == [6]
    assert run(["classify", "sales.csv", *line[2:], "-q"]) == 0 and verify_chain(store)[1] == []


@pytest.mark.parametrize("name", ["labels.csv", "changes.csv", "summary.json", "labels.parquet"])
def test_a_link_planted_where_a_copy_goes_is_replaced_and_its_target_untouched(name: str, begun: Path) -> None:
    Path("copies").mkdir()
    Path("target").write_text("mine")
    (Path("copies") / name).symlink_to(Path("target").resolve())
    assert run([*LINE, "-q"]) == 0
    assert Path("target").read_text() == "mine" and not (Path("copies") / name).is_symlink()


@pytest.mark.parametrize("place", [".staging", "runs", "failures"])
def test_a_link_planted_as_a_folder_of_the_store_is_refused(place: str, begun: Path, capsys: Any) -> None:
    home, target = Path("custier-store/annual-spend"), Path("target")
    target.mkdir()
    folder = home / place
    if folder.exists():
        folder.rename(home / f"{place} before")
    folder.symlink_to(target.resolve())
    refused = place != "failures"
    assert run([*LINE, "-q"] if refused else ["classify", "november.csv", "--source", "x=y", *LINE[2:6], "-q"]) == (6 if refused else 2)
    assert run(["classify", "none.csv", *LINE[2:6], "-q"]) == 4
    assert list(target.iterdir()) == []


def test_umask_000_still_makes_files_that_only_their_owner_reads(begun: Path) -> None:
    before = os.umask(0)
    try:
        assert run([*LINE, "-q", "--store", "private"]) == 0
        assert run(["classify", "none.csv", *LINE[2:6], "-q", "--store", "private"]) == 4
    finally:
        os.umask(before)
    made = [*Path("private").rglob("*"), Path("private"), Path("copies"), *Path("copies").iterdir()]
    assert len(made) > 20 and {oct(p.stat().st_mode & 0o777) for p in made if p.is_dir()} == {"0o700"}
    assert {oct(p.stat().st_mode & 0o777) for p in made if p.is_file()} == {"0o600"}
