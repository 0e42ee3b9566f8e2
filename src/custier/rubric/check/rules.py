"""Whether rules name tiers, do something, are reached, and do not contradict each other."""

from __future__ import annotations

from collections.abc import Callable

from custier.errors import listed, nearest
from custier.rubric.check.finding import Finding, Findings
from custier.rubric.check.known import universe_of, usable_trees
from custier.rubric.check.possible import can_be
from custier.rubric.check.reach import NOT_GRADED, who_is_graded
from custier.rubric.model import Rubric, Rule

NAMES_A_TIER = ("at_most", "at_least", "set")
Holds = Callable[..., bool]


def rules_name_tiers(rubric: Rubric) -> Findings:
    for i, rule in enumerate(rubric.rules):
        effect, target = rule.effect
        if effect in NAMES_A_TIER and target not in rubric.tier_names:
            near = nearest(str(target), rubric.tier_names)
            cure = f"the nearest tier is `{near}`" if near else f"the tiers are {listed(rubric.tier_names)}"
            yield Finding(("rules", i, effect), "CT1413", f"`{target}` is not a tier of this rubric", cure)


def rule_names_differ(rubric: Rubric) -> Findings:
    names = [rule.name for rule in rubric.rules]
    for i, name in enumerate(names):
        if name in names[:i]:
            yield Finding(("rules", i, "name"), "CT1414", f"the rule `{name}` stands twice", "give each rule its own name")


def rules_can_change_a_tier(rubric: Rubric) -> Findings:
    best, worst = rubric.tier_names[0], rubric.tier_names[-1]
    for i, rule in enumerate(rubric.rules):
        effect, target = rule.effect
        why = ""
        if len(rubric.tiers) == 1:
            why = "there is only one tier"
        elif (effect, target) == ("at_most", best):
            why = f"no tier is better than `{best}`"
        elif (effect, target) == ("at_least", worst):
            why = f"no tier is worse than `{worst}`"
        if why:
            what = f"the rule `{rule.name}` never changes a tier, because {why}"
            yield Finding(("rules", i, effect), "CT1464", what, "name another tier, or leave the rule out")


def rules_get_their_turn(rubric: Rubric) -> Findings:
    """Where only the first applies, those above a rule leave somebody for it; where all do, no rule below always has the last word."""
    trees, universe = usable_trees(rubric), universe_of(rubric)
    graded, holds = who_is_graded(rubric, trees, universe), _holds(rubric)
    for i, rule in enumerate(rubric.rules):
        tree = trees.get(("rules", i, "when"))
        if tree is None or not can_be([(tree, "true")], universe):
            continue  # told where conditions are checked
        why = _never_decides(i, rubric, holds) if can_be([*graded, (tree, "true")], universe) else NOT_GRADED
        if why:
            what = f"the rule `{rule.name}` never decides anything, because {why}"
            yield Finding(
                ("rules", i, "when"), "CT1464", what, "let their conditions differ, write them in another order, or leave one out"
            )


def _never_decides(i: int, rubric: Rubric, holds: Holds) -> str:
    if rubric.rules_apply == "first":
        above = next((rubric.rules[j].name for j in range(i) if not holds(i, j)), None)
        if above is not None:
            return f"`{above}` above it holds whenever it does, and only the first applies"
        return "" if holds(i, *range(i)) else "one of those above it always holds when it does, and only the first applies"
    below = next((rule.name for j, rule in enumerate(rubric.rules) if j > i and rule.set is not None and not holds(i, j)), None)
    return "" if below is None else f"`{below}` below it holds whenever it does, and sets the tier"


def rules_do_not_contradict(rubric: Rubric) -> Findings:
    """Two rules for the very same customers do not pull both ways."""
    holds = _holds(rubric)
    for j, rule in enumerate(rubric.rules if rubric.rules_apply == "all" else ()):
        for i, earlier in enumerate(rubric.rules[:j]):
            if _opposed(earlier, rule, rubric) and holds(i) and not holds(i, j) and not holds(j, i):
                told = f"{earlier.effect_words}, {rule.effect_words}"
                what = f"the rules `{earlier.name}` and `{rule.name}` hold for the same customers and contradict each other: {told}"
                yield Finding(("rules", j, rule.effect[0]), "CT1465", what, "keep one of them, or let their conditions differ")


def _holds(rubric: Rubric) -> Holds:
    """Whether the rule of a number may hold for somebody who is graded, without those of other numbers."""
    trees, universe = usable_trees(rubric), universe_of(rubric)
    graded = who_is_graded(rubric, trees, universe)

    def holds(i: int, *without: int) -> bool:
        known = {j: trees[("rules", j, "when")] for j in (i, *without) if ("rules", j, "when") in trees}
        if i not in known:
            return True
        return can_be([*graded, (known[i], "true"), *((known[j], "not true") for j in without if j in known)], universe)

    return holds


def _opposed(earlier: Rule, later: Rule, rubric: Rubric) -> bool:
    """Whether no tier is as both rules want it; a later `set` makes the earlier rule pointless, which is told as such."""
    effects = {earlier.effect[0]: earlier, later.effect[0]: later}
    if set(effects) == {"up", "down"}:
        return True
    if later.set is not None or not {rule.effect[0] for rule in (earlier, later)} <= set(NAMES_A_TIER):
        return False
    (a_best, a_worst), (b_best, b_worst) = (_tiers_left(rule, rubric) for rule in (earlier, later))
    return a_worst < b_best or b_worst < a_best


def _tiers_left(rule: Rule, rubric: Rubric) -> tuple[int, int]:
    """The best and the worst place that a rule leaves."""
    effect, target = rule.effect
    if target not in rubric.tier_names:
        return 0, len(rubric.tiers)
    at = rubric.tier_names.index(str(target))
    return {"at_most": (at, len(rubric.tiers)), "at_least": (0, at), "set": (at, at)}[effect]
