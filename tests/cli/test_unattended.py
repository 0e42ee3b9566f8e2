"""What a job at night relies on: silence or a short mail, a log of every run, one run at a time, nothing done twice."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from custier.cli import run
from custier.store import current_run, find_store, list_failures

GRADE = ["--rubric", "annual-spend", "--as-of", "2025-12-31"]
RACES = int(os.environ.get("CUSTIER_RACES", "2"))
HOME = Path("custier-store/annual-spend")


def log_of(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "log.jsonl").read_text(encoding="ascii").splitlines()
    events = [json.loads(line) for line in lines]
    assert all({"ts", "level", "event", "code", "run_id", "step", "msg", "data"} == set(event) for event in events)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", event["ts"]) for event in events)
    return events


def failure() -> Path:
    return list_failures(find_store(Path("custier-store"), failed=True))[0].directory


# silence, and a mail of a page


def test_quiet_says_nothing_on_success_and_nothing_where_there_is_nothing_to_do(sales: Path, capsys: Any) -> None:
    for _ in range(2):
        assert run(["classify", "sales.csv", *GRADE, "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")


@pytest.fixture
def twelve_mistakes() -> str:
    return (
        "rubric: wrong\n"
        + "".join(f"colour{n}: 1\n" for n in range(6))
        + "tiers:\n"
        + "".join(f"  - {{name: T{n}, wen: 1}}\n" for n in range(7))
    )


def bad_rows(count: int) -> str:
    return "customer_id,date,order,amount\n" + "".join(
        f"C{n},2025-{n % 12 + 1:02d}-{n % 10 + 20},S{n},{'many' if n % 9 else '5'}\n" for n in range(count)
    )


@pytest.mark.parametrize(
    ("case", "code"), [("rows", 1), ("rubric", 2), ("held", 3), ("missing", 4), ("headers", 4), ("busy", 5), ("place", 6), ("current", 7)]
)
def test_a_failure_is_told_in_25_lines_of_which_the_last_says_how_things_are(
    case: str, code: int, sales: Path, twelve_mistakes: str, capfd: Any, custier: Callable[..., Any]
) -> None:
    assert run(["classify", "sales.csv", *GRADE, "-q"]) == 0
    Path("bad.csv").write_text(bad_rows(5000))
    Path("junk.csv").write_text("a,b\n1,2\n")
    Path("wrong.yaml").write_text(twelve_mistakes)
    lines = {
        "rows": ["bad.csv", *GRADE[:2], "--as-of", "2026-01-31"],
        "rubric": ["sales.csv", "--rubric", "wrong.yaml"],
        "held": ["sales.csv", *GRADE[:2], "--as-of", "2025-06-30"],
        "missing": [*(f"none-{n}.csv" for n in range(40)), *GRADE],
        "headers": ["junk.csv", *GRADE],
        "busy": ["sales.csv", *GRADE],
        "place": ["sales.csv", *GRADE, "--store", "sales.csv"],
        "current": ["sales.csv", *GRADE],
    }
    if case == "current":
        (HOME / "CURRENT").write_text("2025-12\n")
    if case == "busy":
        with held_by_another():
            done = custier("classify", *lines[case], "--quiet")
        returned, err = done.returncode, done.stderr
    else:
        returned, err = run(["classify", *lines[case], "--quiet"]), capfd.readouterr().err
    told = err.splitlines()
    assert returned == code and 3 <= len(told) <= 25, err
    assert told[-1].endswith(f"(exit {code})") and told[-2].startswith("more: custier help CT") and "error[CT" in told[0]
    assert any(line.startswith("help: ") for line in told)


def test_twelve_mistakes_of_a_rubric_are_named_one_a_line_and_no_line_is_lost(sales: Path, twelve_mistakes: str, capsys: Any) -> None:
    Path("wrong.yaml").write_text(twelve_mistakes)
    assert run(["classify", "sales.csv", "--rubric", "wrong.yaml", "-q"]) == 2
    told = capsys.readouterr().err.splitlines()
    named = [line for line in told if re.match(r"wrong\.yaml:\d+:\d+: error\[CT\d{4}\]: ", line)]
    more = [int(found[1]) for line in told if (found := re.match(r"and (\d+) more; the same command without --quiet shows more", line))]
    total = int(re.match(r"(\d+) errors", told[-1])[1])  # type: ignore[index]
    assert total >= 12 and len(named) + sum(more) == total and len(named) >= 9


def test_what_a_customer_put_into_a_file_name_cannot_move_the_terminal(sales: Path, capsys: Any) -> None:
    assert run(["classify", "\x1b[2Jno\n.csv", *GRADE, "-q"]) == 4
    assert "\x1b" not in (err := capsys.readouterr().err) and len(err.splitlines()) < 10


# a manifest and a log of every run


def test_a_published_run_logs_each_step_with_counts(sales: Path) -> None:
    assert run(["classify", "sales.csv", *GRADE, "-q"]) == 0
    directory = HOME / "runs" / (HOME / "CURRENT").read_text().strip()
    events = log_of(directory)
    assert [e["event"] for e in events][:4] == ["run.start", "lock.acquired", "staging.swept", "read.start"]
    assert {"input.read.done", "input.accounted", "guard.checked", "write.start"} <= {e["event"] for e in events}
    assert (
        events[-1]["event"] == "run.end"
        and events[-1]["data"]["status"] == "published"
        and {e["run_id"] for e in events} == {directory.name}
    )
    assert next(e for e in events if e["event"] == "input.read.done")["data"]["rows"] == 3
    assert [e["ts"] for e in events] == sorted(e["ts"] for e in events)


def test_a_run_that_cannot_read_its_input_leaves_a_manifest_and_a_log(sales: Path, capsys: Any) -> None:
    Path("junk.csv").write_text("a,b\n1,2\n")
    assert run(["classify", "junk.csv", *GRADE, "-q"]) == 4
    events, told = log_of(failure()), json.loads((failure() / "manifest.json").read_text())
    assert told["run"]["status"] == "failed" and told["run"]["exit_code"] == 4 and told["run"]["problems"][0]["code"] == "CT2201"
    assert told["run"]["command"].startswith("custier classify junk.csv") and told["stable"]["rubric"]["name"] == "annual-spend"
    assert next(e["code"] for e in events if e["level"] == "error") == "CT2201" and events[-1]["data"] == {
        "status": "failed",
        "exit_code": 4,
    }
    assert run(["runs"]) == 0
    page = capsys.readouterr().out
    assert "no runs yet" in page and "CT2201 no usual header" in page and "failures" in page
    assert run(["runs", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["failures"][0]["exit_code"] == 4


def test_a_bug_leaves_a_log_without_any_value(sales: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def grade(*given: Any) -> None:
        raise ValueError("canary 客户 4711")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("custier.pipeline.engine.grade_population", grade)
    assert run(["classify", "sales.csv", *GRADE, "-q"]) == 70
    told = (failure() / "log.jsonl").read_text() + (failure() / "manifest.json").read_text()
    assert '"exit_code": 70' in told and "ValueError" in told and "canary" not in told and "4711" not in told


def test_what_never_began_leaves_no_log(sales: Path) -> None:
    Path("wrong.yaml").write_text("rubric: wrong\n")
    assert run(["classify", "none.csv", *GRADE, "-q"]) == 4 and not Path("custier-store").exists()
    assert run(["classify", "sales.csv", *GRADE, "-q"]) == 0
    assert run(["classify", "sales.csv", "--rubric", "wrong.yaml", "-q"]) == 2
    assert run(["classify", "sales.csv", *GRADE, "--source", "x=y.csv", "-q"]) == 2
    assert run(["classify", "none.csv", *GRADE, "--dry-run", "-q"]) == 4
    with held_by_another():
        assert run(["classify", "sales.csv", *GRADE, "-q"]) == 5
    assert list_failures(find_store(Path("custier-store"))) == []
    assert run(["classify", "none.csv", *GRADE, "-q"]) == 4
    assert [f.code for f in list_failures(find_store(Path("custier-store")))] == ["CT2001"]


def test_a_failure_that_cannot_be_noted_hides_no_error(sales: Path, capsys: Any) -> None:
    assert run(["classify", "sales.csv", *GRADE, "-q"]) == 0
    (HOME / "failures").write_text("in the way")
    assert run(["classify", "none.csv", *GRADE, "-q"]) == 4
    assert "error[CT2001]" in capsys.readouterr().err


def test_a_failure_disturbs_no_later_run(sales: Path) -> None:
    assert run(["classify", "sales.csv", *GRADE, "-q"]) == 0
    before = (HOME / "CURRENT").read_bytes()
    assert run(["classify", "none.csv", *GRADE, "-q"]) == 4
    assert run(["classify", "sales.csv", *GRADE, "-q"]) == 0
    assert (HOME / "CURRENT").read_bytes() == before and len(list((HOME / "runs").iterdir())) == 1


# signals

WAIT = "import time; from custier.pipeline import engine as e; e.grade_population = lambda *given: (open('at-work', 'w').close(), time.sleep(60))"


HEARD = "import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL)"
"""Also where the tests themselves run under nohup."""


@pytest.fixture
def started(sales: Path, custier: Callable[..., Any]) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """A classify that is in the middle of its work."""
    children: list[subprocess.Popen[str]] = []

    def start(first: str = WAIT, ready: str = "at-work") -> subprocess.Popen[str]:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(Path(path).resolve()) for path in sys.path if path)}
        line = [sys.executable, "-c", f"{HEARD}\n{first}\nfrom custier.cli import main; main()", "classify", "sales.csv", *GRADE]
        children.append(subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment))
        wait_for(lambda: Path(ready).exists())
        return children[-1]

    yield start
    for child in children:
        child.kill()
        child.communicate()


def wait_for(true: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)])
def test_a_stopped_run_publishes_nothing_and_says_in_its_manifest_that_it_was_interrupted(
    number: signal.Signals, code: int, started: Callable[..., subprocess.Popen[str]]
) -> None:
    child = started()
    child.send_signal(number)
    _, err = child.communicate(timeout=30)
    assert child.returncode == code and "Traceback" not in err and f"(exit {code})" in err
    told = json.loads((failure() / "manifest.json").read_text())["run"]
    assert (told["status"], told["exit_code"]) == ("interrupted", code) and log_of(failure())[-1]["data"]["status"] == "interrupted"
    assert not (HOME / "CURRENT").exists() and list((HOME / "runs").iterdir()) == list((HOME / ".staging").iterdir()) == []
    assert run(["classify", "sales.csv", *GRADE, "-q"]) == 0


def test_a_second_signal_ends_the_process_at_once(started: Callable[..., subprocess.Popen[str]]) -> None:
    slow = "from custier.pipeline import failure as f; import time\nf._note = lambda *given: (open('noting', 'w').close(), time.sleep(60))"
    child = started(f"{WAIT}\n{slow}")
    child.terminate()
    wait_for(lambda: Path("noting").exists())
    child.terminate()
    assert child.wait(5) == -signal.SIGTERM
    assert run(["classify", "sales.csv", *GRADE, "-q"]) == 0


def test_a_job_that_ignores_hangups_goes_on_ignoring_them(started: Callable[..., subprocess.Popen[str]]) -> None:
    child = started(f"import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n{WAIT}")
    child.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    assert child.poll() is None


# one run at a time

HOLD = "import sys\nfrom pathlib import Path\nfrom custier.store import Store, locked\nwith locked(Store(Path('custier-store'), 'x'), 'another'):\n print(1, flush=True)\n sys.stdin.read()"


class held_by_another:  # noqa: N801
    """Another process that holds the store for the block, and its id."""

    def __enter__(self) -> int:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(Path(path).resolve()) for path in sys.path if path)}
        self.child = subprocess.Popen(
            [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        assert self.child.stdout is not None and self.child.stdout.readline()
        return self.child.pid

    def __exit__(self, *error: object) -> None:
        self.child.kill()
        self.child.communicate()


AT_ONCE = """
import sys, time
from custier import pipeline
classify = pipeline._classify
pipeline._classify = lambda *given: (time.sleep(1.5), classify(*given))[1]
from custier.cli import run
print("ready", flush=True)
sys.stdin.readline()
sys.exit(run(sys.argv[1:]))
"""


def test_of_two_that_start_at_once_exactly_one_proceeds_and_the_other_names_it(sales: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(Path(path).resolve()) for path in sys.path if path)}
    for race in range(RACES):
        line = [sys.executable, "-c", AT_ONCE, "classify", "sales.csv", *GRADE, "-q", "--store", f"store-{race}"]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        Path(f"store-{race}").mkdir()
        two = [subprocess.Popen(line, text=True, env=environment, **pipes) for _ in range(2)]
        for child in two:
            assert child.stdout is not None and child.stdout.readline() == "ready\n"
        for child in two:
            assert child.stdin is not None
            child.stdin.write("go\n")
            child.stdin.flush()
        said = {child.pid: (child.communicate(timeout=60)[1], child.returncode) for child in two}
        assert sorted(code for _, code in said.values()) == [0, 5], said
        first, second = sorted(said, key=lambda pid: said[pid][1])
        assert re.search(rf"\(pid {first}, since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d, annual-spend\)", said[second][0])


def test_who_may_wait_for_the_lock_waits_and_runs(sales: Path, capsys: Any) -> None:
    assert run(["classify", "sales.csv", *GRADE, "-q"]) == 0
    with held_by_another() as pid:
        assert run(["classify", "sales.csv", *GRADE, "-q", "--lock-wait", "1"]) == 5
        assert f"pid {pid}" in capsys.readouterr().err
        threading.Timer(1.0, os.kill, [pid, signal.SIGKILL]).start()
        assert run(["classify", "sales.csv", *GRADE, "-q", "--lock-wait", "30"]) == 0


@pytest.mark.parametrize("word", ["-1", "1.5", "soon", "", "9999999"])
def test_a_time_to_wait_that_is_no_number_of_seconds_is_refused(word: str, sales: Path) -> None:
    assert run(["classify", "sales.csv", *GRADE, "--lock-wait", word]) == 2


# nothing twice


def test_the_same_command_again_changes_no_byte_and_no_time_of_the_store(sales: Path) -> None:
    assert run(["classify", "sales.csv", *GRADE, "-q"]) == 0
    before, lock = state_of(Path("custier-store")), {"LOCK", "LOCK.holder"}
    time.sleep(0.02)
    assert run(["classify", "sales.csv", *GRADE, "-q"]) == 0
    after = state_of(Path("custier-store"))
    assert {name for name in before | after if before.get(name) != after.get(name)} <= {*lock, "annual-spend/.staging"}
    assert before["."] == after["."]


def state_of(root: Path) -> dict[str, tuple[int, int]]:
    return {p.relative_to(root).as_posix(): (p.stat().st_mtime_ns, p.stat().st_size) for p in [root, *root.rglob("*")]}


def test_a_run_that_is_already_current_may_have_an_exit_code_of_its_own(sales: Path) -> None:
    line = ["classify", "sales.csv", *GRADE, "-q", "--noop-exit-code", "99"]
    assert [run(line), run(line)] == [0, 99]
    assert run([*line[:-1], "256"]) == 2
    assert current_run(find_store(Path("custier-store"))) is not None
