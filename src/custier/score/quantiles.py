"""Where the population is cut for a criterion's points: by ranks, equal customers together, decided on whole numbers only.

The best values come first; where low is best, keys are values times -1. The best `i` of `n` parts end at a rank of `N` customers:

- edges by ranks: a rank is in up to `N × i / n`.
- interpolated edges: the quantile lies `(N - 1) × i / n` steps below the best (type 7 of Hyndman and Fan, that of R, numpy and Excel),
  mostly between two values. Who is above it, or on it, needs no quantile: it is a rank, `(rank - 1) × n` against `(N - 1) × i`.

Generous ties ask this of the first rank of equal customers, strict ones of the last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import narwhals as nw

from custier.expressions import is_eligible
from custier.frames import Frame
from custier.places import Place, Population, cut_key, population, values_at
from custier.rubric.formula import Number
from custier.rubric.model import Parted, Quantiles, Rubric
from custier.rubric.plan import Plan
from custier.rubric.scalars import part_in_words
from custier.values import Cut

MOST_DECIMALS = 6
Values = Mapping[Place, int | None]


@dataclass(frozen=True)
class Edge:
    """Where the best so many parts of a criterion end."""

    criterion: str
    metric: str
    quantiles: Quantiles
    part: int

    @property
    def sign(self) -> int:
        return -1 if self.quantiles.best == "low" else 1

    @property
    def strict(self) -> bool:
        return self.quantiles.ties == "strict"

    @property
    def interpolated(self) -> bool:
        return self.quantiles.edges == "interpolated"

    def last(self, everyone: int) -> int:
        """The last rank that is in, of so many customers."""
        parts = self.quantiles.parts
        if not self.interpolated:
            return everyone * self.part // parts
        steps = (everyone - 1) * self.part
        return -(-steps // parts) if self.strict else steps // parts + 1

    def places(self, everyone: int) -> list[Place]:
        """The last rank that is in, the one after it, and the two that an interpolated quantile lies between."""
        ranks = [self.last(everyone), self.last(everyone) + 1]
        above = (everyone - 1) * self.part // self.quantiles.parts + 1
        return [Place(rank) for rank in [*ranks, *([above, above + 1] if self.interpolated else [])]]

    def is_in(self, everyone: int, values: Values) -> nw.Expr:
        """Whether a customer's key is in; without a rank behind the last everyone is."""
        edge = values[Place(self.last(everyone) + self.strict)]
        if self.strict:
            return nw.lit(True) if edge is None else nw.col("key") > nw.lit(edge, nw.Int64())
        return nw.lit(False) if edge is None else nw.col("key") >= nw.lit(edge, nw.Int64())


def edges(rubric: Rubric) -> Iterator[Edge]:
    """The edges of all criteria by quantiles, of each from the best."""
    for name, criterion in rubric.score.items():
        if isinstance(criterion, Parted):
            for part in range(1, criterion.quantiles.parts):
                yield Edge(name, criterion.metric or name, criterion.quantiles, part)


def find_quantiles(customers: Frame, rubric: Rubric, plan: Plan, hold: Callable[[Frame], Frame] = lambda frame: frame) -> list[Cut]:
    """Customers with their metrics → the cuts of every criterion by quantiles, among all who are eligible and have a value.

    A few thousand counts are collected at most, never the customers; `hold` is the engine's way to work a frame out once.
    """
    asked: dict[str, list[Edge]] = {}
    for edge in edges(rubric):
        asked.setdefault(edge.criterion, []).append(edge)
    if not asked:
        return []
    keys = hold(eligible(customers, rubric, plan).select(**{name: best_first(of[0], plan).num for name, of in asked.items()}))
    return [cut for name, of in asked.items() for cut in _cuts_of(keys.select(key=nw.col(name)), of, cut_key(plan, of[0].metric).scale)]


def eligible(customers: Frame, rubric: Rubric, plan: Plan) -> Frame:
    return customers.with_columns(eligible=is_eligible(rubric, plan)).filter(nw.col("eligible"))


def best_first(edge: Edge, plan: Plan) -> Number:
    """The whole number that customers are ranked by, the greatest first."""
    key = cut_key(plan, edge.metric)
    return Number((key.num if edge.sign > 0 else nw.lit(0, nw.Int64()) - key.num).cast(nw.Int64()), key.scale)


def _cuts_of(keys: Frame, asked: Sequence[Edge], scale: int) -> list[Cut]:
    """The cuts of one criterion."""
    keys = keys.filter(~nw.col("key").is_null())
    among = population(keys, held=False)
    if among is None:
        return [_cut(edge, None, {}, 0, None, scale) for edge in asked]
    values = values_at(keys, [place for edge in asked for place in edge.places(among.everyone)], among)
    columns: dict[str, nw.Expr] = {}
    for edge in asked:
        key = nw.when(edge.is_in(among.everyone, values)).then(nw.col("key"))
        columns |= {f"customers_{edge.part}": key.count(), f"lowest_{edge.part}": key.min()}
    row = keys.select(**columns).collect().row(0)
    return [_cut(edge, among, values, row[2 * i], row[2 * i + 1], scale) for i, edge in enumerate(asked)]


def _cut(edge: Edge, among: Population | None, values: Values, customers: int, lowest: int | None, scale: int) -> Cut:
    everyone = among.everyone if among is not None else 0

    def value_of(key: int | None) -> int | None:
        return None if key is None else key * edge.sign

    last, following, *around = (value_of(values[place]) for place in edge.places(everyone)) if everyone else (None, None)
    held = value_of(lowest)
    return Cut(
        tier="",
        by=edge.metric,
        asked=part_in_words(edge.part, edge.quantiles.parts),
        ties=edge.quantiles.ties,
        asked_share=edge.part / edge.quantiles.parts,
        realised_share=customers / everyone if everyone else 0.0,
        customers=customers,
        value=None if held is None else Decimal(held).scaleb(-scale),
        num=held,
        den=10**scale,
        last_rank=edge.last(everyone) if everyone else None,
        last_in=last,
        first_out=following,
        ranked=everyone,
        criterion=edge.criterion,
        best=edge.quantiles.best,
        points=edge.quantiles.earned[edge.part - 1],
        quantile=_quantile(edge, everyone, around, scale),
    )


def _quantile(edge: Edge, everyone: int, around: Sequence[int | None], scale: int) -> Decimal | None:
    """The interpolated quantile itself, to read: so many parts of the way from one value to the next below it."""
    if not around or around[0] is None:
        return None
    above, below = around[0], around[0] if around[1] is None else around[1]
    parts = edge.quantiles.parts
    rest = (everyone - 1) * edge.part % parts
    quantile = Fraction(above * (parts - rest) + below * rest, parts * 10**scale)
    return Decimal(round(quantile * 10**MOST_DECIMALS)).scaleb(-MOST_DECIMALS).normalize() + 0
