"""Rows that are whole and yet suspicious: what marks them, and what becomes of them as the source says."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import narwhals as nw

from custier.frames import with_named
from custier.rubric.columns import CELL, RAW, ColumnKind
from custier.rubric.plan import day_number
from custier.rubric.source import Source
from custier.rubric.suspects import NoCustomer, action_of, mark, marked

NEVER_IN_FUTURE = ("transactions", "surveys", "events", "balances", "estimates")
"""An invoice may be due later than today; what has happened cannot be dated so."""

USUAL = NoCustomer()


@dataclass(frozen=True)
class Table:
    """A table as a suspicion looks at it; names: the columns of its frame."""

    source: str
    spec: Source
    kinds: Mapping[str, ColumnKind]
    today: date
    names: Collection[str]


@dataclass(frozen=True)
class Suspicion:
    """What marks a row. `holds` is None where it does not apply, or where reading has left the mark already; column: what is told of it."""

    key: str
    code: str
    column: str
    message: str
    holds: Callable[[Table], nw.Expr | None]


def with_suspicions(rows: Any, source: str, spec: Source, kinds: Mapping[str, ColumnKind], today: date) -> Any:
    """Rows with `kept` (bool) → the same with a mark (bool) per suspicion that applies, and `kept` only where none excludes the row.

    A row that is excluded for one reason is not marked for the next, so that marks add up.
    """
    names = rows.collect_schema().names()
    made: dict[str, nw.Expr] = {}
    kept = nw.col("kept")
    for suspicion in SUSPICIONS:
        holds = suspicion.holds(Table(source, spec, kinds, today, names))
        if holds is None and mark(suspicion.key) not in names:
            continue
        held = (nw.col(mark(suspicion.key)) if holds is None else holds).fill_null(False)
        made[mark(suspicion.key)] = kept & held
        if action_of(spec, suspicion.key) == "exclude":
            kept = kept & ~held
    return with_named(rows, made | ({"kept": kept} if made else {}))


def unsuspected(names: Collection[str], spec: Source) -> nw.Expr:
    """Whether no suspicion rejects the row, of rows that `with_suspicions` marked."""
    rejecting = [~nw.col(mark(key)) for key in marked(names, spec, "reject")]
    return nw.all_horizontal(*rejecting, ignore_nulls=False) if rejecting else nw.lit(True)


def rejecting(names: Collection[str], spec: Source) -> list[Suspicion]:
    """The suspicions that reject rows of such a table."""
    keys = marked(names, spec, "reject")
    return [suspicion for suspicion in SUSPICIONS if suspicion.key in keys]


def is_nobody(text: nw.Expr, spec: Source) -> nw.Expr:
    """Whether an id, with or without spaces around it, stands for nobody."""
    return text.str.contains((spec.no_customer or USUAL).pattern)


def nobody_by_number(spec: Source, names: Collection[str], numbers_among: Callable[[Iterable[str]], list[int]]) -> dict[str, nw.Expr]:
    """The mark of nobody's rows where customer_id is a number held for each text of one form, so that no text has to be looked at;
    nothing where some suspicion leaves rows out, since then it is about fewer rows. numbers_among: those that stand for such texts.
    """
    name = mark("no_customer")
    if name not in names or any(marked(names, spec, "exclude")):
        return {}
    numbers = numbers_among((spec.no_customer or USUAL).forms)
    held = nw.col("customer_id").is_in(numbers).fill_null(False) if numbers else nw.lit(False)
    return {name: nw.col("kept") & held}


def _nobody(table: Table) -> nw.Expr | None:
    if "customer" not in table.kinds:
        return None
    held = is_nobody(nw.col("customer_id" + CELL if "customer_id" + CELL in table.names else "customer_id"), table.spec)
    return held | nw.col("customer_id" + RAW).is_null() if action_of(table.spec, "no_customer") == "exclude" else held


def _in_future(table: Table) -> nw.Expr | None:
    """Where such rows are rejected, the check of the date does so."""
    if "date" not in table.kinds or table.source not in NEVER_IN_FUTURE or action_of(table.spec, "future") == "reject":
        return None
    return nw.col("date_day") > day_number(table.today)


def _amount(holds: Callable[[nw.Expr], nw.Expr]) -> Callable[[Table], nw.Expr | None]:
    return lambda table: holds(nw.col("amount")) if table.source == "transactions" and "amount" in table.kinds else None


def _by_reading(table: Table) -> None:
    """Told by looking at all rows of all files, which reading does."""


SUSPICIONS = [
    Suspicion("no_customer", "CT3031", "customer", "stands for nobody", _nobody),
    Suspicion("future", "CT3203", "date", "is dated later than today", _in_future),
    Suspicion("duplicates", "CT3032", "", "the row is like an earlier one in every column", _by_reading),
    Suspicion("same_order", "CT3033", "order", "stands in another file too", _by_reading),
    Suspicion("overlaps", "CT3041", "date", "is a day that a later file holds too", _by_reading),
    Suspicion("refunds", "CT3034", "amount", "is below 0", _amount(lambda amount: amount < 0)),
    Suspicion("zero_amounts", "CT3035", "amount", "is 0", _amount(lambda amount: amount == 0)),
]
"""In the order of the keys in `rubric.suspects`."""
