"""What is in some exports, how concentrated their customers are, and whether grading them is worth it; nothing is graded or written."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from custier.account import EXCLUDED, GOOD, NO_DAY, REJECTED, excluded_for
from custier.pipeline.budget import memory_bytes
from custier.pipeline.gather import Gathered, gather
from custier.pipeline.one_source import Reading
from custier.pipeline.request import MOST_ROWS_KEPT
from custier.profile.columns import column_profiles
from custier.profile.concentration import concentration, largest
from custier.profile.customers import counted_as, per_customer, repeat
from custier.profile.dirt import counted_dirt, excluded_dirt, rejected_dirt
from custier.profile.values import Profile
from custier.profile.worth import three_tests, verdict_of
from custier.propose.mapping import Choice, Question, find_column
from custier.propose.nobody import LEAVES_OUT, NO_CUSTOMER
from custier.propose.opened import Opened
from custier.propose.questions import Ask, Looked, settled
from custier.propose.seen import seen_columns
from custier.propose.source import currency_of
from custier.propose.tables import open_as, open_tables
from custier.rubric.columns import usual_columns
from custier.rubric.load import load_rubric
from custier.rubric.model import Rubric, Source
from custier.rubric.plan import EPOCH

__all__ = ["Asked", "Profile", "profile_exports"]


@dataclass(frozen=True)
class Asked:
    """The command line of `profile`, as values. rubric: whose source of transactions says how to read the files, instead of a proposal."""

    looked: Looked
    today: date
    rubric: str | None = None


WANTED = {"customer": True, "date": True, "amount": False, "order": False}


def profile_exports(asked: Asked, ask: Ask = lambda _: None) -> Profile:
    """Looks, asks what only a person can say, and measures; raises InputError, RubricError, UsageError."""
    with tempfile.TemporaryDirectory(prefix="custier-") as scratch:
        if asked.rubric is not None:
            rubric = load_rubric(asked.rubric).rubric
            spec = rubric.sources.get("transactions", Source())
            tables = open_as(asked.looked, spec, Path(scratch))
            return profile_rows(tables["transactions"], spec, rubric.currency, rubric.currency_decimals, asked.today, Path(scratch))
        tables, looked = open_tables(asked.looked, Path(scratch), ask)
        (found,) = settled(tables, {"transactions": WANTED}, "profile", looked, _but_of_nobody(ask))
        return profile_rows(found.opened, found.spec, currency_of(found), found.decimals, asked.today, Path(scratch))


def _but_of_nobody(ask: Ask) -> Ask:
    """Rows without a customer are not asked about: a profile leaves them out, and tells how many they are."""

    def asked(question: Question) -> str | None:
        return LEAVES_OUT if question.column == NO_CUSTOMER else ask(question)

    return asked


def profile_rows(opened: Opened, spec: Source, currency: str | None, decimals: int, today: date, scratch: Path) -> Profile:
    """The profile of transactions as a rubric's source says how to read them; raises InputError."""
    rubric = _rubric(spec, currency, decimals)
    paths = [Path(e.file.path) for e in opened.exports]
    gathered = gather({"transactions": paths}, Reading(rubric, today, scratch, memory_bytes(None), MOST_ROWS_KEPT))
    frames = [bucket["transactions"].lazy().to_native() for bucket in gathered.buckets]
    customers = per_customer(frames, gathered.ids)
    has_amount, thing = "amount" in frames[0].collect_schema().names(), counted_as(frames[0].collect_schema().names())
    held = concentration(customers["spend"], decimals) if has_amount else None
    again = repeat(customers, thing)
    tests = three_tests(len(customers), again, held)
    columns = seen_columns(opened)
    roles = {h: name for name, column in spec.columns.items() for h in (*column.header, *(column.columns or ()))}
    for name in usual_columns("transactions"):
        found = None if name in spec.columns else find_column("transactions", name, columns)
        roles = dict.fromkeys(found.headers, name) | roles if isinstance(found, Choice) else roles
    used, rejected, excluded = _rows(gathered)
    customer = next((c.at for c in columns if roles.get(c.header) == "customer"), None)
    counted = gathered.counted["transactions"]
    left_out = excluded_for(counted, spec, excluded - counted.totals)
    first, last, months = _days(gathered)
    total = int(customers["spend"].clip(lower_bound=0).sum() or 0)
    return Profile(
        files=gathered.files,
        rows=counted.read,
        used=used,
        excluded=excluded,
        rejected=rejected,
        customers=len(customers),
        first_day=first,
        last_day=last,
        months=_span(first, last),
        months_without_rows=_span(first, last) - months,
        columns=column_profiles(opened, columns, roles),
        dirt=[*rejected_dirt(gathered.rejected), *excluded_dirt(opened, customer, left_out), *counted_dirt(opened)],
        currency=currency,
        currency_decimals=decimals,
        concentration=held,
        largest=largest(customers, decimals, total) if held else [],
        repeat=again,
        tests=tests,
        verdict=verdict_of(tests),
    )


def _rubric(spec: Source, currency: str | None, decimals: int) -> Rubric:
    """The least that measures what a profile tells: every customer's spend and orders, of all times."""
    has = spec.columns
    names = ["orders >= 0", *(["spend >= 0"] if "amount" in has else [])]
    said: dict[str, Any] = {"rubric": "profile", "currency_decimals": decimals, "window": "lifetime"}
    said |= {"currency": currency} if currency else {}
    said |= {"tiers": [{"name": "one", "when": " or ".join(names)}, {"name": "other"}]}
    return Rubric.model_validate(said).model_copy(update={"sources": {"transactions": spec}})


def _rows(gathered: Gathered) -> tuple[int, int, int]:
    """Rows of customers, rejected, and excluded."""
    counted = gathered.counted["transactions"]
    states = dict.fromkeys((GOOD, REJECTED, EXCLUDED), 0)
    for state, rows in zip(counted.days["state"].to_list(), counted.days["rows"].to_list(), strict=True):
        states[state] += rows
    return states[GOOD], states[REJECTED] + counted.malformed, states[EXCLUDED] + counted.totals


def _days(gathered: Gathered) -> tuple[date | None, date | None, int]:
    """The first and the last day of a customer's row, and how many months have one."""
    days = gathered.counted["transactions"].days
    good = [d for s, d in zip(days["state"].to_list(), days["date_day"].to_list(), strict=True) if s == GOOD and d > NO_DAY]
    if not good:
        return None, None, 0
    dates = [EPOCH + timedelta(days=d) for d in good]
    return min(dates), max(dates), len({(d.year, d.month) for d in dates})


def _span(first: date | None, last: date | None) -> int:
    """Calendar months from the first day to the last, both included."""
    return 0 if first is None or last is None else (last.year - first.year) * 12 + last.month - first.month + 1
