"""Formulas that a comma inside `{…}` takes apart, and a span before which `last` says nothing: the help names the cure."""

from __future__ import annotations

import pytest

from custier.errors import Problem, RubricError
from custier.rubric.load import parse_rubric

TIERS = "rubric: x\ntiers: [{name: A, when: spend > 5}, {name: B}]\n"


def problems(text: str) -> list[Problem]:
    with pytest.raises(RubricError) as refused:
        parse_rubric(text.encode(), "my.yaml")
    return list(refused.value.problems)


def test_a_list_of_texts_in_a_segment_is_to_be_put_in_quotes() -> None:
    (found,) = problems(TIERS + "segments:\n  zone: {southwest: region in ('西南','西北'), rest: otherwise}\n")
    assert found.code == "CT1101" and found.help.startswith("put a formula that holds a comma or a quote inside `{…}` in double quotes")
    parse_rubric(
        (
            TIERS
            + "sources: {transactions: {}, customers: {}}\nsegments:\n  zone: {southwest: \"region in ('西南','西北')\", rest: otherwise}\n"
        ).encode(),
        "my.yaml",
    )


def test_a_bracket_that_is_not_closed_is_still_to_be_closed() -> None:
    (found,) = problems("rubric: x\ntiers: [{name: A 'b' 'c'}\n- x\n")
    assert found.help == "close the bracket, and put a comma between the items"


def test_a_function_of_two_values_is_to_be_put_in_quotes() -> None:
    first, second = problems("rubric: x\ntiers:\n  - {name: A, when: coalesce(spend, 0) = 0}\n  - {name: B}\n")
    assert (first.code, second.code, second.what) == ("CT1418", "CT1203", "unknown key `0) = 0` in tiers[0]")
    assert first.help == "close the parenthesis; inside `{…}` a comma ends the text, so put the whole formula in quotes"
    assert second.help == "it is the rest of a formula: put the whole formula in quotes"


def test_so_it_is_where_any_name_may_stand() -> None:
    found = problems(TIERS + "segments:\n  zone: {south: coalesce(spend, 0) = 0, rest: otherwise}\n")
    assert found[0].code == "CT1206" and found[0].help.endswith("if it is the rest of a formula, put the whole formula in quotes")


@pytest.mark.parametrize(
    ("window", "cure"),
    [
        ("calendar year", "write {span: calendar year, shifted: 12 months} for the one before, or calendar year for this one"),
        (
            "fiscal year from month 4",
            "write {span: fiscal year from month 4, shifted: 12 months} for the one before, or fiscal year from month 4 for this one",
        ),
        ("lifetime", "write lifetime"),
    ],
)
def test_the_last_of_a_span_names_the_span_that_is_shifted(window: str, cure: str) -> None:
    (found,) = problems(f"{TIERS}window: last {window}\n")
    assert (found.code, found.what, found.help) == ("CT1205", "`window` is the last of a span that has no length", cure)
