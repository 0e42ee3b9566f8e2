"""The tiers, best first, with their part of customers, spend and profit."""

from __future__ import annotations

from itertools import accumulate

from rich.console import RenderableType
from rich.text import Text

from custier.show.grid import Column, Row, bar, grid, least_width, section
from custier.show.look import Look, styled
from custier.show.words import share, worded
from custier.values import Summary, TierCount

_BARS = (30, 20, 12, 6)


def tiers(summary: Summary, look: Look) -> RenderableType | None:
    """One line per tier; the bar takes the room that the numbers leave. Nothing where nobody was graded."""
    if not summary.tiers:
        return None
    columns, rows = _table(summary, look, 0)
    room = look.width - 4 - least_width(columns, rows)
    cells = next((n for n in _BARS if n <= room), 0)
    columns, rows = _table(summary, look, cells)
    return section(look.told("tiers"), grid(columns, rows, look), *_concentration(summary.tiers, look))


def _table(summary: Summary, look: Look, cells: int) -> tuple[list[Column], list[Row]]:
    spend = any(t.spend is not None for t in summary.tiers)
    profit = any(t.profit_share is not None for t in summary.tiers)
    columns = [Column(look.told("tier")), Column(look.told("customers"), right=True), Column(look.told("share"), right=True)]
    columns += [Column("", picture=True)] if cells else []
    columns += [Column(f"{look.told('spend')} {summary.currency}", right=True), Column(look.told("of spend"), right=True)] if spend else []
    columns += [Column(look.told("of profit"), right=True)] if profit else []
    widest = max((t.customer_share for t in summary.tiers), default=0) or 1
    rows: list[Row] = []
    for tier in [*summary.tiers, *_unrated(summary)]:
        row = [_named(tier, look), styled(f"{tier.customers:,}"), styled(share(tier.customer_share))]
        row += [styled(bar(tier.customer_share / widest, cells, look), "cyan")] if cells else []
        row += [styled(worded(tier.spend, look, "")), styled(share(tier.spend_share), "bold")] if spend else []
        rows.append([*row, *([styled(share(tier.profit_share))] if profit else [])])
    return columns, rows


def _named(tier: TierCount, look: Look) -> Text:
    title = look.titled(tier.title_en, tier.title)
    return Text.assemble(styled(tier.name, "bold"), styled(f" {title}" if title and title != tier.name else "", "dim"))


def _unrated(summary: Summary) -> list[TierCount]:
    if not summary.unrated or any(t.name == "unrated" for t in summary.tiers):
        return []
    return [TierCount("unrated", None, summary.unrated, summary.unrated / max(summary.customers, 1), None, None, None)]


def _concentration(tiers: list[TierCount], look: Look) -> list[RenderableType]:
    """The 80/20 check: what the best tiers hold that together are nearest to a fifth of the customers."""
    if len(tiers) < 2 or any(t.spend_share is None for t in tiers):
        return []
    sums = list(accumulate(t.customer_share for t in tiers[:-1]))
    last = min(range(len(sums)), key=lambda i: abs(sums[i] - 0.2))
    best = tiers[: last + 1]
    first, end = best[0].name, best[-1].name
    names = first if last == 0 else look.told("{first} to {last}" if last > 1 else "{first} and {last}", first=first, last=end)
    held = look.told("{share} of spend", share=share(sum(t.spend_share or 0 for t in best)))
    if all(t.profit_share is not None for t in best):
        held += look.told(", {share} of profit", share=share(sum(t.profit_share or 0 for t in best)))
    said = "80/20 check: {tiers}, {share} of customers, hold {held}"
    return [Text(), styled(look.told(said, tiers=names, share=share(sums[last]), held=held), "dim")]
