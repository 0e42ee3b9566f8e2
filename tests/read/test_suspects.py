"""Rows that are whole and yet suspicious: each has a default, a key of the source, and a count."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl
import pytest

from custier.account import account_for
from custier.pipeline.gather import Gathered, gather
from custier.pipeline.one_source import Reading
from custier.pipeline.request import ALL_ROWS
from custier.rubric.model import Rubric
from custier.rubric.suspects import Ids, NoCustomer
from custier.values import Account

TODAY = datetime(2026, 1, 31, tzinfo=UTC).date()
HEADER = "customer,date,order,amount,remark\n"


def read(folder: Path, *files: str, most_rows_kept: int = ALL_ROWS, header: str = HEADER, **said: Any) -> tuple[Gathered, Account]:
    paths = [folder / f"{n}.csv" for n in range(len(files))]
    for path, rows in zip(paths, files, strict=True):
        path.write_text(header + rows, encoding="utf-8")
    rubric = Rubric.model_validate({"rubric": "test", "tiers": [{"name": "C"}], "sources": {"transactions": said}})
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    gathered = gather({"transactions": paths}, Reading(rubric, TODAY, scratch, 2**30, most_rows_kept))
    return gathered, account_for(gathered.counted["transactions"], rubric, gathered.plan, date(2025, 12, 31))


def ids(gathered: Gathered) -> list[str]:
    return sorted(nw.to_native(gathered.buckets[0]["transactions"].collect())["customer_id"].to_list())


def told(gathered: Gathered) -> list[tuple[str, int, str, str | None]]:
    return gathered.rejected.select("file", "line", "code", "raw").rows()


def rows(*customers: str) -> str:
    return "".join(f'"{customer}",2025-03-0{n % 9 + 1},{n},1.50,\n' for n, customer in enumerate(customers))


NOBODY = [
    "0",
    "00",
    "-",
    "NULL",
    "None",
    "n/a",
    " nan ",
    "#N/A",
    "ANONYMOUS",
    "Guest",
    "ＮＵＬＬ",
    "０",
    "匿名",
    "散客",
    "　未知　",
    "无",
    "\\N",
    "—",
    "<null>",
    "#REF!",
]
SOMEBODY = ["test", "10", "A0", "NULLA", "nan1", "0x", "小无", "无名氏", "NA1", "N", "null!"]


@pytest.mark.parametrize("most_rows_kept", [ALL_ROWS, 0])
def test_ids_that_stand_for_nobody_are_rejected(tmp_path: Path, most_rows_kept: int) -> None:
    gathered, account = read(tmp_path, rows(*NOBODY, *SOMEBODY), most_rows_kept=most_rows_kept)
    assert ids(gathered) == sorted(SOMEBODY) and (account.rejected, account.used) == (len(NOBODY), len(SOMEBODY))
    assert {code for _, _, code, _ in told(gathered)} == {"CT3031"} and told(gathered)[0] == ("0.csv", 2, "CT3031", "0")


def test_zeros_among_ids_held_as_numbers_are_nobody_too(tmp_path: Path) -> None:
    gathered, _ = read(tmp_path, rows("00001", "00000", "00002"), most_rows_kept=0)
    assert gathered.ids is not None and gathered.counted["transactions"].read == 3
    assert [line for _, line, _, _ in told(gathered)] == [3]


def test_rows_of_nobody_may_be_left_out_and_counted_with_those_without_an_id(tmp_path: Path) -> None:
    gathered, account = read(tmp_path, rows("A", "散客", "", "  ", "0"), no_customer="exclude")
    assert ids(gathered) == ["A"] and not told(gathered)
    assert (account.read, account.used, account.excluded, account.excluded_for) == (5, 1, 4, {"no_customer": 4})


def test_ids_may_be_added_to_those_of_nobody_and_taken_away(tmp_path: Path) -> None:
    said = {"ids": [9999, "现金"], "allow": ["Guest"], "rows": "exclude"}
    gathered, account = read(tmp_path, rows("9999", "９９９９", "现金", "GUEST", "0"), no_customer=said)
    assert ids(gathered) == ["GUEST"] and account.excluded_for == {"no_customer": 4}
    assert NoCustomer.model_validate(["x"]).ids == ["x"]


def test_a_blank_id_is_told_as_blank(tmp_path: Path) -> None:
    gathered, _ = read(tmp_path, rows("A", ""))
    assert [code for _, _, code, _ in told(gathered)] == ["CT3002"]


def test_a_row_is_excluded_for_one_reason_and_the_reasons_add_up(tmp_path: Path) -> None:
    cells = "A,2025-01-01,1,1,a\n0,2025-01-01,1,0,a\n0,2031-01-01,1,0,x\nB,2031-01-01,1,0,a\nB,2025-01-01,2,0,a\nB,2025-01-01,3,-1,a\n"
    keys = {"no_customer": "exclude", "future": "exclude", "zero_amounts": "exclude", "refunds": "exclude", "where": "remark <> 'x'"}
    gathered, account = read(tmp_path, cells, **keys)
    assert account.excluded_for == {"no_customer": 1, "future": 1, "refunds": 1, "zero_amounts": 1, "where": 1}
    assert (account.read, account.used, account.rejected, account.excluded) == (6, 1, 0, 5) and not told(gathered)


def test_rows_in_the_future_are_rejected_unless_the_source_leaves_them_out(tmp_path: Path) -> None:
    gathered, _ = read(tmp_path, "A,2025-01-01,1,1,\nB,2031-01-01,1,1,\n")
    assert told(gathered) == [("0.csv", 3, "CT3203", "2031-01-01")]


@pytest.mark.parametrize(("key", "amount", "code"), [("refunds", "-0.01", "CT3034"), ("zero_amounts", "0.00", "CT3035")])
def test_refunds_and_amounts_of_zero_count_unless_the_source_says_otherwise(tmp_path: Path, key: str, amount: str, code: str) -> None:
    cells = f"A,2025-01-01,1,1,\nA,2025-01-02,2,{amount},\n"
    gathered, account = read(tmp_path, cells)
    assert account.noted == {key: 1} and account.used == 2
    gathered, account = read(tmp_path, cells, **{key: "reject"})
    assert told(gathered) == [("0.csv", 3, code, amount)] and account.used == 1 and not account.noted


TWICE = "A,2025-01-01,1,1,x\nA,2025-01-01,1,1,y\nB,2025-01-01,2,2,\nA,2025-01-01,1,1,x\n"


def test_rows_alike_in_every_column_count_and_are_counted(tmp_path: Path) -> None:
    gathered, account = read(tmp_path, TWICE, "B,2025-01-01,2,2,\n")
    assert account.noted == {"duplicates": 2, "same_order": 2} and account.used == 5 and gathered.rejected.is_empty()


@pytest.mark.parametrize("most_rows_kept", [ALL_ROWS, 0])
@pytest.mark.parametrize("oddity", ["", 'B,2025-01-01,2,2,"a\nb"\nshort,row\n'])
def test_all_but_the_first_of_rows_alike_are_dropped_or_rejected(tmp_path: Path, most_rows_kept: int, oddity: str) -> None:
    gathered, account = read(tmp_path, TWICE, "B,2025-01-01,2,2,\n" + oddity, duplicates="drop", most_rows_kept=most_rows_kept)
    assert account.excluded_for == {"duplicates": 2} and account.used == 3 + bool(oddity)
    gathered, account = read(tmp_path, TWICE, "B,2025-01-01,2,2,\n" + oddity, duplicates="reject", most_rows_kept=most_rows_kept)
    found = [cell for cell in told(gathered) if cell[2] != "CT3001"]
    assert found == [("0.csv", 5, "CT3032", None), ("1.csv", 2, "CT3032", None)] and account.used == 3 + bool(oddity)


def test_columns_in_another_order_make_the_same_row_and_another_column_does_not(tmp_path: Path) -> None:
    first = "A,2025-01-01,1,1,\n"
    read(tmp_path, first, duplicates="drop")
    (tmp_path / "b.csv").write_text("amount,Date,order,customer,remark\n1,2025-01-01,1,A,\n")
    (tmp_path / "c.csv").write_text("customer,date,order,amount,note\nA,2025-01-01,1,1,\n")
    rubric = Rubric.model_validate({"rubric": "t", "tiers": [{"name": "C"}], "sources": {"transactions": {"duplicates": "drop"}}})
    paths = [tmp_path / name for name in ("0.csv", "b.csv", "c.csv")]
    gathered = gather({"transactions": paths}, Reading(rubric, TODAY, tmp_path, 2**30, 0))
    assert ids(gathered) == ["A", "A"]


JANUARY = "A,2025-01-30,1,10,\nB,2025-01-31,2,20,\nB,2025-01-31,2,5,\n"
FEBRUARY = "B,2025-01-31,2,25,corrected\nC,2025-02-01,3,1,\nC,2025-02-01,,1,\nC,2025-02-02,,1,\n"


def test_orders_in_several_files_count_and_are_counted(tmp_path: Path) -> None:
    _, account = read(tmp_path, JANUARY, FEBRUARY)
    assert account.noted == {"same_order": 3} and account.money_used == 6300


@pytest.mark.parametrize("most_rows_kept", [ALL_ROWS, 0])
def test_of_orders_in_several_files_the_last_one_may_count_or_none(tmp_path: Path, most_rows_kept: int) -> None:
    gathered, account = read(tmp_path, JANUARY, FEBRUARY, same_order="last_file", most_rows_kept=most_rows_kept)
    assert account.excluded_for == {"same_order": 2} and account.money_used == 1000 + 2500 + 300
    gathered, account = read(tmp_path, JANUARY, FEBRUARY, same_order="reject", most_rows_kept=most_rows_kept)
    assert [cell for cell in told(gathered) if cell[2] == "CT3033"] == [
        ("0.csv", 3, "CT3033", "2"),
        ("0.csv", 4, "CT3033", "2"),
        ("1.csv", 2, "CT3033", "2"),
    ]


SOLD, GIVEN_BACK = "A,2025-01-01,1,300,\n", "A,2025-02-03,1,-5,\n"


@pytest.mark.parametrize("most_rows_kept", [ALL_ROWS, 0])
def test_a_refund_of_an_earlier_order_does_not_stand_for_it(tmp_path: Path, most_rows_kept: int) -> None:
    _, account = read(tmp_path, SOLD, GIVEN_BACK, same_order="last_file", most_rows_kept=most_rows_kept)
    assert not account.excluded_for and account.money_used == 29_500
    _, account = read(tmp_path, SOLD, GIVEN_BACK, most_rows_kept=most_rows_kept)
    assert "same_order" not in account.noted
    corrected, cancelled = "A,2025-01-01,1,30,\n" + GIVEN_BACK, "A,2025-01-01,1,0,\n"
    for again, left in ((corrected, 2_500), (cancelled, 0)):
        _, account = read(tmp_path, SOLD, again, same_order="last_file", most_rows_kept=most_rows_kept)
        assert account.excluded_for == {"same_order": 1} and account.money_used == left
    _, account = read(tmp_path, GIVEN_BACK, GIVEN_BACK, same_order="last_file", most_rows_kept=most_rows_kept)
    assert account.excluded_for == {"same_order": 1} and account.money_used == -500


@pytest.mark.parametrize("most_rows_kept", [ALL_ROWS, 0])
@pytest.mark.parametrize("duplicates", ["drop", "reject", "keep"])
@pytest.mark.parametrize("key", ["same_order", "overlaps"])
def test_of_two_copies_one_counts_whatever_leaves_out_the_other(tmp_path: Path, most_rows_kept: int, duplicates: str, key: str) -> None:
    first, february = month(1, 1, 31), month(2, 1, 28)
    second = "".join([*first.splitlines(keepends=True)[-3:], february, *february.splitlines(keepends=True)[-1:]])
    said = {"duplicates": duplicates, key: "last_file"}
    _, account = read(tmp_path, first, second, most_rows_kept=most_rows_kept, **said)
    twice = 1 if duplicates != "keep" else 0
    assert account.excluded_for.get(key) == 3 and account.read == 63 and account.used == 60 - twice
    assert (
        account.rejected == (twice if duplicates == "reject" else 0)
        and account.excluded_for.get("duplicates", 0) == twice - account.rejected
    )
    assert account.noted.get("duplicates", 0) == (1 if duplicates == "keep" else 0)


def month(n: int, first: int, days: int) -> str:
    start = date(2025, n, first)
    return "".join(f"A,{start + timedelta(d)},{n}{d:02},1,\n" for d in range(days))


def test_days_that_a_later_file_holds_too_count_and_are_counted(tmp_path: Path) -> None:
    _, account = read(tmp_path, month(1, 1, 33), month(2, 1, 28))
    assert account.noted == {"overlaps": 2} and account.used == 61


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("most_rows_kept", [ALL_ROWS, 0])
def test_of_days_in_two_files_the_last_one_may_count_or_none(tmp_path: Path, most_rows_kept: int, turned: bool) -> None:
    months = [month(1, 1, 33), month(2, 1, 28)]
    files = months[::-1] if turned else months
    _, account = read(tmp_path, *files, overlaps="last_file", most_rows_kept=most_rows_kept)
    assert account.excluded_for == {"overlaps": 2} and account.used == 59
    gathered, account = read(tmp_path, *files, overlaps="reject", most_rows_kept=most_rows_kept)
    days = [2, 3] if turned else [33, 34]
    assert [cell[:3] for cell in told(gathered)] == [("0.csv", line, "CT3041") for line in days] and account.used == 59


@pytest.mark.parametrize(
    "second",
    [month(1, 2, 31), month(1, 1, 31), month(1, 10, 5), month(2, 1, 28)],
    ids=["another shop", "the same days", "a week of it", "the month after"],
)
def test_files_of_the_same_time_or_of_none_in_common_do_not_overlap(tmp_path: Path, second: str) -> None:
    _, account = read(tmp_path, month(1, 1, 31), second.replace("A,", "B,"))
    assert "overlaps" not in account.noted


SPELLINGS = ["café", "cafe\u0301", "A1", "a1", "A1 ", "Ａ１", "007", "7", "000"]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({}, {"café", "cafe\u0301", "A1", "a1", "Ａ１", "007", "7", "000-"}),
        ({"width": "ignore"}, {"café", "A1", "a1", "007", "7", "000-"}),
        ({"case": "ignore"}, {"café", "cafe\u0301", "a1", "ａ１", "007", "7", "000-"}),
        ({"zeros": "ignore"}, {"café", "cafe\u0301", "A1", "a1", "Ａ１", "7", "000-"}),
        ({"case": "ignore", "width": "ignore", "zeros": "ignore"}, {"café", "a1", "7", "000-"}),
    ],
)
def test_spellings_of_an_id_are_one_customer_exactly_as_the_source_says(tmp_path: Path, said: dict[str, str], found: set[str]) -> None:
    gathered, _ = read(tmp_path, rows(*SPELLINGS[:-1], "000-"), ids=said)
    assert set(ids(gathered)) == found and Ids.model_validate(said).is_exact == (not said)


@pytest.mark.parametrize("buckets", [1, 3])
def test_spellings_are_one_whatever_the_ids_are_held_as(tmp_path: Path, buckets: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("custier.pipeline.gather"), "bucket_count", lambda tables, memory: buckets)
    gathered, _ = read(tmp_path, rows("C0001", "c0001", "C0002"), ids={"case": "ignore"}, most_rows_kept=0)
    assert gathered.ids is not None and gathered.ids.begin + "0" * 0 == gathered.ids.begin.lower()
    found = pl.concat([nw.to_native(tables["transactions"].collect()) for tables in gathered.buckets])
    assert found["customer_id"].n_unique() == 2


def test_every_rejected_row_is_told_whole(tmp_path: Path) -> None:
    cells = 'A,2025-01-01,1,x,"a ""b"", c"\nA,2025-13-01,2,y,\nshort,row\n,2025-01-01,4,1,备注\n'
    gathered, _ = read(tmp_path, cells + rows("B"))
    whole = gathered.rejected.select("line", "code", "row").rows()
    first, second = '{"customer":"A","date":"2025-01-01","order":"1","amount":"x","remark":"a \\"b\\", c"}', whole[1][2]
    assert whole[0] == (2, "CT3102", first) and [line for line, _, _ in whole] == [2, 3, 3, 4, 5]
    assert whole[1][2] == whole[2][2] and json.loads(second)["amount"] == "y"
    assert whole[3] == (4, "CT3001", "short,row") and json.loads(whole[4][2])["remark"] == "备注"


def test_a_row_of_a_parquet_file_is_told_whole_too(tmp_path: Path) -> None:
    frame = pl.DataFrame({"customer": ["A", None], "date": [date(2025, 1, 1)] * 2, "amount": [1.5, 2.0], "备注": ["x", "y"]})
    frame.write_parquet(tmp_path / "a.parquet")
    rubric = Rubric.model_validate({"rubric": "t", "tiers": [{"name": "C"}]})
    gathered = gather({"transactions": [tmp_path / "a.parquet"]}, Reading(rubric, TODAY, tmp_path, 2**30, 0))
    (told,) = gathered.rejected["row"].to_list()
    assert (json.loads(told)["customer"], json.loads(told)["date"], json.loads(told)["备注"]) == (None, "2025-01-01", "y")


def test_customers_of_whom_a_row_was_rejected_are_known_and_nobody_else(tmp_path: Path) -> None:
    cells = "A,2025-01-01,1,x,\nA,2025-01-02,1,y,\nB,2025-01-01,2,1,\n,2025-01-01,3,1,\n0,2025-01-01,3,1,\nC,bad,4,1,\nD,short\n"
    gathered, _ = read(tmp_path, cells)
    assert gathered.touched.rows() == [("A", 2), ("C", 1)]
