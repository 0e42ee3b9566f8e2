"""Actions: who gets which, in the labels, in a file of their own, and in what is told."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl
import pytest

from custier.errors import RubricError
from custier.explain import explain_customer
from custier.labels import action_list, label_customers
from custier.pipeline import Request, classify_files
from custier.rubric.load import load_rubric, parse_rubric
from custier.rubric.window import Length
from custier.values import Summary

RUBRIC = """
tiers: [{name: V, when: spend > 10}, {name: C}]
eligible: spend > 0
flags: {often: orders > 1, vip-like: spend > 9}
segments: {size: {big: spend > 10, small: otherwise}}
actions:
  - {name: welcome, change: [new, returned], tier: V, do: {en: Say hello, zh: 欢迎}, owner: sales, due: 14 days}
  - {name: grow, when: "size = 'small' and \\"vip-like\\" and not often and spend < 20", do: Show what V brings}
  - {name: ask, when: tier <> previous_tier and tier = 'C', do: Ask why, due: 1 month}
  - {name: check, tier: unrated, do: Look at the account}
"""


def test_each_action_is_for_those_of_whom_all_holds_that_it_asks_for(graded: Any, bought: Any) -> None:
    last = graded(RUBRIC, bought(("down", "2024-06-01", "11"), ("same", "2024-06-01", "11")), as_of="2024-12-31")
    rows = [("n", "2025-06-01", "11"), ("near", "2025-06-01", "9.5"), ("down", "2025-06-01", "1"), ("bad", "2025-06-01", "-1")]
    run = graded(RUBRIC, bought(*rows, ("same", "2025-06-01", "12")), previous=last)
    assert run.column("actions") == {"n": "welcome", "near": "grow", "down": "ask", "bad": "check", "same": ""}
    assert run.column("action_ask") == {"n": False, "near": False, "down": True, "bad": False, "same": False}


def test_all_that_hold_or_only_the_first(graded: Any, spent: Any) -> None:
    actions = "actions: [{name: a, when: spend > 1, do: x}, {name: b, when: spend > 2, do: y}, {name: c, change: new, do: z}]\n"
    customers = spent(one="1", two="2", three="3")
    assert graded(actions, customers).column("actions") == {"one": "c", "two": "a; c", "three": "a; b; c"}
    first = graded(actions + "actions_apply: first", customers)
    assert first.column("actions") == {"one": "c", "two": "a", "three": "a"}
    assert first.column("action_c") == {"one": True, "two": False, "three": False}


def test_a_metric_that_only_an_action_names_is_measured(graded: Any, bought: Any) -> None:
    run = graded("actions: [{name: a, when: active_months >= 2, do: x}]", bought(("a", "2025-06-01", "1"), ("a", "2025-07-01", "1")))
    assert run["a"]["actions"] == "a" and run["a"]["active_months"] == 2


def test_labels_have_benefits_and_actions_after_the_segments(graded: Any, spent: Any) -> None:
    run = graded(RUBRIC.replace("{name: C}", "{name: C, benefits: [mail]}"), spent(a="11"))
    columns = label_customers(run.frame, run.rubric, run.plan).columns
    assert columns[columns.index("size") : columns.index("tier_since") + 1] == ["size", "benefits", "actions", "tier_since"]


@pytest.mark.parametrize("customers", [["a"], ["a", "b", "c"], []])
def test_the_list_has_a_row_per_customer_and_action_in_their_order(graded: Any, spent: Any, customers: list[str]) -> None:
    actions = "actions: [{name: z, change: new, do: {en: E, zh: 中}, owner: me, due: 2 weeks}, {name: a, when: spend > 1, do: T}]"
    run = graded(actions, spent(a="2", b="1", c="3"))
    frame = run.frame.filter(pl.col("customer_id").is_in(customers))
    made = action_list(nw.from_native(frame.lazy()), run.rubric, date(2025, 12, 31)).to_native().collect()
    everyone = [
        ("a", "C", "z", "E", "中", "me", date(2026, 1, 14)),
        ("a", "C", "a", "T", None, None, None),
        ("b", "C", "z", "E", "中", "me", date(2026, 1, 14)),
        ("c", "C", "z", "E", "中", "me", date(2026, 1, 14)),
        ("c", "C", "a", "T", None, None, None),
    ]
    assert made.rows() == [row for row in everyone if row[0] in customers]
    assert made.columns == ["customer_id", "tier", "action", "text", "text_zh", "owner", "due"]


@pytest.mark.parametrize(
    ("term", "due"),
    [(Length(days=14), date(2026, 2, 14)), (Length(months=1), date(2026, 2, 28)), (Length(months=120_000), date.max), (Length(), date(2026, 1, 31))],
)  # fmt: skip
def test_a_term_ends_at_the_end_of_a_shorter_month(term: Length, due: date) -> None:
    assert term.after(date(2026, 1, 31)) == due


@pytest.fixture
def classified(tmp_path: Path) -> Summary:
    """One run of the rubric with its copies, of 3,000 customers in small memory and so in several buckets."""
    (tmp_path / "r.yaml").write_text("rubric: r\n" + RUBRIC, encoding="utf-8")
    rows = "".join(f"=C{n:04},2025-06-01,{n % 13},{n}\n" for n in range(1, 3000))
    (tmp_path / "sales.csv").write_text("customer,date,amount,order\n" + rows)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    sales, rubric = str(tmp_path / "sales.csv"), str(tmp_path / "r.yaml")
    return classify_files(Request((sales,), rubric, (), tmp_path / "store", now.date(), now, date(2025, 12, 31), out=tmp_path / "out"))


def test_the_file_is_sorted_hashed_copied_and_counted(classified: Summary, tmp_path: Path) -> None:
    directory = Path(str(classified.directory))
    content = (directory / "actions.csv").read_bytes()
    assert content == (tmp_path / "out" / "actions.csv").read_bytes() and b"\r" not in content and not content.startswith(b"\xef\xbb\xbf")
    with (directory / "actions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["customer_id"] for row in rows] == sorted(row["customer_id"] for row in rows)
    assert {a.name: a.customers for a in classified.actions} == {
        name: sum(row["action"] == name for row in rows) for name in ("welcome", "grow", "ask", "check")
    }
    assert rows[0] == {
        "customer_id": "=C0010", "tier": "C", "action": "grow", "text": "Show what V brings", "text_zh": "", "owner": "", "due": "",
    }  # fmt: skip
    manifest = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
    assert "actions.csv" in manifest["stable"]["outputs"] and manifest["stable"]["actions"]["check"] == 230
    assert " actions.csv\n" in (directory / "SHA256SUMS").read_text(encoding="utf-8")


def test_an_explanation_says_what_is_to_be_done_and_why(classified: Summary, tmp_path: Path) -> None:
    told = explain_customer(tmp_path / "store", "=C0011")
    (action,) = told.actions
    assert (action.name, action.text, action.text_zh, action.owner) == ("welcome", "Say hello", "欢迎", "sales")
    assert action.due == date(2026, 1, 14) and action.because == "tier V and change new or returned"
    assert explain_customer(tmp_path / "store", "=C0001").actions == []


@pytest.mark.parametrize(
    ("action", "code", "pointed"),
    [
        ("{name: a, do: x}", "CT1205", "{name: a, do"),
        ("{name: a, tier: [V, W], do: x}", "CT1483", "W]"),
        ("{name: a, change: better, do: x}", "CT1205", "better"),
        ("{name: a, when: spnd > 1, do: x}", "CT1418", "spnd"),
        ("{name: a, when: size, do: x}", "CT1418", "size"),
        ("{name: a, when: spend > 1}", "CT1204", "{name: a, when"),
        ("{name: a, when: spend > 1, do: '=x'}", "CT1205", "'=x"),
        ("{name: a, when: spend > 1, do: x, owner: '@me'}", "CT1205", "'@me"),
        ("{name: a, when: spend > 1, do: x, due: soon}", "CT1205", "soon"),
        ("{name: a, when: f, do: x}, {name: a, when: not f, do: y}", "CT1482", "a, when: not f"),
    ],
)
def test_each_mistake_is_told_where_it_stands(action: str, code: str, pointed: str) -> None:
    head = "rubric: r\nsegments: {size: {big: spend > 1, small: otherwise}}\n"
    text = f"{head}actions: [{action}]\nflags: {{f: spend > 1}}\ntiers: [{{name: V}}]\n"
    with pytest.raises(RubricError) as error:
        parse_rubric(text.encode(), "my.yaml")
    (problem,) = error.value.problems
    assert problem.code == code and text.splitlines()[2][int(problem.where.split(":")[2]) - 1 :].startswith(pointed)


@pytest.mark.parametrize("versions", [[1, 1], [3]])
def test_a_version_is_told_once_and_not_before_it_is_there(versions: list[int]) -> None:
    changes = ", ".join(f"{{version: {v}, on: 2026-01-01, what: x}}" for v in versions)
    with pytest.raises(RubricError, match="CT1484"):
        parse_rubric(f"rubric: r\nversion: 2\nchanges: [{changes}]\ntiers: [{{name: V}}]\n".encode(), "my.yaml")


@pytest.mark.parametrize("name", ["benefits", "actions", "action_call"])
def test_the_columns_of_benefits_and_actions_are_no_names_of_metrics(name: str) -> None:
    with pytest.raises(RubricError, match="CT1410"):
        parse_rubric(f"rubric: r\nmetrics: {{{name}: {{sum: amount}}}}\ntiers: [{{name: V}}]\n".encode(), "my.yaml")


def test_a_former_tier_that_no_tier_is_called_is_warned_of_with_the_nearest_name(tmp_path: Any) -> None:
    path = tmp_path / "my.yaml"
    tiers = "rubric: mine\ntiers: [{name: star, when: spend > 5}, {name: B}]\n"
    path.write_text(
        tiers + "actions:\n  - {name: call, do: call, when: \"previous_tier in ('Star', 'B', 'unrated') and change = 'down'\"}\n"
    )
    (warning,) = load_rubric(path).warnings
    assert (warning.code, warning.where) == ("CT1494", f"{path}:4:34")
    assert warning.what == "`previous_tier` is compared with `Star`, which is no tier of this rubric"
    assert warning.help == "the nearest tier is `star`; leave it if a tier of an earlier version is meant"
    path.write_text(tiers + "actions:\n  - {name: call, do: call, when: {any: [\"previous_tier = 'Platinum'\", orders = 0]}}\n")
    assert [w.help for w in load_rubric(path).warnings] == [
        "the tiers are star, B, unrated; leave it if a tier of an earlier version is meant"
    ]
