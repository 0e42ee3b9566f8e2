"""Hostile texts in every place that data and a rubric can bring them to, and every medium that they come out of."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from custier.characters import unseen_class
from custier.cli import run
from custier.errors import CustierError, Problem, RubricError
from custier.rubric.load import load_rubric, parse_rubric
from custier.show.look import Look, render, styled
from custier.show.problems import problems_text
from custier.show.safe import safe, safe_page
from custier.store.json_text import json_text
from hostile import FORMULAS, TEXTS, UNSEEN, drives_a_terminal

NOBODY = {"nan", "\\N"}
"""Texts that stand for nobody."""

RUBRIC = """\
rubric: mine
title: "[bold]Grades[/] <b> {x}"
sources:
  transactions: {phone: {type: text}}
  customers: {name: {type: text}}
metrics: {seen: {last: phone, title: "{seen} [red]"}}
guardrails: {rejected_at_most: 99%}
score:
  spend: {weight: 100, bands: [{at_least: 100, points: 100}, {otherwise: 0}]}
tiers:
  - {name: "V[/bold]<b>'--", score: {at_least: 50}, benefits: ["[link=e]gift[/link]"]}
  - {name: "B{x}"}
segments: {size: {"[red]large": spend > 100, "small": otherwise}}
rules: [{name: r, when: "seen = 'x'' or 1=1 --' or name = 'z'", up: 1, reason: "[/] </script>{{7*7}}"}]
actions: [{name: call, tier: "B{x}", do: "[red]call[/red] <b> {x}", owner: "[/]"}]
"""
COLUMNS = ["customer_id", "date", "order", "amount", "category", "phone"]


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of customers who are all hostile, and the copies of it."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "r.yaml").write_text(RUBRIC)
    with (folder / "[red]$(x) ;'.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for n, text in enumerate(TEXTS):
            rows.writerow([text, f"2025-03-{n % 28 + 1:02d}", text, f"{n}.50", text, text])
            rows.writerow([f"amount {n}", "2025-03-01", "S", text if n % 2 else "1", "c", "p"])
            rows.writerow([f"date {n}", text, "S", "1", "c", "p"])
    with (folder / "customers.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerows([["customer_id", "name"], *([f"date {n}", text] for n, text in enumerate(TEXTS))])
    return folder


@pytest.fixture(scope="module")
def told(graded: Path) -> Callable[..., tuple[int, str, str]]:
    """Runs a command on that store, and returns its exit code and all that it prints."""
    import contextlib
    import io

    def command(*words: str) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.chdir(graded), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run(list(words))
        return code, out.getvalue(), err.getvalue()

    return command


GRADE = ["classify", "[red]$(x) ;'.csv", "--source", "customers=customers.csv", "--rubric", "r.yaml", "--as-of", "2025-03-31"]
GRADE += ["--out", "flat", "--format", "csv,parquet,xlsx"]


@pytest.fixture(scope="module")
def run_directory(graded: Path, told: Callable[..., Any]) -> Path:
    code, out, err = told(*GRADE)
    assert (code, err) == (0, ""), err
    assert not drives_a_terminal(out) and "[bold]Grades[/] <b> {x}" in out and "V[/bold]<b>'--" in out
    (directory,) = (graded / "custier-store/mine/runs").iterdir()
    return directory


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, strict=True))


def as_lines_end(text: str) -> str:
    """A line end within a cell is a line feed, whatever it was."""
    return text.replace("\r", "\n")


def are_unseen(text: str) -> bool:
    return bool(pl.Series([text.strip()]).str.contains(unseen_class()).item())


def test_each_value_stays_in_its_cell_of_every_csv(run_directory: Path, graded: Path) -> None:
    hostile = {text.strip(" \u00a0") for text in TEXTS if not are_unseen(text)} - NOBODY
    labels = rows_of(run_directory / "labels.csv")
    assert hostile <= {row["customer_id"] for row in labels} and not any(None in row for row in labels)
    assert {row["name"] for row in labels} >= {text.strip() for text in FORMULAS}
    raws = {row["raw"] for row in rows_of(run_directory / "rejected.csv")}
    assert {as_lines_end(text) for text in UNSEEN if "\n" not in text} <= raws
    for name in ("labels.csv", "changes.csv", "actions.csv", "rejected.csv"):
        assert (graded / "flat" / name).read_bytes() == (run_directory / name).read_bytes()
        assert {len(row) for row in rows_of(run_directory / name)} == {len(rows_of(run_directory / name)[0])}


def test_a_workbook_holds_texts_and_neither_formulas_nor_links(run_directory: Path) -> None:
    import openpyxl

    sheet = openpyxl.load_workbook(run_directory / "labels.xlsx").active
    header, *rows = sheet.iter_rows()
    columns = {cell.value: n for n, cell in enumerate(header)}
    held = [(row[columns["customer_id"]], row[columns["seen"]]) for row in rows]
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n", "d", "b"} and {id_.data_type for id_, _ in held} == {"s"}
    assert {str(id_.value) for id_, _ in held} >= {*FORMULAS, "http://evil", "-5", "+8613800138000", "1e5"}
    assert not [cell for row in rows for cell in row if cell.hyperlink is not None]


def test_ids_like_formulas_are_kept_and_warned_of(run_directory: Path, told: Callable[..., Any]) -> None:
    (warning,) = [w for w in json.loads((run_directory / "summary.json").read_text())["warnings"] if "formula" in w]
    assert warning.startswith(f"{len(FORMULAS) + 1} customers have ids like a formula: ")  # and `-- x`
    assert f"{len(FORMULAS) + 1} 位客户的编号形似公式" in told("show", "--lang", "zh")[1]


def test_who_has_characters_that_nobody_sees_is_rejected_and_kept_as_it_stood(run_directory: Path) -> None:
    rejected = [row["raw"] for row in rows_of(run_directory / "rejected.csv") if row["code"] == "CT3006"]
    assert sorted(rejected) == sorted(as_lines_end(text) for text in TEXTS if are_unseen(text))


def test_json_files_hold_nothing_that_drives_a_terminal_and_read_back(run_directory: Path) -> None:
    for name in ("summary.json", "manifest.json", "explain.json", "log.jsonl"):
        content = (run_directory / name).read_text(encoding="utf-8")
        assert not drives_a_terminal(content), name
        for line in content.splitlines() if name.endswith("jsonl") else [content]:
            json.loads(line)
    assert (run_directory / "log.jsonl").read_bytes().isascii()


def test_the_rubric_that_a_run_keeps_is_the_rubric(run_directory: Path, graded: Path) -> None:
    assert load_rubric(run_directory / "rubric.yaml").rubric == load_rubric(graded / "r.yaml").rubric
    assert isinstance(yaml.safe_load((run_directory / "rubric.yaml").read_text()), dict)


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_explaining_a_hostile_customer_prints_it_as_text(text: str, run_directory: Path, told: Callable[..., Any]) -> None:
    if "\0" in text:
        return  # no command line can hold it
    stands_for_nobody = text in NOBODY
    code, out, err = told("explain", "--rows", "--", text.strip("\u00a0"))
    assert not drives_a_terminal(out) and not drives_a_terminal(err) and "Traceback" not in err
    if are_unseen(text) or stands_for_nobody:
        assert code == 8 and "error[CT5506]" in err
    else:
        assert code == 0 and "".join(safe(text.strip()).split()) in "".join(out.split())
    code, out, err = told("explain", "--json", "--", text.strip("\u00a0"))
    assert out.isascii() and len(out.splitlines()) == 1
    assert json.loads(out)["ok"] == (code == 0)


@pytest.mark.parametrize(
    "line",
    [["show"], ["show", "--lang", "zh"], ["runs"], ["rubric", "check", "r.yaml"], ["rubric", "diff", "r.yaml", "pyramid"]],
    ids=" ".join,
)
def test_every_page_prints_data_as_text(line: list[str], run_directory: Path, told: Callable[..., Any]) -> None:
    code, out, err = told(*line)
    assert code == 0 and not drives_a_terminal(out) and not drives_a_terminal(err)


def hostile_command_lines() -> Iterator[list[str]]:
    for text in (text for text in TEXTS if "\0" not in text and len(text) < 200):
        yield ["classify", text, "--rubric", "r.yaml"]
        yield ["classify", "customers.csv", "--rubric", text]
        yield ["show", "--", text]


def test_a_hostile_command_line_is_refused_in_print(run_directory: Path, told: Callable[..., Any], graded: Path) -> None:
    before = sorted(graded.iterdir())
    for line in hostile_command_lines():
        code, out, err = told(*line)
        assert code in (0, 2, 4, 8) and not drives_a_terminal(out) and not drives_a_terminal(err), line
        assert "Traceback" not in err, line
    assert sorted(graded.iterdir()) == before


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_problems_pages_and_json_encode_whatever_they_are_given(text: str) -> None:
    error = CustierError([Problem("CT2001", f"what {text}", f"{text}:1:1", f"help {text}")])
    said = problems_text(error, Look(width=80))
    assert not drives_a_terminal(said) and safe(f"what {text}") in said
    assert not drives_a_terminal(json_text({text: text})) and json.loads(json_text({text: text})) == {text: text}
    assert not drives_a_terminal(render(text, Look(width=80)))  # a part that nobody made safe
    assert not drives_a_terminal(safe_page(text).replace("\x1b[31m", ""))


def test_colours_of_a_page_stay_and_those_of_data_do_not() -> None:
    page = render(styled("x \x1b[31mred", "bold"), Look(colour=True))
    assert page == "\x1b[1mx \\x1b[31mred\x1b[0m\n" == safe_page(page)


def test_a_file_name_that_breaks_lines_is_one_line_of_the_log_and_of_the_page(
    graded: Path, told: Callable[..., Any], tmp_path: Path
) -> None:
    name = "a\n2026 ERROR x\x1b[2J.csv"
    (tmp_path / name).write_text("customer_id,date,amount\nC1,2025-03-01,5\nC2,2025-03-01,x\n")
    code, out, err = told(
        "classify", str(tmp_path / name), "--rubric", "annual-spend", "--store", str(tmp_path / "s"), "--as-of", "2025-03-31"
    )
    assert code == 1 and not drives_a_terminal(out) and not drives_a_terminal(err)
    log = next((tmp_path / "s").rglob("log.jsonl")).read_text()
    assert all(json.loads(line) for line in log.splitlines()) and not drives_a_terminal(log)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [name]


IN_FORMULAS = [text for text in TEXTS if "\0" not in text and len(text) < 200 and text == text.strip()]


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rubric whose flags ask for each hostile text."""
    path = tmp_path_factory.mktemp("asking") / "r.yaml"
    quoted = [text.replace("'", "''") for text in IN_FORMULAS]
    flags = {f"f{n}": f"seen = '{text}'" for n, text in enumerate(quoted)}
    sources = {"transactions": {"phone": {"type": "text"}}}
    said = {"rubric": "mine", "sources": sources, "metrics": {"seen": {"last": "phone"}}, "flags": flags, "tiers": [{"name": "A"}]}
    path.write_text(yaml.safe_dump(said, width=10_000))
    return path


