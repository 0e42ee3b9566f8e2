"""Conditions joined by all, any and so many of, and conditions that name segments."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custier.explain import explain_customer
from custier.pipeline import Request, classify_files
from custier.rubric.condition import Conditions, condition_words
from custier.values import ConditionLine, Explanation

NOW = datetime(2026, 1, 31, tzinfo=UTC)
HEADER = "customer date amount order"
VALUE = "segments: {value: {high: spend >= 100, low: otherwise}}\n"


def explained(folder: Path, rubric: str, rows: str, customer: str) -> Explanation:
    (folder / "sales.csv").write_text("customer,date,amount,order\n" + rows)
    (folder / "mine.yaml").write_text(f"rubric: mine\n{rubric}\n")
    request = Request((f"{folder}/sales.csv",), f"{folder}/mine.yaml", (), folder / "store", NOW.date(), NOW, as_of=date(2025, 12, 31))
    assert classify_files(request).status == "published"
    return explain_customer(folder / "store", customer)


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ("{all: [spend > 10, orders > 1]}", "c"),
        ("{any: [spend > 10, orders > 1]}", "abc"),
        ("{n_of: 2, conditions: [spend > 10, orders > 1, spend > 50]}", "ac"),
        ("{n_of: 1, conditions: [spend > 50, orders > 1]}", "abc"),
        ("{all: [orders >= 1, {any: [spend > 50, {all: [orders = 2, spend < 10]}]}]}", "abc"),
        ("{n_of: 2, conditions: [spend > 50, recency_days < 0, average_order > 40]}", "a"),
    ],
)
def test_joined_conditions_hold_as_they_read(graded: Any, table: Any, when: str, holds: str) -> None:
    rows = [("a", "2025-06-01", "60", "1"), ("b", "2025-06-01", "1", "2"), ("b", "2025-06-01", "2", "3")]
    rows += [("c", "2025-06-01", "30", "4"), ("c", "2025-06-02", "30", "5"), ("d", "2025-06-02", "5", "6")]
    run = graded(f"tiers: [{{name: A, when: {when}}}, {{name: B}}]", table("transactions", HEADER, *rows))
    assert "".join(c for c, tier in run.column("tier").items() if tier == "A") == holds


LEAVES = st.sampled_from(["spend > 10", "orders > 1", "margin > 0", "average_order >= 20", "not margin > 0"])
JOINED = st.recursive(
    LEAVES,
    lambda parts: st.one_of(
        st.lists(parts, min_size=1, max_size=3).map(lambda p: {"all": p}),
        st.lists(parts, min_size=1, max_size=3).map(lambda p: {"any": p}),
        st.lists(parts, min_size=1, max_size=4).flatmap(lambda p: st.integers(1, len(p)).map(lambda n: {"n_of": n, "conditions": p})),
    ),
    max_leaves=8,
)


def _holds(condition: Any, held: dict[str, bool]) -> bool:
    if isinstance(condition, str):
        return held[condition]
    key = next(k for k in ("all", "any", "conditions") if k in condition)
    parts = [_holds(part, held) for part in condition[key]]
    return sum(parts) >= condition.get("n_of", len(parts) if key == "all" else 1)


@given(JOINED)
@settings(max_examples=40, deadline=None)
def test_a_joined_condition_holds_by_the_parts_that_hold(graded: Any, table: Any, condition: Any) -> None:
    leaves = ["spend > 10", "orders > 1", "margin > 0", "average_order >= 20", "not margin > 0"]
    rows = [("a", "2025-06-01", "60", "1", "50"), ("b", "2025-06-01", "1", "2", "2"), ("b", "2025-06-01", "-1", "3", "0")]
    rows += [("c", "2025-06-01", "15", "4", "20"), ("c", "2025-06-02", "15", "5", "20")]
    flags = {f"f{i}": leaf for i, leaf in enumerate(leaves)} | {"joined": condition}
    run = graded(f"flags: {flags}", table("transactions", HEADER + " cost", *rows))
    for row in run.frame.rows(named=True):
        assert row["flag_joined"] == _holds(condition, {leaf: row[f"flag_f{i}"] for i, leaf in enumerate(leaves)})


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ({"all": ["a > 1", "b > 2 or c > 3"]}, "a > 1 and (b > 2 or c > 3)"),
        ({"any": ["a > 1", {"all": ["b > 1", "c > 1"]}]}, "a > 1 or (b > 1 and c > 1)"),
        ({"n_of": 2, "conditions": ["a > 1", "b > 1 and c > 1"]}, "2 of (a > 1; b > 1 and c > 1)"),
        ({"all": [{"n_of": 1, "conditions": ["a > 1", "b > 1"]}, "c > 1"]}, "1 of (a > 1; b > 1) and c > 1"),
    ],
)
def test_a_joined_condition_is_told_as_one_sentence(condition: Any, words: str) -> None:
    assert condition_words(Conditions.model_validate(condition)) == words


def test_segments_stand_for_their_labels_in_tiers_rules_flags_and_other_segments(graded: Any, spent: Any) -> None:
    rubric = """
