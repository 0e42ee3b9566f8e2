"""Whether the scores that tiers ask for can be made, and are asked from the best tier to the worst."""

from __future__ import annotations

from decimal import Decimal

from custier.rubric.bands import Cut, Span, shared, span_of, without
from custier.rubric.check.finding import Finding, Findings
from custier.rubric.model import Criterion, Edges, Rubric, Tier, plain, possible_points
from custier.rubric.yaml_file import Place


def tier_scores_can_be_reached(rubric: Rubric) -> Findings:
    first = next((i for i, tier in enumerate(rubric.tiers) if tier.score is not None), None)
    if first is None:
        return
    if not rubric.score:
        yield Finding(("tiers", first, "score"), "CT1409", "a tier asks for a score, and the rubric has no `score`", "add a score block")
        return
    possible = score_span(list(rubric.score.values()))
    free = [possible]
    for i, tier in enumerate(rubric.tiers):
        yield from _unreachable(("tiers", i, *(("score",) if tier.score else ())), tier, possible, free)
        if tier.score is not None and tier.when is None and tier.slice is None:
            free = without(free, span_of(tier.score))


def _unreachable(place: Place, tier: Tier, possible: Span, free: list[Span]) -> Findings:
    edges = tier.score or Edges()
    if not shared([possible], span_of(edges)):
        what = f"no score can be `{edges.in_words}`: scores go from {plain(possible.low.value)} to {plain(possible.high.value)}"
        yield Finding(place, "CT1408", what, "lower what the tier asks for, or raise the points")
    elif not shared(free, span_of(edges)):
        what = f"the tier `{tier.name}` is never reached, because the tiers above it take every score it could have"
        yield Finding(place, "CT1408", what, "write the tiers from the best to the worst, each asking for less, the last for nothing")


def score_span(criteria: list[Criterion]) -> Span:
    """The lowest to the highest score that these criteria can make, whichever of them are skipped."""
    return Span(Cut(-_highest(criteria, -1), 0), Cut(_highest(criteria, 1), 1))


def _highest(criteria: list[Criterion], sign: int) -> Decimal:
    """The highest score of points times sign: all criteria that are always counted, and skippable ones while they raise it."""
    best = {id(c): sign * (max if sign > 0 else min)(possible_points(c)) for c in criteria}
    always = [c for c in criteria if c.missing != "skip"]
    skippable = sorted((c for c in criteria if c.missing == "skip"), key=lambda c: -best[id(c)])
    choices = [[*always, *skippable[:n]] for n in range(len(skippable) + 1)]
    return max(Decimal(sum(best[id(c)] * c.weight for c in chosen)) / sum(c.weight for c in chosen) for chosen in choices if chosen)
