"""The metrics of the points ledger: which there are, what each is made from, and what is wrong with their rules."""

from __future__ import annotations

from collections.abc import Iterator

from custier.rubric.columns import RECORDS
from custier.rubric.formula import FormulaError, Names, compile_condition, compile_number
from custier.rubric.model import Metric, Rubric
from custier.rubric.plan.kinds import Columns, Kind, Planned
from custier.rubric.plan.references import Place
from custier.rubric.plan.rows import columns_used, optional_columns, row_names, source_kinds
from custier.rubric.points import BALANCE, EARNED, EXPIRED, LIFETIME, OVERDRAWN, REDEEMED, Earning, Redemption, from_rule

OF_THE_LEDGER = (EARNED, EXPIRED, OVERDRAWN)
"""Made from the days of all rules together."""


def points_metrics(rubric: Rubric) -> dict[str, Metric]:
    """The metrics of the ledger, each after those it is made from; none without a `points` block."""
    policy = rubric.points
    if policy is None:
        return {}
    made = {name: _row_metric(rule) for name, rule in policy.rules.items()}
    names = [f'"{from_rule(rule.name)}"' for rule in policy.earn]
    formulas = {
        EARNED: EARNED,
        LIFETIME: " + ".join(names),
        EXPIRED: EXPIRED,
        BALANCE: f"{LIFETIME} - {REDEEMED} - {EXPIRED}",
        OVERDRAWN: OVERDRAWN,
    }
    formulas |= {} if policy.redeem else {REDEEMED: "0"}
    made |= {name: Metric.model_validate({"formula": formula}) for name, formula in formulas.items()}
    return {name: made[name] for name in policy.metrics}


def planned_points(name: str, metric: Metric, rubric: Rubric, columns: Columns | None) -> Planned | None:
    """A metric that the ledger measures; None for one that is plain arithmetic over those."""
    if name in OF_THE_LEDGER:
        rules = [m for m in points_metrics(rubric).values() if m.sum is not None]
        return Planned(name, metric, Kind(), any(_may_be_absent(m, rubric) for m in rules), of_points=True)
    if metric.sum is None:
        return None
    gone = columns is not None and metric.source in columns and not has_columns(metric, rubric, columns)
    return Planned(name, metric, Kind(), _may_be_absent(metric, rubric), absent=gone, of_points=True)


def has_columns(metric: Metric, rubric: Rubric, columns: Columns) -> bool:
    """Whether the export has every optional column that a rule reads."""
    used = columns_used(metric, rubric) & optional_columns(metric.source, rubric)
    return metric.source in columns and used <= set(columns[metric.source])


def points_problems(rubric: Rubric) -> Iterator[tuple[Place, FormulaError]]:
    """What is wrong with the rules, with its place in the file."""
    policy = rubric.points
    if policy is None:
        return
    rules: list[tuple[Place, Earning | Redemption]] = [(("points", "earn", i), rule) for i, rule in enumerate(policy.earn)]
    rules += [(("points", "redeem"), policy.redeem)] if policy.redeem else []
    for place, rule in rules:
        yield from _rule_problems(place, rule, rubric)


def _rule_problems(place: Place, rule: Earning | Redemption, rubric: Rubric) -> Iterator[tuple[Place, FormulaError]]:
    if rule.source not in rubric.sources:
        error = FormulaError(f"`{rule.source}` is not a source of this rubric", f"declare it under sources: {rule.source}: {{}}")
        yield (*place, "source") if "source" in rule.model_fields_set else place, error
        return
    if rule.source in RECORDS:
        cure = "give points for rows that have a date, such as those of events"
        yield (*place, "source"), FormulaError(f"`{rule.source}` has one record per customer, and points have a day", cure)
        return
    names = row_names(rule.source, source_kinds(rubric, rule.source))
    parts = {key: text for key in ("points", "of", "when") if (text := getattr(rule, key, None)) is not None}
    faults = [((*place, key), _fault(key, text, names)) for key, text in parts.items()]
    if all(fault is None for _, fault in faults):
        faults = [(place, _fault("points", rule.formula, names))]
    yield from ((where, fault) for where, fault in faults if fault is not None)


def _fault(key: str, text: str, names: Names) -> FormulaError | None:
    try:
        compile_condition(text, names) if key == "when" else compile_number(text, names)
    except FormulaError as error:
        return error
    return None


def _row_metric(rule: Earning | Redemption) -> Metric:
    return Metric.model_validate({"sum": rule.formula, "where": rule.when, "source": rule.source, "window": "lifetime"})


def _may_be_absent(metric: Metric, rubric: Rubric) -> bool:
    spec = rubric.sources.get(metric.source)
    return spec is not None and (spec.optional or bool(columns_used(metric, rubric) & optional_columns(metric.source, rubric)))
