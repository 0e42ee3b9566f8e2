import json
import os
import signal
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from custier.cli import run
from custier.errors import HeldError, InputError, NotFoundError, Problem, StoreError
from custier.values import Explanation, Guard, Summary

RUN = "2025-12-31-7f3a9c2e41d0"


def summary(**changed: Any) -> Summary:
    plain: dict[str, Any] = {
        "rubric": "annual-spend", "title": "annual-spend", "version": 1, "run_id": RUN, "as_of": date(2025, 12, 31), "as_of_from": "data",
        "window": "2025", "currency": "CNY", "previous": None, "status": "published", "exit_code": 0, "customers": 1, "unrated": 0,
        "without_rows": 0, "tiers": [], "changes": {}, "movement": {}, "cuts": [], "accounts": [], "rejected": [], "orphans": {},
        "guards": [], "files": [], "warnings": [], "directory": f"custier-store/annual-spend/runs/{RUN}",
    }  # fmt: skip
    return Summary(**plain | changed)


def explanation(customer_id: str) -> Explanation:
    plain: dict[str, Any] = {
        "customer_id": customer_id, "rubric": "annual-spend", "title": "annual-spend", "run_id": RUN, "as_of": date(2025, 12, 31),
        "currency": "CNY", "tier": "A", "tier_title": None, "earned_tier": "A", "tier_before_rules": "A", "previous_tier": None,
        "previous_run": None, "change": "new", "cause": "", "tier_since": None, "score": None, "criteria": [], "tier_condition": "",
        "rules": [], "flags": {}, "segments": {}, "metrics": {}, "benefits": [], "next_tier": None, "to_next": [], "to_lose": [],
    }  # fmt: skip
    return Explanation(**plain)


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Puts a stand-in in the place of a part of custier."""

    def stand_in(name: str, **functions: Any) -> None:
        fake = types.ModuleType(name)
        fake.__dict__.update(functions)
        monkeypatch.setitem(sys.modules, name, fake)

    return stand_in


@pytest.fixture
def classify(module: Callable[..., None]) -> Callable[[Any], list[dict[str, Any]]]:
    """Makes `custier classify` end with this summary or exception; returns what it was asked."""

    def ending(outcome: Any) -> list[dict[str, Any]]:
        asked: list[dict[str, Any]] = []

        def classify_files(request: dict[str, Any], on_stage: Callable[[str], None]) -> Summary:
            asked.append(request)
            on_stage("read")
            if isinstance(outcome, BaseException):
                raise outcome
            return outcome  # type: ignore[no-any-return]

        module("custier.pipeline", FORMATS=("csv", "parquet"), Request=dict, classify_files=classify_files)
        return asked

    return ending


def test_classify_hands_over_plain_values(classify: Any, capsys: Any) -> None:
    asked = classify(summary())
    line = ["classify", "a.csv", "b*.csv", "--rubric", "annual-spend", "--source", "invoices=i=1.csv", "--as-of", "2025-12-31"]
    assert run([*line, "--store", "s", "--previous", "none", "--format", "csv", "--out", "o", "--no-publish", "--strict", "-q"]) == 0
    request = asked[0]
    assert request["inputs"] == ("a.csv", "b*.csv") and request["sources"] == (("invoices", "i=1.csv"),)
    assert (request["as_of"], request["store"], request["out"]) == (date(2025, 12, 31), Path("s"), Path("o"))
    assert (request["publish"], request["strict"], request["dry_run"], request["formats"]) == (False, True, False, ("csv",))
    assert isinstance(request["now"], datetime) and request["now"].tzinfo and request["today"] == request["now"].date()
    assert request["command"].startswith("custier classify a.csv 'b*.csv' --rubric annual-spend")
    assert capsys.readouterr() == ("", "")


def test_the_summary_goes_to_stdout_and_nothing_to_stderr(classify: Any, capsys: Any) -> None:
    classify(summary())
    assert run(["classify", "a.csv"]) == 0
    out, err = capsys.readouterr()
    assert RUN in out and err == ""


def test_json_of_a_run_is_one_object(classify: Any, capsys: Any) -> None:
    classify(summary())
    assert run(["classify", "a.csv", "--json"]) == 0
    out, err = capsys.readouterr()
    said = json.loads(out)
    assert (said["ok"], said["run_id"], said["as_of"], err) == (True, RUN, "2025-12-31", "")
    assert "error" not in said


@pytest.mark.parametrize("options", [[], ["--quiet"], ["--json"]])
def test_a_held_run_exits_3_and_says_how_to_publish_it(classify: Any, capsys: Any, options: list[str]) -> None:
    guard = Guard("moved_at_most", "20%", "31.25%", 5, 16, True)
    classify(summary(status="held", exit_code=3, guards=[guard]))
    assert run(["classify", "a.csv", *options]) == HeldError.exit_code == 3
    out, err = capsys.readouterr()
    assert f'custier publish {RUN} --reason "why it is right"' in err and "31.25%" in err and "(exit 3)" in err
    assert "--quiet" not in options or out == ""
    if options == ["--json"]:
        said = json.loads(out)
        assert (said["ok"], said["error"]["code"], said["error"]["exit"], said["run_id"]) == (False, "CT4001", 3, RUN)


def test_a_failed_run_exits_1(classify: Any, capsys: Any) -> None:
    classify(summary(status="failed", exit_code=1))
    assert run(["classify", "a.csv", "--strict"]) == 1
    assert "error[CT4102]" in capsys.readouterr().err


@pytest.mark.parametrize("error", [InputError(Problem("CT2101", "bad file", "a.csv")), StoreError(Problem("CT5304", "damaged"))])
def test_an_error_ends_with_its_own_exit_code_and_is_json_when_asked(classify: Any, capsys: Any, error: Any) -> None:
    classify(error)
    assert run(["classify", "a.csv", "--json"]) == error.exit_code
    out, err = capsys.readouterr()
    said = json.loads(out)
    assert said["ok"] is False and said["error"]["code"] == error.problems[0].code and said["error"]["exit"] == error.exit_code
    assert said["error"]["problems"][0]["what"] == error.problems[0].what
    assert f"(exit {error.exit_code})" in err


WRONG_LINES = [
    ["classify"],
    ["classify", "a.csv", "--as-of", "31.12.2025"],
    ["classify", "a.csv", "--as-of", "2025-02-30"],
    ["classify", "a.csv", "--as-of", "20251231"],
    ["classify", "a.csv", "--source", "invoices"],
    ["classify", "a.csv", "--source", "=x"],
    ["classify", "a.csv", "--format", "csv,pdf"],
    ["classify", "a.csv", "--engine", "spark"],
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
def test_a_wrong_command_line_exits_2_with_json_when_asked(classify: Any, capsys: Any, line: list[str]) -> None:
    asked = classify(summary())
    assert run(line) == 2
    out, err = capsys.readouterr()
    assert out == "" and "error[CT1900]" in err and "help: " in err and "Traceback" not in err
    assert run([*line[:1], "--json", *line[1:]]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "CT1900"
    assert asked == []


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


@pytest.mark.parametrize("line", [["-x"], ["--odd-id"], ["--", "-x"], ["-1"], ["--json", "-x"]])
def test_explain_takes_ids_that_look_like_options(module: Any, capsys: Any, line: list[str]) -> None:
    asked: list[Any] = []
    module("custier.explain", explain_customer=lambda store, customer_id, **more: asked.append(customer_id) or explanation(customer_id))
    assert run(["explain", *line]) == 0
    assert asked == [line[-1]]


def test_explain_hands_over_its_options(module: Any, capsys: Any) -> None:
    asked: list[Any] = []
    module("custier.explain", explain_customer=lambda *args, **more: asked.append((args, more)) or explanation(args[1]))
    assert run(["explain", "张三", "--store", "s", "--rubric", "r", "--run", RUN, "--rows", "--json"]) == 0
    assert asked == [((Path("s"), "张三"), {"rubric": "r", "run": RUN, "rows": True})]
    assert json.loads(capsys.readouterr().out)["customer_id"] == "张三"


def test_an_unknown_customer_exits_8(module: Any, capsys: Any) -> None:
    def explain_customer(*args: Any, **more: Any) -> Explanation:
        raise NotFoundError(Problem("CT5302", "there is no such customer"))

    module("custier.explain", explain_customer=explain_customer)
    assert run(["explain", "x"]) == 8


@contextmanager
def _unlocked(store: Any, label: str) -> Iterator[None]:
    yield


@pytest.fixture
def store(module: Any) -> list[tuple[str, Any]]:
    """A store with one run; notes what is done to it."""
    done: list[tuple[str, Any]] = []
    module(
        "custier.store",
        find_store=lambda root, rubric: (root, rubric),
        resolve_run=lambda store, text=None: RUN,
        read_manifest=lambda store, run: {"run": {"base": "B"}},
        base_of=lambda manifest: manifest["run"]["base"],
        locked=_unlocked,
        publish=lambda store, run, **more: done.append(("publish", {**more, "run": run})) or [],
        rollback=lambda store, run, **more: done.append(("rollback", {**more, "run": run})) or [Problem("CT5007", "not noted")],
        list_runs=lambda store: [
            types.SimpleNamespace(run_id=RUN, as_of=date(2025, 12, 31), status="current", customers=3, moved=1, created=None)
        ],
        verify_run=lambda store, run: [Problem("CT5301", "labels.csv does not match", "labels.csv")] if store[1] == "bad" else [],
    )
    return done


def test_publish_keeps_the_base_of_the_run_and_the_reason(store: list[tuple[str, Any]], capsys: Any) -> None:
    assert run(["publish", "2025", "--reason", "checked"]) == 0
    name, given = store[0]
    assert (name, given["run"], given["base"], given["reason"]) == ("publish", RUN, "B", "checked") and given["who"] and given["at"].tzinfo
    assert capsys.readouterr().out == f"{RUN} is published\n"


def test_rollback_says_where_it_went_and_tells_warnings(store: list[tuple[str, Any]], capsys: Any) -> None:
    assert run(["rollback"]) == 0
    assert store[0][0] == "rollback" and store[0][1]["run"] is None
    out, err = capsys.readouterr()
    assert out == f"{RUN} is current again\n" and "warning: not noted" in err


def test_runs_lists_what_there_is(store: list[tuple[str, Any]], capsys: Any) -> None:
    assert run(["runs"]) == 0
    assert capsys.readouterr().out.splitlines()[1].split() == [RUN, "2025-12-31", "current", "3", "1"]


def test_verify_exits_7_for_a_damaged_run(store: list[tuple[str, Any]], capsys: Any) -> None:
    assert run(["verify", RUN]) == 0
    assert run(["verify", RUN, "--rubric", "bad", "--json"]) == 7
    assert "CT5301" in capsys.readouterr().err


def test_show_tells_what_became_of_the_run(store: list[tuple[str, Any]], module: Any, tmp_path: Path, capsys: Any) -> None:
    sys.modules["custier.store"].run_directory = lambda store, run: tmp_path  # type: ignore[attr-defined]
    (tmp_path / "summary.json").write_text("{}")
    module("custier.values", Summary=Summary, Explanation=Explanation, summary_from=lambda said: summary(status="held", exit_code=3))
    assert run(["show", RUN, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["status"], said["directory"]) == ("current", str(tmp_path))
    (tmp_path / "summary.json").unlink()
    assert run(["show", RUN]) == 7
    assert "error[CT5901]" in capsys.readouterr().err


def test_every_code_of_the_command_line_has_a_page(capsys: Any) -> None:
    for code in ("CT1900", "CT4000", "CT4001", "CT4002", "CT4003", "CT4101", "CT4102", "CT5900", "CT5901", "CT9900"):
        assert run(["help", code.lower()]) == 0
        page = capsys.readouterr().out.splitlines()
        assert page[0].startswith(f"# {code} ") and 8 <= len(page) <= 16


def test_help_lists_a_family(capsys: Any) -> None:
    assert run(["help", "ct4"]) == 0
    assert "CT4001 too many customers changed tier" in capsys.readouterr().out.splitlines()


CANARY = "canary-客户-4711"


def test_a_bug_leaves_a_report_without_any_value(classify: Any, capsys: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    try:
        raise KeyError(CANARY)
    except KeyError as cause:
        error = ValueError(f"cannot convert {CANARY}")
        error.__cause__ = cause
    classify(error)
    assert run(["classify", f"{CANARY}.csv", "--json"]) == 70
    out, err = capsys.readouterr()
    report = next(tmp_path.glob("custier-crash-*.txt")).read_text()
    assert "error[CT9900]: this is a bug in custier (ValueError)" in err and json.loads(out)["error"]["exit"] == 70
    assert CANARY not in out + err + report and "Traceback" not in err
    assert "builtins.KeyError" in report and "test_cli.py:" in report


class Panic(BaseException):
    """What a panic in a compiled library looks like."""


def test_a_panic_is_a_bug_too(classify: Any, capsys: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    classify(Panic(CANARY))
    assert run(["classify", "a.csv"]) == 70
    assert CANARY not in capsys.readouterr().err


def test_an_interrupt_exits_130(classify: Any, capsys: Any) -> None:
    classify(KeyboardInterrupt())
    assert run(["classify", "a.csv"]) == 130
    assert "Traceback" not in capsys.readouterr().err


def shell(code: str, *args: str, **options: Any) -> "subprocess.CompletedProcess[str]":
    """Runs the command in its own process, after some code."""
    source = str(Path(__file__).parents[1] / "src")
    env = {**os.environ, "PYTHONPATH": source, **options.pop("env", {})}
    line = [sys.executable, "-c", f"import sys; {code}\nfrom custier.cli import main; main()", *args]
    return subprocess.run(line, env=env, text=True, capture_output="stdout" not in options, timeout=60, check=False, **options)


EXPLAINED = """
import types
from custier.values import Explanation
from datetime import date
def explain_customer(store, customer_id, **more):
    gaps = dict.fromkeys(Explanation.__dataclass_fields__)
    return Explanation(**gaps | dict(customer_id=customer_id, title="综合 ✓", rubric="r", run_id="x", as_of=date(2025, 1, 1), tier="A",
        earned_tier="A", tier_before_rules="A", change="new", cause="", tier_condition="", criteria=[], rules=[], flags={}, segments={},
        metrics={f"m{i}": i for i in range(30000)}, benefits=[], to_next=[], to_lose=[], rows=[]))
