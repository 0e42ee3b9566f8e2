"""The tiers, best first, with their part of customers, spend and profit, and where the population was cut."""

from __future__ import annotations

from itertools import accumulate

from rich.console import RenderableType
from rich.text import Text

from custier.show.grid import Column, Row, bar, grid, least_width, section
from custier.show.look import Look, styled
from custier.show.words import share, worded
from custier.values import Cut, Summary, TierCount

_BARS = (30, 20, 12, 6)


def tiers(summary: Summary, look: Look) -> RenderableType | None:
    """One line per tier; the bar takes the room that the numbers leave. Nothing where nobody was graded."""
    if not summary.tiers:
        return None
    columns, rows = _table(summary, look, 0)
    room = look.width - 4 - least_width(columns, rows)
    cells = next((n for n in _BARS if n <= room), 0)
    columns, rows = _table(summary, look, cells)
    return section("tiers", grid(columns, rows, look), *_concentration(summary.tiers))


def _table(summary: Summary, look: Look, cells: int) -> tuple[list[Column], list[Row]]:
    spend = any(t.spend is not None for t in summary.tiers)
    profit = any(t.profit_share is not None for t in summary.tiers)
    columns = [Column("tier"), Column("customers", right=True), Column("share", right=True)]
    columns += [Column("", picture=True)] if cells else []
    columns += [Column(f"spend {summary.currency}", right=True), Column("of spend", right=True)] if spend else []
    columns += [Column("of profit", right=True)] if profit else []
    widest = max((t.customer_share for t in summary.tiers), default=0) or 1
    rows: list[Row] = []
    for tier in [*summary.tiers, *_unrated(summary)]:
        row = [_named(tier), styled(f"{tier.customers:,}"), styled(share(tier.customer_share))]
        row += [styled(bar(tier.customer_share / widest, cells, look), "cyan")] if cells else []
        row += [styled(worded(tier.spend, "")), styled(share(tier.spend_share), "bold")] if spend else []
        rows.append([*row, *([styled(share(tier.profit_share))] if profit else [])])
    return columns, rows


def _named(tier: TierCount) -> Text:
    title = f" {tier.title}" if tier.title and tier.title != tier.name else ""
    return Text.assemble(styled(tier.name, "bold"), styled(title, "dim"))


def _unrated(summary: Summary) -> list[TierCount]:
    if not summary.unrated or any(t.name == "unrated" for t in summary.tiers):
        return []
    return [TierCount("unrated", None, summary.unrated, summary.unrated / max(summary.customers, 1), None, None, None)]


def _concentration(tiers: list[TierCount]) -> list[RenderableType]:
    """The 80/20 check: what the best tiers hold that together are nearest to a fifth of the customers."""
    if len(tiers) < 2 or any(t.spend_share is None for t in tiers):
        return []
    sums = list(accumulate(t.customer_share for t in tiers[:-1]))
    last = min(range(len(sums)), key=lambda i: abs(sums[i] - 0.2))
    best = tiers[: last + 1]
    names = best[0].name if last == 0 else f"{best[0].name} to {best[-1].name}" if last > 1 else f"{best[0].name} and {best[1].name}"
    held = f"{share(sum(t.spend_share or 0 for t in best))} of spend"
    if all(t.profit_share is not None for t in best):
        held += f", {share(sum(t.profit_share or 0 for t in best))} of profit"
    return [Text(), styled(f"80/20 check: {names}, {share(sums[last])} of customers, hold {held}", "dim")]


def cuts(summary: Summary, look: Look) -> RenderableType | None:
    """Each population cut: what was asked, what equal customers made of it, the lowest value that is in."""
    if not summary.cuts:
        return None
    columns = [
        Column("tier"), Column("asked", folds=True), Column("realised", right=True),
        Column("customers", right=True), Column("lowest value in", right=True), Column("ties"),
    ]  # fmt: skip
    return section("cuts", grid(columns, [_cut(cut) for cut in summary.cuts], look))


def _cut(cut: Cut) -> Row:
    lowest = f"{cut.by} {worded(cut.value)}" if cut.value is not None else "nobody"
    cells = (cut.asked, share(cut.realised_share), f"{cut.customers:,}", lowest, cut.ties)
    return [styled(cut.tier, "bold"), *(styled(cell) for cell in cells)]
