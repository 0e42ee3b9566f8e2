"""A measured population → graded customers, part by part, in the order of their ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import narwhals as nw
import polars as pl

from custier.compare import Last
from custier.frames import Frame
from custier.grade import Hold, Policy, cut_population, grade_customers, rank_accounts, reconcile
from custier.pipeline.gather import Gathered
from custier.pipeline.keep import Run
from custier.pipeline.population import Part, Population, measure_population
from custier.pipeline.touched import with_touched
from custier.values import Cut


@dataclass(frozen=True)
class Grading:
    """Everything that grades a customer, with where the population is cut. given: a frame of Polars as one of the population's engine."""

    population: Population
    policy: Policy
    cuts: Sequence[Cut]
    given: Callable[[Frame], Frame] = lambda frame: frame
    touched: Frame | None = None  # customer_id, rejected_rows

    def chunks(self) -> Iterator[pl.DataFrame]:
        """The graded customers of each part, sorted by customer_id."""
        for part in self.population.parts:
            policy = replace(self.policy, last=_last_of(part, self.policy.last, self.given))
            graded = grade_customers(part.frame, self.population.frame, policy, self.cuts).collect(backend="polars")
            reconcile(graded.lazy(), self.policy.rubric)
            graded = with_touched(graded.lazy(), self.touched).collect(backend="polars")
            chunk: pl.DataFrame = graded.to_native()
            yield chunk if chunk["customer_id"].is_sorted() else chunk.sort("customer_id")


def grade_population(run: Run, scratch: Path) -> Grading:
    """The customers of a run measured, and the population cut; raises DataError (CT3301)."""
    job, gathered, earlier = run.job, run.gathered, run.earlier
    population = measure_population(gathered, job.rubric, run.as_of, earlier.before, scratch)
    policy = Policy(job.rubric, gathered.plan, run.as_of, earlier.before, earlier.last, kept=run.cuts)
    return replace(graded_by(population, policy, lambda frame: frame.collect().lazy()), touched=touched_of(gathered))


def graded_by(population: Population, policy: Policy, hold: Hold, given: Callable[[Frame], Frame] = lambda frame: frame) -> Grading:
    """A measured population with all that is found by looking at everyone at once."""
    cuts = cut_population(population.frame, policy, hold)
    return Grading(population, rank_accounts(population.frame, policy, cuts, hold), cuts, given)


def touched_of(gathered: Gathered) -> Frame | None:
    """Of whom a row was rejected, as a frame; None where it is nobody."""
    return nw.from_native(gathered.touched.lazy()) if len(gathered.touched) else None


def _last_of(part: Part, last: Last | None, given: Callable[[Frame], Frame]) -> Last | None:
    """The customers of the last run between the first and the last of a part."""
    if last is None:
        return None
    within = (nw.col("customer_id") >= part.first) & (nw.col("customer_id") <= part.last)
    return replace(last, customers=given(last.customers.filter(within)))
