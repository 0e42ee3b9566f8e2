"""Windows are half-open: the first day is in, the day after the last is out."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from custier.errors import RubricError
from custier.rubric import load_rubric
from custier.rubric.window import Length, Window


@pytest.mark.parametrize(
    ("window", "as_of", "first_in", "first_out"),
    [
        ("last 12 months", "2025-12-31", "2025-01-01", "2026-01-01"),
        ("last 12 months", "2025-06-15", "2024-06-16", "2025-06-16"),
        ("last 12 months", "2024-02-29", "2023-03-01", "2024-03-01"),
        ("last 12 months", "2024-02-28", "2023-02-28", "2024-02-29"),
        ("last 1 month", "2025-03-30", "2025-02-28", "2025-03-31"),
        ("last 1 month", "2025-03-31", "2025-03-01", "2025-04-01"),
        ("last 1 year", "2025-12-31", "2025-01-01", "2026-01-01"),
        ("last 1 day", "2025-12-31", "2025-12-31", "2026-01-01"),
        ("last 90 days", "2025-12-31", "2025-10-03", "2026-01-01"),
        ("last 2 weeks", "2025-01-07", "2024-12-25", "2025-01-08"),
        ("calendar year", "2025-12-31", "2025-01-01", "2026-01-01"),
        ("calendar year", "2025-01-01", "2025-01-01", "2025-01-02"),
        ("fiscal year from month 4", "2025-03-31", "2024-04-01", "2025-04-01"),
        ("fiscal year from month 4", "2025-04-01", "2025-04-01", "2025-04-02"),
        ("fiscal year from month 12", "2025-11-30", "2024-12-01", "2025-12-01"),
        ("lifetime", "2025-12-31", None, "2026-01-01"),
        ("since joining", "2025-12-31", None, "2026-01-01"),
        ("membership year", "2025-06-15", "2024-06-16", "2025-06-16"),
        ({"span": "membership year", "shifted": "1 year"}, "2025-06-15", "2023-06-16", "2024-06-16"),
        ({"last": "12 months", "shifted": "12 months"}, "2025-12-31", "2024-01-01", "2025-01-01"),
        ({"last": "12 months", "shifted": "12 months"}, "2024-02-28", "2022-02-28", "2023-02-28"),
        ({"span": "calendar year", "shifted": "1 year"}, "2025-06-30", "2024-01-01", "2024-07-01"),
        ({"last": "1 month", "whole_months": True}, "2025-03-30", "2025-02-01", "2025-03-01"),
        ({"last": "1 month", "whole_months": True}, "2025-03-31", "2025-03-01", "2025-04-01"),
        ({"last": "1 month", "whole_months": True}, "2024-02-29", "2024-02-01", "2024-03-01"),
        ({"last": "12 months", "settle": "10 days"}, "2025-12-31", "2024-12-22", "2025-12-22"),
        ({"last": "12 months", "settle": "10 days", "whole_months": True}, "2025-07-09", "2024-06-01", "2025-06-01"),
        ({"span": "calendar year", "settle": "5 days"}, "2025-01-03", "2024-01-01", "2024-12-30"),
        ({"span": "lifetime", "shifted": "1 year"}, "2025-12-31", None, "2025-01-01"),
    ],
)
def test_a_window_says_its_first_day_and_the_first_day_out(window: object, as_of: str, first_in: str | None, first_out: str) -> None:
    start, end = Window.model_validate(window).dates(date.fromisoformat(as_of))
    assert (start and start.isoformat(), end.isoformat()) == (first_in, first_out)


@pytest.mark.parametrize("day", ["2024-02-28", "2024-02-29", "2025-02-28", "2025-03-31", "2025-12-31", "2025-06-15"])
@pytest.mark.parametrize("length", ["1 month", "12 months", "90 days", "7 weeks"])
def test_a_window_shifted_by_its_length_ends_where_the_window_begins(day: str, length: str) -> None:
    as_of = date.fromisoformat(day)
    start, _ = Window.model_validate({"last": length}).dates(as_of)
    _, end = Window.model_validate({"last": length, "shifted": length}).dates(as_of)
    assert end == start


def test_twelve_whole_months_before_the_month_of_expiry() -> None:
    """The keeping window of an airline: expiry in July 2026 is judged on July 2025 to June 2026."""
    window = Window.model_validate({"last": "12 months", "whole_months": True})
    assert window.dates(date(2026, 7, 1)) == window.dates(date(2026, 7, 30)) == (date(2025, 7, 1), date(2026, 7, 1))


def test_a_length_beyond_the_calendar_is_the_first_day_there_is() -> None:
    assert Length(months=9999 * 12).before(date(2025, 1, 31)) == date.min
    assert Window.model_validate("last 9999 years").dates(date(2025, 12, 31))[0] == date.min
    assert Window.model_validate({"last": "9999 years", "shifted": "90 days"}).dates(date(2025, 12, 31))[0] == date.min


@pytest.mark.parametrize(
    ("window", "said"),
    [
        ({}, "does not say how long"),
        ({"last": "1 year", "span": "lifetime"}, "exactly one of"),
        ("last 0 months", "spans no days"),
        ("last fortnight", "not a length of time"),
        ("year", "span `year` that does not exist"),
        ("fiscal year from month 13", "does not exist"),
        ({"last": "12 months", "shifted": "-1 months"}, "not a length"),
        ({"last": 12}, "not a length"),
        ({"last": "1 year", "x": 1}, "Extra inputs"),
    ],
)
def test_a_window_that_means_nothing_is_refused(window: object, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Window.model_validate(window)


def test_a_membership_year_is_moved_by_whole_years_only() -> None:
    with pytest.raises(ValueError, match="whole years"):
        Window.model_validate({"span": "membership year", "shifted": "6 months"})
    assert Window.model_validate("membership year").in_words(date(2025, 6, 15)) == "the membership year up to 2025-06-15"


def test_an_average_over_days_does_not_know_membership_years(tmp_path: Path) -> None:
    rubric = tmp_path / "r.yaml"
    rubric.write_text(
        "rubric: r\nsources: {transactions: {}, balances: {}}\n"
        "metrics: {m: {time_weighted_mean: balance, source: balances, window: membership year}}\ntiers: [{name: A}]\n"
    )
    with pytest.raises(RubricError, match="membership years"):
        load_rubric(rubric)
