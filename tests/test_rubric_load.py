"""Rubrics load from files and by name, and all their problems come at once, in the order of the file."""

from pathlib import Path

import pytest

from custier.errors import Problem, RubricError
from custier.rubric.columns import usual_columns
from custier.rubric.load import load_rubric, parse_rubric, resolved_text, shipped_rubrics, shipped_text
from custier.rubric.model import Rubric

TEN_MISTAKES = """\
rubric: mine
titel: My grades
window: {last: a year}
currency_decimals: 9
sources:
  transactions: {optonal: true}
score:
  spend: {weight: 0, bands: [{otherwise: 1}]}
  orders: {weight: 50}
tiers:
  - {name: A, top: 50, by: spend}
  - name: B
    benefits: none
rules:
  - {name: r, when: spend > 1}
guardrails:
  moved_at_most: 20
"""


def problems(text: str) -> list[Problem]:
    with pytest.raises(RubricError) as error:
        parse_rubric(text.encode(), "my.yaml")
    return list(error.value.problems)


def test_ten_mistakes_are_ten_problems_sorted_by_line():
    assert [(p.where, p.code) for p in problems(TEN_MISTAKES)] == [
        ("my.yaml:2:1", "CT1203"),
        ("my.yaml:3:16", "CT1205"),
        ("my.yaml:4:20", "CT1205"),
        ("my.yaml:6:27", "CT1205"),
        ("my.yaml:8:19", "CT1205"),
        ("my.yaml:9:3", "CT1204"),
        ("my.yaml:11:20", "CT1205"),
        ("my.yaml:13:15", "CT1205"),
        ("my.yaml:15:5", "CT1205"),
        ("my.yaml:17:18", "CT1205"),
    ]


def test_problems_between_parts_come_together_and_sorted():
    text = """\
rubric: mine
score:
  spend: {weight: 90, bands: [{at_least: 5, points: 100}, {otherwise: 0}]}
  orders: {weight: 20, bands: [{above: 3, points: 100}]}
tiers:
  - {name: A, score: {at_least: 200}}
  - {name: A}
rules:
  - {name: r, when: spnd > 1, at_most: D}
"""
    assert [(p.where, p.code) for p in problems(text)] == [
        ("my.yaml:2:1", "CT1404"),
        ("my.yaml:4:24", "CT1401"),
        ("my.yaml:6:15", "CT1408"),
        ("my.yaml:7:12", "CT1405"),
        ("my.yaml:9:21", "CT1418"),
        ("my.yaml:9:40", "CT1413"),
    ]


