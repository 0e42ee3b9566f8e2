"""What a run says of odd rows and customers, what it tells of rejected ones, and the limits on those."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from custier.account import account_for
from custier.errors import Bug
from custier.explain import explain_customer
from custier.guard import check_rejected
from custier.pipeline import Request, classify_files
from custier.pipeline.suspected import LOOSE
from custier.pipeline.tell import LIKE_A_FORMULA
from custier.read.ids import bare, spelt
from custier.rubric.model import Guardrails
from custier.show.verdict import verdict
from custier.tally import ODD_ID
from custier.values import Account, Summary

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
FIRST, LATER = date(2025, 10, 31), date(2025, 11, 30)
HEADER = "customer,date,order,amount\n"
RUBRIC = "rubric: mine\ntiers: [{{name: A, when: spend >= 100}}, {{name: B}}]\n{}\n"


def classify(folder: Path, cells: str, said: str = "guardrails: {rejected_at_most: 50%}", engine: str = "polars") -> Summary:
    (folder / "sales.csv").write_text(HEADER + cells, encoding="utf-8")
    (folder / "mine.yaml").write_text(RUBRIC.format(said), encoding="utf-8")
    asked = (str(folder / "sales.csv"),), str(folder / "mine.yaml"), (), folder / "store", NOW.date(), NOW
    return classify_files(Request(*asked, as_of=date(2025, 12, 31), engine=engine))


def row(customer: str, n: int = 1, amount: str = "1.00", day: str = "2025-03-04") -> str:
    return f"{customer},{day},{n},{amount}\n"


def labels(summary: Summary) -> dict[str, dict[str, str]]:
    with (Path(str(summary.directory)) / "labels.csv").open(encoding="utf-8", newline="") as file:
        return {told["customer_id"]: told for told in csv.DictReader(file)}


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_a_customer_of_whom_a_row_was_rejected_is_told_in_labels_and_explanation(tmp_path: Path, engine: str) -> None:
    summary = classify(tmp_path, row("A") + row("B") + row("A", 2, "x") + row("A", 3, "y") + row("C", 4, "x") + row("D", 5), engine=engine)
    assert {name: told["partial_data"] for name, told in labels(summary).items()} == {"A": "true", "B": "false", "D": "false"}
    assert (
        summary.touched == 1
        and explain_customer(tmp_path / "store", "A").rejected_rows == 2
        and explain_customer(tmp_path / "store", "B").rejected_rows == 0
    )


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_a_few_ids_in_scientific_notation_are_warned_of_and_many_fail_the_run(tmp_path: Path, engine: str) -> None:
    few = classify(tmp_path, row("13800100017") * 99 + row("1.38001E+10"), "", engine=engine)
    told = "1 row of transactions is rejected for an id in scientific notation (CT3009): its last digits are lost; "
    assert few.warnings[0] == told + "export it again with that column as text" and few.status == "published"
    many = classify(tmp_path, row("13800100017") * 98 + row("1.38001E+10") * 2, "", engine=engine)
    assert (many.status, [r.code for r in many.rejected]) == ("failed", ["CT3009"]) and many.warnings[0].startswith("2 rows ")


def test_ids_that_differ_in_spelling_only_are_told(tmp_path: Path) -> None:
    said = [w for w in classify(tmp_path, "".join(map(row, ["A1", "a1", "Ａ１", "7", "007", "B"]))).warnings if "CT3036" in w]
    assert said == [
        "3 customer ids differ from another only in case, width or leading zeros (CT3036): `ids` in the rubric would make them one"
    ]


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize("marked", ['"=""004917"""', '="004917"', "'004917", "4917.0", "004917.00", "'４917"])
def test_ids_that_differ_in_what_a_spreadsheet_adds_are_told_apart_from_other_spellings(tmp_path: Path, marked: str, engine: str) -> None:
    said = [
        w for w in classify(tmp_path, "".join(map(row, ["004917", marked, "b", "B", "7.5", "'"])), engine=engine).warnings if "CT3036" in w
    ]
    assert said == [
        "1 customer id differs from another only in case, width or leading zeros (CT3036): `ids` in the rubric would make them one",
        '1 customer id differs from another only in what a spreadsheet adds, as ="7", \'7 or 7.0 (CT3036): export that column again as text',
    ]


