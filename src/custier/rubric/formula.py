"""Formulas of a rubric: SQL expressions, parsed, whitelisted node by node, turned into exact narwhals expressions.

A number is never a float here: it is an integer of 10^-scale, divided where the formula divides, and two numbers are
compared by cross-multiplication. Products are made in 128 bits.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import narwhals as nw
import sqlglot
from sqlglot import TokenType, exp
from sqlglot.errors import SqlglotError

from custier.errors import nearest

MOST_NODES = 120
MOST_DEPTH = 24
MOST_CHAIN = 100
MOST_SCALE = 12
MOST_DIGITS = 21


class FormulaError(ValueError):
    """A formula that cannot be used: what is wrong, and the cure."""

    def __init__(self, what: str, help: str = "") -> None:
        super().__init__(what)
        self.help = help


@dataclass(frozen=True)
class Number:
    """`num / den / 10^scale`, exact; a missing `den` is 1, and `den` is never negative or zero."""

    num: nw.Expr
    scale: int = 0
    den: nw.Expr | None = None


@dataclass(frozen=True)
class Text:
    expr: nw.Expr


@dataclass(frozen=True)
class Truth:
    expr: nw.Expr


@dataclass(frozen=True)
class Day:
    """A date as its number of days since 1970-01-01."""

    expr: nw.Expr


@dataclass(frozen=True)
class Raw:
    """A column of the export whose type its use decides."""

    text: nw.Expr
    number: Number


Value = Number | Text | Truth | Day | Raw
Names = Mapping[str, Value]


def compile_formula(text: str, names: Names) -> Value:
    """The value of a formula over these names; raises FormulaError."""
    return _value(parse_formula(text, names), names)


def compile_number(text: str, names: Names) -> Number:
    """A formula that must be a number."""
    return _number(compile_formula(text, names), text)


def compile_condition(text: str, names: Names) -> nw.Expr:
    """A formula that must be true or false; where a value is missing it is false."""
    value = compile_formula(text, names)
    if not isinstance(value, Truth):
        raise FormulaError(f"`{text}` is not a condition", "compare it with something, such as `spend >= 500000`")
    return nw.coalesce(value.expr, nw.lit(False))


def names_in(text: str, known: Names | set[str] = frozenset()) -> set[str]:  # type: ignore[assignment]
    """The names a formula uses."""
    return {c.name for c in parse_formula(text, known).find_all(exp.Column)}


def parse_formula(text: str, known: Names | set[str]) -> exp.Expr:
    """The syntax tree, after caps on nesting and size; words that are known names are never keywords."""
    if text.count("(") > MOST_DEPTH or len(re.findall(r"\w+|[^\w\s]", text)) > 3 * MOST_NODES:
        raise FormulaError("the formula is too large", "split it into several metrics")
    try:
        tokens = sqlglot.tokenize(text, read="duckdb")
        for token, following in zip(tokens, [*tokens[1:], None], strict=False):
            is_name = following is None or following.token_type not in (TokenType.L_PAREN, TokenType.STRING)
            if token.text in known and token.token_type != TokenType.STRING and is_name:
                token.token_type = TokenType.IDENTIFIER
        trees = sqlglot.Dialect.get_or_raise("duckdb").parser().parse(tokens, text)
    except (SqlglotError, RecursionError) as error:
        said = str(error).splitlines()[0].split(". Line")[0]
        raise FormulaError(f"`{text}` cannot be read: {said}", "write an SQL expression, such as `spend / orders`") from None
    if len(trees) != 1 or trees[0] is None:
        raise FormulaError("holds more or less than one formula", "write one SQL expression, such as `spend / orders`")
    nodes = list(trees[0].walk())
    if len(nodes) > 3 * MOST_NODES or max(node.depth for node in nodes) > MOST_CHAIN:
        raise FormulaError("the formula is too large", "split it into several metrics")
    return trees[0]


def _value(node: exp.Expr, names: Names) -> Value:
    build = _NODES.get(type(node))
    if build is None or any(node.args.get(extra) for extra in UNREAD):
        raise FormulaError(f"`{node.sql('duckdb')}` is not allowed in a formula", f"use {', '.join(ALLOWED)}")
    return build(node, names)


UNREAD = ("symmetric", "truncate")
"""Parts of a whitelisted node that nothing here looks at."""

ALLOWED = ("+ - * /", "= <> < <= > >=", "and or not", "in", "between", "like", "is null", "abs", "round", "coalesce", "least", "greatest", "date '2025-01-31'")


# --- names and literals ---------------------------------------------------------------------------------------------


def _column(node: exp.Column, names: Names) -> Value:
    if node.table:
        raise FormulaError(f"`{node.sql('duckdb')}` is not a name", "names hold no point; put a name with a point in double quotes")
    if node.name in names:
        return names[node.name]
    near = nearest(node.name, names)
    raise FormulaError(f"`{node.name}` is not known here", f"the nearest known name is `{near}`" if near else f"known names: {', '.join(sorted(names)[:30])}")


def _literal(node: exp.Literal, names: Names) -> Value:
    if node.is_string:
        return Text(nw.lit(node.this))
    try:
        return exact(Decimal(node.this.replace("_", "")))
    except InvalidOperation:
        raise FormulaError(f"{node.this} has too many digits") from None


def exact(value: Decimal) -> Number:
    """A constant as an exact number."""
    value = value.normalize() if value else Decimal(0)
    scale = max(0, -int(value.as_tuple().exponent))
    if scale > MOST_SCALE or abs(value) >= Decimal(10) ** min(18, MOST_DIGITS - scale):
        raise FormulaError(f"{value} has too many digits")
    held = int(value.scaleb(scale))
    return Number(nw.lit(held, nw.Int64() if abs(held) < 2**63 else nw.Int128()), scale)


def _date(node: exp.Cast, names: Names) -> Value:
    if not (isinstance(node.this, exp.Literal) and node.this.is_string and node.to.is_type("date")):
        raise FormulaError(f"`{node.sql('duckdb')}` is not allowed in a formula", "only dates may be written so: date '2025-01-31'")
    try:
        day = datetime.date.fromisoformat(node.this.this)
    except ValueError:
        raise FormulaError(f"`{node.this.this}` is not a date", "write it as date '2025-01-31'") from None
    return Day(nw.lit((day - datetime.date(1970, 1, 1)).days, nw.Int64()))


# --- arithmetic -----------------------------------------------------------------------------------------------------


def _number(value: Value, said: object) -> Number:
    if isinstance(value, Raw):
        return value.number
    if not isinstance(value, Number):
        raise FormulaError(f"`{said}` is not a number")
    return value


def wide(expr: nw.Expr) -> nw.Expr:
    """The same integers with room for a product of two amounts."""
    return expr.cast(nw.Int128())


def ten(power: int) -> nw.Expr:
    return wide(nw.lit(10**power, nw.Int64()))


def _times(a: nw.Expr, b: nw.Expr | None) -> nw.Expr:
    return a if b is None else wide(a) * wide(b)


def _scaled(a: Number, scale: int) -> nw.Expr:
    return a.num if a.scale == scale else wide(a.num) * ten(scale - a.scale)


def _same_terms(a: Number, b: Number) -> tuple[nw.Expr, nw.Expr, int, nw.Expr | None]:
    """Both numerators over one denominator and scale."""
    scale = max(a.scale, b.scale)
    left, right = _scaled(a, scale), _scaled(b, scale)
    if a.den is None and b.den is None:
        return left, right, scale, None
    both = _times(a.den, b.den) if a.den is not None else b.den
    return _times(left, b.den), _times(right, a.den), scale, both


def _add(a: Number, b: Number) -> Number:
    left, right, scale, den = _same_terms(a, b)
    return Number(left + right, scale, den)


def _negative(a: Number) -> Number:
    return Number(nw.lit(0, nw.Int64()) - a.num, a.scale, a.den)


def _multiply(a: Number, b: Number) -> Number:
    if a.scale + b.scale > MOST_SCALE:
        raise FormulaError("multiplies too many decimals", "round a factor first: round(x, 2)")
    den = a.den if b.den is None else _times(b.den, a.den)
    return Number(wide(a.num) * wide(b.num), a.scale + b.scale, den)


def _divide(a: Number, b: Number) -> Number:
    """a / b, missing where b is zero; the denominator is kept positive."""
    shared = min(a.scale, b.scale)
    top, bottom = _times(a.num, b.den), _times(b.num, a.den)
    if b.scale > shared:
        top = wide(top) * ten(b.scale - shared)
    sign = nw.when(bottom > 0).then(nw.lit(1)).when(bottom < 0).then(nw.lit(-1))
    return Number(wide(top) * wide(sign), a.scale - shared, (wide(bottom) * wide(sign)))


def rounded(a: Number, decimals: int) -> Number:
    """Rounded half away from zero to this many decimals."""
    if a.den is None and a.scale <= decimals:
        return a
    top = wide(a.num) * ten(max(0, decimals - a.scale))
    bottom = _times(ten(max(0, a.scale - decimals)), a.den)
    half_up = (top.abs() * wide(nw.lit(2)) + bottom) // (bottom * wide(nw.lit(2)))
    return Number(nw.when(top < 0).then(nw.lit(0) - half_up).otherwise(half_up), decimals)


def _arithmetic(build: Callable[[Number, Number], Number]) -> Callable[[exp.Binary, Names], Value]:
    def both(node: exp.Binary, names: Names) -> Value:
        left, right = _value(node.left, names), _value(node.right, names)
        if isinstance(node, exp.Sub) and isinstance(left, Day) and isinstance(right, Day):
            return Number(left.expr - right.expr)
        return build(_number(left, node.left.sql("duckdb")), _number(right, node.right.sql("duckdb")))

    return both


# --- comparison and logic -------------------------------------------------------------------------------------------

COMPARE: dict[type[exp.Expr], Callable[[nw.Expr, nw.Expr], nw.Expr]] = {
    exp.EQ: lambda a, b: a == b,
    exp.NEQ: lambda a, b: a != b,
    exp.GT: lambda a, b: a > b,
    exp.GTE: lambda a, b: a >= b,
    exp.LT: lambda a, b: a < b,
    exp.LTE: lambda a, b: a <= b,
}


def compare_numbers(a: Number, b: Number, how: Callable[[nw.Expr, nw.Expr], nw.Expr]) -> nw.Expr:
    """An exact comparison of two numbers."""
    left, right, _, _ = _same_terms(a, b)
    return how(left, right)


def _compare(left: Value, right: Value, how: Callable[[nw.Expr, nw.Expr], nw.Expr], said: str) -> nw.Expr:
    if isinstance(left, Text) or isinstance(right, Text):
        left, right = (Text(v.text) if isinstance(v, Raw) else v for v in (left, right))
        left, right = _written_date(left, right), _written_date(right, left)
    if isinstance(left, Raw | Number) and isinstance(right, Raw | Number):
        return compare_numbers(_number(left, said), _number(right, said), how)
    if type(left) is not type(right) or isinstance(left, Raw) or isinstance(right, Raw):
        raise FormulaError(f"`{said}` compares unlike things", "compare numbers with numbers and texts with 'texts' in single quotes")
    return how(left.expr, right.expr)  # type: ignore[union-attr]


def _written_date(value: Value, other: Value) -> Value:
    """A date compared with '2025-01-31' needs no word `date` before it."""
    if not (isinstance(value, Text) and isinstance(other, Day)):
        return value
    raise FormulaError("compares a date with a text", "write the word date before it: date '2025-01-31'")


def _comparison(node: exp.Binary, names: Names) -> Value:
    return Truth(_compare(_value(node.left, names), _value(node.right, names), COMPARE[type(node)], node.sql("duckdb")))


def _truth(node: exp.Expr, names: Names) -> nw.Expr:
    value = _value(node, names)
    if not isinstance(value, Truth):
        raise FormulaError(f"`{node.sql('duckdb')}` is not a condition", "compare it with something, such as `spend >= 500000`")
    return value.expr


def _between(node: exp.Between, names: Names) -> Value:
    value, said = _value(node.this, names), node.sql("duckdb")
    low, high = _value(node.args["low"], names), _value(node.args["high"], names)
    return Truth(_compare(value, low, COMPARE[exp.GTE], said) & _compare(value, high, COMPARE[exp.LTE], said))


def _in(node: exp.In, names: Names) -> Value:
    if not node.expressions:
        raise FormulaError(f"`{node.sql('duckdb')}` is not allowed in a formula", "write the values: region in ('East', 'West')")
    value = _value(node.this, names)
    hits = [_compare(value, _value(e, names), COMPARE[exp.EQ], node.sql("duckdb")) for e in node.expressions]
    found = hits[0]
    for hit in hits[1:]:
        found = found | hit
    return Truth(found)


def _is_null(node: exp.Is, names: Names) -> Value:
    if not isinstance(node.expression, exp.Null):
        raise FormulaError(f"`{node.sql('duckdb')}` is not allowed in a formula", "only `is null` and `is not null` are")
    value = _value(node.this, names)
    return Truth(_presence(value).is_null())


def _presence(value: Value) -> nw.Expr:
    match value:
        case Raw(text=expr):
            return expr
        case Number(num=num, den=None):
            return num
        case Number(num=num, den=den):
            return nw.when(~den.is_null()).then(num)  # type: ignore[union-attr]
        case _:
            return value.expr


def _like(node: exp.Like, names: Names) -> Value:
    value, pattern = _value(node.this, names), node.expression
    if isinstance(value, Raw):
        value = Text(value.text)
    if not isinstance(value, Text) or not (isinstance(pattern, exp.Literal) and pattern.is_string):
        raise FormulaError(f"`{node.sql('duckdb')}` is not allowed in a formula", "like compares a text with a 'pattern%'")
    regex = "".join({"%": ".*", "_": "."}.get(c, re.escape(c)) for c in pattern.this)
    return Truth(value.expr.str.contains(f"^(?s:{regex})$"))


# --- functions ------------------------------------------------------------------------------------------------------


def _round(node: exp.Round, names: Names) -> Value:
    places = node.args.get("decimals")
    written = "0" if places is None else places.this if isinstance(places, exp.Literal) and not places.is_string else ""
    decimals = int(written) if re.fullmatch("[0-9]", str(written)) else -1
    if not 0 <= decimals <= 6:
        raise FormulaError(f"`{node.sql('duckdb')}` needs a number of decimals from 0 to 6")
    return rounded(_number(_value(node.this, names), node.this.sql("duckdb")), decimals)


def _abs(node: exp.Abs, names: Names) -> Value:
    value = _number(_value(node.this, names), node.this.sql("duckdb"))
    return Number(value.num.abs(), value.scale, value.den)


def _choose(pick: Callable[[Number, Number], nw.Expr]) -> Callable[[exp.Func, Names], Value]:
    """A function of several numbers that keeps one of two, again and again."""

    def over(node: exp.Func, names: Names) -> Value:
        values = [_number(_value(e, names), e.sql("duckdb")) for e in [node.this, *node.expressions]]
        kept = values[0]
        for value in values[1:]:
            left, right, scale, den = _same_terms(kept, value)
            keep = pick(kept, value)
            if den is not None:
                raise FormulaError("chooses between quotients", "round them first: round(x, 2)")
            kept = Number(nw.when(keep).then(left).otherwise(right), scale)
        return kept

    return over


def _least(a: Number, b: Number) -> nw.Expr:
    return _presence(b).is_null() | compare_numbers(a, b, COMPARE[exp.LTE])


def _greatest(a: Number, b: Number) -> nw.Expr:
    return _presence(b).is_null() | compare_numbers(a, b, COMPARE[exp.GTE])


_NODES: dict[type[exp.Expr], Callable[..., Value]] = {
    exp.Column: _column,
    exp.Literal: _literal,
    exp.Cast: _date,
    exp.Boolean: lambda node, names: Truth(nw.lit(bool(node.this))),
    exp.Paren: lambda node, names: _value(node.this, names),
    exp.Neg: lambda node, names: _negative(_number(_value(node.this, names), node.sql("duckdb"))),
    exp.Add: _arithmetic(_add),
    exp.Sub: _arithmetic(lambda a, b: _add(a, _negative(b))),
    exp.Mul: _arithmetic(_multiply),
    exp.Div: _arithmetic(_divide),
    **dict.fromkeys(COMPARE, _comparison),
    exp.And: lambda node, names: Truth(_truth(node.left, names) & _truth(node.right, names)),
    exp.Or: lambda node, names: Truth(_truth(node.left, names) | _truth(node.right, names)),
    exp.Not: lambda node, names: Truth(~_truth(node.this, names)),
    exp.Between: _between,
    exp.In: _in,
    exp.Is: _is_null,
    exp.Like: _like,
    exp.Round: _round,
    exp.Abs: _abs,
    exp.Coalesce: _choose(lambda a, b: ~_presence(a).is_null()),
    exp.Least: _choose(_least),
    exp.Greatest: _choose(_greatest),
}
