"""Whether conditions can hold at all, and whether each tier and label is ever somebody's."""

from __future__ import annotations

from collections.abc import Sequence

from custier.rubric.check.finding import Finding, Findings
from custier.rubric.check.known import SCORE, universe_of, usable_conditions, usable_trees
from custier.rubric.check.possible import Universe, Want, can_be
from custier.rubric.check.segments import labels_exist
from custier.rubric.check.tier_scores import tier_scores_can_be_reached
from custier.rubric.check.tiers import last_tier_takes_the_rest
from custier.rubric.condition import OTHERWISE, Condition, condition_words, formulas
from custier.rubric.formula.tree import Tree, condition_tree, edges_tree
from custier.rubric.formula.written import shortened
from custier.rubric.model import Rubric, Tier
from custier.rubric.yaml_file import Place

Asked = tuple[Tree, Want]

NOT_GRADED = "`eligible` leaves out everyone who fulfils its condition"


def conditions_can_hold(rubric: Rubric) -> Findings:
    """No condition excludes itself, such as `spend > 5 and spend < 3`."""
    universe, told = universe_of(rubric), {finding.place for finding in labels_exist(rubric)}
    for asked in usable_conditions(rubric):
        if not told & {place for place, _ in formulas(asked.condition, asked.place)}:
            yield from _impossible(asked.place, asked.condition, asked.names, universe)


def _impossible(place: Place, condition: Condition, names: set[str], universe: Universe) -> Findings:
    """The smallest parts that can never hold."""
    found: list[Finding] = []
    if not isinstance(condition, str):
        for n, part in enumerate(condition.parts):
            found += _impossible((*place, condition.key, n), part, names, universe)
    if not found and not can_be([(condition_tree(condition, names), "true")], universe):
        what = f"`{shortened(condition_words(condition))}` can never hold"
        found.append(Finding(place, "CT1463", what, "its comparisons exclude each other, or what can be at all; correct one of them"))
    yield from found


def who_is_graded(rubric: Rubric, trees: dict[Place, Tree], universe: Universe) -> list[Asked]:
    """What holds for all who have a tier."""
    eligible: list[Asked] = [(trees[("eligible",)], "true")] if ("eligible",) in trees else []
    return eligible if can_be(eligible, universe) else []


def tiers_get_their_turn(rubric: Rubric) -> Findings:
    """Those above a tier leave somebody for it; the last tier, which must be there, may be empty."""
    trees, universe = usable_trees(rubric), universe_of(rubric)
    graded = who_is_graded(rubric, trees, universe)
    told = {finding.place[1] for check in (tier_scores_can_be_reached, last_tier_takes_the_rest) for finding in check(rubric)}
    above: list[tuple[str, Tree]] = []
    for i, tier in enumerate(rubric.tiers[:-1] if rubric.matrix is None else ()):
        place: Place = ("tiers", i, "when")
        if tier.when is not None and place not in trees:
            continue
        tree = _asked_of(tier, trees.get(place))
        by = None if i in told else _taken_by(tree, above, graded, universe)
        if by is not None:
            what = f"the tier `{tier.name}` is never reached, because {by}"
            cure = "write tiers from the best to the worst, each asking for less than the one above"
            yield Finding(place if tier.when is not None else ("tiers", i), "CT1407", what, cure)
        elif tier.slice is None:
            above.append((f"whoever fulfils its condition fulfils that of `{tier.name}` above it", tree))


def _asked_of(tier: Tier, when: Tree | None) -> Tree:
    return ["and", *([edges_tree(tier.score, SCORE)] if tier.score is not None else []), *([when] if when is not None else [])]


def labels_get_their_turn(rubric: Rubric) -> Findings:
    """Those above a label leave somebody for it; `otherwise` may be empty."""
    trees, universe = usable_trees(rubric), universe_of(rubric)
    for segment, labels in rubric.segments.items():
        above: list[tuple[str, Tree]] = []
        for label, test in labels.items():
            tree = trees.get(("segments", segment, label))
            if tree is None or test == OTHERWISE:
                continue
            if (by := _taken_by(tree, above, [], universe)) is not None:
                what = f"the label `{label}` of `{segment}` is never given, because {by}"
                yield Finding(
                    ("segments", segment, label), "CT1466", what, "the first condition that holds wins: write the narrower one first"
                )
            else:
                above.append((f"whoever fulfils its condition fulfils that of `{label}` above it", tree))


def _taken_by(tree: Tree, above: Sequence[tuple[str, Tree]], graded: list[Asked], universe: Universe) -> str | None:
    """Why nobody is left for a condition that can hold by itself; None where somebody may be."""
    alone: list[Asked] = [(tree, "true")]
    if not can_be(alone, universe):
        return None  # told where conditions are checked
    if not can_be([*graded, *alone], universe):
        return NOT_GRADED
    one = next((why for why, other in above if not can_be([*graded, *alone, (other, "not true")], universe)), None)
    if one is not None:
        return one
    together: list[Asked] = [(other, "not true") for _, other in above]
    return None if can_be([*graded, *alone, *together], universe) else "those above it together leave nobody"
