"""A customer who is known by several columns together is one text, which no other row of texts gives."""

from pathlib import Path

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from custier.cli import run
from custier.read.cells import EXPORT
from custier.read.joined import joined
from custier.rubric.model import Source

BOTH = {"customer": {"columns": ["Segment", "Country"]}}


def joined_texts(rows: list[tuple[str, str]]) -> list[str]:
    frame = pl.DataFrame(rows, schema=[EXPORT + "a", EXPORT + "b"], orient="row")
    return nw.from_native(frame).select(x=joined(["a", "b"])).to_native()["x"].to_list()


def test_the_texts_are_trimmed_and_joined_and_a_blank_one_rejects_the_row(read):
    content = "Segment,Country,date,amount\n Government ,Canada,2025-01-31,1\nMidmarket,,2025-01-31,2\n,Mexico,2025-01-31,3\n"
    found = read(content, BOTH)
    assert found.column("customer_id") == ["Government | Canada"] and found.rejects == [(3, "CT3002"), (4, "CT3002")]


def test_texts_that_mean_an_empty_cell_are_blank_in_a_part_too(read):
    content = "Segment,Country,date,amount\nA,N/A,2025-01-31,1\nA,B,2025-01-31,1\n"
    found = read(content, {"customer": {"columns": ["Segment", "Country"], "missing": "N/A"}})
    assert found.column("customer_id") == ["A | B"]


def test_typed_parts_are_joined_as_they_would_be_written(read):
    frame = pl.DataFrame({"Segment": [7, 8], "Country": [1.0, 2.0], "date": ["2025-01-31"] * 2, "amount": [1, 2]})
    assert read(frame, BOTH).column("customer_id") == ["7 | 1", "8 | 2"]


def test_a_header_that_is_not_there_is_named_with_the_nearest(problems):
    (problem,) = problems("Segment,Cuontry,date,amount\nA,B,2025-01-31,1\n", BOTH)
    assert problem.code == "CT2201" and "customer: {columns: [Segment, Cuontry]}" in problem.help


@given(st.lists(st.tuples(st.text("a|\\ ", min_size=1, max_size=5).map(str.strip).filter(bool),
                          st.text("a|\\ ", min_size=1, max_size=5).map(str.strip).filter(bool)), min_size=1, max_size=20))  # fmt: skip
def test_two_different_rows_of_texts_never_give_the_same_one(rows: list[tuple[str, str]]):
    assert len(set(joined_texts(rows))) == len(set(rows))


@pytest.mark.parametrize(
    "column",
    [
        {"columns": ["a"]},
        {"columns": ["a", "a"]},
        {"columns": ["a", "b"], "column": "c"},
        {"columns": ["a", "b"], "formula": "a"},
        {"columns": ["a", "b"], "type": "money"},
    ],
)
def test_what_joins_columns_does_nothing_else(column: dict[str, object]):
    with pytest.raises(ValidationError):
        Source.model_validate({"customer": column})


def test_a_run_grades_and_explains_a_customer_of_two_columns(tmp_path: Path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("sales.csv").write_text("Segment,Country,date,amount\nA,X,2025-01-31,10\nA,Y,2025-01-31,20\nB,X,2025-01-31,5\nA,X,2025-01-30,5\n")
    Path("r.yaml").write_text(
        "rubric: r\nsources: {transactions: {customer: {columns: [Segment, Country]}, where: Country <> 'Z'}}\n"
        "tiers: [{name: High, when: spend >= 15}, {name: Low}]\n"
    )
    assert run(["classify", "sales.csv", "--rubric", "r.yaml", "--out", "out", "-q"]) == 0
    labels = pl.read_csv("out/labels.csv")
    assert dict(labels.select("customer_id", "tier").iter_rows()) == {"A | X": "High", "A | Y": "High", "B | X": "Low"}
    assert run(["explain", "A | X"]) == 0
