"""The JSON Schema accepts what loads, refuses what does not, and explains every key."""

from typing import Any

import jsonschema
import pytest

from custier.rubric.load import shipped_rubrics, shipped_text
from custier.rubric.schema import known_keys, rubric_schema
from custier.rubric.yaml_file import read_yaml

SCHEMA = rubric_schema()


def valid(text: str) -> bool:
    data = read_yaml(text.encode(), "my.yaml").data
    return jsonschema.Draft7Validator(SCHEMA).is_valid(data)


def test_the_schema_is_itself_valid():
    jsonschema.Draft7Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", shipped_rubrics())
def test_every_shipped_rubric_is_valid(name: str):
    assert valid(shipped_text(name))


@pytest.mark.parametrize(
    "block",
    [
        "window: lifetime",
        "window: {last: 6 months}",
        "title: {en: Mine, zh: 我的}",
        "title: Mine",
        "metrics: {天数: {mean: days_late}}",
        "sources: {transactions: {amount: 金额, date: [日期, 时间], order: {column: 单号}, cost: {optional: true}}}",
        "score: {spend: {weight: 100, bands: [{at_least: 50万, points: 1}, {otherwise: 0}]}}",
        "eligible: {all: [spend > 1, {n_of: 1, conditions: [orders > 1]}]}",
        "matrix: {rows: value, columns: {metric: spend, bands: {高: {above: 1}, 低: otherwise}}, tiers: {a: {高: A, 低: A}}}",
        "score: {spend: {weight: 100, missing: {points: 5}, bands: [{otherwise: 0}]}}",
    ],
)
def test_short_and_long_forms_are_valid(block: str):
    assert valid(f"rubric: mine\n{block}\ntiers: [{{name: A}}]\n")


@pytest.mark.parametrize(
    "block", ["titel: x", "rules: {}", "score: {spend: {weight: 100}}", "guardrails: {moved_at_most: 20}", "window: 12"]
)
def test_a_mistake_is_not_valid(block: str):
    assert not valid(f"rubric: mine\n{block}\ntiers: [{{name: A}}]\n")


def test_every_key_has_a_description():
    blocks: list[dict[str, Any]] = [SCHEMA, *SCHEMA["definitions"].values()]
    full = [choice for block in blocks for choice in block.get("anyOf", [block])]
    without = [
        key for block in full for key, value in block.get("properties", {}).items() if "description" not in value and key != "otherwise"
    ]
    assert without == []


def test_defaults_are_written_as_a_rubric_writes_them():
    assert SCHEMA["definitions"]["Guardrails"]["properties"]["moved_at_most"]["default"] == "20%"


def test_the_known_keys_of_a_place_follow_the_file():
    assert "benefits" in known_keys(("tiers", 0))
    assert {"optional", "where", "numbers"} <= set(known_keys(("sources", "transactions")))
    assert known_keys(("score", "spend", "bands", 3)) == ("at_least", "above", "at_most", "below", "points", "otherwise")
    assert known_keys(("metrics",)) == ()
