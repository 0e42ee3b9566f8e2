"""Public data as it really comes: every file is graded to the figures that were counted in it, or is refused with a help that works.

A test begins with a rubric that knows nothing of the file, does to the letter what each help line says, and names headers only where the help
asks for one. What is asked of a person, and nothing else, stands in the test.
"""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from custier.cli import run

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("CUSTIER_DATA") or ROOT.parent / "shared" / "data")
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the public data is not here; CUSTIER_DATA names its folder")

PLAIN: dict[str, Any] = {
    "rubric": "real",
    "window": "lifetime",
    "sources": {"transactions": {}},
    "tiers": [{"name": "A", "when": "spend >= 1000"}, {"name": "B"}],
}
MOST_STEPS = 8
YAML_LINE = re.compile(r"\b(sources: \{.*?\}+|currency_decimals: \d)(?=[,;]? |$)")


@dataclass
class Told:
    """What came of it: the summary of the run, and the codes that were told on the way, with their helps."""

    summary: dict[str, Any]
    codes: list[str] = field(default_factory=list)
    helps: list[str] = field(default_factory=list)

    @property
    def account(self) -> dict[str, Any]:
        return next(iter(self.summary["accounts"]))

    @property
    def money(self) -> str:
        decimals = self.summary["currency_decimals"]
        digits = f"{self.account['money_used']:0{decimals + 1}}"
        return f"{digits[:-decimals]}.{digits[-decimals:]}"


class Files:
    """Grades files in a folder of its own."""

    def __init__(self, folder: Path, capsys: Any) -> None:
        self.folder, self.capsys = folder, capsys

    def once(self, rubric: Mapping[str, Any], sources: Mapping[str, Path], *options: str) -> dict[str, Any]:
        """One run; its answer as the JSON that was printed."""
        path = self.folder / "rubric.yaml"
        path.write_text(yaml.safe_dump(dict(rubric), allow_unicode=True, sort_keys=False), encoding="utf-8")
        named = [word for name, file in sources.items() for word in ("--source", f"{name}={file}")]
        store = ["--store", str(self.folder / "store"), "--out", str(self.folder / "out")]
        run(["classify", "--rubric", str(path), *named, *store, *options, "--json"])
        return json.loads(self.capsys.readouterr().out)  # type: ignore[no-any-return]

    def cured(
        self, file: str, answers: Mapping[str, str] | None = None, *options: str, source: str = "transactions", **rubric: Any
    ) -> Told:
        """Runs until the file is graded, each time with what the helps said; answers: column → the header that a person names."""
        written, told = PLAIN | rubric, Told({})
        for _ in range(MOST_STEPS):
            told.summary = self.once(written, {source: DATA / file}, *options)
            if told.summary["ok"]:
                return told
            problems = told.summary["error"]["problems"]
            told.codes += [problem["code"] for problem in problems]
            told.helps += [problem["help"] for problem in problems]
            before = written
            for problem in problems:
                written = merged(written, said_in(problem["help"], answers or {}))
            if written == before:
                break
        return told

    @property
    def labels(self) -> list[dict[str, str]]:
        with (self.folder / "out" / "labels.csv").open(encoding="utf-8", newline="") as text:
            return list(csv.DictReader(text))


def said_in(help: str, answers: Mapping[str, str]) -> dict[str, Any]:
    """The lines of a rubric in a help; `<header>` and `…` stand for what a person fills in."""
    found: dict[str, Any] = {}
    for line in YAML_LINE.findall(help):
        found = merged(found, yaml.safe_load(line.replace("<header>", "'<header>'")))
    if not found and (
        form := re.search(r"such as (\w+): \{column: …, format: '([^']+)'\}|meant: (\w+): \{column: …, format: '([^']+)'\}", help)
    ):
        column, format = form[1] or form[3], form[2] or form[4]
        found = {"sources": {"transactions": {column: {"column": "<header>", "format": format}}}}
    return filled(found, answers)


