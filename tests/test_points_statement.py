"""The statement of points in an explanation adds up and says what is owed; a run warns of customers who used more than they had."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from custier.explain import explain_customer
from custier.pipeline import Request, classify_files
from custier.show.explanation import explanation_text
from custier.show.look import Look
from custier.values import Explanation, Summary

CASES = Path(__file__).parent / "cases"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module", params=["points-balance", "medals-edges"])
def summary(request: pytest.FixtureRequest, store: Path) -> Summary:
    case = CASES / request.param
    return classify_files(
        Request(
            inputs=(str(case / "sales.csv"),),
            rubric=request.param.partition("-")[0],
            sources=(("events", str(case / "events.csv")),),
            store=store,
            today=datetime.date(2026, 1, 31),
            now=datetime.datetime(2026, 1, 31, 12, tzinfo=datetime.UTC),
            as_of=datetime.date(2025, 12, 31),
        )
    )


def explained(customer: str, store: Path, rubric: str) -> Explanation:
    return explain_customer(store, customer, rubric=rubric)


@pytest.mark.parametrize("customer", ["plain", "expired", "last-day", "returned", "overdrawn", "reviews-111", "spent-101", "profile-100"])
def test_every_statement_adds_up(customer: str, summary: Summary, store: Path) -> None:
    is_of_medals = customer[-1].isdecimal()
    if is_of_medals != (summary.rubric == "medals"):
        pytest.skip("a customer of the other rubric")
    points = explained(customer, store, summary.rubric).points
    assert points is not None
    assert points.lifetime is not None and points.redeemed is not None and points.expired is not None
    assert points.lifetime == sum(line.points or 0 for line in points.earned)
    assert points.balance == points.lifetime - points.redeemed - points.expired


def test_the_page_has_the_lines_in_order_and_no_metric_twice(summary: Summary, store: Path) -> None:
    if summary.rubric != "points":
        pytest.skip("of the other rubric")
    page = explanation_text(explained("expired", store, "points"), Look(width=100))
    told = page.partition("statement of points\n")[2].partition("\n\n")[0]
    assert [line.split()[-1] for line in told.splitlines()] == ["1,500", "1,500", "-600", "-400", "500"]
    assert "points_balance" not in page
    assert "points_earned" in page
    assert "owed" not in page
    assert "up to 50 were owed" in explanation_text(explained("overdrawn", store, "points"), Look(width=60))
    assert "积分明细" in explanation_text(explained("expired", store, "points"), Look(width=60, lang="zh"))


def test_customers_who_used_more_than_they_had_are_warned_of(summary: Summary) -> None:
    told = [warning for warning in summary.warnings if "points" in warning]
    expected = ["1 customer used more points than there were, up to 50: see points_overdrawn"]
    assert told == (expected if summary.rubric == "points" else [])


def test_a_rubric_without_points_has_no_statement(tmp_path: Path) -> None:
    case = CASES / "annual-spend-edges"
    classify_files(
        Request(
            inputs=(str(case / "sales.csv"),),
            rubric="annual-spend",
            sources=(),
            store=tmp_path,
            today=datetime.date(2026, 1, 31),
            now=datetime.datetime(2026, 1, 31, 12, tzinfo=datetime.UTC),
            as_of=datetime.date(2025, 12, 31),
        )
    )
    assert explained("甲", tmp_path, "annual-spend").points is None
