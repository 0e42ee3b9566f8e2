"""The queries of all steps as one statement of named parts, in DuckDB's SQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import sqlglot
from sqlglot import exp

from custier.export.cells import TABLE
from custier.export.idioms import tidied
from custier.export.nesting import Queries, reduced, tables_of
from custier.export.parentheses import plain
from custier.export.stages import Stage


def statement(stages: Sequence[Stage], tables: Mapping[str, exp.Table]) -> exp.Select:
    """WITH each step AS its query, in order, SELECT the labels by customer_id; tables: the table of each source."""
    queries: Queries = {}
    for stage in stages:
        queries |= _parts(stage)
    words = {stage.name: stage.words for stage in stages}
    queries = reduced({name: tidied(query) for name, query in queries.items()}, set(words))
    queries = {name: plain(query) for name, query in queries.items()}
    queries = _renamed(queries, _counted(queries, words))
    for table in [table for query in queries.values() for table in tables_of(query) if table.name.startswith(TABLE)]:
        table.replace(tables[table.name.removeprefix(TABLE)].copy())
    result = exp.select(*(exp.column(c.alias_or_name, quoted=True) for c in queries[stages[-1].name].selects))
    result = result.from_(_named(stages[-1].name)).order_by(exp.column("customer_id", quoted=True))
    for name, query in queries.items():
        result = result.with_(exp.to_identifier(name, quoted=True), as_=query, copy=False)
        if name in words:
            result.ctes[-1].add_comments([f" {words[name]} "], prepend=True)
    return result


def _counted(queries: Queries, steps: Collection[str]) -> dict[str, str]:
    """New names for the parts of steps: `measured_1`, `measured_2`, … before `measured`."""
    names: dict[str, str] = {}
    waiting: list[str] = []
    for name in queries:
        if name in steps:
            names |= {part: f"{name}_{n}" for n, part in enumerate(waiting, 1)}
            waiting = []
        else:
            waiting.append(name)
    return names


def _renamed(queries: Queries, names: Mapping[str, str]) -> Queries:
    for query in queries.values():
        for table in tables_of(query):
            if not table.db and (table.name in names or table.name in queries):
                table.set("this", exp.to_identifier(names.get(table.name, table.name), quoted=True))
    return {names.get(name, name): query for name, query in queries.items()}


def _named(name: str) -> exp.Table:
    return exp.Table(this=exp.to_identifier(name, quoted=True))


def _parts(stage: Stage) -> Queries:
    """A step's query after those that it is made from, under names of their own."""
    tree = sqlglot.parse_one(stage.sql, read="duckdb")
    assert isinstance(tree, exp.Query)
    queries = {cte.alias: cte.this for cte in tree.ctes} | {stage.name: tree}
    tree.set("with_", None)
    for table in (table for query in queries.values() for table in tables_of(query)):
        if table.alias not in ("lhs", "rhs"):
            table.set("alias", None)
    return _renamed(queries, {name: f"{stage.name} {name}" for name in queries if name != stage.name})
