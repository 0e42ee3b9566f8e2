"""How much memory a run may use, and in how many parts it is done to stay within."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from custier.cli import run
from custier.errors import UsageError
from custier.pipeline import budget
from custier.pipeline.budget import LEAST_BYTES, MOST_BUCKETS, bucket_count, memory_bytes

GIB = 1 << 30


@pytest.mark.parametrize(
    ("text", "bytes_"),
    [
        ("4GiB", 4 * GIB),
        ("4g", 4 * GIB),
        ("4 GB", 4 * GIB),
        ("1.5GiB", 3 * GIB // 2),
        ("1800M", 1800 << 20),
        (" 2048MiB ", 2 * GIB),
        ("1T", 1 << 40),
        (str(GIB), GIB),
        ("1048576K", GIB),
    ],
)
def test_an_amount_of_memory_is_a_number_with_a_unit(text: str, bytes_: int) -> None:
    assert memory_bytes(text) == bytes_


@pytest.mark.parametrize(
    "text",
    ["", "lots", "4XB", "-4GiB", "4GiB more", "GiB", "1e10", "nan", "inf", "0x200000000", "4,5GiB", "٤GiB", "4GiBB", "9" * 400 + "GiB"],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        memory_bytes(text)
    (problem,) = caught.value.problems
    assert problem.code == "CT1906" and "is no amount of memory" in problem.what and "4GiB" in problem.help


@pytest.mark.parametrize("text", ["0", "4", "511MiB", "100M", "0.9GiB", str(LEAST_BYTES - 1)])
def test_too_little_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        memory_bytes(text)
    (problem,) = caught.value.problems
    assert problem.code == "CT1906" and "too little" in problem.what and "is the least" in problem.help


def test_a_wrong_amount_exits_2_and_leaves_no_store_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.chdir(tmp_path)
    Path("sales.csv").write_text("customer_id,date,amount\nC1,2025-03-28,5.00\n")
    for size in ("lots", "1M"):
        assert run(["classify", "sales.csv", "--rubric", "annual-spend", "--memory", size, "--json"]) == 2
        assert json.loads(capsys.readouterr().out)["error"]["code"] == "CT1906"
    assert [path.name for path in Path().iterdir()] == ["sales.csv"]
    assert run(["classify", "sales.csv", "--rubric", "annual-spend", "--memory", "1800M", "-q"]) == 0


@pytest.mark.parametrize(
    ("limits", "most"),
    [
        ([], 16 * GIB),
        (["max\n"], 16 * GIB),
        ([f"{8 * GIB}\n"], 8 * GIB),
        ([f"{2**63 - 4096}"], 16 * GIB),
        (["max", f"{2 * GIB}\n"], 2 * GIB),
        ([""], 16 * GIB),
    ],
)
def test_without_one_a_share_of_the_machine_or_its_container_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limits: list[str], most: int
) -> None:
    files = [tmp_path / f"limit{n}" for n in range(len(limits))]
    for file, text in zip(files, limits, strict=True):
        file.write_text(text)
    monkeypatch.setattr(budget, "CGROUP_LIMITS", (str(tmp_path / "none"), *map(str, files)))
    monkeypatch.setattr(budget, "_physical", lambda: 16 * GIB)
    assert memory_bytes(None) == int(0.6 * most)


def test_the_machine_has_some_memory() -> None:
    assert (64 << 20) < memory_bytes(None) < (1 << 50)


def test_more_rows_take_more_buckets_and_more_memory_fewer() -> None:
    def buckets(rows: int, memory: int) -> int:
        return bucket_count([(rows, 2, 4), (rows // 10, 1, 3)], memory)

    assert buckets(0, GIB) == buckets(100_000, GIB) == 1 < buckets(100_000_000, 4 * GIB) < buckets(100_000_000, GIB) <= MOST_BUCKETS
    assert buckets(10**12, GIB) == MOST_BUCKETS and buckets(100_000_000, 256 * GIB) == 1
    counts = [buckets(10**n, 4 * GIB) for n in range(13)]
    assert counts == sorted(counts)
