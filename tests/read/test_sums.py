"""What a file beside an export says of its bytes."""

import hashlib
from pathlib import Path

import pytest

ROWS = "customer,date,amount\nA1,2025-01-31,10.50\n"
SUM = hashlib.sha256(ROWS.encode()).hexdigest()
OTHER = hashlib.sha256(b"other").hexdigest()


@pytest.mark.parametrize(
    "told",
    [
        SUM,
        f"{SUM}\n",
        f"{SUM}  a.csv\n",
        f"{SUM.upper()} *a.csv\r\n",
        f"SHA256 (a.csv) = {SUM}\n",
        f"\ufeff{SUM}",
        f"{OTHER}  b.csv\n{SUM}  a.csv\n",
    ],
)
def test_an_export_with_the_bytes_that_were_told_is_read(read, tmp_path: Path, told: str):
    (tmp_path / "a.csv.sha256").write_text(told, encoding="utf-8")
    assert read(ROWS).column("customer_id") == ["A1"]


@pytest.mark.parametrize("told", [OTHER, f"{OTHER}  a.csv\n{SUM}  b.csv\n", "", "rubbish", SUM + "0", f"{SUM}\n{OTHER}\n"])
def test_an_export_with_other_bytes_than_were_told_is_refused(problems, tmp_path: Path, told: str):
    (tmp_path / "a.csv.sha256").write_text(told, encoding="utf-8")
    (problem,) = problems(ROWS)
    assert (problem.code, problem.where) == ("CT2112", "a.csv") and "a.csv.sha256" in problem.help


def test_a_file_that_lost_its_last_lines_whole_is_seen(problems, read, tmp_path: Path):
    rows = ROWS + "B2,2025-02-01,3\n"
    (tmp_path / "a.csv.sha256").write_text(hashlib.sha256(rows.encode()).hexdigest())
    assert [p.code for p in problems(ROWS)] == ["CT2112"] and read(rows).table.read == 2
