"""The reference of the rubric language says everything, and its examples load."""

import re
from pathlib import Path

import pytest

from custier.rubric.accounts import Accounts, Link, Merge
from custier.rubric.actions import Action
from custier.rubric.benefits import Benefit, Granted
from custier.rubric.changes import Revision
from custier.rubric.columns import USUAL, kind_of
from custier.rubric.condition import Conditions
from custier.rubric.load import parse_rubric
from custier.rubric.matrix import Axis, AxisBand, Matrix
from custier.rubric.model import (
    Band,
    Banded,
    Column,
    Cuts,
    Guardrails,
    Metric,
    MissingPoints,
    Parted,
    Quantiles,
    Rubric,
    Rule,
    ScoreEdges,
    Source,
    Tier,
)
from custier.rubric.numbers import Numbers
from custier.rubric.points import Earning, PointsPolicy, Redemption
from custier.rubric.ready import READY
from custier.rubric.scalars import Reason, Strict, Title
from custier.rubric.suspects import Ids, NoCustomer
from custier.rubric.wanted import MADE_FROM
from custier.rubric.window import Window

REFERENCE = (Path(__file__).parents[1] / "docs" / "rubric.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", REFERENCE, flags=re.DOTALL)
MODELS: list[type[Strict]] = [
    Rubric,
    Accounts,
    Link,
    Merge,
    Source,
    NoCustomer,
    Ids,
    Column,
    Numbers,
    Window,
    Metric,
    Banded,
    Parted,
    Quantiles,
    Band,
    MissingPoints,
    ScoreEdges,
    Tier,
    Rule,
    Conditions,
    Benefit,
    Granted,
    Action,
    Revision,
    Matrix,
    Axis,
    AxisBand,
    Cuts,
    Guardrails,
    PointsPolicy,
    Earning,
    Redemption,
    Title,
    Reason,
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


@pytest.mark.parametrize("source", USUAL)
def test_the_reference_has_every_column_of_a_source_as_it_is_read(source: str):
    section = REFERENCE.split(f"### {source}\n")[1].split("\n#")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("| `")]
    kinds = {name: kind_of(source, name, None, 2) for name in USUAL[source]}
    assert {name.strip("`"): (held, blank) for name, _, held, blank, _ in rows} == {
        name: (kind.type, "no" if kind.required else "yes") for name, kind in kinds.items()
    }
    shown = {name.strip("`"): headers.split(", ") for name, _, _, _, headers in rows}
    usual = {name: USUAL[source][name].headers.split("|") for name in USUAL[source]}
    assert {name: sorted(set(shown[name]) - set(usual[name])) for name in usual} == {name: [] for name in usual}
    assert all(any(h.isascii() for h in headers) and not all(h.isascii() for h in headers) for headers in shown.values())


def test_the_reference_defines_every_ready_made_metric_and_value_of_an_invoice():
    section = REFERENCE.split("## Ready-made metrics\n")[1].split("\n## ")[0]
    assert [name for name in [*READY, *MADE_FROM] if f"\n| `{name}` |" not in section] == []
