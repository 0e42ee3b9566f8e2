"""The command in each example's README, run on the public data, gives the figures that were published or that DuckDB counts."""

from __future__ import annotations

import csv
import json
import os
import shlex
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

from custier.cli import run
from custier.rubric.load import load_rubric

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("CUSTIER_DATA") or ROOT.parent / "shared" / "data")
EXAMPLES = sorted(path.parent.name for path in (ROOT / "examples").glob("*/rubric.yaml"))
SUPERSTORE = DATA / "superstore-us" / "superstore_us_2014_2017.parquet"
ONLINE_RETAIL = DATA / "online-retail" / "online_retail_2010_2011.parquet"
LEDGER = DATA / "ibm-ar" / "WA_Fn-UseC_-Accounts-Receivable.csv"
CDNOW = DATA / "cdnow" / "CDNOW_master.txt"
ELECTRONICS = DATA / "electronic-sales" / "electronic_sales.csv"

needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the public data is not here; CUSTIER_DATA names its folder")
Classify = Callable[[str], Path]


def command(example: str) -> list[str]:
    """The words after `custier` of the command in an example's README, its paths made whole."""
    readme = (ROOT / "examples" / example / "README.md").read_text(encoding="utf-8")
    block = readme.partition("```sh\n")[2].partition("```")[0]
    words = shlex.split(block.replace("\\\n", " ").replace("$CUSTIER_DATA", shlex.quote(str(DATA))))
    return [str(ROOT / word) if word.startswith("examples/") else word for word in words[1:]]


@pytest.fixture(scope="module")
def classified(tmp_path_factory: pytest.TempPathFactory) -> Classify:
    """Runs the command of an example, once; returns the folder of its flat copies, beside the store."""

    @cache
    def results(example: str) -> Path:
        folder = tmp_path_factory.mktemp(example)
        assert run([*command(example), "--store", str(folder / "store"), "--out", str(folder / "out"), "--quiet"]) == 0
        return folder / "out"

    return results