@pytest.mark.parametrize(
    ("block", "where", "code", "what", "help"),
    [
        ("tires: []", "2:1", "CT1203", "unknown key `tires`", "the nearest known key is `tiers`"),
        ("guardrails: {moved: 20%}", "2:14", "CT1203", "unknown key `moved` in guardrails", "the known keys are moved_at_most"),
        ("metrics: {m: {sum: amount, windw: lifetime}}", "2:28", "CT1203", "unknown key `windw` in metrics.m", "`window`"),
        (
            "title: {en: Over 2,000 a year, zh: 大客户}",
            "2:20",
            "CT1203",
            "unknown key `000 a year` in title",
            "put the whole text in quotes",
        ),
        ("retain: {max_steps_down: 1}", "2:1", "CT1203", "unknown key `retain`", "the known keys are rubric"),
        ("score: {spend: {bands: [{otherwise: 1}]}}", "2:9", "CT1204", "required key `weight` is missing in score.spend", "`weight: …`"),
        (
            "score: {spend: {weight: 100, missing: {}, bands: [{otherwise: 1}]}}",
            "2:30",
            "CT1204",
            "`points` is missing in score.spend.missing",
            "",
        ),
        ("version: '1'", "2:10", "CT1205", "`version` is not a whole number", "without quotes"),
        ("version: true", "2:10", "CT1205", "`version` is not a whole number", ""),
        ("version: 0", "2:10", "CT1205", "`version` is less than 1", "write 1 or more"),
        ("currency: 7", "2:11", "CT1205", "`currency` is not a text", "put it in quotes"),
        ("flags: {a: true}", "2:12", "CT1205", "`a` in flags is not a text", "put it in quotes"),
        ("flags: {a: ''}", "2:12", "CT1205", "`a` in flags is empty", ""),
        ("sources: {transactions: {optional: no}}", "2:36", "CT1205", "is neither true nor false", "write true or false"),
        ("sources: {transactions: }", "2:24", "CT1205", "`transactions` in sources does not hold keys and values", "optional, where"),
        ("rules: {a: 1}", "2:8", "CT1205", "`rules` is not a list", ""),
        ("score: {spend: {weight: 100, bands: []}}", "2:37", "CT1205", "`bands` in score.spend is empty", ""),
        ("score: {spend: {weight: 100, missing: skp, bands: [{otherwise: 1}]}}", "2:39", "CT1205", "is not one of 'skip', 'unrated'", ""),
        (
            "score: {spend: {weight: 100, bands: [{otherwise: x}]}}",
            "2:50",
            "CT1205",
            "`otherwise` in score.spend.bands[0] is not a whole",
            "",
        ),
        ("score: {spend: {weight: 100, bands: [{points: 1}]}}", "2:38", "CT1205", "score.spend.bands[0] has no edge", "otherwise"),
        ("score: {spend: {weight: 100, bands: [{at_least: 1e400, points: 1}]}}", "2:49", "CT1205", "must be finite", ""),
        ("score: {spend: {weight: 100, bands: [{at_least: 1, above: 1, points: 1}]}}", "2:38", "CT1205", "has two lower edges", ""),
        ("score: {spend: {weight: -1, bands: [{otherwise: 1}]}}", "2:25", "CT1205", "`weight` in score.spend is not a weight", ""),
        ("metrics: {m: {sum: amount, mean: amount}}", "2:14", "CT1205", "`m` in metrics has sum and mean", "exactly one of sum"),
        ("metrics: {days late: {sum: amount}}", "2:11", "CT1206", "`days late` in metrics is not a name", "letters, digits"),
        (f"metrics: {{{'m' * 65}: {{sum: amount}}}}", "2:11", "CT1206", "metrics holds a name of more than 64", ""),
        ("window: 2025", "2:9", "CT1205", "`window` does not hold keys and values", "last, span"),
        ("window: last month", "2:9", "CT1205", "`window` is not a length of time", ""),
        ("window: {last: 0 days}", "2:9", "CT1205", "`window` spans no days", ""),
        ("window: fortnight", "2:9", "CT1205", "`window` has a span `fortnight`", "lifetime"),
        ("guardrails: {moved_at_most: 1}", "2:29", "CT1205", "is not a limit", "such as 20%"),
    ],
)
def test_a_refusal_says_what_where_and_how_to_cure_it(block: str, where: str, code: str, what: str, help: str):
    [problem] = problems(f"rubric: mine\n{block}\ntiers: [{{name: A}}]\n")
    assert (problem.where, problem.code) == (f"my.yaml:{where}", code)
    assert what in problem.what
    assert help in problem.help
    assert problem.help


def test_a_file_loads_with_its_text_and_origin(tmp_path: Path):
    path = tmp_path / "my.yaml"
    path.write_text("# our policy\nrubric: mine\ntiers: [{name: A}]\n", encoding="utf-8")
    loaded = load_rubric(path)
    assert (loaded.rubric.rubric, loaded.origin) == ("mine", str(path))
    assert loaded.text.startswith("# our policy\n")


def test_a_name_without_ending_is_a_shipped_rubric():
    assert load_rubric("annual-spend").rubric.rubric == "annual-spend"
    assert load_rubric("annual-spend").text == shipped_text("annual-spend")


def test_an_unknown_name_is_told_the_nearest_and_all_names():
    with pytest.raises(RubricError) as error:
        load_rubric("anual-spend")
    [problem] = error.value.problems
    assert problem.code == "CT1001"
    assert problem.help.startswith("the nearest is `annual-spend`; there are annual-spend, ")


@pytest.mark.parametrize("name", ["absent.yaml", "./absent", "."])
def test_a_file_that_cannot_be_read_is_a_rubric_error(name: str):
    with pytest.raises(RubricError) as error:
        load_rubric(name)
    assert [p.code for p in error.value.problems] == ["CT1002"]


