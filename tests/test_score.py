"""Points by bands, missing values, weights spread, and a score that is exact."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custier.errors import DataError

BANDS = "[{at_least: 100, points: 100}, {at_least: 10, points: 60}, {otherwise: 0}]"


def _score(points: str, missing: str = "skip") -> str:
    return f"score: {{spend: {{weight: 30, bands: {BANDS}}}, s: {{weight: 70, missing: {missing}, bands: {points}}}}}\n"


@pytest.mark.parametrize(
    ("edge", "below", "at", "above"),
    [("at_least", 0, 1, 1), ("above", 0, 0, 1), ("at_most", 1, 1, 0), ("below", 1, 0, 0)],
)
def test_a_band_says_which_side_its_edge_is_on(graded: Any, spent: Any, edge: str, below: int, at: int, above: int) -> None:
    rubric = f"score: {{spend: {{weight: 100, bands: [{{{edge}: 100, points: 1}}, {{otherwise: 0}}]}}}}"
    assert graded(rubric, spent(a="99.99", b="100.00", c="100.01")).column("points_spend") == {"a": below, "b": at, "c": above}


def test_two_edges_make_a_span_and_a_quotient_is_banded_exactly(graded: Any, bought: Any) -> None:
    rubric = "score: {average_order: {weight: 100, missing: {points: 0}, bands: [{above: 33.333333, below: 33.333334, points: 7}, {otherwise: 1}]}}"
    rows = bought(("a", "2025-01-05", "33.33"), ("a", "2025-01-05", "33.33"), ("a", "2025-01-05", "33.34"), ("b", "2025-01-05", "33.33"))
    assert graded(rubric, rows).column("points_average_order") == {"a": 7, "b": 1}


@pytest.fixture(scope="session")
def surveys(table: Any) -> Any:
    """`surveys(a="4.5")`."""
    return lambda **scores: table("surveys", "customer date score", *((c, "2025-06-01", s) for c, s in scores.items()))


def _with_surveys(missing: str, graded: Any, bought: Any, surveys: Any) -> Any:
    rubric = "sources: {transactions: {}, surveys: {}}\nmetrics: {s: {mean: score, source: surveys}}\n" + _score(
        "[{at_least: 4.5, points: 80}, {otherwise: 20}]", missing
    )
    rows = bought(("a", "2025-06-01", "100"), ("b", "2025-06-01", "10"), ("c", "2025-06-01", "1"))
    return graded(rubric + "tiers: [{name: V, score: {at_least: 60}}, {name: C}]", rows, surveys(a="4.5", b="4.499999"))


@pytest.mark.parametrize(
    ("missing", "points", "score", "weight", "tier"),
    [("{points: 50}", 50, 35_000_000, 10_000, "C"), ("skip", None, 0, 3_000, "C"), ("unrated", None, 0, 3_000, "unrated")],
)
def test_a_missing_value_earns_what_the_rubric_says(
    graded: Any, bought: Any, surveys: Any, missing: str, points: int | None, score: int, weight: int, tier: str
) -> None:
    run = _with_surveys(missing, graded, bought, surveys)
    assert (run["a"]["score"], run["b"]["score"]) == (86_000_000, 32_000_000)
    c = run["c"]
    assert (c["points_s"], c["score"], c["score_weight"], c["tier"], c["band_s"]) == (points, score, weight, tier, None)


def test_missing_fail_refuses_the_run_and_says_how_many(graded: Any, bought: Any, surveys: Any) -> None:
    with pytest.raises(DataError, match="CT3301 1 customer has no value for the criterion `s`"):
        _with_surveys("fail", graded, bought, surveys)


def test_the_weight_of_what_is_skipped_is_spread_in_proportion(graded: Any, spent: Any, table: Any, surveys: Any) -> None:
    rubric = """
sources: {transactions: {}, surveys: {}, invoices: {}}
metrics: {s: {mean: score, source: surveys}, late: {mean: days_late, source: invoices}}
score:
  spend: {weight: 50, bands: [{at_least: 100, points: 100}, {otherwise: 1}]}
  s: {weight: 20, missing: skip, bands: [{otherwise: 40}]}
  late: {weight: 30, missing: skip, bands: [{otherwise: 10}]}