def labels(out: Path) -> list[dict[str, str]]:
    with (out / "labels.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def accounts(out: Path) -> dict[str, dict[str, Any]]:
    told = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    return {account["source"]: account for account in told["accounts"]}


def tiers(out: Path) -> dict[str, int]:
    told = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    return {tier["name"]: tier["customers"] for tier in told["tiers"]}


def assert_every_customer(out: Path, oracle: str) -> None:
    """Every column of the oracle's rows (customer_id first) is in the labels with exactly that value, for exactly those customers."""
    told = duckdb.sql(oracle)
    wanted = {row[0]: [plain(value) for value in row[1:]] for row in told.fetchall()}
    found = {row["customer_id"]: [read(row[name]) for name in told.columns[1:]] for row in labels(out)}
    differing = sorted(c for c in wanted.keys() | found.keys() if wanted.get(c) != found.get(c))
    assert not differing, [(c, wanted.get(c), found.get(c)) for c in differing[:5]]


def plain(value: Any) -> Any:
    return Decimal(str(value)) if isinstance(value, int | float | Decimal) else value


def read(cell: str) -> Any:
    try:
        return Decimal(cell) if cell else None
    except ArithmeticError:
        return cell


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_rubric_loads_and_is_named_as_its_folder(example: str):
    assert load_rubric(str(ROOT / "examples" / example / "rubric.yaml")).rubric.rubric == example


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_readme_runs_the_rubric_beside_it(example: str):
    words = command(example)
    assert words[words.index("--rubric") + 1] == str(ROOT / "examples" / example / "rubric.yaml")


@needs_data
def test_superstore_metrics_are_those_counted_in_its_workbook(classified: Classify):
    money, lines = "sum(cast(round({}, 4) as decimal(18, 4)))", f"from '{SUPERSTORE}' group by 1"
    this_year, last_year = (f'coalesce({money.format("Sales")} filter (year("Order Date") = {year}), 0)' for year in (2017, 2016))
    assert_every_customer(
        classified("superstore"),
        f"""select "Customer ID", {money.format("Sales")} as spend, {money.format("Profit")} as profit, sum(Quantity) as quantity,
            count(distinct "Order ID") as orders, count(distinct Category) as categories, {this_year} as this_year,
            {last_year} as last_year, replace(lower(any_value(Segment)), ' ', '-') as market,
            date '2017-12-31' - max("Order Date")::date as recency_days {lines}""",
    )


@needs_data
def test_superstore_totals_are_those_published(classified: Classify):
    rows = labels(classified("superstore"))
    assert sum(Decimal(row["spend"]) for row in rows) == Decimal("2297200.8603")
    assert sum(Decimal(row["profit"]) for row in rows) == Decimal("286397.0217")
    assert sum(row["growth"] == "" and Decimal(row["this_year"]) > 0 for row in rows) == 135
    assert [row["tier"] for row in rows if row["customer_id"] == "SM-20320"] == ["bronze"]
    assert tiers(classified("superstore")) == {"gold": 139, "silver": 308, "bronze": 346}


@needs_data
@pytest.mark.parametrize("name", ["labels.csv", "labels.parquet"])
def test_superstore_as_parquet_gives_the_same_bytes(classified: Classify, tmp_path: Path, name: str):
    words = [str(SUPERSTORE) if word.endswith(".csv") else word for word in command("superstore")]
    assert run([*words, "--store", str(tmp_path / "store"), "--out", str(tmp_path), "--quiet"]) == 0
    assert (tmp_path / name).read_bytes() == (classified("superstore") / name).read_bytes()


@needs_data
@pytest.mark.parametrize("name", ["superstore_cp1252_LF_isoOrder_dmyShip.csv", "superstore_semicolon_decimalcomma_cp1252.csv"])
def test_superstore_in_windows_1252_is_refused_with_its_line(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    words = [str(SUPERSTORE.parent / name) if word.endswith(".csv") else word for word in command("superstore")]
    assert run([*words, "--store", str(tmp_path), "--json"]) == 4
    error = json.loads(capsys.readouterr().out)["error"]
    assert (error["code"], error["problems"][0]["where"]) == ("CT2101", f"{name}:13")


@needs_data
def test_online_retail_customers_are_those_published(classified: Classify):
    published = ONLINE_RETAIL.parent / "published_whitehorse_rfm_results.csv"
    assert_every_customer(
        classified("online-retail"),
        f"""select cast(cast(CustomerID as bigint) as varchar), cast(round(Monetary, 3) as decimal(18, 3)) as spend,
            Frequency as orders, Recency as recency_days from '{published}'""",
    )


@needs_data
def test_online_retail_accounts_for_every_row_and_pound(classified: Classify):
    account = accounts(classified("online-retail"))["transactions"]
    assert (account["read"], account["used"], account["excluded"], account["rejected"]) == (541_909, 397_884, 144_025, 0)
    assert (account["money_read"], account["money_used"]) == (9_747_747_934, 8_911_407_904)
    assert account["money_excluded"] == account["money_read"] - account["money_used"]


@needs_data
@pytest.mark.parametrize(
    ("where", "rows", "customers", "money"),
    [
        ("CustomerID is not null", 406_829, 4_372, 8_300_065_814),
        ("CustomerID is not null and not InvoiceNo like 'C%'", 397_924, 4_339, 8_911_407_904),
        ("CustomerID is not null and Quantity > 0 and UnitPrice > 0 and Country = 'United Kingdom'", 354_321, 3_920, 7_308_391_554),
    ],
)
def test_online_retail_totals_follow_its_where(tmp_path: Path, where: str, rows: int, customers: int, money: int):
    rubric = ROOT / "examples" / "online-retail" / "rubric.yaml"
    text = rubric.read_text(encoding="utf-8").replace("CustomerID is not null and Quantity > 0 and UnitPrice > 0", where)
    (tmp_path / "rubric.yaml").write_text(text, encoding="utf-8")
    words = [str(tmp_path / "rubric.yaml") if word == str(rubric) else word for word in command("online-retail")]
    assert run([*words, "--store", str(tmp_path / "store"), "--out", str(tmp_path), "--quiet"]) == 0
    account = accounts(tmp_path)["transactions"]
    assert (account["used"], len(labels(tmp_path)), account["money_used"]) == (rows, customers, money)


@needs_data
def test_receivables_are_as_late_as_the_ledger_says(classified: Classify):
    settled, due = (f"strptime({column}, '%-m/%-d/%Y')::date" for column in ("SettledDate", "DueDate"))
    assert_every_customer(
        classified("ibm-receivables"),
        f"""select customerID, sum(InvoiceAmount::decimal(18, 2)) as invoiced, count(*) as invoices_due,
            sum(DaysLate::int) / count(*) as days_late, max(DaysLate::int) as days_late_max,
            count(*) filter (DaysLate::int > 0) as paid_late, count(*) filter (DaysLate::int > 0) / count(*) as late_share,
            sum({settled} - {due}) / count(*) as payment_delay, count(*) filter (Disputed = 'Yes') as disputes
            from read_csv('{LEDGER}', all_varchar = true) group by 1""",
    )


@needs_data
def test_receivables_totals_are_those_of_the_ledger(classified: Classify):
    out = classified("ibm-receivables")
    rows = {row["customer_id"]: row for row in labels(out)}
    assert sum(Decimal(row["invoiced"]) for row in rows.values()) == Decimal("147703.18")
    assert max(rows, key=lambda c: Decimal(rows[c]["days_late"])) == "2621-XCLEH"
    assert Decimal(rows["2621-XCLEH"]["days_late"]) == Decimal("19.6")
    assert accounts(out)["invoices"]["money_used"] == 14_770_318
    assert tiers(out) == {"prompt": 36, "fair": 23, "slow": 3, "prepay": 38}


@needs_data
def test_receivables_keep_the_zeros_of_invoice_numbers(classified: Classify, capsys: pytest.CaptureFixture[str]):
    store = classified("ibm-receivables").parent / "store"
    assert run(["explain", "2621-XCLEH", "--rows", "--json", "--store", str(store)]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    query = f"select invoiceNumber from read_csv('{LEDGER}', all_varchar = true) where customerID = '2621-XCLEH' order by 1"
    numbers = [number for (number,) in duckdb.sql(query).fetchall()]
    assert "0097717897" in numbers
    assert sorted(row["invoice"] for row in rows) == numbers


@needs_data
def test_cdnow_customers_are_those_counted_line_by_line(classified: Classify):
    assert_every_customer(
        classified("cdnow"),
        f"""with cells as (
            select regexp_split_to_array(trim(line), ' +') as cell
            from read_csv('{CDNOW}', delim = '|', header = false, skip = 1, columns = {{'line': 'varchar'}}))
        select cell[1], sum(cell[4]::decimal(18, 2)) as spend, count(*) as orders, sum(cell[3]::int) as quantity,
            count(distinct cell[2]) as shopping_days, date '1998-06-30' - max(strptime(cell[2], '%Y%m%d')::date) as recency_days
        from cells group by 1""",
    )


@needs_data
def test_cdnow_keeps_all_its_rows(classified: Classify):
    out = classified("cdnow")
    account = accounts(out)["transactions"]
    assert (account["read"], account["used"], account["money_used"]) == (69_659, 69_659, 250_031_563)
    assert (len(labels(out)), labels(out)[0]["customer_id"]) == (23_570, "00001")
    assert tiers(out) == {"top": 235, "core": 4_480, "repeat": 7_098, "once": 11_757}


@needs_data
def test_electronics_count_completed_orders_only(classified: Classify):
    assert_every_customer(
        classified("electronic-sales"),
        f"""select "Customer ID", sum("Total Price"::decimal(18, 2) + "Add-on Total"::decimal(18, 2)) as spend, count(*) as orders,
            sum("Add-on Total"::decimal(18, 2)) as add_ons, sum(Rating::int) / count(*) as satisfaction, min(Rating::int) as worst_rating,
            count(distinct "Product Type") as categories, date '2024-09-23' - max("Purchase Date"::date) as recency_days
        from read_csv('{ELECTRONICS}', all_varchar = true) where "Order Status" = 'Completed' group by 1""",
    )


@needs_data
def test_electronics_totals_are_those_of_the_completed_orders(classified: Classify):
    out = classified("electronic-sales")
    account = accounts(out)["transactions"]
    assert (account["read"], account["used"], account["excluded"]) == (20_000, 13_432, 6_568)
    assert (account["money_read"], account["money_used"]) == (6_484_756_533, 4_346_521_081)
    assert tiers(out) == {"gold": 670, "silver": 3_213, "basic": 5_583}


def cut_points(out: Path) -> dict[str, list[Decimal]]:
    """Per criterion the interpolated quantiles, from the best."""
    told: dict[str, list[Decimal]] = {}
    for cut in json.loads((out / "summary.json").read_text(encoding="utf-8"))["cuts"]:
        told.setdefault(cut["criterion"], []).append(Decimal(str(cut["quantile"])))
    return told


@needs_data
def test_online_retail_scores_are_those_published(classified: Classify):
    published = ONLINE_RETAIL.parent / "published_whitehorse_rfm_results.csv"
    assert_every_customer(
        classified("online-retail-rfm"),
        f"""select cast(cast(CustomerID as bigint) as varchar), R_Score as points_recency, F_Score as points_frequency,
            M_Score as points_monetary, Recency as recency_days, Frequency as orders from '{published}'""",
    )


@needs_data
def test_scores_of_the_r_package_are_those_in_its_readme(classified: Classify):
    out = classified("rfm-r")
    rows = {row["customer_id"]: row for row in labels(out)}
    names = {"Abbey O'Reilly": "343", "Add Senger": "412", "Aden Lesch": "323", "Aden Murphy": "544", "Admiral Senger": "433"}
    scores = {name: "".join(rows[name][f"points_{c}"] for c in ("recency", "frequency", "monetary")) for name in names}
    assert (scores, len(rows)) == (names, 995)
    assert cut_points(out) == {
        "recency": [Decimal(text) for text in ("114", "180", "296.4", "481")],
        "frequency": [7, 5, 4, 3],
        "monetary": [Decimal(text) for text in ("665", "505.4", "381", "254.8")],
    }


@needs_data
def test_quartiles_of_every_customer_are_those_published(tmp_path: Path):
    folder = DATA / "superstore-us"
    for name in ("joaolcorreia_sample-orders_CRonly_macroman.csv", "joaolcorreia_rfm-table.csv"):
        text = (folder / name).read_bytes().decode("mac_roman").replace("\r\n", "\n").replace("\r", "\n")
        (tmp_path / name).write_text(text, encoding="utf-8")
    words = [str(tmp_path / "joaolcorreia_sample-orders_CRonly_macroman.csv") if w == "orders.csv" else w for w in command("rfm-quartiles")]
    assert run([*words, "--store", str(tmp_path / "store"), "--out", str(tmp_path / "out"), "--quiet"]) == 0
    assert_every_customer(
        tmp_path / "out",
        f"""select customer, recency as recency_days, frequency as orders, monetary_value as spend, 5 - R_Quartile as points_recency,
            5 - F_Quartile as points_frequency, 5 - M_Quartile as points_monetary
            from read_csv('{tmp_path / "joaolcorreia_rfm-table.csv"}', header = true)""",
    )
    assert cut_points(tmp_path / "out") == {"recency": [30, 75, 183], "frequency": [8, 6, 5], "monetary": [3784, 2257, 1145]}