def filled(said: Any, answers: Mapping[str, str], column: str = "") -> Any:
    """With the answers in place; a column that nobody named is left out."""
    if isinstance(said, dict):
        made = {key: filled(value, answers, column if key == "column" else str(key)) for key, value in said.items()}
        return {key: value for key, value in made.items() if value is not None}
    return answers.get(column) if said in ("<header>", "…") else said


def merged(below: Any, above: Any) -> Any:
    """Keys of a rubric beside those that are there already; a column's header alone becomes one of its keys."""
    if isinstance(above, dict) and isinstance(below, str):
        below = {"column": below}
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    return below | {key: merged(below.get(key), value) for key, value in above.items()}


@pytest.fixture
def files(tmp_path: Path, capsys: Any) -> Files:
    return Files(tmp_path, capsys)


SUPERSTORE = {
    "parquet": "superstore_us_2014_2017.parquet",
    "cp1252": "superstore_cp1252_LF_isoOrder_dmyShip.csv",
    "BOM": "superstore_utf8bom_CRLF_mdy_padded.csv",
}


@pytest.fixture(params=SUPERSTORE)
def superstore(request: Any, files: Files) -> tuple[Told, list[dict[str, str]]]:
    return files.cured(f"superstore-us/{SUPERSTORE[request.param]}"), files.labels


def test_superstore_is_the_same_in_every_form(superstore: tuple[Told, list[dict[str, str]]]) -> None:
    told, labels = superstore
    assert (told.money, told.account["used"], told.summary["customers"]) == ("2297200.8603", 9994, 793)
    assert sum(row["tier"] == "A" for row in labels) == 626
    assert max(labels, key=lambda row: float(row["spend"]))["customer_id"] == "SM-20320"


def test_superstore_in_parquet_cp1252_and_with_a_mark_gives_the_same_labels(tmp_path: Path, capsys: Any) -> None:
    found = []
    for name, file in SUPERSTORE.items():
        (tmp_path / name).mkdir()
        each = Files(tmp_path / name, capsys)
        assert each.cured(f"superstore-us/{file}").summary["ok"]
        found.append((tmp_path / name / "out" / "labels.csv").read_bytes())
    assert found[0] == found[1] == found[2]


def test_the_superstore_of_semicolons_and_decimal_commas_is_graded_by_name(files: Files) -> None:
    told = files.cured("superstore-us/superstore_semicolon_decimalcomma_cp1252.csv", {"customer": "Customer Name", "date": "Ship Date"})
    assert "CT2101" in told.codes and (told.money, told.summary["customers"]) == ("2297200.8603", 793)
    assert any(row["customer_id"] == "Sean Miller" and row["spend"].startswith("25043.05") for row in files.labels)


def test_the_orders_of_carriage_returns_in_mac_roman_have_their_names(files: Files) -> None:
    told = files.cured("superstore-us/joaolcorreia_sample-orders_CRonly_macroman.csv", {"amount": "grand_total"})
    assert "CT2101" in told.codes and (told.money, told.account["used"], told.summary["customers"]) == ("2297261.00", 5009, 793)
    assert {"Resi Pölking", "Roland Schwarz"} & {row["customer_id"] for row in files.labels}


MEALS = {"customer": "emp_id", "date": "use_start_time", "amount": "expenditure"}


def test_meal_orders_in_gbk(files: Files) -> None:
    told = files.cured("meal-orders-zh/meal_order_info_gbk.csv", MEALS)
    assert (told.money, told.account["used"], told.summary["customers"]) == ("465214.00", 945, 473)
    assert told.summary["files"][0]["encoding"] == "gb18030"


def test_meal_orders_of_one_status(files: Files) -> None:
    told = files.cured("meal-orders-zh/meal_order_info_gbk.csv", MEALS, sources={"transactions": {"where": "order_status = '1'"}})
    assert (told.money, told.account["used"], told.account["excluded"], told.summary["customers"]) == ("458520.00", 933, 12, 469)


def test_meal_details_with_line_ends_in_quotes(files: Files) -> None:
    answers = {"customer": "emp_id", "date": "place_order_time", "amount": "amounts"}
    told = files.cured("meal-orders-zh/meal_order_detail_utf8bom.csv", answers)
    assert told.account["read"] == told.account["used"] == 10_037