"""
    rows = spent(all="100", s="100", late="100", none="1")
    run = graded(
        rubric,
        rows,
        surveys(all="1", s="1"),
        table("invoices", "customer date paid", *((c, "2025-06-01", "2025-06-01") for c in ("all", "late"))),
    )
    expected = {"all": 61, "s": Fraction(5800, 70), "late": Fraction(5300, 80), "none": 1}
    for customer, score in expected.items():
        row = run[customer]
        assert Fraction(row["score_sum"], row["score_weight"]) == score
        assert row["score"] == int(score * 10**6 + Fraction(1, 2))


def test_a_customer_without_any_counted_criterion_has_no_score_and_is_unrated(graded: Any, spent: Any, surveys: Any) -> None:
    rubric = "sources: {transactions: {}, surveys: {}}\nmetrics: {s: {mean: score, source: surveys}}\nscore: {s: {weight: 100, missing: skip, bands: [{otherwise: 5}]}}"
    row = graded(rubric, spent(a="1"), surveys())["a"]
    assert (row["score"], row["score_weight"], row["tier"], row["next_tier"]) == (None, 0, "unrated", None)


def test_negative_points_round_like_the_rest_and_reconcile(graded: Any, spent: Any, surveys: Any) -> None:
    rubric = "sources: {transactions: {}, surveys: {}}\nmetrics: {s: {mean: score, source: surveys}}\nscore:\n" + (
        "  spend: {weight: 10, bands: [{otherwise: -5}]}\n  orders: {weight: 20, bands: [{otherwise: -2}]}\n  s: {weight: 70, missing: skip, bands: [{otherwise: 1}]}"
    )
    assert graded(rubric, spent(a="1"), surveys())["a"]["score"] == -3_000_000


@given(
    st.lists(st.integers(1, 2500), min_size=3, max_size=3),
    st.lists(st.integers(-300, 300), min_size=4, max_size=4),
    st.integers(0, 7),
    st.integers(-1, 1),
)
@settings(max_examples=25, deadline=None)
def test_a_threshold_of_two_decimals_is_decided_as_by_exact_rationals(
    graded: Any, table: Any, bought: Any, weights: list[int], points: list[int], given_sources: int, off: int
) -> None:
    """However weights are spread: the tier asks the exact score, and the stored one stands on the same side."""
    weights = [*weights, 10_000 - sum(weights)]
    sources = ["surveys", "events", "balances"]
    cells = {"surveys": ("score", "1"), "events": ("value", "1"), "balances": ("balance", "1")}
    present = [s for i, s in enumerate(sources) if given_sources >> i & 1]
    counted = [(weights[0], points[0])] + [(weights[i + 1], points[i + 1]) for i, s in enumerate(sources) if s in present]
    score = Fraction(sum(w * p for w, p in counted), sum(w for w, _ in counted))
    threshold = Decimal(int(score * 100) + off) / 100
    lines = [f"  spend: {{weight: {Decimal(weights[0]) / 100}, bands: [{{otherwise: {points[0]}}}]}}"]
    lines += [
        f"  {s}: {{weight: {Decimal(w) / 100}, missing: skip, bands: [{{otherwise: {p}}}]}}"
        for s, w, p in zip(sources, weights[1:], points[1:], strict=True)
    ]
    metrics = ", ".join(f"{s}: {{sum: {cells[s][0]}, source: {s}}}" for s in sources)
    declared = ", ".join(f"{s}: {{optional: true}}" for s in sources)
    rubric = f"sources: {{transactions: {{}}, {declared}}}\nmetrics: {{{metrics}}}\nscore:\n" + "\n".join(lines)
    rubric += f"\ntiers: [{{name: V, score: {{at_least: {threshold}}}}}, {{name: C}}]"
    exports = [table(s, f"customer date {cells[s][0]}", ("a", "2025-06-01", cells[s][1])) for s in present]
    row = graded(rubric, bought(("a", "2025-06-01", "1")), *exports)["a"]
    assert (row["tier"] == "V") == (score >= Fraction(threshold)) == (row["score"] >= int(threshold * 10**6))


def test_a_total_exactly_at_every_threshold_falls_where_the_edge_says(graded: Any, bought: Any) -> None:
    """Cents that floats cannot hold: 0.10 seven thousand times is 700, not a hair less."""
    rows = bought(
        *(("a", "2025-01-05", "0.10") for _ in range(7000)),
        *(("b", "2025-01-05", "0.10") for _ in range(6999)),
        ("b", "2025-01-05", "0.09"),
    )
    assert graded("score: {spend: {weight: 100, bands: [{at_least: 700, points: 1}, {otherwise: 0}]}}", rows).column("points_spend") == {
        "a": 1,
        "b": 0,
    }
