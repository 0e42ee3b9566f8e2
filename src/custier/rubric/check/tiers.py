"""Whether every tier has its own name and can be reached, and whether rules name tiers."""

from __future__ import annotations

from custier.errors import listed, nearest
from custier.rubric.check.finding import Finding, Findings
from custier.rubric.model import Rubric, Tier

UNRATED = "unrated"


def tier_names_differ(rubric: Rubric) -> Findings:
    names = rubric.tier_names
    for i, name in enumerate(names):
        if name == UNRATED:
            yield Finding(("tiers", i, "name"), "CT1405", f"`{UNRATED}` is kept for customers who are not graded", "choose another name")
        if name in names[:i]:
            yield Finding(("tiers", i, "name"), "CT1405", f"the tier `{name}` stands twice", "give each tier its own name")


def _asks_for_nothing(tier: Tier) -> bool:
    return tier.score is None and tier.when is None and tier.slice is None


def last_tier_takes_the_rest(rubric: Rubric) -> Findings:
    if rubric.matrix is not None:
        return
    *others, last = rubric.tiers
    if not _asks_for_nothing(last):
        place = ("tiers", len(others))
        yield Finding(
            place, "CT1406", f"the last tier `{last.name}` does not take everyone who is left", "add a last tier with only a name"
        )
    taker = next((i for i, tier in enumerate(others) if _asks_for_nothing(tier)), None)
    for i in range(len(rubric.tiers) if taker is None else taker + 1, len(rubric.tiers)):
        what = f"the tier `{rubric.tiers[i].name}` is never reached, because `{rubric.tiers[taker or 0].name}` above it asks for nothing"
        yield Finding(("tiers", i), "CT1407", what, "let the tier above ask for a score, a condition or a slice")


def kept_tiers_exist(rubric: Rubric) -> Findings:
    for tier in rubric.retention.keep if rubric.retention is not None else ():
        if tier not in rubric.tier_names:
            near = nearest(tier, rubric.tier_names)
            cure = f"the nearest tier is `{near}`" if near else f"the tiers are {listed(rubric.tier_names)}"
            yield Finding(("retention", "keep", tier), "CT1413", f"`{tier}` is not a tier of this rubric", cure)


def retention_has_an_effect(rubric: Rubric) -> Findings:
    """A lowest tier that is kept and a fall that may be as deep as the tiers are say nothing."""
    retention, lowest = rubric.retention, rubric.tier_names[-1]
    if retention is None:
        return
    if lowest in retention.keep:
        what = f"`{lowest}` is the lowest tier, which nobody can fall from"
        yield Finding(("retention", "keep", lowest), "CT1495", what, "leave it out")
    steps = retention.max_steps_down
    if steps is not None and steps >= len(rubric.tiers) - 1:
        what = f"a fall of {steps} tiers is the deepest there is, so it limits nothing"
        yield Finding(("retention", "max_steps_down"), "CT1495", what, "lower it, or leave it out")
