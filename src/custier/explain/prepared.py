"""A rubric → all that `explain` needs of it, as plain data: what a run keeps, so that an answer need not load the rubric's language."""

from __future__ import annotations

from datetime import date

from custier.explain.policy import FORMAT, Asked, Criterion, Policy, Rule, Tier
from custier.explain.tree import edges_tree, formula_tree
from custier.reason import best_points
from custier.rubric import model
from custier.rubric.plan.references import known_metrics


def prepared(rubric: model.Rubric, as_of: date) -> Policy:
    """The policy of a run; values that JSON holds as they are, exact numbers as texts."""
    return Policy(
        format=FORMAT,
        rubric=rubric.rubric,
        title=rubric.full_title,
        currency=rubric.currency,
        window=rubric.window.in_words(as_of),
        eligible=_asked(rubric.eligible, rubric),
        criteria={name: _criterion(name, criterion) for name, criterion in rubric.score.items()},
        tiers=[_tier(tier, rubric) for tier in rubric.tiers],
        rules=[_rule(rule, rubric) for rule in rubric.rules],
        flags=list(rubric.flags),
        segments=list(rubric.segments),
    )


def _asked(text: str | None, rubric: model.Rubric) -> Asked | None:
    return None if text is None else Asked(words=text, test=formula_tree(text, known_metrics(rubric)))


def _criterion(name: str, criterion: model.Criterion) -> Criterion:
    metric, missing = criterion.metric or name, criterion.missing
    return Criterion(
        metric=metric,
        weight=criterion.weight,
        missing=missing.points if isinstance(missing, model.MissingPoints) else missing,
        best_points=best_points(criterion),
        bands=[{"words": band.in_words, "test": edges_tree(band, metric), "points": band.points} for band in criterion.bands],
    )


def _tier(tier: model.Tier, rubric: model.Rubric) -> Tier:
    score = tier.score
    return Tier(
        name=tier.name,
        title=tier.title.zh if tier.title is not None else None,
        benefits=list(tier.benefits),
        score=None if score is None else Asked(words=score.in_words, test=edges_tree(score, "score")),
        when=_asked(tier.when, rubric),
    )


def _rule(rule: model.Rule, rubric: model.Rubric) -> Rule:
    effect, value = rule.effect
    return Rule(name=rule.name, words=rule.when, test=formula_tree(rule.when, known_metrics(rubric)), effect=effect, value=value)
