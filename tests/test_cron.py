"""The recipes of docs/cron.md: each is run, or read by what would run it; and a year of nights with them."""

from __future__ import annotations

import ast
import hashlib
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

import custier
from custier.cli import run
from custier.store import Store, current_run, list_failures, list_runs, verify_chain

PAGE = (Path(__file__).parents[1] / "docs" / "cron.md").read_text(encoding="utf-8")
CUSTOMERS = 300
RUBRIC = """rubric: grades
tiers: [{name: A, when: spend >= 3000}, {name: B, when: spend >= 1200}, {name: C}]
"""


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)


SCRIPT = blocks("bash")[0]


def month_ends(year: int) -> list[date]:
    return [date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1) for month in range(1, 13)]


def export(day: date, *, broken: int = 0, times: int = 1) -> str:
    """A month of purchases, one of each customer; the first `broken` have no amount that can be read."""
    months = day.year % 10 * 12 + day.month  # so that no month's labels are those of another
    rows = [
        f"C{n:03d},{day:%Y-%m}-{n % 28 + 1:02d},S{day:%y%m}{n:03d},{'many' if n < broken else (n % 10 + 1) * 50 * times + (n == 0) * months}.00\n"
        for n in range(CUSTOMERS)
    ]
    return "customer_id,date,order,amount\n" + "".join(rows)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder as the page describes it, with the purchases of 2024."""
    (tmp_path / "exports").mkdir()
    (tmp_path / "rubric.yaml").write_text(RUBRIC)
    for day in month_ends(2024):
        (tmp_path / "exports" / f"{day:%Y-%m}.csv").write_text(export(day))
    (tmp_path / "bin").mkdir()
    tool = tmp_path / "bin" / "custier"
    tool.write_text(f'#!/bin/sh\nexec {sys.executable} -m custier "$@"\n')
    tool.chmod(0o755)
    script = tmp_path / "grade.sh"
    script.write_text(SCRIPT.replace("/srv/grades", str(tmp_path)))
    script.chmod(0o755)
    return tmp_path


def at_night(place: Path, line: str) -> subprocess.CompletedProcess[str]:
    """A line as cron runs it: by sh, in a bare environment, what it prints in one mail."""
    paths = os.pathsep.join(str(Path(path).resolve()) for path in sys.path if path)
    environment = {"PATH": f"{place}/bin:/usr/bin:/bin", "HOME": str(place), "PYTHONPATH": paths}
    line = line.replace("/srv/grades", str(place))
    return subprocess.run(
        ["/bin/sh", "-c", line],
        env=environment,
        cwd="/",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )


def jobs() -> list[str]:
    """What each line of the crontab runs."""
    return [line.split(maxsplit=5)[5] for line in blocks("cron")[0].splitlines() if line[0].isdigit()]


def test_the_jobs_of_the_crontab_run_and_say_nothing(place: Path) -> None:
    assert len(jobs()) == 3
    grade, *others = jobs()
    assert (at_night(place, f"{grade} 2024-12-31").stdout, at_night(place, f"{grade} 2024-12-31").returncode) == ("", 0)
    for job in others:
        done = at_night(place, job)
        assert (done.returncode, done.stdout) == (0, "")
    read = at_night(place, f"cd /srv/grades\n{blocks('bash')[1].replace('my-rubric', 'grades')}")
    assert f"{CUSTOMERS + 1} " in read.stdout and read.returncode == 0


def test_without_an_argument_last_month_is_graded(place: Path) -> None:
    done = at_night(place, jobs()[0])
    assert done.returncode in (1, 3) or list((place / "store" / "grades" / "runs").iterdir())
    last = date.today().replace(day=1) - timedelta(days=1)  # noqa: DTZ011
    assert [path.name[:10] for path in (place / "store" / "grades" / "runs").iterdir()] == [last.isoformat()]


class Reader(threading.Thread):
    """Downstream: looks again and again at the copy and at CURRENT, and keeps what it should never see."""

    def __init__(self, place: Path) -> None:
        super().__init__(daemon=True)
        self.copy, self.home, self.ended = place / "current" / "labels.csv", place / "store" / "grades", False
        self.wrong: list[str] = []
        self.seen: set[str] = set()

    def run(self) -> None:
        while not self.ended:
            if self.copy.exists():
                self._look(self.copy.read_bytes(), "the copy")
            if (self.home / "CURRENT").exists():
                name = (self.home / "CURRENT").read_text().strip()
                self._look((self.home / "runs" / name / "labels.csv").read_bytes(), name)
            time.sleep(0.02)

    def _look(self, labels: bytes, where: str) -> None:
        if labels.count(b"\n") != CUSTOMERS + 1 or not labels.endswith(b"\n"):
            self.wrong.append(where)
        self.seen.add(hashlib.sha256(labels).hexdigest())


@pytest.fixture
def reader(place: Path) -> Iterator[Reader]:
    thread = Reader(place)
    thread.start()
    yield thread
    thread.ended = True
    thread.join()


def test_in_a_year_of_nights_only_the_bad_month_and_the_held_one_are_heard_of(place: Path, reader: Reader) -> None:
    store, mails, states = Store(place / "store", "grades"), list[str](), list[tuple[str, int]]()

    def night(day: date, content: str) -> int:
        (place / "exports" / f"{day:%Y-%m}.csv").write_text(content)
        before = current_run(store)
        done = at_night(place, f"/srv/grades/grade.sh {day}")
        states.append((f"{day:%m}", done.returncode))
        mails.extend([done.stdout] if done.stdout else [])
        assert (current_run(store) == before) == (done.returncode != 0)
        return done.returncode

    assert at_night(place, "/srv/grades/grade.sh 2024-12-31").stdout == ""
    for day in month_ends(2025):
        if day.month == 5:
            assert night(day, export(day, broken=150)) == 1
        if day.month == 9:
            assert night(day, export(day, times=100)) == 3
        assert night(day, export(day)) == 0, mails[-1]
    reader.ended = True
    assert [state for state in states if state[1]] == [("05", 1), ("09", 3)] and len(states) == 14
    assert len(mails) == 2 and all(2 <= len(mail.splitlines()) <= 25 for mail in mails)
    assert "rejected.csv" in mails[0] and mails[0].splitlines()[-1].endswith("Nothing was published. (exit 1)")
    assert "custier publish 2025-09-30-" in mails[1] and mails[1].splitlines()[-1].endswith("(exit 3)")
    runs, problems = verify_chain(store)
    assert problems == [] and [name[:7] for name in runs] == [f"{day:%Y-%m}" for day in reversed([date(2024, 12, 31), *month_ends(2025)])]
    assert sorted(row.status for row in list_runs(store) if row.run_id not in runs) == ["failed", "held"] and list_failures(store) == []
    reader.join()
    published = {hashlib.sha256((store.runs / name / "labels.csv").read_bytes()).hexdigest() for name in runs}
    assert reader.wrong == [] and reader.seen <= published and len(reader.seen) > 5


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd")
def test_systemd_takes_the_units(place: Path) -> None:
    service, timer = blocks("ini")
    (place / "custier.service").write_text(service.replace("/srv/grades", str(place)).replace("User=grades", "User=root"))
    (place / "custier.timer").write_text(timer)
    line = ["systemd-analyze", "verify", "--man=no", str(place / "custier.service"), str(place / "custier.timer")]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "custier." not in done.stderr, done.stderr


def test_systemd_tries_again_what_may_pass_by_itself_and_nothing_else() -> None:
    never = re.search(r"RestartPreventExitStatus=(.*)", blocks("ini")[0])
    table = re.findall(r"^\| ([\d, ]+) \|.*\| (.*) \|$", PAGE, flags=re.MULTILINE)
    assert never and {code for codes, again in table if again == "no" for code in codes.split(", ")} == set(never[1].split())
    assert {int(code) for codes, _ in table for code in codes.split(", ")} == {0, 1, 2, 3, 4, 5, 6, 7, 8, 70, 129, 130, 143}


@pytest.fixture
def airflow(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the recipe takes from Airflow, as plain as can be: a decorator keeps what it decorates."""
    made: dict[str, Any] = {}

    def task(**_: Any) -> Callable[..., Any]:
        return lambda work: lambda *given: made.update({work.__name__: work, "given": given})

    modules: dict[str, dict[str, Any]] = {
        "airflow": {},
        "airflow.decorators": {"dag": lambda **_: lambda work: work, "task": task},
        "airflow.exceptions": {"AirflowFailException": type("AirflowFailException", (Exception,), {})},
        "airflow.operators": {},
        "airflow.operators.bash": {"BashOperator": lambda **given: made.update(given)},
    }
    for name, content in modules.items():
        module = types.ModuleType(name)
        module.__dict__.update(content)
        monkeypatch.setitem(sys.modules, name, module)
    return made