def test_ids_that_earlier_runs_know_in_another_spelling_are_told_with_what_keeps_their_history(tmp_path: Path) -> None:
    def run(ids: str, said: str, as_of: date, *merges: tuple[str, str]) -> Summary:
        (tmp_path / "sales.csv").write_text(HEADER + "".join(map(row, ids.split())), encoding="utf-8")
        (tmp_path / "mine.yaml").write_text(RUBRIC.format(said), encoding="utf-8")
        asked = (str(tmp_path / "sales.csv"),), str(tmp_path / "mine.yaml"), merges, tmp_path / "store", NOW.date(), NOW
        return classify_files(Request(*asked, as_of=as_of, dry_run=as_of > FIRST))

    def said_of_spelling(summary: Summary) -> list[str]:
        return [warning for warning in summary.warnings if "CT3036" in warning]

    assert not said_of_spelling(run("007 008", "", FIRST))
    lost = said_of_spelling(run("7 8", "", LATER))
    assert len(lost) == 1 and lost[0].startswith("2 customer ids differ ") and "(CT3036): correct the export, or write `ids`" in lost[0]
    renamed = run("7 8", "sources: {transactions: {ids: {zeros: ignore}}}", LATER)
    assert renamed.customers == 4 and said_of_spelling(renamed) == [
        "2 customer ids are of earlier runs, and `ids` spells them otherwise now (CT3036): "
        "a table of merges, old id to new, keeps their history; --previous none starts without"
    ]
    (tmp_path / "merges.csv").write_text("old id,new id\n007,7\n008,8\n")
    with_merges = "sources: {transactions: {ids: {zeros: ignore}}, merges: {optional: true}}\nmerge: {source: merges}"
    kept = run("7 8", with_merges, LATER, ("merges", str(tmp_path / "merges.csv")))
    assert kept.customers == 2 and not said_of_spelling(kept) and kept.changes["same"] == 2


@example(["-A1", "-a1"])
@given(st.lists(st.text("0aAZ9_-=+@＋Ａé .\"'", min_size=1)))
def test_only_odd_ids_are_looked_at_again_for_formulas_and_other_spellings(ids: list[str]) -> None:
    text = pl.col("id")
    plain = pl.DataFrame({"id": ids}, schema={"id": pl.String}).unique().filter(~text.str.contains(ODD_ID))
    assert not plain["id"].str.contains(LIKE_A_FORMULA).any()
    assert plain.select(spelt(bare(text), LOOSE).n_unique()).item() == len(plain)


def test_one_customer_with_very_many_rows_is_told(tmp_path: Path) -> None:
    others = "".join(row(f"C{n}", n) for n in range(30))
    usual = classify(tmp_path, others + "".join(row("X9", 100 + n) for n in range(20)))
    assert not any("CT3037" in warning for warning in usual.warnings)
    odd = classify(tmp_path, others + "".join(row("X9", 100 + n) for n in range(21)))
    assert [w.partition(" (")[0] for w in odd.warnings if "CT3037" in w] == [
        "one customer has more than 5% of the rows, 21 times as many as the next"
    ]


def test_an_order_of_several_customers_is_told(tmp_path: Path) -> None:
    cells = row("A", 1) + row("A", 1, "2") + row("B", 1) + row("C", 2) + row("C", 3) + row("D", 3)
    said = [warning for warning in classify(tmp_path, cells).warnings if "CT3040" in warning]
    assert said == ["2 order numbers belong to several customers, and each counts as one order of each (CT3040)"]


def test_refunds_of_what_was_never_bought_are_told_and_graded(tmp_path: Path) -> None:
    cells = (
        row("A", 1, "10") + row("A", 2, "-20") + row("B", 3, "-5", "2025-01-01") + row("B", 4, "500") + row("C", 5, "-1") + row("D", 6, "0")
    )
    summary = classify(tmp_path, cells)
    assert [code for w in summary.warnings for code in ("CT3038", "CT3039") if f"({code})" in w] == ["CT3038", "CT3039"]
    assert summary.warnings[-2].startswith("2 customers gave back") and summary.warnings[-1].startswith("2 customers have a refund")
    assert summary.accounts[0].noted == {"refunds": 3, "zero_amounts": 1}
    assert {name: told["tier"] for name, told in labels(summary).items()} == {"A": "B", "B": "A", "C": "B", "D": "B"}


