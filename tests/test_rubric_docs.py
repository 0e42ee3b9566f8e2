"""The reference of the rubric language says everything, and its examples load."""

import re
from pathlib import Path

import pytest

from custier.rubric.load import parse_rubric
from custier.rubric.model import Band, Column, Criterion, Guardrails, Metric, MissingPoints, Rubric, Rule, ScoreEdges, Source, Tier
from custier.rubric.scalars import Strict, Title
from custier.rubric.window import Window

REFERENCE = (Path(__file__).parents[1] / "docs" / "rubric.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", REFERENCE, flags=re.DOTALL)
MODELS: list[type[Strict]] = [
    Rubric,
    Source,
    Column,
    Window,
    Metric,
    Criterion,
    Band,
    MissingPoints,
    ScoreEdges,
    Tier,
    Rule,
    Guardrails,
    Title,
]


def test_the_reference_names_every_key_of_every_model():
    keys = {field.alias or name for model in MODELS for name, field in model.model_fields.items()} | {"otherwise"}
    assert sorted(key for key in keys if f"`{key}`" not in REFERENCE) == []


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.split(":")[0])
def test_each_example_of_the_reference_loads_without_problems(example: str):
    if not example.startswith("rubric:"):
        example = "rubric: example\n" + example
    if "\ntiers:" not in example:
        example += "tiers: [{name: all}]\n"
    assert parse_rubric(example.encode(), "rubric.md").rubric == "example"


def test_the_reference_has_examples():
    assert len(EXAMPLES) >= 9
