"""Months with one thing wrong each: what holds the run, what is said of it, and how it goes on."""

from __future__ import annotations

import calendar
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from custier.cli import run as command
from custier.pipeline import Request, classify_files
from custier.rubric.window import Length
from custier.show.verdict import verdict
from custier.store import Store, current_run, list_runs
from custier.store.checksums import write_checksums
from custier.values import Guard, Summary

NOW = datetime(2026, 2, 15, tzinfo=UTC)
RUBRIC = """rubric: mine
window: last 6 months
tiers: [{name: gold, when: spend >= 600}, {name: silver, when: spend >= 300}, {name: basic}]
"""
MONTHS = [date(2025, 10, 31), date(2025, 11, 30), date(2025, 12, 31), date(2026, 1, 31)]
CUSTOMERS = 240
Row = tuple[str, date, str]


def bought(until: date) -> list[Row]:
    """A row per customer and month since February, on every day; the n-th customer spends n % 120 each time."""
    days = [date(2025, 2, 1) + timedelta(n) for n in range((until - date(2025, 2, 1)).days + 1)]
    months = sorted({(day.year, day.month) for day in days})
    rows = [(f"C{n:03}", date(*month, n % 28 + 1), f"{n % 120}.00") for month in months for n in range(CUSTOMERS)]
    return [row for row in rows if row[1] <= until]


def write(path: Path, rows: list[Row]) -> Path:
    path.write_text("customer,date,order,amount\n" + "".join(f"{who},{day},{n},{amount}\n" for n, (who, day, amount) in enumerate(rows)))
    return path


