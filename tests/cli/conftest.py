"""A store with two published months of the sample company, and the command line in a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from custier.cli import run
from custier.demo import write_demo

SALES = """customer_id,date,order,amount
C1,2025-03-28,S1,500000.01
C2,2025-04-02,S2,180000.00
C3,2025-04-02,S3,900.00
"""

Done = subprocess.CompletedProcess[str]


@pytest.fixture(scope="session")
def two_months(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of `custier demo`: exports and store."""
    folder = tmp_path_factory.mktemp("demo")
    assert [run([*step, "--quiet"]) for step in write_demo(folder) if step[0] == "classify"] == [0, 0]
    return folder


@pytest.fixture
def demo(two_months: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it to work in: the store is where commands look for one."""
    shutil.copytree(two_months / "exports", tmp_path / "exports")
    shutil.copytree(two_months / "store", tmp_path / "custier-store")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "custier-store" / "weighted-grade"


@pytest.fixture
def september(demo: Path) -> str:
    return (demo / "CURRENT").read_text().strip()


@pytest.fixture
def august(demo: Path, september: str) -> str:
    return next(path.name for path in (demo / "runs").iterdir() if path.name != september)


@pytest.fixture
def sales(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three customers in sales.csv, in an empty folder that becomes the current one."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "sales.csv"
    file.write_text(SALES)
    return file


@pytest.fixture(scope="session")
def custier() -> Callable[..., Done]:
    """`custier("runs", "--json")` as its own process; `first` is code that runs before it."""

    def command(*args: str, first: str = "", env: dict[str, str] | None = None, **options: Any) -> Done:
        line = [sys.executable, "-c", f"import sys\n{first}\nfrom custier.cli import main; main()", *args]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(Path(path).resolve()) for path in sys.path if path), **(env or {})}
        captured = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
        return subprocess.run(line, env=environment, text=True, timeout=120, check=False, **captured)

    return command
