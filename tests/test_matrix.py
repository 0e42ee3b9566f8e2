"""Tiers by two axes: each customer's cell, and what moved it there."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from custier.explain import explain_customer
from custier.labels import label_customers
from custier.pipeline import Request, classify_files
from custier.rubric.load import parse_rubric, resolved_text
from custier.show.explanation import explanation_text
from custier.show.look import Look
from custier.values import CellLine, Explanation

NOW = datetime(2026, 1, 31, tzinfo=UTC)
TIERS = "tiers: [{name: grow}, {name: keep}, {name: hold}, {name: let-go}]\n"
CELLS = "tiers: {high: {high: grow, low: keep}, low: {high: hold, low: let-go}}"
SEGMENTS = f"""
segments:
  value: {{high: spend >= 100, low: otherwise}}
  potential: {{high: {{any: [orders > 1, recency_days < 30]}}, low: otherwise}}
matrix: {{rows: value, columns: potential, {CELLS}}}
{TIERS}"""
BANDS = f"""
metrics: {{growth: {{formula: spend / spend_before - 1}}, spend_before: {{sum: amount, window: {{last: 12 months, shifted: 12 months}}}}}}
matrix:
  rows: {{metric: spend, bands: {{high: {{at_least: 100}}, low: otherwise}}}}
  columns: {{metric: growth, missing: MISSING, bands: {{high: {{above: 0.5}}, low: otherwise}}}}
  {CELLS}
{TIERS}"""
HEADER = "customer date amount order"
CORNERS = [("a", "2025-06-01", "50", "1"), ("a", "2025-06-01", "50", "2"), ("b", "2025-06-01", "100", "3")]
CORNERS += [("c", "2025-06-01", "50", "4"), ("c", "2025-06-01", "49.99", "5"), ("d", "2025-06-01", "99.99", "6")]


def explained(folder: Path, rubric: str, rows: str, customer: str) -> Explanation:
    folder.mkdir(exist_ok=True)
    (folder / "sales.csv").write_text("customer,date,amount,order\n" + rows)
    (folder / "mine.yaml").write_text(f"rubric: mine\n{rubric}\n")
    request = Request((f"{folder}/sales.csv",), f"{folder}/mine.yaml", (), folder / "store", NOW.date(), NOW, as_of=date(2025, 12, 31))
    assert classify_files(request).status == "published"
    return explain_customer(folder / "store", customer)


def test_the_four_corners_of_value_and_potential(graded: Any, table: Any) -> None:
    run = graded(SEGMENTS, table("transactions", HEADER, *CORNERS))
    assert run.column("tier") == {"a": "grow", "b": "keep", "c": "hold", "d": "let-go"}
    assert run.column("next_tier") == {"a": None, "b": "grow", "c": "keep", "d": "hold"}
    assert run["b"]["reasons"] == "value high, potential low"
    labels = label_customers(run.frame, run.rubric, run.plan)
    assert labels["value"].to_list() == ["high", "high", "low", "low"]


@pytest.mark.parametrize(("missing", "tier"), [("low", "keep"), ("high", "grow"), ("unrated", "unrated")])
def test_a_missing_value_stands_where_its_axis_says(graded: Any, bought: Any, missing: str, tier: str) -> None:
    rows = [("a", "2025-06-01", "100"), ("b", "2025-06-01", "151"), ("b", "2024-06-01", "100"), ("c", "2024-06-01", "5")]
    run = graded(BANDS.replace("MISSING", missing), bought(*rows))
    assert run.column("tier") == {"a": tier, "b": "grow", "c": "let-go"}
    assert run["a"]["rated"] == (missing != "unrated")


def test_a_rule_moves_a_customer_out_of_the_cell(graded: Any, table: Any) -> None:
    rules = "rules: [{name: giant, when: spend > 99, set: grow}, {name: one, when: {all: [\"value = 'low'\", orders < 2]}, up: 1}]"
    run = graded(SEGMENTS + rules, table("transactions", HEADER, *CORNERS))
    assert run.column("tier") == {"a": "grow", "b": "grow", "c": "grow", "d": "grow"}
    assert run.column("tier_before_rules") == {"a": "grow", "b": "keep", "c": "hold", "d": "let-go"}
    assert run["d"]["reasons"] == "value low, potential low; giant let-go→grow"


def test_a_cause_says_which_axis_moved(graded: Any, table: Any, bought: Any) -> None:
    first = graded(SEGMENTS, table("transactions", HEADER, *CORNERS))
    later = [(c, d, "300" if n == "3" else "10" if n in "12" else a, n) for c, d, a, n in CORNERS]
    again = graded(SEGMENTS, table("transactions", HEADER, *later, ("d", "2025-12-30", "0.01", "9")), previous=first)
    assert again["a"]["cause"] == "value high → low (spend 100.00 → 20.00)"
    assert again["b"]["cause"] is None
    assert again["d"]["cause"] == ("value low → high (spend 99.99 → 100.00); potential low → high (orders 1 → 2, recency_days 213 → 1)")
    rubric = BANDS.replace("MISSING", "low")
    rows = [("a", "2024-06-01", "100"), ("a", "2025-06-01", "100")]
    once = graded(rubric, bought(*rows))
    twice = graded(rubric, bought(*rows, ("a", "2025-07-01", "51")), previous=once)
    assert twice["a"]["cause"] == "growth low → high (growth 0.00 → 0.51)"


def test_an_explanation_shows_the_cell_and_how_to_leave_it(tmp_path: Path) -> None:
    told = explained(tmp_path, SEGMENTS, "a,2025-06-01,40,1\na,2025-06-01,10,2\n", "a")
    assert told.tier == "hold" and told.tier_condition == "value low and potential high"
    tiers = {"high": {"high": "grow", "low": "keep"}, "low": {"high": "hold", "low": "let-go"}}
    assert told.cell == CellLine("value", "low", "potential", "high", tiers)
    assert [(m.metric, m.needed, m.change, m.tier) for m in told.to_next] == [("spend", 100, 50, "grow")]
    assert [(m.metric, m.needed, m.tier) for m in told.to_lose] == [("orders", Decimal(1), "let-go")]
    page = explanation_text(told, Look(width=60))
    assert "value  potential high  potential low" in page and "low    [hold]" in page
    assert all(len(line) <= 60 for line in page.splitlines())


def test_a_missing_axis_is_told_as_such(tmp_path: Path) -> None:
    told = explained(tmp_path, BANDS.replace("MISSING", "unrated"), "a,2025-06-01,200,1\n", "a")
    assert told.tier == "unrated" and told.tier_condition == "no value for growth"
    to = [(m.metric, m.side, m.tier) for m in told.to_next if m.metric == "growth"]
    assert to == [("growth", "", "keep"), ("growth", "above", "grow")]
    assert explanation_text(told, Look(width=120))


def test_a_matrix_loads_back_as_it_was_resolved() -> None:
    rubric = parse_rubric(f"rubric: mine\n{BANDS.replace('MISSING', 'low')}".encode(), "mine.yaml")
    assert "low: otherwise" in resolved_text(rubric)
    assert parse_rubric(resolved_text(rubric).encode(), "mine.yaml") == rubric
