"""Flags and segments: labels beside the tier, each from its own conditions."""

from __future__ import annotations

from collections.abc import Collection

import narwhals as nw

from custier.expressions import first_true, joined, no_text
from custier.frames import Frame, with_named
from custier.rubric.condition import OTHERWISE
from custier.rubric.formula import compile_condition
from custier.rubric.model import Rubric
from custier.rubric.plan import Plan
from custier.rubric.segments import segment_layers


def segment_customers(customers: Frame, rubric: Rubric, plan: Plan, segments: Collection[str]) -> Frame:
    """Measured customers → the same with a text column for each of these segments, named as the segment: the first of its labels whose
    condition holds. A segment comes after those that its conditions name.
    """
    for layer in segment_layers(rubric):
        customers = with_named(customers, {segment: _label(segment, rubric, plan) for segment in layer if segment in segments})
    return customers


def flag_customers(customers: Frame, rubric: Rubric, plan: Plan) -> Frame:
    """Customers with their segments → the same with `flag_<f>` (bool) per flag, and `flags`: names of those that hold, joined by `; `."""
    flags = {f"flag_{name}": compile_condition(condition, plan.names) for name, condition in rubric.flags.items()}
    held = [nw.when(nw.col(f"flag_{name}")).then(nw.lit(name)).otherwise(no_text()) for name in rubric.flags]
    return with_named(customers, flags).with_columns(flags=joined(held))


def _label(segment: str, rubric: Rubric, plan: Plan) -> nw.Expr:
    labels = rubric.segments[segment]
    cases = [(compile_condition(test, plan.names), label) for label, test in labels.items() if test != OTHERWISE]
    return first_true(cases, next((label for label, test in labels.items() if test == OTHERWISE), no_text()))
