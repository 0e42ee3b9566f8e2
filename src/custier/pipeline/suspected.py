"""What a run has to say of rows and customers that look suspicious and count all the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import narwhals as nw
import polars as pl

from custier.errors import in_number
from custier.expressions import first_true
from custier.frames import Frame
from custier.pipeline.keep import Run
from custier.pipeline.twin_files import twin_files
from custier.read.ids import bare, spelt
from custier.rubric.suspects import Ids
from custier.rubric.wanted import is_of_merges
from custier.tally import Alike, total
from custier.values import Account

SAID = {
    "duplicates": ("CT3032", "like an earlier row in every column, and count", "`duplicates: drop` in the rubric would leave them out"),
    "same_order": (
        "CT3033",
        "of orders that stand in several files, and count",
        "`same_order: last_file` in the rubric would take the last",
    ),
    "overlaps": (
        "CT3041",
        "of days that a later file holds too, and count",
        "`overlaps: last_file` in the rubric would take the last",
    ),
}
"""What is said of rows by key of the source; other suspicious rows are usual enough to be only counted."""

LEAST_SHARE, LEAST_TIMES = 20, 20
"""A customer with more than one of so many rows, and so many times the rows of the next one, may stand for nobody."""

LEAST_CUSTOMERS = 20
LOOSE = Ids(case="ignore", width="ignore", zeros="ignore")
WITH_MORE = r"""[^\x00-\x7f]|^[='"]|\.0+$"""
"""Ids that a closer look is worth: with signs that have a width, or with what a spreadsheet adds."""


def suspicion_warnings(accounts: Sequence[Account]) -> Iterator[str]:
    """A warning per source and suspicion."""
    for account in accounts:
        for key, (code, said, cure) in SAID.items():
            if rows := account.noted.get(key):
                yield _coded(code, f"{in_number(rows, 'row', 'rows')} of {account.source} {'is' if rows == 1 else 'are'} {said}", cure)


def rounded_warnings(rejected: pl.DataFrame) -> Iterator[str]:
    """A warning per source with rejected ids in scientific notation, of which a few beside many others look harmless and are not."""
    for source, rows in rejected.filter(pl.col("code") == "CT3009").group_by("source").len().sort("source").iter_rows():
        what = f"{in_number(rows, 'row', 'rows')} of {source} {'is' if rows == 1 else 'are'} rejected for an id in scientific notation"
        yield _coded("CT3009", what, "its last digits are lost; export it again with that column as text")


def _coded(code: str, what: str, cure: str = "") -> str:
    return f"{what} ({code}): {cure}" if cure else f"{what} ({code})"


def customer_warnings(customers: Frame, alike: Sequence[Alike], run: Run) -> Iterator[str]:
    """What is odd about customers and their rows: ids that differ in spelling only, one that has most rows, refunds of what was never
    bought, files that are twins.
    """
    if total(alike, "odd_ids"):
        yield from _spelling_warnings(customers, run)
    if times := _times_the_next(customers, alike):
        most = f"one customer has more than 5% of the rows, {times:,} times as many as the next"
        yield _coded("CT3037", most, "`no_customer: [ID]` if it stands for nobody")
    if owed := total(alike, "below_zero"):
        who = in_number(owed, "customer", "customers")
        yield _coded("CT3038", f"{who} gave back more than they bought, so that their spend is below 0")
    if shared := _orders_of_several(run):
        orders = in_number(shared, "order number belongs", "order numbers belong")
        yield _coded("CT3040", f"{orders} to several customers, and each counts as one order of each")
    for first, again in twin_files(run.gathered.kept):
        yield _coded("CT3042", f"{again} holds the same customers, days and amounts as {first}, and all its rows count", "give one of them")
    if early := _refunded_first(run):
        who = in_number(early, "customer has", "customers have")
        yield _coded("CT3039", f"{who} a refund that is dated before any purchase of the export")


def _spelling_warnings(customers: Frame, run: Run) -> Iterator[str]:
    """Ids that are spelt like another, by what would make them one; looked for where customers are in this process."""
    native = nw.to_native(customers)
    if not isinstance(native, pl.LazyFrame):
        return
    ids = native.select(pl.col("customer_id")).collect()
    if not _alike(ids, bare(text := pl.col("customer_id")), LOOSE):
        return
    has_earlier = run.earlier.run is not None
    renamed = _alike(ids, text, _declared(run)) if has_earlier else 0
    differ = _alike(ids, text, LOOSE) - renamed
    if renamed:
        what = f"{in_number(renamed, 'customer id is', 'customer ids are')} of earlier runs, and `ids` spells them otherwise now"
        yield _coded("CT3036", what, "a table of merges, old id to new, keeps their history; --previous none starts without")
    if differ:
        what = f"{in_number(differ, 'customer id differs', 'customer ids differ')} from another only in case, width or leading zeros"
        cure = "correct the export, or write `ids` in the rubric and a table of merges, old id to new, for what earlier runs know"
        yield _coded("CT3036", what, cure if has_earlier else "`ids` in the rubric would make them one")
    if marked := _alike(ids, bare(text), LOOSE) - renamed - differ:
        what = f"{in_number(marked, 'customer id differs', 'customer ids differ')} from another only in what a spreadsheet adds"
        yield _coded("CT3036", f'{what}, as ="7", \'7 or 7.0', "export that column again as text")


def _alike(ids: pl.DataFrame, text: pl.Expr, said: Ids) -> int:
    """How many ids go when they are spelt so."""
    odd = pl.when(pl.col("customer_id").str.contains(WITH_MORE)).then(spelt(text, Ids(width=said.width)))
    one = spelt(pl.coalesce(odd, "customer_id"), Ids(case=said.case, zeros=said.zeros))
    return len(ids) - int(ids.select(one.n_unique()).item())


def _declared(run: Run) -> Ids:
    """What every table of customers has its ids brought into."""
    rubric = run.job.rubric
    said = [rubric.sources[name].ids or Ids() for name in run.gathered.counted if not is_of_merges(name, rubric)]
    return Ids.model_validate({key: "ignore" for key in Ids.model_fields if all(getattr(ids, key) == "ignore" for ids in said)})


def _times_the_next(customers: Frame, alike: Sequence[Alike]) -> int:
    """How many times as many rows one customer has as the next; 0 where that is usual."""
    rows, first = nw.col("rows_in_window"), max((each["most_rows"] for each in alike), default=0)
    if not first or total(alike, "customers") < LEAST_CUSTOMERS or first * LEAST_SHARE <= total(alike, "rows"):
        return 0
    ones, second = (
        customers.select(ones=first_true([(rows == first, 1)], 0).sum(), second=first_true([(rows < first, rows)], 0).max())
        .collect(backend="polars")
        .row(0)
    )
    times = first // max(int(second), 1)
    return times if ones == 1 and times > LEAST_TIMES else 0


def _orders_of_several(run: Run) -> int:
    """Order numbers that several customers have; looked for where the run keeps its rows."""
    rows = run.gathered.kept.get("transactions")
    if rows is None or "order" not in rows.collect_schema().names():
        return 0
    pairs = rows.filter(pl.col("order").is_not_null()).select("order", "customer_id").unique()
    return int(pairs.group_by("order").len().select((pl.col("len") > 1).sum()).collect().item())


def _refunded_first(run: Run) -> int:
    """Customers whose first refund is before their first purchase, or who have none; looked for where the run keeps its rows."""
    rows = run.gathered.kept.get("transactions")
    if rows is None or not {"amount", "date_day"} <= set(rows.collect_schema().names()):
        return 0
    refund, bought = (pl.col("date_day").filter(held).min() for held in (pl.col("amount") < 0, pl.col("amount") > 0))
    firsts = rows.group_by("customer_id").agg(refund=refund, bought=bought)
    is_early = pl.col("refund").is_not_null() & (pl.col("refund") < pl.col("bought")).fill_null(True)
    return int(firsts.select(is_early.sum()).collect().item())
