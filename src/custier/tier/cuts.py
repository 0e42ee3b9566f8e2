"""Where a slice of the population is cut: ties together, decided on whole numbers only.

A cut is the lowest value that is in. Ranks count from the best; a rank fits up to `customers × share // 10 000`, asked of the first
rank of a group of equals (`ties: generous`) or of its last (`strict`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import narwhals as nw

from custier.frames import Frame
from custier.rubric.formula import Number, rounded
from custier.rubric.model import Rubric, Tier
from custier.rubric.plan import Plan
from custier.rubric.scalars import ALL, percent
from custier.values import Cut

QUOTIENT_DECIMALS = 6


@dataclass(frozen=True)
class Slice:
    """What a tier asks of the population: a number of customers and a share of them (basis points), or a share of the total."""

    tier: Tier
    by: str
    share: int = 0
    customers: int = 0
    of_total: int | None = None

    def ranks(self, everyone: int, after: int = 0) -> int | None:
        """The last rank that fits (or one after it), of so many customers; None for a share of the total."""
        return None if self.of_total is not None else (everyone * self.share) // ALL + self.customers + after

    @property
    def asked(self) -> str:
        if self.of_total is not None:
            return f"{percent(self.of_total)} of {self.by}"
        parts = [f"{self.customers} customers"] if self.customers else []
        return "top " + " and ".join(parts + ([percent(self.share)] if self.share or not parts else []))


def slices(rubric: Rubric) -> Iterator[Slice]:
    """The population slices of a rubric; `by` is inherited, and `next` follows the slices above it by the same metric."""
    by, share, customers = "", 0, 0
    for tier in rubric.tiers:
        if tier.by not in (None, by):
            by, share, customers = str(tier.by), 0, 0
        if tier.top is not None and tier.top.strip().endswith(("%", "％")):
            share, customers = int(Decimal(tier.top.strip().rstrip("%％ ")) * 100), 0
            yield Slice(tier, by, share)
        elif tier.top is not None:
            share, customers = 0, int(tier.top.split()[0])
            yield Slice(tier, by, share, customers)
        elif tier.next is not None:
            share += tier.next
            yield Slice(tier, by, share, customers)
        elif tier.cumulative_share is not None:
            yield Slice(tier, by, of_total=tier.cumulative_share)


def cut_key(plan: Plan, by: str) -> Number:
    """The whole number that a slice is ranked by: the metric itself, a quotient rounded to the sixth decimal."""
    value = plan.value(by)
    return value if value.den is None else rounded(value, QUOTIENT_DECIMALS)


def find_cuts(rated: Frame, rubric: Rubric, plan: Plan) -> list[Cut]:
    """Rated customers with their metrics → the cut of every slice."""
    return [_find_cut(s, *_counts(rated, cut_key(plan, s.by)), cut_key(plan, s.by).scale) for s in slices(rubric)]


def _counts(rated: Frame, key: Number) -> tuple[list[int], list[int]]:
    """The different values, best first, and how many customers have each."""
    keys = rated.select(key=key.num.cast(nw.Int64())).filter(~nw.col("key").is_null())
    counted = keys.group_by("key").agg(nw.len().alias("customers")).sort("key", descending=True).collect()
    return counted["key"].to_list(), counted["customers"].to_list()


def _find_cut(asked: Slice, values: list[int], customers: list[int], scale: int) -> Cut:
    everyone, total = sum(customers), sum(v * n for v, n in zip(values, customers, strict=True) if v > 0)
    inside, held, lowest = 0, 0, None
    for value, count in zip(values, customers, strict=True):
        strict = asked.tier.ties == "strict"
        rank = inside + (count if strict else 1)
        part = held + (value * count if strict else 0)
        if not _is_in(asked, rank, everyone, part, total, value):
            break
        inside, held, lowest = inside + count, held + value * count, value
    return Cut(
        tier=asked.tier.name,
        by=asked.by,
        asked=asked.asked,
        ties=asked.tier.ties,
        asked_share=_asked_share(asked, everyone),
        realised_share=_realised_share(asked, inside, everyone, held, total),
        customers=inside,
        value=None if lowest is None else Decimal(lowest).scaleb(-scale),
        num=lowest,
        den=10**scale,
        last_in=_at_rank(asked.ranks(everyone), values, customers),
        first_out=_at_rank(asked.ranks(everyone, 1), values, customers),
    )


def _at_rank(rank: int | None, values: list[int], customers: list[int]) -> int | None:
    """The value of the customer at this rank, the best being 1."""
    if rank is None or rank < 1:
        return None
    reached = 0
    for value, count in zip(values, customers, strict=True):
        reached += count
        if reached >= rank:
            return value
    return None


def _is_in(asked: Slice, rank: int, everyone: int, part: int, total: int, value: int) -> bool:
    if asked.of_total is not None:
        reached, most = part * ALL, total * asked.of_total
        return value > 0 and (reached <= most if asked.tier.ties == "strict" else reached < most)
    return rank <= (asked.ranks(everyone) or 0)


def _asked_share(asked: Slice, everyone: int) -> float | None:
    if asked.of_total is not None:
        return asked.of_total / ALL
    return asked.share / ALL + (asked.customers / everyone if everyone else 0)


def _realised_share(asked: Slice, inside: int, everyone: int, held: int, total: int) -> float:
    if asked.of_total is not None:
        return held / total if total else 0.0
    return inside / everyone if everyone else 0.0
