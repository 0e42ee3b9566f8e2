"""Tiers by score, condition and population cut, and the rules in their order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

SLICES = "tiers: [{name: key, top: 1%, by: spend}, {name: main, next: 19%}, {name: ordinary, next: 30%}, {name: small}]"


def test_annual_spend_at_its_edges(graded: Any, spent: Any) -> None:
    rubric = "tiers: [{name: VIP, when: spend > 500_000}, {name: A, when: spend >= 200_000}, {name: B, when: spend >= 50_000}, {name: C}]"
    run = graded(rubric, spent(v="500000.01", a="500000.00", b="200000.00", c="199999.99", d="50000.00", e="49999.99", f="-5"))
    assert run.column("tier") == {"v": "VIP", "a": "A", "b": "A", "c": "B", "d": "B", "e": "C", "f": "C"}
    assert run.column("next_tier") == {"v": None, "a": "VIP", "b": "VIP", "c": "A", "d": "A", "e": "B", "f": "B"}


def test_a_hundred_customers_make_the_pyramid_of_1_19_30_50(graded: Any, spent: Any) -> None:
    run = graded(SLICES, spent(**{f"c{i:03}": 1000 - i for i in range(100)}))
    tiers = [run.column("tier")[f"c{i:03}"] for i in range(100)]
    assert tiers == ["key"] + ["main"] * 19 + ["ordinary"] * 30 + ["small"] * 50
    assert [(c.tier, c.customers, c.realised_share) for c in run.graded.cuts] == [
        ("key", 1, 0.01),
        ("main", 20, 0.2),
        ("ordinary", 50, 0.5),
    ]


@pytest.mark.parametrize(
    ("slice", "key"),
    [
        ("top: 18%", 18),
        ("top: 18 customers", 18),
        ("cumulative_share: 80%", 18),
        ("cumulative_share: 79%", 18),
        ("cumulative_share: 75%", 17),
    ],
)
@pytest.mark.parametrize("ties", ["generous", "strict"])
def test_eighteen_of_a_hundred_hold_eighty_of_the_hundred_million(graded: Any, spent: Any, slice: str, key: int, ties: str) -> None:
    """Amounts that all differ, so that ties decide nothing; the share of the total counts whom it is reached with only if generous."""
    best = [4_444_444 + (n if n < 9 else 9 - 1 - n) for n in range(17)]
    best.append(80_000_000 - sum(best))
    others = [243_902 + n - 41 for n in range(81)]
    others.append(20_000_000 - sum(others))
    run = graded(
        f"tiers: [{{name: key, {slice}, by: spend, ties: {ties}}}, {{name: rest}}]",
        spent(**{f"c{i:03}": a for i, a in enumerate(best + others)}),
    )
    cut = run.graded.cuts[0]
    within = 17 if ties == "strict" and slice == "cumulative_share: 79%" else key
    within -= ties == "strict" and slice == "cumulative_share: 75%"
    assert (sum(t == "key" for t in run.column("tier").values()), cut.customers) == (within, within)
    if "share: 80" in slice:
        assert cut.realised_share == cut.asked_share == 0.8


@pytest.mark.parametrize("ties", ["generous", "strict"])
def test_of_fewer_customers_than_asked_for_all_are_in(graded: Any, spent: Any, ties: str) -> None:
    run = graded(f"tiers: [{{name: V, top: 5 customers, by: spend, ties: {ties}}}, {{name: C}}]", spent(a="9", b="9", c="0", d="-3"))
    assert set(run.column("tier").values()) == {"V"}
    assert (run.graded.cuts[0].asked_share, run.graded.cuts[0].realised_share) == (1.25, 1.0)


def test_a_share_of_the_total_counts_from_above_zero_only(graded: Any, spent: Any) -> None:
    rows = spent(a="60", b="40", zero="0", minus="-50")
    for share, ties, expected in (
        ("60%", "generous", "a"),
        ("60%", "strict", "a"),
        ("60.01%", "generous", "ab"),
        ("99%", "strict", "a"),
        ("100%", "strict", "ab"),
    ):
        run = graded(f"tiers: [{{name: V, cumulative_share: {share}, by: spend, ties: {ties}}}, {{name: C}}]", rows)
        assert "".join(c for c, tier in run.column("tier").items() if tier == "V") == expected, (share, ties)
    nobody = graded("tiers: [{name: V, cumulative_share: 80%, by: spend}, {name: C}]", spent(zero="0", minus="-50"))
    assert set(nobody.column("tier").values()) == {"C"} and nobody.graded.cuts[0].num is None


def test_regions_have_a_pyramid_each_and_who_has_none_is_in_a_group_too(graded: Any, bought: Any) -> None:
    """Equal spend, another region, another tier."""
    rows = [
        (f"{side}{i}", "2025-06-01", str(amount))
        for side, spread in (("n", 1), ("s", 10))
        for i, amount in enumerate(range(10 * spread, 0, -spread))
    ]
    rubric = """
