"""Benefits: what a tier grants, what it inherits, how often, and how a rubric says it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custier.errors import RubricError
from custier.rubric.benefits import quota, times_a_year
from custier.rubric.entitlements import entitlements
from custier.rubric.load import load_rubric, parse_rubric
from custier.rubric.model import Rubric

LEVELS = """
rubric: levels
tiers:
  - {name: gold, when: spend >= 100, benefits: [lounge: 5 a year, manager]}
  - {name: silver, when: spend >= 10, benefits: [lounge: 1 a year, {name: sim, quota: unlimited}]}
  - {name: basic, when: spend >= 1, benefits: [magazine]}
  - {name: none}
"""


def of(text: str) -> Rubric:
    return parse_rubric(text.encode(), "my.yaml")


def said(rubric: Rubric) -> dict[str, list[str]]:
    return {tier: [e.in_words for e in entitled] for tier, entitled in entitlements(rubric).items()}


def test_a_tier_has_its_own_benefits_and_those_of_all_below_with_the_higher_quota() -> None:
    assert said(of(LEVELS)) == {
        "gold": ["lounge ×5 a year", "manager", "sim ×unlimited", "magazine"],
        "silver": ["lounge ×1 a year", "sim ×unlimited", "magazine"],
        "basic": ["magazine"],
        "none": [],
    }
    assert [e.granted_by for e in entitlements(of(LEVELS))["gold"]] == ["gold", "gold", "silver", "basic"]


def test_a_tier_that_inherits_nothing_starts_anew_for_those_above_it_too() -> None:
    text = LEVELS.replace("{name: silver,", "{name: silver, inherit_benefits: false,")
    assert said(of(text))["gold"] == ["lounge ×5 a year", "manager", "sim ×unlimited"]
    assert said(of(text))["basic"] == ["magazine"]


def test_benefits_come_in_the_order_of_the_catalogue() -> None:
    text = LEVELS + "benefits: {magazine: Magazine, sim: SIM, lounge: {zh: 贵宾厅, en: Lounge}, manager: {note: by phone}}\n"
    assert said(of(text))["gold"] == ["magazine", "sim ×unlimited", "lounge ×5 a year", "manager"]
    assert of(text).benefits["lounge"].title.zh == "贵宾厅"  # type: ignore[union-attr]


def test_the_column_says_what_the_tier_is_entitled_to_and_is_empty_without(graded: Any, spent: Any) -> None:
    tiers = LEVELS.partition("tiers:")[2]
    run = graded(f"eligible: spend > 0\ntiers:{tiers}", spent(g="100", s="10", b="1", n="0.50", u="-1"))
    assert run.column("benefits") == {
        "g": "lounge ×5 a year; manager; sim ×unlimited; magazine",
        "s": "lounge ×1 a year; sim ×unlimited; magazine",
        "b": "magazine",
        "n": "",
        "u": "",
    }


def test_the_tier_after_the_rules_entitles_not_the_one_before(graded: Any, spent: Any) -> None:
    rules = "rules: [{name: down, when: spend >= 100, at_most: silver}]"
    run = graded(f"{rules}\ntiers:{LEVELS.partition('tiers:')[2]}", spent(g="100"))
    assert run["g"]["benefits"] == "lounge ×1 a year; sim ×unlimited; magazine"


def test_without_benefits_there_is_no_such_column(graded: Any, spent: Any) -> None:
    assert "benefits" not in graded("tiers: [{name: A}]", spent(a="1")).frame.columns


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("5 a year", "5 a year"), ("2 per month", "2 a month"), (" at  least 6 a year", "at least 6 a year"), ("每年5次", "5 a year"),
        ("每季度 至少 3 次", "at least 3 a quarter"), ("不限", "unlimited"), ("1 every day", "1 a day"), ("unlimited", "unlimited"),
    ],
)  # fmt: skip
def test_a_quota_is_read_in_both_languages_and_kept_in_one(written: str, meant: str) -> None:
    assert quota(written) == meant == quota(quota(written))


@pytest.mark.parametrize("written", ["5", "0 a year", "a year", "5 a decade", "-1 a year", "1.5 a year", "5次", "", 5, None])
def test_what_does_not_say_how_often_is_no_quota(written: Any) -> None:
    with pytest.raises(ValueError, match="is not a quota"):
        quota(written)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.none() | st.integers(1, 9)), max_size=3, unique_by=lambda b: b[0]), st.data())
def test_whoever_moves_up_loses_no_benefit(lowest: list[tuple[str, int | None]], draw: st.DataObject) -> None:
    other = st.lists(st.sampled_from("abcd"), max_size=3, unique=True)
    tiers = [{"name": f"t{i}", "benefits": draw.draw(other)} for i in range(3)]
    tiers.append({"name": "last", "benefits": [{"name": n, "quota": f"{q} a year"} if q else n for n, q in lowest]})
    entitled = list(entitlements(Rubric.model_validate({"rubric": "r", "tiers": tiers})).values())
    names = [{e.name for e in tier} for tier in entitled]
    assert all(above >= below for above, below in pairwise(names))
    assert all(len(tier) == len({e.name for e in tier}) for tier in entitled)


def test_quotas_are_compared_by_the_year() -> None:
    assert times_a_year("2 a month") == 24 > times_a_year("at least 20 a year")
    assert times_a_year(None) == times_a_year("unlimited") > times_a_year("9999 a day")


@pytest.mark.parametrize(
    ("tiers", "codes"),
    [
        ("[{name: A, benefits: [lounge: 1 a year, lounge]}]", [("CT1480", "my.yaml:3:48")]),
        ("[{name: A, benefits: [launge]}]\nbenefits: {lounge: Lounge}", [("CT1481", "my.yaml:3:30")]),
        ("[{name: A, benefits: [lounge: 5 a yer]}]", [("CT1205", "my.yaml:3:30")]),
        ("[{name: A, benefits: [{name: lounge, often: 1 a year}]}]", [("CT1203", "my.yaml:3:45")]),
        ("[{name: A, benefits: ['a;b']}]", [("CT1206", "my.yaml:3:30")]),
        ("[{name: A, benefits: lounge}]", [("CT1205", "my.yaml:3:29")]),
    ],
)
def test_each_mistake_is_told_where_it_stands(tiers: str, codes: list[tuple[str, str]]) -> None:
    with pytest.raises(RubricError) as error:
        of(f"rubric: mine\nversion: 1\ntiers: {tiers}\n")
    assert [(p.code, p.where) for p in error.value.problems] == codes


def test_a_quota_that_falls_and_a_benefit_that_nobody_has_are_warned_of(tmp_path: Any) -> None:
    path = tmp_path / "my.yaml"
    text = LEVELS.replace("lounge: 5 a year", "lounge: 1 a year").replace("lounge: 1 a year, {name: sim", "lounge: 1 a month, {name: sim")
    path.write_text(
        text
        + "benefits: {lounge: L, manager: M, sim: S, magazine: M, spa: Spa}\nchanges: [{version: 2, on: 2026-01-01, what: x}]\nversion: 2\n"
    )
    assert [(w.code, w.where) for w in load_rubric(path).warnings] == [("CT1490", f"{path}:4:49"), ("CT1491", f"{path}:8:61")]
    path.write_text(LEVELS + "changes: [{version: 1, on: 2026-01-01, what: x}]\nversion: 2\n")
    assert [w.code for w in load_rubric(path).warnings] == ["CT1492"]
    path.write_text(LEVELS)
    assert load_rubric(path).warnings == ()
