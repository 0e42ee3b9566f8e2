"""What tables with one record per customer say: who is graded, attributes, estimates, and what they cannot be asked."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import yaml

from custier.errors import RubricError
from custier.rubric.check import check_rubric
from custier.rubric.load import parse_rubric
from custier.rubric.model import Rubric
from custier.rubric.plan import Kind, plan_metrics
from custier.rubric.wanted import wanted_columns

SOURCES = """
sources:
  transactions: {channel: Channel}
  customers: {level: Level, staff: {column: Staff, type: number, optional: true}}
  surveys: {optional: true}
  estimates: {optional: true}
"""
WHO = "customer region joined level"
BOUGHT = "customer date amount order channel"
ESTIMATED = "customer date estimate estimated_until estimated_by reason"


def rubric_of(text: str, sources: str = SOURCES) -> Rubric:
    return Rubric.model_validate({"rubric": "test", "tiers": [{"name": "C"}], **yaml.safe_load(sources), **yaml.safe_load(text)})


def told(text: str, sources: str = SOURCES) -> list[str]:
    return [f"{'.'.join(map(str, f.place))} {f.code}: {f.what} | {f.help}" for f in check_rubric(rubric_of(text, sources))]


# --- who is graded ---------------------------------------------------------------------------------------------------


def test_everybody_in_the_table_of_customers_is_graded_beside_everybody_who_bought(graded: Any, table: Any, bought: Any) -> None:
    listed = table("customers", "customer region", ("listed", "North"), ("both", "South"))
    run = graded(
        "metrics: {largest: {max: amount}, days: {count_distinct: date}}\nflags: {north: region = 'North', old: tenure_months >= 0}\n"
        "sources: {transactions: {}, customers: {}}",
        bought(("both", "2025-03-01", "5.00"), ("walk-in", "2025-03-02", "7.00")),
        listed,
    )
    assert run.column("flags") == {"both": "old", "listed": "north", "walk-in": "old"}
    row = run["listed"]
    assert (row["spend"], row["orders"], row["days"], row["rows_in_window"], row["has_rows"]) == (0, 0, 0, 0, True)
    assert (row["largest"], row["recency_days"], row["tenure_months"], row["first_date"]) == (None, None, None, None)
    assert row["cause"] == "listed in customers"


def test_without_transactions_those_who_are_listed_are_graded_and_nobody_else(graded: Any, table: Any) -> None:
    run = graded(
        "sources: {customers: {}, surveys: {}}\nmetrics: {satisfaction: {mean: score, source: surveys}}",
        table("customers", "customer region", ("a", "North")),
        table("surveys", "customer date score", ("a", "2025-03-01", "4"), ("stranger", "2025-03-01", "1")),
    )
    assert run.column("satisfaction") == {"a": 4_000_000}


def test_an_optional_table_of_customers_that_is_absent_lists_nobody_and_says_nothing(graded: Any, bought: Any) -> None:
    run = graded(
        "sources: {transactions: {}, customers: {optional: true}}\nflags: {known: region is not null, joined: joined is not null}",
        bought(("a", "2025-03-01", "5.00")),
    )
    assert (run["a"]["region"], run["a"]["joined"], run["a"]["joined__day"], run["a"]["flags"]) == (None, None, None, "")


def test_a_first_purchase_of_a_listed_customer_is_no_return(graded: Any, table: Any, bought: Any) -> None:
    rubric = "sources: {transactions: {}, customers: {}}\ntiers: [{name: A, when: spend > 0}, {name: B}]"
    listed, other = table("customers", "customer", ("p",), ("q",)), ("x", "2025-01-01", "1.00")
    first = graded(rubric, bought(other), listed, as_of="2025-06-30")
    run = graded(rubric, bought(other, ("p", "2025-07-01", "2.00")), listed, previous=first)
    assert run.column("change") == {"p": "up", "q": "same", "x": "same"}
    assert run["q"]["has_rows"]


def test_a_listed_customer_keeps_the_dates_of_the_run_before(graded: Any, table: Any, bought: Any) -> None:
    rubric = "sources: {transactions: {}, customers: {}}"
    listed = table("customers", "customer", ("p",))
    first = graded(rubric, bought(("p", "2025-05-01", "2.00"), ("gone", "2025-05-02", "1.00")), listed, as_of="2025-06-30")
    run = graded(rubric, bought(("x", "2025-07-01", "2.00")), listed, previous=first)
    assert {who: (run[who]["first_date"], run[who]["has_rows"]) for who in ("p", "gone")} == {
        "p": (date(2025, 5, 1), True),
        "gone": (date(2025, 5, 2), False),
    }


def test_tenure_and_since_joining_count_from_the_day_that_the_table_says(graded: Any, table: Any, bought: Any) -> None:
    run = graded(
        "sources: {transactions: {}, customers: {}}\nflags: {f: tenure_months > 0}\nmetrics: {since: {sum: amount, window: since joining}}",
        bought(("a", "2025-01-05", "1.00"), ("a", "2025-06-01", "2.00"), ("b", "2025-01-05", "4.00"), ("c", "2025-01-05", "8.00")),
        table("customers", "customer joined", ("a", "2025-05-31"), ("b", None), ("c", "2026-05-01"), ("d", "2025-11-30")),
    )
    assert run.column("tenure_months") == {"a": 7, "b": 11, "c": 11, "d": 1}
    assert run.column("since") == {"a": 200, "b": 400, "c": 800, "d": 0}


# --- attributes ------------------------------------------------------------------------------------------------------


def test_attributes_stand_in_conditions_formulas_and_labels(graded: Any, table: Any) -> None:
    rubric = rubric_of(
        """
        metrics: {last_channel: {last: channel}, first_channel: {first: channel}, known_days: {max: as_of - joined, source: customers},
                  per_head: {formula: spend / staff}, last_bought: {last: date}}
        eligible: level <> 'blocked' or level is null
        tiers: [{name: A, when: "region in ('North', '华东') and level like 'g%'"}, {name: B, when: "joined < date '2025-02-01'"}, {name: C}]
        flags: {moved: "first_channel <> last_channel", web: last_channel = 'web'}
        """
    )
    declared = {"staff": {"type": "number", "optional": True}}
    run = graded(
        rubric,
        table("transactions", BOUGHT, ("a", "2025-03-01", "8.00", "1", "web"), ("a", "2025-03-02", "1.00", "2", "shop"), ("a", "2025-03-03", "1.00", "3", None)),
        table("customers", WHO + " staff", ("a", "华东", "2025-01-31", "gold", "4"), ("b", None, "2025-01-31", "gold", None), ("c", None, None, "blocked", None), declared=declared),
    )  # fmt: skip
    assert run.column("tier") == {"a": "A", "b": "B", "c": "unrated"}
    row = run["a"]
    assert (row["first_channel"], row["last_channel"], row["flags"]) == ("web", "shop", "moved")
    assert (row["joined"], row["joined__day"], row["known_days"], row["last_bought"]) == (date(2025, 1, 31), 20119, 334, date(2025, 3, 3))
    assert str(run.value("a", "per_head")) == "2.500000000000"
    assert (run["b"]["last_channel"], run["b"]["last_bought"], run["b"]["known_days"]) == (None, None, 334)


def test_of_several_texts_at_one_moment_the_last_by_its_characters_is_taken(graded: Any, table: Any) -> None:
    rows = [("a", "2025-03-01", "1.00", "1", channel) for channel in ("web", "Shop", "店")]
    run = graded(rubric_of("metrics: {f: {first: channel}, l: {last: channel}}"), table("transactions", BOUGHT, *rows))
    assert (run["a"]["f"], run["a"]["l"]) == ("店", "店")


def test_records_that_say_the_same_are_one_and_a_blank_says_nothing(graded: Any, table: Any, bought: Any) -> None:
    run = graded(
        "sources: {transactions: {}, customers: {}}\nmetrics: {records: {count: customer, source: customers}}\nflags: {n: region = 'North'}",
        bought(("x", "2025-03-01", "5.00")),
        table("customers", "customer region", ("a", "North"), ("a", None), ("a", "North")),
    )
    assert (run["a"]["records"], run["a"]["region"], run["a"]["flags"]) == (1, "North", "n")


def test_a_move_by_an_attribute_says_so(graded: Any, table: Any, bought: Any) -> None:
    rubric = "sources: {transactions: {}, customers: {}}\ntiers: [{name: A, when: \"region = 'North' and joined < date '2025-01-01'\"}, {name: B}]"
    rows = bought(("a", "2025-03-01", "5.00"))
    first = graded(rubric, rows, table("customers", "customer region joined", ("a", "South", None)), as_of="2025-06-30")
    run = graded(rubric, rows, table("customers", "customer region joined", ("a", "North", "2024-05-06")), previous=first)
    assert run["a"]["cause"] == "joined missing → 2024-05-06; region South → North"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("flags: {f: regon = 'x'}", "flags.f CT1418: `regon` is not known here | the nearest known name is `region`"),
        ("flags: {f: region > 5}", "flags.f CT1418: `region > 5` compares unlike things"),
        ("flags: {f: joined = '2025-01-01'}", "compares a date with a text | write the word date before it"),
        ("metrics: {m: {sum: level, source: customers}}", "`level` is not a number | of texts there is first, last, count and count_distinct"),
        ("metrics: {m: {max: channel}}", "`channel` is not a number | of texts there is first, last"),
        ("metrics: {m: {sum: joined, source: customers}}", "`joined` is not a number | of dates there is first, last, min, max"),
        ("metrics: {m: {last: as_of}}", "`as_of` is not a number"),
        ("metrics: {m: {formula: region}}", "metrics.m CT1418: `region` is not a number"),
        ("metrics: {m: {share_of_total: region}}", "`region` is a text, and only numbers can be graded, ranked and added up"),
        ("score: {level: {weight: 100, missing: skip, bands: [{otherwise: 1}]}}", "score.level CT1418: `level` is a text, and only numbers"),
        ("tiers: [{name: A, top: 1%, by: joined}, {name: C}]", "tiers.0.by CT1418: `joined` is a date, and only numbers"),
        ("metrics: {m: {last: level, source: customers, window: lifetime}}", "`customers` has one record per customer, which counts in every window | leave `window` out"),
        ("metrics: {m: {last: estimate, source: estimates, window: lifetime}}", "`estimates` has one record per customer"),
        ("metrics: {m: {active_months: level, source: customers}}", "metrics.m CT1418: `customers` has no dates"),
        ("points: {earn: [{name: known, points: 50, source: customers}]}", "`customers` has one record per customer, and points have a day"),
        ("segments: {region: {n: region = 'n', o: otherwise}}", "segments.region CT1419: `region` is made from itself"),
    ],
)  # fmt: skip
def test_what_attributes_cannot_be_asked_is_told_with_its_cure(text: str, said: str) -> None:
    assert [problem for problem in told(text) if said in problem] == told(text) != []


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("date: Day", "sources.customers.date CT1475: `customers` has one record per customer, which counts whatever its date | call the column `joined`"),
        ("tier: Level", "sources.customers.tier CT1410: `tier` is a name that custier uses itself | call the column otherwise"),
        ("orders: Orders", "sources.customers.orders CT1410: `orders` is a ready-made metric | call the column otherwise"),
    ],
)  # fmt: skip
def test_a_column_of_customers_that_cannot_be_is_told(column: str, said: str) -> None:
    problems = told("{}", f"sources: {{transactions: {{}}, customers: {{{column}}}}}")
    assert len(problems) == 1 and said in problems[0]


def test_a_segment_may_be_called_like_a_column_that_nobody_asks_for() -> None:
    assert told("segments: {region: {n: level = 'North', o: otherwise}}") == []


def test_an_entry_under_metrics_comes_before_an_attribute_of_its_name() -> None:
    plan = plan_metrics(rubric_of("metrics: {level: {count: amount}}\nflags: {f: level > 1, g: region = 'x'}"))
    assert (plan.metrics["level"].kind, plan.metrics["region"].kind) == (Kind(), Kind(type="text"))


def test_only_what_is_named_must_be_there() -> None:
    assert wanted_columns(rubric_of("{}"), "customers") == {"customer": True, "level": True, "staff": False}
    named = rubric_of(
        "metrics: {m: {formula: 'round(days / 365, 1)'}, days: {max: as_of - joined, source: customers}}\nflags: {f: region = 'x'}"
    )
    assert wanted_columns(named, "customers") == {"customer": True, "level": True, "staff": False, "region": True, "joined": True}
    assert wanted_columns(rubric_of("flags: {f: tenure_months > 1}"), "customers")["joined"] is False
    expected = {"customer": True, "date": True, "estimate": True, "estimated_until": False, "estimated_by": False, "reason": False}
    assert wanted_columns(rubric_of("{}"), "estimates") == expected
    assert wanted_columns(rubric_of("flags: {f: estimated_by = 'Li'}"), "estimates")["estimated_by"] is True


# --- estimates -------------------------------------------------------------------------------------------------------


def test_the_latest_estimate_that_has_not_expired_counts_until_measured_data_takes_over(graded: Any, table: Any, bought: Any) -> None:
    run = graded(
        "sources: {transactions: {}, customers: {}, estimates: {}}\n"
        "tiers: [{name: A, when: orders >= 2}, {name: P, when: orders < 2 and estimate >= 50}, {name: C}]",
        bought(("old", "2025-03-01", "5.00"), ("old", "2025-03-02", "5.00")),
        table("customers", "customer", ("old",), ("new",), ("expired",), ("last-day",), ("later",)),
        table(
            "estimates", ESTIMATED,
            ("old", "2024-01-01", "99", None, "Li", "met"),
            ("new", "2024-01-01", "10", None, "Li", "guess"), ("new", "2025-01-01", "80", None, "王", None),
            ("expired", "2025-01-01", "80", "2025-12-30", "Li", "trial"), ("expired", "2024-01-01", "20", None, "Wu", "older"),
            ("last-day", "2025-01-01", "80", "2025-12-31", "Li", "trial"),
            ("later", "2026-01-01", "80", None, "Li", "after the as-of date"),
        ),
    )  # fmt: skip
    assert run.column("tier") == {"expired": "C", "last-day": "P", "later": "C", "new": "P", "old": "A"}
    names = ("estimate", "estimated_on", "estimated_by", "estimate_reason")
    assert [run["new"][name] for name in names] == [80_000_000, date(2025, 1, 1), "王", None], "all of one estimate"
    assert [run["expired"][name] for name in names] == [20_000_000, date(2024, 1, 1), "Wu", "older"]
    assert [run["later"][name] for name in names] == [None] * 4


def test_an_estimate_may_be_a_text(graded: Any, table: Any, bought: Any) -> None:
    run = graded(
        "sources: {transactions: {}, estimates: {estimate: {type: text}}}\nflags: {good: estimate = '高'}",
        bought(("a", "2025-03-01", "5.00")),
        table("estimates", "customer date estimate", ("a", "2025-01-01", "高"), declared={"estimate": {"type": "text"}}),
    )
    assert (run["a"]["estimate"], run["a"]["flags"]) == ("高", "good")


@pytest.mark.parametrize("sources", ["", "sources: {transactions: {}}\n"], ids=["unsaid", "said"])
@pytest.mark.parametrize("asked", ["{name: A, when: region = '华东'}", "{name: A, top: 20%, by: spend, within: region}"])
def test_a_name_that_is_nothing_known_may_be_a_column_of_the_customers(sources: str, asked: str) -> None:
    with pytest.raises(RubricError) as refused:
        parse_rubric(f"rubric: r\n{sources}tiers: [{asked}, {{name: B}}]\n".encode(), "r.yaml")
    (problem,) = refused.value.problems
    assert "declared: sources: {transactions: {}, customers: {region: <header>}}" in problem.help and "margin" not in problem.help
