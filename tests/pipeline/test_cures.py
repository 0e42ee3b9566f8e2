"""A cure that a failed run names, written into the rubric as it stands, makes the same export classify."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from custier.cli import run

DATA = Path(os.environ.get("CUSTIER_DATA") or Path(__file__).parents[3] / "shared" / "data")
TIERS = {"rubric": "r", "window": "lifetime", "tiers": [{"name": "A", "when": "spend > 1000"}, {"name": "B"}]}


def laid_over(rubric: dict[str, Any], line: str) -> dict[str, Any]:
    """The rubric with the line of a cure, key by key, as a person would write it in."""

    def merged(below: Any, above: Any) -> Any:
        if not isinstance(below, dict) or not isinstance(above, dict):
            return above
        return below | {key: merged(below.get(key), value) for key, value in above.items()}

    return merged(rubric, yaml.safe_load(line))  # type: ignore[no-any-return]


@pytest.fixture
def classify(tmp_path: Path, capsys: Any) -> Any:
    def classified(export: Path, rubric: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        file = tmp_path / "r.yaml"
        file.write_text(yaml.safe_dump(rubric, allow_unicode=True), encoding="utf-8")
        code = run(["classify", str(export), "--rubric", str(file), "--store", str(tmp_path / "store"), "--dry-run", "--json"])
        return code, json.loads(capsys.readouterr().out)

    return classified


@pytest.fixture
def cured(classify: Any, tmp_path: Path) -> Any:
    """cured(cells or path, source) → how many cures were followed one after the other, and the last summary."""

    def follow(export: Any, source: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if not isinstance(export, Path):
            rows = "".join(f'C{n},2025-01-31,"{cell}"\n' for n, cell in enumerate(export))
            export = tmp_path / "sales.csv"
            Path(export).write_text(f"customer,date,amount\n{rows}", encoding="utf-8")
        rubric: dict[str, Any] = {**TIERS, "sources": {"transactions": source}}
        for followed in range(4):
            code, told = classify(export, rubric)
            if code == 0:
                return followed, told
            (line,) = told["cures"]["transactions"]
            helps = [problem["help"] for problem in told["error"]["problems"]]
            assert any(line in cure for cure in helps)
            rubric = laid_over(rubric, line)
        raise AssertionError("the cures lead nowhere")

    return follow


@pytest.mark.parametrize(
    ("cells", "cents"),
    [
        (["1,234.56", "7"], 124156),
        (["$5,29,550.00", "($1,008.75)", "$-  "], 52854125),
        (["1.234,56 €", "-1,00 €"], 123356),
        (["￥12", "12元", "CNY 3.5"], 2750),
        (["12.50-", "3.5"], -900),
        (["１２", "３．５"], 1550),
        (["−12.50", "3.5"], -900),
        (["12.50", "N/A", "-"], 1250),
        (["1,234.5", "NULL"], 123450),
    ],
)
def test_the_form_that_all_cells_have_is_named_and_reads_them(cured: Any, cells: list[str], cents: int) -> None:
    followed, told = cured(cells, {})
    assert followed == 1 and told["accounts"][0]["money_used"] == cents and told["accounts"][0]["rejected"] == 0


def test_one_cure_may_lead_to_the_next(cured: Any) -> None:
    followed, told = cured(["1,2345", "2,5"], {})
    assert followed == 2 and told["currency_decimals"] == 4 and told["accounts"][0]["money_used"] == 37345


def test_what_is_declared_already_stays(cured: Any, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('Kunde,date,Betrag,cost\nA,2025-01-31,"$1,000.00",1.5\nA,2025-01-31,"($2,000)",2.5\n')
    source = {"customer": "Kunde", "amount": {"column": "Betrag", "numbers": {"currency": "$"}}, "cost": "cost"}
    followed, told = cured(tmp_path / "a.csv", source)
    assert followed == 1 and told["accounts"][0]["money_used"] == -100000


def test_a_column_with_its_own_decimal_mark_leaves_the_others_alone(cured: Any, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('customer,date,Betrag,cost\nA,2025-01-31,"1,5",1.5\nA,2025-01-31,"2,25",2.5\n')
    followed, told = cured(tmp_path / "a.csv", {"amount": "Betrag", "cost": "cost"})
    assert followed == 1 and told["accounts"][0]["money_used"] == 375


def test_the_operands_of_a_formula_are_read_as_its_source_says(cured: Any, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('customer,date,Qty,Price\nA,2025-01-31,"1,000.0",$2.50\nA,2025-01-31,2,$3\n')
    followed, told = cured(tmp_path / "a.csv", {"amount": {"formula": "Qty * Price"}})
    assert followed == 1 and told["accounts"][0]["money_used"] == 250600


def test_cells_that_fit_two_readings_name_both_and_each_of_them_classifies(classify: Any, tmp_path: Path) -> None:
    export = tmp_path / "sales.csv"
    export.write_text('customer,date,amount\nA,2025-01-31,"1,234"\nB,2025-01-31,"5,678"\n')
    _, told = classify(export, TIERS)
    lines = told["cures"]["transactions"]
    assert len(lines) == 2 and all(f"{lines[0]}, or {lines[1]}" in p["help"] for p in told["error"]["problems"])
    first, second = (classify(export, laid_over(TIERS, line)) for line in lines)
    assert first[0] == 0 and first[1]["accounts"][0]["money_used"] == 691200
    assert second[1]["accounts"][0]["rejected"] == 2 and second[1]["cures"] == {"transactions": ["currency_decimals: 3"]}


@pytest.mark.parametrize("cells", [["twelve", "many"], ["$1", "￥2"], ["1,23", "4.5.6"]])
def test_where_no_form_fits_nothing_is_proposed(classify: Any, tmp_path: Path, cells: list[str]) -> None:
    export = tmp_path / "sales.csv"
    export.write_text("customer,date,amount\n" + "".join(f'A,2025-01-31,"{cell}"\n' for cell in cells))
    code, told = classify(export, TIERS)
    assert code == 1 and told["cures"] == {}


def test_a_cure_holds_no_cell(classify: Any, tmp_path: Path) -> None:
    export = tmp_path / "sales.csv"
    export.write_text('customer,date,amount\nA,2025-01-31,"98,765.43"\nB,2025-01-31,"87,654.32"\n')
    _, told = classify(export, TIERS)
    assert "98,765" not in json.dumps([told["cures"], told["error"]]) and told["cures"]


@pytest.mark.skipif(not DATA.is_dir(), reason="the public data is not here; CUSTIER_DATA names its folder")
def test_accounting_exports_reach_their_known_sums(cured: Any) -> None:
    export = DATA / "ms-financials" / "Financials.csv"
    for column, cents in (("Sales", 11872635029), ("Profit", 1689370229)):
        followed, told = cured(export, {"customer": "Segment", "amount": column, "date": {"format": "%d/%m/%Y"}})
        assert followed == 1 and told["accounts"][0]["money_used"] == cents


def test_doubles_as_a_program_printed_them_are_told_as_such(cured: Any) -> None:
    followed, told = cured(["731.9399999999999", "604.8000000000001", "12.50"], {})
    assert followed == 1 and told["accounts"][0]["money_used"] == 73194 + 60480 + 1250
    followed, told = cured(["22.368000000000002", "604.8000000000001", "12.50"], {})
    assert followed == 2 and (told["currency_decimals"], told["accounts"][0]["money_used"]) == (3, 22368 + 604800 + 12500)


def months(folder: Path, **cells: list[str]) -> Path:
    """One file per month with these amounts, under a Chinese header."""
    (folder / "in").mkdir()
    for name, amounts in cells.items():
        rows = "".join(f"C{n},2025-01-31,{amount},9.5\n" for n, amount in enumerate(amounts))
        (folder / "in" / f"{name}.csv").write_text(f"customer,date,金额,cost\n{rows}", encoding="utf-8")
    return folder / "in"


@pytest.mark.parametrize("source", [{}, {"cost": "cost"}, {"numbers": {"thousands": ","}}])
def test_amounts_of_four_decimals_are_in_ten_thousands_or_right_as_they_stand(classify: Any, tmp_path: Path, source: Any) -> None:
    rubric = {**TIERS, "sources": {"transactions": source}}
    exports = months(tmp_path, a=["0.6594", "1.5"], b=["2.25", "0.1234"])
    _, told = classify(exports, rubric)
    unit, decimals = told["cures"]["transactions"]
    assert "unit" in unit and ("amount" in unit) == ("cost" in source) and decimals == "currency_decimals: 4"
    assert [problem["help"].endswith(f"{unit}, or {decimals}") for problem in told["error"]["problems"]] == [True]
    (code, in_units), (other, exact) = (classify(exports, laid_over(rubric, line)) for line in (unit, decimals))
    assert (code, in_units["accounts"][0]["money_used"], in_units["cures"]) == (0, 4532800, {})
    assert (other, exact["accounts"][0]["money_used"], exact["currency_decimals"]) == (0, 45328, 4)


def test_one_month_in_another_unit_is_told_and_no_line_for_all_files_is_proposed(classify: Any, tmp_path: Path) -> None:
    _, told = classify(months(tmp_path, a=["6594", "1.5"], b=["25", "7"], c=["0.659412", "0.1234", "2"]), TIERS)
    (problem,) = told["error"]["problems"]
    assert told["cures"] == {} and problem["help"] in told["warnings"]
    assert "`amount` of c.csv has up to 6 decimals" in problem["help"] and "export it again as the others are" in problem["help"]


@pytest.mark.parametrize("month", [["0.6594", "1", "2"], ["1.125", "2.375"]])
def test_a_few_amounts_or_one_more_decimal_are_no_other_unit(classify: Any, tmp_path: Path, month: list[str]) -> None:
    _, told = classify(months(tmp_path, a=["6594", "1.5"], b=month), TIERS)
    assert told["cures"]["transactions"][-1].startswith("currency_decimals") and not any("another unit" in w for w in told["warnings"])


MIXED = "customer,date,Amount,Currency,Rate\nA,2025-01-31,10,CNY,1\nB,2025-01-31,20,{other},7.1\nB,2025-01-30,30,,1\n"


@pytest.mark.parametrize("other", ["RMB", "cny ", "人民币", ""])
def test_rows_in_one_currency_however_it_is_spelt_are_added_up(classify: Any, tmp_path: Path, other: str) -> None:
    (tmp_path / "a.csv").write_text(MIXED.format(other=other), encoding="utf-8")
    assert classify(tmp_path / "a.csv", TIERS)[0] == 0


def test_rows_in_two_currencies_stop_the_run_until_one_is_kept_or_all_are_converted(classify: Any, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(MIXED.format(other="USD").replace("CNY", "EUR"))
    code, told = classify(tmp_path / "a.csv", TIERS)
    (problem,) = told["error"]["problems"]
    assert (code, problem["code"], problem["where"]) == (1, "CT3401", "a.csv")
    kept, converted = (line.partition("sources: ")[2] for line in problem["help"].split(", or "))
    assert classify(tmp_path / "a.csv", laid_over(TIERS, f"sources: {kept}"))[1]["accounts"][0]["money_used"] == 1000
    code, told = classify(tmp_path / "a.csv", laid_over(TIERS, f"sources: {converted}".replace("rate", "Rate")))
    assert code == 0 and told["accounts"][0]["money_used"] == 18200


def test_a_rejected_row_in_another_currency_is_not_added_up_and_stops_nothing(classify: Any, tmp_path: Path) -> None:
    rows = "".join(f"A,2025-01-31,{n},CNY\n" for n in range(200))
    (tmp_path / "a.csv").write_text(f"customer,date,amount,币种\n{rows}A,2025-01-31,many,USD\n", encoding="utf-8")
    assert classify(tmp_path / "a.csv", TIERS)[0] == 0


def test_a_file_that_names_no_currency_stands_beside_one_that_does(classify: Any, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text("customer,date,amount\nA,2025-01-30,5\n")
    (tmp_path / "in" / "b.csv").write_text("customer,date,amount,currency\nA,2025-01-31,7,EUR\n")
    assert classify(tmp_path / "in", TIERS)[0] == 0


def test_dates_that_stand_for_none_are_counted_in_a_warning_that_can_be_followed(classify: Any, tmp_path: Path) -> None:
    rows = "".join(f"A,2025-01-{n % 28 + 1:02},1\n" for n in range(300))
    (tmp_path / "a.csv").write_text(f"customer,date,amount\n{rows}A,1970-01-01,5\nB,1970-01-01,7\n")
    _, told = classify(tmp_path / "a.csv", TIERS)
    (warning,) = [warning for warning in told["warnings"] if "1970" in warning]
    assert warning.startswith("2 rows of `transactions` are dated 1970-01-01,")
    _, told = classify(tmp_path / "a.csv", {**TIERS, "sources": {"transactions": {"missing": ["1970-01-01"]}}})
    assert not any("1970" in warning for warning in told["warnings"]) and told["accounts"][0]["rejected"] == 2