def classify(home: Path, file: Path, as_of: date, rubric: str = RUBRIC, **how: Any) -> Summary:
    (home / "mine.yaml").write_text(rubric)
    return classify_files(replace(Request((str(file),), str(home / "mine.yaml"), (), home / "store", NOW.date(), NOW, as_of), **how))


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three published months."""
    home = tmp_path_factory.mktemp("three")
    told = [classify(home, write(home / f"to-{as_of}.csv", bought(as_of)), as_of) for as_of in MONTHS[:3]]
    assert [summary.status for summary in told] == ["published"] * 3
    return home


@pytest.fixture
def home(three: Path, tmp_path: Path) -> Path:
    return shutil.copytree(three, tmp_path / "home")


def held(summary: Summary) -> set[str]:
    return {guard.name.partition(" of ")[0] for guard in summary.guards if guard.held}


def january(rows: list[Row]) -> list[Row]:
    return rows


def in_cents(rows: list[Row]) -> list[Row]:
    return [(who, day, f"{float(amount) * 100:.2f}") for who, day, amount in rows]


def january_in_cents(rows: list[Row]) -> list[Row]:
    return [row if row[1] < date(2026, 1, 1) else in_cents([row])[0] for row in rows]


def half_the_customers(rows: list[Row]) -> list[Row]:
    return [row for row in rows if int(row[0][1:]) < CUSTOMERS // 2]


def other_ids(rows: list[Row]) -> list[Row]:
    return [(f"1{who[1:]}" if int(who[1:]) < 80 else who, day, amount) for who, day, amount in rows]


def without_november(rows: list[Row]) -> list[Row]:
    return [row for row in rows if f"{row[1]:%Y-%m}" != "2025-11"]


def until_the_twelfth(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row[1] <= date(2026, 1, 12)]


def without_august_and_before(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row[1] >= date(2025, 9, 1)]


def more_in_september(rows: list[Row]) -> list[Row]:
    return [(who, day, f"{float(amount) + 5:.2f}" if f"{day:%Y-%m}" == "2025-09" else amount) for who, day, amount in rows]


def half_of_january(rows: list[Row]) -> list[Row]:
    return [row for n, row in enumerate(rows) if row[1] < date(2026, 1, 1) or n % 5 < 2]


def everything_twice_and_more(rows: list[Row]) -> list[Row]:
    return rows + rows + rows


WRONG: dict[Callable[[list[Row]], list[Row]], set[str]] = {
    january: set(),
    in_cents: {"moved_at_most", "drift_at_most", "amount_change_at_most", "restated_at_most", "tier_share_at_most", "emptied_tier_at_most"},
    january_in_cents: {"moved_at_most", "drift_at_most", "amount_change_at_most"},
    half_the_customers: {"moved_at_most", "drift_at_most", "customers_drop_at_most", "rows_change_at_most", "restated_at_most", "amount_change_at_most", "top_tier_leaves_at_most"},
    other_ids: {"new_customers_at_most", "customers_drop_at_most"},
    without_august_and_before: {"restated_at_most"},
    more_in_september: {"restated_at_most"},
    without_november: {"missing_months_at_most", "restated_at_most"},
    until_the_twelfth: {"silent_days_at_most"},
    half_of_january: {"month_rows_change_at_most", "month_amount_change_at_most"},
    everything_twice_and_more: {"rows_change_at_most", "amount_change_at_most", "restated_at_most", "moved_at_most", "drift_at_most"},
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.__name__)
def test_what_is_wrong_with_a_month_holds_it(home: Path, wrong: Callable[[list[Row]], list[Row]]) -> None:
    told = classify(home, write(home / "january.csv", wrong(bought(MONTHS[3]))), MONTHS[3])
    assert WRONG[wrong] <= held(told) and (bool(WRONG[wrong]) or not held(told))
    assert (told.status, told.exit_code) == (("held", 3) if WRONG[wrong] else ("published", 0))
    assert current_run(Store(home / "store", "mine")) == (told.previous if WRONG[wrong] else told.run_id)


@pytest.mark.parametrize(("window", "day"), [("last 12 months", 15), ("last 12 months", 31), ("lifetime", 30)])
def test_twelve_ordinary_months_of_an_export_of_twelve_months_are_published(tmp_path: Path, window: str, day: int) -> None:
    for month in range(1, 13):
        as_of = date(2027, month, min(day, calendar.monthrange(2027, month)[1]))
        file = write(
            tmp_path / f"to-{as_of}.csv", [row for row in bought(as_of) if row[1] >= Length(months=12).before(as_of + timedelta(1))]
        )
        told = classify(tmp_path, file, as_of, RUBRIC.replace("last 6 months", window), today=as_of)
        assert (told.status, held(told)) == ("published", set())


def test_a_held_run_names_the_likely_cause_and_what_to_type_next(home: Path) -> None:
    told = classify(home, write(home / "january.csv", january_in_cents(bought(MONTHS[3]))), MONTHS[3])
    error = verdict(told)
    assert error is not None and error.exit_code == 3
    assert {"CT4001", "CT4008", "CT4012"} <= {problem.code for problem in error.problems}
    assert "amounts of transactions in 2026-01 are about 100 times those of the months before" in error.problems[0].what
    for line in (f"custier show {told.run_id} ", f"custier publish {told.run_id} --reason"):
        assert all(line in problem.help for problem in error.problems)
    stable = json.loads((Path(str(told.directory)) / "manifest.json").read_text())["stable"]
    checked = {check["name"]: check for check in stable["checks"]}
    assert checked["moved_at_most"]["held"] and checked["moved_at_most"]["count"] == 194 and checked["moved_at_most"]["of"] == 240
    assert stable["history"]["transactions"]["months"]["2025-12"] == {"rows": 240, "amount": 1_428_000, "days": 28}


def test_a_month_that_lacks_most_of_its_rows_is_held_though_all_rows_together_hardly_fell(home: Path) -> None:
    told = classify(home, write(home / "january.csv", half_of_january(bought(MONTHS[3]))), MONTHS[3])
    assert "rows_change_at_most" not in held(told)
    error = verdict(told)
    assert error is not None and {"CT4018", "CT4019"} <= {problem.code for problem in error.problems}
    assert "2026-01 has 96 rows where such a month has about 240: is the export cut short?" in error.problems[0].what
    assert "month_rows_change_at_most, transactions, 96, usually 240" in [problem.where for problem in error.problems]


def test_a_held_run_is_held_again_until_someone_publishes_it_with_a_reason(home: Path, capsys: Any) -> None:
    store, file = Store(home / "store", "mine"), write(home / "january.csv", in_cents(bought(MONTHS[3])))
    first = classify(home, file, MONTHS[3])
    again = classify(home, file, MONTHS[3])
    assert (again.run_id, again.status, again.exit_code) == (first.run_id, "held", 3)
    row = next(row for row in list_runs(store) if row.run_id == first.run_id)
    assert row.status == "held" and {"moved_at_most", "amount_change_at_most of transactions"} <= set(row.held_by)
    assert command(["runs", "--store", str(store.root)]) == 0
    assert "moved_at_most" in capsys.readouterr().out
    assert command(["publish", first.run_id, "--reason", "cents are right now", "--store", str(store.root)]) == 0
    noted = json.loads(store.publications.read_text().splitlines()[-1])
    assert noted["reason"] == "cents are right now" and noted["by"] and noted["at"]
    assert "moved_at_most 82.50% (limit 20%); " in noted["although"] and current_run(store) == first.run_id


def test_a_corrected_export_takes_the_place_of_a_held_run_which_can_be_published_no_more(home: Path, capsys: Any) -> None:
    wrong = classify(home, write(home / "wrong.csv", in_cents(bought(MONTHS[3]))), MONTHS[3])
    right = classify(home, write(home / "right.csv", bought(MONTHS[3])), MONTHS[3])
    assert (wrong.status, right.status, right.previous) == ("held", "published", wrong.previous)
    assert not [warning for warning in right.warnings if "held" in warning]
    assert command(["publish", wrong.run_id, "--reason", "after all", "--store", str(home / "store")]) == 5
    assert "the base changed" in capsys.readouterr().err and current_run(Store(home / "store", "mine")) == right.run_id


def test_the_month_after_a_held_one_is_compared_with_the_published_run_and_says_so(home: Path) -> None:
    wrong = classify(home, write(home / "january.csv", in_cents(bought(MONTHS[3]))), MONTHS[3])
    february = classify(home, write(home / "february.csv", bought(date(2026, 2, 14))), date(2026, 2, 14))
    assert february.previous == wrong.previous and february.status == "published"
    assert f"the run {wrong.run_id} is held and not published; this run is compared with {wrong.previous}" in february.warnings


def test_last_months_file_under_another_name_is_held_and_under_its_own_is_told_of(home: Path, tmp_path: Path) -> None:
    other = shutil.copytree(home, tmp_path / "other")
    renamed = classify(home, shutil.copy(home / f"to-{MONTHS[2]}.csv", home / "january.csv"), MONTHS[3])
    assert {"stale_input", "missing_months_at_most", "silent_days_at_most"} <= held(renamed)
    same = classify(other, other / f"to-{MONTHS[2]}.csv", MONTHS[3])
    assert "stale_input" not in held(same) and any(told.startswith("the files are those of 2025-12-31-") for told in same.warnings)


def test_a_rubric_that_changed_is_told_of_with_the_limits_that_were_loosened(home: Path) -> None:
    file = write(home / "january.csv", in_cents(bought(MONTHS[3])))
    loose = f"{RUBRIC}guardrails: {{moved_at_most: 90%, drift_at_most: off}}\n"
    told = classify(home, file, MONTHS[3], loose)
    assert "moved_at_most" not in held(told)
    assert f"limits were loosened since {told.previous}: moved_at_most 20% → 90%, drift_at_most 0.25 PSI → off" in told.warnings
    assert f"the rubric differs in 2 parts from that of {told.previous}" in told.warnings
    careful = classify(home, write(home / "right.csv", bought(MONTHS[3])), MONTHS[3], f"{RUBRIC}guardrails: {{rubric_changed: hold}}\n")
    assert held(careful) == {"rubric_changed"}
    spelled_out = f"{RUBRIC}guardrails: {{moved_at_most: 20%}}\n"
    assert not classify(home, home / "right.csv", MONTHS[3], spelled_out).warnings, "what is written out is no change"


def test_a_first_run_is_published_whatever_it_looks_like(tmp_path: Path) -> None:
    told = classify(tmp_path, write(tmp_path / "all.csv", in_cents(without_november(bought(MONTHS[3])))), MONTHS[3])
    assert told.status == "published"
    assert {guard.name: guard.waived for guard in told.guards if guard.waived} == {
        "tier_share_at_most": "first run",
        "missing_months_at_most": "first run",
    }


@pytest.mark.parametrize("how", [{"engine": "duckdb"}, {"most_rows_kept": 0}], ids=str)
def test_every_engine_observes_the_same(home: Path, tmp_path: Path, how: dict[str, Any]) -> None:
    other = shutil.copytree(home, tmp_path / "other")
    file = write(home / "january.csv", half_the_customers(bought(MONTHS[3])) + other_ids(bought(MONTHS[3]))[-300:])
    one, two = classify(home, file, MONTHS[3]), classify(other, file, MONTHS[3], **how)
    assert one.guards == two.guards and len(one.guards) == 17 and held(one)


def test_a_run_of_an_earlier_custier_is_compared_as_far_as_it_tells(home: Path) -> None:
    for manifest in (home / "store" / "mine" / "runs").glob("*/manifest.json"):
        told = json.loads(manifest.read_text())
        del told["stable"]["history"], told["stable"]["currency_decimals"]
        manifest.write_text(json.dumps(told))
        write_checksums(manifest.parent, {})
    told = classify(home, write(home / "january.csv", in_cents(bought(MONTHS[3]))), MONTHS[3])
    assert "moved_at_most" in held(told) and not held(told) & {"amount_change_at_most", "restated_at_most"}


def test_guards_of_a_run_are_told_with_counts_limit_and_verdict(home: Path) -> None:
    told = classify(home, write(home / "january.csv", bought(MONTHS[3])), MONTHS[3])
    assert told.guards[1] == Guard("moved_at_most", "20%", "0.00%", 0, 240, False, "customers")
    assert [guard.name.partition(" of ")[0] for guard in told.guards] == [
        "rejected_at_most", "moved_at_most", "top_tier_leaves_at_most", "customers_drop_at_most", "new_customers_at_most",
        "emptied_tier_at_most", "drift_at_most", "tier_share_at_most", "rows_change_at_most", "amount_change_at_most",
        "month_rows_change_at_most", "month_amount_change_at_most", "missing_months_at_most", "silent_days_at_most", "restated_at_most", "stale_input", "rubric_changed",
    ]  # fmt: skip
