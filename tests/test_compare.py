"""This run against the last: the change, the steps, since when, and the cause in words."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

TIERS = "tiers: [{name: S, when: spend >= 300}, {name: A, when: spend >= 200}, {name: C}]\n"
LAST_YEAR = {"as_of": "2024-12-31"}


def test_everyone_is_new_in_a_first_run(graded: Any, spent: Any) -> None:
    row = graded(TIERS, spent(a="1"))["a"]
    assert (row["change"], row["previous_tier"], row["steps"], row["tier_since"], row["cause"]) == (
        "new",
        None,
        None,
        date(2025, 12, 31),
        "first row on 2025-06-01",
    )


def test_each_kind_of_change_with_its_steps_and_cause(graded: Any, bought: Any) -> None:
    before = bought(
        ("up", "2024-06-01", "100"),
        ("down", "2024-06-01", "300"),
        ("same", "2024-06-01", "200"),
        ("back", "2023-06-01", "9"),
        ("gone", "2024-06-01", "300"),
    )
    now = bought(
        ("up", "2024-06-01", "100"),
        ("up", "2025-06-01", "300"),
        ("down", "2025-06-01", "250.50"),
        ("same", "2025-06-01", "299.99"),
        ("back", "2023-06-01", "9"),
        ("back", "2025-06-01", "5"),
        ("new", "2025-12-31", "7"),
    )
    run = graded(TIERS, now, previous=graded(TIERS, before, **LAST_YEAR))
    assert run.column("change") == {"up": "up", "down": "down", "same": "same", "back": "returned", "gone": "down", "new": "new"}
    assert run.column("steps") == {"up": 2, "down": -1, "same": 0, "back": 0, "gone": -2, "new": None}
    assert run.column("previous_tier") == {"up": "C", "down": "S", "same": "A", "back": "C", "gone": "S", "new": None}
    assert {c: d.year for c, d in run.column("tier_since").items()} == {
        "up": 2025,
        "down": 2025,
        "same": 2024,
        "back": 2024,
        "gone": 2025,
        "new": 2025,
    }
    assert run.column("cause") == {
        "up": "spend 100.00 → 300.00",
        "down": "spend 300.00 → 250.50",
        "same": None,
        "gone": "spend 300.00 → 0.00",
        "back": "back: rows in the window again, 1",
        "new": "first row on 2025-12-31",
    }


def test_a_customer_of_the_last_run_without_rows_is_graded_on_zero_activity(graded: Any, bought: Any) -> None:
    last = graded(TIERS, bought(("gone", "2024-03-01", "300")), **LAST_YEAR)
    row = graded(TIERS + "flags: {f: tenure_months > 0}", bought(("a", "2025-06-01", "1")), previous=last)["gone"]
    assert (row["has_rows"], row["rows_in_window"], row["spend"], row["orders"], row["tier"]) == (False, 0, 0, 0, "C")
    assert (row["recency_days"], row["tenure_months"]) == (670, 21)


def test_becoming_rated_and_unrated_is_a_move(graded: Any, bought: Any) -> None:
    rubric = TIERS + "eligible: spend > 10"
    last = graded(rubric, bought(("a", "2024-06-01", "5"), ("b", "2024-06-01", "50")), **LAST_YEAR)
    run = graded(rubric, bought(("a", "2025-06-01", "50"), ("b", "2025-06-01", "5")), previous=last)
    assert (run["a"]["change"], run["a"]["steps"], run["b"]["change"], run["b"]["steps"]) == ("up", 1, "down", -1)
    assert run["a"]["cause"].startswith("now rated: spend 5.00 → 50.00")
    assert run["b"]["cause"].startswith("no longer rated: spend 50.00 → 5.00")


def test_points_rules_cuts_and_a_changed_rubric_are_named_as_causes(graded: Any, bought: Any) -> None:
    rubric = """
