"""The pure middle: good rows in, one graded row per customer out. Knows the order of the steps and nothing of files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import narwhals as nw

from custier.act import choose_actions
from custier.compare import Last, beside_last, compare_runs
from custier.entitle import entitle_customers
from custier.errors import Bug, DataError, Problem, in_number
from custier.frames import Added, Frame, Given, added_to_all, as_it_is, row_count
from custier.mark import flag_customers, segment_customers
from custier.measure import Before, Tables, derive_metrics, measure_rows
from custier.measure.pool import pool_accounts
from custier.reason import give_reasons
from custier.retain import settle_tiers
from custier.rubric.model import Rubric
from custier.rubric.plan import Columns, Plan
from custier.rubric.segments import segments_by_points
from custier.score import bounds_of, find_quantiles, score_customers
from custier.tier import account_ranks, assign_tiers, before_inheriting, find_cuts, rated_customers, with_account_rank, with_ratings
from custier.values import Cut

Hold = Callable[[Frame], Frame]
"""An engine's way to work a frame out once, before it is looked at several times."""


@dataclass(frozen=True)
class Graded:
    """Every customer graded, and where the population was cut."""

    customers: Frame
    cuts: list[Cut]


@dataclass(frozen=True)
class Policy:
    """All that grading a customer depends on beside the customer."""

    rubric: Rubric
    plan: Plan
    as_of: date
    before: Before
    last: Last | None
    given: Given = as_it_is  # how the engine takes in a small table that was made here
    added: Added = added_to_all  # how it adds what few customers have
    kept: Sequence[Cut] = ()  # cuts of an earlier run that hold instead of new ones
    ranks: Frame | None = None  # of the accounts' members, where a rule lets customers inherit a tier


def grade(
    tables: Tables,
    rubric: Rubric,
    plan: Plan,
    columns: Columns,
    as_of: date,
    before: Before,
    last: Last | None,
    hold: Hold = as_it_is,
    given: Given = as_it_is,
    kept: Sequence[Cut] = (),
) -> Graded:
    """measure → score → tier → retain → compare, over narwhals frames of any engine; raises DataError (CT3301)."""
    policy = Policy(rubric, plan, as_of, before, last, given, kept=kept)
    measured = hold(measure_rows(tables, rubric, plan, columns, as_of, before))
    if rubric.accounts is not None:
        measured = hold(pool_accounts(measured, rubric, plan, as_of, before, hold))
    cuts = cut_population(measured, policy, hold)
    policy = rank_accounts(measured, policy, cuts, hold)
    customers = hold(grade_customers(measured, measured, policy, cuts))
    reconcile(customers, rubric)
    return Graded(customers, cuts)


def cut_population(measured: Frame, policy: Policy, hold: Hold = as_it_is) -> list[Cut]:
    """Where the population is cut; looks at all customers at once, a few numbers of each. Raises DataError (CT3301)."""
    derived = _derived(measured, measured, policy)
    quantiles = find_quantiles(derived, policy.rubric, policy.plan, hold)
    scored = _scored(derived, policy.rubric, policy.plan, quantiles)
    _refuse_missing(scored, policy.rubric)
    return [*quantiles, *find_cuts(rated_customers(scored), policy.rubric, policy.plan, hold, policy.given, policy.kept)]


def rank_accounts(measured: Frame, policy: Policy, cuts: Sequence[Cut], hold: Hold = as_it_is) -> Policy:
    """The policy with what the other members of each account have earned, where a rule asks for that; looks at all customers at once."""
    rule = policy.rubric.inheriting
    if rule is None:
        return policy
    scored = _scored(_derived(measured, measured, policy), policy.rubric, policy.plan, cuts)
    tiered = assign_tiers(scored, before_inheriting(policy.rubric, rule), policy.plan, cuts, policy.given)
    return replace(policy, ranks=hold(account_ranks(tiered, rule)))


