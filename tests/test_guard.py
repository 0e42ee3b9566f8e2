"""Guardrails hold above their limit and not at it; shares of few hold nothing; what they compare with is reckoned exactly."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custier.guard import (
    Move,
    check_gaps,
    check_months,
    check_movement,
    check_newer,
    check_rejected,
    check_restated,
    check_stale,
    check_tiers,
    check_volume,
    loosened,
    moves_of,
    psi,
    with_causes,
)
from custier.guard.volume import median
from custier.history import months_of
from custier.rubric.model import Guardrails, Rubric
from custier.rubric.plan import Plan
from custier.rubric.window import Length
from custier.tally import tally
from custier.values import Account, Guard, History, InputFile, Month, Past

USUAL = Guardrails()
TIERS = ("A", "B", "C")


def limits(**said: Any) -> Guardrails:
    return Guardrails.model_validate(said)


def moves(moved: int = 0, gone: int = 0, of: int = 1000, new: int = 0, left: int = 0, top: int = 100) -> list[Move]:
    """Customers of the last run, some of whom moved, vanished or left the best tier; and new ones."""
    counted = [
        Move("B", "C", True, False, False, False, moved - left),
        Move("A", "B", True, True, True, False, left),
        Move("A", "A", False, False, True, False, top - left),
        Move("B", "B", False, False, False, True, gone),
        Move("B", "B", False, False, False, False, of - moved - gone - (top - left)),
        Move(None, "B", False, False, False, False, new),
    ]
    return [move for move in counted if move.customers]


def verdicts(guards: list[Guard]) -> dict[str, tuple[bool, str]]:
    return {guard.name: (guard.held, guard.waived) for guard in guards}


@pytest.mark.parametrize(("moved", "held"), [(199, False), (200, False), (201, True)])
def test_a_fifth_of_the_customers_may_move_and_no_more(moved: int, held: bool) -> None:
    guard = check_movement(moves(moved), USUAL)[0]
    assert (guard.name, guard.held, guard.count, guard.of) == ("moved_at_most", held, moved, 1000)
    assert guard.near is not held and guard.observed == f"{moved / 10:.2f}%" and guard.limit == "20%"


@pytest.mark.parametrize(
    ("name", "at", "above"),
    [
        ("customers_drop_at_most", {"gone": 100}, {"gone": 101}),
        ("new_customers_at_most", {"new": 300}, {"new": 301}),
        ("top_tier_leaves_at_most", {"moved": 10, "left": 10}, {"moved": 11, "left": 11}),
    ],
)
def test_each_limit_of_customers_at_it_and_above_it(name: str, at: dict[str, int], above: dict[str, int]) -> None:
    for happened, held in ((at, False), (above, True)):
        assert {n for n, (is_held, _) in verdicts(check_movement(moves(**happened), USUAL)).items() if is_held} == (
            {name} if held else set()
        )


@pytest.mark.parametrize(("moved", "of", "held"), [(15, 40, False), (49, 199, False), (50, 199, True), (41, 200, True), (40, 200, False)])
def test_of_a_small_base_only_as_many_as_a_quarter_of_a_base_hold(moved: int, of: int, held: bool) -> None:
    guard = check_movement(moves(moved, of=of, top=0), USUAL)[0]
    assert guard.held is held
    assert guard.waived == ("small base" if not held and moved * 5 > of else "")


def test_a_small_company_says_what_its_base_is_or_gives_a_number() -> None:
    assert check_movement(moves(15, of=40, top=0), limits(min_base="20 customers"))[0].held
    assert check_movement(moves(15, of=40, top=0), limits(moved_at_most="14 customers"))[0].held
    assert not check_movement(moves(15, of=40, top=0), limits(moved_at_most=["20%", "15 customers"]))[0].held


def test_of_a_share_and_a_number_either_holds() -> None:
    both = limits(moved_at_most=["20%", "150 customers"])
    assert [check_movement(moves(n), both)[0].held for n in (150, 151, 201)] == [False, True, True]
    assert check_movement(moves(1), both)[0].limit == "20% or 150 customers"


def test_the_best_tier_is_small_so_a_few_who_leave_it_hold_nothing() -> None:
    assert verdicts(check_movement(moves(9, left=9, top=20), USUAL))["top_tier_leaves_at_most"] == (False, "small base")
    assert verdicts(check_movement(moves(10, left=10, top=20), USUAL))["top_tier_leaves_at_most"] == (True, "")


def test_a_guardrail_that_is_off_is_told_and_holds_nothing() -> None:
    guard = check_movement(moves(900), limits(moved_at_most="off"))[0]
    assert (guard.held, guard.waived, guard.limit, guard.observed) == (False, "", "off", "90.00%")


def test_a_limit_of_nothing_holds_at_the_first_however_few_there_are() -> None:
    strict = limits(moved_at_most="0%", customers_drop_at_most="0%")
    assert [g.held for g in check_movement(moves(1, gone=1, of=5, top=0), strict)][:2] == [True, True]
    assert not any(g.held for g in check_movement(moves(of=5, top=0), strict))


def test_without_a_customer_of_both_runs_nothing_can_have_moved() -> None:
    assert check_movement([Move(None, "A", False, False, False, False, 3)], USUAL) == []


def test_customers_are_counted_by_what_they_did() -> None:
    rows = [
        ("a", "A", "A", 0, 0, True, True),
        ("b", "A", "B", 0, -1, True, True),
        ("c", "B", "B", 1, 0, False, True),
        ("d", "B", "B", 1, 0, False, False),
        ("e", None, "C", None, None, True, None),
    ]
    names = ("customer_id", "previous_tier", "tier", "previous_rank", "steps", "has_rows", "previous_has_rows")
    frame = pl.LazyFrame(rows, schema=names, orient="row").with_columns(change=pl.lit("same"), rejected_rows=0, rows_in_window=1)
    rubric = Rubric.model_validate({"rubric": "test", "sources": {"transactions": {}}, "tiers": [{"name": "C"}]})
    counted = moves_of(tally(nw.from_native(frame), rubric, Plan()))
    [moved] = [m for m in counted if m.moved]
    assert (moved.was, moved.now, moved.left_top, moved.customers) == ("A", "B", True, 1)
    assert sum(m.customers for m in counted if m.vanished) == 1, "who had no row in the last run either vanished before"
    assert sum(m.customers for m in counted if m.was is None) == 1 and sum(m.customers for m in counted) == 5
    older = moves_of(tally(nw.from_native(frame.drop("previous_has_rows")), rubric, Plan()))
    assert sum(m.customers for m in older if m.vanished) == 2, "a run that does not tell is taken to have had rows"


# --- tiers


def tiers(was: dict[str, int], now: dict[str, int], guardrails: Guardrails = USUAL) -> dict[str, Guard]:
    """The last run's tiers → this run's, as customers that moved in bulk."""
    moved = [Move(a, b, a != b, False, False, False, n) for a, b, n in _flow(was, now)]
    return {guard.name: guard for guard in check_tiers(moved, TIERS, guardrails)}


def _flow(was: dict[str, int], now: dict[str, int]) -> list[tuple[str | None, str, int]]:
    """Any movement that leads from one distribution to the other; whoever is more is new."""
    left, wanted, found = dict(was), dict(now), []
    for then, here in [(n, n) for n in was] + [(a, b) for a in was for b in now]:
        number = min(left[then], wanted.get(here, 0))
        left[then] -= number
        wanted[here] = wanted.get(here, 0) - number
        found += [(then, here, number)] if number else []
    return [*found, *((None, name, number) for name, number in wanted.items() if number)]


@pytest.mark.parametrize(("had", "held"), [(10, False), (11, True)])
def test_a_tier_that_had_more_than_ten_and_has_nobody_holds(had: int, held: bool) -> None:
    guard = tiers({"A": had, "B": 500}, {"B": 500 + had})["emptied_tier_at_most"]
    assert (guard.held, guard.observed) == (held, f"{had}") and guard.cause == "nobody is A now"
    assert not tiers({"gone": 400, "B": 500}, {"B": 900})["emptied_tier_at_most"].held, "the rubric has no such tier any more"


def test_nearly_everybody_in_one_tier_holds_where_it_was_not_so_before() -> None:
    assert tiers({"A": 500, "C": 500}, {"A": 50, "C": 950})["tier_share_at_most"].held is False
    swollen = tiers({"A": 500, "C": 500}, {"A": 49, "C": 951})["tier_share_at_most"]
    assert (swollen.held, swollen.observed, swollen.cause) == (True, "95.10%", "so many are C")
    before = tiers({"A": 40, "C": 960}, {"A": 39, "C": 961})["tier_share_at_most"]
    assert (before.held, before.waived) == (False, "as before")
    first = tiers({}, {"A": 39, "C": 961})
    assert (first["tier_share_at_most"].held, first["tier_share_at_most"].waived) == (False, "first run") and len(first) == 1
    assert tiers({"A": 50, "C": 50}, {"C": 100})["tier_share_at_most"].waived == "small base"


def test_a_drift_above_a_quarter_holds_and_one_of_few_customers_is_told() -> None:
    drifted = tiers({"A": 500, "B": 500}, {"A": 250, "B": 750})["drift_at_most"]
    assert (drifted.observed, drifted.limit, drifted.held) == ("0.2747 PSI", "0.25 PSI", True)
    assert tiers({"A": 500, "B": 500}, {"A": 265, "B": 735})["drift_at_most"].held is False
    assert tiers({"A": 50, "B": 50}, {"A": 5, "B": 95})["drift_at_most"].waived == "small base"
    assert not tiers({"A": 500, "B": 500}, {"A": 250, "B": 750}, limits(drift_at_most="off"))["drift_at_most"].held


COUNTS = st.dictionaries(st.sampled_from("ABCDE"), st.integers(0, 10**7), min_size=1).filter(lambda counts: sum(counts.values()) > 0)


@given(COUNTS, COUNTS)
def test_the_index_is_that_of_the_textbook(was: dict[str, int], now: dict[str, int]) -> None:
    def share(counts: dict[str, int], name: str) -> float:
        return max(counts.get(name, 0), 0.5) / sum(counts.values())

    wanted = sum((share(now, n) - share(was, n)) * math.log(share(now, n) / share(was, n)) for n in {*was, *now})
    assert float(psi(was, now)) == pytest.approx(wanted, abs=6e-5)
    assert psi(was, now) == psi(now, was) >= 0 and psi(was, was) == 0


# --- rows and amounts


def history(
    rows: int = 1200, amount: int | None = 120_000, first: str = "2024-01-05", start: str | None = "2025-01-01", **months: Any
) -> History:
    return History(rows, amount, first, start, {name[1:].replace("_", "-"): Month(*held) for name, held in months.items()})


def past(*histories: History, as_of: str = "2025-11-30", inputs: Any = None) -> list[Past]:
    days = [date.fromisoformat(as_of) if n == 0 else date(2025, 11 - n, 28) for n in range(len(histories))]
    return [
        Past(f"{day}-00000000000{n}", day, "CNY", 2, inputs or {}, {"transactions": h})
        for n, (day, h) in enumerate(zip(days, histories, strict=True))
    ]


def volume(now: History, *then: History, guardrails: Guardrails = USUAL, as_of: str = "2025-12-31") -> dict[str, Guard]:
    """Windows without a beginning, so that figures are compared as they stand."""
    found = check_volume({"transactions": now}, date.fromisoformat(as_of), past(*then), guardrails)
    return {guard.name.partition(" of ")[0]: guard for guard in found}


def plain(rows: int, amount: int = 1) -> History:
    return History(rows, amount, None, None)


@pytest.mark.parametrize(("rows", "held"), [(700, False), (699, True), (2000, False), (2001, True)])
def test_rows_may_fall_by_three_tenths_and_double(rows: int, held: bool) -> None:
    guard = volume(plain(rows), plain(1000))["rows_change_at_most"]
    assert (guard.held, guard.count, guard.of, guard.limit) == (held, rows, 1000, "-30% +100%")
    assert guard.observed == f"{(rows - 1000) / 10:+.2f}%"


@pytest.mark.parametrize(("amount", "held"), [(600, False), (599, True), (1400, False), (1401, True)])
def test_amounts_may_change_by_two_fifths(amount: int, held: bool) -> None:
    assert volume(plain(1000, amount), plain(1000, 1000))["amount_change_at_most"].held is held


def test_the_measure_is_the_median_of_the_last_one_two_or_three_runs() -> None:
    assert [median([Fraction(n) for n in few]) for few in ([5], [5, 8], [9, 5, 8], [1, 2, 3, 4])] == [5, Fraction(13, 2), 8, Fraction(5, 2)]
    for then, of in (([1000], 1000), ([1000, 3001], 2000), ([1000, 9000, 2000], 2000), ([1000, 9000, 2000, 1, 1, 1], 2000)):
        assert volume(plain(2000), *map(plain, then))["rows_change_at_most"].of == of


def test_few_rows_and_a_table_that_is_new_hold_nothing() -> None:
    assert volume(plain(10), plain(199))["rows_change_at_most"].waived == "small base"
    assert volume(plain(10)) == {}
    assert "amount_change_at_most" not in volume(History(900, None, None, None), History(900, None, None, None))
    assert "amount_change_at_most" not in volume(plain(1000, 5), plain(1000, 0)), "of nothing there is no share"
    assert not volume(plain(1), plain(1000), guardrails=limits(rows_change_at_most="off"))["rows_change_at_most"].held
    assert not volume(plain(9000), plain(1000), guardrails=limits(rows_change_at_most={"down": "1%"}))["rows_change_at_most"].held


def test_a_calendar_year_that_begins_anew_has_not_fallen() -> None:
    december, january = History(3650, 36500, "2024-01-01", "2025-01-01"), History(310, 3100, "2024-01-01", "2026-01-01")
    found = check_volume({"transactions": january}, date(2026, 1, 31), past(december, as_of="2025-12-31"), USUAL)
    assert [guard.observed for guard in found] == ["+0.00%", "+0.00%"]
    half = check_volume(
        {"transactions": History(150, 1500, "2024-01-01", "2026-01-01")}, date(2026, 1, 31), past(december, as_of="2025-12-31"), USUAL
    )
    assert [guard.held for guard in half] == [True, True]


def test_a_young_shops_window_may_fill() -> None:
    first, third = History(620, 6200, "2025-11-01", "2024-12-01"), History(1830, 18300, "2025-11-01", "2025-02-01")
    found = check_volume({"transactions": third}, date(2026, 1, 31), past(first, as_of="2025-11-30"), USUAL)
    assert not any(guard.held for guard in found)
    twice = check_volume(
        {"transactions": History(5700, 57000, "2025-11-01", "2025-02-01")}, date(2026, 1, 31), past(first, as_of="2025-11-30"), USUAL
    )
    assert all(guard.held for guard in twice)


# --- months


def monthly(*months: str, rows: int = 100, days: int = 30, first: str | None = None, **others: Any) -> History:
    held = {month: Month(rows, rows * 1000, days) for month in months}
    return History(rows * len(months), rows * len(months) * 1000, first or f"{months[0]}-01", None, held | others)


YEAR = [f"2025-{n:02}" for n in range(1, 13)]


def gaps(now: History, before: History | None = None, as_of: str = "2025-12-31", guardrails: Guardrails = USUAL) -> dict[str, Guard]:
    found = check_gaps(now, date.fromisoformat(as_of), (before, date(2025, 11, 30)), guardrails)
    return {guard.name: guard for guard in found}


def test_a_month_that_was_forgotten_is_named_and_holds_once() -> None:
    guard = gaps(monthly(*YEAR[:6], *YEAR[7:]), monthly(*YEAR[:11]))["missing_months_at_most"]
    assert (guard.held, guard.count, guard.of, guard.cause) == (True, 1, 12, "no row in 2025-07")
    assert not gaps(monthly(*YEAR[:6], *YEAR[7:]), monthly(*YEAR[:6], *YEAR[7:11]))["missing_months_at_most"].held, "it was published so"
    assert gaps(monthly(*YEAR[:11]), monthly(*YEAR[:11]))["missing_months_at_most"].cause == "no row in 2025-12"
    assert not gaps(monthly(*YEAR[:11]), as_of="2025-12-30")["missing_months_at_most"].held, "the month is not over"
    assert not gaps(monthly(*YEAR[:11]), guardrails=limits(missing_months_at_most="1 month"))["missing_months_at_most"].held
    assert gaps(monthly(*YEAR[:11], rows=10))["missing_months_at_most"].waived == "small base"
    first = {g.name: g for g in check_gaps(monthly(*YEAR[:11]), date(2025, 12, 31), None, USUAL)}
    assert first["missing_months_at_most"].waived == "first run"


@pytest.mark.parametrize(("days", "held"), [(31, False), (21, False), (20, True)])
def test_an_as_of_month_that_ends_too_early_holds(days: int, held: bool) -> None:
    """The months before have rows on every day of theirs."""
    now = monthly(*YEAR[:11], **{"2025-12": Month(60, 60_000, days)})
    guard = gaps(now, monthly(*YEAR[:11]))["silent_days_at_most"]
    assert (guard.held, guard.count, guard.of) == (held, 31 - days, 31)


def test_a_shop_that_sells_on_few_days_is_not_silent() -> None:
    assert not gaps(monthly(*YEAR[:11], days=4, **{"2025-12": Month(100, 1, 1)}))["silent_days_at_most"].held
    assert not gaps(monthly(*YEAR[:11]), as_of="2025-12-08")["silent_days_at_most"].held, "a month that has just begun"


def restated(now: History, then: History, guardrails: Guardrails = USUAL, as_of: date = date(2025, 12, 31)) -> Guard | None:
    found = check_restated("transactions", (now, as_of), now.months, past(then)[0], guardrails)
    return found[0] if found else None


@pytest.mark.parametrize(("more", "held"), [(11, False), (12, True)])
def test_months_of_the_last_run_that_hold_other_rows_hold_above_a_hundredth(more: int, held: bool) -> None:
    then = monthly(*YEAR[:11])
    guard = restated(monthly(*YEAR[:8], *YEAR[9:11], first="2025-01-01", **{"2025-09": Month(100 + more, 100_000 + more, 30)}), then)
    assert guard is not None and (guard.held, guard.count, guard.of, guard.unit) == (held, more, 1100, "rows")
    assert guard.cause.startswith("most in 2025-09: 100 rows then and")


def test_amounts_that_changed_are_told_in_money_and_with_their_month() -> None:
    then = monthly(*YEAR[:11])
    guard = restated(monthly(*YEAR[:8], *YEAR[9:11], first="2025-01-01", **{"2025-09": Month(100, 150_000, 30)}), then)
    assert guard is not None and (guard.held, guard.observed, guard.unit) == (True, "4.55%", "money")
    assert guard.cause == "most in 2025-09: 100 rows then and 100 now, their amount changed by 50.00%"
    assert restated(then, then) is not None and not restated(then, then).held  # type: ignore[union-attr]
    off = restated(monthly(*YEAR[:10], first="2025-01-01"), then, limits(restated_at_most="off"))
    assert off is not None and not off.held


def test_a_rolling_export_and_a_window_that_moves_on_change_no_history() -> None:
    then = monthly(*YEAR[:11], first="2025-01-10")
    rolled = restated(monthly(*YEAR[2:11], first="2025-02-20", **{"2025-02": Month(30, 30_000, 9)}), then)
    assert rolled is not None and rolled.count == 0 and rolled.of == 900, "from the first month that neither begins within"
    more = restated(monthly("2024-12", *YEAR[1:11], **{"2025-01": Month(130, 130_000, 31)}), then)
    assert more is not None and more.count == 0, "an export that begins earlier tells more, not otherwise"
    moved_on = History(900, 1, "2024-01-01", "2025-03-15", dict(monthly(*YEAR[3:11]).months))
    assert (guard := restated(moved_on, monthly(*YEAR[:11], first="2024-01-01"))) is not None and guard.count == 0


@pytest.mark.parametrize(
    ("start", "first", "lost"),
    [
        ("2025-01-01", "2025-01-01", 0),
        ("2025-01-01", "2025-01-31", 0),  # the first month is only there in part
        ("2025-01-01", "2025-02-01", 1),
        ("2025-01-01", "2025-05-20", 4),
        ("2025-01-02", "2025-02-01", 0),  # January is only in part in the window
        ("2025-01-02", "2025-03-01", 1),
        ("2025-03-01", "2025-03-01", 0),  # nothing before the window counts
        ("2025-03-01", "2025-04-01", 1),
        (None, "2025-02-01", 0),  # as the as-of date, a month on: an export of so many months
        (None, "2025-03-01", 1),
    ],
)
def test_months_of_the_windows_that_the_export_no_longer_has_count_with_all_their_rows(start: str | None, first: str, lost: int) -> None:
    then = monthly(*YEAR[:11])
    held = monthly(*[month for month in YEAR[:11] if month >= first[:7]], first=first)
    guard = restated(History(held.rows, held.amount, first, start, held.months), then)
    assert guard is not None and (guard.count, guard.held) == (100 * lost, lost > 0)
    missing = [month for month in YEAR if (start or "2025-02-01") <= f"{month}-01" and month < first[:7]]
    assert guard.cause == (f"no row in {', '.join(missing)}" if lost else "") and len(missing) == lost


def test_an_export_without_a_beginning_may_not_lose_months_when_the_as_of_date_stays() -> None:
    then, shorter = monthly(*YEAR[:11]), monthly(*YEAR[1:11])
    again = restated(shorter, then, as_of=date(2025, 11, 30))
    assert again is not None and (again.held, again.count, again.of) == (True, 100, 1000), "the first month that it has is not compared"
    assert (earlier := restated(shorter, then, as_of=date(2025, 11, 1))) is not None and earlier.count == 100


def test_a_lost_month_of_few_rows_is_not_said_to_be_what_changed_most() -> None:
    then = monthly(*YEAR[1:11], first="2024-12-20", **{"2025-01": Month(2, 2_000, 2)})
    months = monthly(*YEAR[1:8], *YEAR[9:11], **{"2025-09": Month(150, 150_000, 30)}).months
    guard = restated(History(1050, 1_050_000, "2025-02-01", "2025-01-01", months), then)
    assert guard is not None and (guard.held, guard.count, guard.of) == (True, 52, 902)
    assert guard.cause.startswith("most in 2025-09: ")


def test_nothing_but_the_newest_month_is_all_the_history_lost() -> None:
    newest = monthly("2025-12")
    [guard] = check_restated("transactions", (newest, date(2025, 12, 31)), {}, past(monthly(*YEAR[:11]))[0], USUAL)
    assert (guard.held, guard.count, guard.of) == (True, 1000, 1000)
    assert guard.cause == "no row in 2025-02, 2025-03, 2025-04, 2025-05, 2025-06, 2025-07 …"


def rolling(rows: Iterable[date], as_of: date, months: int, *, windows: bool) -> tuple[History, dict[date, tuple[int, int]]]:
    """An export of so many months up to a day, and whether the windows are as long or have no beginning."""
    start = Length(months=months).before(as_of + timedelta(1))
    days = {day: (100, 100_000) for day in sorted(rows) if start <= day <= as_of}
    begins = start.isoformat() if windows else None
    return History(100 * len(days), 100_000 * len(days), min(days).isoformat() if days else None, begins, months_of(days)), days


@given(
    as_of=st.dates(date(2019, 1, 1), date(2030, 12, 31)),
    later=st.integers(1, 70),
    months=st.sampled_from([6, 12, 18, 24]),
    windows=st.booleans(),
    every=st.sampled_from([1, 3, 40]),
)
def test_a_rolling_export_never_changes_history(as_of: date, later: int, months: int, windows: bool, every: int) -> None:
    next_as_of = as_of + timedelta(later)
    rows = [as_of + timedelta(n) for n in range(-800, later + 1, every)]
    then, _ = rolling(rows, as_of, months, windows=windows)
    now, days = rolling(rows, next_as_of, months, windows=windows)
    as_then = months_of({day: held for day, held in days.items() if day <= as_of})
    found = check_restated("transactions", (now, next_as_of), as_then, past(then, as_of=as_of.isoformat())[0], USUAL)
    assert [guard.count for guard in found] in ([], [0])


def file(sha: str, name: str) -> InputFile:
    return InputFile("transactions", name, name, sha, 1, "csv", "utf-8", ",", 1)


def test_last_months_file_under_another_name_holds_and_under_its_own_is_told() -> None:
    last = past(plain(1), inputs={("transactions", "aa"): frozenset({"november.csv"})})[0]
    old, new = date(2025, 11, 30), date(2025, 12, 1)

    def stale(newest: date, *files: InputFile, guardrails: Guardrails = USUAL) -> tuple[bool, bool]:
        [guard] = check_stale(files, newest, last, guardrails)
        return guard.held, guard.near

    assert stale(old, file("aa", "december.csv")) == (True, False)
    assert stale(old, file("aa", "november.csv")) == (False, True)
    assert stale(new, file("aa", "december.csv")) == (False, False), "the file reaches beyond the last as-of date"
    assert stale(old, file("aa", "november.csv"), file("bb", "december.csv")) == (False, False)
    assert stale(old, file("aa", "december.csv"), guardrails=limits(stale_input="off")) == (False, True)


# --- the rubric, and what is behind it all


def test_each_limit_that_lets_more_through_is_named_with_the_old_and_the_new() -> None:
    now = limits(
        moved_at_most="50%",
        drift_at_most="off",
        rows_change_at_most="30%",
        rejected_at_most="0.5%",
        min_base="500 customers",
        rubric_changed="off",
    )
    assert list(loosened(USUAL, now)) == [
        "moved_at_most 20% → 50%",
        "min_base 200 customers → 500 customers",
        "drift_at_most 0.25 PSI → off",
        "rubric_changed warn → off",
    ]
    assert list(loosened(now, USUAL)) == ["rejected_at_most 0.5% → 1%", "rows_change_at_most -30% +30% → -30% +100%"]
    assert list(loosened(USUAL, USUAL)) == []


def cause(now: History, *then: History, rubric_changed: bool = False, held: str = "moved_at_most", observed: str = "60%") -> str:
    guards = [Guard(held, "20%", observed, 60, 100, True)]
    return with_causes(guards, {"transactions": now}, past(*then), rubric_changed)[0].cause


def test_amounts_in_another_unit_are_recognised() -> None:
    cents = "amounts of transactions are about 100 times usual on about as many rows: are they in another unit, such as cents?"
    assert cause(plain(1100, 105_000), plain(1000, 1000)) == cents
    assert cause(plain(1100, 90), plain(1000, 1_000_000)).startswith("amounts of transactions are about 1/10,000 of usual")
    assert cause(plain(1100, 1600), plain(1000, 1000)) == "" and cause(plain(3000, 300_000), plain(1000, 1000)) == ""
    newest = monthly(*YEAR[:11], **{"2025-12": Month(100, 10_000_000, 30)})
    assert cause(newest, plain(1, 1)).startswith("amounts of transactions in 2025-12 are about 100 times those of the months before")


def test_other_causes_are_told_in_the_order_of_their_likeliness() -> None:
    assert cause(plain(10), plain(10), rubric_changed=True).startswith("the rubric is another than that of 2025-11-30-")
    fewer = cause(plain(10), plain(100), held="rows_change_at_most of transactions", observed="-90.00%")
    assert fewer == "transactions has 90.00% fewer rows than usual: is the export cut short?"
    assert cause(plain(300), plain(100), held="rows_change_at_most of transactions", observed="+200.00%").endswith(
        "is anything exported twice?"
    )
    assert cause(plain(10), plain(10)) == ""


@pytest.mark.parametrize(
    ("rejected", "read", "held"),
    [(1, 100, False), (2, 100, True), (0, 0, False), (1, 99, True), (10_000, 1_000_000, False), (10_001, 1_000_000, True)],
)
def test_rejected_rows_at_and_above_the_limit(rejected: int, read: int, held: bool) -> None:
    [guard] = check_rejected([Account("transactions", read, rejected, 0, 0, 0, read - rejected)], USUAL)
    assert (guard.held, guard.name, guard.limit) == (held, "rejected_at_most of transactions", "1%")


@pytest.mark.parametrize(("current", "held"), [(None, False), ("2025-12-30", False), ("2025-12-31", False), ("2026-01-01", True)])
def test_a_run_older_than_the_current_one_is_held(current: str | None, held: bool) -> None:
    assert any(g.held for g in check_newer(date(2025, 12, 31), current)) is held


@pytest.mark.parametrize(
    "said",
    [{"moved_at_most": 20}, {"moved_at_most": "20"}, {"moved_at_most": "20 rows"}, {"moved_at_most": ["1%", "2%"]}, {"moved_at_most": "120%"},
     {"moved_at_most": []}, {"drift_at_most": 0.25}, {"drift_at_most": "0.25"}, {"rows_change_at_most": 40}, {"min_base": "20%"},
     {"rows_change_at_most": {"down": "5 rows"}}, {"missing_months_at_most": "0%"}, {"stale_input": "warn"}, {"rejected_at_most": 1}],
    ids=str,
)  # fmt: skip
def test_a_limit_without_its_unit_is_refused_with_what_to_write(said: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"write|Input should be 'hold' or 'off'"):
        limits(**said)


def test_limits_are_written_as_they_are_read() -> None:
    said = {"moved_at_most": ["12.5%", "1 customer"], "rows_change_at_most": {"down": "5%", "up": "6%"}, "drift_at_most": "0.1 PSI"}
    assert limits(**said).model_dump(exclude_defaults=True) == said
    assert limits(**USUAL.model_dump()) == USUAL


def by_month(*rows: int, first: int = 1, amount: int = 10) -> History:
    """Rows of one month after another from 2024 on."""
    months = {f"{2024 + (first + n - 1) // 12}-{(first + n - 1) % 12 + 1:02}": Month(r, r * amount, 20) for n, r in enumerate(rows)}
    return History(sum(rows), sum(rows) * amount, "2024-01-01", None, months)


JUNE, MAY = date(2024, 6, 30), date(2024, 5, 31)


@pytest.mark.parametrize(("rows", "held"), [(150, False), (149, True), (1200, False), (1201, True), (300, False)])
def test_a_new_month_holds_above_half_less_or_three_times_more_than_the_months_before_and_not_at_it(rows: int, held: bool) -> None:
    guards = check_months("sales", by_month(300, 310, 290, 300, 300, rows), JUNE, MAY, USUAL)
    assert [(guard.name, guard.held, guard.waived) for guard in guards] == [
        ("month_rows_change_at_most of sales", held, ""),
        ("month_amount_change_at_most of sales", held, ""),
    ]
    assert (guards[0].count, guards[0].of, guards[0].unit, guards[0].near) == (rows, 300, "rows", rows in (150, 1200))
    words = "cut short" if rows < 300 else "exported twice"
    assert (words in guards[0].cause) is held and guards[1].cause == ("the month is 2024-06" if held else "")


def test_only_whole_months_since_the_last_run_are_looked_at_and_the_worst_is_told() -> None:
    history = by_month(300, 300, 300, 300, 100, 90)
    assert not check_months("sales", history, date(2024, 6, 29), MAY, USUAL), "June is not over, May was in the last run"
    assert [g.cause[:7] for g in check_months("sales", history, JUNE, date(2024, 4, 30), USUAL)][:1] == ["2024-06"]
    assert [g.count for g in check_months("sales", history, date(2024, 6, 29), date(2024, 5, 30), USUAL)] == [100, 1000], "May was cut off"
    assert [g.count for g in check_months("sales", by_month(300, 300, 300, 300, 90, 160), JUNE, date(2024, 4, 30), USUAL)] == [90, 900]


def test_a_fall_beyond_its_limit_is_told_before_a_larger_rise_within_its_own() -> None:
    rose, fell = 800, 140
    guards = check_months("sales", by_month(300, 300, 300, 300, rose, fell), JUNE, date(2024, 4, 30), USUAL)
    assert [(guard.count, guard.held) for guard in guards] == [(fell, True), (fell * 10, True)]


def test_a_month_needs_three_before_it_and_at_most_twelve_count() -> None:
    assert not check_months("sales", by_month(300, 300, 90), date(2024, 3, 31), date(2024, 2, 29), USUAL)
    assert check_months("sales", by_month(300, 300, 300, 90), date(2024, 4, 30), date(2024, 3, 31), USUAL)[0].held
    long_ago = by_month(*[9000] * 12, *[300] * 12, 200)
    assert check_months("sales", long_ago, date(2026, 1, 31), date(2025, 12, 31), USUAL)[0].of == 300


@pytest.mark.parametrize(("usual", "waived"), [(199, "small base"), (200, "")])
def test_months_of_few_rows_are_told_of_and_hold_nothing(usual: int, waived: str) -> None:
    guard = check_months("sales", by_month(usual, usual, usual, usual, usual, 9), JUNE, MAY, USUAL)[0]
    assert (guard.held, guard.waived) == (not waived, waived) and guard.cause


def test_the_newest_month_of_a_first_run_is_told_of_and_a_season_does_not_hold() -> None:
    first = check_months("sales", by_month(300, 300, 300, 90, 300, 100), JUNE, None, USUAL)
    assert [(guard.count, guard.held, guard.waived) for guard in first][:1] == [(100, False, "first run")]
    seasons = by_month(*[300] * 5, 90, *[300] * 11, 100)  # each June is quiet
    assert {(g.held, g.waived) for g in check_months("sales", seasons, date(2025, 6, 30), date(2025, 5, 31), USUAL)} == {
        (False, "as before")
    }
    once = by_month(*[300] * 17, 100)
    assert {g.held for g in check_months("sales", once, date(2025, 6, 30), date(2025, 5, 31), USUAL)} == {True}
    other_side = by_month(*[300] * 5, 2000, *[300] * 11, 100)
    assert {g.held for g in check_months("sales", other_side, date(2025, 6, 30), date(2025, 5, 31), USUAL)} == {True}


def test_limits_of_a_month_can_be_set_and_switched_off_and_amounts_count_for_themselves() -> None:
    off = limits(month_rows_change_at_most="off", month_amount_change_at_most={"up": "10%"})
    assert {g.held for g in check_months("sales", by_month(300, 300, 300, 300, 300, 9), JUNE, MAY, off)} == {False}
    history = by_month(300, 300, 300, 300, 300, 300)
    history.months["2024-06"] = Month(300, 13, 20)
    assert [g.held for g in check_months("sales", history, JUNE, MAY, USUAL)] == [False, True]
