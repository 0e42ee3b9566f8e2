"""A rubric that extends another: what is merged, what is replaced, and where each mistake is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custier.errors import RubricError
from custier.rubric.load import load_rubric, parse_rubric, resolved_text
from custier.rubric.merge import Merge
from custier.rubric.model import Rubric
from custier.rubric.schema import rubric_schema
from custier.rubric.yaml_file import YamlFile, read_yaml

BASE = """\
rubric: base
version: 7
title: Base
window: {last: 12 months, settle: 3 days}
metrics: {growth: {formula: spend / before - 1}, before: {sum: amount, window: {last: 1 year, shifted: 1 year}}}
tiers:
  - {name: V, when: spend > 100}
  - {name: A, when: spend > 10, title: Amber}
  - {name: C}
rules:
  - {name: r1, when: orders > 1, up: 1}
  - {name: r2, when: orders > 2, up: 1}
flags: {f: orders > 3, g: orders > 4}
segments: {size: {big: spend > 9, small: otherwise}}
changes: [{version: 7, on: 2026-01-01, what: all}]
"""


@pytest.fixture
def files(tmp_path: Path) -> Any:
    """`files(own="…")` loads own.yaml, which extends base.yaml beside it."""

    def load(own: str, base: str = BASE) -> Rubric:
        (tmp_path / "base.yaml").write_text(base, encoding="utf-8")
        (tmp_path / "own.yaml").write_text(f"rubric: own\nextends: base.yaml\n{own}", encoding="utf-8")
        return load_rubric(tmp_path / "own.yaml").rubric

    return load


def test_what_is_not_said_is_that_of_the_other_but_for_who_the_rubric_is(files: Any) -> None:
    base, own = parse_rubric(BASE.encode(), "base.yaml"), files("")
    assert (own.rubric, own.version, own.title, own.changes, own.extends) == ("own", 1, None, [], None)
    assert own.model_copy(update={k: getattr(base, k) for k in ("rubric", "version", "title", "changes")}) == base


def test_blocks_are_merged_key_by_key_and_null_takes_away(files: Any) -> None:
    own = files("window: {settle: null}\nflags: {f: orders > 30, h: orders > 5, g: null}\nmetrics: {before: {where: amount > 0}}")
    assert own.flags == {"f": "orders > 30", "h": "orders > 5"}
    assert (str(own.window.last), str(own.window.settle)) == ("12 months", "0 days")
    assert own.metrics["before"].where == "amount > 0" and own.metrics["before"].sum == "amount"


def test_a_segment_is_replaced_as_a_whole_since_its_order_counts(files: Any) -> None:
    own = files("segments: {size: {huge: spend > 99, rest: otherwise}}")
    assert own.segments == {"size": {"huge": "spend > 99", "rest": "otherwise"}}


@pytest.mark.parametrize(
    ("items", "names"),
    [
        ("[{name: A, title: x}]", "V A C"),
        ("[{name: S, when: spend > 999}, {name: V}]", "S V A C"),
        ("[{name: V}, {name: S, when: spend > 50}]", "V S A C"),
        ("[{name: A}, {name: S, when: spend > 5}, {name: T, when: spend > 4}]", "V A S T C"),
        ("[V: null]", "A C"),
        ("[V: null, {name: S, when: spend > 50}]", "S A C"),
        ("[{name: S, when: spend > 50}, A: null]", "V S C"),
        ("[{name: V}, A: null, {name: S, when: spend > 50}]", "V S C"),
    ],
)
def test_tiers_are_merged_by_name_and_a_new_one_stands_where_it_is_written(files: Any, items: str, names: str) -> None:
    own = files(f"tiers: {items}")
    assert own.tier_names == names.split()
    assert all(tier.when == "spend > 10" for tier in own.tiers if tier.name == "A")


def test_rules_and_actions_are_merged_by_name_and_a_new_one_without_a_neighbour_is_the_last(files: Any) -> None:
    base = BASE + "actions: [{name: a, when: spend > 1, do: x}]\n"
    own = files("rules: [{name: n, when: orders > 9, down: 1}, r1: null]\nactions: [{name: a, do: y}, {name: b, tier: V, do: z}]", base)
    assert [(r.name, r.when) for r in own.rules] == [("n", "orders > 9"), ("r2", "orders > 2")]
    assert [(a.name, a.when, a.do.en) for a in own.actions] == [("a", "spend > 1", "y"), ("b", None, "z")]
    assert [r.name for r in files("rules: [{name: n, when: orders > 9, down: 1}]").rules] == ["r1", "r2", "n"]


def test_a_chain_of_three_is_followed_to_its_end(files: Any, tmp_path: Path) -> None:
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "third.yaml").write_text("rubric: third\nextends: ../own.yaml\nflags: {f: null}\n")
    files("flags: {h: orders > 5}")
    third = load_rubric(tmp_path / "deeper" / "third.yaml").rubric
    assert list(third.flags) == ["g", "h"] and third.tier_names == ["V", "A", "C"]


def test_what_is_kept_of_a_run_stands_alone(files: Any) -> None:
    own = files("tiers: [{name: A, when: spend > 20}]")
    text = resolved_text(own)
    assert "extends" not in text and parse_rubric(text.encode(), "kept.yaml") == own


@pytest.mark.parametrize(
    ("own", "base", "expected"),
    [
        ("tiers: [{name: A, when: spnd > 1}]", BASE, [("CT1418", "own.yaml:3:25")]),
        ("", BASE.replace("spend > 10,", "spnd > 10,"), [("CT1418", "base.yaml:8:21")]),
        ("flags: {new: spnd > 1}", BASE.replace("f: orders", "f: oders"), [("CT1418", "own.yaml:3:14"), ("CT1418", "base.yaml:13:12")]),
        ("tires: 1", BASE, [("CT1203", "own.yaml:3:1")]),
        ("", BASE + "tires: 1\n", [("CT1203", "base.yaml:16:1")]),
        ("", BASE + "flags: {}\n", [("CT1102", "base.yaml:16:1")]),
        ("tiers: [Q: null]", BASE, [("CT1005", "own.yaml:3:9")]),
        ("flags: {ff: null}", BASE, [("CT1005", "own.yaml:3:9")]),
        ("eligible: null", BASE, [("CT1005", "own.yaml:3:1")]),
        ("metrics: {before: {count: order}}", BASE, [("CT1205", "own.yaml:3:19")]),
        ("rules: [{name: r1, down: 1}]", BASE, [("CT1205", "own.yaml:3:9")]),
        ("tiers: [{name: A, when: spend > 9}, {name: A, when: spend > 8}]", BASE, [("CT1405", "own.yaml:3:44")]),
        ("tiers: [{name: D, when: spend > 9}]", BASE, [("CT1406", "own.yaml:3:9"), ("CT1407", "own.yaml:3:9")]),
        ("window: 5", BASE, [("CT1205", "own.yaml:3:9")]),
    ],
)
def test_each_mistake_is_told_in_the_file_that_holds_it(
    files: Any, tmp_path: Path, own: str, base: str, expected: list[tuple[str, str]]
) -> None:
    with pytest.raises(RubricError) as error:
        files(own, base)
    assert [(p.code, p.where) for p in error.value.problems] == [(code, f"{tmp_path}/{where}") for code, where in expected]


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ("anual-spend", "CT1003"),
        ("no.yaml", "CT1003"),
        ("own.yaml", "CT1004"),
        ("../x/own.yaml", "CT1004"),
        ("[a]", "CT1205"),
        ("''", "CT1204"),
    ],
)
def test_what_cannot_be_extended_is_told_at_the_key(tmp_path: Path, named: str, code: str) -> None:
    (tmp_path / "x").mkdir()
    path = tmp_path / "x" / "own.yaml"
    path.write_text(f"rubric: own\nextends: {named}\n")
    with pytest.raises(RubricError) as error:
        load_rubric(path)
    found = {p.code: p.where for p in error.value.problems}
    assert found[code] == f"{path}:{'1:1' if code == 'CT1204' else '2:10'}"


def test_a_circle_of_two_is_told(files: Any) -> None:
    with pytest.raises(RubricError, match=r"CT1004 the rubric extends itself: .*own.yaml → .*base.yaml → .*own.yaml"):
        files("", "rubric: base\nextends: own.yaml\n")


def test_a_rubric_that_ships_is_extended_by_its_name() -> None:
    own = parse_rubric(b"rubric: own\nextends: annual-spend\ntiers: [{name: VIP, when: spend > 1_000_000}]\n", "my.yaml")
    assert [t.when for t in own.tiers] == ["spend > 1_000_000", "spend >= 200_000", "spend >= 50_000", None]


def test_the_schema_lets_an_extension_say_parts_and_knows_its_keys() -> None:
    check = jsonschema.Draft7Validator(rubric_schema()).is_valid
    parts = {"rubric": "own", "extends": "base.yaml", "score": {"spend": {"weight": 50}}, "tiers": [{"C": None}]}
    assert check(parts) and not check({**parts, "tires": 1}) and not check({k: v for k, v in parts.items() if k != "extends"})


NAMES = st.lists(st.sampled_from("abcdef"), unique=True, max_size=5)


@given(NAMES, NAMES, st.sets(st.sampled_from("abcdef")))
def test_a_merged_list_has_each_name_once_and_keeps_the_order_of_the_other(base: list[str], own: list[str], gone: set[str]) -> None:
    def file(names: list[str], key: str) -> YamlFile:
        items = "".join(f"\n- {n}: null" if n in gone and key == "o" else f"\n- {{name: {n}, {key}: 1}}" for n in names)
        return read_yaml(f"tiers:{items or ' []'}".encode(), key)

    merge = Merge(file(base, "b"), file(own, "o"), ("rubric",))
    items = merge.file.data["tiers"]
    names = [item["name"] for item in items]
    taken = gone & set(own)
    assert sorted(names) == sorted({*base, *own} - taken)
    assert [n for n in names if n in base] == [n for n in base if n not in taken]
    assert {name for _, name, _ in merge.nowhere} == taken - set(base)
    assert all(("b" in item) == (item["name"] in base) and ("o" in item) == (item["name"] in own) for item in items)
    assert all(merge.file.values[("tiers", n, key)] for n, item in enumerate(items) for key in item)
