"""How much there is: used rows and their amounts, against the median of the last three published runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

from custier.guard.judge import BASE, is_close, passed, signed
from custier.rubric.guardrails import Change
from custier.rubric.model import Guardrails
from custier.values import Guard, History, Past

MOST_RUNS = 3


def check_volume(now: Mapping[str, History], as_of: date, past: Sequence[Past], guardrails: Guardrails) -> list[Guard]:
    """The rows and the amounts of each source; past: the last published runs in the same currency, the newest first."""
    guards = []
    for source, history in now.items():
        then = [(p.histories[source], p.as_of) for p in past[:MOST_RUNS] if source in p.histories]
        if not then:
            continue
        few = median([Fraction(h.rows) for h, _ in then]) < (guardrails.min_base.count or 0)
        name = f"rows_change_at_most of {source}"
        guards += _figure(name, guardrails.rows_change_at_most, (history, as_of), then, "rows", few)
        if history.amount is not None and all(h.amount is not None for h, _ in then):
            name = f"amount_change_at_most of {source}"
            guards += _figure(name, guardrails.amount_change_at_most, (history, as_of), then, "money", few)
    return guards


Seen = tuple[History, date]


def _figure(name: str, limit: Change, now: Seen, then: Sequence[Seen], unit: str, few: bool) -> list[Guard]:
    usual = median([_of(h, unit) for h, _ in then])
    change = change_of(now, then, unit)
    if change is None:
        return []
    side = limit.down if change < 0 else limit.up
    over = passed(limit, change)
    near, held = not over and is_close(limit, change), over and not (few and side.share)
    return [
        Guard(name, str(limit), signed(change), int(_of(now[0], unit)), round(usual), held, unit, near, BASE if over and not held else "")
    ]


def change_of(now: Seen, then: Sequence[Seen], unit: str) -> Fraction | None:
    """How far a figure is from the median, -1/2 where it is half as much; None where there is nothing to compare with.

    It is compared per day of the windows, so that a calendar year may begin again; and one that rose is also compared per day that the
    rows cover, and the smaller rise counts, so that a young shop's year may fill.
    """
    by_window, by_rows = (median([_of(h, unit) / days(h, day) for h, day in then]) for days in (_window_days, _covered_days))
    if by_window <= 0 or by_rows <= 0:
        return None
    change = _of(now[0], unit) / _window_days(*now) / by_window - 1
    return change if change < 0 else max(Fraction(0), min(change, _of(now[0], unit) / _covered_days(*now) / by_rows - 1))


def median(figures: Sequence[Fraction]) -> Fraction:
    """The middle one, or half of the two in the middle, exact."""
    ordered, half = sorted(figures), len(figures) // 2
    return ordered[half] if len(figures) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _of(history: History, unit: str) -> Fraction:
    return Fraction(history.rows if unit == "rows" else history.amount or 0)


def _window_days(history: History, as_of: date) -> int:
    """The days up to the as-of date that windows cover; 1 where one has no beginning, since it never begins again."""
    return 1 if history.start is None else (as_of - date.fromisoformat(history.start)).days + 1


def _covered_days(history: History, as_of: date) -> int:
    """The days of them since the first row."""
    since = max(history.start or "", history.first or "")
    return 1 if not since else max(1, (as_of - date.fromisoformat(since)).days + 1)
