"""Where a customer stands among those who are ranked with it: counted in the stored evidence, two columns of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from custier.explain.earned import QUOTIENT_DECIMALS, cut_key
from custier.explain.exact import Values
from custier.values import NO_GROUP, PER, Cut, Kind, RankLine

WIDE = pl.Int128()


def rank_lines(evidence: list[Path], cuts: Sequence[Cut], values: Values, kinds: Mapping[str, Kind]) -> list[RankLine]:
    """The rank of a rated customer in every ranking that tiers are cut by, its own cuts given; equal customers have the same rank."""
    rankings = dict.fromkeys((cut.by, cut.within, cut.group) for cut in cuts)
    lines = []
    for by, within, group in rankings:
        key = cut_key(values[by], kinds[by])
        if key is None:
            continue
        ranked = pl.scan_parquet(evidence, glob=False).filter(pl.col("rated") & pl.col(by).is_not_null())
        if within is not None:
            ranked = ranked.filter(pl.col(within).cast(pl.String).fill_null(NO_GROUP) == group)
        better, everyone = _better(ranked, by, kinds[by], key)
        lines.append(RankLine(by, within, group, better + 1, everyone))
    return lines


def _better(ranked: pl.LazyFrame, by: str, kind: Kind, key: int) -> tuple[int, int]:
    """How many are above a key, of how many.

    Quotients are compared as floats first, which is quick; those so near to the key that floats could err are compared exactly.
    """
    if not kind.quotient:
        better, everyone = ranked.select(better=(pl.col(by) > key).sum(), everyone=pl.len()).collect().row(0)
        return better, everyone
    ranked = ranked.filter(pl.col(by + PER) != 0)
    value, mine = pl.col(by).cast(pl.Float64) / pl.col(by + PER) / 10**kind.scale, key / 10**QUOTIENT_DECIMALS
    near = 2 * 10**-QUOTIENT_DECIMALS + abs(mine) * 10**-12
    above, everyone = ranked.select(above=(value > mine + near).sum(), everyone=pl.len()).collect().row(0)
    close = ranked.filter((value - mine).abs() <= near).select((_key(by, kind) > key).sum()).collect().item()
    return above + close, everyone


def _key(by: str, kind: Kind) -> pl.Expr:
    """The whole number that customers are ranked by: a quotient is rounded half away from zero, in 128 bits."""
    if not kind.quotient:
        return pl.col(by)
    num, den = pl.col(by).cast(WIDE), pl.col(by + PER).cast(WIDE)
    shift, scale = pl.lit(2 * 10**QUOTIENT_DECIMALS, WIDE), pl.lit(10**kind.scale, WIDE)
    held = (num.abs() * shift + den.abs() * scale) // (den.abs() * scale * pl.lit(2, WIDE))
    return pl.when(den != 0).then(held * num.sign() * den.sign())
