"""Points: what rules give, what is redeemed, what expires first in first out, against figures by hand and a queue in plain Python."""

from __future__ import annotations

import calendar
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custier.engines import duckdb as engine
from custier.measure import Before
from custier.measure.expiry import last_days
from custier.measure.pool import measure_customers
from custier.rubric.model import Rubric
from custier.rubric.plan import plan_metrics

SOURCES = "sources: {transactions: {}, events: {}}\n"
EVENTS = "customer date event value"
LEDGER = ("lifetime", "redeemed", "expired", "balance", "overdrawn")


def points(run: Any, customer: str, *names: str) -> list[int | None]:
    return [run[customer][f"points_{name}"] for name in names]


@pytest.mark.parametrize(("how", "expected"), [("down", [0, 0, 1, 10, -10]), ("nearest", [0, 1, 2, 11, -11]), ("up", [1, 1, 2, 11, -11])])
def test_points_of_a_row_are_rounded_as_declared_and_a_return_takes_back_what_was_given(
    graded: Any, table: Any, how: str, expected: list[int]
) -> None:
    amounts = ("0.49", "0.50", "1.99", "10.51", "-10.51")
    rows = table("transactions", "customer date amount", *((a, "2025-05-05", a) for a in amounts))
    run = graded(f"points: {{earn: [{{name: bought, of: amount, points: 1, per: 1}}], round: {how}}}", rows)
    assert [run[a]["points_from_bought"] for a in amounts] == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("of: amount, points: 1", 250),
        ("of: amount, points: 1, per: 100", 2),
        ("of: amount, points: 3, per: 100", 7),
        ("of: amount, points: 1.5", 375),
        ("of: amount - cost, points: 1, per: 0.5", 99),
        ("points: 20", 40),
        ("points: quantity", 5),
        ("points: quantity * 10, when: amount > 100", 30),
        ("points: 20, when: amount > 100", 20),
        ("points: 20, once: true", 20),
        ("of: amount, points: 1, once: true", 100),
        ("of: amount, points: 1, once: true, when: quantity > 2", 150),
        ("points: 5, when: quantity > 9", 0),
    ],
)
def test_what_a_rule_gives(graded: Any, table: Any, rule: str, expected: int) -> None:
    rows = table(
        "transactions",
        "customer date amount cost quantity",
        ("a", "2025-05-05", "100.00", "100.00", "2"),
        ("a", "2025-05-06", "150.00", "100.50", "3"),
    )
    run = graded(f"points: {{earn: [{{name: r, {rule}}}]}}", rows)
    assert points(run, "a", "from_r", "lifetime", "balance") == [expected, expected, expected]


def test_of_several_first_rows_on_one_day_the_largest_counts_whatever_their_order(graded: Any, bought: Any) -> None:
    rows = [("a", "2025-05-05", "7.00"), ("a", "2025-05-05", "9.00"), ("a", "2025-05-06", "99.00")]
    for order in (rows, rows[::-1]):
        run = graded("points: {earn: [{name: first, of: amount, points: 1, once: true}]}", bought(*order))
        assert points(run, "a", "lifetime") == [9]


def test_once_is_once_in_a_life_and_not_once_in_a_window(graded: Any, bought: Any) -> None:
    rubric = "points: {earn: [{name: welcome, points: 50, once: true}]}"
    run = graded(rubric, bought(("a", "2020-01-01", "1.00"), ("a", "2025-01-01", "1.00")))
    assert points(run, "a", "from_welcome", "earned", "lifetime") == [50, 0, 50]


def test_points_earned_look_through_the_window_and_lifetime_points_through_none(graded: Any, bought: Any) -> None:
    rows = bought(("a", "2023-12-31", "5.00"), ("a", "2024-12-31", "30.00"), ("a", "2025-01-01", "400.00"), ("a", "2026-01-01", "9000.00"))
    rule = "earn: [{name: bought, of: amount, points: 1}]"
    earned = {
        "": [400, 435],
        ", window: last 24 months": [430, 435],
        ", window: lifetime": [435, 435],
        ", window: since joining": [435, 435],
    }
    for window, expected in earned.items():
        assert points(graded(f"points: {{{rule}{window}}}", rows), "a", "earned", "lifetime") == expected


def test_a_window_since_joining_does_not_count_what_came_before_the_first_purchase(graded: Any, table: Any, bought: Any) -> None:
    rubric = SOURCES + "points: {earn: [{name: seen, points: 10, source: events}], window: since joining}"
    events = table("events", EVENTS, ("a", "2024-12-31", "x", None), ("a", "2025-01-01", "x", None))
    assert points(graded(rubric, bought(("a", "2025-01-01", "1.00")), events), "a", "earned", "lifetime") == [10, 20]


