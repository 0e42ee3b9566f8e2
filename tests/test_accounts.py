"""Customers that belong together: who is one account, what its members have together, and what cannot be followed."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import duckdb
import polars as pl
import pytest

from custier.chains import MOST_STEPS
from custier.errors import DataError, RubricError
from custier.explain.earned import earned_rank
from custier.explain.prepared import prepared
from custier.rubric.load import parse_rubric
from custier.values import ACCOUNT_RANK, Kind

POOLED = """
sources: {{transactions: {{}}, members: {{parent: 户主}}}}
metrics: {{together: {{sum_of_members: spend}}, per_head: {{mean_of_members: spend}}, most: {{max: amount}}, best: {{sum_of_members: most}}}}
accounts: {{{how}: {{source: members, column: parent}}{more}}}
"""
TREE = POOLED.format(how="parent", more="")
ONE_LEVEL = POOLED.format(how="parent", more=", levels: one")
GROUPS = POOLED.format(how="group", more="")
MEMBERS = "customer date parent"


def linked(table: Any, **parents: str | None) -> Any:
    return table("members", MEMBERS, *((child, "2025-01-01", parent) for child, parent in parents.items()))


def test_every_member_has_what_all_members_have_together(graded: Any, spent: Any, table: Any) -> None:
    run = graded(TREE, spent(head="70.00", wife="10.01", child="0.00", alone="5.00"), linked(table, wife="head", child="head"))
    assert run.column("account") == {"head": "head", "wife": "head", "child": "head", "alone": "alone"}
    assert run.column("members") == {"head": 3, "wife": 3, "child": 3, "alone": 1}
    assert {run.value(c, "together") for c in ("head", "wife", "child")} == {Decimal("80.01")}
    assert run["wife"]["per_head"] == 8001 and run["wife"]["per_head__per"] == 3
    assert (run.value("alone", "together"), run.value("alone", "per_head")) == (Decimal("5.00"), Decimal("5.00"))


def test_parents_of_parents_roll_up_to_the_topmost(graded: Any, spent: Any, table: Any) -> None:
    run = graded(TREE, spent(a="1", b="2", c="4", d="8"), linked(table, a="b", b="c", c="d"))
    assert set(run.column("account").values()) == {"d"} and run.value("a", "together") == 15


def test_as_many_levels_as_are_stated_are_followed_and_not_one_more(graded: Any, spent: Any, table: Any) -> None:
    names = [f"c{n:02}" for n in range(MOST_STEPS + 2)]
    chain = dict(pairwise(names))
    deepest = {k: v for k, v in chain.items() if k != names[0]}
    run = graded(TREE, spent(**dict.fromkeys(names[1:], "1")), linked(table, **deepest))
    assert set(run.column("account").values()) == {names[-1]} and run[names[1]]["members"] == MOST_STEPS + 1
    with pytest.raises(DataError, match=r"CT3314.* up more than 32 levels"):
        graded(TREE, spent(**dict.fromkeys(names, "1")), linked(table, **chain))


def test_ones_own_id_and_an_empty_cell_are_no_parent(graded: Any, spent: Any, table: Any) -> None:
    run = graded(TREE, spent(a="1", b="2", c="3"), linked(table, a="a", b="a", c=None))
    assert run.column("account") == {"a": "a", "b": "a", "c": "c"}


def test_the_newest_row_says_where_a_customer_belongs_now(graded: Any, spent: Any, table: Any) -> None:
    rows = [
        ("a", "2025-01-01", "b"),
        ("a", "2025-06-01", "c"),
        ("d", "2025-01-01", "b"),
        ("d", "2025-02-01", None),
        ("c", "2026-02-01", "b"),
    ]
    run = graded(TREE, spent(a="1", b="2", c="3", d="4"), table("members", MEMBERS, *rows))
    assert run.column("account") == {"a": "c", "b": "b", "c": "c", "d": "d"}


def test_a_group_needs_no_customer_of_its_name_and_takes_none_in(graded: Any, spent: Any, table: Any) -> None:
    run = graded(GROUPS, spent(a="1", b="2", c="4"), linked(table, a="c", b="c"))
    assert run.column("account") == {"a": "c", "b": "c", "c": None}
    assert run.column("members") == {"a": 2, "b": 2, "c": 1}
    assert [run.value(c, "together") for c in "abc"] == [3, 3, 4]


def test_a_member_without_a_value_counts_as_a_member_and_adds_nothing(graded: Any, table: Any, bought: Any) -> None:
    rows = bought(("a", "2025-05-01", "10"), ("b", "2023-05-01", "99"), ("c", "2023-05-01", "1"))
    run = graded(TREE, rows, linked(table, a="b"))
    assert run.value("b", "most") is None and run.value("b", "best") == 10
    assert run.value("c", "best") is None and run.column("members") == {"a": 2, "b": 2, "c": 1}


def test_without_the_table_of_members_everyone_is_alone(graded: Any, spent: Any) -> None:
    run = graded(TREE.replace("members: {", "members: {optional: true, "), spent(a="1", b="2"))
    assert run.column("account") == {"a": "a", "b": "b"} and run.column("members") == {"a": 1, "b": 1}


def test_a_head_who_bought_nothing_is_an_account_and_no_customer(graded: Any, spent: Any, table: Any) -> None:
    members = linked(table, child="mother", aunt="grandfather", mother="grandfather", grandfather=None)
    run = graded(TREE, spent(child="5", aunt="2", alone="1"), members)
    assert run.column("account") == {"child": "grandfather", "aunt": "grandfather", "alone": "alone"}
    assert run.column("members") == {"child": 2, "aunt": 2, "alone": 1} and run.value("child", "per_head") == Decimal("3.5")


def test_a_head_whom_the_customers_list_is_a_member_and_graded(graded: Any, spent: Any, table: Any) -> None:
    rubric = TREE.replace("members: {", "customers: {}, members: {")
    run = graded(rubric, spent(child="5"), linked(table, child="head"), table("customers", "customer", ("head",), ("child",)))
    assert run.column("members") == {"head": 2, "child": 2} and run.value("head", "per_head") == Decimal("2.5")


def test_a_parent_who_bought_nothing_has_no_tier_to_take_over(graded: Any, spent: Any, table: Any) -> None:
    members = linked(table, a="head", b="head", head=None)
    assert graded(OF_PARENT, spent(a="120", b="5"), members).column("earned_tier") == {"a": "V", "b": "C"}
    assert graded(INHERITED, spent(a="120", b="5"), members).column("earned_tier") == {"a": "V", "b": "V"}


def test_what_is_wrong_with_those_who_are_neither_customers_nor_parents_stops_nothing(graded: Any, spent: Any, table: Any) -> None:
    rows = [("a", "2025-01-01", "head"), ("head", "2025-01-01", None), *(("x", "2025-01-01", parent) for parent in ("head", "y", "z"))]
    assert graded(TREE, spent(a="1"), table("members", MEMBERS, *rows)).column("account") == {"a": "head"}


def test_a_table_of_members_needs_no_dates(graded: Any, spent: Any, table: Any) -> None:
    for rubric, alone in ((TREE, "b"), (GROUPS, None)):
        run = graded(rubric, spent(a="1", b="2"), table("members", "customer parent", ("a", "b"), ("b", None)))
        assert run.column("account") == {"a": "b", "b": alone}
    with pytest.raises(DataError, match="CT3311"):
        graded(TREE, spent(a="1", b="2"), table("members", "customer parent", ("a", "b"), ("a", None)))


REFUSED = {
    "a head of two families": (TREE, [("a", "2025-01-01", "h"), ("h", "2025-01-01", "b"), ("h", "2025-01-01", "c")], r"CT3311 1 .*: h \(b / c\)"),
    "a head with a typo": (TREE, [("a", "2025-01-01", "h"), ("h", "2025-01-01", "x")], "CT3312 1 customer has a parent who is listed nowhere: h → x"),
    "a head with a head": (ONE_LEVEL, [("a", "2025-01-01", "h"), ("h", "2025-01-01", "b")], "CT3313 1 customer .*: a → h"),
    "two parents": (TREE, [("a", "2025-01-01", "b"), ("a", "2025-01-01", "c")], r"CT3311 1 customer belongs .*: a \(b / c\)"),
    "a parent and none": (TREE, [("a", "2025-01-01", "b"), ("a", "2025-01-01", None)], r"CT3311 .*: a \( / b\)"),
    "an unknown parent": (TREE, [("a", "2025-01-01", "B"), ("c", "2025-01-01", "x")], "CT3312 2 customers have .*: a → B, c → x"),
    "two levels": (ONE_LEVEL, [("a", "2025-01-01", "b"), ("b", "2025-01-01", "c")], "CT3313 1 customer .*: a → b"),
    "a circle": (TREE, [("a", "2025-01-01", "b"), ("b", "2025-01-01", "c"), ("c", "2025-01-01", "a")], r"CT3314 [^→]*: [abc]( → [abc]){3}(?!.*→)"),
}  # fmt: skip


@pytest.mark.parametrize("case", list(REFUSED))
def test_what_cannot_be_followed_stops_the_run_with_the_names(case: str, graded: Any, spent: Any, table: Any) -> None:
    rubric, rows, said = REFUSED[case]
    with pytest.raises(DataError, match=said):
        graded(rubric, spent(a="1", b="2", c="3"), table("members", MEMBERS, *rows))


def test_many_refused_customers_are_counted_and_a_few_named(graded: Any, spent: Any, table: Any) -> None:
    names = [f"c{n}" for n in range(9)]
    with pytest.raises(DataError, match=r"CT3312 9 customers .*c4 → x and 4 more"):
        graded(TREE, spent(**dict.fromkeys(names, "1")), linked(table, **dict.fromkeys(names, "x")))


GROUP = "{group: {source: members, column: g}}"
WRONG = {
    "accounts: {parent: {source: member, column: parent}}": "CT1441 `member` is not a source",
    "accounts: {parent: {source: members, column: customer}}": "CT1441 `customer` is the customer",
    "accounts: {group: {source: members, column: date}}": "CT1441 `date` is a date",
    "accounts: {levels: one}": "CT1205 `accounts` does not say how",
    "accounts: {group: {source: members, column: g}, levels: one}": "CT1205 `accounts` has levels beside a group",
    "metrics: {t: {sum_of_members: spend}}": "CT1418 sum_of_members needs `accounts`",
    f"accounts: {GROUP}\nmetrics: {{t: {{mean_of_members: average_order}}}}": "CT1418 `average_order` is a quotient",
    f"accounts: {GROUP}\nmetrics: {{t: {{mean_of_members: members}}}}": "CT1418 `members` is already a number of",
    f"accounts: {GROUP}\nmetrics: {{t: {{sum_of_members: spnd}}}}": "CT1418 `spnd` is not a metric",
    "rules: [{name: r, when: spend > 1, inherit: best}]": "CT1442 the rule `r` inherits a tier, and the rubric has no accounts",
    f"accounts: {GROUP}\nrules: [{{name: r, when: spend > 1, inherit: parent}}]": "CT1442 the rule `r` inherits the parent's tier",
    f"accounts: {GROUP}\nrules: [{{name: r, when: spend > 1, inherit: best}}, {{name: s, when: spend > 2, inherit: best}}]": "CT1442 the rule `s` inherits a second time",
    "flags: {many: members > 2}": "CT1418 `members` is not known",
}


@pytest.mark.parametrize("text", list(WRONG))
def test_accounts_that_make_no_sense_are_found_when_the_rubric_is_checked(text: str) -> None:
    rubric = f"rubric: test\nsources: {{transactions: {{}}, members: {{}}}}\ntiers: [{{name: A}}]\n{text}\n"
    with pytest.raises(RubricError) as refused:
        parse_rubric(rubric.encode(), "test.yaml")
    assert WRONG[text] in str(refused.value), str(refused.value)
    assert all(problem.where.startswith("test.yaml:") and problem.help for problem in refused.value.problems)


INHERITED = """
sources: {transactions: {}, members: {parent: 户主}}
accounts: {parent: {source: members, column: parent}}
eligible: spend >= 0
tiers: [{name: V, when: spend >= 100}, {name: A, when: spend >= 50}, {name: B, when: spend >= 10}, {name: C}]
rules:
  - {name: sleeping, when: spend = 100.00, down: 1}
  - {name: family, when: members > 1, inherit: best}
  - {name: tiny, when: spend < 1, at_most: B}
