"""What the tiers of a rubric ask of the population, or of each group in it: the best so many, the best share, who holds a share of all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from custier.rubric.model import Rubric, Tier, ranked_by
from custier.rubric.scalars import ALL, percent


@dataclass(frozen=True)
class Slice:
    """What a tier asks of the population: a number of customers and a share of them (basis points), or a share of the total.

    within: the text by which the population is divided; each group is then cut for itself.
    """

    tier: Tier
    by: str
    within: str | None = None
    share: int = 0
    customers: int = 0
    of_total: int | None = None

    @property
    def strict(self) -> bool:
        return self.tier.ties == "strict"

    def ranks(self, everyone: int) -> int:
        """The last rank that fits, of so many customers."""
        return (everyone * self.share) // ALL + self.customers

    @property
    def asked(self) -> str:
        if self.of_total is not None:
            return f"{percent(self.of_total)} of {self.by}"
        parts = [f"{self.customers} customer{'' if self.customers == 1 else 's'}"] if self.customers else []
        return "top " + " and ".join(parts + ([percent(self.share)] if self.share or not parts else []))


def slices(rubric: Rubric) -> Iterator[Slice]:
    """The population slices of a rubric; `by` and `within` are inherited, and `next` follows the slices above it in the same ranking."""
    by, within, share, customers = "", None, 0, 0
    for tier in rubric.tiers:
        ranking = ranked_by(tier, (by, within))
        if ranking != (by, within):
            (by, within), share, customers = ranking, 0, 0
        if tier.top is not None and tier.top.strip().endswith(("%", "％")):
            share, customers = int(Decimal(tier.top.strip().rstrip("%％ ")) * 100), 0
            yield Slice(tier, by, within, share)
        elif tier.top is not None:
            share, customers = 0, int(tier.top.split()[0])
            yield Slice(tier, by, within, share, customers)
        elif tier.next is not None:
            share += tier.next
            yield Slice(tier, by, within, share, customers)
        elif tier.cumulative_share is not None:
            yield Slice(tier, by, within, of_total=tier.cumulative_share)
