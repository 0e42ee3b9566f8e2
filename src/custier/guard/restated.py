"""The past that was told otherwise: months that the last run saw and that hold other rows or amounts now; or nothing new at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from custier.guard.judge import judged, share_of, small
from custier.rubric.model import Guardrails
from custier.values import Guard, History, InputFile, Month, Past

NONE = Month(0, 0, 0)


def check_restated(source: str, now: History, as_then: Mapping[str, Month], past: Past, guardrails: Guardrails) -> list[Guard]:
    """Rows and amounts of the months that both runs saw, whichever differ more; as_then: this run's months up to the last as-of date."""
    then = past.histories.get(source) if now.amount is not None else None
    months = [] if then is None else _both_saw(now, then, as_then)
    if then is None or not months:
        return []
    pairs = {month: (then.months.get(month, NONE), as_then.get(month, NONE)) for month in months}
    rows = sum(abs(b.rows - a.rows) for a, b in pairs.values()), sum(a.rows for a, _ in pairs.values())
    money = sum(abs(b.amount - a.amount) for a, b in pairs.values()), sum(abs(a.amount) for a, _ in pairs.values())
    by_money = money[1] > 0 and money[0] * rows[1] > rows[0] * money[1]
    (count, of), unit = (money, "money") if by_money else (rows, "rows")
    limit = guardrails.restated_at_most
    few = small(limit, rows[0], rows[1], guardrails)
    return [judged(f"restated_at_most of {source}", limit, count, of, unit=unit, waived=few, cause=_worst(pairs))]


def _both_saw(now: History, then: History, as_then: Mapping[str, Month]) -> list[str]:
    """The months whose rows should be the same: from the first that neither export begins in the midst of, within the windows."""
    if now.first is None or then.first is None:
        return []
    first = max(now.first, then.first)[:7]
    begins_within = now.first != then.first
    start = (now.start or "")[:7]
    start_within = now.start is not None and not now.start.endswith("-01")
    return [
        month
        for month in sorted({*then.months, *as_then})
        if (month > first if begins_within else month >= first) and (month > start if start_within else month >= start)
    ]


def _worst(pairs: Mapping[str, tuple[Month, Month]]) -> str:
    """The month that changed most, in words; nothing where none did."""
    changed = {m: (a, b) for m, (a, b) in pairs.items() if a.rows != b.rows or a.amount != b.amount}
    if not changed:
        return ""
    month, (was, is_now) = max(changed.items(), key=lambda item: (abs(item[1][1].amount - item[1][0].amount), item[1][1].rows, item[0]))
    rows = f"most in {month}: {was.rows:,} rows then and {is_now.rows:,} now"
    return f"{rows}, their amount changed by {share_of(is_now.amount - was.amount, abs(was.amount))}" if was.amount else rows


def check_stale(inputs: Collection[InputFile], newest: date | None, past: Past, guardrails: Guardrails) -> list[Guard]:
    """The very files of the last run, and no row after its as-of date. Under other names they are last month's export given again, and
    hold the run; under their own they may be graded anew on purpose.
    """
    nothing_new = bool(inputs) and all((f.source, f.sha256) in past.inputs for f in inputs) and (newest is None or newest <= past.as_of)
    renamed = nothing_new and any(f.name not in past.inputs[f.source, f.sha256] for f in inputs)
    observed = "the files of the last run, renamed" if renamed else "the files of the last run" if nothing_new else "new rows"
    about = f"the files are those of {past.run}, and no row is newer than {past.as_of}" if nothing_new else ""
    held = renamed and guardrails.stale_input == "hold"
    return [Guard("stale_input", guardrails.stale_input, observed, int(nothing_new), 1, held, near=nothing_new and not held, cause=about)]