REDEEM = (
    SOURCES
    + """
points:
  earn: [{name: bought, of: amount, points: 1}]
  redeem: {when: event = 'redeem', points: value}
  expire: EXPIRE
"""
)


def test_the_statement_of_a_customer_adds_up(graded: Any, table: Any, bought: Any) -> None:
    rows = bought(("a", "2023-01-10", "100.00"), ("a", "2024-06-01", "50.00"), ("a", "2024-07-01", "-20.00"), ("b", "2025-01-01", "3.00"))
    events = table("events", EVENTS, ("a", "2024-08-01", "redeem", "30"), ("a", "2024-08-02", "other", "999"))
    run = graded(REDEEM.replace("EXPIRE", "24 months"), rows, events)
    # the return and the redemption use 50 of the first 100; the other 50 expire on 2025-01-10
    assert points(run, "a", *LEDGER) == [130, 30, 50, 50, 0]
    assert points(run, "b", *LEDGER) == [3, 0, 0, 3, 0]


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2025-01-09", [150, 0, 0, 150, 0]),
        ("2025-01-10", [150, 0, 100, 50, 0]),
        ("2026-05-31", [150, 0, 100, 50, 0]),
        ("2026-06-01", [150, 0, 150, 0, 0]),
    ],
)
def test_points_are_there_to_the_last_day_and_gone_on_the_next(
    graded: Any, table: Any, bought: Any, as_of: str, expected: list[int]
) -> None:
    rows = bought(("a", "2023-01-10", "100.00"), ("a", "2024-06-01", "50.00"))
    run = graded(REDEEM.replace("EXPIRE", "24 months"), rows, table("events", EVENTS), as_of=as_of)
    assert points(run, "a", *LEDGER) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2025-01-09", [100, 100, 0, 0, 0]), ("2025-01-10", [100, 100, 100, -100, 100])],
)
def test_on_one_day_points_expire_before_they_are_redeemed(graded: Any, table: Any, bought: Any, day: str, expected: list[int]) -> None:
    events = table("events", EVENTS, ("a", day, "redeem", "100"))
    run = graded(REDEEM.replace("EXPIRE", "24 months"), bought(("a", "2023-01-10", "100.00")), events)
    assert points(run, "a", *LEDGER) == expected


def test_points_of_a_day_can_be_redeemed_on_it(graded: Any, table: Any, bought: Any) -> None:
    events = table("events", EVENTS, ("a", "2025-01-10", "redeem", "100"))
    run = graded(REDEEM.replace("EXPIRE", "never"), bought(("a", "2025-01-10", "100.00")), events)
    assert points(run, "a", *LEDGER) == [100, 100, 0, 0, 0]


def test_what_is_redeemed_beyond_the_balance_is_owed_counted_and_paid_by_the_next_points(graded: Any, table: Any, bought: Any) -> None:
    events = table("events", EVENTS, ("a", "2024-02-01", "redeem", "130"))
    rows = bought(("a", "2024-01-01", "100.00"), ("a", "2024-03-01", "50.00"))
    run = graded(REDEEM.replace("EXPIRE", "12 months"), rows, events, as_of="2025-02-28")
    assert points(run, "a", *LEDGER) == [150, 130, 0, 20, 30]
    run = graded(REDEEM.replace("EXPIRE", "12 months"), rows, events, as_of="2025-03-01")
    assert points(run, "a", *LEDGER) == [150, 130, 20, 0, 30]


def test_redeemed_points_that_are_given_back_are_earned_anew_that_day_but_not_for_life(graded: Any, table: Any, bought: Any) -> None:
    events = table("events", EVENTS, ("a", "2024-02-01", "redeem", "60"), ("a", "2025-06-01", "redeem", "-60"))
    run = graded(REDEEM.replace("EXPIRE", "12 months"), bought(("a", "2024-01-01", "100.00")), events)
    assert points(run, "a", *LEDGER) == [100, 0, 40, 60, 0]


def test_lifetime_points_survive_redemption_expiry_and_a_year_without_purchases(graded: Any, table: Any, bought: Any) -> None:
    events = table("events", EVENTS, ("a", "2023-06-01", "redeem", "2000000"))
    rubric = REDEEM.replace("EXPIRE", "end of year") + "tiers: [{name: queen, when: points_lifetime > 2_000_000}, {name: flower}]"
    run = graded(rubric, bought(("a", "2023-01-01", "2000001.00"), ("b", "2025-01-01", "2000000.00")), events)
    assert points(run, "a", *LEDGER) == [2_000_001, 2_000_000, 1, 0, 0]
    assert run.column("tier") == {"a": "queen", "b": "flower"}


