"""The command line wherever it is started: bare environments, narrow or foreign terminals, programs that read JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from custier.cli import run
from custier.cli.app import app

GRADE = ["--rubric", "annual-spend", "--as-of", "2025-12-31"]
WORDS = {
    "classify": ["none.csv"],
    "init": ["none.csv"],
    "profile": ["none.csv"],
    "explain": ["C1"],
    "publish": ["2025", "--reason", "why"],
    "prune": ["--keep", "3"],
    "rubric check": ["none.yaml"],
    "rubric diff": ["none.yaml", "annual-spend"],
    "rubric list": ["too", "many"],
}


def leaves(command: Any = None, words: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every command by its words."""
    below = getattr(command, "commands", None) if command is not None else get_command(app).commands  # type: ignore[attr-defined]
    if below is None:
        yield " ".join(words), command
        return
    for name, child in below.items():
        yield from leaves(child, (*words, name))


COMMANDS = dict(leaves())
WITH_JSON = [name for name, command in COMMANDS.items() if any("--json" in param.opts for param in command.params)]


def test_the_commands_were_found() -> None:
    assert len(COMMANDS) >= 15 and len(WITH_JSON) >= 10 and {"classify", "rubric check", "prune"} <= set(WITH_JSON)


@pytest.mark.parametrize("name", WITH_JSON)
def test_a_failure_is_one_json_object_with_a_code(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.chdir(tmp_path)
    code = run([*name.split(), *WORDS.get(name, []), "--json"])
    out, err = capsys.readouterr()
    said = json.loads(out)
    assert code != 0 and out.count("\n") == 1 and said["ok"] is False
    assert said["error"]["exit"] == code and said["error"]["code"].startswith("CT") and said["error"]["problems"]
    assert f"error[{said['error']['code']}]" in err


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_tells_of_itself(name: str, capsys: Any) -> None:
    assert run([*name.split(), "-h"]) == 0
    assert f"Usage: custier {name}" in " ".join(capsys.readouterr().out.split())


def bare(*line: str, env: dict[str, str], place: Path) -> subprocess.CompletedProcess[bytes]:
    """custier where no HOME, TERM, PATH or language is set, and Python is not in its UTF-8 mode."""
    start = "import sys; sys.path[:0] = sys.argv.pop().split(':'); from custier.cli import main; main()"
    paths = ":".join(str(Path(path).resolve()) for path in sys.path if path)
    return subprocess.run([sys.executable, "-c", start, *line, paths], env=env, cwd=place, capture_output=True, timeout=120, check=False)


CHINESE = "客户,日期,订单,金额\n张三,2025-03-28,S1,500000.01\n李四,2025-04-02,S2,18.00\n"


@pytest.mark.parametrize(
    "env",
    [
        {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "gbk", "PYTHONUTF8": "0"},
        {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0", "COLUMNS": "20"},
    ],
    ids=["POSIX", "gbk", "cp1252"],
)
def test_chinese_names_and_files_need_no_environment(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text(CHINESE, encoding="utf-8")
    encoding = env.get("PYTHONIOENCODING", "ascii")
    done = bare("classify", ".", *GRADE, "--store", "s", env=env, place=tmp_path)
    assert done.returncode == 0 and done.stderr == b"", done.stderr
    assert ("年度消费" if encoding == "gbk" else r"\u5e74\u5ea6") in "".join(done.stdout.decode(encoding).split())
    done = bare("runs", "--lang", "zh", "--store", "s", env=env, place=tmp_path)
    assert done.returncode == 0 and done.stderr == b""
    (tmp_path / "销售.csv").write_text(CHINESE.replace("张", "章"), encoding="utf-8")
    done = bare("classify", "销售.csv", *GRADE, "--store", "other", env=env, place=tmp_path)
    assert done.returncode == (4 if encoding == "ascii" else 0) and (b"CT2009" in done.stderr) == (encoding == "ascii"), done.stderr
    done = bare("classify", "none.csv", *GRADE, "--store", "s", env=env, place=tmp_path)
    assert done.returncode == 4 and b"Traceback" not in done.stderr


@pytest.mark.parametrize("columns", ["1", "20", "40", "60", "120"])
def test_an_id_is_whole_on_the_narrowest_terminal(columns: str, sales: Path, custier: Callable[..., Any]) -> None:
    long = "客户-000000000000000000-4711"
    sales.write_text(f"customer_id,date,order,amount\n{long},2025-03-28,S1,500000.01\n", encoding="utf-8")
    assert run(["classify", "sales.csv", *GRADE, "-q"]) == 0
    done = custier("explain", long, env={"COLUMNS": columns, "PYTHONIOENCODING": "utf-8"})
    assert done.returncode == 0 and long in "".join(done.stdout.split())


def test_a_bare_command_says_what_there_is(capsys: Any) -> None:
    assert run([]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("Usage: custier") and len(out.splitlines()) < 35 and err == ""
