"""What a customer's row holds is in the results and the rejects, and nowhere else: not in errors, logs, manifests or crash reports."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from custier.cli import run

CANARY = "KANARIENVOGEL"
HOLDS_ROWS = (
    "labels.",
    "changes.csv",
    "actions.csv",
    "rejected.csv",
    "evidence.parquet",
    "transactions.parquet",
    "customers.parquet",
    "merges.parquet",
)
"""Files that are about single customers."""

HEADER = "customer_id,date,order,amount,category,phone\n"
GOOD = f"{CANARY}-id,2025-03-01,{CANARY}-order,5.00,{CANARY}-category,{CANARY}-phone\n"
BAD = f"C2,2025-03-01,S2,{CANARY}-amount,c,p\nC2,{CANARY}-date,S3,1.00,c,p\nC2,2025-03-01\n{CANARY}\u200b,2025-03-01,S,1,c,p\n"
RUBRIC = """\
rubric: mine
sources: {transactions: {phone: {type: text}, category: {}}, customers: {name: {type: text}}}
metrics: {seen: {last: phone, title: phone}}
guardrails: {rejected_at_most: 90%}
tiers: [{name: VIP, when: "spend > 100 and name = 'x'"}, {name: A}]
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    Path("r.yaml").write_text(RUBRIC)
    Path("customers.csv").write_text(f"customer_id,name\n{CANARY}-id,{CANARY}-name\nC2,y\n")
    Path("sales.csv").write_text(HEADER + GOOD + BAD)
    return tmp_path


GRADE = ["--source", "customers=customers.csv", "--rubric", "r.yaml", "--as-of", "2025-03-31"]


def leaks(folder: Path, capsys: Any, *allowed: str) -> list[str]:
    """Where the canary is: on the screen, or in a file that is not about single customers."""
    said = capsys.readouterr()
    found = [name for name, text in (("stdout", said.out), ("stderr", said.err)) if CANARY in text or "Traceback" in text]
    written = [path for path in folder.rglob("*") if (path.is_file() and path.parent != folder) or path.name.startswith("custier-crash")]
    return found + [path.name for path in written if not path.name.startswith(allowed) and CANARY.encode() in path.read_bytes()]


@pytest.mark.parametrize("options", [[], ["--json"], ["--engine", "duckdb"], ["--lang", "zh"], ["--strict"]], ids=str)
def test_a_run_tells_of_rows_without_their_values(options: list[str], folder: Path, capsys: Any) -> None:
    code = run(["classify", "sales.csv", *GRADE, *options])
    assert code == (1 if options == ["--strict"] else 0)
    assert leaks(folder, capsys, *HOLDS_ROWS) == []
    rejected = next(folder.rglob("rejected.csv")).read_text()
    assert f"{CANARY}-amount" in rejected and f"{CANARY}-date" in rejected
    assert run(["show"]) == 0 or options == ["--strict"]
    assert run(["runs", "--json"]) == 0 and leaks(folder, capsys, *HOLDS_ROWS) == []


OTHERS = "".join(f"C{n},2025-03-01,S{n},1.00,c,p\n" for n in range(9))
EXPORTS: dict[str, bytes] = {
    "bytes that are no characters": (HEADER + GOOD).encode() + f"{CANARY}".encode() + b"\xff\xfe\xfa,2025-03-01,S,1,c,p\n",
    "GBK that breaks": (HEADER + GOOD + f"{CANARY}张三,2025-03-01,S,1,c,p\n").encode("gbk") + b"\x80\xff",
    "a quote that stays open": (HEADER + f'"{CANARY},2025-03-01,S,1,c,p\n' + OTHERS).encode(),
    "cut off": (HEADER + GOOD + f"{CANARY},2025-03").encode(),
    "no header": (GOOD * 3).encode(),
    "a title above": (f"report of {CANARY},,,,,\n" + HEADER + GOOD).encode(),
    "one column": f"{CANARY}\n{CANARY}\n".encode(),
    "dates of two readings": HEADER.encode() + f"{CANARY},01/02/2025,S,1,c,p\n".encode(),
    "dates of no form": HEADER.encode() + f"C1,{CANARY}-date,S,1,c,p\nC2,{CANARY}-2025,S,1,c,p\n".encode(),
    "no amount": f"customer_id,date,order,category,phone\n{CANARY},2025-03-01,S,c,p\n".encode(),
    "no customer": f"date,order,amount,category,phone\n2025-03-01,{CANARY},1,{CANARY},p\n".encode(),
    "amounts that wrap": (HEADER + "".join(f"{CANARY}{n},2025-03-01,S,9999999999999.00,c,p\n" for n in range(9000))).encode(),
    "nothing usable": (HEADER + BAD).encode(),
    "a long line": (HEADER + f"{CANARY}" + "x" * 3_000_000 + ",2025-03-01,S,1,c,p\n").encode(),
    "too many columns": (",".join([CANARY] * 2500) + "\n" + ",".join("1" * 2500) + "\n").encode(),
    "zero bytes": (HEADER + GOOD + f"{CANARY}\0,2025-03-01,S,1,c,p\n").encode(),
    "half UTF-16": HEADER.encode("utf-16") + f"{CANARY}".encode("utf-16-le") + b"\x00",
    "no gzip": (HEADER + GOOD).encode(),
    "no workbook": (HEADER + GOOD).encode(),
    "no Parquet": (HEADER + GOOD).encode(),
}
SUFFIXES = {"no gzip": ".csv.gz", "no workbook": ".xlsx", "no Parquet": ".parquet"}


