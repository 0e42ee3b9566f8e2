"""What a rubric says in vain is found with its place and cure, and nothing else is called vain."""

from __future__ import annotations

import itertools
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from custier.errors import Problem, RubricError
from custier.explain.exact import evaluate
from custier.rubric.check.possible import Allowed, can_be
from custier.rubric.condition import Condition
from custier.rubric.formula.tree import condition_tree, formula_tree
from custier.rubric.load import load_rubric, parse_rubric, shipped_rubrics

TIERS = "tiers: [{name: A, when: spend > 10}, {name: B, when: spend > 5}, {name: C}]\n"
VALUE = "segments: {value: {high: spend >= 100, low: otherwise}}\n"


def problems(text: str) -> list[Problem]:
    with pytest.raises(RubricError) as error:
        parse_rubric(f"rubric: mine\n{text}".encode(), "my.yaml")
    return list(error.value.problems)


@pytest.mark.parametrize(
    ("text", "where", "code", "said"),
    [
        (f"rules: [{{name: r, when: spend > 5 and spend < 3, up: 1}}]\n{TIERS}", "2:25", "CT1463", "`spend > 5 and spend < 3` can never hold"),
        (f"flags: {{f: 5 >= spend and not spend <= 5}}\n{TIERS}", "2:12", "CT1463", "can never hold"),
        (f"flags: {{f: spend / orders > 5 and spend / orders between 1 and 5}}\n{TIERS}", "2:12", "CT1463", "can never hold"),
        (f"flags: {{f: orders < 0}}\n{TIERS}", "2:12", "CT1463", "can never hold"),
        (f"flags: {{f: spend is null}}\n{TIERS}", "2:12", "CT1463", "can never hold"),
        (f"flags: {{f: margin is null and margin < 0.2}}\n{TIERS}", "2:12", "CT1463", "can never hold"),
        (f"flags: {{f: spend > spend_before and spend_before >= spend}}\nmetrics: {{spend_before: {{sum: amount}}}}\n{TIERS}", "2:12", "CT1463", "never"),
        (f"{VALUE}flags: {{f: value = 'high' and value = 'low'}}\n{TIERS}", "3:12", "CT1463", "can never hold"),
        (f"{VALUE}flags: {{f: \"value not in ('high', 'low')\"}}\n{TIERS}", "3:12", "CT1463", "can never hold"),
        (f"eligible: {{all: [orders > 3, {{any: [spend > 1, orders < 0]}}]}}\n{TIERS}", "2:48", "CT1463", "`orders < 0` can never hold"),
        (f"eligible: {{all: [orders > 3, orders < 2]}}\n{TIERS}", "2:1", "CT1463", "`orders > 3 and orders < 2` can never hold"),
        (
            f"eligible: {{n_of: 2, conditions: [orders > 3, orders = 2, orders between 0 and 1]}}\n{TIERS}",
            "2:1", "CT1463", "2 of (orders > 3; orders = 2; orders between 0 and 1)",
        ),
        (
            "tiers: [{name: A, when: spend > 10}, {name: B, when: spend > 20}, {name: C}]",
            "2:54", "CT1407", "`B` is never reached, because whoever fulfils its condition fulfils that of `A` above it",
        ),
        (
            "tiers: [{name: A, when: {any: [spend > 10, orders > 2]}}, {name: B, when: spend > 20 and margin > 0}, {name: C}]",
            "2:75", "CT1407", "fulfils that of `A`",
        ),
        (
            "tiers: [{name: A, when: spend > 10}, {name: B, when: spend <= 5}, {name: C, when: spend between 5 and 10}, {name: D, when: orders > 1}, "
            "{name: E}]",
            "2:124", "CT1407", "`D` is never reached, because those above it together leave nobody",
        ),
        (
            "eligible: spend > 10\ntiers: [{name: A, when: spend > 20}, {name: B, when: spend < 5}, {name: C}]",
            "3:54", "CT1407", "`B` is never reached, because `eligible` leaves out everyone who fulfils its condition",
        ),
        (
            "score: {spend: {weight: 100, bands: [{at_least: 10, points: 100}, {otherwise: 20}]}}\n"
            "tiers: [{name: A, score: {at_least: 50}, when: orders > 1}, {name: B, score: {at_least: 70}, when: orders > 3}, {name: C}]",
            "3:100", "CT1407", "`B` is never reached, because whoever fulfils its condition fulfils that of `A`",
        ),
        (
            f"segments: {{size: {{large: spend > 100, huge: spend > 500, small: otherwise}}}}\n{TIERS}",
            "2:45", "CT1466", "the label `huge` of `size` is never given, because whoever fulfils",
        ),
        (f"rules: [{{name: r, when: spend > 1, at_most: A}}]\n{TIERS}", "2:45", "CT1464", "no tier is better than `A`"),
        (f"rules: [{{name: r, when: spend > 1, at_least: C}}]\n{TIERS}", "2:46", "CT1464", "no tier is worse than `C`"),
        ("rules: [{name: r, when: spend > 1, up: 1}]\ntiers: [{name: all}]", "2:40", "CT1464", "there is only one tier"),
        (
            "eligible: spend > 10\nrules: [{name: r, when: spend < 5, down: 1}]\ntiers: [{name: A, when: orders > 1}, {name: B}]",
            "3:25", "CT1464", "`eligible` leaves out everyone",
        ),
        (
            f"rules_apply: first\nrules: [{{name: a, when: spend > 1, up: 1}}, {{name: b, when: spend > 5, up: 2}}]\n{TIERS}",
            "3:60", "CT1464", "`b` never decides anything, because `a` above it holds whenever it does, and only the first applies",
        ),
        (
            f"rules_apply: first\nrules: [{{name: a, when: spend > 5, up: 1}}, {{name: b, when: orders > 9, up: 2}}, "
            f"{{name: c, when: spend <= 5, down: 1}}, {{name: d, when: margin > 0, up: 1}}]\n{TIERS}",
            "3:134", "CT1464", "`d` never decides anything, because one of those above it always holds when it does",
        ),
        (
            f"rules: [{{name: a, when: spend > 5, set: A}}, {{name: b, when: 5 < spend, set: B}}]\n{TIERS}",
            "2:25", "CT1464", "`a` never decides anything, because `b` below it holds whenever it does, and sets the tier",
        ),
        (
            f"rules: [{{name: a, when: spend > 5, at_most: C}}, {{name: b, when: not spend <= 5, at_least: B}}]\n{TIERS}",
            "2:91", "CT1465", "`a` and `b` hold for the same customers and contradict each other: at most C, at least B",
        ),
        (
            f"rules: [{{name: a, when: spend > 5, set: A}}, {{name: b, when: spend > 5, at_most: B}}]\n{TIERS}",
            "2:81", "CT1465", "set A, at most B",
        ),
        (f"rules: [{{name: a, when: spend > 5, up: 1}}, {{name: b, when: spend > 5, down: 1}}]\n{TIERS}", "2:77", "CT1465", "up 1, down 1"),
    ],
)  # fmt: skip
def test_what_is_said_in_vain_is_found_where_it_stands(text: str, where: str, code: str, said: str) -> None:
    found = problems(text)
    assert [(p.where, p.code) for p in found] == [(f"my.yaml:{where}", code)]
    assert said in found[0].what
    assert found[0].help


