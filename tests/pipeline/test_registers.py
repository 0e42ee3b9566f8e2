"""A register, attributes and estimates in whole runs: the same bytes however the run is done, and every row and id accounted for."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from custier.errors import UsageError
from custier.explain import explain_customer
from custier.pipeline import Request, classify_files
from custier.values import Summary

GATHER = import_module("custier.pipeline.gather")
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
MONTHS = (date(2025, 11, 30), date(2025, 12, 31))
RUBRIC = Path(__file__).parents[1] / "engines" / "register.yaml"
ANSWERS = ("labels.csv", "labels.parquet", "changes.csv", "evidence.parquet", "rejected.csv", "explain.json")


def written(folder: Path, month: int) -> dict[str, Path]:
    """Exports of a month: customers without purchases, purchases without customers, contradictions, blanks, expired estimates."""
    draw = random.Random(month)

    def who() -> str:
        return f"C{draw.randrange(300):04}"

    def day() -> str:
        return (date(2023, 6, 1) + timedelta(draw.randrange(900))).isoformat()

    region = {n: draw.choice(["North", "华东", "South", ""]) for n in range(100, 400)}
    people = [(f"C{n:04}", region[n], draw.choice([day(), ""]), draw.choice(["5", "120", ""])) for n in region]
    people += [(f"C{n:04}", region[n] if n % 2 else "Mars", "", "") for n in range(100, 110)] + [("C0111", "", "bad", "1")]
    bought = [(who(), day(), f"{draw.randrange(9_000)}.50", draw.choice(["web", "shop", "店", ""])) for _ in range(1500)]
    guessed = [
        (f"C{draw.randrange(380, 405):04}", day(), str(draw.randrange(100)), draw.choice([day(), ""]), "Li", "met") for _ in range(60)
    ]
    asked = [(f"C{draw.randrange(0, 420):04}", day(), draw.choice(["1", "4.5"])) for _ in range(200)]
    tables = {
        "transactions": (["customer", "date", "amount", "Channel"], bought),
        "customers": (["客户编号", "地区", "注册日期", "Staff"], people),
        "estimates": (["customer", "estimated_on", "estimate", "estimated_until", "estimated_by", "reason"], guessed),
        "surveys": (["customer", "date", "score"], asked),
    }
    for name, (header, rows) in tables.items():
        pl.DataFrame(rows, schema=dict.fromkeys(header, pl.String), orient="row").write_csv(folder / f"{name}-{month}.csv")
    return {name: folder / f"{name}-{month}.csv" for name in tables}


def classify(files: dict[str, Path], store: Path, as_of: date | None, **how: Any) -> Summary:
    transactions = (str(files["transactions"]),) if "transactions" in files else ()
    others = tuple((name, str(path)) for name, path in files.items() if name != "transactions")
    return classify_files(Request(transactions, str(how.pop("rubric", RUBRIC)), others, store, NOW.date(), NOW, as_of, **how))


def two_months(folder: Path, store: Path, **how: Any) -> list[tuple[Summary, dict[str, bytes]]]:
    found = []
    for number, as_of in enumerate(MONTHS):
        told = classify(written(folder, number), store, as_of, **how)
        found.append((told, {name: (Path(str(told.directory)) / name).read_bytes() for name in ANSWERS}))
    return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Summary, dict[str, bytes]]]:
    folder = tmp_path_factory.mktemp("whole")
    return two_months(folder, folder / "store")


@pytest.mark.parametrize(("buckets", "how"), [(1, {"most_rows_kept": 0}), (5, {"most_rows_kept": 0}), (1, {"engine": "duckdb"})], ids=str)
def test_the_same_bytes_however_a_run_is_done(
    buckets: int, how: dict[str, Any], whole: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GATHER, "bucket_count", lambda tables, memory: buckets)
    for (told, answers), (expected, wanted) in zip(two_months(tmp_path, tmp_path / "store", **how), whole, strict=True):
        assert {name: held == wanted[name] for name, held in answers.items()} == dict.fromkeys(ANSWERS, True)
        assert (told.accounts, told.orphans, told.tiers, told.changes) == (
            expected.accounts,
            expected.orphans,
            expected.tiers,
            expected.changes,
        )


def test_every_row_and_every_id_is_accounted_for(whole: Any) -> None:
    for told, _ in whole:
        by_source = {account.source: account for account in told.accounts}
        assert 5 <= by_source["customers"].rejected == sum(code.rows for code in told.rejected)
        assert {code.code for code in told.rejected} == {"CT3008", "CT3201"}
        assert all(a.read == a.used + a.rejected + a.before_window + a.after_window for a in told.accounts)
        assert by_source["customers"].used == 311 - by_source["customers"].rejected and by_source["estimates"].before_window == 0
        assert set(told.orphans) == {"estimates", "surveys"} and len(told.tiers) == 5 and all(tier.customers for tier in told.tiers)
    assert {"up", "down", "same", "returned"} <= {change for change, customers in whole[1][0].changes.items() if customers}


def test_attributes_estimates_and_orphans_are_those_that_a_query_finds(whole: Any, tmp_path: Path) -> None:
    told, answers = whole[0]
    for name, path in written(tmp_path, 0).items():
        duckdb.sql(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM read_csv('{path}', all_varchar = true)")
    duckdb.sql("ALTER TABLE customers RENAME 客户编号 TO customer")
    expected = duckdb.sql(
        """
        WITH c AS (SELECT customer, max(地区) region, max(注册日期) joined FROM customers
                   WHERE 注册日期 IS DISTINCT FROM 'bad' GROUP BY 1 HAVING count(DISTINCT 地区) < 2),
             t AS (SELECT customer, arg_max(Channel, (date, Channel)) FILTER (Channel IS NOT NULL) AS channel,
                          count(*) FILTER (date > '2024-11-30') AS bought FROM transactions WHERE date <= '2025-11-30' GROUP BY 1),
             e AS (SELECT customer, arg_max(estimate, estimated_on)::INT AS guess FROM estimates
                   WHERE estimated_on <= '2025-11-30' AND coalesce(estimated_until, '9') >= '2025-11-30' GROUP BY 1)
        SELECT customer, region, joined, coalesce(bought, 0) AS bought, channel, guess
        FROM (SELECT customer FROM c UNION SELECT customer FROM t) LEFT JOIN c USING (customer) LEFT JOIN t USING (customer)
        LEFT JOIN e USING (customer) ORDER BY customer
        """
    ).fetchall()
    labels = pl.read_csv(answers["labels.csv"], schema_overrides={"estimate": pl.Float64})
    assert labels.select("customer_id", "region", "joined", "orders", "last_channel", pl.col("estimate").cast(pl.Int64)).rows() == expected
    ids = {name: f"SELECT DISTINCT customer FROM {name}" for name in ("surveys", "estimates")}
    good = "SELECT customer FROM transactions UNION SELECT customer FROM customers WHERE 注册日期 IS DISTINCT FROM 'bad' GROUP BY 1 HAVING count(DISTINCT 地区) < 2"
    counted = {name: duckdb.sql(f"SELECT count(*) FROM ({query} EXCEPT ({good}))").fetchall()[0][0] for name, query in ids.items()}
    assert told.orphans == counted


def test_explain_tells_who_estimated_when_and_why(whole: Any) -> None:
    told, answers = whole[1]
    labels = pl.read_csv(answers["labels.csv"]).filter(pl.col("estimate").is_not_null())
    customer = labels["customer_id"][0]
    found = explain_customer(Path(str(told.directory)).parents[2], customer, rows=True)
    assert (found.metrics["estimated_by"], found.metrics["estimate_reason"]) == ("Li", "met")
    assert str(found.metrics["estimated_on"]) == labels["estimated_on"][0]
    assert {row["source"] for row in found.rows} >= {"estimates", "customers"}
    assert not {d.metric for d in (*found.to_next, *found.to_lose)} & {"region", "joined", "last_channel"}


def test_tables_without_dates_need_the_as_of_date_to_be_given(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text("rubric: mine\nsources: {customers: {}}\ntiers: [{name: A, when: region = 'North'}, {name: B}]\n")
    (tmp_path / "c.csv").write_text("customer,region\na,North\nb,South\n")
    files = {"customers": tmp_path / "c.csv"}
    with pytest.raises(UsageError, match="no table has dates"):
        classify(files, tmp_path / "store", None, rubric=tmp_path / "r.yaml")
    told = classify(files, tmp_path / "store", date(2025, 12, 31), rubric=tmp_path / "r.yaml")
    assert [(tier.name, tier.customers) for tier in told.tiers] == [("A", 1), ("B", 1)]
