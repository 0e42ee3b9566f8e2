"""Whether the benefits of tiers are those of the catalogue, and grow from tier to tier."""

from __future__ import annotations

from custier.errors import listed, nearest
from custier.rubric.benefits import times_a_year
from custier.rubric.check.finding import Finding, Findings
from custier.rubric.entitlements import entitlements
from custier.rubric.model import Rubric
from custier.rubric.yaml_file import Place


def benefits_of_a_tier_differ(rubric: Rubric) -> Findings:
    for i, tier in enumerate(rubric.tiers):
        names = [granted.name for granted in tier.benefits]
        for n, name in enumerate(names):
            if name in names[:n]:
                yield Finding(_place(i, n), "CT1480", f"the tier `{tier.name}` grants `{name}` twice", "keep one of the two")


def benefits_are_in_the_catalogue(rubric: Rubric) -> Findings:
    """Where there is a catalogue, it has every benefit."""
    for i, tier in enumerate(rubric.tiers):
        for n, granted in enumerate(tier.benefits):
            if rubric.benefits and granted.name not in rubric.benefits:
                near = nearest(granted.name, rubric.benefits)
                cure = f"the nearest is `{near}`" if near else f"add it to `benefits`, which has {listed(list(rubric.benefits))}"
                yield Finding(_place(i, n), "CT1481", f"`{granted.name}` is not in the catalogue of benefits", cure)


def quotas_do_not_fall(rubric: Rubric) -> Findings:
    """A warning: a better tier has a benefit less often than the one below it."""
    entitled = entitlements(rubric)
    for i, (tier, below) in enumerate(zip(rubric.tiers, rubric.tiers[1:], strict=False)):
        had = {e.name: e for e in entitled[below.name]} if tier.inherit_benefits else {}
        for n, granted in enumerate(tier.benefits):
            lower = had.get(granted.name)
            if lower is not None and times_a_year(granted.quota) < times_a_year(lower.quota):
                what = f"`{tier.name}` has `{granted.name}` {granted.quota}, and `{below.name}` below it {lower.quota or 'without a limit'}"
                yield Finding(_place(i, n), "CT1490", what, "let a better tier have at least as much, or leave it to be inherited")


def every_listed_benefit_is_granted(rubric: Rubric) -> Findings:
    """A warning: nobody has it."""
    granted = {benefit.name for tier in rubric.tiers for benefit in tier.benefits}
    for name in rubric.benefits:
        if name not in granted:
            yield Finding(("benefits", name), "CT1491", f"no tier grants `{name}`", "name it under `benefits` of a tier, or leave it out")


def _place(tier: int, n: int) -> Place:
    return ("tiers", tier, "benefits", n)
