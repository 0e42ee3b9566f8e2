"""`custier classify` with each of its options, on real files."""

import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
import xlsxwriter

from custier.cli import run

GRADE = ["--rubric", "annual-spend", "--as-of", "2025-12-31"]


HELD = ["--rubric", "careful.yaml", "--as-of", "2025-12-31"]
CAREFUL = "rubric: annual-spend\nextends: annual-spend\nguardrails: {min_base: 3 customers}\n"
"""Of three customers one may not move."""


def said(capsys: Any) -> dict[str, Any]:
    out, err = capsys.readouterr()
    assert err == ""
    return json.loads(out)  # type: ignore[no-any-return]


def tiers(labels: Path) -> dict[str, str]:
    return dict(pl.read_csv(labels).select("customer_id", "tier").iter_rows())


GRADED = {"C1": "VIP", "C2": "B", "C3": "C"}


def test_the_summary_goes_to_stdout_and_nothing_to_stderr(sales: Path, capsys: Any) -> None:
    assert run(["classify", "sales.csv", *GRADE]) == 0
    out, err = capsys.readouterr()
    current = Path("custier-store/annual-spend/CURRENT").read_text().strip()
    assert f"run            {current} · published" in out and err == ""


def test_json_of_a_run_is_one_object(sales: Path, capsys: Any) -> None:
    assert run(["classify", "sales.csv", *GRADE, "--json"]) == 0
    summary = said(capsys)
    assert (summary["ok"], summary["status"], summary["as_of"], summary["customers"]) == (True, "published", "2025-12-31", 3)
    assert summary["accounts"][0]["money_read"] == 68_090_001 and "error" not in summary


def test_quiet_prints_nothing(sales: Path, capsys: Any) -> None:
    assert run(["classify", "sales.csv", *GRADE, "-q"]) == 0
    assert capsys.readouterr() == ("", "")


def test_out_holds_copies_of_what_was_published(sales: Path) -> None:
    assert run(["classify", "sales.csv", *GRADE, "--out", "flat"]) == 0
    (stored,) = Path("custier-store/annual-spend/runs").iterdir()
    assert sorted(p.name for p in Path("flat").iterdir()) == ["changes.csv", "labels.csv", "labels.parquet", "rejected.csv", "summary.json"]
    assert all(p.read_bytes() == (stored / p.name).read_bytes() for p in Path("flat").iterdir())
    assert tiers(Path("flat/labels.csv")) == GRADED


def test_format_says_which_labels_are_copied_out_and_the_run_always_keeps_parquet(sales: Path) -> None:
    for kind, name in (("parquet", "labels.parquet"), ("csv", "labels.csv")):
        assert run(["classify", "sales.csv", *GRADE, "--format", kind, "--out", kind]) == 0
        assert [p.name for p in Path(kind).glob("labels.*")] == [name]
    (stored,) = Path("custier-store/annual-spend/runs").iterdir()
    assert [p.name for p in stored.glob("labels.*")] == ["labels.parquet"]
    assert run(["classify", "sales.csv", *GRADE, "--format", "csv", "--store", "other", "--out", "first"]) == 0
    assert Path("first/labels.csv").read_bytes() == Path("csv/labels.csv").read_bytes()
    (stored,) = Path("other/annual-spend/runs").iterdir()
    assert sorted(p.name for p in stored.glob("labels.*")) == ["labels.csv", "labels.parquet"]


def test_labels_may_be_a_workbook_hashed_and_copied_with_the_headings_of_the_language(sales: Path) -> None:
    asked = ["classify", "sales.csv", *GRADE, "--format", "xlsx"]
    assert run([*asked, "--out", "en"]) == 0 and run([*asked, "--out", "zh", "--lang", "zh"]) == 0
    (stored,) = Path("custier-store/annual-spend/runs").iterdir()
    assert (stored / "labels.xlsx").read_bytes() == Path("en/labels.xlsx").read_bytes()
    assert "labels.xlsx" in json.loads((stored / "manifest.json").read_bytes())["stable"]["outputs"]
    heads = [[cell.value for cell in openpyxl.load_workbook(f"{lang}/labels.xlsx").active[1]][:2] for lang in ("en", "zh")]
    assert heads == [["customer_id", "tier"], ["客户编号", "等级"]]
    assert pl.read_excel("en/labels.xlsx").select("customer_id", "tier").rows() == list(GRADED.items())
    assert run(["verify", stored.name]) == 0


