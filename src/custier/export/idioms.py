"""What narwhals writes for DuckDB in many words → the same in few, node by node; each rewrite keeps every value."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

QUOTIENT = "custier_quotient"
"""a and b, above zero → how often b goes into a, rounded down; each dialect has its own way to divide whole numbers."""


def tidied(query: exp.Query) -> exp.Query:
    """The query with every idiom rewritten, innermost first."""
    for node in reversed(list(query.walk())):
        for idiom in IDIOMS.get(type(node), ()):
            new = idiom(node)
            if new is not node:
                node.replace(new)
                break
    return query


def _bare(node: exp.Expr | None) -> exp.Expr | None:
    return node.unnest() if isinstance(node, exp.Paren) else node


def _whole_quotient(node: exp.Case) -> exp.Expr:
    """`//` of narwhals: null for a zero, one less where a negative quotient was cut off."""
    guard, rounding = node.args["ifs"][0], _bare(node.args["ifs"][0].args["true"])
    cut_off = _bare(rounding.args.get("default")) if isinstance(rounding, exp.Case) else None
    if not (isinstance(guard.this.unnest(), exp.NEQ) and isinstance(cut_off, exp.Trunc)):
        return node
    quotient = cut_off.this.unnest()
    if not isinstance(quotient, exp.IntDiv) or quotient.right.unnest() != guard.this.unnest().left.unnest():
        return node
    return exp.Anonymous(this=QUOTIENT, expressions=[quotient.left.unnest(), quotient.right.unnest()])


def _joined_texts(node: exp.Case) -> exp.Expr:
    """`concat_str`: null where a part is, otherwise the parts as texts after one another; that is what || does."""
    guard, texts = _bare(node.args["ifs"][0].this), _bare(node.args["ifs"][0].args["true"])
    if not (isinstance(texts, exp.Concat) and isinstance(guard, exp.Not) and list(guard.find_all(exp.Is))):
        return node
    first, *others = [part.copy() for part in texts.expressions]
    for other in others:
        first = exp.DPipe(this=first, expression=other)
    return exp.paren(first)


def _flat_case(node: exp.Case) -> exp.Expr:
    """A case whose otherwise is another case, as one; what stands after a WHEN TRUE is never reached."""
    inner = _bare(node.args.get("default"))
    ifs = list(node.args["ifs"])
    if isinstance(inner, exp.Case) and inner.this is None:
        ifs, inner = [*ifs, *inner.args["ifs"]], inner.args.get("default")
    for at, branch in enumerate(ifs):
        if _is_true(branch.this):
            ifs, inner = ifs[:at], branch.args["true"]
            break
    if not ifs and inner is not None:
        return exp.paren(inner.copy())
    default = None if isinstance(inner, exp.Null) else inner
    return exp.Case(ifs=[branch.copy() for branch in ifs], default=None if default is None else default.copy())


def _is_true(node: exp.Expr) -> bool:
    bare = _bare(node)
    return isinstance(bare, exp.Boolean) and bool(bare.this)


def _plain_and(node: exp.And) -> exp.Expr:
    if _is_true(node.left):
        return node.right.copy()
    return node.left.copy() if _is_true(node.right) else node


def _plain_cast(node: exp.Cast) -> exp.Expr:
    """A text that is a text already, and a whole number that is made wider in two steps."""
    inner = _bare(node.this)
    if isinstance(inner, exp.Literal) and inner.is_string and node.to.is_type("varchar"):
        return inner.copy()
    if isinstance(inner, exp.Cast) and (inner.to == node.to or (inner.to.is_type("bigint") and isinstance(inner.this, exp.Literal))):
        return exp.cast(inner.this.copy(), node.to.copy())
    return node


def _to_current_row(node: exp.WindowSpec) -> exp.Expr:
    node.set("kind", "ROWS")
    node.set("start_side", "PRECEDING")
    if isinstance(node.args.get("end"), exp.Literal) and node.args["end"].this == "0":
        node.set("end", "CURRENT ROW")
        node.set("end_side", None)
    return node


def _plain_window(node: exp.Window) -> exp.Expr:
    """A partition by a constant is none, and a look back by less than nothing is a look ahead."""
    if node.args.get("partition_by") == [exp.Literal.number(1)]:
        node.set("partition_by", [])
    if isinstance(node.this, exp.Lag) and isinstance(node.this.args.get("offset"), exp.Neg):
        node.set("this", exp.Lead(this=node.this.this.copy(), offset=node.this.args["offset"].this.copy()))
    return node


def _like(node: exp.RegexpLike) -> exp.Expr:
    """A pattern with % and _ that became a regular expression."""
    found = re.fullmatch(r"\^\(\?s:(.*)\)\$", node.expression.this, flags=re.DOTALL)
    if found is None or "\\\\" in found[1]:
        return node
    pattern = re.sub(r"\\(.)|(\.\*)|(\.)", lambda m: m[1] or ("%" if m[2] else "_"), found[1], flags=re.DOTALL)
    return exp.Like(this=node.this.copy(), expression=exp.Literal.string(pattern))


def _count_all(node: exp.Count) -> exp.Expr:
    return exp.Count(this=exp.Star(), big_int=True) if node.this is None else node


def _ungrouped(node: exp.Group) -> exp.Expr:
    """GROUP BY ALL of nothing but aggregates is no grouping."""
    select = node.parent
    assert isinstance(select, exp.Select)
    if node.args.get("all") and all(column.find(exp.AggFunc) for column in select.expressions):
        select.set("group", None)
    return node


IDIOMS: dict[type[exp.Expr], tuple[Callable[..., exp.Expr], ...]] = {
    exp.Case: (_whole_quotient, _joined_texts, _flat_case),  # the first that fits
    exp.And: (_plain_and,),
    exp.Cast: (_plain_cast,),
    exp.WindowSpec: (_to_current_row,),
    exp.Window: (_plain_window,),
    exp.RegexpLike: (_like,),
    exp.Count: (_count_all,),
    exp.Group: (_ungrouped,),
}