@pytest.mark.parametrize("name", shipped_rubrics())
def test_every_shipped_rubric_loads_is_named_as_its_file_and_survives_being_resolved(name: str):
    rubric = load_rubric(name).rubric
    assert rubric.rubric == name
    assert rubric.title is not None and rubric.title.zh
    assert all(tier.title is not None and tier.title.zh for tier in rubric.tiers)
    assert parse_rubric(resolved_text(rubric).encode(), "rubric.yaml") == rubric


def test_a_resolved_rubric_loads_back_equal_whatever_it_says():
    rubric = Rubric.model_validate(
        {
            "rubric": "mine",
            "title": "no",
            "sources": {
                "transactions": {
                    "where": "Status = 'Completed'",
                    "customer": ["1e5", "客户 编号"],
                    "amount": {"formula": "Quantity * UnitPrice"},
                    "date": {"column": "12:30", "format": "%d/%m/%Y"},
                    "order": {"column": "010", "optional": True},
                },
                "invoices": {"optional": True},
            },
            "window": {"span": "fiscal year from month 4", "shifted": "1 year", "settle": "2 weeks", "whole_months": True},
            "metrics": {"前期": {"sum": "amount", "where": "amount > 0", "window": "last 90 days", "title": {"en": "Before"}}},
            "eligible": "spend > 1 and orders > 2",
            "score": {
                "spend": {
                    "weight": "33.33",
                    "bands": [{"at_least": "50万", "points": 100}, {"below": "0.000001", "points": -5}, {"otherwise": 1}],
                },
                "late": {"metric": "recency_days", "weight": "66.67", "missing": {"points": 5}, "bands": [{"otherwise": 0}]},
            },
            "tiers": [
                {"name": "on", "top": "0.5%", "by": "spend", "ties": "strict", "benefits": ["yes", "b # c: 每年5次", {"* x": "unlimited"}]},
                {"name": "B", "next": "19.25%"},
                {"name": "C", "score": {"above": "1.5"}},
                {"name": "D"},
            ],
            "rules": [{"name": "r", "when": "orders > 3", "down": 2}, {"name": "s", "when": "spend > 100", "set": "on"}],
            "flags": {"f": "orders > 10"},
            "actions": [{"name": "a", "tier": "on", "change": ["up", "new"], "do": "no", "owner": "off", "due": "2 weeks"}],
            "changes": [{"version": 1, "on": "2026-01-01", "what": "010"}],
            "segments": {"life": {"new one": "tenure_months < 6", "老": "otherwise"}},
            "guardrails": {"moved_at_most": "12.5%"},
        }
    )
    text = resolved_text(rubric)
    assert parse_rubric(text.encode(), "rubric.yaml") == rubric
    assert "33.33" in text and "last: 12 months" not in text and "moved_at_most: 12.5%" in text


def test_a_resolved_rubric_writes_its_defaults_out():
    text = resolved_text(parse_rubric(b"rubric: mine\ntiers: [{name: A}]\n", "my.yaml"))
    assert "last: 12 months" in text
    assert "rejected_at_most: 1%" in text
    assert "transactions:" in text


def test_annual_spend_states_every_edge():
    conditions = [tier.when for tier in load_rubric("annual-spend").rubric.tiers]
    assert conditions == ["spend > 500_000", "spend >= 200_000", "spend >= 50_000", None]


def test_the_pyramid_is_one_nineteen_thirty_and_the_rest():
    tiers = load_rubric("pyramid").rubric.tiers
    assert [(tier.top or tier.next) for tier in tiers] == ["1%", 1900, 3000, None]


def test_every_shipped_rubric_maps_no_usual_header_and_names_the_schema():
    for name in shipped_rubrics():
        assert shipped_text(name).startswith("# yaml-language-server: $schema=custier.schema.json\n")
        for source, spec in load_rubric(name).rubric.sources.items():
            assert [n for n, column in spec.columns.items() if column.formula or (column.header and n in usual_columns(source))] == []


def test_showing_a_file_as_if_it_shipped_says_how_to_show_it() -> None:
    with pytest.raises(RubricError) as refused:
        shipped_text("mine.yaml")
    assert "custier rubric show mine.yaml --resolved" in refused.value.problems[0].help
