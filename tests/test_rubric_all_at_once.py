"""All problems of a rubric come in one go, whichever step finds them, and none that is only the shadow of another."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custier.errors import Problem, RubricError
from custier.rubric.load import load_rubric, parse_rubric, resolved_text, shipped_rubrics, shipped_text
from custier.rubric.yaml_file import Place, read_yaml, value_at

FIVE_AND_FIVE = """\
rubric: mine
titel: My grades
window: {last: a year}
metrics:
  growth: {formula: spend / spend_befor}
  late: {mean: days_late, source: [invoices]}
sources:
  transactions: {}
  invoices: {optional: true}
score:
  spend: {weight: 60, bands: [{at_least: 5, points: 100}]}
  orders: {weight: 30, bands: [{otherwise: 20}]}
  recency_days: {weight: 20, bands: [{at_most: 30, points: 100}, {otherwise: -500}]}
tiers:
  - {name: A, score: {at_least: 60}, benefits: none}
  - {name: B}
rules:
  - {name: r, when: late > 60, at_most: C}
guardrails:
  moved_at_most: 20
"""

REST = "tiers: [{name: A, when: spend > 10}, {name: B}]\n"
FULL = "bands: [{otherwise: 50}]"


def problems(text: str) -> list[Problem]:
    with pytest.raises(RubricError) as error:
        parse_rubric(text.encode(), "my.yaml")
    return list(error.value.problems)


def found(text: str) -> list[tuple[str, str]]:
    return [(p.where.removeprefix("my.yaml:"), p.code) for p in problems(text)]


def test_five_refusals_and_five_disagreements_are_ten_problems_sorted_by_line():
    assert found(FIVE_AND_FIVE) == [
        ("2:1", "CT1203"),
        ("3:16", "CT1205"),
        ("5:3", "CT1418"),
        ("6:35", "CT1205"),
        ("10:1", "CT1404"),
        ("11:23", "CT1401"),
        ("13:3", "CT1415"),
        ("15:48", "CT1205"),
        ("18:41", "CT1413"),
        ("20:18", "CT1205"),
    ]


def test_repeated_keys_and_numbers_that_are_not_finite_come_with_the_rest():
    text = "rubric: mine\nversion: .nan\nversion: 2\neligible: spnd > 1\nflags: {a: [1]}\n" + REST
    assert found(text) == [("2:10", "CT1106"), ("3:1", "CT1102"), ("4:11", "CT1418"), ("5:12", "CT1205")]


def test_a_rubric_without_a_name_or_tiers_is_still_checked():
    assert found("eligible: spnd > 1\n") == [("1:1", "CT1204"), ("1:1", "CT1204"), ("1:11", "CT1418")]
    assert found("rubric: My Rubric\neligible: spnd > 1\ntiers: [VIP]\n") == [("1:9", "CT1206"), ("2:11", "CT1418"), ("3:9", "CT1205")]


def test_a_key_that_is_missing_because_it_is_mistyped_is_one_problem():
    assert found(f"rubric: mine\nscore: {{spend: {{weigth: 100, {FULL}}}}}\n{REST}") == [("2:17", "CT1203")]
    assert found(f"rubric: mine\nscore: {{spend: {{weight: 100, bands: [{{otherwis: 50}}]}}}}\n{REST}") == [("2:39", "CT1203")]
    assert found(f"rubric: mine\nscore: {{spend: {{weigth: 100}}}}\n{REST}") == [("2:9", "CT1204"), ("2:17", "CT1203")]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (f"metrics: {{late: {{mean: 5}}}}\neligible: late > 1 and spnd > 1\n{REST}", ["CT1205", "CT1418"]),
        (f"metrics: {{late: {{mean: 5}}}}\neligible: late > 1\n{REST}", ["CT1205"]),
        (f"metrics: {{days late: {{sum: amount}}}}\neligible: days late > 1\n{REST}", ["CT1206"]),
        (f"metrcs: {{late: {{sum: amount}}}}\neligible: late > 1\n{REST}", ["CT1203"]),
        (f"指标: {{late: {{sum: amount}}}}\neligible: late > 1\n{REST}", ["CT1203"]),
        (f"指标: {{}}\nsources: {{transactions: {{}}}}\nmetrics: {{late: {{sum: amount}}}}\nsegments: {{}}\neligible: lat > 1\n{REST}", ["CT1203", "CT1418"]),
        (f"指标: {{}}\nmetrics: {{late: {{sum: amount}}}}\neligible: lat = 'x'\n{REST}", ["CT1203"]),
        (f"segmets: {{size: {{big: spend > 1, small: otherwise}}}}\neligible: size = 'big'\n{REST}", ["CT1203"]),
        (f"segments: {{size: {{big: spend > 1, smal: 5, small: otherwise}}}}\neligible: size = 'smal'\n{REST}", ["CT1205"]),
        (f"metrics: {{late: {{sum: fee}}}}\nsources: {{transactions: {{fee: {{type: mony}}}}}}\n{REST}", ["CT1205"]),
        (f"metrics: {{late: {{sum: fee, titel: x, title: y}}}}\n{REST}", ["CT1418", "CT1203"]),
        (f"metrics: {{late: {{sum: fee, titel: x}}}}\n{REST}", ["CT1418", "CT1203"]),
        (f"metrics: {{late: {{mean: amount, source: bills}}}}\nsources: {{transactions: {{}}, bills：: {{}}}}\n{REST}", ["CT1206"]),
        ("metrics: {years: {years_at_tier: Gold}}\nrules: [{name: r, when: spend > 1, set: Gold}]\ntiers: [{nme: Gold}]\n", ["CT1203"]),
        (f"score: {{spend: {{weight: 40, {FULL}}}, orders: {{weight: 0, {FULL}}}}}\n{REST}", ["CT1205"]),
        (f"score: {{spend: {{weight: 100, bands: [{{at_least: 5, points: 1}}, {{otherwise: x}}]}}}}\n{REST}", ["CT1205"]),
        (f"score: {{recency_days: {{weight: 100, mising: skip, {FULL}}}}}\n{REST}", ["CT1203"]),
        (f"score: {{x: {{weight: 100, metrik: spend, {FULL}}}}}\n{REST}", ["CT1203"]),
        ("scor: {spend: {weight: 100}}\ntiers: [{name: A, score: {at_least: 5}}, {name: B}]\n", ["CT1203"]),
        ("tiers: [{name: A, whn: spend > 1}, {name: B}]\n", ["CT1203"]),
        ("tiers: [{name: A, top: 5%, by: [spend]}, {name: B, next: 5%}, {name: C}]\n", ["CT1205"]),
        ("tiers: [{name: A, when: spend > 1}, {name: [B]}]\n", ["CT1205"]),
        (f"segments: {{life: {{a: spend > 1, b: [otherwise]}}}}\n{REST}", ["CT1205"]),
        (f"sources: {{transactions: {{optional: no}}, invoices: {{optional: true}}}}\n{REST}", ["CT1205"]),
        ("tiers: [{name: A, when: spend > 1}, {name: B}]\ntiers: [{name: C}]\nrules: [{name: r, when: spend > 1, set: C}]\n", ["CT1102"]),
    ],
)  # fmt: skip
def test_what_a_refusal_may_have_caused_is_not_a_second_problem(text: str, codes: list[str]):
    assert [code for _, code in found(f"rubric: mine\n{text}")] == codes


def test_a_metric_made_from_a_wrong_one_is_not_wrong_itself():
    text = "rubric: mine\nmetrics:\n  growth: {formula: before * 2}\n  before: {sum: amuont}\n  far: {share_of_total: growth}\n"
    assert found(text + REST) == [("4:3", "CT1418")]


def test_metrics_made_in_a_circle_are_all_reported():
    assert found(f"rubric: mine\nmetrics: {{a: {{formula: b + 1}}, b: {{formula: a + 1}}}}\n{REST}") == [
        ("2:11", "CT1418"),
        ("2:32", "CT1418"),
    ]


# --- one mistake in a shipped rubric is one problem ------------------------------------------------------------------

REQUIRED = ("rubric", "tiers", "name", "weight", "bands", "points", "otherwise")
WRITTEN = {name: read_yaml(shipped_text(name).encode(), name).data for name in shipped_rubrics()}
RUBRICS = {name: data for name, data in WRITTEN.items() if "extends" not in data} | {
    f"{name} in full": read_yaml(resolved_text(load_rubric(name).rubric).encode(), name).data for name in shipped_rubrics()
}
MARK = "the key again"


def places(data: Any, place: Place = ()) -> Iterator[Place]:
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inside:
        yield (*place, key)
        yield from places(value, (*place, key))


def unusable(data: Any, place: Place) -> str:
    value_at(place[:-1], data)[place[-1]] = [[1]]
    return ""


def removed(data: Any, place: Place) -> str:
    if (place[-1] in REQUIRED and place[0] in ("rubric", "score", "tiers", "rules")) or (place[0], place[-1]) == ("rules", "when"):
        del value_at(place[:-1], data)[place[-1]]
    return ""


def unknown(data: Any, place: Place) -> str:
    block = value_at(place[:-1], data)
    if isinstance(block, dict) and "otherwise" not in block and _keys_are_known(place):
        block["未知"] = 1
    return ""


def mistyped(data: Any, place: Place) -> str:
    block = value_at(place[:-1], data)
    if isinstance(block, dict) and _keys_are_known(place) and len(str(place[-1])) > 2:
        items = [(f"{key[:-2]}{key[-1]}{key[-2]}" if key == place[-1] else key, value) for key, value in block.items()]
        block.clear()
        block.update(items)
    return ""


def repeated(data: Any, place: Place) -> str:
    block = value_at(place[:-1], data)
    if isinstance(block, dict):
        block[MARK] = "again"
    return str(place[-1])


def _keys_are_known(place: Place) -> bool:
    """Whether the keys beside this one are the rubric language's, not free names."""
    free = {"metrics": (2,), "benefits": (2,), "score": (2,), "flags": (2,), "segments": (2, 3), "sources": (2, 3), "title": ()}
    if place[:2] == ("matrix", "tiers") or (place[0] == "matrix" and place[2:3] == ("bands",)):
        return False
    return len(place) not in free.get(str(place[0]), ())


