"""Scores and reason codes against an independent evaluator: the criteria as a PMML Scorecard, weights folded into the points, in JPMML.

Needs Java, and jpmml-evaluator, which the tests alone use (its licence is the AGPL). Its reason codes are ranked by points below the best of each characteristic.
"""

from __future__ import annotations

import random
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import narwhals as nw
import polars as pl
import pytest

from custier.reason import best_points, give_reasons
from custier.rubric.load import load_rubric
from custier.rubric.model import Band, Banded, MissingPoints, Rubric
from custier.rubric.plan import PER, Plan, plan_metrics
from custier.score import score_customers

CUSTOMERS = 10_000
SIGNS = {"at_least": "greaterOrEqual", "above": "greaterThan", "at_most": "lessOrEqual", "below": "lessThan"}
EDGES = {
    "spend": [0, 49_999.99, 50_000, 199_999.99, 200_000, 500_000, 499_999.5, -310.25],
    "orders": [0, 3, 4, 10, 11],
    "categories": [0, 1, 2, 4, 5],
    "profit": [-5.25, 0, 0.25, 19_999.75, 20_000, 100_000],
    "days_late": [0, 0.25, 29.75, 30, 30.25, 90],
    "satisfaction": [1, 3.25, 3.5, 4.25, 4.5, 5, None],
}
"""Values on the edges and beside them, all of them whole quarters or cents, so that no double stands on the other side."""


def scorecard(rubric: Rubric) -> str:
    metrics = {name: criterion.metric or name for name, criterion in rubric.score.items()}
    fields = "".join(f'<DataField name="{metric}" optype="continuous" dataType="double"/>' for metric in metrics.values())
    mined = "".join(f'<MiningField name="{metric}"/>' for metric in metrics.values())
    codes = "".join(
        f'<OutputField name="code_{rank}" feature="reasonCode" rank="{rank}" dataType="string" optype="categorical"/>'
        for rank in range(1, len(metrics) + 1)
    )
    cards = "".join(characteristic(name, criterion) for name, criterion in rubric.score.items())
    return f"""<PMML version="4.4" xmlns="http://www.dmg.org/PMML-4_4"><Header/><DataDictionary>{fields}</DataDictionary>
<Scorecard functionName="regression" initialScore="0" useReasonCodes="true" reasonCodeAlgorithm="pointsBelow" baselineMethod="other">
<MiningSchema>{mined}</MiningSchema><Output><OutputField name="score" feature="predictedValue" dataType="double" optype="continuous"/>{codes}
</Output><Characteristics>{cards}</Characteristics></Scorecard></PMML>"""


def characteristic(name: str, criterion: Any) -> str:
    assert isinstance(criterion, Banded)
    metric, weight = criterion.metric or name, Decimal(criterion.weight) / 10_000
    found = [attribute(f'<SimplePredicate field="{metric}" operator="isMissing"/>', criterion.missing.points * weight)] if isinstance(
        criterion.missing, MissingPoints
    ) else []  # fmt: skip
    found += [attribute(predicate(band, metric), band.points * weight) for band in criterion.bands]
    best = best_points(criterion) * weight
    return f'<Characteristic name={quoteattr(name)} reasonCode={quoteattr(name)} baselineScore="{best}">{"".join(found)}</Characteristic>'


def attribute(test: str, points: Decimal) -> str:
    return f'<Attribute partialScore="{points}">{test}</Attribute>'


def predicate(band: Band, metric: str) -> str:
    edges = {edge: getattr(band, edge) for edge in SIGNS if getattr(band, edge) is not None}
    tests = [f'<SimplePredicate field="{metric}" operator="{SIGNS[edge]}" value="{value}"/>' for edge, value in edges.items()]
    if len(tests) < 2:
        return tests[0] if tests else "<True/>"
    return f'<CompoundPredicate booleanOperator="and">{"".join(tests)}</CompoundPredicate>'


def columns(metric: str, values: list[Any], plan: Plan) -> dict[str, list[int | None]]:
    kind = plan.metrics[metric].kind
    per = 4 if kind.quotient else 1
    held = [None if value is None else int(Decimal(str(value)) * per * 10**kind.scale) for value in values]
    return {metric: held} | ({metric + PER: [None if value is None else per for value in values]} if kind.quotient else {})


@pytest.mark.skipif(shutil.which("java") is None, reason="no Java here")
@pytest.mark.filterwarnings("default")
def test_scores_and_reason_codes_are_those_of_a_scorecard(tmp_path: Path) -> None:
    evaluator_of = pytest.importorskip("jpmml_evaluator", reason="jpmml-evaluator is not installed").make_evaluator
    pytest.importorskip("jpype", reason="jpmml-evaluator is not installed")
    rubric = load_rubric("weighted-grade").rubric.model_copy(update={"rules": []})
    plan, draw = plan_metrics(rubric), random.Random(3)
    values = {metric: draw.choices(edges, k=CUSTOMERS) for metric, edges in EDGES.items()}
    held = {name: column for metric, each in values.items() for name, column in columns(metric, each, plan).items()}
    frame = pl.DataFrame({"customer_id": range(CUSTOMERS), "rated": True} | held).with_columns(pl.col(*held).cast(pl.Int64))
    graded = give_reasons(score_customers(nw.from_native(frame.lazy()), rubric, plan, {}), rubric).collect().sort("customer_id")
    path = tmp_path / "scorecard.pmml"
    path.write_text(scorecard(rubric), encoding="utf-8")
    told = pl.from_pandas(
        evaluator_of(str(path), backend="jpype").evaluateAll(
            pl.DataFrame(values, schema=dict.fromkeys(values, pl.Float64), strict=False).to_pandas()
        )
    )
    assert [round(score * 10**6) for score in told["score"]] == graded["score"].to_list()
    ranked = [[code for code in row if code is not None] for row in told.select("^code_.*$").rows()]
    codes = [text.split("; ") if text else [] for text in graded["reason_codes"]]
    assert [given[: len(found)] for given, found in zip(ranked, codes, strict=True)] == codes
    assert len({tuple(code) for code in codes}) > 500
