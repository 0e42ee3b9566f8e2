"""What cannot be said in SQL, or was not said on the command line, is refused with a code and a cure."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pytest

from custier.cli import run
from custier.errors import CustierError
from custier.export import Asked, export_sql
from custier.rubric.load import parse_rubric

TIERS = "tiers: [{name: A, when: spend > 5}, {name: B}]\n"
GIVEN = ["--rubric", "annual-spend", "--dialect", "duckdb", "--as-of", "2025-12-31"]


def refusal(text: str, tables: dict[str, str] | None = None, without: tuple[str, ...] = ()) -> tuple[str, int, str]:
    rubric = parse_rubric(f"rubric: r\n{text}{TIERS}".encode(), "r.yaml")
    with pytest.raises(CustierError) as raised:
        export_sql(rubric, Asked("duckdb", date(2025, 12, 31), tables or {}, without))
    problem = raised.value.problems[0]
    assert problem.help
    return problem.code, raised.value.exit_code, problem.what


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sources: {transactions: {date: {column: d, format: '%d/%m/%Y'}}}\n", "read by a format"),
        ("sources: {transactions: {date: {column: d, timezone: UTC}}}\n", "read by a timezone"),
        ("sources: {transactions: {customer: {columns: [a, b]}}}\n", "joins columns"),
        ("sources: {transactions: {numbers: {thousands: ','}}}\n", "`numbers` says how texts are read"),
        ("sources: {transactions: {amount: {column: a, missing: NULL}}}\n", "`missing` says how texts are read"),
        (
            "score: {average_order: {weight: 100, missing: fail, bands: [{above: 1, points: 1}, {otherwise: 0}]}}\n",
            "a statement cannot fail",
        ),
        ("sources: {transactions: {where: size > 5 and size <> 'XL'}}\n", "`size` is read as"),
        ("sources: {transactions: {order: {column: no}, where: no > 5}}\n", "`no` is read as number"),
        ("sources: {transactions: {amount: {formula: price / quantity}}}\n", "divides row by row"),
        ("sources: {transactions: {where: size > colour and colour = 'red'}}\n", "`colour` is read as"),
        (
            "sources: {transactions: {product: {column: category}, category: {column: kind}, where: category = 'x'}}\n",
            "a column of its own, and the header of another",
        ),
    ],
)
def test_what_only_reading_files_can_do(text: str, said: str) -> None:
    code, exit_code, what = refusal(text)
    assert (code, exit_code) == ("CT1910", 2) and said in what, what


def test_a_table_of_no_source_and_a_column_that_is_needed() -> None:
    assert refusal("", {"transactionz": "x"})[:2] == ("CT1902", 2)
    assert refusal("", without=("transactions.amount",))[:2] == ("CT1900", 2)
    assert refusal("", without=("transactions.ordr",))[:2] == ("CT1900", 2)
    assert refusal("", {"transactions": '"x'})[:2] == ("CT1900", 2)


def test_without_duckdb_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    assert refusal("")[:2] == ("CT1911", 2)


@pytest.mark.parametrize(
    ("words", "where"),
    [
        (GIVEN[2:], "--rubric"),
        (GIVEN[:2] + GIVEN[4:], "--dialect"),
        (GIVEN[:4], "--as-of"),
        ([*GIVEN[:5], "CURRENT_DATE"], "--as-of"),
        ([*GIVEN, "--dialect", "oracle"], "--dialect"),
        ([*GIVEN, "--table", "sales"], "--table"),
        ([*GIVEN, "--table", "transactions=a", "--table", "transactions=b"], "--table"),
    ],
)
def test_a_command_line_that_lacks_a_word_or_has_a_wrong_one(words: list[str], where: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["export", "sql", *words]) == 2
    said = capsys.readouterr()
    assert said.out == "" and f"--> {where}" in said.err and "CT1900" in said.err


def test_nothing_half_written_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["export", "sql", *GIVEN, "--output", str(tmp_path / "none" / "grades.sql")]) == 6
    assert list(tmp_path.iterdir()) == [] and "CT" in capsys.readouterr().err


def test_help_of_the_group_names_sql(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["export"]) == 0
    assert "sql" in capsys.readouterr().out


def test_cuts_that_only_a_store_has() -> None:
    rubric = parse_rubric(b"rubric: r\ncuts: {from: 2025-06-30}\ntiers: [{name: A, top: 5%, by: spend}, {name: B}]\n", "r.yaml")
    with pytest.raises(CustierError, match="the run 2025-06-30, which no warehouse has"):
        export_sql(rubric, Asked("duckdb", date(2025, 12, 31), {}, ()))
