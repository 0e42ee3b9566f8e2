"""Runs that keep the cuts of an earlier one: tiers do not flap, shares are still told, and a run that does not fit is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from custier import classify
from custier.errors import CustierError, NotFoundError, UsageError
from custier.explain import explain_customer
from custier.pipeline import Request, classify_files
from custier.stored import read_summary
from custier.values import Cut, Summary

NOW = datetime(2026, 3, 31, tzinfo=UTC)
SIDES = "segments: {buyer: {frequent: orders >= 2, rare: otherwise}}\n"
TIERS = "tiers: [{name: K, top: 20%, by: spend}, {name: G, top: 50%, by: spend, within: buyer}, {name: C}]\n"


def run(home: Path, until: str, spend: dict[str, float], rubric: str = SIDES + TIERS, **asked: Any) -> Summary:
    """One purchase per customer, two of those in capitals, classified as of a day."""
    lines = [f"{c},{until},{n},{amount}" for c, amount in spend.items() for n in ([f"{c}1", f"{c}2"] if c.isupper() else [f"{c}1"])]
    (home / f"{until}.csv").write_text("customer_id,date,order,amount\n" + "\n".join(lines) + "\n")
    (home / "mine.yaml").write_text(f"rubric: mine\nguardrails: {{moved_at_most: 100%, customers_drop_at_most: 100%}}\n{rubric}")
    given = (str(home / f"{until}.csv"),)
    return classify_files(
        replace(Request(given, str(home / "mine.yaml"), (), home / "store", NOW.date(), NOW, as_of=date.fromisoformat(until)), **asked)
    )


def tiers(home: Path) -> dict[str, str]:
    current = (home / "store" / "mine" / "CURRENT").read_text().strip()
    labels = pl.read_parquet(home / "store" / "mine" / "runs" / current / "labels.parquet")
    return dict(labels.select("customer_id", "tier").rows())


JANUARY = {"a": 90, "b": 80, "c": 70, "d": 60, "e": 50}
FEBRUARY = {"a": 90, "b": 80, "c": 70, "d": 60, "e": 500, "f": 600, "g": 700, "h": 1, "i": 1, "J": 5}


@pytest.fixture
def january(tmp_path: Path) -> Summary:
    return run(tmp_path, "2026-01-31", JANUARY)


def cut_of(summary: Summary, tier: str, group: str | None = None) -> Cut:
    return next(cut for cut in summary.cuts if (cut.tier, cut.group) == (tier, group))


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_kept_cuts_decide_and_the_shares_of_today_are_told(tmp_path: Path, january: Summary, engine: str) -> None:
    assert tiers(tmp_path) == {"a": "K", "b": "G", "c": "C", "d": "C", "e": "C"}
    february = run(tmp_path, "2026-02-28", FEBRUARY, cuts=january.run_id, engine=engine)
    assert february.status == "published"
    assert tiers(tmp_path) == dict.fromkeys("aefg", "K") | {"b": "G", "c": "C", "d": "C", "h": "C", "i": "C", "J": "C"}
    cut = cut_of(february, "K")
    assert (cut.num, cut.customers, cut.ranked, cut.asked_share, cut.realised_share) == (9000, 4, 10, 0.2, 0.4)
    assert cut.cut_by == cut_of(february, "G", "rare").cut_by == january.run_id
    new = cut_of(february, "G", "frequent")
    assert (new.cut_by, new.num, new.customers) == (None, None, 0)
    manifest = json.loads((Path(str(february.directory)) / "manifest.json").read_text())
    assert manifest["stable"]["cuts_from"]["run"] == january.run_id
    assert read_summary(Path(str(february.directory))).cuts == february.cuts


def test_the_same_is_asked_for_in_the_rubric_and_undone_on_the_command_line(tmp_path: Path, january: Summary) -> None:
    rubric = f"cuts: {{from: {january.run_id[:14]}}}\n{SIDES}{TIERS}"
    kept = run(tmp_path, "2026-02-28", FEBRUARY, rubric)
    assert cut_of(kept, "K").cut_by == january.run_id and cut_of(kept, "K").num == 9000
    anew = run(tmp_path, "2026-02-28", FEBRUARY, rubric, cuts="new")
    assert cut_of(anew, "K").cut_by is None and cut_of(anew, "K").num == 60000
    assert kept.run_id != anew.run_id
    assert run(tmp_path, "2026-02-28", FEBRUARY, rubric).run_id == kept.run_id


def test_a_kept_cut_does_not_move_with_the_customer_who_is_explained(tmp_path: Path, january: Summary) -> None:
    run(tmp_path, "2026-02-28", FEBRUARY, cuts=january.run_id)
    told = explain_customer(tmp_path / "store", "a")
    assert told.tier_condition == f"top 20% by spend: at least 90.00, the cut of {january.run_id}"
    assert [(d.metric, d.needed, d.tier) for d in told.to_lose if d.metric == "spend"] == [("spend", Decimal("89.99"), "G")]


@pytest.mark.parametrize(
    ("rubric", "said"),
    [
        (TIERS.replace("20%", "30%"), "`K` is top 20% by spend, ties generous there, and top 30% by spend, ties generous here"),
        (TIERS.replace("K, top: 20%", "K, ties: strict, top: 20%"), "and top 20% by spend, ties strict here"),
        (TIERS.replace(", within: buyer", ""), "`G` is top 50% by spend within buyer"),
        (TIERS.replace("name: K", "name: KK"), "it has none for the tier `KK`"),
        (f"currency: EUR\n{TIERS}", "its money is CNY, not EUR"),
        (f"currency_decimals: 0\n{TIERS}", "`spend` has another number of decimals there"),
    ],
)
def test_a_run_that_was_cut_otherwise_is_refused(tmp_path: Path, january: Summary, rubric: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        run(tmp_path, "2026-02-28", FEBRUARY, SIDES + rubric, cuts=january.run_id)
    assert {p.code for p in error.value.problems} == {"CT1941"} and said in " ".join(p.what for p in error.value.problems)
    assert all(p.help and p.where == "--cuts" for p in error.value.problems)
    assert tiers(tmp_path)["a"] == "K"


def test_a_run_that_is_not_there_is_refused(tmp_path: Path, january: Summary) -> None:
    with pytest.raises(NotFoundError):
        run(tmp_path, "2026-02-28", FEBRUARY, cuts="2025-12-31-0123456789ab")
    with pytest.raises(UsageError, match="no tier of `mine` is a slice"):
        run(tmp_path, "2026-02-28", FEBRUARY, "tiers: [{name: K}]\n", cuts=january.run_id)
    frame = pl.DataFrame({"customer": ["a"], "date": [date(2026, 2, 1)], "amount": ["1"]})
    (tmp_path / "kept.yaml").write_text(f"rubric: mine\ncuts: {{from: {january.run_id}}}\n{SIDES}{TIERS}")
    with pytest.raises(CustierError, match="there is no store that could hold the run"):
        classify(frame, rubric=str(tmp_path / "kept.yaml"))