def grade_customers(measured: Frame, population: Frame, policy: Policy, cuts: Sequence[Cut]) -> Frame:
    """Measured customers, all or a part of the population → the same graded."""
    rubric, plan = policy.rubric, policy.plan
    scored = _scored(_derived(measured, population, policy), rubric, plan, cuts)
    if rubric.inheriting is not None:
        scored = with_account_rank(scored, policy.ranks)
    tiered = beside_last(tier_customers(scored, rubric, plan, cuts, policy.given), policy.last, rubric)
    settled = settle_tiers(tiered, rubric, plan, policy.as_of, policy.last.as_of if policy.last else None)
    compared = compare_runs(settled, policy.last, rubric, plan, cuts, policy.as_of, policy.given, policy.added)
    return choose_actions(entitle_customers(compared, rubric), rubric, plan)


def _derived(measured: Frame, population: Frame, policy: Policy) -> Frame:
    derived = derive_metrics(measured, population, policy.rubric, policy.plan, policy.as_of, policy.before)
    return _segmented(derived, policy.rubric, policy.plan)


def _segmented(customers: Frame, rubric: Rubric, plan: Plan) -> Frame:
    """With the segments that are told before anybody has points."""
    return segment_customers(customers, rubric, plan, set(rubric.segments) - segments_by_points(rubric))


def _scored(derived: Frame, rubric: Rubric, plan: Plan, cuts: Sequence[Cut]) -> Frame:
    scored = score_customers(derived, rubric, plan, bounds_of(cuts))
    return with_ratings(segment_customers(scored, rubric, plan, segments_by_points(rubric)), rubric, plan)


def regrade(customers: Frame, rubric: Rubric, plan: Plan, cuts: Sequence[Cut]) -> Frame:
    """Customers whose metrics were changed → what they would earn at the same cuts."""
    return assign_tiers(_scored(_segmented(customers, rubric, plan), rubric, plan, cuts), rubric, plan, cuts)


def tier_customers(scored: Frame, rubric: Rubric, plan: Plan, cuts: Sequence[Cut], given: Given = as_it_is) -> Frame:
    return give_reasons(flag_customers(assign_tiers(scored, rubric, plan, cuts, given), rubric, plan), rubric)


def _refuse_missing(scored: Frame, rubric: Rubric) -> None:
    """DataError for every criterion that says `missing: fail` and has a customer without a value."""
    asked = [name for name, criterion in rubric.score.items() if criterion.missing in ("fail", None)]
    if not asked:
        return
    one = {name: nw.when(nw.col(f"fail_{name}")).then(nw.lit(1, nw.Int64())).otherwise(nw.lit(0, nw.Int64())) for name in asked}
    counts = scored.select(**{name: ones.sum() for name, ones in one.items()}).collect(backend="polars").row(0)
    problems = [
        Problem(
            "CT3301",
            f"{in_number(int(count), 'customer has', 'customers have')} no value for the criterion `{name}`, which says `missing: fail`",
            help=f"complete the data, or say what a missing value earns under score.{name}.missing",
        )
        for name, count in zip(asked, counts, strict=True)
        if count
    ]
    if problems:
        raise DataError(problems)


def reconcile(customers: Frame, rubric: Rubric) -> None:
    """Σ weighted points = score for every row, within the half millionth that rounding may take; otherwise custier is wrong (CT9002)."""
    if not rubric.score:
        return
    total = nw.lit(0, nw.Int64())
    for name, criterion in rubric.score.items():
        total = total + nw.coalesce(nw.col(f"points_{name}"), nw.lit(0, nw.Int64())) * criterion.weight
    gap = (nw.col("score") * nw.col("score_weight") - total * 1_000_000) * 2
    differs = (total != nw.col("score_sum")) | (gap > nw.col("score_weight")) | (gap < nw.lit(0) - nw.col("score_weight"))
    off = row_count(customers.filter(differs))
    if off:
        raise Bug(Problem("CT9002", f"the points of {off} customers do not add up to their score"))
