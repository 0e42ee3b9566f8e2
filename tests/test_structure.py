"""The shape of the code base: who may import whom, and what a step may not do."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "custier"
STEPS = (
    "read",
    "validate",
    "measure",
    "score",
    "tier",
    "mark",
    "reason",
    "retain",
    "compare",
    "account",
    "guard",
    "labels",
    "summarise",
    "write",
)
JOINERS = ("pipeline", "grade")
ALLOWED = {"write": ("store",)}  # both are the disk: one way to write a file whole
MIDDLE = (
    "measure",
    "score",
    "tier",
    "mark",
    "reason",
    "retain",
    "compare",
    "entitle",
    "act",
    "expressions",
    "tally",
    "places",
    "frames",
    "chains",
    "merge",
)
FILES = sorted(SOURCE.rglob("*.py"))


def part_of(path: Path) -> str:
    """The first name below the package: `measure` for measure/aggregate.py, `score` for score.py."""
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def calls(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def importers(library: str) -> set[str]:
    return {part_of(path) for path in FILES if any(name.split(".")[0] == library for name in imported(path))}


def test_only_the_command_line_knows_typer_and_only_show_knows_rich() -> None:
    assert importers("typer") == {"cli"}
    assert importers("rich") == {"show"}


@pytest.mark.parametrize("step", STEPS)
def test_a_step_imports_no_other_step_and_nothing_above_it(step: str) -> None:
    forbidden = {*STEPS, *JOINERS, "cli", "show", "store", "explain"} - {step, *ALLOWED.get(step, ())}
    found = {n.split(".")[1] for p in FILES if part_of(p) == step for n in imported(p) if n.startswith("custier.")}
    assert not found & forbidden


@pytest.mark.parametrize("part", MIDDLE)
def test_the_middle_has_no_engine_in_it(part: str) -> None:
    names = {n.split(".")[0] for p in FILES if part_of(p) == part for n in imported(p)}
    assert not names & {"polars", "duckdb", "pandas", "pyarrow", "pyspark"}


@pytest.mark.parametrize("step", [s for s in STEPS if s not in ("read", "write")])
def test_a_step_opens_no_file_prints_nothing_and_reads_no_clock(step: str) -> None:
    made = {call for p in FILES if part_of(p) == step for call in calls(p)}
    assert not {c for c in made if c in ("open", "print", "date.today", "datetime.now", "time.time") or c.endswith((".open", ".read_text"))}


def uses(name: str) -> set[str]:
    """The files that name something, as `show/out.py`."""
    found = set()
    for path in FILES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Name | ast.Attribute)}
        found |= {str(path.relative_to(SOURCE))} if any(n == name or (n.endswith(f".{name}") and name != "print") for n in named) else set()
    return found


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("print", set()),
        ("typer.echo", set()),
        ("sys.stdout.write", {"show/out.py"}),
        ("sys.stderr.write", {"show/out.py"}),
        ("say_as_it_is", {"show/out.py", "cli/export.py", "cli/rubric.py"}),
        ("Text.from_markup", set()),
        ("frame.write_csv", {"write/__init__.py"}),
        ("sink_csv", {"write/chunks.py"}),
    ],
)
def test_what_goes_out_goes_through_its_one_encoder(name: str, files: set[str]) -> None:
    assert uses(name) <= files


def test_nothing_in_custier_opens_a_connection_evaluates_a_text_or_runs_a_statement_from_one() -> None:
    libraries = {
        "socket",
        "urllib",
        "http",
        "requests",
        "httpx",
        "aiohttp",
        "ftplib",
        "smtplib",
        "pickle",
        "marshal",
        "shelve",
        "subprocess",
    }
    found = {(part_of(p), n.split(".")[0]) for p in FILES for n in imported(p) if n.split(".")[0] in libraries}
    assert found <= {("pipeline", "socket"), ("engines", "socket"), ("pipeline", "urllib")}  # this machine's name; addresses of Spark
    assert not {call for path in FILES for call in calls(path)} & {"eval", "exec", "compile", "os.system", "yaml.load", "yaml.unsafe_load"}
    named = {node for path in FILES for node in calls(path)}
    assert not {n for n in named if n.endswith((".map_elements", ".deserialize", ".sql_expr", "SQLContext"))}
