"""What moved a segment, in words: `value low → high (spend 48200.00 → 52300.00)`."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw

from custier.compare.last import Last
from custier.compare.told import told
from custier.expressions import joined, no_text
from custier.rubric.condition import OTHERWISE, Condition
from custier.rubric.formula import names_of
from custier.rubric.model import Rubric
from custier.rubric.plan import Plan, known_names


def metrics_in(condition: Condition | None, rubric: Rubric, plan: Plan) -> list[str]:
    """The metrics that a condition names, in the order in which they are measured."""
    used = _used(condition, rubric)
    return [name for name in plan.metrics if name in used]


def segments_in(condition: Condition | None, rubric: Rubric) -> list[str]:
    used = _used(condition, rubric)
    return [name for name in rubric.segments if name in used]


def metrics_behind(segments: Sequence[str], rubric: Rubric, plan: Plan) -> list[str]:
    """The metrics that decide these segments, and those that they are made from."""
    open_segments, behind = list(segments), set()
    for segment in open_segments:
        for test in rubric.segments[segment].values():
            used = _used(test, rubric)
            behind |= used
            open_segments += [name for name in rubric.segments if name in used and name not in open_segments]
    return [name for name in plan.metrics if name in behind]


def segment_move(segment: str, rubric: Rubric, last: Last, plan: Plan) -> nw.Expr:
    """The move in words where the label changed, with the metrics behind it; null elsewhere."""
    if segment not in last.columns:
        return no_text()
    return label_move(segment, segment, metrics_behind([segment], rubric, plan), last)


def label_move(name: str, column: str, metrics: Sequence[str], last: Last) -> nw.Expr:
    """`name low → high (…)` where a column of labels changed; null elsewhere."""
    was, now = (nw.coalesce(nw.col(c), nw.lit("none")) for c in (f"previous_{column}", column))
    why = [nw.col(told(metric)) for metric in metrics if metric in last.kinds]
    words = [nw.lit(f"{name} "), was, nw.lit(" → "), now]
    words += [nw.lit(" ("), joined(why, ", "), nw.lit(")")] if why else []
    return nw.when(was != now).then(nw.concat_str(*words)).otherwise(no_text())


def _used(condition: Condition | None, rubric: Rubric) -> set[str]:
    """The metrics and segments that a condition names, and the metrics behind the points that it names."""
    if condition is None or condition == OTHERWISE:
        return set()
    behind = {f"points_{name}": c.metric or name for name, c in rubric.score.items()}
    return {behind.get(name, name) for name in names_of(condition, known_names(rubric))}
