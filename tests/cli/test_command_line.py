"""What every command has in common: wrong lines, help, signals, streams, bugs; each exit code by a real command."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from custier.account import _reconcile as reconcile_rows
from custier.cli import run
from custier.errors import Bug
from custier.rubric import shipped_rubrics
from custier.store import find_store, locked
from custier.values import Account

RUN = "2025-12-31-7f3a9c2e41d0"
GRADE = ["--rubric", "annual-spend", "--as-of", "2025-12-31"]

WRONG_LINES = [
    ["classify"],
    ["classify", "a.csv", "--as-of", "31.12.2025"],
    ["classify", "a.csv", "--as-of", "2025-02-30"],
    ["classify", "a.csv", "--as-of", "20251231"],
    ["classify", "a.csv", "--source", "invoices"],
    ["classify", "a.csv", "--source", "=x"],
    ["classify", "a.csv", "--format", "csv,pdf"],
    ["classify", "a.csv", "--engine", "hadoop"],
    ["classify", "a.csv", "--jsn"],
    ["classify", "a.csv", "--rubric"],
    ["clasify", "a.csv"],
    ["explain"],
    ["explain", "C1", "C2"],
    ["publish", RUN],
    ["rubric", "chek", "x.yaml"],
    ["help", "CT9999x"],
]


@pytest.mark.parametrize("line", WRONG_LINES, ids=" ".join)
def test_a_wrong_command_line_exits_2_with_json_when_asked(sales: Path, capsys: Any, line: list[str]) -> None:
    assert run(line) == 2
    out, err = capsys.readouterr()
    assert out == "" and "error[CT1900]" in err and "help: " in err and "Traceback" not in err
    assert run([*line[:1], "--json", *line[1:]]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "CT1900"
    assert list(Path().iterdir()) == [Path("sales.csv")]


def test_a_wrong_word_is_answered_with_the_nearest(capsys: Any) -> None:
    run(["clasify"])
    assert "help: the nearest is `classify`" in capsys.readouterr().err
    run(["classify", "--jsn"])
    assert "help: the nearest is --json" in capsys.readouterr().err


@pytest.mark.parametrize(
    "line", [[], ["--help"], ["-h"], ["classify", "-h", "extra"], ["rubric"], ["explain", "-h"], ["--version"], ["help"]]
)
def test_asking_for_help_is_no_error(capsys: Any, line: list[str]) -> None:
    assert run(line) == 0
    out, err = capsys.readouterr()
    assert out and err == ""


def test_help_lists_a_family(capsys: Any) -> None:
    assert run(["help", "ct4"]) == 0
    assert "CT4001 too many customers changed tier" in capsys.readouterr().out.splitlines()


def test_the_demo_runs_two_months_and_explains_one_customer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["demo"]) == 0
    out, err = capsys.readouterr()
    assert err == "" and out.count("$ custier ") == 3 and "then rule doubled → VIP" in out
    assert [p.name for p in Path().iterdir()] == ["custier-demo"]


EXITS: dict[int, list[str]] = {
    0: ["classify", "sales.csv", *GRADE],
    1: ["classify", "sales.csv", "torn.csv", *GRADE, "--strict"],
    2: ["classify", "sales.csv", "--rubric", "wrong.yaml"],
    3: ["classify", "sales.csv", "--rubric", "annual-spend", "--as-of", "2025-06-30"],
    4: ["classify", "none.csv", *GRADE],
    6: ["classify", "sales.csv", *GRADE, "--store", "sales.csv"],
    8: ["explain", "C9"],
}


@pytest.mark.parametrize("code", EXITS)
def test_each_exit_code_is_reached_by_a_real_command(code: int, sales: Path, custier: Callable[..., Any]) -> None:
    Path("torn.csv").write_text("customer_id,date,order,amount\nC4,2025-04-02,S4,many\n")
    Path("wrong.yaml").write_text("rubric: wrong\ntier: []\n")
    if code in (3, 8):
        assert run(["classify", "sales.csv", *GRADE, "-q"]) == 0
    done = custier(*EXITS[code])
    assert done.returncode == code and "Traceback" not in done.stderr
    assert (f"(exit {code})" in done.stderr) == (code != 0)


def test_a_store_in_use_exits_5_and_says_by_whom(sales: Path, custier: Callable[..., Any]) -> None:
    assert run(["classify", "sales.csv", *GRADE, "-q"]) == 0
    with locked(find_store(Path("custier-store"), None), "a test"):
        done = custier("classify", "sales.csv", *GRADE)
    assert done.returncode == 5 and "error[CT5101]" in done.stderr and f"pid {os.getpid()}" in done.stderr and "a test" in done.stderr


def test_a_place_that_cannot_take_the_copies_exits_6_after_publishing(sales: Path, custier: Callable[..., Any]) -> None:
    done = custier("classify", "sales.csv", *GRADE, "--out", "sales.csv")
    current = Path("custier-store/annual-spend/CURRENT").read_text().strip()
    assert done.returncode == 6 and f"{current} is published; only its copies are missing." in done.stderr


CANARY = "canary-客户-4711"


class Panic(BaseException):
    """What a panic in a compiled library looks like."""


@pytest.mark.parametrize("fault", [ValueError, Panic])
def test_a_bug_exits_70_and_leaves_a_report_without_any_value(
    fault: type[BaseException], sales: Path, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def grade(*given: Any) -> None:
        try:
            raise KeyError(CANARY)
        except KeyError as cause:
            raise fault(f"cannot convert {CANARY}") from cause

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("custier.pipeline.engine.grade_population", grade)
    sales.rename(f"{CANARY}.csv")
    assert run(["classify", f"{CANARY}.csv", *GRADE, "--json"]) == 70
    out, err = capsys.readouterr()
    report = next(tmp_path.glob("custier-crash-*.txt")).read_text()
    assert f"error[CT9900]: this is a bug in custier ({fault.__name__})" in err and json.loads(out)["error"]["exit"] == 70
    assert CANARY not in out + err + report and "Traceback" not in err
    assert "builtins.KeyError" in report and "pipeline/__init__.py:" in report
    assert not (tmp_path / "custier-store/annual-spend/CURRENT").exists()


def test_rows_that_are_not_accounted_for_are_a_bug() -> None:
    with pytest.raises(Bug, match="CT9001"):
        reconcile_rows(Account("transactions", read=3, rejected=1, excluded=0, before_window=0, after_window=0, used=1), 0)


def test_points_that_do_not_add_up_are_a_bug(sales: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import narwhals as nw

    from custier import grade

    score = grade.score_customers
    monkeypatch.setattr(grade, "score_customers", lambda *given: score(*given).with_columns(score=nw.col("score") + 1))
    assert run(["classify", "sales.csv", "--rubric", "weighted-grade", "--as-of", "2025-12-31"]) == 70
    assert "error[CT9002]" in capsys.readouterr().err


def test_help_loads_nothing_heavy(custier: Callable[..., Any]) -> None:
    heavy = "{'polars', 'rich', 'narwhals', 'sqlglot', 'custier.values'}"
    done = custier("classify", "--help", first=f"import atexit; atexit.register(lambda: print({heavy} & set(sys.modules)))")
    assert done.stdout.splitlines()[-1] == "set()"


def test_a_closed_pipe_ends_quietly(demo: Path, custier: Callable[..., Any]) -> None:
    read, write = os.pipe()
    os.close(read)
    for line in (["explain", "C0018", "--rows"], ["show"], ["--help"]):
        done = custier(*line, stdout=write)
        assert (done.returncode, done.stderr) == (0, "")
    os.close(write)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("line", [["explain", "C0018"], ["--help"], ["show", "--json"]], ids=" ".join)
def test_a_full_stdout_exits_6(line: list[str], demo: Path, custier: Callable[..., Any]) -> None:
    with Path("/dev/full").open("w") as full:
        done = custier(*line, stdout=full)
    assert done.returncode == 6 and "error[CT5900]" in done.stderr and "Exception ignored" not in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "gbk", "cp1252"])
def test_an_encoding_without_our_characters_does_not_crash(encoding: str, demo: Path, custier: Callable[..., Any]) -> None:
    done = custier("explain", "C0018", env={"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}, encoding=encoding)
    assert done.returncode == 0 and done.stdout.startswith("customer ")
    assert ("客户" if encoding == "gbk" else r"\u5ba2\u6237") in done.stdout


def test_an_empty_environment_is_enough() -> None:
    start = "import sys; sys.path[:0] = sys.argv.pop().split(':'); from custier.cli import main; main()"
    line = [sys.executable, "-c", start, "help", "CT1900", ":".join(sys.path)]
    done = subprocess.run(line, env={"LC_ALL": "POSIX", "PYTHONUTF8": "0"}, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0 and done.stdout.startswith(b"# CT1900")


def test_classify_hands_over_what_was_typed(sales: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def classify_files(request: Any, on_stage: Any) -> None:
        asked.append(request)
        raise KeyboardInterrupt

    monkeypatch.setattr("custier.pipeline.classify_files", classify_files)
    line = ["classify", "a.csv", "b*.csv", "--rubric", "annual-spend", "--source", "invoices=i=1.csv", "--as-of", "2025-12-31"]
    assert (
        run(
            [
                *line,
                "--store",
                "s",
                "--previous",
                "none",
                "--format",
                "csv",
                "--out",
                "o",
                "--no-publish",
                "--strict",
                "-q",
                "--memory",
                "2GiB",
                "--keep-rows",
            ]
        )
        == 130
    )
    request = asked[0]
    assert request.inputs == ("a.csv", "b*.csv") and request.sources == (("invoices", "i=1.csv"),)
    assert (request.as_of, request.store, request.out) == (date(2025, 12, 31), Path("s"), Path("o"))
    assert (request.publish, request.strict, request.dry_run, request.formats) == (False, True, False, ("csv",))
    assert request.memory == "2GiB" and request.most_rows_kept > 2**60
    assert request.today == request.now.date() and abs(datetime.now(UTC) - request.now).total_seconds() < 60
    assert request.command.startswith("custier classify a.csv 'b*.csv' --rubric annual-spend")


def test_the_rubrics_that_ship_are_listed_by_name_with_their_titles(capsys: Any) -> None:
    assert run(["rubric", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines] == shipped_rubrics()
    pyramid = next(line for line in lines if line.startswith("pyramid "))
    assert re.split(r" {2,}", pyramid) == ["pyramid", "Customer pyramid", "客户金字塔"]
    assert run(["rubric", "list", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["rubrics"] == [*said["titles"]] == shipped_rubrics() and said["titles"]["pyramid"] == {
        "en": "Customer pyramid",
        "zh": "客户金字塔",
    }