@pytest.mark.parametrize(
    "text",
    [
        "tiers: [{name: A, when: spend > 10}, {name: B, when: margin > 10 or spend > 5}, {name: C}]",
        "tiers: [{name: A, when: margin > 0.2}, {name: B, when: margin <= 0.2}, {name: C, when: orders > 1}, {name: D}]",  # without a margin
        "tiers: [{name: A, top: 5%, by: spend, when: spend > 10}, {name: B, when: spend > 20}, {name: C}]",
        "tiers: [{name: A, when: spend > 10 and orders > 3}, {name: B, when: spend > 20}, {name: C}]",
        f"rules: [{{name: a, when: spend > 5, set: A}}, {{name: b, when: spend > 6, set: B}}]\n{TIERS}",
        f"rules: [{{name: a, when: spend > 5, at_most: C}}, {{name: b, when: spend > 6, at_least: B}}]\n{TIERS}",
        f"rules: [{{name: a, when: spend > 5, at_most: B}}, {{name: b, when: spend > 5, at_least: B}}]\n{TIERS}",
        f"rules: [{{name: a, when: spend > 5, up: 1}}, {{name: b, when: spend > 5, up: 1}}]\n{TIERS}",
        f"rules_apply: first\nrules: [{{name: a, when: spend > 5, up: 1}}, {{name: b, when: spend > 1, up: 2}}]\n{TIERS}",
        f"rules: [{{name: a, when: spend > 5, up: 1}}, {{name: b, when: spend > 6, up: 2}}]\n{TIERS}",
        f"flags: {{f: spend > orders and orders > 3 and spend < 4.5, g: margin is null or margin < 5, h: not spend = 5}}\n{TIERS}",
        f"{VALUE}flags: {{f: value = 'high' and spend < 3, g: value like 'h%' and not value like 'l%'}}\n{TIERS}",
        f"segments: {{s: {{a: margin > 0, b: not margin > 0, c: margin is null, d: otherwise}}}}\n{TIERS}",
        f"flags: {{f: recency_days is null, g: recency_days < 0}}\n{TIERS}",
    ],
)
def test_what_could_happen_is_no_problem(text: str) -> None:
    assert parse_rubric(f"rubric: mine\n{text}".encode(), "my.yaml").rubric == "mine"