segments: {region: {North: spend < 11 and orders < 2, South: otherwise}}
tiers: [{name: A, top: 10%, by: spend, within: region}, {name: B, next: 20%}, {name: C}]
"""
    run = graded(rubric, bought(*rows))
    tiers = run.column("tier")
    assert (tiers["n0"], tiers["s9"], run["n0"]["region"], run["s9"]["region"]) == ("A", "A", "North", "North")
    assert [(c.tier, c.group, c.customers, c.ranked) for c in run.graded.cuts] == [
        ("A", "North", 2, 11), ("A", "South", 0, 9), ("B", "North", 3, 11), ("B", "South", 2, 9),
    ]  # fmt: skip
    assert tiers["s0"] == tiers["s1"] == "B" and sum(tier == "B" for tier in tiers.values()) == 3


ORDINAL = st.dictionaries(st.integers(0, 40).map(lambda i: f"c{i:02}"), st.integers(-3, 12), min_size=1, max_size=30)


def _oracle(amounts: dict[str, int], slices: list[tuple[str, int]], strict: bool) -> dict[str, int]:
    """By brute force: each customer's own rank among all, the first slice it is in."""
    found = {}
    total = sum(a for a in amounts.values() if a > 0)
    for customer, amount in amounts.items():
        better = [a for a in amounts.values() if a > amount]
        alike = [a for a in amounts.values() if a >= amount]
        rank = len(alike) if strict else len(better) + 1
        reached = sum(alike) if strict else sum(better)
        tests = {
            "share": lambda n, rank=rank: rank * 10_000 <= n * len(amounts),
            "customers": lambda n, rank=rank: rank <= n,
            "total": lambda n, reached=reached, amount=amount: (
                amount > 0 and (reached * 10_000 <= n * total if strict else reached * 10_000 < n * total)
            ),
        }
        found[customer] = next((i for i, (kind, n) in enumerate(slices) if tests[kind](n)), len(slices))
    return found


@given(ORDINAL, st.lists(st.integers(1, 4000), min_size=1, max_size=3), st.booleans())
@settings(max_examples=60, deadline=None)
def test_shares_of_customers_equal_brute_force(graded: Any, spent: Any, amounts: dict[str, int], shares: list[int], strict: bool) -> None:
    reached = [sum(shares[: i + 1]) for i in range(len(shares))]
    if reached[-1] > 10_000:
        return
    ties = "strict" if strict else "generous"
    tiers = [f"{{name: t{i}, {'top' if i == 0 else 'next'}: {s / 100:.2f}%, by: spend, ties: {ties}}}" for i, s in enumerate(shares)]
    run = graded(f"tiers: [{', '.join(tiers)}, {{name: rest}}]", spent(**amounts))
    assert run.column("earned_rank") == _oracle(amounts, [("share", s) for s in reached], strict)


@given(ORDINAL, st.integers(1, 35), st.integers(1, 10_000), st.booleans())
@settings(max_examples=60, deadline=None)
def test_numbers_of_customers_and_shares_of_the_total_equal_brute_force(
    graded: Any, spent: Any, amounts: dict[str, int], number: int, share: int, strict: bool
) -> None:
    ties = "strict" if strict else "generous"
    first, second = (
        f"{{name: n, top: {number} customers, by: spend, ties: {ties}}}",
        f"{{name: t, cumulative_share: {share / 100:.2f}%, by: spend, ties: {ties}}}",
    )
    run = graded(f"tiers: [{first}, {second}, {{name: rest}}]", spent(**amounts))
    assert run.column("earned_rank") == _oracle(amounts, [("customers", number), ("total", share)], strict)


def test_ties_at_a_cut_are_all_in_or_all_out(graded: Any, spent: Any) -> None:
    rows = spent(a="9", b="5", c="5", d="1")
    generous = graded("tiers: [{name: V, top: 50%, by: spend}, {name: C}]", rows)
    strict = graded("tiers: [{name: V, top: 50%, by: spend, ties: strict}, {name: C}]", rows)
    assert generous.column("tier") == {"a": "V", "b": "V", "c": "V", "d": "C"}
    assert strict.column("tier") == {"a": "V", "b": "C", "c": "C", "d": "C"}
    assert (generous.graded.cuts[0].realised_share, strict.graded.cuts[0].realised_share) == (0.75, 0.25)
    assert (generous.graded.cuts[0].num, strict.graded.cuts[0].num) == (500, 900)


