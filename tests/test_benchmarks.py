"""The benchmarks, at sizes that take seconds: the data is always the same, and whoever does the job grades everyone the same."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import polars as pl
import pytest

from custier.cli import run

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
TOOLS = ["custier", "duckdb", "polars", *(["pandas"] if find_spec("pandas") else [])]
ROWS = 20_000


def script(name: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, BENCHMARKS / name, *map(str, words)]
    return subprocess.run(line, env={**os.environ, "PYTHONIOENCODING": "utf-8"}, capture_output=True, encoding="utf-8", check=False)


def lines(table: str) -> list[list[str]]:
    """The cells of each line of a Markdown table, without its head."""
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if line.startswith("|")]
    return rows[2:]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("benchmarks")


@pytest.fixture(scope="module")
def ran(folder: Path) -> subprocess.CompletedProcess[str]:
    options = ["--rows", ROWS, "--format", "parquet", "csv", "--repeat", "1", "--dir", folder, "--tools", *TOOLS]
    return script("run.py", *map(str, options))


def test_the_job_written_by_hand_grades_everyone_as_custier_does(ran: subprocess.CompletedProcess[str]) -> None:
    assert ran.returncode == 0, ran.stderr
    found = [(cells[0], cells[1], cells[2], cells[-1]) for cells in lines(ran.stdout)]
    said = dict.fromkeys(TOOLS, "same") | {"custier": "compared with"}
    assert found == [(kind, "20,000", tool, said[tool]) for kind in ("parquet", "csv") for tool in TOOLS]


def test_a_run_leaves_only_the_transactions(ran: subprocess.CompletedProcess[str], folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == ["csv-20000", "parquet-20000"]


@pytest.fixture(scope="module")
def labels(ran: subprocess.CompletedProcess[str], folder: Path) -> Path:
    out = folder / "labels.parquet"
    assert script("by_hand/duckdb_sql.py", folder / "parquet-20000" / "*.parquet", out).returncode == 0
    return out


def test_the_policy_leaves_no_tier_band_or_rule_out(labels: Path) -> None:
    graded = pl.read_parquet(labels)
    assert set(graded["tier"]) == {"VIP", "A", "B", "C"} and set(graded["flags"]) == {"", "lapsing"}
    assert {name: graded[name].n_unique() for name in graded.columns if name.startswith("points_")} == {
        "points_spend": 4,
        "points_growth": 5,
        "points_margin": 4,
        "points_orders": 3,
        "points_categories": 3,
        "points_days_late": 4,
        "points_satisfaction": 4,
    }
    doubled, late = pl.col("growth") >= 1, pl.col("longest_delay") > 90
    assert graded.filter(doubled & ~late).height > 0 and graded.filter(late & (pl.col("score") >= 70)).height > 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (pl.col("score") + 1e-6, "score: 2,000"),
        (pl.col("tier").replace("VIP", "A"), "tier: "),
        (pl.col("points_days_late").fill_null(0), "points_days_late: "),
        (pl.col("margin").fill_null(0), "margin: "),
        (pl.col("growth") + 1e-6, "growth: "),
        (pl.col("customer_id").replace("C000000001", "C000000000"), "customers: 1, repeated: 1"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_labels_that_differ_in_one_column_are_found_out(change: pl.Expr, said: str, labels: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.parquet"
    pl.read_parquet(labels).with_columns(change).write_parquet(other)
    compared = script("compare.py", labels, other)
    assert compared.returncode == 1 and said in compared.stdout


def test_the_same_rows_are_made_again_and_in_every_format(folder: Path, ran: subprocess.CompletedProcess[str], tmp_path: Path) -> None:
    made = script("generate.py", str(ROWS), tmp_path / "again")
    assert made.returncode == 0, made.stderr
    first, again = (pl.read_parquet(place / "transactions-0000.parquet") for place in (folder / "parquet-20000", tmp_path / "again"))
    assert first.equals(again) and first.schema == {
        "customer_id": pl.String,
        "order_id": pl.Int64,
        "order_date": pl.Date,
        "amount": pl.Decimal(12, 2),
        "category": pl.String,
        "cost": pl.Decimal(12, 2),
        "days_late": pl.Int16,
        "rating": pl.Int16,
    }
    assert pl.read_csv(folder / "csv-20000" / "transactions-0000.csv", schema=first.schema).equals(first)


def test_every_customer_has_rows_and_some_have_many(folder: Path, ran: subprocess.CompletedProcess[str]) -> None:
    rows = pl.read_parquet(folder / "parquet-20000" / "transactions-0000.parquet")
    per_customer = rows.group_by("customer_id").agg(pl.len())["len"]
    assert rows.height == ROWS and len(per_customer) == ROWS // 10 and int(per_customer.max() or 0) > 10 * ROWS // len(per_customer)  # type: ignore[call-overload]
    assert 0.98 < rows["order_date"].n_unique() / 731 <= 1 and rows["category"].n_unique() == 24


def test_files_are_not_added_to_a_folder_that_is_there(tmp_path: Path) -> None:
    assert script("generate.py", "10", tmp_path).returncode == 1 and list(tmp_path.iterdir()) == []


def test_a_tool_that_fails_is_a_line_that_says_so(ran: subprocess.CompletedProcess[str], folder: Path) -> None:
    options = ["--rows", ROWS, "--repeat", "2", "--dir", folder, "--skip-generate", "--tools", "custier", "duckdb", "--memory", "much"]
    failing = script("run.py", *map(str, options))
    assert failing.returncode == 0 and [(cells[2], cells[3] == "", cells[-1]) for cells in lines(failing.stdout)] == [
        ("custier", True, "failed: exit 2"),
        ("duckdb", False, "compared with"),
    ]


def test_the_policy_is_one_that_custier_takes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rubric", "check", str(BENCHMARKS / "rubric.yaml")]) == 0


def test_starting_is_timed_on_a_run_made_for_it(tmp_path: Path) -> None:
    done = script("startup.py", "--customers", "200", "--repeat", "1", "--dir", tmp_path)
    assert done.returncode == 0, done.stderr
    assert [cells[0] for cells in lines(done.stdout)] == ["custier --help", "custier explain"] and list(tmp_path.iterdir()) == []


def test_what_measures_memory_holds_none_itself() -> None:
    heavy = {"duckdb", "numpy", "pandas", "polars", "pyarrow"}
    line = f"import sys; sys.path.insert(0, {str(BENCHMARKS)!r}); import run, startup; sys.exit(len({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", line], check=False).returncode == 0
