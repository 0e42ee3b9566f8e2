"""Whether population slices say what they are cut by, and follow each other."""

from __future__ import annotations

from decimal import Decimal

from custier.errors import nearest
from custier.rubric.check.attribute import declared, is_slip
from custier.rubric.check.finding import Finding, Findings
from custier.rubric.model import Rubric, Tier, ranked_by
from custier.rubric.plan import is_text, known_metrics
from custier.rubric.scalars import ALL, hundredths

Ranking = tuple[str, str | None]
"""The metric that a slice is cut by, and what divides the population."""

NO_RANKING: Ranking = ("", None)


def slices_are_complete(rubric: Rubric) -> Findings:
    ranking = NO_RANKING
    for i, tier in enumerate(rubric.tiers):
        kinds = [kind for kind in ("top", "next", "cumulative_share") if getattr(tier, kind) is not None]
        if len(kinds) > 1:
            yield Finding(
                ("tiers", i, kinds[1]), "CT1411", f"the tier `{tier.name}` has two slices, {' and '.join(kinds)}", "keep one of them"
            )
        for key in ("by", "within") if not kinds else ():
            if getattr(tier, key) is not None:
                what = f"the tier `{tier.name}` has `{key}` and no slice"
                yield Finding(("tiers", i, key), "CT1411", what, "add top, next or cumulative_share")
        ranking = ranked_by(tier, ranking)
        if kinds and not ranking[0]:
            yield Finding(
                ("tiers", i, kinds[0]), "CT1411", f"the slice of tier `{tier.name}` does not say by which metric", "add `by: spend`"
            )


def kept_cuts_are_of_slices(rubric: Rubric) -> Findings:
    if rubric.cuts is not None and not rubric.rankings:
        yield Finding(("cuts",), "CT1411", "`cuts` keeps cuts, and no tier is a slice", "add top, next or cumulative_share to a tier")


def slices_divide_by_a_text(rubric: Rubric) -> Findings:
    """`within` must name what puts every customer into one group."""
    for i, tier in enumerate(rubric.tiers):
        if tier.within is None or tier.within in rubric.segments or is_text(rubric, tier.within):
            continue
        if tier.within in known_metrics(rubric):
            what, cure = (
                f"`{tier.within}` is a number, and `within` needs groups",
                "name a segment, which makes groups of a number by conditions",
            )
        else:
            brought = declared(tier.within, rubric)
            near = nearest(tier.within, [*rubric.segments, *known_metrics(rubric)])
            what = f"`{tier.within}`, within which `{tier.name}` is cut, is neither a segment nor a text"
            cure = f"the nearest is `{near}`" if near and is_slip(tier.within, rubric) else f"declare it under segments, or {brought}"
        yield Finding(("tiers", i, "within"), "CT1431", what, cure)


def slices_follow_each_other(rubric: Rubric) -> Findings:
    """Each slice must hold somebody, reach further down than those above it that are measured alike, and none beyond everyone."""
    reached: dict[tuple[Ranking, str], Decimal] = {}
    ranking, above = NO_RANKING, None
    for i, tier in enumerate(rubric.tiers):
        before, ranking = ranking, ranked_by(tier, ranking)
        above = above if before == ranking else None
        if tier.slice is None:
            continue
        measured, depth = _depth(tier, above or Decimal(0))
        if found := _fault(tier, measured, depth, reached.get((ranking, measured), Decimal(0)), above):
            yield Finding(("tiers", i, tier.slice), "CT1412", *found)
        if tier.slice != "cumulative_share":
            above = depth if measured == "share" else Decimal(0)
        if tier.when is None and tier.score is None:
            reached[ranking, measured] = max(depth, reached.get((ranking, measured), depth))


def _fault(tier: Tier, measured: str, depth: Decimal, reached: Decimal, above: Decimal | None) -> tuple[str, str] | None:
    """What is wrong with a slice that goes so far down, and the cure."""
    if tier.next is not None and above is None:
        what = f"`next` of tier `{tier.name}` follows no slice of customers by the same metric and within the same groups"
        return what, f"write `top: {hundredths(tier.next)}%`, or put the slice that it follows above it"
    if not depth or tier.next == 0:
        return f"the tier `{tier.name}` is a slice of 0%, which holds nobody", "ask for more than 0%"
    if measured != "customers" and depth > ALL:
        return f"the slices down to `{tier.name}` make {hundredths(int(depth))}%", "let them make 100% or less"
    if depth <= reached:
        what = f"the tier `{tier.name}` is never reached, because a slice above it goes as far down"
        return what, "write slices from the smallest to the largest; each is counted from the top"
    return None


def _depth(tier: Tier, share_above: Decimal) -> tuple[str, Decimal]:
    """How a slice is measured, and how far down it goes: in basis points, or customers."""
    if tier.next is not None:
        return "share", share_above + tier.next
    if tier.cumulative_share is not None:
        return "of total", Decimal(tier.cumulative_share)
    top = tier.top or ""
    number = Decimal(top.split()[0].rstrip("%％"))
    return ("customers", number) if "customer" in top else ("share", number * 100)
