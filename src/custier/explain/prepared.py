"""A rubric → all that `explain` needs of it, as plain data: what a run keeps, so that an answer need not load the rubric's language."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from custier.explain.policy import (
    FORMAT,
    Action,
    Asked,
    Axis,
    Band,
    Benefit,
    Criterion,
    Label,
    Matrix,
    Part,
    PointsPolicy,
    PointsRule,
    Policy,
    Retention,
    Rule,
    Tier,
)
from custier.reason import best_points
from custier.rubric import actions, matrix, model
from custier.rubric.benefits import Entitlement
from custier.rubric.condition import OTHERWISE, Condition, Conditions, condition_words
from custier.rubric.entitlements import entitlements
from custier.rubric.formula.tree import condition_tree, edges_tree
from custier.rubric.plan.references import known_names
from custier.rubric.points import PointsPolicy as PointsLedger
from custier.rubric.retention import Retention as RetentionOfTiers
from custier.rubric.scalars import part_in_words
from custier.rubric.segments import segment_layers
from custier.values import UNRATED


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
        matrix=None if rubric.matrix is None else _matrix(rubric.matrix),
        rules=[_rule(rule, rubric) for rule in rubric.rules],
        points=None if rubric.points is None else _points(rubric.points),
        rules_apply=rubric.rules_apply,
        retention=None if rubric.retention is None else _retention(rubric.retention, rubric),
        pooled=None if rubric.accounts is None else {name: m.of_members for name, m in rubric.metrics.items() if m.of_members},
        actions=[_action(action, as_of) for action in rubric.actions],
        flags={name: _condition(condition, rubric) for name, condition in rubric.flags.items()},
        segments={name: [_label(label, test, rubric) for label, test in labels.items()] for name, labels in rubric.segments.items()},
        told_in_order=[segment for layer in segment_layers(rubric) for segment in layer],
    )


def _asked(condition: Condition | None, rubric: model.Rubric) -> Asked | None:
    return None if condition is None else _condition(condition, rubric)


def _condition(condition: Condition, rubric: model.Rubric) -> Asked:
    names = known_names(rubric)
    parts = [] if isinstance(condition, str) else [*_parts(condition, 0, names)]
    return Asked(words=condition_words(condition), test=condition_tree(condition, names), parts=parts)


def _parts(joined: Conditions, depth: int, names: set[str]) -> Iterator[Part]:
    """Each condition that others are joined of, those below it after it."""
    for part in joined.parts:
        words = part if isinstance(part, str) else part.joined_by
        yield Part(words=words, depth=depth, test=condition_tree(part, names))
        if not isinstance(part, str):
            yield from _parts(part, depth + 1, names)


def _points(points: PointsLedger) -> PointsPolicy:
    earn = [
        PointsRule(name=r.name, title=r.title.en if r.title else None, title_zh=r.title.zh if r.title else None, words=r.in_words)
        for r in points.earn
    ]
    return PointsPolicy(earn=earn, redeem=points.redeem.in_words if points.redeem else "", expire=points.expire)


def _retention(retention: RetentionOfTiers, rubric: model.Rubric) -> Retention:
    keep = {tier: _condition(condition, rubric) for tier, condition in retention.keep.items()}
    return Retention(max_steps_down=retention.max_steps_down, keep=keep)


def _label(label: str, test: Condition, rubric: model.Rubric) -> Label:
    return Label(name=label, asked=None if test == OTHERWISE else _condition(test, rubric))


def _criterion(name: str, criterion: model.Criterion) -> Criterion:
    metric, missing = criterion.metric or name, criterion.missing
    return Criterion(
        metric=metric,
        weight=criterion.weight,
        missing=missing.points if isinstance(missing, model.MissingPoints) else missing,
        best_points=best_points(criterion),
        bands=_bands(criterion, metric),
        best=criterion.quantiles.best if isinstance(criterion, model.Parted) else None,
    )


def _bands(criterion: model.Criterion, metric: str) -> list[Band]:
    if isinstance(criterion, model.Banded):
        return [{"words": band.in_words, "test": edges_tree(band, metric), "points": band.points} for band in criterion.bands]
    words = [part_in_words(part, criterion.quantiles.parts) for part in range(1, criterion.quantiles.parts)]
    return [{"words": said, "test": None, "points": points} for said, points in zip([*words, "the rest"], criterion.earned, strict=True)]


def _tier(tier: model.Tier, rubric: model.Rubric) -> Tier:
    score = tier.score
    return Tier(
        name=tier.name,
        title=tier.title.zh if tier.title is not None else None,
        title_en=tier.title.en if tier.title is not None else None,
        benefits=[_benefit(e, tier, rubric) for e in entitlements(rubric)[tier.name]],
        score=None if score is None else Asked(words=score.in_words, test=edges_tree(score, "score"), parts=[]),
        when=_asked(tier.when, rubric),
    )


def _benefit(entitled: Entitlement, tier: model.Tier, rubric: model.Rubric) -> Benefit:
    listed = rubric.benefits.get(entitled.name)
    title, note = (listed.title, listed.note) if listed is not None else (None, None)
    return Benefit(
        name=entitled.name,
        title=title.en if title is not None else None,
        title_zh=title.zh if title is not None else None,
        quota=entitled.quota,
        note=note.en if note is not None else None,
        note_zh=note.zh if note is not None else None,
        inherited_from=entitled.granted_by if entitled.granted_by != tier.name else None,
    )


def _action(action: actions.Action, as_of: date) -> Action:
    asked = [f"tier {' or '.join(action.tier)}"] if action.tier else []
    asked += [f"change {' or '.join(action.change)}"] if action.change else []
    asked += [condition_words(action.when)] if action.when is not None else []
    due = None if action.due is None else action.due.after(as_of).isoformat()
    return Action(name=action.name, text=action.do.en, text_zh=action.do.zh, owner=action.owner, due=due, because=" and ".join(asked))


def _matrix(written: matrix.Matrix) -> Matrix:
    tiers = {row: {**cells} for row, cells in written.tiers.items()}
    return Matrix(rows=_axis(written.rows), columns=_axis(written.columns), tiers=tiers)


def _axis(axis: matrix.Axis) -> Axis:
    metric = axis.metric
    bands = (axis.bands or {}).items() if metric is not None else ()
    asked = {label: Asked(words=band.in_words, test=edges_tree(band, str(metric)), parts=[]) for label, band in bands}
    missing = None if axis.missing == UNRATED else axis.missing
    return Axis(name=axis.name, metric=metric, labels=[Label(name=label, asked=a) for label, a in asked.items()], missing=missing)


def _rule(rule: model.Rule, rubric: model.Rubric) -> Rule:
    effect, value = rule.effect
    reason = rule.reason
    en, zh = (reason.en, reason.zh) if reason is not None else (None, None)
    return Rule(name=rule.name, **_condition(rule.when, rubric), effect=effect, value=value, reason=en, reason_zh=zh)
