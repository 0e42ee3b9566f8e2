"""The past that was told otherwise: months of the last run that hold other rows or amounts now, or none; or nothing new at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

from custier.guard.gaps import no_row_in
from custier.guard.judge import judged, share_of, small
from custier.rubric.model import Guardrails
from custier.values import Guard, History, InputFile, Month, Past

NONE = Month(0, 0, 0)


def check_restated(source: str, now: tuple[History, date], as_then: Mapping[str, Month], past: Past, guardrails: Guardrails) -> list[Guard]:
    """Rows and amounts of the months that both runs saw, and of those that this one lacks, whichever differ more.

    now: this run's source with its as-of date; as_then: this run's months up to the last as-of date.
    """
    then = past.histories.get(source) if now[0].amount is not None else None
    if then is None or then.first is None or now[0].first is None:
        return []
    lost = _lost(now[0], then, now[1] - past.as_of)
    months = [*lost, *_both_saw(now[0], then, as_then)]
    if not months:
        return []
    pairs = {month: (then.months.get(month, NONE), as_then.get(month, NONE)) for month in months}
    rows = sum(abs(b.rows - a.rows) for a, b in pairs.values()), sum(a.rows for a, _ in pairs.values())
    money = sum(abs(b.amount - a.amount) for a, b in pairs.values()), sum(abs(a.amount) for a, _ in pairs.values())
    by_money = money[1] > 0 and money[0] * rows[1] > rows[0] * money[1]
    (count, of), unit = (money, "money") if by_money else (rows, "rows")
    limit = guardrails.restated_at_most
    few = small(limit, rows[0], rows[1], guardrails)
    return [judged(f"restated_at_most of {source}", limit, count, of, unit=unit, waived=few, cause=_worst(pairs, lost))]


def _lost(now: History, then: History, moved: timedelta) -> list[str]:
    """The whole months of the windows that the last run had rows of, and before which this one begins.

    A window without a beginning covers everything, and yet exports of the last 24 months are usual: they may begin
    as many days later as the as-of date moved on.
    """
    begins = now.first or ""
    rolled = date.fromisoformat(then.first or "") + max(moved, timedelta(0))
    return [month for month in sorted(then.months) if month < begins[:7] and _is_whole(month, now.start or rolled.isoformat())]


def _both_saw(now: History, then: History, as_then: Mapping[str, Month]) -> list[str]:
    """The months whose rows should be the same: from the first that neither export begins in the midst of, within the windows."""
    first = max(now.first or "", then.first or "")
    alike = now.first == then.first
    months = [month for month in sorted({*then.months, *as_then}) if month > first[:7] or (alike and month == first[:7])]
    return [month for month in months if _is_whole(month, now.start or "")]


def _is_whole(month: str, since: str) -> bool:
    """Whether no day of a month is before that day."""
    return f"{month}-01" >= since


def _worst(pairs: Mapping[str, tuple[Month, Month]], lost: Sequence[str]) -> str:
    """The month that changed most, in words, or all that are lost where it is one of them; nothing where none did."""
    changed = {m: (a, b) for m, (a, b) in pairs.items() if a.rows != b.rows or a.amount != b.amount}
    if not changed:
        return ""
    month, (was, is_now) = max(changed.items(), key=lambda item: (abs(item[1][1].amount - item[1][0].amount), item[1][1].rows, item[0]))
    if month in lost:
        return no_row_in(lost)
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