@pytest.mark.parametrize("name", shipped_rubrics())
def test_no_shipped_rubric_says_anything_in_vain(name: str) -> None:
    assert not [w for w in load_rubric(name).warnings if w.code == "CT1493"]


def test_a_metric_that_nothing_uses_is_warned_of_unless_it_has_a_title(tmp_path: Path) -> None:
    metrics = (
        "metrics:\n  plain: {min: amount}\n  told: {max: amount, title: Largest}\n  used: {sum: amount}\n  made: {formula: used + 1}\n"
        "  scored: {count: order}\n  ruled: {sum: amount}\n"
    )
    rest = "score: {scored: {weight: 100, bands: [{at_least: 1, points: 9}, {otherwise: 0}]}}\nflags: {f: made > 5}\n"
    rules = "rules: [{name: r, when: {any: [ruled > 1]}, up: 1}]\n"
    (tmp_path / "my.yaml").write_text(f"rubric: mine\n{metrics}{rest}{rules}{TIERS}")
    [warning] = load_rubric(tmp_path / "my.yaml").warnings
    assert (warning.code, warning.where) == ("CT1493", f"{tmp_path}/my.yaml:3:3")
    assert "`plain` is used by nothing" in warning.what and "title" in warning.help


ATOMS = [
    "a > 1",
    "a >= 1",
    "a = 2",
    "not a <= 2",
    "2 < a",
    "a <> 1",
    "a is null",
    "b is not null",
    "b in (1, 3)",
    "b between 2 and 3",
    "a > b",
    "b >= a",
]
ATOMS += ["s = 'x'", "s <> 'y'", "s in ('x', 'z')", "a + b > 3", "not (a > 1 or b > 1)", "abs(a) > 1 and a < 3", "1 = 1"]
JOINED = st.recursive(
    st.sampled_from(ATOMS),
    lambda p: st.one_of(
        st.lists(p, min_size=1, max_size=3).map(lambda x: {"all": x}),
        st.lists(p, min_size=1, max_size=3).map(lambda x: {"any": x}),
        st.lists(p, min_size=2, max_size=3).map(lambda x: {"n_of": 2, "conditions": x}),
    ),
    max_leaves=5,
)
NUMBERS = [None, *(Fraction(n, 2) for n in range(-3, 9))]
PEOPLE = [{"a": a, "b": b, "s": s} for a, b, s in itertools.product(NUMBERS, NUMBERS, ["x", "y", "z", None])]


def tree_of(condition: Any) -> Any:
    return condition_tree(TypeAdapter(Condition).validate_python(condition), {"a", "b", "s"})


@given(st.lists(st.tuples(JOINED, st.booleans()), min_size=1, max_size=3))
@settings(max_examples=200, deadline=None)
def test_nothing_that_one_customer_shows_is_called_impossible(asked: list[tuple[Any, bool]]) -> None:
    trees = [(tree_of(condition), holds) for condition, holds in asked]
    shown = any(all((evaluate(tree, person) is True) == holds for tree, holds in trees) for person in PEOPLE)
    told = can_be([(tree, "true" if holds else "not true") for tree, holds in trees], lambda tree: Allowed())
    assert told or not shown


@pytest.mark.parametrize(
    ("conditions", "possible"),
    [
        (["a > 1", "a < 2"], True),
        (["a > 1", "a <= 1"], False),
        (["a > 1 and a < 3", "a <> 2", "a >= 2", "a <= 2"], False),
        (["a = 1 or a = 2", "a > 1", "a < 2"], False),
        (["s = 'x'", "s = 'xy'"], False),
        (["s = 'x'", "s <> 'y'"], True),
        (["a > 2 * 5", "a < 10"], False),
        (["a > b", "b > a"], False),
        (["a > b", "b > 3", "a < 2"], True),
        (["s like 'x%'", "not s like 'y%'"], True),
        (["s like 'x%'", "not s like 'x%'"], False),
    ],
)
def test_conditions_are_possible_together_as_far_as_it_is_certain(conditions: list[str], possible: bool) -> None:
    trees = [formula_tree(condition, {"a", "b", "s"}) for condition in conditions]
    assert can_be([(tree, "true") for tree in trees], lambda tree: Allowed()) == possible


def test_a_condition_too_large_to_follow_counts_as_possible() -> None:
    many: Any = ["and", *(["or", *([">", ["metric", f"m{i}-{j}"], ["number", "1"]] for j in range(9))] for i in range(9))]
    assert can_be([(many, "true"), (False, "true")], lambda tree: Allowed())
    assert not can_be([([">", ["metric", "a"], ["number", str(Decimal(1))]], "true"), (False, "true")], lambda tree: Allowed())
