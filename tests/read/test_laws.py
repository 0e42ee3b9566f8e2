"""Whatever an export holds: no line is lost, and how it is cut into files does not matter."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from custier.read import find_files
from custier.read.dialect import Dialect
from custier.read.records import BATCH_LINES, MOST_JOINED_LINES, read_records

HEADER = "customer,date,amount"
WANTED = {"customer": True, "date": True, "amount": True}
LAW = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters='"\r\n'), max_size=6)
ROW = st.tuples(CELL, st.sampled_from(["2025-01-31", "2025-02-30", "", "x"]), st.sampled_from(["1", "1.005", "-2.50", "", "nan", "1,5"]))
LINE = st.one_of(ROW.map(",".join), CELL, st.sampled_from(["", HEADER, "A1,2025-01-31,1", "A1,2025-01-31,1,2"]))


def read(outcome_of: Any, texts: list[str], directory: Path) -> Any:
    (directory / "scratch").mkdir(exist_ok=True)
    for old in directory.glob("*.csv"):
        old.unlink()
    for number, text in enumerate(texts):
        (directory / f"{number}.csv").write_bytes(text.encode())
    return outcome_of(find_files([str(directory)]), directory / "scratch", "transactions", {}, WANTED, 2)


def rows(found: Any) -> list[tuple[str, date, int]]:
    return sorted(found.good.select("customer_id", "date", "amount").rows())


@LAW
@given(lines=st.lists(LINE, min_size=1, max_size=12), end=st.sampled_from(["\n", "\r\n"]))
def test_every_line_of_a_text_is_a_good_row_a_rejected_row_or_blank(outcome_of: Any, tmp_path: Path, lines: list[str], end: str):
    text = end.join([HEADER, "A0,2025-01-31,1", "A0,2025-01-30,1", "A0,2025-01-29,1", *["A0,2025-01-28,1"] * len(lines), *lines, ""])
    found = read(outcome_of, [text], tmp_path)
    filled = {n for n, line in enumerate(text.split("\n"), 1) if n > 1 and line.strip(" \r")}
    told = [*found.good["line"], *found.cells["line"].unique()]
    assert sorted(told) == sorted(filled) and found.table.read == len(filled)


@LAW
@given(
    records=st.lists(st.tuples(st.text(st.sampled_from('a,"\n '), max_size=5), st.text(st.sampled_from('b"\n'), max_size=5)), max_size=8)
)
def test_what_a_csv_writer_writes_is_read_back_or_handed_back_whole(records: list[tuple[str, str]]):
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(records)
    lines = written.getvalue().split("\n")[:-1]
    batches = list(read_records(enumerate(lines, 2), Dialect(",", ("a", "b"), 1)))
    found = [tuple(r) for b in batches for r in b.records]
    malformed = [m.line for b in batches for m in b.malformed]
    assert found == [r for r in records if "".join(r).strip(" ") or len(r) > 1] or malformed


@LAW
@given(lines=st.lists(st.text(st.sampled_from('a,"'), max_size=7), max_size=20))
def test_with_stray_quotes_every_line_is_in_a_record_or_handed_back(lines: list[str]):
    batches = list(read_records(enumerate(lines, 2), Dialect(",", ("a", "b"), 1)))
    starts = sorted([n for b in batches for n in b.lines] + [m.line for b in batches for m in b.malformed])
    joined = {n + i: n for b in batches for n, r in zip(b.lines, b.records, strict=True) for i in range(sum(c.count("\n") for c in r) + 1)}
    assert len(starts) == len(set(starts))
    for number, line in enumerate(lines, 2):
        assert not line.strip(" ") or number in starts or number in joined


@LAW
@given(data=st.data(), records=st.lists(ROW, min_size=1, max_size=10))
def test_an_export_cut_into_files_gives_the_same_good_rows(
    outcome_of: Any, tmp_path: Path, data: st.DataObject, records: list[tuple[str, str, str]]
):
    lines = [f"A{i},2025-01-31,{i}" for i in range(len(records) * 2)] + [",".join(r) for r in records if any(r)]
    cut = data.draw(st.integers(1, len(records)))
    parts = [f"{HEADER}\n" + "\n".join(part) for part in (lines[:cut], lines[cut:])]
    assert rows(read(outcome_of, parts, tmp_path)) == rows(read(outcome_of, ["\n".join([HEADER, *lines])], tmp_path))


def test_a_long_export_with_quotes_on_every_batch_border_keeps_its_lines():
    lines: list[str] = []
    for i in range(2 * BATCH_LINES):
        lines += [f"a{i},1"] if i % (BATCH_LINES - 1) else [f'"b{i}', f'b",{i}']
    batches = list(read_records(enumerate(lines, 2), Dialect(",", ("a", "b"), 1)))
    assert sum(len(b.records) for b in batches) == 2 * BATCH_LINES and not any(b.malformed for b in batches)


def test_an_open_quote_beside_a_literal_one_does_not_shift_the_line_numbers():
    lines = ['a"b,"open', 'c",5"x', "x,y,z"]
    (batch,) = read_records(enumerate(lines, 2), Dialect(",", ("a", "b", "c"), 1))
    assert batch.lines == [2, 4] and batch.records == [['a"b', "open\nc", '5"x'], ["x", "y", "z"]]


def test_a_quote_left_open_does_not_take_the_rest_of_the_file():
    lines = ['"open'] + ["a,1"] * (MOST_JOINED_LINES * 200)
    batches = list(read_records(enumerate(lines, 2), Dialect(",", ("a", "b"), 1)))
    assert [m.line for b in batches for m in b.malformed] == [2]
    assert sum(len(b.records) for b in batches) == MOST_JOINED_LINES * 200
