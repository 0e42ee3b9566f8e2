"""A measured population → graded customers, part by part, in the order of their ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import narwhals as nw
import polars as pl

from custier.engines.in_turn import in_memory, in_turn
from custier.frames import Frame, added_to_some
from custier.grade import Hold, Policy, cut_population, grade_customers, rank_accounts, reconcile
from custier.pipeline.gather import Gathered
from custier.pipeline.keep import Run
from custier.pipeline.population import Part, Population, measure_population
from custier.pipeline.touched import with_touched
from custier.values import Cut

Grade = Callable[[Part], pl.DataFrame]
"""Measured customers of a part → the same graded."""


@dataclass(frozen=True)
class Grading:
    """Everything that grades a customer, with where the population is cut. planned: an engine's way to make what grades a part of it."""

    population: Population
    policy: Policy
    cuts: Sequence[Cut]
    planned: Callable[[Grading], Grade]
    touched: Frame | None = None  # customer_id, rejected_rows

    def chunks(self) -> Iterator[pl.DataFrame]:
        """The graded customers of each part, sorted by customer_id."""
        grade = self.planned(self)
        for part in self.population.parts:
            graded = grade(part)
            reconcile(nw.from_native(graded.lazy()), self.policy.rubric)
            chunk: pl.DataFrame = with_touched(nw.from_native(graded.lazy()), self.touched).collect(backend="polars").to_native()
            yield chunk if chunk["customer_id"].is_sorted() else chunk.sort("customer_id")


def grade_population(run: Run, scratch: Path) -> Grading:
    """The customers of a run measured, and the population cut; raises DataError (CT3301)."""
    job, gathered, earlier = run.job, run.gathered, run.earlier
    population = measure_population(gathered, job.rubric, run.as_of, earlier.before, scratch)
    policy = Policy(job.rubric, gathered.plan, run.as_of, earlier.before, earlier.last, added=added_to_some, kept=run.cuts)
    return replace(graded_by(population, policy, lambda frame: frame.collect().lazy(), planned_once), touched=touched_of(gathered))


def graded_by(population: Population, policy: Policy, hold: Hold, planned: Callable[[Grading], Grade]) -> Grading:
    """A measured population with all that is found by looking at everyone at once."""
    cuts = cut_population(population.frame, policy, hold)
    return Grading(population, rank_accounts(population.frame, policy, cuts, hold), cuts, planned)


def planned_once(grading: Grading) -> Grade:
    """One plan of Polars for all parts: making it takes a third as long as grading a part by it."""
    policy, last = grading.policy, grading.policy.last
    customers, put_customers = in_turn(grading.population.frame)
    if last is not None:
        before, put_before = in_turn(last.customers)
        policy = replace(policy, last=replace(last, customers=before))
    plan: pl.LazyFrame = grade_customers(customers, grading.population.frame, policy, grading.cuts).to_native()

    def grade(part: Part) -> pl.DataFrame:
        put_customers(part.frame)
        if last is not None:
            put_before(last.customers.filter(_within(part)))
        return in_memory(plan)

    return grade


def planned_each(given: Callable[[Frame], Frame], grading: Grading) -> Grade:
    """A plan for each part. given: a frame of Polars as one of the population's engine."""

    def grade(part: Part) -> pl.DataFrame:
        policy, last = grading.policy, grading.policy.last
        if last is not None:
            policy = replace(policy, last=replace(last, customers=given(last.customers.filter(_within(part)))))
        graded: pl.DataFrame = (
            grade_customers(part.frame, grading.population.frame, policy, grading.cuts).collect(backend="polars").to_native()
        )
        return graded

    return grade


def _within(part: Part) -> nw.Expr:
    """The customers between the first and the last of a part."""
    return (nw.col("customer_id") >= part.first) & (nw.col("customer_id") <= part.last)


def touched_of(gathered: Gathered) -> Frame | None:
    """Of whom a row was rejected, as a frame; None where it is nobody."""
    return nw.from_native(gathered.touched.lazy()) if len(gathered.touched) else None
