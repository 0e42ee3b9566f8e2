"""A points block that is wrong says where and what instead."""

import pytest

from custier.errors import RubricError
from custier.rubric.load import load_rubric, parse_rubric, resolved_text

HEAD = "rubric: mine\nsources: {transactions: {}, events: {optional: true}}\ntiers: [{name: A}]\n"


def found(text: str) -> list[tuple[str, str]]:
    """Where and which code."""
    with pytest.raises(RubricError) as error:
        parse_rubric((HEAD + text).encode(), "my.yaml")
    return [(problem.where.removeprefix("my.yaml:"), problem.code) for problem in error.value.problems]


def at_mark(line: str) -> tuple[str, str]:
    """A line of YAML with @ before what is wrong → the line, and the place of the mark."""
    return line.replace("@", "") + "\n", f"{HEAD.count(chr(10)) + 1}:{line.index('@') + 1}"


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("{name: a, points: 5, of: @amuont}", "CT1418"),
        ("{name: a, points: @vale, source: events}", "CT1418"),
        ("{name: a, points: @event, source: events}", "CT1418"),
        ("{name: a, points: 5, when: @amount}", "CT1418"),
        ("{name: a, points: 5, source: @evnts}", "CT1418"),
        ("{name: a, points: @amount * amount * quantity, of: quantity}", "CT1418"),
        ("@{name: a, points: amount * quantity, of: amount}", "CT1418"),
        ("@{name: a, points: 5, per: 3}", "CT1205"),
        ("@{name: a, points: 5, of: amount, per: 0}", "CT1205"),
        ("@{name: a, points: 5, of: amount, per: -3}", "CT1205"),
        ("{name: a, points: @true}", "CT1205"),
        ("{name: a, points: 5, once: @1}", "CT1205"),
        ("@{name: a, of: amount}", "CT1204"),
        ("{name: @a b, points: 5}", "CT1206"),
        ("{name: a, points: 5, @wen: amount > 5}", "CT1203"),
    ],
)
def test_a_rule_that_cannot_be_used(rule: str, code: str):
    line, place = at_mark(f"points: {{earn: [{rule}]}}")
    assert found(line) == [(place, code)]


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("expire: @24", "CT1205"),
        ("expire: @0 days", "CT1205"),
        ("expire: @soon", "CT1205"),
        ("round: @off", "CT1205"),
        ("redeem: {points: @vale}", "CT1418"),
        ("redeem: {points: @value, source: transactions}", "CT1418"),
        ("redeem: {points: value, when: @value}", "CT1418"),
        ("window: @whenever", "CT1205"),
    ],
)
def test_a_ledger_that_cannot_be_kept(key: str, code: str):
    line, place = at_mark(f"points: {{earn: [{{name: a, points: 5, of: amount}}], {key}}}")
    assert found(line) == [(place, code)]


def test_rules_and_columns_have_names_of_their_own():
    rules, place = at_mark("points: {earn: [{name: a, points: 5}, {name: @a, points: 6}, {name: lifetime, points: 1}]}")
    assert found(rules) == [(place, "CT1414")]
    score = "score: {balance: {metric: spend, weight: 100, bands: [{otherwise: 1}]}}\n"
    assert found(rules.replace("name: a, points: 6", "name: b, points: 6") + score) == [("5:9", "CT1410")]
    assert found(rules.replace("name: a, points: 6", "name: b, points: 6") + "metrics: {points_b: {sum: amount}}\n") == [("5:11", "CT1410")]
    assert parse_rubric((HEAD + score).encode(), "my.yaml").points is None


def test_a_condition_on_the_points_of_a_refused_ledger_is_not_a_second_problem():
    assert found("points: {earn: []}\neligible: points_balance > 5\n") == [("4:16", "CT1205")]
    assert found("points: {earn: [{name: a, points: 5}]}\neligible: points_balanc > 5\n") == [("5:11", "CT1418")]
    assert found("eligible: points_balance > 5\n") == [("4:11", "CT1418")]


def test_a_points_block_can_be_missing_where_its_table_is_optional():
    score = "score: {points_lifetime: {weight: 100, bands: [{otherwise: 1}]}}\n"
    assert found("points: {earn: [{name: a, points: 5, source: events}]}\n" + score) == [("5:9", "CT1415")]
    assert parse_rubric((HEAD + "points: {earn: [{name: a, points: 5}]}\n" + score).encode(), "my.yaml").points


def test_a_points_block_that_was_written_out_loads_back_equal(tmp_path):
    text = """
points:
  earn:
    - {name: 购物, of: amount, points: 1.5, per: 0.1, when: amount > 5, title: {en: Bought, zh: 购物}}
    - {name: first-review, source: events, points: value * 2, once: true}
  redeem: {when: event = 'redeem', points: value}
  expire:   24  months
  round: nearest
  window: last 3 months
"""
    rubric = parse_rubric((HEAD + text).encode(), "my.yaml")
    (tmp_path / "written.yaml").write_text(resolved_text(rubric), encoding="utf-8")
    assert load_rubric(tmp_path / "written.yaml").rubric == rubric