def test_everyone_equal_is_one_tier(graded: Any, spent: Any) -> None:
    everyone = {f"c{i}": "7" for i in range(20)}
    assert set(graded(SLICES, spent(**everyone)).column("tier").values()) == {"main"}
    strict = SLICES.replace("by: spend", "by: spend, ties: strict").replace("19%", "19%, ties: strict").replace("30%", "30%, ties: strict")
    assert set(graded(strict, spent(**everyone)).column("tier").values()) == {"small"}


def test_the_unrated_are_not_counted_in_a_cut(graded: Any, bought: Any) -> None:
    rows = bought(("new", "2025-12-30", "999"), ("a", "2025-01-05", "10"), ("b", "2025-01-05", "5"))
    run = graded("eligible: tenure_months >= 3\ntiers: [{name: V, top: 50%, by: spend}, {name: C}]", rows)
    assert run.column("tier") == {"new": "unrated", "a": "V", "b": "C"}


def test_a_slice_by_a_quotient_leaves_out_those_without_it(graded: Any, table: Any) -> None:
    rows = table(
        "transactions",
        "customer date amount order",
        ("a", "2025-01-05", "10", "1"),
        ("b", "2025-01-05", "9", "1"),
        ("b", "2025-01-06", "9", "2"),
        ("old", "2024-01-05", "999", "1"),
    )
    assert graded("tiers: [{name: V, top: 50%, by: average_order}, {name: C}]", rows).column("tier") == {"a": "V", "b": "C", "old": "C"}


def test_a_slice_and_a_condition_must_both_hold(graded: Any, spent: Any) -> None:
    run = graded("tiers: [{name: V, top: 50%, by: spend, when: spend > 5}, {name: C}]", spent(a="5", b="4", c="1", d="0"))
    assert set(run.column("tier").values()) == {"C"}


RULES = "tiers: [{name: S, when: spend > 300}, {name: A, when: spend > 200}, {name: B, when: spend > 100}, {name: C}]\n"


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ("[{name: r, when: orders > 0, at_most: B}]", "BBBC"),
        ("[{name: r, when: orders > 0, at_least: B}]", "SABB"),
        ("[{name: r, when: orders > 0, up: 1}]", "SSAB"),
        ("[{name: r, when: orders > 0, up: 9}]", "SSSS"),
        ("[{name: r, when: orders > 0, down: 2}]", "BCCC"),
        ("[{name: r, when: orders > 0, set: A}]", "AAAA"),
        ("[{name: r, when: orders > 5, set: A}]", "SABC"),
        ("[{name: u, when: orders > 0, up: 1}, {name: m, when: orders > 0, at_most: B}]", "BBBB"),
        ("[{name: m, when: orders > 0, at_most: B}, {name: u, when: orders > 0, up: 1}]", "AAAB"),
        ("[{name: d, when: orders > 0, down: 9}, {name: u, when: spend > 200, up: 1}]", "BBCC"),
        ("[{name: with-dash, when: spend > 300, down: 1}]", "AABC"),
        ("[{name: null-is-not-true, when: average_order / 0 > 1, set: S}]", "SABC"),
    ],
)
def test_rules_apply_in_their_order(graded: Any, spent: Any, rules: str, expected: str) -> None:
    run = graded(f"{RULES}rules: {rules}", spent(a="400", b="300", c="200", d="100"))
    assert "".join(run.column("earned_tier").values()) == expected
    assert "".join(run.column("tier_before_rules").values()) == "SABC"


def test_no_rule_touches_the_unrated(graded: Any, bought: Any) -> None:
    run = graded(
        f"{RULES}eligible: tenure_months >= 3\nrules: [{{name: r, when: spend > 0, set: S}}]",
        bought(("n", "2025-12-01", "9"), ("o", "2025-01-01", "9")),
    )
    assert run.column("tier") == {"n": "unrated", "o": "S"}
    assert (run["n"]["rule_r"], run["n"]["rules"], run["n"]["reasons"], run["n"]["next_tier"]) == (False, "", "", None)


def test_a_text_of_the_customers_table_divides_the_population(graded: Any, table: Any, spent: Any) -> None:
    rubric = "sources: {transactions: {}, customers: {}}\ntiers: [{name: A, top: 50%, by: spend, within: region}, {name: C}]"
    listed = table("customers", "customer region", ("a", "N"), ("b", "N"), ("c", "S"), ("d", "S"), ("e", None), ("f", None))
    run = graded(rubric, spent(a="9", b="8", c="2", d="1", e="7", f="6"), listed)
    assert run.column("tier") == {"a": "A", "b": "C", "c": "A", "d": "C", "e": "A", "f": "C"}
    assert [(c.group, c.num) for c in run.graded.cuts] == [("-", 700), ("N", 900), ("S", 200)]