@pytest.mark.parametrize(
    ("said", "rejected", "read", "held"),
    [
        ("0.1%", 9, 10_000, False),
        ("0.1%", 10, 10_000, False),
        ("0.1%", 11, 10_000, True),
        ("1000 rows", 1000, 10**9, False),
        ("1000 rows", 1001, 10**9, True),
        (["0.1%", "1000 rows"], 1001, 10**9, True),
        (["0.1%", "1000 rows"], 11, 10_000, True),
        ("off", 9, 10, False),
    ],
)
def test_rejected_rows_at_and_above_the_limit(said: str | list[str], rejected: int, read: int, held: bool) -> None:
    account = Account("transactions", read, rejected, 0, 0, 0, read - rejected)
    (guard,) = check_rejected([account], Guardrails.model_validate({"rejected_at_most": said}))
    assert (guard.held, guard.count, guard.of) == (held, rejected, read)


@pytest.mark.parametrize(
    ("said", "rejected", "held"),
    [
        ({}, 500, False),
        ({}, 501, True),
        ({"rejected_at_most": "10%"}, 1000, False),
        ({"rejected_at_most": "10%"}, 1001, True),
        ({"rejected_amount_at_most": "0.1%"}, 11, True),
        ({"rejected_amount_at_most": "off"}, 9_999, False),
        ({"rejected_at_most": "off"}, 9_999, False),
        ({"rejected_at_most": "10 rows"}, 501, True),
    ],
)
def test_rejected_amounts_at_and_above_the_limit(said: dict[str, str], rejected: int, held: bool) -> None:
    account = Account("transactions", 10**6, 1, 0, 0, 0, 10**6 - 1, size_read=10_000, size_rejected=rejected)
    guards = check_rejected([account], Guardrails.model_validate(said))
    assert [(g.name, g.held) for g in guards[1:]] == [("rejected_amount_at_most of transactions", held)]


def test_few_rejected_rows_with_much_money_fail_the_run(tmp_path: Path) -> None:
    cells = "".join(row(f"C{n}", n) for n in range(1, 300)) + row("B", 0, "-100000.00", "2062-01-01")
    summary = classify(tmp_path, cells, "")
    found = verdict(summary)
    assert summary.exit_code == 1 and found is not None and [p.code for p in found.problems] == ["CT4103"]
    assert (summary.accounts[0].size_rejected, summary.accounts[0].size_read) == (10_000_000, 10_029_900)


def test_rows_without_a_customer_fail_a_run_with_the_key_that_cures_it(tmp_path: Path) -> None:
    cells = "".join(row(name, n) for n, name in enumerate(["A", "B", "NULL", "散客", "0"], 1))
    found = verdict(classify(tmp_path, cells, ""))
    assert found is not None and found.problems[0].code == "CT4101"
    key = "sources: {transactions: {no_customer: exclude}}"
    assert key in found.problems[0].help
    cured = classify(tmp_path, cells, key)
    assert cured.exit_code == 0 and cured.accounts[0].excluded_for == {"no_customer": 3} and set(labels(cured)) == {"A", "B"}
    kept = json.loads((Path(str(cured.directory)) / "summary.json").read_text(encoding="utf-8"))
    assert kept["accounts"][0]["excluded_for"] == {"no_customer": 3}


def test_many_blank_customers_are_to_be_filled_in_never_to_be_left_out(tmp_path: Path) -> None:
    found = verdict(classify(tmp_path, "".join(row(name, n) for n, name in enumerate(["A", "", "B", ""], 1)), ""))
    assert found is not None and "CT3002 (`customer`) 2 times" in str(found.problems[0].where)
    for problem in found.problems:
        assert "fill the blank customers down" in problem.help and "exclude" not in problem.help


def test_few_blank_customers_may_be_left_out(tmp_path: Path) -> None:
    cells = "".join(row(f"C{n % 9}" if n % 30 else "", n % 20 + 1) for n in range(1, 91))
    found = verdict(classify(tmp_path, cells, ""))
    assert found is not None and "no_customer: exclude" in found.problems[0].help


