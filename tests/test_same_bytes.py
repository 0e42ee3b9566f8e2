"""Same rows, same rubric, same as-of date: the same bytes, whatever the order, the files or the threads."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

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


def classify(files: list[Path], store: Path, rubric: str, threads: int = 2) -> dict[str, bytes]:
    command = [sys.executable, "-m", "custier", "classify", *map(str, files), "--rubric", rubric, "--as-of", "2025-12-31"]
    paths = os.pathsep.join(str(Path(path).resolve()) for path in sys.path if path)
    env = os.environ | {"POLARS_MAX_THREADS": str(threads), "PYTHONHASHSEED": str(threads), "PYTHONPATH": paths}
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