def test_the_airflow_tasks_classify_skip_what_is_current_and_retry_what_may_pass(place: Path, airflow: dict[str, Any], capsys: Any) -> None:
    source = blocks("python")[0].replace("/srv/grades", str(place))
    ast.parse(source)
    exec(compile(source, "grades.py", "exec"), {})
    line = re.sub(r"\{\{.*?\}\}", "2024-12-31", airflow["bash_command"])
    assert [at_night(place, line).returncode for _ in range(2)] == [0, 99]
    assert airflow["classify"]("2024-12-31").startswith("2024-12-31-") and "ds_add" in airflow["given"][0]
    (place / "exports" / "2025-01.csv").write_text("a,b\n1,2\n")
    with pytest.raises(sys.modules["airflow.exceptions"].AirflowFailException):
        airflow["classify"]("2025-01-31")
    (place / "rubric.yaml").write_text(RUBRIC.replace("grades", "others"))
    (place / "exports" / "2025-01.csv").unlink()
    (place / "store" / "others").write_text("in the way")
    with pytest.raises(custier.CustierError) as caught:
        airflow["classify"]("2025-01-31")
    assert caught.value.exit_code == 6


def test_the_workflow_is_yaml_and_its_commands_are_commands(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workflow = yaml.safe_load(blocks("yaml")[0])
    assert set(workflow["jobs"]) == {"policy", "grade"} and workflow[True]["schedule"][0]["cron"] == "30 2 1 * *"
    lines = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
    assert lines[-1] == "/srv/grades/grade.sh" and lines[1].startswith("custier ")
    monkeypatch.chdir(place)
    assert run(lines[1].split()[1:]) == 0