@pytest.mark.parametrize("mistake", [unusable, removed, unknown, mistyped, repeated])
@given(draw=st.data())
@settings(max_examples=120, deadline=None)
def test_one_structural_mistake_in_a_shipped_rubric_is_exactly_one_problem(mistake: Any, draw: st.DataObject):
    original = RUBRICS[draw.draw(st.sampled_from(sorted(RUBRICS)))]
    place = draw.draw(st.sampled_from(list(places(original))))
    data = deepcopy(original)
    again = mistake(data, place)
    if data == original:
        return
    text = json.dumps(data, ensure_ascii=False, default=float).replace(f'"{MARK}"', json.dumps(again))
    assert len(problems(text)) == 1, (place, [f"{p.code} {p.what}" for p in problems(text)])


# --- full-width signs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "where", "sign", "plain"),
    [
        ("rubric: mine\nwindow：last 12 months\n" + REST, "2:7", "：", "`:`"),
        ("rubric：mine\n" + REST, "1:7", "：", "`:`"),
        ("rubric: mine\n" + REST + "window：last 12 months\n", "3:7", "：", "`:`"),
        ("rubric: mine\ntiers:\n  - name：A\n    when: spend > 10\n  - name: B\n", "3:9", "：", "`:`"),
        ("rubric: mine\ntiers：\n  - {name: A, when: spend > 10}\n  - {name: B}\n", "2:6", "：", "`:`"),
        ("rubric: mine\ntiers:\n  - {name: A，when: spend > 10}\n  - {name: B}\n", "3:13", "，", "`,`"),
        ("rubric: mine  # 名称，随意\ntitle: “a: b”\n" + REST, "2:8", "“", '`"`'),
        (f"rubric: mine\nscore: {{spend: {{weight：100, {FULL}}}}}\n{REST}", "2:17", "：", "`:`"),
        ("rubric: mine\ntiers:\n  - {name: A, when: spend > 10}\n  - name：B\n", "4:5", "：", "`:`"),
        (f"rubric: mine\nscore: {{spend: {{weight: 100, bands: [{{otherwise: ５０}}]}}}}\n{REST}", "2:50", "５", "`5`"),
        ("rubric: mine\n\u3000version: 2\n" + REST, "2:1", "\u3000", "a plain space"),
        ("rubric: mine\neligible: spend ＞ 10\n" + REST, "2:11", "＞", "`>`"),
    ],
)  # fmt: skip
def test_a_full_width_sign_is_the_one_problem_and_is_named(text: str, where: str, sign: str, plain: str):
    [problem] = problems(text)
    assert problem.where == f"my.yaml:{where}"
    assert f"the sign `{sign}` is full-width; write {plain}" in problem.help


def test_every_line_with_a_full_width_colon_is_reported_together_with_the_rest():
    text = "rubric：mine\nversion：1\neligible: spnd > 1\nwindow：lifetime\n" + REST
    assert found(text) == [("1:7", "CT1101"), ("2:8", "CT1101"), ("3:11", "CT1418"), ("4:7", "CT1101")]


@pytest.mark.parametrize("text", ["title: 高价值，优先: 客户\n", "title: '高，低'\nwindow: a: b\n", "# 说明：\n\t- b\n"])
def test_a_full_width_sign_that_breaks_nothing_is_not_blamed(text: str):
    [problem] = problems(text)
    assert problem.code == "CT1101"
    assert "full-width" not in problem.help


def test_full_width_signs_in_texts_are_left_alone():
    text = "rubric: mine\ntitle: 客户（评级）：“好”，更好\ntiers: [{name: A级（好）, benefits: [积分，折扣]}]\n"
    rubric = parse_rubric(text.encode(), "my.yaml")
    assert rubric.title is not None and rubric.title.en == "客户（评级）：“好”，更好"
