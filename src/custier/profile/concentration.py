"""How much of what all customers spent the best of them have: exact integers in, exact quotients out."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import polars as pl

from custier.profile.values import Concentration, Largest, TopShare

PERCENTS = (1, 4, 15, 20)
"""The best of all, the next, those after them, and the fifth that 80/20 is said of."""

MOST_OF_IT = Fraction(80, 100)
LARGEST = 5
DECIMALS = 6


def concentration(spend: pl.Series, decimals: int) -> Concentration | None:
    """Spend per customer (integer minor units) → its concentration; None where nobody spent anything."""
    sizes = spend.cast(pl.Int128).clip(lower_bound=0).sort(descending=True)
    total, many = int(sizes.sum() or 0), len(sizes)
    if not total:
        return None
    sums = sizes.cum_sum()
    top = [_top(percent, sums, total, decimals) for percent in PERCENTS]
    needed = Fraction(total) * MOST_OF_IT
    enough = int((sums < needed.__ceil__()).sum()) + 1
    gini = gini_of(sizes)
    return Concentration(
        total=money(total, decimals),
        below_zero=int((spend < 0).sum()),
        top=top,
        customers_with_80_percent=enough,
        share_with_80_percent=decimal_of(Fraction(enough, many)),
        gini=decimal_of(gini),
        gini_numerator=gini.numerator,
        gini_denominator=gini.denominator,
    )


def gini_of(descending: pl.Series) -> Fraction:
    """0 where all have the same, near 1 where one has all: (n + 1 - 2 Σ sums / total) / n, the sums from the smallest up."""
    sums = descending.reverse().cum_sum()
    many, total = len(descending), int(descending.sum())
    return Fraction((many + 1) * total - 2 * int(sums.sum()), many * total)


def _top(percent: int, sums: pl.Series, total: int, decimals: int) -> TopShare:
    customers = max(1, len(sums) * percent // 100)
    amount = int(sums[customers - 1])
    return TopShare(percent, customers, money(amount, decimals), decimal_of(Fraction(amount, total)))


def largest(customers: pl.DataFrame, decimals: int, total: int) -> list[Largest]:
    """The customers with most spend (customer_id, spend), their ids masked."""
    first = customers.sort(["spend", "customer_id"], descending=[True, False]).head(LARGEST)
    return [
        Largest(masked(str(c)), money(s, decimals), decimal_of(Fraction(max(s, 0), total)))
        for c, s in first.select("customer_id", "spend").rows()
    ]


MASK = "•"


def masked(text: str) -> str:
    """`C00018` → `C0•••8`: enough to find somebody in one's own list, too little for anyone else."""
    return f"{text[:2]}{MASK * 3}{text[-1]}" if len(text) > 4 else f"{text[:1]}{MASK * 3}"


def money(minor: int, decimals: int) -> Decimal:
    return Decimal(minor).scaleb(-decimals)


def decimal_of(exact: Fraction) -> Decimal:
    """To six decimals, halves up."""
    power: int = 10**DECIMALS
    return Decimal((exact * power + Fraction(1, 2)).__floor__()).scaleb(-DECIMALS)
