"""Parentheses that change nothing are left out, and names that a column has anyway."""

from __future__ import annotations

from sqlglot import exp

BINDS: dict[type[exp.Expr], int] = {
    exp.Or: 1, exp.And: 2, exp.Not: 3,
    exp.EQ: 4, exp.NEQ: 4, exp.LT: 4, exp.LTE: 4, exp.GT: 4, exp.GTE: 4, exp.Is: 4, exp.Like: 4, exp.In: 4,
    exp.DPipe: 5, exp.Add: 6, exp.Sub: 6, exp.Mul: 7, exp.Div: 7, exp.IntDiv: 7, exp.Mod: 7, exp.Neg: 8,
}  # fmt: skip
"""How strongly an operator binds; whatever is not here is whole by itself."""

OPERATORS = (exp.Binary, exp.Unary, exp.Predicate)


def plain(query: exp.Query) -> exp.Query:
    for paren in reversed(list(query.find_all(exp.Paren))):
        if not _needed(paren):
            paren.replace(paren.this)
    for select in query.find_all(exp.Select):
        select.set("expressions", [_without_alias(column) for column in select.expressions])
    return query


def _needed(paren: exp.Paren) -> bool:
    inner, outer = BINDS.get(type(paren.this), 9), paren.parent
    if isinstance(outer, exp.Paren) or not isinstance(outer, OPERATORS):
        return False
    if isinstance(paren.this, exp.And | exp.Or) and type(paren.this) is type(outer):
        return False
    around = BINDS.get(type(outer))
    joins = isinstance(paren.this, exp.DPipe) != isinstance(outer, exp.DPipe)
    if around is None or (joins and inner < 9):
        return True
    left = paren is outer.this and around not in (3, 4)
    return inner < around or (inner == around and not left)


def _without_alias(column: exp.Expr) -> exp.Expr:
    value = column.unalias()
    return value if isinstance(value, exp.Column) and value.name == column.alias_or_name else column