segments:
  both: {"yes": {all: ["value = 'high'", "size <> 'small'"]}, "no": otherwise}
  value: {high: spend >= 100, low: otherwise}
  size: {small: spend < 200, large: otherwise}
eligible: size = 'large' or spend >= 50
tiers: [{name: A, when: both = 'yes'}, {name: B, when: "value in ('high')"}, {name: C}]
rules: [{name: small, when: size like 'sm%', down: 1}]
flags: {high: value = 'high' and not both = 'yes'}
"""
    run = graded(rubric, spent(a="200", b="199", c="60", d="49"))
    assert run.column("tier") == {"a": "A", "b": "C", "c": "C", "d": "unrated"}
    assert run.column("both") == {"a": "yes", "b": "no", "c": "no", "d": "no"}
    assert run.column("flags") == {"a": "", "b": "high", "c": "", "d": ""}


def test_a_cause_names_the_segment_that_moved_and_the_metric_behind_it(graded: Any, spent: Any) -> None:
    tiers = (
        "tiers: [{name: A, when: value = 'high'}, {name: B}]\nrules: [{name: gone, when: {all: [\"value = 'low'\", spend < 10]}, down: 1}]"
    )
    first = graded(VALUE + tiers, spent(a="99.99", b="500", c="500"))
    again = graded(VALUE + tiers, spent(a="100", b="5", c="500"), previous=first)
    said = "value high → low (spend 500.00 → 5.00)"
    assert again["a"]["cause"] == "value low → high (spend 99.99 → 100.00)"
    assert again["b"]["cause"] == f"{said}; rule gone (down 1) now holds: {said}, spend 500.00 → 5.00"
    assert again["c"]["cause"] is None


def test_an_explanation_tells_which_parts_held(tmp_path: Path) -> None:
    rubric = VALUE + (
        "tiers: [{name: A, when: {any: [\"value = 'high'\", {all: [orders > 1, spend > 20]}]}}, {name: B}]\n"
        "rules: [{name: r, when: {n_of: 2, conditions: [orders > 1, spend > 50]}, up: 1}]\n"
        "flags: {f: {all: [orders > 0, spend > 50]}}"
    )
    told = explained(tmp_path, rubric, "a,2025-06-01,20,1\na,2025-06-01,10,2\n", "a")
    assert told.tier == "A" and told.tier_condition == "value = 'high' or (orders > 1 and spend > 20)"
    assert told.tier_parts == [
        ConditionLine("value = 'high'", 0, False),
        ConditionLine("all of", 0, True),
        ConditionLine("orders > 1", 1, True),
        ConditionLine("spend > 20", 1, True),
    ]
    [rule] = told.rules
    assert rule.parts == [ConditionLine("orders > 1", 0, True), ConditionLine("spend > 50", 0, False)] and not rule.fired
    assert told.label_parts == {"f": [ConditionLine("orders > 0", 0, True), ConditionLine("spend > 50", 0, False)]}


def test_what_would_change_a_tier_is_found_through_a_segment(tmp_path: Path) -> None:
    rubric = VALUE + "tiers: [{name: A, when: \"value = 'high'\"}, {name: B}]"
    told = explained(tmp_path, rubric, "a,2025-06-01,20,1\n", "a")
    [move] = [m for m in told.to_next if m.metric == "spend"]
    assert (move.needed, move.change, move.tier) == (100, 80, "A")