def test_texts_of_a_formula_stay_texts_in_the_exported_sql(asking: Path, capsys: Any) -> None:
    import duckdb

    assert run(["export", "sql", "--rubric", str(asking), "--dialect", "duckdb", "--as-of", "2025-12-31"]) == 0
    statement = capsys.readouterr().out
    with duckdb.connect(config={"enable_external_access": "false"}) as base:
        base.sql('create table transactions (customer varchar, date date, "order" varchar, amount decimal(18, 2), phone varchar)')
        base.executemany(
            "insert into transactions values (?, date '2025-03-01', 'S', 1, ?)", [(f"c{n}", t) for n, t in enumerate(IN_FORMULAS)]
        )
        found = dict(base.sql(f"select customer_id, flags from ({statement.rstrip().rstrip(';')})").fetchall())
        assert base.sql("show tables").fetchall() == [("transactions",)]
    assert found == {f"c{n}": f"f{n}" for n in range(len(IN_FORMULAS))}


@pytest.mark.parametrize("dialect", ["duckdb", "spark", "snowflake", "bigquery", "postgres"])
def test_the_exported_sql_is_one_statement_whatever_its_texts(dialect: str, asking: Path, capsys: Any) -> None:
    import sqlglot
    from sqlglot import exp

    assert run(["export", "sql", "--rubric", str(asking), "--dialect", dialect, "--as-of", "2025-12-31"]) == 0
    (statement,) = sqlglot.parse(capsys.readouterr().out, read=dialect)
    assert isinstance(statement, exp.Query)
    texts = {literal.this for literal in statement.find_all(exp.Literal) if literal.is_string}
    assert {text for text in IN_FORMULAS if "\n" not in text} <= texts


def test_a_formula_that_would_be_more_than_a_formula_is_refused() -> None:
    for formula in (
        "spend > 1; drop table x", "spend > (select 1)", "read_csv('/etc/passwd') = 'x'", "spend > 1 -- x", "seen ~ '(a+)+$'", "regexp_matches(seen, 'x')",
        "spend > 1 union select 1", "getenv('HOME') = 'x'", "x.y.z > 1", "spend::varchar = '1'", "spend > ?", "spend > $1", "spend > @x", "exists (select 1)",
    ):  # fmt: skip
        rubric = {"rubric": "mine", "tiers": [{"name": "A"}], "flags": {"f": formula}}
        try:
            parse_rubric(json.dumps(rubric).encode(), "r.yaml")
            assert formula == "spend > 1 -- x"  # a comment says nothing
        except RubricError as error:
            assert {problem.code for problem in error.problems} <= {"CT1418", "CT1205", "CT6201"}, formula
