"""What differs between two rubrics is said part by part, and nothing is said of what only is written differently."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custier.cli import run
from custier.pipeline import Request, classify_files
from custier.rubric.differences import differences
from custier.rubric.load import load_rubric, parse_rubric, resolved_text, shipped_rubrics
from custier.show.differences import differences_text, words
from custier.show.look import Look

WAS = """\
rubric: mine
window: last 12 months
metrics: {before: {sum: amount, window: lifetime}, gone: {count: order}}
score:
  spend: {weight: 60, bands: [{at_least: 5, points: 100}, {otherwise: 0}]}
  orders: {weight: 40, bands: [{otherwise: 1}]}
tiers:
  - {name: V, score: {at_least: 50}, benefits: [lounge: 5 a year, mail]}
  - {name: A, when: spend > 1}
  - {name: C}
rules: [{name: r, when: before > 1, up: 1}, {name: s, when: before > 2, up: 1}]
flags: {f: {all: [spend > 1, orders > 2]}}
segments: {size: {big: spend > 9, mid: orders > 5, small: otherwise}}
guardrails: {moved_at_most: 30%}
"""


def said(old: str, new: str, lang: Any = "en") -> list[str]:
    was, now = (parse_rubric(WAS.replace(old, text).encode(), "my.yaml") for text in (old, new))
    return [words(d, Look(lang=lang)) for d in differences(was, now)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("last 12 months", "last 2 years", ["window last: 12 months → 24 months"]),
        ("weight: 60, bands: [{at_least: 5", "weight: 60, bands: [{above: 5", [
            "criterion spend, bands: at_least 5, points 100; otherwise 0 → above 5, points 100; otherwise 0"
        ]),
        ("{at_least: 50}", "{above: 55}", ["tier V, score at_least is gone: 50", "tier V, score above is new: 55"]),
        ("lounge: 5 a year, mail", "lounge: 9 a year", ["tier V, benefits lounge: 5 a year → 9 a year", "tier V, benefits mail is gone"]),
        ("  - {name: A, when: spend > 1}\n", "", ["tier A is gone: when spend > 1", "order of tiers: V, A, C → V, C"]),
        ("{name: A, when: spend > 1}", "{name: B, when: spend > 1}", [
            "tier A is gone: when spend > 1", "tier B is new: when spend > 1", "order of tiers: V, A, C → V, B, C",
        ]),
        ("[{name: r, when: before > 1, up: 1}, {name: s, when: before > 2, up: 1}]",
         "[{name: s, when: before > 2, up: 1}, {name: r, when: before > 3, up: 1}]",
         ["rule r, when: before > 1 → before > 3", "order of rules: r, s → s, r"]),
        ("{all: [spend > 1, orders > 2]}", "{any: [spend > 1, orders > 2]}", ["flag f: spend > 1 and orders > 2 → spend > 1 or orders > 2"]),
        ("big: spend > 9, mid: orders > 5", "mid: orders > 5, big: spend > 9", ["order of segment size: big, mid, small → mid, big, small"]),
        ("moved_at_most: 30%", "rejected_at_most: 2%", [
            "guardrails moved_at_most: 30% → 20%", "guardrails rejected_at_most: 1% → 2%",
        ]),
        (", gone: {count: order}", "", ["metric gone is gone: count order"]),
        ("rubric: mine\n", "rubric: mine\ntitle: {en: Mine, zh: 我的}\n", ["title is new: Mine / 我的"]),
    ],
)  # fmt: skip
def test_each_difference_is_one_line_in_the_words_of_the_rubric(old: str, new: str, expected: list[str]) -> None:
    assert said(old, new) == expected


def test_it_is_said_in_chinese_too() -> None:
    assert said("  - {name: A, when: spend > 1}\n", "", "zh") == ["删除等级 A：when spend > 1", "等级的次序: V, A, C → V, C"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("last 12 months", "{last: 1 year, settle: 0 days}"), ("lounge: 5 a year", "{name: lounge, quota: 每年5次}"),
        ("{name: C}", "{name: C, inherit_benefits: true}"), ("weight: 60", "weight: 60.00"), ("rubric: mine", "rubric: other\nversion: 9"),
        ("30%", "30.0%"),
    ],
)  # fmt: skip
def test_what_only_is_written_differently_is_no_difference(old: str, new: str) -> None:
    assert old in WAS and said(old, new) == []


@pytest.mark.parametrize("name", shipped_rubrics())
def test_a_shipped_rubric_is_the_same_as_its_resolved_form(name: str) -> None:
    rubric = load_rubric(name).rubric
    assert differences(rubric, parse_rubric(resolved_text(rubric).encode(), "kept.yaml")) == []


@given(st.sampled_from(shipped_rubrics()), st.sampled_from(shipped_rubrics()))
@settings(deadline=None, max_examples=40)
def test_there_and_back_are_each_others_reverse(one: str, other: str) -> None:
    a, b = load_rubric(one).rubric, load_rubric(other).rubric
    there, back = differences(a, b), differences(b, a)
    assert {(d.place, d.was, d.now) for d in there} == {(d.place, d.now, d.was) for d in back}
    assert bool(there) == (one != other)


def test_a_page_fits_its_width_and_names_both() -> None:
    a, b = load_rubric("annual-spend").rubric, load_rubric("retail-vip").rubric
    page = differences_text("annual-spend version 1", "retail-vip version 1", differences(a, b), Look(60))
    assert page.splitlines()[0] == "annual-spend version 1 → retail-vip version 1"
    assert "  rule doubled is new: when growth >= 1 and spend >= 50_000" in page


@pytest.fixture
def compared(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    def diff(*words: str) -> tuple[int, str]:
        code = run(["rubric", "diff", *words])
        return code, capsys.readouterr().out

    return diff


def test_the_command_takes_names_files_and_runs(tmp_path: Path, compared: Callable[..., tuple[int, str]]) -> None:
    (tmp_path / "mine.yaml").write_text("rubric: mine\nextends: annual-spend\nwindow: last 6 months\n")
    (tmp_path / "sales.csv").write_text("customer,date,amount\na,2025-06-01,5\n")
    now = datetime(2026, 1, 1, tzinfo=UTC)
    summary = classify_files(
        Request((str(tmp_path / "sales.csv"),), str(tmp_path / "mine.yaml"), (), tmp_path / "store", now.date(), now, date(2025, 12, 31))
    )
    at = ("--store", str(tmp_path / "store"))
    for word in (summary.run_id, "2025-12-31"):
        assert compared("annual-spend", word, *at)[1].splitlines()[-1] == "  window last: 12 months → 6 months"
    code, out = compared(str(tmp_path / "mine.yaml"), summary.run_id, *at, "--json")
    assert (code, json.loads(out)) == (
        0,
        {"ok": True, "was": {"rubric": "mine", "version": 1}, "now": {"rubric": "mine", "version": 1}, "differences": []},
    )
    assert compared("annual-spend", "2024-01-31", *at)[0] == 8 and compared("annual-spend", "no-such")[0] == 2
