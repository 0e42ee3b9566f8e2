"""Names, globs and directories → the files to read."""

import os
from pathlib import Path

import pytest

from custier.errors import InputError
from custier.read import find_files
from custier.read.files import short_names


def codes(*names: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        find_files(names)
    return [p.code for p in caught.value.problems]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("b.csv", "a.tsv", "c.CSV.gz", "d.parquet", ".hidden.csv", "notes.md"):
        (tmp_path / name).write_text(name)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "deep.csv").write_text("deep")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_directory_gives_its_own_exports_sorted_and_no_hidden_ones(folder: Path):
    assert [p.name for p in find_files([str(folder)])] == ["a.tsv", "b.csv", "c.CSV.gz", "d.parquet"]


def test_a_glob_is_expanded_and_each_file_comes_once(folder: Path):
    assert find_files(["*.csv", "b.csv"]) == [Path("b.csv")]


def test_a_file_whose_name_looks_like_a_glob_is_taken_literally(folder: Path):
    Path("x[1].csv").write_text("literal")
    Path("x1.csv").write_text("other")
    assert find_files(["x[1].csv"]) == [Path("x[1].csv")]


def test_the_order_of_the_names_does_not_matter(folder: Path):
    assert find_files(["d.parquet", "a.tsv"]) == find_files(["a.tsv", "d.parquet"])


def test_all_missing_files_are_told_at_once(folder: Path):
    assert codes("no.csv", "none*.csv") == ["CT2001", "CT2001"]


def test_nothing_named_is_an_error():
    assert codes() == ["CT2001"]


def test_an_address_is_refused(folder: Path):
    assert codes("s3://bucket/a.csv", "file:///etc/hostname", "HTTP://x/a.csv") == ["CT2002"] * 3


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_no_regular_file(folder: Path):
    os.mkfifo(folder / "pipe.csv")
    assert codes("pipe.csv") == ["CT2003"]


def test_a_directory_without_exports_is_an_error(folder: Path):
    (folder / "empty").mkdir()
    assert codes("empty") == ["CT2004"]


def test_the_same_content_twice_is_refused_and_both_are_named(folder: Path):
    Path("again.csv").write_text("b.csv")
    with pytest.raises(InputError) as caught:
        find_files(["b.csv", "again.csv"])
    (problem,) = caught.value.problems
    assert problem.code == "CT2107" and "again.csv" in problem.what and problem.where == "b.csv"


def test_files_of_equal_name_are_told_apart_by_their_directories():
    paths = [Path("2025/a.csv"), Path("2026/a.csv"), Path("b.csv")]
    assert list(short_names(paths).values()) == ["2025/a.csv", "2026/a.csv", "b.csv"]


@pytest.mark.parametrize("name", ["a.csv.zst", "a.tsv.zip", "a.zip", "a.CSV.GZ", "a.xlsx"])
def test_a_directory_gives_packed_exports_and_workbooks_too(tmp_path: Path, name: str):
    (tmp_path / name).write_text("x")
    assert find_files([str(tmp_path)]) == [tmp_path / name]


def test_the_sums_beside_exports_are_no_exports(folder: Path):
    Path("b.csv.sha256").write_text("0")
    assert find_files(["b.*"]) == find_files(["b.csv"]) == [Path("b.csv")] and Path("b.csv.sha256") not in find_files([str(folder)])


def test_a_name_that_is_no_utf_8_is_told_before_anything_is_read(folder: Path):
    path = Path(os.fsdecode(b"\xcf\xfa\xca\xdb.csv"))
    try:
        path.write_text("x")
    except OSError:
        pytest.skip("this disk takes UTF-8 only")
    with pytest.raises(InputError) as caught:
        find_files([str(path)])
    assert [p.code for p in caught.value.problems] == ["CT2009"] and "rename" in caught.value.problems[0].help


def test_files_are_in_the_order_of_the_numbers_in_their_names(tmp_path: Path) -> None:
    names = ["10月.csv", "9月.csv", "2025-2.csv", "2025-10.csv", "2025-02.csv", "b.csv", "a10b2.csv", "a9b10.csv"]
    for name in names:
        (tmp_path / name).write_text(f"customer\n{name}\n", encoding="utf-8")
    ordered = ["9月.csv", "10月.csv", "2025-02.csv", "2025-2.csv", "2025-10.csv", "a9b10.csv", "a10b2.csv", "b.csv"]
    assert [path.name for path in find_files([str(tmp_path)])] == ordered