def test_a_workbook_is_graded_like_the_text_it_was_made_of(sales: Path) -> None:
    with xlsxwriter.Workbook("sales.xlsx") as book:
        sheet = book.add_worksheet()
        for row, cells in enumerate(csv.reader(Path("sales.csv").read_text().splitlines())):
            for column, cell in enumerate(cells):
                sheet.write(row, column, float(cell) if cell[:1].isdigit() and cell.replace(".", "").isdigit() else cell)
    for engine in ("polars", "duckdb"):
        assert run(["classify", "sales.xlsx", *GRADE, "--engine", engine, "--store", engine, "--out", f"{engine}-out"]) == 0
    assert tiers(Path("polars-out/labels.csv")) == tiers(Path("duckdb-out/labels.csv")) == GRADED
    assert run(["classify", "sales.xlsx", *GRADE, "--engine", "spark"]) == 4


def test_a_run_is_kept_and_explained_whatever_its_numbers_look_like(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text("customer;date;amount\nA;2025-01-01;1.200,50\nB;2025-01-01;-\n", encoding="utf-8")
    source = '{numbers: {decimal: ",", thousands: "."}, missing: ["-"], amount: {optional: true}}'
    Path("r.yaml").write_text(f"rubric: r\nsources: {{transactions: {source}}}\ntiers: [{{name: A, when: spend > 1000}}, {{name: B}}]\n")
    assert run(["classify", "a.csv", "--rubric", "r.yaml", "-q", "--out", "out"]) == 0
    assert tiers(Path("out/labels.csv")) == {"A": "A", "B": "B"} and run(["explain", "A", "--rows"]) == 0


def test_a_missing_input_leaves_no_store_behind(sales: Path) -> None:
    assert run(["classify", "nosuch.csv", *GRADE]) == 4
    assert [p.name for p in Path().iterdir()] == ["sales.csv"]


def test_no_publish_keeps_the_run_and_publishes_nothing(sales: Path, capsys: Any) -> None:
    assert run(["classify", "sales.csv", *GRADE, "--no-publish"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Not published: ") and "custier publish 2025-12-31-" in out
    assert not Path("custier-store/annual-spend/CURRENT").exists() and len(list(Path("custier-store/annual-spend/runs").iterdir())) == 1


def test_a_dry_run_tells_all_and_writes_nothing(sales: Path, capsys: Any) -> None:
    assert run(["classify", "sales.csv", *GRADE, "--dry-run", "--out", "flat"]) == 0
    assert capsys.readouterr().out.startswith("Dry run: nothing was written.\n")
    assert [p.name for p in Path().iterdir()] == ["sales.csv"]


def test_previous_none_compares_with_nothing(demo: Path, august: str, capsys: Any) -> None:
    line = ["classify", "exports/sales-2025-09.csv", "exports/sales-2023-09-to-2025-08.csv", "--dry-run", "--json"]
    given = ["--source", "invoices=exports/invoices-2025-09.csv", "--source", "surveys=exports/surveys.csv"]
    line += [*given, "--rubric", "weighted-grade", "--as-of", "2025-09-30"]
    assert run(line) == 0 and said(capsys)["previous"] == august
    assert run([*line, "--previous", "none"]) == 0
    alone = said(capsys)
    assert (alone["previous"], alone["changes"]["new"]) == (None, alone["customers"])


@pytest.mark.parametrize("given", [["exports"], ["exports/*.csv"], ["exports/a.csv", "exports/b.csv.gz"]], ids=str)
def test_directories_globs_and_gz_give_the_same_customers(sales: Path, given: list[str]) -> None:
    header, *rows = sales.read_text().splitlines(keepends=True)
    Path("exports").mkdir()
    Path("exports/a.csv").write_text(header + rows[0])
    if given == ["exports/*.csv"]:
        Path("exports/b.csv").write_text(header + "".join(rows[1:]))
    else:
        Path("exports/b.csv.gz").write_bytes(gzip.compress((header + "".join(rows[1:])).encode()))
    assert run(["classify", *given, *GRADE, "--out", "flat"]) == 0
    assert tiers(Path("flat/labels.csv")) == GRADED


def test_the_rubric_of_the_last_run_is_used_when_none_is_named(sales: Path) -> None:
    assert run(["classify", "sales.csv", *GRADE, "-q"]) == 0
    assert run(["classify", "sales.csv", "--as-of", "2026-01-31", "-q"]) == 0
    assert Path("custier-store/annual-spend/CURRENT").read_text().startswith("2026-01-31-")


def test_the_same_command_again_says_that_nothing_is_to_do(sales: Path, capsys: Any) -> None:
    assert run(["classify", "sales.csv", *GRADE, "-q"]) == 0
    before = sorted(Path("custier-store").rglob("*"))
    assert run(["classify", "sales.csv", *GRADE]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Nothing to do: this very run is current already, and the store is unchanged.\n\nCustomer grade")
    assert out.rstrip().splitlines()[-4:-2] == [
        "  to grade another month:",
        "    the same command with that month's exports, or another --as-of",
    ]
    assert sorted(Path("custier-store").rglob("*")) == before


def test_a_run_that_was_published_before_says_how_to_go_back(demo: Path, august: str, capsys: Any) -> None:
    given = ["--source", "invoices=exports/invoices-2025-08.csv", "--source", "surveys=exports/surveys.csv"]
    line = ["classify", "exports/sales-2023-09-to-2025-08.csv", *given, "--rubric", "weighted-grade", "--as-of", "2025-08-31"]
    assert run(line) == 0
    out = capsys.readouterr().out
    assert out.replace("\n", " ").startswith("Nothing to do: this very run was published before; a later run is current, and the store is")
    assert f"    custier rollback {august} --rubric weighted-grade\n" in out


def test_a_held_run_says_how_to_publish_it_and_publishing_does_it(sales: Path, capsys: Any) -> None:
    Path("careful.yaml").write_text(CAREFUL)
    assert run(["classify", "sales.csv", "--rubric", "careful.yaml", "--as-of", "2025-11-30", "-q"]) == 0
    sales.write_text(sales.read_text().replace("180000.00", "280000.00"))
    assert run(["classify", "sales.csv", *HELD]) == 3
    out, err = capsys.readouterr()
    assert out.startswith("Held: ") and "error[CT4001]" in err and err.endswith("(exit 3)\n")
    held = next(p.name for p in Path("custier-store/annual-spend/runs").iterdir() if p.name.startswith("2025-12-31"))
    assert f'custier publish {held} --reason "why it is right"' in err
    assert run(["publish", held, "--reason", "checked with sales"]) == 0
    assert Path("custier-store/annual-spend/CURRENT").read_text() == f"{held}\n"
    assert "checked with sales" in Path("custier-store/annual-spend/publications.jsonl").read_text().splitlines()[-1]


def test_a_held_run_that_was_published_by_hand_and_rolled_back_is_held_again(sales: Path, capsys: Any) -> None:
    Path("careful.yaml").write_text(CAREFUL)
    assert run(["classify", "sales.csv", "--rubric", "careful.yaml", "--as-of", "2025-11-30", "-q"]) == 0
    sales.write_text(sales.read_text().replace("180000.00", "280000.00"))
    assert run(["classify", "sales.csv", *HELD]) == 3
    assert run(["publish", "2025-12-31", "--reason", "checked with sales"]) == 0
    assert run(["classify", "sales.csv", *HELD]) == 0  # it is current
    assert run(["rollback", "--reason", "it was wrong"]) == 0
    capsys.readouterr()
    assert run(["classify", "sales.csv", *HELD]) == 3
    assert capsys.readouterr().out.startswith("Held: ")
    assert Path("custier-store/annual-spend/CURRENT").read_text().startswith("2025-11-30-")


def test_a_run_that_was_rolled_back_is_held_until_it_is_published_or_the_export_is_mended(sales: Path, capsys: Any) -> None:
    grade = ["classify", "sales.csv", "--rubric", "annual-spend", "--out", "current", "-q"]
    sales_then = sales.read_text()
    assert run([*grade, "--as-of", "2025-11-30"]) == 0
    assert run([*grade, "--as-of", "2025-12-31"]) == 0
    assert run(["rollback", "--reason", "it was wrong"]) == 0
    capsys.readouterr()
    current = Path("custier-store/annual-spend/CURRENT")
    for how in ([], [], ["--dry-run"]):
        assert run([*grade, "--as-of", "2025-12-31", *how]) == 3
        err = capsys.readouterr().err
        assert "error[CT4020]: this very run was undone on 20" in err and current.read_text().startswith("2025-11-30-")
    sales.write_text(sales_then.replace("180000.00", "180001.00"))
    assert run([*grade, "--as-of", "2025-12-31"]) == 0, "another export is another run"
    mended = current.read_text()
    assert run(["rollback"]) == 0
    assert run(["publish", mended.strip(), "--reason", "right after all"]) == 0
    assert run([*grade, "--as-of", "2025-12-31"]) == 0
    sales.write_text(sales_then)
    assert run([*grade, "--as-of", "2025-12-31"]) == 3 and current.read_text() == mended


def test_a_rollback_says_that_the_copies_stay_and_copy_makes_them_those_of_the_current_run(sales: Path, capsys: Any) -> None:
    grade = ["classify", "sales.csv", "--rubric", "annual-spend", "--out", "current", "--format", "csv,xlsx", "-q"]
    assert run([*grade, "--as-of", "2025-06-30"]) == 0
    before = {path.name: path.read_bytes() for path in Path("current").iterdir()}
    assert run([*grade, "--as-of", "2025-12-31"]) == 0
    assert Path("current/labels.csv").read_bytes() != before["labels.csv"]
    assert run(["rollback"]) == 0
    err = capsys.readouterr().err
    assert "are as they were; to have those of 2025-06-30-" in err
    line = err.splitlines()[-1].replace("DIR", "current").split()
    assert line[:2] == ["custier", "copy"] and run(line[1:]) == 0
    assert capsys.readouterr().out.startswith("current holds copies of 2025-06-30-")
    assert {path.name: path.read_bytes() for path in Path("current").iterdir()} == before


def test_copies_of_a_run_that_was_never_published_are_refused(sales: Path, capsys: Any) -> None:
    grade = ["classify", "sales.csv", "--rubric", "annual-spend", "-q"]
    assert run([*grade, "--as-of", "2025-06-30"]) == 0
    assert run([*grade, "--as-of", "2025-12-31", "--no-publish"]) == 0
    assert run(["copy", "2025-12-31", "--out", "current"]) == 2
    assert "error[CT5403]" in capsys.readouterr().err and not Path("current").exists()


def test_copies_under_pseudonyms_are_made_anew_with_the_key_and_never_mixed_with_others(sales: Path, capsys: Any) -> None:
    Path("key").write_bytes(bytes(range(32)))
    Path("key").chmod(0o600)
    grade = ["classify", "sales.csv", "--rubric", "annual-spend", "--out", "shared", "--pseudonymise", "--key-file", "key", "-q"]
    assert run([*grade, "--as-of", "2025-06-30"]) == 0
    before = Path("shared/labels.csv").read_bytes()
    assert run([*grade, "--as-of", "2025-12-31"]) == 0
    assert run(["rollback"]) == 0
    assert run(["copy", "--out", "shared"]) == 2
    assert "error[CT1965]" in capsys.readouterr().err
    assert run(["copy", "--out", "shared", "--pseudonymise", "--key-file", "key", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["out"] == "shared" and Path("shared/labels.csv").read_bytes() == before


def test_a_dry_run_that_would_be_held_or_fail_says_so_and_leaves_the_store_alone(sales: Path, capsys: Any) -> None:
    Path("careful.yaml").write_text(CAREFUL)
    assert run(["classify", "sales.csv", "--rubric", "careful.yaml", "--as-of", "2025-11-30", "-q"]) == 0
    before = sorted(Path("custier-store").rglob("*"))
    sales.write_text(sales.read_text().replace("180000.00", "280000.00"))
    assert run(["classify", "sales.csv", *HELD, "--dry-run"]) == 3
    out, err = capsys.readouterr()
    assert "custier publish" not in out + err and "without --dry-run" in out and "the run would be kept and held" in err
    sales.write_text(sales.read_text() + "C4,2025-04-02,S4,many\n")
    assert run(["classify", "sales.csv", *HELD, "--dry-run", "--strict"]) == 1
    assert "the run would fail and not be published" in capsys.readouterr().err
    assert sorted(Path("custier-store").rglob("*")) == before


def test_a_held_run_is_json_when_asked(sales: Path, capsys: Any) -> None:
    Path("careful.yaml").write_text(CAREFUL)
    assert run(["classify", "sales.csv", "--rubric", "careful.yaml", "--as-of", "2025-11-30", "-q"]) == 0
    sales.write_text(sales.read_text().replace("180000.00", "280000.00"))
    assert run(["classify", "sales.csv", *HELD, "--json"]) == 3
    out = json.loads(capsys.readouterr().out)
    assert (out["ok"], out["error"]["code"], out["error"]["exit"], out["status"]) == (False, "CT4001", 3, "held")


REFUSED: dict[str, tuple[list[str], str, str, int]] = {
    "CT1902": (
        ["--source", "invoice=sales.csv"],
        "sources: {transactions: {}, invoices: {optional: true}}",
        "nearest source is `invoices`",
        2,
    ),
    "CT1903": ([], "sources: {transactions: {}, invoices: {}}", "add --source invoices=FILE", 2),
    "CT2301": ([], "flags: {thin: margin < 1}", "map it under sources.transactions", 4),
    "CT3301": (
        [],
        "sources: {transactions: {}, surveys: {optional: true}}\nmetrics: {happy: {mean: score, source: surveys}}\n"
        "score: {happy: {weight: 100, missing: fail, bands: [{at_least: 4, points: 100}, {otherwise: 0}]}}",
        "score.happy.missing",
        1,
    ),
    "CT3302": ([], "sources: {transactions: {where: amount > 999999}}", "`where`", 1),
    "CT6402": (
        [],
        "metrics: {big: {formula: 'round(spend * 10000, 2)'}, huge: {formula: big * big}}\nflags: {big: huge > 1}",
        "numbers: `huge`\n",
        4,
    ),
}


@pytest.mark.parametrize("code", REFUSED)
def test_what_stands_in_the_way_is_said_with_its_cure(code: str, sales: Path, capsys: Any) -> None:
    options, rubric, cure, exit_code = REFUSED[code]
    Path("mine.yaml").write_text(f"rubric: mine\n{rubric}\ntiers: [{{name: all}}]\n")
    assert run(["classify", "sales.csv", "--rubric", "mine.yaml", *options]) == exit_code
    err = capsys.readouterr().err
    assert f"error[{code}]" in err and cure in err and f"(exit {exit_code})" in err


def test_amounts_that_no_sum_can_hold_are_refused(sales: Path, capsys: Any) -> None:
    sales.write_text("customer_id,date,order,amount\n" + "".join(f"C{i},2025-03-28,S{i},999999999999999.99\n" for i in range(50)))
    assert run(["classify", "sales.csv", *GRADE]) == 4
    assert "error[CT6401]" in capsys.readouterr().err


def test_a_later_run_is_nothing_to_compare_with(demo: Path, september: str, capsys: Any) -> None:
    line = ["classify", "exports/sales-2025-09.csv", "--rubric", "weighted-grade", "--as-of", "2025-08-31", "--previous", september]
    assert run([*line, "--dry-run"]) == 2
    assert "error[CT1904]" in capsys.readouterr().err


def test_a_store_without_a_published_run_has_no_rubric_to_take(sales: Path, capsys: Any) -> None:
    assert run(["classify", "sales.csv", *GRADE, "--no-publish", "-q"]) == 0
    assert run(["classify", "sales.csv"]) == 8
    assert "error[CT1905]" in capsys.readouterr().err


def test_a_terminated_run_leaves_nothing_published(sales: Path, custier: Callable[..., Any]) -> None:
    for name, code in (("SIGTERM", 143), ("SIGINT", 130)):
        stop = "import os, signal, time; from custier.pipeline import engine as p\n"
        stop += f"p.grade_population = lambda *given: (os.kill(os.getpid(), signal.{name}), time.sleep(9))"
        done = custier("classify", "sales.csv", *GRADE, "--json", first=stop)
        assert done.returncode == code and "Traceback" not in done.stderr
        assert json.loads(done.stdout)["error"]["exit"] == code
        assert {p.name for p in Path("custier-store/annual-spend").rglob("*") if p.is_file()} == {"manifest.json", "log.jsonl"}
        assert list(Path("custier-store/annual-spend/runs").iterdir()) == []
    assert custier("classify", "sales.csv", *GRADE, "--quiet").returncode == 0


def test_only_a_published_run_is_copied_out(sales: Path, capsys: Any) -> None:
    assert run(["classify", "sales.csv", *GRADE, "--no-publish", "--out", "copies"]) == 0
    assert not Path("copies").exists() and "nothing was copied to copies" in (page := capsys.readouterr().out)
    assert "once it is, the same command again makes the copies" in " ".join(page.split())
    assert run(["classify", "sales.csv", *GRADE, "--out", "copies", "-q"]) == 0
    assert sorted(p.name for p in Path("copies").iterdir()) == [
        "changes.csv",
        "labels.csv",
        "labels.parquet",
        "rejected.csv",
        "summary.json",
    ]


def test_metrics_of_transactions_are_missing_when_the_table_may_be_and_is_absent(sales: Path) -> None:
    Path("c.csv").write_text("customer_id,joined\na,2024-01-01\n")
    sources = "sources: {transactions: {optional: true}, customers: {}}\n"
    Path("r.yaml").write_text(
        f"rubric: r\n{sources}window: lifetime\nmetrics: {{worth: {{formula: 'coalesce(spend, 0)'}}}}\n"
        "tiers: [{name: A, when: margin > 0.1 and average_order > 1}, {name: N, when: spend is null and worth = 0}, {name: B}]\n"
    )
    assert run(["classify", "--source", "customers=c.csv", "--rubric", "r.yaml", "--as-of", "2025-12-31", "--out", "flat", "-q"]) == 0
    assert tiers(Path("flat/labels.csv")) == {"a": "N"}


def test_a_refused_run_leaves_nothing_that_counts_as_another_rubric(sales: Path, capsys: Any) -> None:
    Path("junk.csv").write_text("a,b\n1,2\n")
    assert run(["classify", "junk.csv", "--rubric", "pyramid"]) == 4
    assert run(["show"]) == 8 and "the store holds no runs yet" in capsys.readouterr().err
    assert run(["classify", "sales.csv", *GRADE, "-q"]) == 0
    assert run(["runs"]) == 0 and "pyramid" not in capsys.readouterr().out
    assert run(["show", "--rubric", "pyramid"]) == 8 and "holds no runs of rubric `pyramid`" in capsys.readouterr().err
    assert run(["runs", "--rubric", "pyramid"]) == 0 and "CT2201" in capsys.readouterr().out


@pytest.mark.parametrize("window", ["since joining", "membership year"])
def test_the_rows_of_who_joined_count_from_the_day_of_joining(sales: Path, capsys: Any, window: str) -> None:
    Path("s.csv").write_text("order_id,customer_id,date,amount\n1,b,2023-12-31,9\n2,b,2024-01-15,100\n3,z,2024-02-01,5\n")
    Path("c.csv").write_text("customer_id,joined\nb,2024-01-15\n")
    Path("r.yaml").write_text(
        f"rubric: r\nsources: {{transactions: {{}}, customers: {{}}}}\nwindow: {window}\ntiers: [{{name: A, when: spend >= 100}}, {{name: B}}]\n"
    )
    given = ["s.csv", "--source", "customers=c.csv", "--rubric", "r.yaml", "--as-of", "2024-11-30", "-q"]
    assert run(["classify", *given]) == 0
    capsys.readouterr()
    for customer, counted in (("b", {2: False, 3: True}), ("z", {4: True})):  # who is in no table joined with the first row
        assert run(["explain", customer, "--rows", "--json"]) == 0
        rows = json.loads(capsys.readouterr().out)["rows"]
        assert {r["line"]: r["in_window"] for r in rows if r["source"] == "transactions"} == counted
