"""Queries that are made from one another: fewer of them, with only the columns that are used; every row and value stays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlglot import exp

from custier.reason import CASE

Queries = dict[str, exp.Query]
"""Name → query, each after those that it reads."""


def reduced(queries: Queries, kept: set[str]) -> Queries:
    """The queries without columns that nothing reads, and those that their only reader can take in taken in, but not `kept` ones."""
    queries = _merged(_named_columns(_distinct(queries)), kept)
    return _merged(_pruned(queries), kept)


def tables_of(query: exp.Expr) -> Iterator[exp.Table]:
    """The tables that a query reads; these queries have none inside their expressions."""
    if isinstance(query, exp.Table):
        yield query
    elif isinstance(query, exp.Select):
        for source in (query.args["from_"], *(query.args.get("joins") or [])):
            yield from tables_of(source.this)
    elif isinstance(query, exp.SetOperation):
        yield from (*tables_of(query.left), *tables_of(query.right))
    elif isinstance(query, exp.Subquery | exp.Paren):
        yield from tables_of(query.this)


def _readers(queries: Mapping[str, exp.Query], name: str) -> list[str]:
    return [reader for reader, query in queries.items() for table in tables_of(query) if table.name == name and not table.db]


def _distinct(queries: Queries) -> Queries:
    """The first of each group of equal rows, found by numbering them, is SELECT DISTINCT."""
    left = dict(queries)
    for name, query in queries.items():
        source = next(tables_of(query)).name
        numbered = left.get(source)
        if isinstance(query, exp.Select) and isinstance(numbered, exp.Select) and numbered.find(exp.RowNumber):
            left[name] = _first_of_equals(query, numbered)
            del left[source]
    return left


def _first_of_equals(query: exp.Select, numbered: exp.Select) -> exp.Select:
    number = next(column for column in numbered.expressions if column.find(exp.RowNumber))
    groups, columns = number.unalias().unnest().args["partition_by"], [column.unalias() for column in query.expressions]
    first = exp.column(number.alias, quoted=True).eq(1)
    stands_for_all = [column.name for column in groups] == [CASE]
    if query.args["where"].this.unnest() != first or not (stands_for_all or {*groups} == {*columns}):
        raise AssertionError("rows are numbered for something else than to find different ones")
    distinct = exp.select(*(column.copy() for column in columns)).distinct().from_(numbered.args["from_"].this.copy())
    where = numbered.args.get("where")
    return distinct.where(where.this.copy()) if where else distinct


def _named_columns(queries: Queries) -> Queries:
    """Every * as the columns that it stands for."""
    for select in (select for query in queries.values() for select in _selects(query)):
        if any(isinstance(column, exp.Star) for column in select.expressions):
            source = queries[select.args["from_"].this.name]
            select.set("expressions", [exp.column(column.alias_or_name, quoted=True) for column in source.selects])
    return queries


def _selects(query: exp.Expr) -> Iterator[exp.Select]:
    """The query itself, or those that it puts under each other."""
    if isinstance(query, exp.Select):
        yield query
    elif isinstance(query, exp.SetOperation):
        yield from (*_selects(query.left), *_selects(query.right))
    elif isinstance(query, exp.Subquery | exp.Paren):
        yield from _selects(query.this)


def _merged(queries: Queries, kept: set[str]) -> Queries:
    left = dict(queries)
    for name in list(queries):
        readers = _readers(left, name)
        inner, outer = left[name], left[readers[0]] if len(readers) == 1 else None
        if name not in kept and isinstance(inner, exp.Select) and isinstance(outer, exp.Select) and _fits(inner, outer):
            left[readers[0]] = _taken_in(inner, outer)
            del left[name]
        elif name not in kept and isinstance(inner, exp.Select) and isinstance(outer, exp.Select) and _only_picks(outer):
            left[readers[0]] = _picked(inner, outer)
            del left[name]
    return left


def _only_picks(outer: exp.Select) -> bool:
    """Whether a query does nothing but pass columns on."""
    parts = {name for name, part in outer.args.items() if part}
    return parts == {"expressions", "from_"} and all(isinstance(column.unalias(), exp.Column) for column in outer.expressions)


def _picked(inner: exp.Select, outer: exp.Select) -> exp.Select:
    values = {column.alias_or_name: column.unalias() for column in inner.expressions}
    picked = [exp.alias_(values[column.unalias().name].copy(), column.alias_or_name, quoted=True) for column in outer.expressions]
    inner.set("expressions", picked)
    return inner


def _fits(inner: exp.Select, outer: exp.Select) -> bool:
    """Whether a query that works row by row can be taken into its reader without working anything out twice."""
    by_row = not any(inner.args.get(part) for part in ("distinct", "group", "having", "order", "limit", "qualify"))
    alone = not outer.args.get("joins") and not inner.find(exp.AggFunc, exp.Window)
    if not (by_row and alone):
        return False
    used = [column.name for column in outer.find_all(exp.Column)]
    worked_out = [column.alias for column in inner.expressions if not isinstance(column.unalias(), exp.Column | exp.Literal)]
    return all(used.count(name) <= 1 for name in worked_out)


def _taken_in(inner: exp.Select, outer: exp.Select) -> exp.Select:
    values = {column.alias_or_name: column.unalias() for column in inner.expressions}
    for projection in outer.expressions:
        if isinstance(projection, exp.Column):
            projection.replace(exp.alias_(projection.copy(), projection.name, quoted=True))
    for column in list(outer.find_all(exp.Column)):
        value = values[column.name].copy()
        column.replace(value if isinstance(value, exp.Column | exp.Literal | exp.Func) else exp.paren(value))
    outer.set("from_", inner.args["from_"].copy())
    outer.set("joins", [join.copy() for join in inner.args.get("joins") or []])
    where = inner.args.get("where")
    return outer.where(where.this.copy()) if where else outer


def _pruned(queries: Queries) -> Queries:
    """Without the columns that no reader names; a query that all of whose columns are read is left as it is."""
    for name, query in reversed(queries.items()):
        readers = [queries[reader] for reader in _readers(queries, name)]
        if not readers or not isinstance(query, exp.Select) or query.args.get("distinct"):
            continue
        named = {column.name for reader in readers for column in reader.find_all(exp.Column)}
        used = [column for column in query.expressions if column.alias_or_name in named]
        query.set("expressions", used or query.expressions[:1])
    return queries
