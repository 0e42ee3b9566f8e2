"""Which metrics outgrow their columns, asked only after a run has stopped."""

from __future__ import annotations

from collections.abc import Callable

import narwhals as nw

from custier.frames import Frame
from custier.rubric.formula import names_in
from custier.rubric.plan import PER, Plan, Planned


def outgrown_metrics(measured: Callable[[Plan], Frame], plan: Plan) -> list[str]:
    """The metrics that 64 bits cannot hold for some customer, without those that are only made from such a metric.

    measured: the customers with the metrics of a plan.
    """
    outgrown = {name for name, planned in plan.metrics.items() if not _fits(measured(_alone(name, plan)), planned)}
    return [name for name in plan.metrics if name in outgrown and not outgrown & _made_from(plan.metrics[name], plan)]


def _alone(name: str, plan: Plan) -> Plan:
    """The plan of one metric and those it is made from."""
    needed, open_names = {name}, [name]
    while open_names:
        more = _made_from(plan.metrics[open_names.pop()], plan) - needed
        needed |= more
        open_names += more
    return Plan({n: p for n, p in plan.metrics.items() if n in needed})


def _fits(measured: Frame, planned: Planned) -> bool:
    columns = [planned.name, planned.name + PER] if planned.kind.quotient else [planned.name]
    try:
        measured.select(columns).collect()
    except nw.exceptions.InvalidOperationError as error:
        if not is_outgrown(error):
            raise
        return False
    return True


def is_outgrown(error: Exception) -> bool:
    """Whether a strict cast refused a number."""
    return "conversion" in str(error)


def _made_from(planned: Planned, plan: Plan) -> set[str]:
    made_from = planned.metric.formula or planned.metric.share_of_total or planned.metric.of_members
    return set() if made_from is None else names_in(made_from, set(plan.metrics)) - {planned.name}
