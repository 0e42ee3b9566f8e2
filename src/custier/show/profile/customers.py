"""How unequal customers are, and how often they buy."""

from __future__ import annotations

from rich.console import RenderableType

from custier.profile.values import Profile, TopShare
from custier.show.grid import Column, Row, bar, grid, section
from custier.show.look import Look, styled
from custier.show.words import share

CELLS = 24


def concentration(profile: Profile, look: Look) -> RenderableType | None:
    """What the best 1%, 4%, 15% and 20% have, how many have 80%, the Gini coefficient, the largest."""
    held = profile.concentration
    if held is None:
        return None
    currency = profile.currency or ""
    rows = []
    for top in held.top:
        name = look.told("best {percent}%", percent=top.percent)
        drawn = bar(float(top.share), CELLS, look)
        rows.append(
            [
                styled(name, "bold"),
                styled(f"{top.customers:,}"),
                styled(f"{top.amount:,f}"),
                styled(share(float(top.share)), "bold"),
                styled(drawn, "cyan"),
            ]
        )
    heads = [
        Column(""),
        Column(look.told("customers"), right=True),
        Column(f"{look.told('spend')} {currency}".rstrip(), right=True),
        Column(look.told("of spend"), right=True),
        Column("", picture=True),
    ]
    most = look.told(
        "80% of spend comes from {customers:,} customers ({share})",
        customers=held.customers_with_80_percent,
        share=share(float(held.share_with_80_percent)),
    )
    gini = look.told("Gini coefficient {gini:.4f} (0: all spend alike, 1: one spends all)", gini=held.gini)
    below = look.told("{customers:,} customers got back more than they spent, and count as 0", customers=held.below_zero)
    largest = look.told("the largest: {customers}", customers=", ".join(f"{c.customer} {c.amount:,f}" for c in profile.largest))
    notes = [most, gini, largest, *([below] if held.below_zero else [])]
    return section(
        look.told("concentration"), grid(heads, [_top(top, look) for top in held.top], look), *(styled(note, "dim") for note in notes)
    )


def _top(top: TopShare, look: Look) -> Row:
    return [
        styled(look.told("best {percent}%", percent=top.percent), "bold"),
        styled(f"{top.customers:,}"),
        styled(f"{top.amount:,f}"),
        styled(share(float(top.share)), "bold"),
        styled(bar(float(top.share), CELLS, look), "cyan"),
    ]


def orders(profile: Profile, look: Look) -> RenderableType | None:
    """How many customers bought how often."""
    again = profile.repeat
    if again is None or not profile.customers:
        return None
    heads = [
        Column(look.told("orders") if again.counted == "order" else look.told("days with a purchase")),
        Column(look.told("customers"), right=True),
    ]
    heads += [Column(look.told("share"), right=True), Column("", picture=True)]
    rows = []
    for name, customers in again.histogram.items():
        part = customers / profile.customers
        rows.append([styled(name, "bold"), styled(f"{customers:,}"), styled(share(part)), styled(bar(part, CELLS, look), "cyan")])
    return section(look.told("how often they bought"), grid(heads, rows, look))
