"""Rules in their order: all that hold or only the first, and why they are there."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from custier.errors import RubricError
from custier.explain import explain_customer
from custier.pipeline import Request, classify_files
from custier.rubric.load import parse_rubric
from custier.show.explanation import explanation_text
from custier.show.look import Look
from custier.show.summary import summary_text
from custier.stored import read_summary
from custier.summarise import count_rules
from custier.values import RuleCount

NOW = datetime(2026, 1, 31, tzinfo=UTC)
TIERS = "tiers: [{name: A, when: spend >= 100}, {name: B, when: spend >= 50}, {name: C, when: spend >= 10}, {name: D}]\n"
REASONED = """
rules:
  - {name: returns, when: spend < 0, at_most: D, reason: {en: More returned than bought, zh: 退货多于购买}}
  - {name: often, when: orders > 1, up: 1, reason: loyal}
  - {name: lost, when: recency_days > 180, down: 1}
"""


def test_all_rules_apply_one_after_the_other_or_only_the_first(graded: Any, bought: Any) -> None:
    rules = "rules: [{name: up, when: spend >= 50, up: 1}, {name: down, when: spend < 100, down: 2}, {name: cap, when: spend > 0, at_most: B}]\n"
    rows = [("a", "2025-06-01", "100"), ("b", "2025-06-01", "50"), ("c", "2025-06-01", "10"), ("d", "2025-06-01", "0")]
    every = graded(TIERS + rules, bought(*rows))
    first = graded(TIERS + rules + "rules_apply: first", bought(*rows))
    assert every.column("tier") == {"a": "B", "b": "C", "c": "D", "d": "D"}
    assert first.column("tier") == {"a": "A", "b": "A", "c": "D", "d": "D"}
    assert every.column("rules") == {"a": "up; cap", "b": "up; down; cap", "c": "down; cap", "d": "down"}
    assert first.column("rules") == {"a": "up", "b": "up", "c": "down", "d": "down"}


EFFECTS = st.one_of(
    st.tuples(st.sampled_from(["at_most", "at_least", "set"]), st.sampled_from("ABCD")),
    st.tuples(st.sampled_from(["up", "down"]), st.integers(1, 4)),
)


@given(st.lists(st.tuples(st.integers(-20, 120), EFFECTS), min_size=1, max_size=4), st.booleans())
@settings(max_examples=40, deadline=None)
def test_rules_equal_a_loop_over_them(graded: Any, spent: Any, rules: list[Any], only_first: bool) -> None:
    text = ", ".join(f"{{name: r{i}, when: spend >= {edge}, {effect}: {value}}}" for i, (edge, (effect, value)) in enumerate(rules))
    spends = {"a": 110, "b": 60, "c": 20, "d": 0, "e": -30}
    run = graded(f"{TIERS}rules: [{text}]\nrules_apply: {'first' if only_first else 'all'}", spent(**spends))
    for customer, spend in spends.items():
        rank = next(i for i, edge in enumerate((100, 50, 10, -1000)) if spend >= edge)
        for edge, (effect, value) in rules:
            if spend >= edge:
                at = "ABCD".index(value) if isinstance(value, str) else value
                rank = {"at_most": max(rank, at), "at_least": min(rank, at), "set": at, "up": max(rank - at, 0), "down": min(rank + at, 3)}[
                    effect
                ]
                if only_first:
                    break
        assert run[customer]["earned_rank"] == rank


def test_a_reason_stands_in_the_labels_the_changes_and_the_summary(graded: Any, table: Any) -> None:
    rows = [("a", "2025-06-01", "60", "1"), ("b", "2025-12-01", "60", "2")]
    header = "customer date amount order"
    once = graded(TIERS + REASONED, table("transactions", header, *rows))
    more = [("a", "2025-12-02", "1", "3"), ("b", "2025-12-02", "-70", "2")]
    twice = graded(TIERS + REASONED, table("transactions", header, *rows, *more), previous=once)
    assert twice["a"]["reasons"] == "often B→A (loyal)"
    assert twice["a"]["cause"].endswith(
        "rule often (up 1: loyal) now holds: orders 1 → 2; rule lost (down 1) no longer holds: recency_days 213 → 29"
    )
    assert "rule returns (at most D: More returned than bought 退货多于购买) now holds: spend 60.00 → -10.00" in twice["b"]["cause"]
    assert count_rules(twice.alike, twice.rubric) == [
        RuleCount("returns", "at most D", "More returned than bought", "退货多于购买", 1, 0),
        RuleCount("often", "up 1", "loyal", None, 1, 1),
        RuleCount("lost", "down 1", None, None, 0, 0),
    ]


def test_a_cause_under_first_says_what_applies(graded: Any, bought: Any) -> None:
    rules = "rules: [{name: old, when: recency_days > 100, down: 1}, {name: small, when: spend < 70, down: 2}]\nrules_apply: first"
    rows = [("a", "2025-06-01", "60")]
    once = graded(TIERS + rules, bought(*rows))
    twice = graded(TIERS + rules, bought(*rows, ("a", "2025-12-30", "0")), previous=once)
    assert (once["a"]["tier"], twice["a"]["tier"]) == ("C", "D")
    assert twice["a"]["cause"] == (
        "rule old (down 1) no longer applies: recency_days 213 → 1; rule small (down 2) now applies: spend 60.00 → 60.00"
    )


@pytest.mark.parametrize("apply", ["all", "first"])
def test_an_explanation_tells_what_each_rule_did_and_why(tmp_path: Path, apply: str) -> None:
    rubric = f"rubric: mine\n{TIERS}rules_apply: {apply}\n" + REASONED.replace("spend < 0", "spend < 90")
    (tmp_path / "mine.yaml").write_text(rubric)
    (tmp_path / "sales.csv").write_text("customer,date,amount,order\na,2025-06-01,60,1\na,2025-06-02,20,2\n")
    request = Request(
        (f"{tmp_path}/sales.csv",), f"{tmp_path}/mine.yaml", (), tmp_path / "store", NOW.date(), NOW, as_of=date(2025, 12, 31)
    )
    summary = classify_files(request)
    told = explain_customer(tmp_path / "store", "a")
    returns, often, lost = told.rules
    assert (returns.fired, returns.reason, returns.reason_zh, returns.reached) == (True, "More returned than bought", "退货多于购买", True)
    assert (often.fired, often.reached, often.tier_after) == ((True, True, "C") if apply == "all" else (False, False, "D"))
    assert (lost.fired, lost.reached, told.tier) == ((True, True, "D") if apply == "all" else (False, False, "D"))
    page = explanation_text(told, Look(width=120))
    assert ("not looked at, one above applied" in page) == (apply == "first")
    assert "because  B (spend >= 50), then rule returns → D (More returned than bought)" in page
    assert "规则 returns → D (退货多于购买)" in explanation_text(told, Look(width=120, lang="zh"))
    [move] = [m for m in told.to_next if m.metric == "spend"]
    assert move.needed == 90
    stored = read_summary(Path(str(summary.directory)))
    assert stored.rules == summary.rules and (stored.rules[0].name, stored.rules[0].fired) == ("returns", 1)
    assert "returns  at most D      1      1  More returned than bought" in summary_text(summary, Look(width=120))
    assert all(cell_len(line) <= 60 for line in summary_text(summary, Look(width=60)).split("rules\n")[1].split("\n\n")[0].splitlines())


@pytest.mark.parametrize("reason", ["one; two", "一；二", '"a\\nb"', "x" * 201])
def test_a_reason_that_would_break_a_list_is_refused(reason: str) -> None:
    with pytest.raises(RubricError) as error:
        parse_rubric(f"rubric: mine\n{TIERS}rules: [{{name: r, when: spend > 1, up: 1, reason: {{en: {reason}}}}}]".encode(), "my.yaml")
    assert [(p.code, p.where) for p in error.value.problems] == [("CT1205", "my.yaml:3:51")]
