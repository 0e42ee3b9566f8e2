"""What is to be done next with a customer: each action whose conditions hold."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw

from custier.expressions import joined, no_text
from custier.frames import Frame
from custier.rubric.actions import Action
from custier.rubric.formula import compile_condition
from custier.rubric.model import Rubric
from custier.rubric.plan import Plan, label_names


def choose_actions(customers: Frame, rubric: Rubric, plan: Plan) -> Frame:
    """Compared customers → the same with `action_<a>` (bool) per action, and `actions` (names of those to be done, joined by `; `),
    where the rubric has any; with `actions_apply: first` only the first whose conditions hold is done.
    """
    if not rubric.actions:
        return customers
    holds = {f"action_{action.name}": _holds(action, rubric, plan) for action in rubric.actions}
    customers = customers.with_columns(**holds)
    if rubric.actions_apply == "first":
        customers = customers.with_columns(**_only_first(list(holds)))
    done = [nw.when(nw.col(f"action_{a.name}")).then(nw.lit(a.name)).otherwise(no_text()) for a in rubric.actions]
    return customers.with_columns(actions=joined(done))


def _only_first(columns: Sequence[str]) -> dict[str, nw.Expr]:
    """Each column without the customers of those before it."""
    left, *others = (nw.col(column) for column in columns)
    found, taken = {columns[0]: left}, left
    for column, holds in zip(columns[1:], others, strict=True):
        found[column], taken = holds & ~taken, taken | holds
    return found


def _holds(action: Action, rubric: Rubric, plan: Plan) -> nw.Expr:
    asked = [compile_condition(action.when, label_names(rubric) | plan.names)] if action.when is not None else []
    asked += [_is_one_of("tier", action.tier)] if action.tier else []
    asked += [_is_one_of("change", action.change)] if action.change else []
    holds, *others = asked
    for other in others:
        holds = holds & other
    return holds


def _is_one_of(column: str, values: Sequence[str]) -> nw.Expr:
    found, *others = [nw.col(column) == value for value in values]
    for other in others:
        found = found | other
    return found
