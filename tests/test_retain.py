"""What keeps a tier that is no longer earned: its validity, a lower bar, a limit to the fall; and what takes it all the same."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custier.errors import RubricError
from custier.explain.held import exact_value
from custier.explain.prepared import prepared
from custier.explain.retained import tier_rank
from custier.rubric import load_rubric
from custier.rubric.retention import Retention
from custier.values import IN_FORCE, PREVIOUS_RANK

TIERS = "tiers: [{name: S, when: spend >= 500}, {name: A, when: spend >= 200}, {name: B, when: spend >= 50}, {name: C}]\n"
MONTH = "window: last 1 months\n"
YEAR = "retention: {valid_for: 12 months}\n"


@pytest.fixture
def months(graded: Any, bought: Any) -> Any:
    """What one customer spends per month, graded month after month; each run is compared with the one before."""

    def run(rubric: str, *spends: str, first: int = 1) -> list[dict[str, Any]]:
        days = [f"{2025 + (first + n - 1) // 12}-{(first + n - 1) % 12 + 1:02}-15" for n in range(len(spends))]
        rows = [("x", day, spend) for day, spend in zip(days, spends, strict=True)]
        found, last = [], None
        for day in days:
            last = graded(MONTH + rubric, bought(*rows), as_of=day, previous=last)
            found.append(last["x"])
        return found

    return run


def tiers(found: list[dict[str, Any]]) -> str:
    return "".join(row["tier"] for row in found)


def test_without_retention_the_tier_is_the_earned_one(months: Any) -> None:
    found = months(TIERS, "500", "10", "200")
    assert tiers(found) == "SCA" and [row["valid_until"] for row in found] == [None] * 3
    assert [row["retained"] for row in found] == [None] * 3


def test_a_tier_is_kept_until_its_validity_has_passed(months: Any) -> None:
    found = months(TIERS + "retention: {valid_for: 3 months}\n", "500", "10", "10", "10", "10")
    assert tiers(found) == "SSSCC"
    assert [row["valid_until"] for row in found[:3]] == [date(2025, 4, 15)] * 3
    assert [row["retained"] for row in found] == [None, "valid until 2025-04-15", "valid until 2025-04-15", None, None]
    assert found[1]["earned_tier"] == "C" and found[1]["change"] == "same" and found[3]["change"] == "down"


def test_earning_it_again_makes_it_valid_for_as_long_again(months: Any) -> None:
    found = months(TIERS + "retention: {valid_for: 3 months}\n", "500", "500", "10", "10", "10")
    assert tiers(found) == "SSSSC" and found[3]["valid_until"] == date(2025, 5, 15)


def test_a_better_tier_counts_at_once_and_a_lower_one_earned_meanwhile_changes_nothing(months: Any) -> None:
    found = months(TIERS + YEAR, "200", "50", "500", "200")
    assert tiers(found) == "AASS" and found[3]["valid_until"] == date(2026, 3, 15)


def test_what_is_lost_may_be_lost_one_step_at_a_time(months: Any) -> None:
    found = months(TIERS + "retention: {max_steps_down: 1}\n", "500", "0", "0", "0", "0")
    assert tiers(found) == "SABCC"
    assert [row["retained"] for row in found] == [None, "1 step down at most", "1 step down at most", None, None]
    assert found[1]["steps"] == -1 and found[1]["earned_tier"] == "C"


def test_after_its_validity_a_tier_falls_by_steps_that_are_valid_as_long(months: Any) -> None:
    found = months(TIERS + "retention: {valid_for: 2 months, max_steps_down: 1}\n", "500", "0", "0", "0", "0", "0", "0")
    assert tiers(found) == "SSAABBC"
    assert [row["valid_until"] for row in found[2:4]] == [date(2025, 5, 15)] * 2


def test_a_lower_bar_keeps_the_tier_and_renews_it(months: Any) -> None:
    found = months(TIERS + "retention: {valid_for: 2 months, keep: {S: spend >= 400}}\n", "500", "400", "400", "399.99")
    assert tiers(found) == "SSSS" and found[2]["retained"] == "enough to keep it" and found[2]["valid_until"] == date(2025, 5, 15)
    assert found[3]["retained"] == "valid until 2025-05-15"


def test_a_bar_alone_is_asked_every_time(months: Any) -> None:
    found = months(TIERS + "retention: {keep: {S: spend >= 400, A: spend >= 100}}\n", "500", "400", "399.99", "100", "99.99")
    assert tiers(found) == "SSAAB"


def test_a_bar_is_that_of_the_tier_the_customer_has(months: Any) -> None:
    assert tiers(months(TIERS + "retention: {keep: {S: spend >= 100}}\n", "200", "100", "150")) == "ABB"


def test_a_rule_that_caps_the_tier_caps_a_kept_one_too(months: Any) -> None:
    rules = "rules: [{name: arrears, when: spend < 20, at_most: B}]\n"
    found = months(TIERS + rules + YEAR, "500", "30", "10", "30")
    assert tiers(found) == "SSBB"
    assert found[2]["retained"] == "valid until 2026-01-15" and found[2]["valid_until"] == date(2026, 1, 15)


def test_a_rule_that_sets_the_tier_leaves_nothing_to_keep(months: Any) -> None:
    rules = "rules: [{name: fraud, when: spend < 0, set: C}]\n"
    assert tiers(months(TIERS + rules + YEAR, "500", "-1")) == "SC"


def test_who_is_not_rated_keeps_nothing(months: Any) -> None:
    found = months("eligible: spend <> 7\n" + TIERS + YEAR, "500", "7", "50", "0")
    assert [row["tier"] for row in found] == ["S", "unrated", "B", "B"]
    assert found[1]["valid_until"] is None and found[1]["tier_rank"] is None


def test_tiers_of_a_run_before_the_policy_knew_retention_were_earned_then(graded: Any, bought: Any) -> None:
    rows = bought(("x", "2025-01-31", "500"))
    before = graded(MONTH + TIERS, rows, as_of="2025-01-31")
    now = graded(MONTH + TIERS + "retention: {valid_for: 3 months}\n", rows, as_of="2025-03-31", previous=before)["x"]
    assert (now["tier"], now["valid_until"]) == ("S", date(2025, 4, 30))
    late = graded(MONTH + TIERS + "retention: {valid_for: 3 months}\n", rows, as_of="2025-04-30", previous=before)["x"]
    assert late["tier"] == "C"


def test_losing_a_kept_tier_says_until_when_it_was_kept(months: Any) -> None:
    found = months(TIERS + "retention: {valid_for: 2 months}\n", "500", "10", "10")
    assert found[2]["cause"] == "kept before: valid until 2025-03-15"


@pytest.mark.parametrize(
    ("to_end_of", "until"),
    [(None, "2026-05-31"), ("month", "2026-05-31"), ("quarter", "2026-06-30"), ("half-year", "2026-06-30"), ("year", "2026-12-31")],
)
def test_a_validity_may_last_to_the_end_of_a_calendar_period(to_end_of: str | None, until: str) -> None:
    retention = Retention.model_validate({"valid_for": "12 months", "to_end_of": to_end_of})
    assert retention.valid_until(date(2025, 5, 31)) == date.fromisoformat(until)


def test_a_month_that_is_too_short_ends_the_validity_on_its_last_day() -> None:
    assert Retention.model_validate({"valid_for": "1 month"}).valid_until(date(2025, 1, 31)) == date(2025, 2, 28)


@settings(deadline=None, max_examples=40)
@given(earned=st.lists(st.integers(0, 3), min_size=1, max_size=6), valid=st.integers(1, 4), steps=st.integers(1, 3))
def test_a_kept_tier_is_never_worse_than_the_earned_one_and_falls_no_faster_than_allowed(
    graded: Any, bought: Any, earned: list[int], valid: int, steps: int
) -> None:
    amounts = ["500", "200", "50", "0"]
    rubric = f"{MONTH}{TIERS}retention: {{valid_for: {valid} months, max_steps_down: {steps}}}\n"
    rows = bought(*(("x", f"2025-{m:02}-15", amounts[rank]) for m, rank in enumerate(earned, 1)))
    last, held, until = None, 3, 0
    for month, rank in enumerate(earned, 1):
        last = graded(rubric, rows, as_of=f"2025-{month:02}-15", previous=last)
        if month == 1 or rank <= held:
            held, until = rank, month + valid
        elif month >= until:
            held, until = min(rank, held + steps), month + valid
        assert last["x"]["tier_rank"] == held


def test_a_retention_that_names_no_tier_is_refused_and_one_that_keeps_nothing_is_warned_of(tmp_path: Any) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(f"rubric: r\n{TIERS}retention: {{max_steps_down: 3, keep: {{C: spend >= 1}}}}\n", encoding="utf-8")
    assert [(w.code, w.where) for w in load_rubric(path).warnings] == [("CT1495", f"{path}:3:29"), ("CT1495", f"{path}:3:42")]
    path.write_text(f"rubric: r\n{TIERS}retention: {{keep: {{SS: spend >= 1}}}}\n", encoding="utf-8")
    with pytest.raises(RubricError) as refused:
        load_rubric(path)
    assert [(p.code, p.where, p.help) for p in refused.value.problems] == [("CT1413", f"{path}:3:24", "the nearest tier is `S`")]


MONTHLY = (
    "rubric: r\n" + MONTH + TIERS + "rules: [{name: arrears, when: spend < 20, at_most: B}, {name: fraud, when: spend = 33, set: C}]\n"
    "retention: {valid_for: 2 months, max_steps_down: 1, keep: {S: spend >= 400, A: spend >= 100}}\n"
)
SPENDS = st.sampled_from(["0", "10", "19.99", "20", "33", "49.99", "50", "99.99", "100", "200", "399.99", "400", "500"])


@settings(deadline=None, max_examples=40)
@given(spends=st.lists(SPENDS, min_size=2, max_size=5), otherwise=SPENDS)
def test_what_explain_says_of_another_amount_is_what_a_run_makes_of_it(graded: Any, bought: Any, spends: list[str], otherwise: str) -> None:
    def last_month(*amounts: str) -> Any:
        last = None
        for month in range(1, len(amounts) + 1):
            rows = bought(*(("x", f"2025-{m:02}-15", amount) for m, amount in enumerate(amounts, 1)))
            last = graded(MONTHLY, rows, as_of=f"2025-{month:02}-15", previous=last)
        return last

    now, then = last_month(*spends), last_month(*spends[:-1], otherwise)["x"]
    kinds = {name: planned.kind for name, planned in now.plan.metrics.items()}
    row = now["x"]
    values = {name: exact_value(row, name, kind) for name, kind in kinds.items()} | {n: row[n] for n in (PREVIOUS_RANK, IN_FORCE)}
    policy = prepared(now.rubric, now.as_of)
    assert tier_rank(values, policy, kinds, []) == row["tier_rank"]
    assert tier_rank({**values, "spend": Fraction(otherwise)}, policy, kinds, []) == then["tier_rank"]
    assert row["next_tier"] == (["S", "A", "B", "C"][row["tier_rank"] - 1] if row["tier_rank"] else None)


def test_the_next_tier_is_above_the_one_that_is_kept(months: Any) -> None:
    found = months(TIERS + YEAR, "200", "10")
    assert (found[1]["earned_tier"], found[1]["tier"], found[1]["next_tier"]) == ("C", "A", "S")