sys.modules["custier.explain"] = types.SimpleNamespace(explain_customer=explain_customer)
"""


def test_help_loads_nothing_heavy() -> None:
    loaded = "import atexit; atexit.register(lambda: print({'polars', 'rich', 'narwhals', 'sqlglot', 'custier.values'} & set(sys.modules)))"
    assert shell(loaded, "classify", "--help").stdout.splitlines()[-1] == "set()"


def test_a_closed_pipe_ends_quietly() -> None:
    read, write = os.pipe()
    os.close(read)
    for line in (["explain", "x"], ["--help"]):
        done = shell(EXPLAINED, *line, stdout=write, stderr=subprocess.PIPE)
        assert (done.returncode, done.stderr) == (0, "")
    os.close(write)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("line", [["explain", "x"], ["--help"], ["explain", "x", "--json"]])
def test_a_full_stdout_exits_6(line: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = shell(EXPLAINED, *line, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 6 and "error[CT5900]" in done.stderr and "Exception ignored" not in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "gbk", "cp1252"])
def test_an_encoding_without_our_characters_does_not_crash(encoding: str) -> None:
    done = shell(EXPLAINED, "explain", "张三", env={"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}, encoding=encoding)
    assert done.returncode == 0 and done.stdout.startswith("customer ")
    assert ("张三" if encoding == "gbk" else r"\u5f20\u4e09") in done.stdout


def test_an_empty_environment_is_enough() -> None:
    line = [
        sys.executable,
        "-c",
        "import sys; sys.path[:0] = sys.argv.pop().split(':'); from custier.cli import main; main()",
        "help",
        "CT1900",
    ]
    done = subprocess.run(
        [*line, ":".join(sys.path)], env={"LC_ALL": "POSIX", "PYTHONUTF8": "0"}, capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0 and done.stdout.startswith(b"# CT1900")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_with_its_own_code(number: signal.Signals, code: int) -> None:
    stuck = (
        "import types, os, time\n"
        f"def classify_files(request, on_stage): os.kill(os.getpid(), {int(number)}); time.sleep(30)\n"
        "sys.modules['custier.pipeline'] = types.SimpleNamespace(FORMATS=('csv',), Request=dict, classify_files=classify_files)"
    )
    done = shell(stuck, "classify", "a.csv", "--json", "--format", "csv")
    assert done.returncode == code and "Traceback" not in done.stderr
    assert json.loads(done.stdout)["error"]["exit"] == code