def test_tables_that_were_not_given_leave_missing_what_needs_them(graded: Any, bought: Any) -> None:
    rubric = (
        "sources: {transactions: {}, events: {optional: true}}\n"
        "points: {earn: [{name: bought, of: amount, points: 1}, {name: seen, points: 1, source: events}], redeem: {points: value}}"
    )
    run = graded(rubric, bought(("a", "2025-01-01", "5.00")))
    assert points(run, "a", "from_bought", "from_seen", "earned", *LEDGER) == [5, *[None] * 7]


def test_a_rule_on_an_optional_column_that_the_export_lacks_is_missing(graded: Any, bought: Any) -> None:
    rubric = "sources: {transactions: {quantity: {optional: true}}}\npoints: {earn: [{name: pieces, points: quantity}]}"
    assert points(graded(rubric, bought(("a", "2025-01-01", "5.00"))), "a", "from_pieces", "balance") == [None, None]


def test_a_customer_of_the_last_run_without_rows_has_no_points(graded: Any, bought: Any) -> None:
    rubric = "points: {earn: [{name: bought, of: amount, points: 1}]}"
    before = graded(rubric, bought(("a", "2025-01-01", "5.00"), ("b", "2025-01-01", "5.00")), as_of="2025-06-30")
    after = graded(rubric, bought(("b", "2025-01-01", "5.00")), previous=before)
    assert points(after, "a", "from_bought", "earned", *LEDGER) == [0] * 7


# --- expiry ---------------------------------------------------------------------------------------------------------------------------


def first_day_without(earned: date, expire: str) -> date:
    """The same by the calendar of Python."""
    if expire.startswith("end of"):
        return date(earned.year + (2 if "next" in expire else 1), 1, 1)
    count, unit = expire.split()
    if unit.startswith(("day", "week")):
        return earned + timedelta(int(count) * (7 if unit.startswith("week") else 1))
    month = earned.year * 12 + earned.month - 1 + int(count) * (12 if unit.startswith("year") else 1)
    year, month = month // 12, month % 12 + 1
    return date(year, month, min(earned.day, calendar.monthrange(year, month)[1]))


EXPIRIES = ("1 month", "3 months", "24 months", "100 years", "90 days", "6 weeks", "end of year", "end of next year")


@pytest.mark.parametrize("expire", EXPIRIES)
def test_every_day_of_four_centuries_expires_on_the_calendars_day(expire: str) -> None:
    days = pl.DataFrame({"date": pl.date_range(date(1899, 12, 1), date(2301, 3, 1), eager=True)})
    days = days.with_columns(date_day=pl.col("date").cast(pl.Int32).cast(pl.Int64))
    over = last_days(nw.from_native(days.lazy()), expire)
    assert over is not None
    found = over.collect().to_native()["over_day"].cast(pl.Int32).cast(pl.Date).to_list()
    assert found == [first_day_without(day, expire) for day in days["date"]]


# --- a queue in plain Python, which knows nothing of running sums ---------------------------------------------------------------------


@dataclass
class Queue:
    """A customer's lots, the oldest first, day by day."""

    expire: str
    lots: deque[list[Any]] = field(default_factory=deque)
    owed: int = 0
    expired: int = 0
    overdrawn: int = 0

    def drop_lots_of(self, day: date) -> None:
        while self.expire != "never" and self.lots and first_day_without(self.lots[0][0], self.expire) <= day:
            self.expired += self.lots.popleft()[1]

    def give(self, day: date, count: int) -> None:
        paid = min(count, self.owed)
        self.owed -= paid
        if count > paid:
            self.lots.append([day, count - paid])

    def use(self, count: int) -> None:
        while count and self.lots:
            taken = min(count, self.lots[0][1])
            self.lots[0][1] -= taken
            count -= taken
            if not self.lots[0][1]:
                self.lots.popleft()
        self.owed += count

    @property
    def balance(self) -> int:
        return sum(count for _, count in self.lots) - self.owed


ROUNDINGS = {"down": ROUND_DOWN, "nearest": ROUND_HALF_UP, "up": ROUND_UP}


def simulate(bought: Sequence[Any], events: Sequence[Any], expire: str, how: str, as_of: date) -> dict[str, int]:
    """One customer's ledger: every day that passes, lots expire; then what came that day is given, then used."""
    queue, lifetime, redeemed = Queue(expire), 0, 0
    moves: dict[date, list[list[int]]] = {}
    seen_profile = False
    for day, amount in bought:
        moves.setdefault(day, [[], []])[0].append(int((Decimal(amount) / 100 / 3 * 2).quantize(Decimal(1), ROUNDINGS[how])))
    for day, event, value in sorted(events, key=lambda e: e[0]):
        given, used = moves.setdefault(day, [[], []])
        if event == "review":
            given.append(10)
        if event == "profile" and not seen_profile and day <= as_of:
            seen_profile = True
            given.append(50)
        if event == "redeem":
            used.append(value)
    for day in sorted(d for d in moves if d <= as_of):
        given, used = moves[day]
        queue.drop_lots_of(day)
        queue.give(day, sum(n for n in given if n > 0) + sum(-n for n in used if n < 0))
        queue.use(sum(-n for n in given if n < 0) + sum(n for n in used if n > 0))
        queue.overdrawn = max(queue.overdrawn, queue.owed)
        lifetime, redeemed = lifetime + sum(given), redeemed + sum(used)
    queue.drop_lots_of(as_of)
    return dict(zip(LEDGER, (lifetime, redeemed, queue.expired, queue.balance, queue.overdrawn), strict=True))


