"""Customers who turned out to be one: a run with a table of merges is a run on exports in which the ids were replaced beforehand."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from custier.errors import DataError, InputError, RubricError, UsageError
from custier.explain import explain_customer
from custier.export import Asked, export_sql
from custier.pipeline import Request, classify_files
from custier.rubric.load import load_rubric, parse_rubric
from custier.values import Summary

GATHER, POPULATION, FAMILY = (import_module(f"custier.{name}") for name in ("pipeline.gather", "pipeline.population", "explain.family"))
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
NOVEMBER, DECEMBER = date(2025, 11, 30), date(2025, 12, 31)
POLICY = """
rubric: merging
sources: {{transactions: {{}}, members: {{parent: 户主}}{source}}}
{merge}
accounts: {{parent: {{source: members, column: parent}}}}
metrics: {{together: {{sum_of_members: spend}}, at_top: {{years_at_tier: A}}}}
tiers: [{{name: V, when: together >= 120_000}}, {{name: A, when: spend >= 40_000}}, {{name: B, when: spend > 25_000}}, {{name: C}}]
guardrails: {{moved_at_most: 100%, customers_drop_at_most: 100%}}
"""
MERGING = POLICY.format(source=", merges: {optional: true, into: 新编号}", merge="merge: {source: merges}")
PLAIN = POLICY.format(source="", merge="")
MERGES = {
    "客户1": "客户2",
    "客户2": "客户30",
    "客户7": "客户30",
    "客户8": "客户9",
    "gone": "客户40",
    "unheard of": "客户5",
    "客户50": "客户50",
}
ENDS = MERGES | {"客户1": "客户30"}
Tables = Mapping[str, pl.DataFrame]


@pytest.fixture(scope="module")
def tables() -> Tables:
    draw = random.Random(8)
    days = [date.fromordinal(date(2025, 1, 1).toordinal() + n) for n in range(360)]
    names = [f"客户{n}" for n in range(80)]
    bought = [(draw.choice(names), draw.choice(days), f"O{n // 2}", draw.randrange(-30_000, 900_000)) for n in range(600)]
    bought += [(name, date(2025, 1, 1), f"o{n}", 100) for n, name in enumerate([*names, "gone"])]
    parents = [(name, date(2025, 1, 1), draw.choice([*names[n + 1 :], "客户79"])) for n, name in enumerate(names) if draw.random() < 0.3]
    parents = [(child, day, parent) for child, day, parent in parents if ENDS.get(child, child) == child]
    cents = pl.col("amount").cast(pl.Decimal(18, 2)) / 100
    return {
        "transactions": pl.DataFrame(bought, schema=["customer", "date", "order", "amount"], orient="row").with_columns(cents),
        "members": pl.DataFrame(parents, schema=["customer", "date", "户主"], orient="row"),
    }


def merges(stated: Mapping[str, str]) -> pl.DataFrame:
    return pl.DataFrame([(old, date(2025, 1, 1), new) for old, new in stated.items()], schema=["customer", "date", "新编号"], orient="row")


def replaced(tables: Tables) -> Tables:
    """What the exports would be had the ids been replaced by hand."""
    ids = {name: frame.with_columns(pl.col("customer").replace(ENDS)) for name, frame in tables.items()}
    return ids | {"members": ids["members"].with_columns(pl.col("户主").replace(ENDS))}


def classified(rubric: str, tables: Tables, folder: Path, as_of: date | None, **more: object) -> Summary:
    folder.mkdir(exist_ok=True)
    (folder / "rubric.yaml").write_text(rubric, encoding="utf-8")
    for name, frame in tables.items():
        frame.write_parquet(folder / f"{name}.parquet")
    sources = tuple((name, str(folder / f"{name}.parquet")) for name in tables if name != "transactions")
    asked = Request((str(folder / "transactions.parquet"),), str(folder / "rubric.yaml"), sources, folder / "store", NOW.date(), NOW, as_of)
    return classify_files(Request(**{**vars(asked), **more}))


def labels(summary: Summary) -> pl.DataFrame:
    return pl.read_parquet(Path(str(summary.directory)) / "labels.parquet")


def test_merged_customers_are_graded_as_if_their_ids_had_been_replaced(
    tables: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = labels(classified(PLAIN, replaced(tables), tmp_path / "replaced", NOVEMBER))
    given = {**tables, "merges": merges(MERGES)}
    whole = classified(MERGING, given, tmp_path / "whole", NOVEMBER)
    assert_frame_equal(labels(whole), expected, check_exact=True)
    assert expected["tier"].n_unique() == 4 and "客户1" not in expected["customer_id"] and "gone" not in expected["customer_id"]
    renamed = tables["transactions"].filter(pl.col("customer").is_in([old for old, new in MERGES.items() if old != new])).height
    assert {a.source: a.merged for a in whole.accounts}["transactions"] == renamed > 20
    on_duckdb = classified(MERGING, given, tmp_path / "duckdb", NOVEMBER, engine="duckdb")
    assert_frame_equal(labels(on_duckdb), expected, check_exact=True)
    monkeypatch.setattr(GATHER, "bucket_count", lambda tables, memory: 7)
    monkeypatch.setattr(POPULATION, "CUSTOMERS_PER_PART", 11)
    parts = classified(MERGING, given, tmp_path / "parts", NOVEMBER, most_rows_kept=0)
    assert_frame_equal(labels(parts), expected, check_exact=True)
    assert parts.accounts == whole.accounts and parts.orphans == whole.orphans


def test_the_exported_statement_selects_the_same_labels(tables: Tables, tmp_path: Path) -> None:
    given = {**tables, "merges": merges(MERGES)}
    expected = labels(classified(MERGING, given, tmp_path, NOVEMBER)).drop("partial_data")
    connection = duckdb.connect()
    for name in given:
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM '{tmp_path / name}.parquet'")
    rubric = load_rubric(tmp_path / "rubric.yaml").rubric
    assert_frame_equal(connection.sql(export_sql(rubric, Asked("duckdb", NOVEMBER, {"merges": "merges"}))).pl(), expected, check_exact=True)


def test_the_better_tier_of_those_who_are_one_counts_as_the_previous_one(tables: Tables, tmp_path: Path) -> None:
    first = labels(classified(MERGING, tables, tmp_path, NOVEMBER))
    tiers, ranks = dict(first.select("customer_id", "tier").rows()), ["V", "A", "B", "C"]
    second = labels(classified(MERGING, {**tables, "merges": merges(MERGES)}, tmp_path, DECEMBER))
    previous = dict(second.select("customer_id", "previous_tier").rows())
    for id_left, gone in {"客户30": ["客户1", "客户2", "客户7"], "客户9": ["客户8"], "客户40": ["gone"], "客户5": []}.items():
        assert previous[id_left] == min((tiers[c] for c in [id_left, *gone]), key=ranks.index)
    assert len({tiers[c] for c in ("客户30", "客户1", "客户2", "客户7")}) > 1
    assert set(previous) == set(tiers) - (set(MERGES) - {"客户50"})
    assert all(previous[c] == tiers[c] for c in previous if c not in ENDS.values())


def test_an_old_id_is_explained_as_the_one_it_was_merged_into(tables: Tables, tmp_path: Path) -> None:
    classified(MERGING, {**tables, "merges": merges(MERGES)}, tmp_path, NOVEMBER)
    told = explain_customer(tmp_path / "store", "客户1", rows=True)
    assert (told.customer_id, told.asked_for, told.merged) == ("客户30", "客户1", ["客户1", "客户2", "客户7"])
    assert {row["merged_from"] for row in told.rows} == {None, "客户1", "客户2", "客户7"}
    plain = explain_customer(tmp_path / "store", "客户30")
    assert plain.asked_for is None and plain.merged == told.merged
    assert explain_customer(tmp_path / "store", "客户50").merged == []


def test_the_members_of_an_account_are_explained_with_what_they_bring(
    tables: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = labels(classified(MERGING, tables, tmp_path, NOVEMBER)).sort("customer_id")
    monkeypatch.setattr(FAMILY, "MOST_SHOWN", 2)
    large = found.filter(pl.col("members") > 2).row(0, named=True)
    told = explain_customer(tmp_path / "store", large["customer_id"]).account
    assert told is not None and told.members == large["members"] and len(told.shown) == 2
    brought = dict(found.select("customer_id", "spend").rows())
    assert all(member.values == {"spend": brought[member.customer_id]} for member in told.shown)
    assert told.together == {"together": large["together"]}
    alone = found.filter(pl.col("members") == 1).row(0, named=True)
    assert explain_customer(tmp_path / "store", alone["customer_id"]).account is None


def test_tables_that_only_say_who_is_whom_need_no_dates(tables: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dated = {**tables, "merges": merges(MERGES)}
    expected = labels(classified(MERGING, dated, tmp_path / "dated", NOVEMBER))
    undated = {name: frame if name == "transactions" else frame.drop("date") for name, frame in dated.items()}
    run = classified(MERGING, undated, tmp_path, NOVEMBER)
    assert_frame_equal(labels(run), expected, check_exact=True)
    assert all(account.used == account.read for account in run.accounts if account.source != "transactions")
    child, parent = next((child, parent) for child, _, parent in tables["members"].rows() if not {child, parent} & set(MERGES))
    told = explain_customer(tmp_path / "store", child, rows=True)
    assert [(row["parent"], "in_window" in row) for row in told.rows if row["source"] == "members"] == [(parent, False)]
    connection = duckdb.connect()
    for name in undated:
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM '{tmp_path / name}.parquet'")
    asked = Asked("duckdb", NOVEMBER, {"merges": "merges"}, ["members.date", "merges.date"])
    selected = connection.sql(export_sql(load_rubric(tmp_path / "rubric.yaml").rubric, asked)).pl()
    assert_frame_equal(selected, expected.drop("partial_data"), check_exact=True)
    monkeypatch.setattr(GATHER, "bucket_count", lambda tables, memory: 7)
    parts = classified(MERGING, undated, tmp_path / "parts", NOVEMBER, most_rows_kept=0)
    assert_frame_equal(labels(parts), expected, check_exact=True)


def test_a_table_of_members_that_a_metric_looks_at_needs_dates(tables: Tables, tmp_path: Path) -> None:
    counting = MERGING.replace("metrics: {", "metrics: {memberships: {count: parent, source: members}, ")
    undated = {**tables, "members": tables["members"].drop("date")}
    with pytest.raises(InputError, match=r"CT2201.*date"):
        classified(counting, undated, tmp_path, NOVEMBER)


def test_without_any_date_the_as_of_date_must_be_given(tables: Tables, tmp_path: Path) -> None:
    policy = "rubric: listed\nsources: {customers: {}, members: {parent: 户主}}\ntiers: [{name: A}]\n"
    policy += "accounts: {parent: {source: members, column: parent}}\n"
    given = {"customers": tables["transactions"].select("customer").unique(), "members": tables["members"].drop("date")}
    with pytest.raises(UsageError, match="no table has dates"):
        classified(policy, given, tmp_path, None, inputs=())
    assert labels(classified(policy, given, tmp_path, NOVEMBER, inputs=()))["members"].max() > 2


REFUSED = {
    "CT3321 1 customer is merged into two others: a (b / c)": [("a", "b"), ("a", "c")],
    "CT3322 merges go round in a circle, or on over more than 32 steps: ": [("a", "b"), ("b", "c"), ("c", "a")],
}


@pytest.mark.parametrize("said", list(REFUSED))
def test_merges_that_lead_nowhere_stop_the_run(said: str, tables: Tables, tmp_path: Path) -> None:
    rows = pl.DataFrame([(old, date(2025, 1, 1), new) for old, new in REFUSED[said]], schema=["customer", "date", "新编号"], orient="row")
    with pytest.raises(DataError) as refused:
        classified(MERGING, {**tables, "merges": rows}, tmp_path, NOVEMBER)
    assert said in str(refused.value) and refused.value.problems[0].code in ("CT3321", "CT3322")


WRONG = {
    "merge: {source: merge}": "CT1443 `merge` is not a source",
    "merge: {source: transactions}": "CT1443 the transactions are no table of merges",
    "merge: {source: merges}\nmetrics: {n: {count: customer, source: merges}}": "CT1443 the metric `n` looks at `merges`",
    "merge: {source: merges}\naccounts: {parent: {source: merges, column: into}}": "CT1443 the accounts look at `merges`",
    "merge: {source: merges, into: customer}": "CT1443 `customer` is the id that goes",
}


@pytest.mark.parametrize("text", list(WRONG))
def test_a_merge_that_makes_no_sense_is_found_when_the_rubric_is_checked(text: str) -> None:
    rubric = f"rubric: test\nsources: {{transactions: {{}}, merges: {{}}}}\ntiers: [{{name: A}}]\n{text}\n"
    with pytest.raises(RubricError) as refused:
        parse_rubric(rubric.encode(), "test.yaml")
    assert WRONG[text] in str(refused.value), str(refused.value)