def test_too_many_rejected_rows_are_told_by_code_with_the_first_place_of_each(tmp_path: Path) -> None:
    found = verdict(classify(tmp_path, row("A") + row("B", 2, "x") + row("C", 3, "y") + row("D", 4, "1.234"), ""))
    assert found is not None
    where = found.problems[0].where
    assert (
        "3 of 4" in where
        and "CT3102 (`amount`) 2 times, first at sales.csv:3" in where
        and "CT3104 (`amount`) once, at sales.csv:5" in where
    )


def test_money_that_is_nowhere_is_a_bug_and_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = account_for.__globals__["_by_place"]

    def losing(*asked: object) -> dict[str, list[tuple[int, int]]]:
        places = real(*asked)
        return places | {"used": [(rows, money - 1) for rows, money in places["used"]]}

    monkeypatch.setitem(account_for.__globals__, "_by_place", losing)
    with pytest.raises(Bug, match="CT9001"):
        classify(tmp_path, row("A"))
    assert not [found for name in ("labels.*", "CURRENT") for found in (tmp_path / "store").rglob(name)]


def test_a_month_that_ends_early_is_told_where_the_last_run_was_of_a_whole_one(tmp_path: Path) -> None:
    def said(folder: Path, days: list[str]) -> list[list[str]]:
        folder.mkdir()
        (folder / "mine.yaml").write_text(RUBRIC.format(""), encoding="utf-8")
        told = []
        for n, day in enumerate(days, 1):
            (folder / f"{n}.csv").write_text(HEADER + row("A", n, day=day), encoding="utf-8")
            files = tuple(str(folder / f"{m}.csv") for m in range(1, n + 1))
            told.append(classify_files(Request(files, str(folder / "mine.yaml"), (), folder / "store", NOW.date(), NOW)).warnings)
        return [[warning for warning in warnings if "graded up to" in warning] for warnings in told]

    assert said(tmp_path / "cut", ["2025-08-31", "2025-09-16"]) == [
        [],
        ["graded up to 2025-09-16, the newest row; the last run was up to the end of a month, as --as-of 2025-09-30"],
    ]
    assert said(tmp_path / "whole", ["2025-08-31", "2025-09-30"]) == [[], []]
    assert said(tmp_path / "any", ["2025-08-30", "2025-09-16"]) == [[], []]


@pytest.mark.parametrize(
    ("second", "told"),
    [
        ([row("B", 8, "2.50", "2025/3/5"), row("A", 9, "1", "2025/3/4")], True),
        ([row("B", 8, "2.50", "2025/3/5"), row("A", 9, "1.01", "2025/3/4")], False),
        ([row("B", 8, "2.50", "2025/3/5"), row("B", 9, "1", "2025/3/4")], False),
        ([row("B", 8, "2.50", "2025/3/5"), row("A", 9, "1", "2025/3/6")], False),
        ([row("B", 8, "2.50", "2025/3/5"), row("A", 9, "1", "2025/3/4"), row("C", 7, "x")], True),
        ([row("A", 9, "1", "2025/3/4")], False),
    ],
)
def test_a_file_that_holds_the_rows_of_another_in_other_words_is_told(tmp_path: Path, second: list[str], told: bool) -> None:
    (tmp_path / "again.csv").write_text(HEADER + "".join(second), encoding="utf-8")
    (tmp_path / "sales.csv").write_text(HEADER + row("A") + row("B", 2, "2.50", "2025-03-05"), encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(RUBRIC.format("guardrails: {rejected_at_most: 50%}"), encoding="utf-8")
    files = (str(tmp_path / "again.csv"), str(tmp_path / "sales.csv"))
    asked = Request(files, str(tmp_path / "mine.yaml"), (), tmp_path / "store", NOW.date(), NOW, as_of=date(2025, 12, 31))
    said = [warning for warning in classify_files(asked).warnings if "CT3042" in warning]
    expected = "sales.csv holds the same customers, days and amounts as again.csv, and all its rows count (CT3042): give one of them"
    assert said == ([expected] if told else [])
