"""Whether bands, weights and missing values are complete."""

from __future__ import annotations

from itertools import pairwise

from custier.rubric.bands import band_faults
from custier.rubric.check.finding import Finding, Findings
from custier.rubric.model import Banded, Parted, Rubric
from custier.rubric.plan import can_be_missing
from custier.rubric.scalars import ALL, hundredths


def bands_hold_every_value_once(rubric: Rubric) -> Findings:
    for name, criterion in rubric.score.items():
        for fault in band_faults(criterion.bands) if isinstance(criterion, Banded) else ():
            place = ("score", name, "bands", *(() if fault.band is None else (fault.band,)))
            yield Finding(place, fault.code, f"{fault.what} in score.{name}", fault.help)


def better_parts_earn_no_less(rubric: Rubric) -> Findings:
    for name, criterion in rubric.score.items():
        if isinstance(criterion, Parted) and any(a < b for a, b in pairwise(criterion.earned)):
            what = f"a worse part earns more than a better one in score.{name}"
            cure = "write the points from the best part to the worst, and `best: low` where low values are the best"
            yield Finding(("score", name, "quantiles", "points"), "CT1470", what, cure)


def weights_make_a_hundred(rubric: Rubric) -> Findings:
    total = sum(criterion.weight for criterion in rubric.score.values())
    if rubric.score and total != ALL:
        yield Finding(("score",), "CT1404", f"the weights make {hundredths(total)}, not 100", "change them so that together they make 100")


def missing_values_are_provided_for(rubric: Rubric) -> Findings:
    for name, criterion in rubric.score.items():
        if criterion.missing is None and can_be_missing(rubric, criterion.metric or name):
            yield Finding(
                ("score", name), "CT1415", f"`{criterion.metric or name}` can be missing, and score.{name} does not say what that earns",
                "add missing: {points: N}, skip, unrated or fail",
            )  # fmt: skip
