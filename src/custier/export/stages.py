"""The steps of a run, one after another over empty DuckDB tables; each leaves the query that makes its result."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import narwhals as nw

from custier.act import choose_actions
from custier.chains import JUMPS, jumped
from custier.compare import beside_last, compare_runs
from custier.entitle import entitle_customers
from custier.errors import Problem, RubricError, UsageError
from custier.export.cells import cells, cells_sql, quoted
from custier.export.expected import Expected
from custier.export.rows import good_rows
from custier.frames import Frame
from custier.labels import label_customers
from custier.mark import flag_customers, segment_customers
from custier.measure import Before, derive_metrics, measure_rows
from custier.measure.accounts import jumps_of, links_of, with_accounts
from custier.measure.pool import pooled_customers
from custier.merge import MERGED, MERGED_FROM, stated_merges, with_merged
from custier.reason import give_reasons
from custier.retain import settle_tiers
from custier.rubric.entitlements import has_benefits
from custier.rubric.formula import FormulaError
from custier.rubric.model import Parted, Rubric
from custier.rubric.plan import Columns, Plan, plan_metrics
from custier.rubric.segments import segments_by_points
from custier.rubric.wanted import ids_beside
from custier.score import quantile_bounds, score_customers, with_quantiles
from custier.tier import account_ranks, before_inheriting, bounds, tiers_above, with_account_rank, with_bounds, with_ratings
from custier.tier.slices import slices
from custier.validate.records import agreeing_rows

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Stage:
    """One step: the name of its result, the query that makes it (in DuckDB's SQL), and what it does in words."""

    name: str
    sql: str
    words: str


def stages_of(rubric: Rubric, tables: Sequence[Expected], as_of: date) -> list[Stage]:
    """The steps from the tables to the labels; raises UsageError (CT1911) without DuckDB, RubricError (CT1910)."""
    if rubric.cuts is not None:
        cure = "leave `cuts` out, so that the statement cuts the population that it grades"
        raise RubricError(Problem("CT1910", f"the cuts are those of the run {rubric.cuts.run}, which no warehouse has", "cuts", cure))
    connection = _duckdb().connect()
    made: list[Stage] = []
    merging = next((t for t in tables if rubric.merge is not None and t.source == rubric.merge.source), None)
    if merging is not None:
        made += [*_reading(connection, merging, as_of), *_merging(connection, merging, rubric)]
    for expected in (t for t in tables if t is not merging):
        made += _reading(connection, expected, as_of)
        if merging is not None:
            made.append(_renaming(connection, expected, made[-1], rubric))
    columns = {expected.source: expected.kinds for expected in tables}
    plan = _plan(rubric, columns)
    rows = {t.source: _table(connection, f"{t.source}_{'merged' if merging else 'rows'}") for t in tables if t is not merging}
    rows = {source: agreeing_rows(table, source, columns[source]) for source, table in rows.items()}
    measured = measure_rows(rows, rubric, plan, columns, as_of, Before())
    made.append(_keep(connection, "measured", measured, "the metrics that rows give"))
    made += _pooling(connection, rubric, plan, as_of)
    return made + list(_grading(connection, made[-1].name, rubric, plan, as_of))


def _reading(connection: DuckDBPyConnection, expected: Expected, as_of: date) -> Iterator[Stage]:
    """The two steps from a table to its rows that count."""
    name = f"{expected.source}_cells"
    columns = ", ".join(f"{quoted(column)} {type_}" for column, type_, _ in cells(expected))
    connection.sql(f"CREATE TABLE {quoted(name)} ({columns})")
    yield Stage(name, cells_sql(expected), f"{expected.source}: texts without blanks, exact whole numbers, days since 1970-01-01")
    rows = good_rows(_table(connection, name), expected, as_of)
    yield _keep(connection, f"{expected.source}_rows", rows, "the rows that count: what a check would reject is left out")


def _merging(connection: DuckDBPyConnection, expected: Expected, rubric: Rubric) -> Iterator[Stage]:
    """Who is counted under which other id; a statement cannot refuse merges that lead nowhere."""
    assert rubric.merge is not None
    stated = stated_merges(_table(connection, f"{expected.source}_rows"), rubric.merge.into)
    yield _keep(connection, "merges_0", stated, "who is merged into whom")
    for n in range(1, JUMPS + 1):
        yield _keep(connection, f"merges_{n}", jumped(_table(connection, f"merges_{n - 1}")), f"{2**n} steps on")


def _renaming(connection: DuckDBPyConnection, expected: Expected, rows: Stage, rubric: Rubric) -> Stage:
    merges = _table(connection, f"merges_{JUMPS}")
    merged = with_merged(_table(connection, rows.name), merges, ids_beside(expected.source, rubric)).drop([MERGED, MERGED_FROM])
    return _keep(connection, f"{expected.source}_merged", merged, "under the ids that are left")


def _pooling(connection: DuckDBPyConnection, rubric: Rubric, plan: Plan, as_of: date) -> Iterator[Stage]:
    """The steps from measured customers to what their accounts have; a statement cannot refuse parents that lead nowhere."""
    accounts = rubric.accounts
    if accounts is None:
        return
    yield _keep(connection, "links_0", links_of(_table(connection, "measured"), accounts), "who belongs to whom")
    for n in range(1, jumps_of(accounts) + 1):
        yield _keep(connection, f"links_{n}", jumped(_table(connection, f"links_{n - 1}")), f"{2**n} levels up")
    tops = _table(connection, f"links_{jumps_of(accounts)}")
    yield _keep(connection, "belonging", with_accounts(_table(connection, "measured"), tops, accounts), "the account of each customer")
    pooled = pooled_customers(_table(connection, "belonging"), rubric, plan, as_of, Before())
    yield _keep(connection, "pooled", pooled, "what the members of an account have together")


def _grading(connection: DuckDBPyConnection, before: str, rubric: Rubric, plan: Plan, as_of: date) -> Iterator[Stage]:
    """The steps from measured customers to labels, without a run before."""
    by_points, within = segments_by_points(rubric), quantile_bounds(rubric)
    others = set(rubric.segments) - by_points
    steps: list[tuple[str, Callable[[Frame], Frame], str]] = [
        ("derived", lambda f: derive_metrics(f, f, rubric, plan, as_of, Before()), "the metrics made from dates and from other metrics"),
        ("segmented", lambda f: segment_customers(f, rubric, plan, others), "segments"),
        ("quantiled", lambda f: with_quantiles(f, rubric, plan), "where the quantiles of the criteria lie"),
        ("scored", lambda f: score_customers(f, rubric, plan, within), "points and score"),
        ("told_by_points", lambda f: segment_customers(f, rubric, plan, by_points), "the segments that are told by points"),
        ("rated", lambda f: with_ratings(f, rubric, plan), "who may be graded"),
        ("bounded", lambda f: with_bounds(f, rubric, plan), "where the population is cut"),
        ("inheriting", lambda f: _with_ranks(f, rubric, plan), "what the other members of an account have earned"),
        ("tiered", lambda f: tiers_above(f, rubric, plan, bounds(rubric)), "the tier, and the rules in their order"),
        ("marked", lambda f: flag_customers(f, rubric, plan), "flags"),
        ("reasoned", lambda f: give_reasons(f, rubric), "why not higher"),
        (
            "settled",
            lambda f: settle_tiers(beside_last(f, None, rubric), rubric, plan, as_of, None),
            "without a run before, no tier is kept",
        ),
        ("compared", lambda f: compare_runs(f, None, rubric, plan, [], as_of), "everyone is new"),
        ("acted", lambda f: choose_actions(entitle_customers(f, rubric), rubric, plan), "benefits and actions"),
        ("labels", lambda f: label_customers(f, rubric, plan), "the labels"),
    ]
    needed = {"segmented": bool(others), "told_by_points": bool(by_points), "bounded": any(slices(rubric))}
    needed["quantiled"] = any(isinstance(criterion, Parted) for criterion in rubric.score.values())
    needed["inheriting"] = rubric.inheriting is not None
    needed["acted"] = bool(rubric.actions) or has_benefits(rubric)
    for name, step, words in steps:
        if needed.get(name, True):
            yield _keep(connection, name, step(_table(connection, before)), words)
            before = name


def _with_ranks(customers: Frame, rubric: Rubric, plan: Plan) -> Frame:
    rule = rubric.inheriting
    assert rule is not None
    tiered = tiers_above(customers, before_inheriting(rubric, rule), plan, bounds(rubric))
    return with_account_rank(customers, account_ranks(tiered, rule))


def _plan(rubric: Rubric, columns: Columns) -> Plan:
    try:
        return plan_metrics(rubric, columns)
    except FormulaError as error:
        raise RubricError(Problem("CT1910", str(error), help=error.help)) from None


def _table(connection: DuckDBPyConnection, name: str) -> Frame:
    frame: Frame = nw.from_native(connection.table(quoted(name)))
    return frame


def _keep(connection: DuckDBPyConnection, name: str, frame: Frame, words: str) -> Stage:
    """The step's query, and an empty table of its result for the next step."""
    relation = frame.to_native()
    relation.limit(0).create(quoted(name))
    return Stage(name, relation.sql_query(), words)


def _duckdb() -> Any:
    try:
        import duckdb
    except ImportError:
        cure = "pip install 'custier[duckdb]'"
        raise UsageError(Problem("CT1911", "the statement is made with DuckDB, which is not installed", "custier export", cure)) from None
    return duckdb