def test_financials_with_indian_grouping_and_parentheses(files: Files) -> None:
    tiers = [{"name": "A", "when": "spend >= 1000 and earned > 0"}, {"name": "B"}]
    who = {"transactions": {"customer": {"columns": ["Segment", "Country"]}}}
    earned = {"earned": {"sum": "profit"}}
    told = files.cured("ms-financials/Financials.csv", {"date": "Date"}, sources=who, metrics=earned, tiers=tiers)
    assert (told.money, told.account["used"], told.account["rejected"], told.summary["customers"]) == ("118726350.29", 700, 0, 25)
    assert sum(round(float(row["earned"]) * 100) for row in files.labels) == 1_689_370_229


def test_a_supermarket_without_customers_is_refused(files: Files) -> None:
    told = files.cured("supermarket-zh/order-14.3_gbk.csv", {"amount": "单价"})
    assert set(told.codes) == {"CT2201"} and "商品ID" in json.dumps(told.summary, ensure_ascii=False) and not told.summary["ok"]


def test_groceries_without_amounts_are_refused_by_spend_and_graded_by_counts(files: Files) -> None:
    assert set(files.cured("groceries/Groceries_dataset.csv").codes) == {"CT2201"}
    told = files.cured(
        "groceries/Groceries_dataset.csv",
        sources={"transactions": {"product": "itemDescription"}},
        metrics={"items": {"count": "product"}, "kinds": {"count_distinct": "product"}},
        tiers=[{"name": "A", "when": "kinds >= 10"}, {"name": "B"}],
    )
    assert (told.account["used"], told.summary["customers"]) == (38_765, 3_898)
    assert sum(int(row["items"]) for row in files.labels) == 38_765


def test_rows_without_an_id_never_become_a_customer(files: Files) -> None:
    bought = {"amount": {"formula": "round(Quantity * UnitPrice, 2)"}}
    limit = {"rejected_at_most": "30%"}
    told = files.cured("online-retail/online_retail_2010_2011.parquet", sources={"transactions": bought}, guardrails=limit)
    account = told.account
    assert (account["rejected"], account["used"], told.summary["customers"]) == (135_080, 406_829, 4_372)
    assert told.money == "8300065.81" and {row["customer_id"] for row in files.labels}.isdisjoint({"0", "", "nan", "None"})


SURVEY = {
    "sources": {"surveys": {}},
    "metrics": {"stars": {"mean": "score", "source": "surveys"}},
    "tiers": [{"name": "A", "when": "stars >= 4"}, {"name": "B"}],
}


@pytest.mark.parametrize("name", ["E Commerce Dataset.xlsx", "E_Commerce_Dataset.csv"])
def test_customers_of_one_row_each_are_graded_from_a_workbook_and_from_a_text(files: Files, name: str) -> None:
    told = files.cured(
        f"ecommerce-churn/{name}",
        None,
        "--as-of",
        "2025-12-31",
        source="customers",
        sources={"customers": {"satisfaction": {"column": "SatisfactionScore", "type": "number"}}},
        tiers=[{"name": "A", "when": "satisfaction >= 4"}, {"name": "B"}],
    )
    assert (told.codes == ["CT2123"]) is name.endswith("xlsx")
    assert told.summary["customers"] == 5_630 and sum(row["tier"] == "A" for row in files.labels) == 1_074 + 1_108


def test_electronic_sales_completed_only(files: Files) -> None:
    told = files.cured("electronic-sales/electronic_sales.csv", sources={"transactions": {"where": "\"Order Status\" = 'Completed'"}})
    assert (told.account["used"], told.account["excluded"]) == (13_432, 6_568)


def test_electronic_sales_all(files: Files) -> None:
    told = files.cured("electronic-sales/electronic_sales.csv")
    assert (told.money, told.summary["customers"]) == ("63602668.37", 12_136)