RULES = """
points:
  earn:
    - {name: bought, of: amount, points: 2, per: 3}
    - {name: reviews, source: events, when: event = 'review', points: 10}
    - {name: profile, source: events, when: event = 'profile', points: 50, once: true}
  redeem: {when: event = 'redeem', points: value}
"""
AS_OF = date(2024, 12, 31)
DAYS = st.integers(0, 1100).map(lambda n: date(2022, 1, 1) + timedelta(n)) | st.sampled_from([date(2024, 2, 29), date(2022, 12, 31)])
CUSTOMERS = st.sampled_from("ab")
BOUGHT = st.lists(st.tuples(CUSTOMERS, DAYS, st.integers(-9_000, 30_000)), max_size=12)
HAPPENED = st.lists(
    st.tuples(CUSTOMERS, DAYS, st.sampled_from(["review", "profile", "redeem", "redeem", "call"]), st.integers(-40, 150)), max_size=12
)


def tables_of(read: Callable[..., Any], bought: Sequence[Any], events: Sequence[Any]) -> list[Any]:
    money = [(who, day.isoformat(), Decimal(cents).scaleb(-2)) for who, day, cents in bought]
    known = [("a", "2021-01-01", "0.00"), ("b", "2021-01-01", "0.00")]
    return [
        read("transactions", "customer date amount", *known, *money),
        read("events", EVENTS, *((who, day.isoformat(), event, value) for who, day, event, value in events)),
    ]


def expected(bought: Sequence[Any], events: Sequence[Any], expire: str, how: str) -> dict[str, dict[str, int]]:
    return {
        who: simulate([b[1:] for b in bought if b[0] == who], [e[1:] for e in events if e[0] == who], expire, how, AS_OF) for who in "ab"
    }


@given(bought=BOUGHT, events=HAPPENED, expire=st.sampled_from(["never", *EXPIRIES]), how=st.sampled_from(sorted(ROUNDINGS)))
@settings(max_examples=120, deadline=None)
def test_running_sums_give_what_a_queue_gives(graded: Any, table: Any, bought: Any, events: Any, expire: str, how: str) -> None:
    run = graded(f"{SOURCES}{RULES}  expire: {expire}\n  round: {how}\n", *tables_of(table, bought, events), as_of=AS_OF.isoformat())
    found = {who: {name: run[who][f"points_{name}"] for name in LEDGER} for who in "ab"}
    assert found == expected(bought, events, expire, how)
    for ledger in found.values():
        assert ledger["balance"] == ledger["lifetime"] - ledger["redeemed"] - ledger["expired"]


@pytest.mark.parametrize("expire", ["never", "1 month", "90 days", "end of next year"])
def test_duckdb_gives_what_a_queue_gives(table: Any, expire: str) -> None:
    import random

    draw = random.Random(5)

    def day() -> date:
        return date(2022, 1, 1) + timedelta(draw.randrange(1100))

    bought = [(draw.choice("ab"), day(), draw.randrange(-9_000, 30_000)) for _ in range(60)]
    kinds = ("review", "profile", "redeem", "redeem")
    events = [(draw.choice("ab"), day(), draw.choice(kinds), draw.randrange(-40, 400)) for _ in range(60)]
    rubric = Rubric.model_validate(read_rubric(f"{SOURCES}{RULES}  expire: {expire}\n"))
    exports = tables_of(table, bought, events)
    columns = {e.source: e.kinds for e in exports}
    plan = plan_metrics(rubric, columns)
    with engine.open_duckdb(threads=1) as connection:
        tables = {e.source: nw.from_native(connection.from_arrow(e.frame.to_arrow())) for e in exports}
        measured = measure_customers(tables, rubric, plan, columns, AS_OF, Before()).collect(backend="polars").to_native()
    found = {row["customer_id"]: {n: row[f"points_{n}"] for n in LEDGER} for row in measured.iter_rows(named=True)}
    assert found == expected(bought, events, expire, "down")


def read_rubric(text: str) -> dict[str, Any]:
    from custier.rubric.yaml_file import read_yaml

    return {"rubric": "test", "tiers": [{"name": "C"}], **read_yaml(text.encode(), "test.yaml").data}
