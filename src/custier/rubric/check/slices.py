"""Whether population slices say what they are cut by, and follow each other."""

from __future__ import annotations

from decimal import Decimal

from custier.rubric.check.finding import Finding, Findings
from custier.rubric.model import Rubric, Tier
from custier.rubric.scalars import ALL, hundredths


def slices_are_complete(rubric: Rubric) -> Findings:
    by = None
    for i, tier in enumerate(rubric.tiers):
        kinds = [kind for kind in ("top", "next", "cumulative_share") if getattr(tier, kind) is not None]
        if len(kinds) > 1:
            yield Finding(
                ("tiers", i, kinds[1]), "CT1411", f"the tier `{tier.name}` has two slices, {' and '.join(kinds)}", "keep one of them"
            )
        if not kinds and tier.by is not None:
            yield Finding(
                ("tiers", i, "by"), "CT1411", f"the tier `{tier.name}` has `by` and no slice", "add top, next or cumulative_share"
            )
        by = tier.by or by
        if kinds and by is None:
            yield Finding(
                ("tiers", i, kinds[0]), "CT1411", f"the slice of tier `{tier.name}` does not say by which metric", "add `by: spend`"
            )


def slices_follow_each_other(rubric: Rubric) -> Findings:
    """Each slice must reach further down than those above it that are measured alike, and none beyond everyone."""
    reached: dict[tuple[str | None, str], Decimal] = {}
    by = None
    for i, tier in enumerate(rubric.tiers):
        by = tier.by or by
        if tier.slice is None:
            continue
        measured, depth = _depth(tier, reached.get((by, "share"), Decimal(0)))
        if measured != "customers" and depth > ALL:
            yield Finding(
                ("tiers", i, tier.slice),
                "CT1412",
                f"the slices down to `{tier.name}` make {hundredths(int(depth))}%",
                "let them make 100% or less",
            )
        if depth <= reached.get((by, measured), Decimal(-1)):
            what = f"the tier `{tier.name}` is never reached, because a slice above it goes as far down"
            yield Finding(
                ("tiers", i, tier.slice), "CT1412", what, "write slices from the smallest to the largest; each is counted from the top"
            )
        elif tier.when is None and tier.score is None:
            reached[by, measured] = depth


def _depth(tier: Tier, share_above: Decimal) -> tuple[str, Decimal]:
    """How a slice is measured, and how far down it goes: in basis points, or customers."""
    if tier.next is not None:
        return "share", share_above + tier.next
    if tier.cumulative_share is not None:
        return "of total", Decimal(tier.cumulative_share)
    top = tier.top or ""
    number = Decimal(top.split()[0].rstrip("%％"))
    return ("customers", number) if "customer" in top else ("share", number * 100)
