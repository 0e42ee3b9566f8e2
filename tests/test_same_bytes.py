"""Same rows, same rubric, same as-of date: the same bytes, whatever the order, the files or the threads."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from custier.cli import run

ANSWERS = ("labels.csv", "labels.parquet", "changes.csv")
CUSTOMERS, ROWS = 300, 6_000


def generated_rows(seed: int = 5) -> list[str]:
    rng = random.Random(seed)
    rows = []
    for i in range(ROWS):
        customer = f"C{int(rng.paretovariate(0.9)) % CUSTOMERS:04d}"
        day = f"{rng.choice([2024, 2025])}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
        cents = rng.choice([10, 1, 333, 2_500_000, 99_999, -5_000])
        rows.append(f"{customer},{day},O{i // 2},{cents / 100:.2f},{rng.choice('甲乙丙丁戊')}\n")
    return rows


def write(path: Path, rows: list[str]) -> Path:
    path.write_text("customer_id,date,order,amount,category\n" + "".join(rows), encoding="utf-8")
    return path


def classify(files: list[Path], store: Path, rubric: str, threads: int = 2, **environment: str) -> dict[str, bytes]:
    command = [sys.executable, "-m", "custier", "classify", *map(str, files), "--rubric", rubric, "--as-of", "2025-12-31"]
    paths = os.pathsep.join(str(Path(path).resolve()) for path in sys.path if path)
    env = os.environ | {"POLARS_MAX_THREADS": str(threads), "PYTHONHASHSEED": str(threads), "PYTHONPATH": paths} | environment
    done = subprocess.run([*command, "--store", str(store), "--quiet"], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    home = store / rubric
    run = home / "runs" / (home / "CURRENT").read_text().strip()
    return {name: (run / name).read_bytes() for name in ANSWERS}


@pytest.fixture(scope="module", params=["weighted-grade", "pyramid"])
def answer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, bytes]]:
    folder = tmp_path_factory.mktemp("plain")
    return request.param, classify([write(folder / "sales.csv", generated_rows())], folder / "store", request.param)


def test_shuffled_rows_give_the_same_bytes(answer: tuple[str, dict[str, bytes]], tmp_path: Path) -> None:
    rubric, expected = answer
    rows = generated_rows()
    random.Random(9).shuffle(rows)
    assert classify([write(tmp_path / "shuffled.csv", rows)], tmp_path / "store", rubric) == expected


def test_a_file_split_in_twelve_gives_the_same_bytes(answer: tuple[str, dict[str, bytes]], tmp_path: Path) -> None:
    rubric, expected = answer
    rows = generated_rows()
    parts = [write(tmp_path / f"part-{i:02d}.csv", rows[i::12]) for i in range(12)]
    assert classify(parts[::-1], tmp_path / "store", rubric) == expected


def test_one_thread_gives_the_same_bytes_as_two(answer: tuple[str, dict[str, bytes]], tmp_path: Path) -> None:
    rubric, expected = answer
    assert classify([write(tmp_path / "sales.csv", generated_rows())], tmp_path / "store", rubric, threads=1) == expected


@pytest.mark.parametrize(
    "environment",
    [{"LANG": "C", "LC_ALL": "C", "TZ": "Asia/Shanghai"}, {"LC_ALL": "zh_CN.UTF-8", "TZ": "America/Los_Angeles", "PYTHONUTF8": "0"}],
    ids=str,
)
def test_another_language_or_time_zone_gives_the_same_bytes(
    environment: dict[str, str], answer: tuple[str, dict[str, bytes]], tmp_path: Path
) -> None:
    rubric, expected = answer
    assert classify([write(tmp_path / "sales.csv", generated_rows())], tmp_path / "store", rubric, threads=7, **environment) == expected


GOLDEN = {
    "labels.csv": "38fe7c83013134dc",
    "changes.csv": "54c352bb184dee8b",
}
"""What these libraries' latest releases write. Where one of them changes the bytes, this says so; the change belongs into the changelog."""


def test_the_bytes_are_those_of_every_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [
        "张三,2025-03-01,S1,500000.01,甲\n",
        '"C,2",2025-04-02,S2,0.10,\n',
        '"C,2",2025-04-03,S3,0.20,"乙""x"\n',
        "C3,2025-04-02,S4,many,丙\n",
    ]
    write(Path("sales.csv"), [*rows, *(f"D{n},2025-05-01,S{n + 9},{n}.50,甲\n" for n in range(400))])
    assert run(["classify", "sales.csv", "--rubric", "weighted-grade", "--as-of", "2025-12-31", "--previous", "none", "-q"]) == 0
    (made,) = Path("custier-store/weighted-grade/runs").iterdir()
    assert {name: hashlib.sha256((made / name).read_bytes()).hexdigest()[:16] for name in GOLDEN} == GOLDEN