"""
OF_PARENT = INHERITED.replace("inherit: best", "inherit: parent")


def test_a_member_takes_over_the_tier_of_the_best_member(graded: Any, spent: Any, table: Any) -> None:
    spend = {"a": "120", "b": "60", "c": "5", "d": "0.50", "e": "-1", "alone": "5", "out": "200"}
    run = graded(INHERITED, spent(**spend), linked(table, b="a", c="b", d="a", e="a"))
    assert run.column("earned_tier") == {"a": "V", "b": "V", "c": "V", "d": "B", "e": "unrated", "alone": "C", "out": "V"}
    assert run.column("account_rank") == {"a": 1, "b": 0, "c": 0, "d": 0, "e": 0, "alone": None, "out": None}
    assert run["c"]["rank_before_rules"] == 3 and run["c"]["rank_after_family"] == 0 and run["c"]["reasons"] == "family C→V"
    assert run.column("rules")["d"] == "family; tiny" and run["a"]["reasons"] == ""


def test_what_is_inherited_is_the_tier_after_the_rules_above(graded: Any, spent: Any, table: Any) -> None:
    run = graded(INHERITED, spent(a="100", b="10"), linked(table, b="a"))
    assert run.column("earned_tier") == {"a": "A", "b": "A"}


def test_two_equally_good_members_keep_each_other(graded: Any, spent: Any, table: Any) -> None:
    run = graded(INHERITED, spent(a="120", b="130", c="20"), linked(table, b="a", c="a"))
    assert run.column("account_rank") == {"a": 0, "b": 0, "c": 0}


def test_the_parents_tier_goes_down_and_never_up(graded: Any, spent: Any, table: Any) -> None:
    run = graded(OF_PARENT, spent(a="60", b="120", c="5"), linked(table, b="a", c="b"))
    assert run.column("earned_tier") == {"a": "A", "b": "V", "c": "A"}
    assert run.column("account_rank") == {"a": None, "b": 1, "c": 1}


def test_a_family_nobody_of_which_is_rated_has_nothing_to_inherit(graded: Any, spent: Any, table: Any) -> None:
    run = graded(INHERITED, spent(a="-5", b="-1"), linked(table, b="a"))
    assert run.column("earned_tier") == {"a": "unrated", "b": "unrated"} and run.column("account_rank") == {"a": None, "b": None}


def test_the_cause_names_the_others_when_it_was_they_who_moved(graded: Any, spent: Any, table: Any) -> None:
    members = linked(table, b="a")
    first = graded(INHERITED, spent(a="5", b="5"), members, as_of="2025-11-30")
    run = graded(INHERITED, spent(a="60", b="5"), members, previous=first)
    assert run["b"]["change"] == "up" and run["b"]["cause"] == "rule family (inherit best): the others' best tier C → A"
    assert run["a"]["cause"] == "spend 5.00 → 60.00"


def test_what_others_have_counts_when_a_customer_is_moved_alone(graded: Any, spent: Any, table: Any) -> None:
    rubric = parse_rubric(f"rubric: test\n{INHERITED}".encode(), "test.yaml")
    policy, kinds = prepared(rubric, date(2025, 12, 31)), {"spend": Kind(2, money=True), "members": Kind()}
    values = {"spend": Fraction(5), "members": Fraction(2)}
    assert [earned_rank({**values, ACCOUNT_RANK: rank}, policy, kinds, {}) for rank in (0, 1, 2, 3, None)] == [0, 1, 2, 3, 3]
    assert earned_rank({**values, "members": Fraction(1), ACCOUNT_RANK: 0}, policy, kinds, {}) == 3
    assert earned_rank({**values, "spend": Fraction(-1), ACCOUNT_RANK: 0}, policy, kinds, {}) is None


def test_accounts_of_a_large_tree_equal_a_recursive_query(graded: Any, table: Any) -> None:
    """Also of those whose parents, or parents' parents, bought nothing and are only listed."""
    draw = random.Random(3)
    names = [f"客户{n}" for n in range(900)]
    silent = set(names[5::9])
    parents = {name: names[draw.randrange(n)] for n, name in enumerate(names) if n > 40 and draw.random() < 0.9}
    spend = {name: draw.randrange(-5_000, 90_000) for name in names}
    rows = table(
        "transactions", "customer date amount", *((c, "2025-06-01", f"{cents / 100:.2f}") for c, cents in spend.items() if c not in silent)
    )
    found = graded(TREE, rows, table("members", MEMBERS, *((c, "2025-01-01", parents.get(c)) for c in names))).frame
    cells = pl.DataFrame({"c": names, "p": [parents.get(c) for c in names], "s": [None if c in silent else spend[c] for c in names]})
    expected = duckdb.sql(
        """with recursive up(c, top) as (select c, c from cells where p is null union all
             select cells.c, top from cells join up on cells.p = up.c),
           graded as (select c, top, s from up join cells using (c) where s is not null),
           sums as (select top, sum(s)::bigint s, count(*) n from graded group by top)
           select c, top, n, sums.s from graded join sums using (top) order by c"""
    ).pl()
    assert found.height == cells["s"].count() == 800 and expected["n"].max() > 10
    assert found.select("customer_id", "account", "members", "together").rows() == expected.rows()
