"""Where every row and every minor unit of money went; a row that is nowhere is a bug."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import narwhals as nw

from custier.errors import Bug, InputError, Problem
from custier.frames import Collected, Frame
from custier.merge import MERGED
from custier.rubric.columns import RECORDS
from custier.rubric.formula import wide
from custier.rubric.model import Rubric
from custier.rubric.plan import Plan, day_number
from custier.rubric.source import Source
from custier.rubric.suspects import mark, marked
from custier.rubric.wanted import is_about_ids
from custier.rubric.window import Window
from custier.values import Account

MOST_TOTAL = 4e18
"""Half of what Int64 holds: a sum below it cannot wrap."""

GOOD, REJECTED, EXCLUDED = range(3)
STATES = 4
EVER = Window(span="lifetime")
NO_DAY = -(10**9)


@dataclass(frozen=True)
class Counted:
    """One source in figures. days: state, date_day (NO_DAY where there is none), rows, money, and per column its size."""

    source: str
    days: Collected
    read: int
    malformed: int
    totals: int = 0  # lines of totals, which are left out


def count_rows(rows: Frame, numbers: Sequence[str], also: Sequence[str] = ()) -> Frame:
    """Rows with `kept`, `sound` (bool), numbers and, of a source with dates, date_day → per state and day: rows, money (the amounts),
    size_<column> (Σ|x| of a good row, as a double) and how often each column of `also` (bool) is true.
    """
    state = nw.when(~nw.col("kept")).then(nw.lit(EXCLUDED)).when(nw.col("sound")).then(nw.lit(GOOD)).otherwise(nw.lit(REJECTED))
    nowhere = nw.lit(NO_DAY, nw.Int64())
    day = nw.coalesce(nw.col("date_day"), nowhere) if "date_day" in rows.collect_schema().names() else nowhere
    sizes = {f"size_{name}": nw.col(name).abs().cast(nw.Float64()) for name in numbers}
    flags = {name: nw.col(name).cast(nw.Int64()) for name in also}
    money = {"money": nw.col("amount")} if "amount" in numbers else {}
    keyed = rows.select(state_day=day * STATES + state.cast(nw.Int64()), **money, **sizes, **flags)
    sums = {"money": wide(nw.col("money")).sum()} if money else {}
    sums |= {name: nw.col(name).sum() for name in (*sizes, *flags)}
    counted = keyed.group_by("state_day").agg(nw.len().cast(nw.Int64()).alias("rows"), **sums)
    parts = {"state": nw.col("state_day") % STATES, "date_day": nw.col("state_day") // STATES}
    return counted.with_columns(**{name: part.cast(nw.Int64()) for name, part in parts.items()})


def newest_day(counted: Counted) -> int | None:
    """The day of the newest good row; None where there is none, or no dates."""
    days = [d for s, d in zip(counted.days["state"].to_list(), counted.days["date_day"].to_list(), strict=True) if s == GOOD and d > NO_DAY]
    return max(days, default=None)


def account_for(counted: Counted, rubric: Rubric, plan: Plan, as_of: date) -> Account:
    """Row and money accounting of a source; raises Bug when read ≠ used + rejected + excluded + before + after,
    in rows or in money.
    """
    places = _by_place(counted, rubric, plan, as_of)
    rows = {place: sum(n for n, _ in found) for place, found in places.items()}
    money = {place: sum(m for _, m in found) for place, found in places.items()}
    account = Account(
        source=counted.source,
        read=counted.read,
        rejected=rows["rejected"] + counted.malformed,
        excluded=rows["excluded"] + counted.totals,
        before_window=rows["before"],
        after_window=rows["after"],
        used=rows["used"],
        money_read=sum(money.values()),
        money_rejected=money["rejected"],
        money_excluded=money["excluded"],
        money_before_window=money["before"],
        money_after_window=money["after"],
        money_used=money["used"],
        size_read=_size(counted.days),
        size_rejected=_size(counted.days.filter(nw.col("state") == REJECTED)),
        merged=_flagged(counted, MERGED, GOOD),
        excluded_for=excluded_for(counted, rubric.sources[counted.source], rows["excluded"]),
        noted=_noted(counted, rubric.sources[counted.source]),
    )
    _reconcile(account, _whole(counted, "money"))
    return account


def _whole(counted: Counted, column: str) -> int:
    return int(counted.days[column].sum() or 0) if column in counted.days.columns else 0


def _size(days: Collected) -> int:
    """Σ|amount|; whole numbers in doubles, so exact while the sum is below 2^53."""
    return int(days["size_amount"].sum() or 0) if "size_amount" in days.columns else 0


def _flagged(counted: Counted, flag: str, state: int) -> int:
    """Rows of a state for which a column of `also` is true, such as good rows under another id than that of their export."""
    if flag not in counted.days.columns:
        return 0
    return int(counted.days.filter(nw.col("state") == state)[flag].sum() or 0)


def excluded_for(counted: Counted, spec: Source, excluded: int) -> dict[str, int]:
    """Which key leaves out how many rows; what no other key does, `where` does."""
    found = {key: _flagged(counted, mark(key), EXCLUDED) for key in marked(counted.days.columns, spec, "exclude")}
    where = excluded - sum(found.values())
    return {key: rows for key, rows in (("where", where), ("total_lines", counted.totals), *found.items()) if rows}


def _noted(counted: Counted, spec: Source) -> dict[str, int]:
    found = {key: _flagged(counted, mark(key), GOOD) for key in marked(counted.days.columns, spec, "keep")}
    return {key: rows for key, rows in found.items() if rows}


def refuse_overflow(counted: Counted, columns: Iterable[str]) -> None:
    """InputError when the amounts of a column are so large that a sum could wrap."""
    good = counted.days.filter(nw.col("state") == GOOD)
    problems = [
        Problem("CT6401", f"the values of `{c}` add up to more than exact sums can hold", counted.source, "check the unit of the column")
        for c in columns
        if (good[f"size_{c}"].sum() or 0) > MOST_TOTAL
    ]
    if problems:
        raise InputError(problems)


def windows_of(source: str, rubric: Rubric, plan: Plan) -> set[Window]:
    """Every window that a metric looks at this source through."""
    if source in RECORDS:
        return {EVER}
    own = {p.metric.window or rubric.window for p in plan.metrics.values() if p.metric.source == source and p.metric.formula is None}
    return own or {rubric.window}


def _by_place(counted: Counted, rubric: Rubric, plan: Plan, as_of: date) -> Mapping[str, list[tuple[int, int]]]:
    """Rejected, excluded, used, before or after all windows → the rows and money of each day that is there."""
    dates = [window.dates(as_of) for window in windows_of(counted.source, rubric, plan)]
    spans = [(None if start is None else day_number(start), day_number(end)) for start, end in dates]
    balances = any(p.metric.aggregation == "time_weighted_mean" and p.metric.source == counted.source for p in plan.metrics.values())
    lasting = balances or is_about_ids(counted.source, rubric)
    places: dict[str, list[tuple[int, int]]] = {"rejected": [], "excluded": [], "used": [], "before": [], "after": []}
    for row in counted.days.iter_rows(named=True):
        state, day = row["state"], row["date_day"]
        place = "rejected" if state == REJECTED else "excluded" if state == EXCLUDED else _place(day, spans, lasting)
        places[place].append((row["rows"], int(row.get("money") or 0)))
    return places


def _place(day: int, spans: Sequence[tuple[int | None, int]], lasting: bool) -> str:
    if day == NO_DAY or any(day < end and (lasting or start is None or day >= start) for start, end in spans):
        return "used"
    return "after" if day >= max(end for _, end in spans) else "before"


def _reconcile(a: Account, money: int) -> None:
    rows = a.used + a.rejected + a.excluded + a.before_window + a.after_window
    if rows != a.read:
        raise Bug(Problem("CT9001", f"{a.source}: {a.read} rows were read and {rows} accounted for"))
    if money != a.money_read:
        raise Bug(Problem("CT9001", f"{a.source}: {money} of money was read and {a.money_read} accounted for"))
