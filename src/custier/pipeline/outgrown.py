"""Numbers that outgrow their 64 bits stop a run, with the metrics that it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import narwhals as nw
import polars as pl

from custier.errors import InputError, Problem, listed
from custier.frames import Frame
from custier.measure import Before
from custier.measure.fit import is_outgrown, outgrown_metrics
from custier.measure.pool import measure_customers
from custier.pipeline.keep import Run
from custier.rubric.plan import Plan

ErrorTypes = tuple[type[Exception], ...]
ERRORS: ErrorTypes = (nw.exceptions.InvalidOperationError, pl.exceptions.InvalidOperationError)


@contextmanager
def refusing_outgrown(run: Run, errors: ErrorTypes = ERRORS, is_one: Callable[[Exception], bool] = is_outgrown) -> Iterator[None]:
    """InputError (CT6402), with the metrics that it was, when a number of a run outgrows its 64 bits while the block grades it.

    errors, is_one: what an engine raises then.
    """
    try:
        yield
    except errors as error:
        if not is_one(error):
            raise
        raise too_large(_outgrown(run)) from None


def too_large(metrics: list[str]) -> InputError:
    """Without metrics it was a rounding, inside a condition or of a cut, that outgrew its 64 bits."""
    what = "is too large for exact numbers"
    what = f"a metric {what}: {listed([f'`{name}`' for name in metrics])}" if metrics else f"a number in a condition or a cut {what}"
    cure = "check the unit of the amounts; in a quotient of quotients round each first: round(x, 4)"
    return InputError(Problem("CT6402", what, help=cure))


def _outgrown(run: Run) -> list[str]:
    gathered, rubric, before = run.gathered, run.job.rubric, Before(history=run.earlier.before.history)
    found: list[str] = []
    for tables in gathered.buckets:

        def measured(plan: Plan, tables: dict[str, Frame] = tables) -> Frame:
            return measure_customers(tables, rubric, plan, gathered.columns, run.as_of, before)

        found += [name for name in outgrown_metrics(measured, gathered.plan) if name not in found]
    return found