@pytest.mark.parametrize("export", EXPORTS)
def test_an_export_that_is_refused_is_told_of_without_its_values(export: str, folder: Path, capsys: Any) -> None:
    name = f"other{SUFFIXES.get(export, '.csv')}"
    Path(name).write_bytes(EXPORTS[export])
    assert run(["classify", name, *GRADE]) in (0, 1, 4)
    assert leaks(folder, capsys, *HOLDS_ROWS) == []


def test_records_that_contradict_each_other_are_told_of_without_their_values(folder: Path, capsys: Any) -> None:
    Path("customers.csv").write_text(f"customer_id,name\n{CANARY}-id,{CANARY}-name\n{CANARY}-id,{CANARY}-other\nC2,x\n")
    assert run(["classify", "sales.csv", *GRADE]) in (0, 1)
    assert leaks(folder, capsys, *HOLDS_ROWS) == []


def as_number(text: pl.Expr) -> pl.Expr:
    return text.cast(pl.Int64(), strict=True).cast(pl.String())


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_an_engine_that_fails_on_a_value_leaves_a_report_without_it(
    engine: str, folder: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(pl.exceptions.PolarsError, match=CANARY):  # what Polars itself says of it
        pl.DataFrame({"a": [CANARY]}).select(as_number(pl.col("a")))
    monkeypatch.setattr("custier.read.cells.trimmed", as_number)
    assert run(["classify", "sales.csv", *GRADE, "--engine", engine, "--json"]) == 70
    assert leaks(folder, capsys) == []
    (report,) = folder.glob("custier-crash-*.txt")
    assert "polars.exceptions" in report.read_text() and report.stat().st_mode & 0o777 == 0o600


def test_a_database_that_fails_on_a_value_leaves_a_report_without_it(folder: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import duckdb

    def grade(*given: Any) -> None:
        duckdb.sql(f"select '{CANARY}'::integer").fetchall()

    monkeypatch.setattr("custier.pipeline.engine.grade_population", grade)
    assert run(["classify", "sales.csv", *GRADE]) == 70 and leaks(folder, capsys) == []
    assert "duckdb.ConversionException" in next(folder.glob("custier-crash-*.txt")).read_text()


def test_an_id_on_a_command_line_that_crashes_is_not_in_the_report(folder: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(["classify", "sales.csv", *GRADE, "-q"]) == 0

    def explain(*given: Any, **named: Any) -> None:
        raise KeyError(given)

    monkeypatch.setattr("custier.explain.explain_customer", explain)
    assert run(["explain", f"{CANARY}-id"]) == 70 and leaks(folder, capsys, *HOLDS_ROWS) == []


# --- what a run may reach --------------------------------------------------------------------------------------------


def test_a_run_needs_no_network(folder: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: Any, **named: Any) -> None:
        raise AssertionError("a connection was opened")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)
    assert run(["classify", "sales.csv", *GRADE]) == 0 and run(["explain", "C2"]) == 0 and run(["show"]) == 0


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9/a.csv", "https://e/a.csv", "s3://b/a.parquet", "file:///etc/hostname", "FTP://e/x", "hdfs://x/y"]
)
def test_an_address_is_refused_before_anybody_asks_for_it(address: str, folder: Path, capsys: Any) -> None:
    assert run(["classify", address, *GRADE]) == 4 and "error[CT2002]" in capsys.readouterr().err
    assert run(["classify", "sales.csv", "--source", f"customers={address}", "--rubric", "r.yaml"]) == 4


def test_a_file_of_settings_in_the_folder_is_not_read(folder: Path, capsys: Any) -> None:
    Path(".env").write_text("CUSTIER_LANG=zh\nPOLARS_MAX_THREADS=x\n")
    assert run(["classify", "sales.csv", *GRADE]) == 0
    assert "published" in capsys.readouterr().out and "CUSTIER_LANG" not in os.environ


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "umask"), reason="modes are of POSIX")
def test_all_that_a_run_writes_is_private_whatever_the_umask(folder: Path) -> None:
    before = os.umask(0)
    try:
        assert run(["classify", "sales.csv", *GRADE, "--out", "flat", "-q"]) == 0
    finally:
        os.umask(before)
    made = [path for name in ("custier-store", "flat") for path in (Path(name), *Path(name).rglob("*"))]
    assert {oct(path.stat().st_mode & 0o777) for path in made if path.is_file()} == {"0o600"}
    assert {oct(path.stat().st_mode & 0o777) for path in made if path.is_dir()} == {"0o700"}


def test_the_log_of_a_run_is_lines_of_ascii_json(folder: Path) -> None:
    Path("销售 \x1b[2J.csv").write_text(HEADER + GOOD)
    assert run(["classify", "销售 \x1b[2J.csv", *GRADE, "-q"]) == 0
    log = next(folder.rglob("log.jsonl")).read_bytes()
    assert log.isascii() and all(isinstance(json.loads(line), dict) for line in log.splitlines())