score: {spend: {weight: 100, bands: [{at_least: 100, points: 100}, {otherwise: 40}]}}
tiers: [{name: V, score: {at_least: 85}}, {name: K, top: 25%, by: spend}, {name: C}]
rules: [{name: few, when: orders < 2, at_most: C}]
"""
    last = graded(
        rubric,
        bought(*((c, "2024-06-01", a) for c, a in (("a", "50"), ("a", "10"), ("b", "99"), ("b", "0"), ("c", "1"), ("d", "1")))),
        **LAST_YEAR,
    )
    rows = bought(*((c, "2025-06-01", a) for c, a in (("a", "150"), ("a", "10"), ("b", "40"), ("c", "1"), ("d", "1"))))
    run = graded(rubric, rows, last=last.last(same_rubric=False), previous=last)
    assert run["a"]["cause"] == "the rubric changed; spend 60.00 → 160.00 (40 → 100 points)"
    assert (
        run["b"]["cause"]
        == "the rubric changed; spend 99.00 → 40.00; cut for K by spend 99.00 → 160.00; rule few (at most C) now holds: orders 2 → 1"
    )
    assert run["c"]["cause"] is None


def test_a_move_by_less_than_two_decimals_still_has_a_cause(graded: Any, table: Any) -> None:
    rubric = "tiers: [{name: V, when: margin >= 0.3}, {name: C}]"
    header = "customer date amount profit"
    last = graded(rubric, table("transactions", header, ("a", "2024-06-01", "10000", "2999")), **LAST_YEAR)
    run = graded(rubric, table("transactions", header, ("a", "2025-06-01", "10000", "3000")), previous=last)
    assert run["a"]["change"] == "up"
    assert run["a"]["cause"] == "margin 0.299900 → 0.300000"


KINDS = {
    "count": "{count: amount}",
    "money": "{sum: amount}",
    "number": "{sum: quantity}",
    "mean": "{mean: amount}",
    "mean of numbers": "{mean: quantity}",
    "quotient of counts": "{formula: orders / 4}",
    "many decimals": "{formula: 'round(spend, 2) * round(spend / 3, 4) * 0.1'}",
}
SAID = {
    "count": ("1", "2"),
    "money": ("4.00", "7.50"),
    "number": ("5.00", "9.00"),
    "mean": ("4.00", "3.75"),
    "mean of numbers": ("5.00", "4.50"),
    "quotient of counts": ("0.25", "0.50"),
    "many decimals": ("0.53", "1.88"),
}


@pytest.mark.parametrize("now", KINDS)
@pytest.mark.parametrize("before", KINDS)
def test_a_metric_that_becomes_another_kind_of_number_is_told_as_old_and_new(graded: Any, table: Any, before: str, now: str) -> None:
    """The same metric was a count and is an average now, or the other way round: scales and divisors differ."""
    header = "customer date amount quantity order"
    rows = [("a", "2024-06-01", "4", "5", "1"), ("a", "2025-06-01", "3.50", "4", "2"), ("a", "2025-07-01", "4", "5", "3")]
    rubric = "tiers: [{{name: V, when: m > {}}}, {{name: C}}]\nmetrics: {{m: {}}}"
    last = graded(rubric.format("-1", KINDS[before]), table("transactions", header, *rows[:1]), **LAST_YEAR)
    run = graded(rubric.format("1000000", KINDS[now]), table("transactions", header, *rows), previous=last)
    assert run["a"]["change"] == "down"
    assert run["a"]["cause"] == f"m {SAID[before][0]} → {SAID[now][1]}"


def test_a_metric_of_another_kind_but_the_same_value_has_not_changed(graded: Any, bought: Any) -> None:
    rubric = "tiers: [{{name: V, when: m > {}}}, {{name: C}}]\nmetrics: {{m: {}}}"
    for before, now in (("{max: amount}", "{mean: amount}"), ("{mean: amount}", "{max: amount}")):
        last = graded(rubric.format("-1", before), bought(("a", "2024-06-01", "4")), **LAST_YEAR)
        run = graded(rubric.format("1000", now), bought(("a", "2025-06-01", "4")), previous=last)
        assert (run["a"]["change"], run["a"]["cause"]) == ("down", "")


def test_an_average_of_trillions_is_told_in_full(graded: Any, bought: Any) -> None:
    rubric = "tiers: [{{name: V, when: m > {}}}, {{name: C}}]\nmetrics: {{m: {{mean: amount}}}}"
    last = graded(rubric.format("-1"), bought(("a", "2024-06-01", "39000000000000000.00")), **LAST_YEAR)
    run = graded(rubric.format("1e17"), bought(("a", "2025-06-01", "-38000000000000000.01")), previous=last)
    assert run["a"]["cause"] == "m 39000000000000000.00 → -38000000000000000.01"


def test_a_renamed_tier_keeps_its_place_and_a_fall_from_it_is_a_fall(graded: Any, bought: Any) -> None:
    old = "tiers: [{name: VIP, when: spend >= 1000}, {name: A, when: spend >= 100}, {name: B}]"
    last = graded(old, bought(("falls", "2024-06-01", "2000"), ("stays", "2024-06-01", "2000")), **LAST_YEAR)
    run = graded(old.replace("VIP", "Gold"), bought(("falls", "2025-06-01", "3"), ("stays", "2025-06-01", "2000")), previous=last)
    assert (run["falls"]["change"], run["falls"]["steps"]) == ("down", -2)
    assert (run["stays"]["change"], run["stays"]["steps"]) == ("same", 0)
    assert "the tier VIP is gone from the rubric" in run["falls"]["cause"]


def test_a_customer_of_a_removed_tier_stands_at_the_lowest_place_that_is_left(graded: Any, bought: Any) -> None:
    old = "tiers: [{name: A, when: spend >= 1000}, {name: B, when: spend >= 100}, {name: C}]"
    last = graded(old, bought(("c", "2024-06-01", "5")), **LAST_YEAR)
    run = graded("tiers: [{name: A, when: spend >= 1000}, {name: B}]", bought(("c", "2025-06-01", "5")), previous=last)
    assert (run["c"]["change"], run["c"]["steps"], run["c"]["tier"]) == ("same", 0, "B")


DIVIDED = """
segments: {buyer: {frequent: orders >= 2, rare: otherwise}}
tiers: [{name: K, top: 50%, by: spend, within: buyer}, {name: C}]
"""


def test_the_cut_of_the_own_group_and_a_change_of_group_are_named_as_causes(graded: Any, bought: Any) -> None:
    def twice(customer: str, amount: int) -> list[tuple[str, str, str]]:
        return [(customer, "2025-05-01", str(amount)), (customer, "2025-05-02", "0")]

    january = [*twice("a", 90), *twice("b", 50), ("c", "2025-05-01", "80"), ("d", "2025-05-01", "40")]
    june = [*twice("a", 90), *twice("b", 95), ("c", "2025-05-01", "80"), ("d", "2025-05-01", "85"), *twice("n", 1), *twice("m", 1)]
    before = graded(DIVIDED, bought(*january), as_of="2025-05-31")
    now = graded(DIVIDED, bought(*june), as_of="2025-06-30", previous=before)
    assert before.column("tier") == {"a": "K", "b": "C", "c": "K", "d": "C"}
    assert {c: (now[c]["tier"], now[c]["cause"]) for c in "bcd"} == {
        "b": ("K", "spend 50.00 → 95.00"),
        "c": ("C", "cut for K by spend in rare 80.00 → 85.00"),
        "d": ("K", "spend 40.00 → 85.00; cut for K by spend in rare 80.00 → 85.00"),
    }
    moved = graded(DIVIDED, bought(*january, ("c", "2025-05-03", "0")), as_of="2025-06-30", previous=before)
    assert (moved["c"]["tier"], moved["c"]["cause"]) == ("C", "buyer rare → frequent (orders 1 → 2)")
