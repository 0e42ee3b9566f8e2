"""Flags and segments: labels beside the tier, each from its own conditions."""

from __future__ import annotations

import narwhals as nw

from custier.expressions import first_true, joined, no_text
from custier.frames import Frame, with_named
from custier.rubric.formula import compile_condition
from custier.rubric.model import Rubric
from custier.rubric.plan import Plan


def mark_customers(customers: Frame, rubric: Rubric, plan: Plan) -> Frame:
    """Measured customers → the same with `flag_<f>` (bool) per flag, `flags` (names of those that hold, joined by `; `) and a text
    column per segment, named as the segment: the first of its conditions that holds.
    """
    marks = {f"flag_{name}": compile_condition(text, plan.names) for name, text in rubric.flags.items()}
    for segment, labels in rubric.segments.items():
        cases = [(compile_condition(text, plan.names), label) for label, text in labels.items() if text != "otherwise"]
        default = next((label for label, text in labels.items() if text == "otherwise"), no_text())
        marks[segment] = first_true(cases, default)
    held = [nw.when(nw.col(f"flag_{name}")).then(nw.lit(name)).otherwise(no_text()) for name in rubric.flags]
    return with_named(customers, marks).with_columns(flags=joined(held))
