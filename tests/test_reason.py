"""Reasons: the most points lost first, equal losses in the rubric's order, then the rules that moved the tier."""

from __future__ import annotations

from typing import Any

SCORE = """
score:
  spend: {weight: 20, bands: [{at_least: 100, points: 100}, {otherwise: 40}]}
  orders: {weight: 20, bands: [{at_least: 2, points: 100}, {otherwise: 40}]}
  recency_days: {weight: 60, missing: fail, bands: [{at_most: 30, points: 100}, {at_most: 365, points: 70}, {otherwise: 0}]}
tiers: [{name: A, score: {at_least: 60}}, {name: B, score: {at_least: 20}}, {name: C}]
rules: [{name: small, when: spend < 50, at_most: C}, {name: idle, when: recency_days > 0, up: 1}, {name: none, when: spend > 1000, up: 1}]
"""


def test_reasons_and_rules(graded: Any, bought: Any) -> None:
    run = graded(
        SCORE, bought(("top", "2025-12-31", "60"), ("top", "2025-12-31", "60"), ("mid", "2025-06-01", "60"), ("low", "2024-01-01", "1"))
    )
    assert run.column("reasons") == {
        "top": "",
        "mid": "recency_days 70/100; spend 40/100; orders 40/100; idle B→A",
        "low": "recency_days 0/100; spend 40/100; orders 40/100; idle C→B",
    }
    assert run.column("reason_codes") == {"top": "", "mid": "recency_days; spend; orders", "low": "recency_days; spend; orders"}
    assert run.column("rules") == {"top": "", "mid": "idle", "low": "small; idle"}


def test_the_best_points_may_be_those_of_a_missing_value_and_what_is_skipped_lost_nothing(graded: Any, bought: Any) -> None:
    rubric = """
sources: {transactions: {}, surveys: {optional: true}}
metrics: {s: {mean: score, source: surveys}}
score:
  spend: {weight: 50, bands: [{at_least: 100, points: 10}, {otherwise: 4}]}
  s: {weight: 20, missing: skip, bands: [{otherwise: 9}]}
  t: {metric: average_order, weight: 30, missing: {points: 20}, bands: [{otherwise: 10}]}
"""
    assert graded(rubric, bought(("a", "2025-06-01", "1")))["a"]["reasons"] == "spend 4/10; t 10/20"


def test_no_helper_column_is_left_behind(graded: Any, bought: Any) -> None:
    left = graded(SCORE, bought(("a", "2025-12-31", "60"))).frame.columns
    assert not [name for name in left if name.startswith(("lost_", "place_"))]
