"""What is likely behind a run that is held: another unit of money, an export that was cut short, last month's files, another rubric."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from custier.guard.volume import median
from custier.values import Guard, History, Past

POWERS = (100, 1_000, 10_000)
ALIKE = Fraction(7, 10), Fraction(13, 10)
"""Rows within these parts of the usual number are about as many."""
NEAR = Fraction(2, 3), Fraction(3, 2)
LEAST_MONTHS = 3


def with_causes(guards: Sequence[Guard], now: Mapping[str, History], past: Sequence[Past], rubric_changed: bool) -> list[Guard]:
    """The same; those that hold a run and do not say themselves what they are about get the likeliest cause."""
    likely = next(likely_causes(guards, now, past, rubric_changed), "")
    return [replace(guard, cause=likely) if guard.held and not guard.cause and likely else guard for guard in guards]


def likely_causes(guards: Sequence[Guard], now: Mapping[str, History], past: Sequence[Past], rubric_changed: bool) -> Iterator[str]:
    """In words, the likeliest first."""
    for source, history in now.items():
        yield from _unit(source, history, [p.histories[source] for p in past if source in p.histories])
    yield from (guard.cause for guard in guards if guard.name == "stale_input" and guard.cause)
    if rubric_changed and past:
        yield f"the rubric is another than that of {past[0].run}"
    yield from (guard.cause for guard in guards if guard.name.startswith("month_rows") and guard.held)
    for guard in guards:
        name, _, source = guard.name.partition(" of ")
        if name == "rows_change_at_most" and guard.held and guard.observed.startswith("-"):
            yield f"{source} has {guard.observed.strip('-')} fewer rows than usual: is the export cut short?"
        elif name == "rows_change_at_most" and guard.held:
            yield f"{source} has {guard.observed.strip('+')} more rows than usual: is anything exported twice?"


def _unit(source: str, now: History, then: Sequence[History]) -> Iterator[str]:
    """Amounts that became ten, a hundred … times the usual ones, all of them or those of the newest month."""
    usual = [h for h in then if h.rows and h.amount]
    if usual and now.rows and now.amount:
        rows, amount = median([Fraction(h.rows) for h in usual]), median([Fraction(h.amount or 0) for h in usual])
        if amount > 0 and ALIKE[0] <= now.rows / rows <= ALIKE[1]:
            yield from _times(f"amounts of {source} are", Fraction(now.amount) / amount, "usual on about as many rows")
    months = [(m, Fraction(held.amount, held.rows)) for m, held in sorted(now.months.items()) if held.rows and held.amount > 0]
    if len(months) > LEAST_MONTHS:
        newest, mean = months[-1]
        before = median([m for _, m in months[:-1]])
        yield from _times(f"amounts of {source} in {newest} are", mean / before, "those of the months before, row by row")


def _times(what: str, ratio: Fraction, than: str) -> Iterator[str]:
    if ratio <= 0:
        return
    for power in POWERS:
        if NEAR[0] <= ratio / power <= NEAR[1]:
            yield f"{what} about {power:,} times {than}: are they in another unit, such as cents?"
        elif NEAR[0] <= ratio * power <= NEAR[1]:
            yield f"{what} about 1/{power:,} of {than}: are they in another unit, such as 万元?"