def test_surveys_of_a_bank(files: Files) -> None:
    told = files.cured(
        "nps-bank/NPStimeseries.csv",
        {"customer": "ID", "date": "Survey date", "score": "NPS"},
        source="surveys",
        **named(SURVEY, customer="ID"),
    )
    assert (told.account["used"], told.summary["customers"]) == (5_000, 5_000)
    assert sum(int(float(row["stars"])) >= 9 for row in files.labels) == 2_309


def named(rubric: Mapping[str, Any], **columns: str) -> dict[str, Any]:
    """The rubric with headers that a person named from the start."""
    (source,) = rubric["sources"]
    return {**rubric, "sources": {source: dict(columns)}}


def test_northwind_with_its_net_amounts(files: Files) -> None:
    told = files.cured("northwind/northwind_lines.csv")
    assert told.summary["customers"] == 89 and told.account["used"] == 2_155 and told.money == "1265793.0395"


def test_retail_transactions_of_short_dates(files: Files) -> None:
    told = files.cured("retail-transactions/Retail_Data_Transactions_ddMonyy_CRLF_shifted4y.csv")
    assert (told.money, told.summary["customers"]) == ("8123989.00", 6_889)


def test_orders_by_name(files: Files) -> None:
    told = files.cured("rfm-r/rfm_data_orders.csv")
    assert (told.money, told.account["used"], told.summary["customers"]) == ("464158.00", 4_906, 995)


def test_customers_who_are_reckoned_already(files: Files) -> None:
    told = files.cured("rfm-r/rfm_data_customer.csv", {"date": "most_recent_visit"})
    assert told.account["read"] == 39_999 and told.account["used"] + told.account["rejected"] == 39_999


def test_cdnow_with_repeated_rows_and_leading_zeros(files: Files) -> None:
    told = files.cured("cdnow/CDNOW_master.txt", {"amount": "dollar_value"})
    assert (told.money, told.account["used"], told.summary["customers"]) == ("2500315.63", 69_659, 23_570)
    assert files.labels[0]["customer_id"] == "00001"


def test_a_sample_of_cdnow_without_a_header(files: Files) -> None:
    told = files.cured("cdnow/CDNOW_sample.txt")
    assert "CT2201" in told.codes and (told.money, told.summary["customers"]) == ("244091.94", 2_357)


def test_chinook_lines(files: Files) -> None:
    amount = {"amount": {"formula": "UnitPrice * Quantity"}}
    told = files.cured("chinook/invoice_lines.csv", sources={"transactions": amount})
    assert (told.money, told.account["used"], told.summary["customers"]) == ("2328.60", 2_240, 59)
    top = max(files.labels, key=lambda row: float(row["spend"]))
    assert top["spend"] == "49.62"


def test_invoices_paid_late(files: Files) -> None:
    told = files.cured(
        "ibm-ar/WA_Fn-UseC_-Accounts-Receivable.csv",
        {"date": "DueDate", "paid": "SettledDate", "amount": "InvoiceAmount"},
        source="invoices",
        sources={"invoices": {}},
        metrics={"late": {"mean": "days_late", "source": "invoices"}, "billed": {"sum": "amount", "source": "invoices"}},
        tiers=[{"name": "A", "when": "late <= 3 and billed > 0"}, {"name": "B"}],
    )
    assert (told.money, told.account["used"], told.summary["customers"]) == ("147703.18", 2_466, 100)


def test_every_file_of_the_data_has_a_test(request: pytest.FixtureRequest) -> None:
    """Files that are results of others, or tables beside one that is graded, are named here."""
    beside = {
        "README.md", "cdnow_customers_summary.csv", "cdnow_customers_summary_with_transactions.csv", "published_whitehorse_rfm_results.csv",
        "joaolcorreia_rfm-table.csv", "returns.csv", "categories.csv", "customers.csv", "employees.csv", "order_details.csv", "orders.csv",
        "products.csv", "shippers.csv",
    }  # fmt: skip
    text = Path(__file__).read_text(encoding="utf-8")
    assert sorted(path.name for path in DATA.rglob("*") if path.is_file() and path.name not in text and path.name not in beside) == []
