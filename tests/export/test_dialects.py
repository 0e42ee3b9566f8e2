"""What the statement looks like in each dialect, and that it is one statement, the same each time."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from pathlib import Path

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from custier.cli import run
from custier.cli.export import DIALECTS as OFFERED
from custier.errors import Bug
from custier.export import DIALECTS, Asked, export_sql
from custier.export.characters import BLANK, UNSEEN
from custier.export.dialects import in_dialect
from custier.export.expected import expected_tables
from custier.export.head import head
from custier.export.idioms import tidied
from custier.export.parentheses import plain
from custier.export.stages import stages_of
from custier.export.statement import statement
from custier.rubric.load import load_rubric, shipped_rubrics
from custier.validate import UNSEEN as REJECTED

EVERYTHING = Path(__file__).parent / "everything.yaml"
AS_OF = date(2025, 12, 31)
WIDE = {"duckdb": "HUGEINT", "spark": "DECIMAL(38, 0)", "snowflake": "NUMBER(38, 0)", "bigquery": "BIGNUMERIC", "postgres": "NUMERIC"}


def asked(rubric: str, dialect: str) -> Asked:
    return Asked(dialect, AS_OF, {source: source for source in load_rubric(rubric).rubric.sources})


def exported(rubric: str, dialect: str) -> str:
    return export_sql(load_rubric(rubric).rubric, asked(rubric, dialect))


@cache
def made(rubric: str) -> exp.Select:
    """The statement before any dialect."""
    loaded = load_rubric(rubric).rubric
    tables = expected_tables(loaded, asked(rubric, "duckdb"))
    return statement(stages_of(loaded, tables, AS_OF), {expected.source: exp.to_table(expected.table) for expected in tables})


def test_the_dialects_that_are_offered_are_those_that_there_are() -> None:
    assert tuple(DIALECTS) == OFFERED


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("rubric", [*shipped_rubrics(), str(EVERYTHING)], ids=lambda rubric: Path(rubric).stem)
def test_one_statement_that_its_dialect_can_read(dialect: str, rubric: str) -> None:
    text = in_dialect(made(rubric).copy(), dialect)
    (tree,) = sqlglot.parse(text, read=dialect)
    assert isinstance(tree, exp.Select) and len(tree.ctes) > 8
    left_over = "custier_|INT128|GROUP BY ALL|__duckdb|row_index" + ("" if dialect == "duckdb" else "|HUGEINT")
    assert re.search(left_over, text, re.IGNORECASE) is None
    wide = WIDE["duckdb"] in in_dialect(made(rubric).copy(), "duckdb")
    assert wide or rubric not in ("weighted-grade", str(EVERYTHING))
    assert WIDE[dialect] in text or not wide


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_same_policy_gives_the_same_bytes(dialect: str) -> None:
    assert exported("pyramid", dialect) == exported("pyramid", dialect)


def test_the_head_names_the_policy_and_every_column_with_its_type() -> None:
    rubric, question = load_rubric(str(EVERYTHING)).rubric, asked(str(EVERYTHING), "duckdb")
    said = head(rubric, question, expected_tables(rubric, question))
    assert all(line.startswith("--") for line in said.splitlines())
    assert "labels by the rubric everything, version 1, as of 2025-12-31" in said and re.search("[0-9a-f]{64}", said)
    assert re.search(r"^--     Unit +an exact number", said, re.MULTILINE) and re.search(r"^--     paid +date", said, re.MULTILINE)


@pytest.mark.parametrize("name", ["a.b.sales", '"sales; DROP TABLE x"', "sales\n; DROP TABLE x; --", "sales */ x", "读"])
def test_a_table_stays_one_name_whatever_it_is_called(name: str) -> None:
    text = export_sql(load_rubric("annual-spend").rubric, Asked("duckdb", AS_OF, {"transactions": name}))
    (tree,) = sqlglot.parse(text.rstrip().removesuffix(";"), read="duckdb")
    assert isinstance(tree, exp.Select)
    assert [line for line in text.partition("WITH")[0].splitlines() if not line.startswith("--")] == []


def test_unseen_characters_are_those_that_the_check_of_rows_names() -> None:
    written = re.compile(f"[{''.join(f'{chr(first)}-{chr(last)}' for first, last in UNSEEN)}\x00]")
    rejected = re.compile(REJECTED)
    assert [c for c in map(chr, range(0x10000)) if bool(written.match(c)) != bool(rejected.match(c))] == []


def test_blanks_are_those_that_reading_takes_off() -> None:
    import polars as pl

    characters = [chr(code) for code in range(1, 0x10000) if not 0xD800 <= code < 0xE000]
    bare = pl.Series(characters).str.strip_chars().to_list()
    assert {c for c, left in zip(characters, bare, strict=True) if left == ""} == set(BLANK)


@pytest.mark.parametrize(
    "said",
    [
        "(1 + 2) * 3 - (4 - (5 - 6))", "10 - (3 - 2)", "100 // (7 // 2)", "((1 + 2))", "-(1 + 2) * 3", "(7 % 4) * 2", "7 % (4 * 2)", "2 * (7 // 2)",
        "(true OR false) AND false", "NOT (true AND false)", "(NOT true) OR true", "(1 = 2) = false", "1 = (2 = 2)", "(1 < 2) IS NULL",
        "CASE WHEN (1 = 1 AND (2 = 2 AND (3 = 3))) THEN (1 + 1) ELSE (CASE WHEN true THEN 5 ELSE NULL END) END", "('a' || ('b' || 'c'))",
        "CASE WHEN 1 = 2 THEN 1 ELSE (CASE WHEN 2 = 2 THEN 7 ELSE (CASE WHEN true THEN 8 END) END) END", "CASE WHEN true THEN NULL ELSE 1 END",
        "coalesce((NULL), (3))", "CAST((CAST(3 AS BIGINT)) AS HUGEINT)", "(true AND (1 = 2 OR 2 = 2)) AND true", "-(-1)", "1 - (-1)",
    ],
)  # fmt: skip
def test_tidying_keeps_every_value(said: str) -> None:
    query = sqlglot.parse_one(f"SELECT {said} AS x", read="duckdb")
    assert isinstance(query, exp.Select)
    assert duckdb.sql(plain(tidied(query)).sql("duckdb")).fetchall() == duckdb.sql(f"SELECT {said} AS x").fetchall()


@pytest.mark.parametrize(("a", "b"), [(7, 2), (-7, 2), (-8, 2), (0, 5), (-1, 10**30), (10**37, 3), (-(10**37), 7)])
def test_a_whole_quotient_is_rounded_down(a: int, b: int) -> None:
    query = exp.select(
        exp.func("custier_quotient", exp.cast(exp.Literal.string(str(a)), "hugeint"), exp.cast(exp.Literal.string(str(b)), "hugeint"))
    )
    assert duckdb.sql(in_dialect(query, "duckdb")).fetchall() == [(a // b,)]


@pytest.mark.parametrize("name", ["median", "frobnicate", "custier_frobnicate"])
def test_a_function_that_dialects_may_understand_differently_is_a_bug(name: str) -> None:
    with pytest.raises(Bug) as raised:
        in_dialect(exp.select(exp.func(name, exp.column("x"))), "snowflake")
    assert raised.value.problems[0].code == "CT9003"


def test_the_statement_goes_to_a_file_or_to_stdout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [
        "export",
        "sql",
        "--rubric",
        "annual-spend",
        "--dialect",
        "postgres",
        "--as-of",
        "2025-12-31",
        "--table",
        "transactions=shop.sales",
    ]
    assert run(words) == 0
    said = capsys.readouterr().out
    assert run([*words, "--output", str(tmp_path / "grades.sql")]) == 0
    assert (tmp_path / "grades.sql").read_text(encoding="utf-8") == said and "FROM shop.sales" in said
    assert capsys.readouterr().out == ""
