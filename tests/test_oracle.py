"""Grades against an independent recomputation in plain SQL, on two months of 200,000 rows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from custier.pipeline import Request, classify_files
from custier.rubric.load import load_rubric, shipped_text

MONTHS = ("2025-11-30", "2025-12-31")

GENERATE = """
select setseed(0.42);
create table t as
  with draws as (select i, (power(random(), 2) * 20000)::int c, random() a, random() b, random() d, random() e, random() f, random() g from range(198000) r(i))
  select 'K' || lpad(c::varchar, 5, '0') id,
    date '2023-10-01' + (a * 820)::int as d,
    case when b < 0.03 then -round(d * 900, 2) when b < 0.25 then 500 when b < 0.3 then round(d * 200000, 2) else round(d * 9000, 2) end::decimal(18, 2) amount,
    'O' || (i // 2) ord,
    case when e < 0.1 then null else 'cat' || (e * 9)::int end cat,
    round(f * 5000, 2)::decimal(18, 2) cost
  from draws;
insert into t select 'E' || lpad(i::varchar, 4, '0'), date '2025-03-01', [500000, 500000.01, 200000, 199999.99, 50000, 49999.99][i % 6 + 1],
  'X' || i, 'cat1', 1000 from range(2000) r(i);
create table inv as
  with draws as (select (random() * 12000)::int c, random() a, random() b, random() d from range(30000))
  select 'K' || lpad(c::varchar, 5, '0') id, date '2024-10-01' + (a * 520)::int due,
    case when b < 0.15 then null else date '2024-10-01' + (a * 520)::int + (d * 90)::int - 40 end paid from draws;
create table sur as
  with draws as (select (random() * 15000)::int c, random() a, random() b from range(9000))
  select 'K' || lpad(c::varchar, 5, '0') id, date '2024-06-01' + (a * 600)::int d, ([1, 2, 3.5, 4, 4.5, 5][(b * 5)::int + 1])::decimal(3, 1) score from draws;
"""

METRICS = """
create or replace table m as
with seen as (select id, min(d) first_d, max(d) last_d from t where d <= date '{day}' group by id),
  year as (select * from t where d <= date '{day}' and d >= date '{start}'),
  spent as (select id, sum(amount) spend, count(distinct ord) orders, count(distinct cat) categories, sum(amount - cost) profit from year group by id),
  before as (select id, sum(amount) spend_before from t where d < date '{start}' and d >= date '{start}' - interval 1 year group by id),
  late as (
    select id, sum(late) late_sum, count(late) late_n, max(late) overdue_max from (
      select id, case when paid <= date '{day}' then greatest(0, paid - due) when due < date '{day}' then date '{day}' - due end late
      from inv where due <= date '{day}' and due >= date '{start}') group by id),
  asked as (select id, sum(score) score_sum, count(score) score_n from sur where d <= date '{day}' and d >= date '{start}' group by id)
select id, coalesce(spend, 0) spend, coalesce(orders, 0) orders, coalesce(categories, 0) categories, coalesce(profit, 0) profit,
  coalesce(spend_before, 0) spend_before, late_sum, nullif(late_n, 0) late_n, overdue_max, score_sum, nullif(score_n, 0) score_n,
  date '{day}' - last_d recency,
  (year(date '{day}') - year(first_d)) * 12 + month(date '{day}') - month(first_d)
    - case when day(first_d) > day(date '{day}') and date '{day}' <> last_day(date '{day}') then 1 else 0 end tenure
from seen left join spent using (id) left join before using (id) left join late using (id) left join asked using (id)
"""

WEIGHTED = """
with points as (select *, tenure >= 3 eligible,
    case when spend >= 500000 then 100 when spend >= 200000 then 80 when spend >= 50000 then 60 else 40 end p1,
    case when orders > 10 then 100 when orders >= 4 then 70 else 30 end p2,
    case when categories >= 5 then 100 when categories >= 2 then 60 else 20 end p3,
    case when profit >= 100000 then 100 when profit >= 20000 then 70 when profit > 0 then 40 else 0 end p4,
    case when late_n is null then null when late_sum <= 0 then 100 when late_sum <= 30 * late_n then 60 else 0 end p5,
    case when score_n is null then 50 when score_sum >= 4.5 * score_n then 100 when score_sum >= 3.5 * score_n then 70 else 20 end p6 from m),
  sums as (select *, p1 * 30 + p2 * 20 + p3 * 10 + p4 * 10 + coalesce(p5, 0) * 20 + p6 * 10 s, case when p5 is null then 80 else 100 end w from points),
  earned as (select *, case when s >= 85 * w then 0 when s >= 70 * w then 1 when s >= 50 * w then 2 else 3 end r0 from sums),
  multi as (select *, case when categories >= 8 then greatest(r0 - 1, 0) else r0 end r1 from earned),
  doubled as (select *, case when spend_before <> 0 and (case when spend_before > 0 then spend >= 2 * spend_before else spend <= 2 * spend_before end)
    then greatest(r1 - 1, 0) else r1 end r2 from multi),
  ruled as (select *, case when overdue_max > 60 then greatest(r2, 2) else r2 end r3 from doubled)
select id, case when eligible then ['VIP', 'A', 'B', 'C'][r3 + 1] else 'unrated' end tier,
  (s::hugeint * 2000000 + w) // (2 * w) score, p1, p2, p3, p4, p5, p6,
  (spend * 100)::bigint spend, orders, categories, (profit * 100)::bigint profit, (spend_before * 100)::bigint spend_before, late_sum, late_n, overdue_max,
  concat_ws('; ', case when orders > 10 then 'high_frequency' end, case when orders > 0 and spend > 2000 * orders then 'high_value_basket' end) flags,
  case when tenure < 6 then 'new' when recency > 180 then 'lapsing' else 'active' end lifecycle
from ruled order by id
"""

PYRAMID = """
with ranked as (select id, spend, rank() over (order by spend desc) r, count(*) over () n from m)
select id, case when r * 100 <= n then 'important' when r * 100 <= n * 20 then 'main' when r * 100 <= n * 50 then 'ordinary' else 'small' end tier,
  (spend * 100)::bigint spend from ranked order by id
"""

ANNUAL = """
select id, case when spend > 500000 then 'VIP' when spend >= 200000 then 'A' when spend >= 50000 then 'B' else 'C' end tier,
  (spend * 100)::bigint spend, orders from m order by id
"""

RENAMED = {
    "p1": "points_spend",
    "p2": "points_orders",
    "p3": "points_categories",
    "p4": "points_profit",
    "p5": "points_days_late",
    "p6": "points_satisfaction",
    "late_sum": "days_late",
    "late_n": "days_late__per",
    "id": "customer_id",
}
RANKS = {
    "weighted-grade": ["VIP", "A", "B", "C"],
    "pyramid": ["important", "main", "ordinary", "small"],
    "annual-spend": ["VIP", "A", "B", "C"],
}
ANSWERS = {"weighted-grade": WEIGHTED, "pyramid": PYRAMID, "annual-spend": ANNUAL}


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("set threads = 1")
    con.execute(GENERATE)
    return con


@pytest.fixture(scope="module")
def exports(con: duckdb.DuckDBPyConnection, table: Any) -> list[Any]:
    cents = '(amount * 100)::bigint amount, ord as "order", cat category, (cost * 100)::bigint as cost'
    said = {
        "transactions": ("customer date amount order category cost", f"select id customer_id, d date, {cents} from t"),
        "invoices": ("customer date paid", "select id customer_id, due date, paid from inv"),
        "surveys": ("customer date score", "select id customer_id, d date, (score * 1000000)::bigint score from sur"),
    }
    return [table(source, header, frame=con.sql(query).pl()) for source, (header, query) in said.items()]


def _answer(con: duckdb.DuckDBPyConnection, name: str, day: str) -> pl.DataFrame:
    end = date.fromisoformat(day)
    start = con.sql(f"select (date '{end}' + 1 - interval 12 months)::date").limit(1).fetchall()[0][0]
    con.execute(METRICS.format(day=day, start=start))
    return con.sql(ANSWERS[name]).pl().rename(RENAMED, strict=False)


def _compare(answer: pl.DataFrame, found: pl.DataFrame) -> None:
    assert found["customer_id"].to_list() == answer["customer_id"].to_list()
    for column in answer.columns:
        wanted, had = answer[column], found[column]
        off = (wanted.cast(pl.String) != had.cast(pl.String)).fill_null(False) | (wanted.is_null() != had.is_null())
        assert not off.any(), (
            column,
            answer.filter(off).head(3).to_dicts(),
            found.filter(off).select("customer_id", column).head(3).to_dicts(),
        )


@pytest.mark.parametrize("name", list(ANSWERS))
def test_two_months_equal_the_sql(con: duckdb.DuckDBPyConnection, exports: list[Any], graded: Any, name: str) -> None:
    rubric = load_rubric(name).rubric
    given = [e for e in exports if e.source in rubric.sources]
    first = graded(rubric, *given, as_of=MONTHS[0])
    second = graded(rubric, *given, as_of=MONTHS[1], previous=first)
    before, now = (_answer(con, name, day) for day in MONTHS)
    _compare(before, first.frame)
    _compare(now, second.frame)
    both = now.join(before.select("customer_id", was="tier"), on="customer_id", how="left", maintain_order="left")
    rank = {tier: i for i, tier in enumerate([*RANKS[name], "unrated"])}
    steps = [None if was is None else rank[was] - rank[tier] for tier, was in both.select("tier", "was").rows()]
    assert second.frame["previous_tier"].to_list() == both["was"].to_list()
    assert second.frame["steps"].to_list() == steps
    back = first.frame.filter(first.frame["rows_in_window"] == 0)["customer_id"].to_list()
    returned = (second.frame["customer_id"].is_in(back) & (second.frame["rows_in_window"] > 0)).to_list()
    changes = [
        "new" if s is None else "returned" if r else "up" if s > 0 else "down" if s < 0 else "same"
        for s, r in zip(steps, returned, strict=True)
    ]
    assert second.frame["change"].to_list() == changes
    assert set(RANKS[name]) <= set(now["tier"])
    assert {"up", "down", "same", "new"} <= set(changes)


@pytest.fixture(scope="module")
def files(con: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    """The same rows as a company would export them: GBK sales in three files with Chinese headers, invoices as CSV, surveys as Parquet."""
    folder = tmp_path_factory.mktemp("exports")
    sales = con.sql("select ord as 订单号, id as 客户编号, d as 下单日期, cat as 品类, amount as 金额, cost as 成本 from t").pl()
    parts = [folder / f"sales-{i}.csv" for i in range(3)]
    for i, part in enumerate(parts):
        part.write_bytes(sales[i::3].write_csv().encode("gb18030"))
    invoices, surveys = folder / "invoices.csv", folder / "surveys.parquet"
    con.sql('select id as "Customer ID", due as "Due Date", paid as "Paid Date" from inv').pl().write_csv(invoices)
    con.sql("select id as customer_id, d as date, score from sur").pl().write_parquet(surveys)
    return {"transactions": parts, "invoices": [invoices], "surveys": [surveys]}


@pytest.mark.parametrize("name", list(ANSWERS))
def test_labels_of_files_equal_the_sql(con: duckdb.DuckDBPyConnection, files: dict[str, list[Path]], tmp_path: Path, name: str) -> None:
    """From the export to labels.parquet: every customer's tier, score, points, flags and amounts."""
    loose = tmp_path / f"{name}.yaml"
    loose.write_text(
        shipped_text(name).split("guardrails:")[0] + "guardrails: {moved_at_most: 100%, top_tier_leaves_at_most: off}\n", encoding="utf-8"
    )
    given = [s for s in files if s in load_rubric(name).rubric.sources]
    others = tuple((source, str(files[source][0])) for source in given if source != "transactions")
    for day in MONTHS:
        now = datetime(2026, 1, 31, tzinfo=UTC)
        request = Request(
            tuple(map(str, files["transactions"])), str(loose), others, tmp_path / "store", now.date(), now, as_of=date.fromisoformat(day)
        )
        summary = classify_files(request)
        assert summary.status == "published", [g for g in summary.guards if g.held]
        assert not summary.rejected and summary.accounts[0].read == 200_000
        _compare_labels(_answer(con, name, day), pl.read_parquet(Path(str(summary.directory)) / "labels.parquet"))


def _compare_labels(answer: pl.DataFrame, labels: pl.DataFrame) -> None:
    """Labels in the SQL's units: amounts as cents, the score as millionths, days late as a quotient."""
    money = [c for c in ("spend", "profit", "spend_before") if c in answer.columns]
    found = labels.with_columns((pl.col(c) * 100).cast(pl.Int64) for c in money)
    if "score" in answer.columns:
        found = found.with_columns(score=(pl.col("score") * 1_000_000).round().cast(pl.Int64))
        answer = answer.with_columns(days_late=pl.col("days_late").cast(pl.Float64) / pl.col("days_late__per").cast(pl.Float64)).drop(
            "days_late__per"
        )
    assert found["customer_id"].to_list() == answer["customer_id"].to_list()
    for column in answer.columns:
        assert found[column].to_list() == answer[column].to_list(), column
