"""What a command loads before it answers: nothing that it does not need, since that is where a short command spends its time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

TOLD = """
import atexit, sys
atexit.register(lambda: print("LOADED", *sorted({name.split(".")[0] for name in sys.modules}), file=sys.__stderr__))
"""
LANGUAGE = {"pydantic", "yaml", "sqlglot"}
ENGINES = {"polars", "narwhals", "duckdb", "pyspark", "sqlframe"}
WRITING = {"filelock", "fastexcel", "xlsxwriter"}


def loaded(done: object) -> set[str]:
    line = next(line for line in reversed(str(done.stderr).splitlines()) if line.startswith("LOADED "))  # type: ignore[attr-defined]
    return set(line.split()[1:])


@pytest.mark.parametrize("line", [["--help"], ["explain", "--help"], ["--version"], ["help", "CT2101"]], ids=" ".join)
def test_help_loads_no_engine_no_language_and_nothing_that_draws(tmp_path: Path, custier: Callable[..., object], line: list[str]) -> None:
    assert not loaded(custier(*line, first=TOLD, cwd=tmp_path)) & {*LANGUAGE, *ENGINES, *WRITING, "rich"}


@pytest.mark.parametrize("line", [["runs", "--json"], ["verify", "2025-09"]], ids=" ".join)
def test_a_look_at_the_store_loads_no_engine_and_no_language(demo: Path, custier: Callable[..., object], line: list[str]) -> None:
    assert not loaded(custier(*line, first=TOLD)) & {*LANGUAGE, *ENGINES, *WRITING, "rich"}


@pytest.mark.parametrize("line", [["C0018"], ["C0018", "--rows"], ["C0018", "--json"], ["nobody"]], ids=" ".join)
def test_explain_loads_nothing_but_polars_to_find_the_customer(demo: Path, custier: Callable[..., object], line: list[str]) -> None:
    found = loaded(custier("explain", *line, first=TOLD))
    assert "polars" in found and not found & {*LANGUAGE, *ENGINES - {"polars"}, *WRITING}
    assert ("rich" in found) is ("--json" not in line)


def test_a_run_over_texts_loads_nothing_for_workbooks_and_nothing_that_draws(tmp_path: Path, custier: Callable[..., object]) -> None:
    (tmp_path / "a.csv").write_text("customer,date,amount\nA,2025-01-01,5\n")
    found = loaded(custier("classify", "a.csv", "--rubric", "annual-spend", "-q", first=TOLD, cwd=tmp_path))
    assert "polars" in found and not found & {"fastexcel", "xlsxwriter", "zstandard", "rich"}


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_a_quiet_run_of_any_engine_ends_without_a_word(tmp_path: Path, custier: Callable[..., object], engine: str) -> None:
    (tmp_path / "sales.csv").write_text("customer,date,amount\nA,2025-01-01,1\n", encoding="utf-8")
    line = ["classify", "sales.csv", "--rubric", "annual-spend", "--as-of", "2025-01-31", "--engine", engine, "--quiet"]
    done = custier(*line, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")  # type: ignore[attr-defined]
