"""DuckDB's SQL in the words of each dialect: exact whole numbers of 128 bits, quotients rounded down, texts and days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from custier.characters import ROUNDED_ID
from custier.errors import Bug, Problem
from custier.export.characters import BLANK, UNSEEN, code_points, in_class

Render = Callable[..., str]
KNOWN = (
    exp.Abs, exp.And, exp.Case, exp.Cast, exp.Coalesce, exp.ConcatWs, exp.Count, exp.Greatest, exp.If, exp.Lead,
    exp.Lower, exp.Max, exp.Min, exp.Or, exp.Sum, exp.Year, exp.Month, exp.Day,
)  # fmt: skip
"""Every function a statement may hold: each means the same in all dialects, or is rewritten here."""

OWN = ("custier_trimmed", "custier_visible", "custier_day", "custier_quotient")
"""Functions of custier's own, which each dialect says with its own."""


@dataclass(frozen=True)
class Dialect:
    """How one dialect says what the others say differently; each takes the SQL of its arguments."""

    wide: str  # a whole number of 128 bits
    decimal: str | None  # any exact decimal, where a precision and scale will not do
    trimmed: Render
    visible: Render
    day: Render
    quotient: Render
    joined: Render
    collated: str = ""  # what makes texts sort by their characters
    fenced: bool = False  # whether parts must be kept from being taken apart, which can double what is worked out with every step


def _by_remainder(a: str, b: str, type_: str) -> str:
    """Without its remainder a number divides evenly, so a division that keeps six decimals has nothing to round."""
    a, b = f"CAST({a} AS {type_})", f"CAST({b} AS {type_})"
    return f"CAST(({a} - MOD(MOD({a}, {b}) + {b}, {b})) / {b} AS {type_})"


def _cut_off(quotient: str, remainder: str) -> str:
    return f"({quotient} - CASE WHEN {remainder} < 0 THEN 1 ELSE 0 END)"


def _words(separator: str, *texts: str) -> str:
    return f"CONCAT_WS({', '.join([separator, *texts])})"


_escaped = code_points(r"\u{:04x}")
BLANKS = _escaped(BLANK)
BLANK_BYTES = "".join(rf"\x{byte:02x}" for byte in BLANK.encode())
UNSEEN_ESCAPED, UNSEEN_BRACED, UNSEEN_DOUBLED = (
    f"[{in_class(UNSEEN, code_points(form))}]|{ROUNDED_ID}" for form in (r"\u{:04x}", r"\x{{{:x}}}", r"\\x{{{:x}}}")
)

DIALECTS: dict[str, Dialect] = {
    "duckdb": Dialect(
        wide="HUGEINT",
        decimal=None,
        trimmed=lambda x: f"NULLIF(TRIM({x}, E'{BLANK_BYTES}'), '')",
        visible=lambda x: f"NOT REGEXP_MATCHES({x}, '{UNSEEN_BRACED}')",
        day=lambda d: f"({d} - DATE '1970-01-01')",
        quotient=lambda a, b: _cut_off(f"({a}) // ({b})", f"({a}) % ({b})"),
        joined=_words,
    ),
    "spark": Dialect(
        wide="DECIMAL(38, 0)",
        decimal=None,
        trimmed=lambda x: f"NULLIF(TRIM(BOTH '{BLANKS}' FROM {x}), '')",
        visible=lambda x: f"NOT {x} RLIKE '{UNSEEN_DOUBLED}'",
        day=lambda d: f"CAST(UNIX_DATE({d}) AS BIGINT)",
        quotient=lambda a, b: _by_remainder(a, b, "DECIMAL(38, 0)"),
        joined=_words,
    ),
    "snowflake": Dialect(
        wide="NUMBER(38, 0)",
        decimal=None,
        trimmed=lambda x: f"NULLIF(TRIM({x}, '{BLANKS}'), '')",
        visible=lambda x: f"REGEXP_INSTR({x}, '{UNSEEN_ESCAPED}') = 0",
        day=lambda d: f"DATEDIFF(DAY, DATE '1970-01-01', {d})",
        quotient=lambda a, b: _by_remainder(a, b, "NUMBER(38, 0)"),
        joined=lambda separator, *texts: f"ARRAY_TO_STRING(ARRAY_CONSTRUCT_COMPACT({', '.join(texts)}), {separator})",
    ),
    "bigquery": Dialect(
        wide="BIGNUMERIC",
        decimal="BIGNUMERIC",
        trimmed=lambda x: f"NULLIF(TRIM({x}, '{BLANKS}'), '')",
        visible=lambda x: f"NOT REGEXP_CONTAINS({x}, r'{UNSEEN_BRACED}')",
        day=lambda d: f"UNIX_DATE({d})",
        quotient=lambda a, b: _cut_off(f"DIV({a}, {b})", f"MOD({a}, {b})"),
        joined=lambda separator, *texts: f"ARRAY_TO_STRING([{', '.join(texts)}], {separator})",
    ),
    "postgres": Dialect(
        wide="NUMERIC",
        decimal="NUMERIC",
        trimmed=lambda x: f"NULLIF(BTRIM({x}, E'{BLANKS}'), '')",
        visible=lambda x: f"{x} !~ '{UNSEEN_ESCAPED}'",
        day=lambda d: f"CAST({d} - DATE '1970-01-01' AS BIGINT)",
        quotient=lambda a, b: _cut_off(
            f"DIV(CAST({a} AS NUMERIC), CAST({b} AS NUMERIC))", f"MOD(CAST({a} AS NUMERIC), CAST({b} AS NUMERIC))"
        ),
        joined=_words,
        collated='COLLATE "C"',
        fenced=True,
    ),
}


def in_dialect(statement: exp.Select, dialect: str) -> str:
    """The statement's text; raises Bug (CT9003) for a function that is not known to mean the same everywhere."""
    words = DIALECTS[dialect]
    for node in reversed(list(statement.walk())):
        if isinstance(node, exp.Func) and not (isinstance(node, KNOWN) or (isinstance(node, exp.Anonymous) and node.name in OWN)):
            name = node.name if isinstance(node, exp.Anonymous) else node.sql_name()
            raise Bug(Problem("CT9003", f"a step uses `{name}`, which dialects may understand differently"))
        said = _said(node, words, dialect)
        if said is not None:
            node.replace(exp.var(said))
    for part in statement.ctes if words.fenced else ():
        part.set("materialized", True)
    if words.collated:
        by = statement.args["order"].expressions[0]
        by.set("this", exp.var(f"{by.this.sql(dialect)} {words.collated}"))
    return statement.sql(dialect=dialect, pretty=True, max_text_width=100)


def _said(node: exp.Expr, words: Dialect, dialect: str) -> str | None:
    """The text of a node that this dialect says in its own way."""
    match node:
        case exp.Anonymous(this=name, expressions=arguments):
            made: str = getattr(words, str(name).removeprefix("custier_"))(*(part.sql(dialect) for part in arguments))
            return made
        case exp.ConcatWs(expressions=texts):
            return words.joined(*(part.sql(dialect) for part in texts))
        case exp.DataType() if node.is_type("hugeint"):
            return words.wide
        case exp.DataType() if node.is_type("decimal") and words.decimal:
            return words.decimal
        case exp.Literal(is_string=True, this=text) if "\n" in text and "\n" in node.sql(dialect):
            # a line end as it is would be indented with the lines of the statement
            return f"({' || CHR(10) || '.join(exp.Literal.string(line).sql(dialect) for line in text.split(chr(10)))})"
        case exp.Greatest():
            return f"GREATEST({', '.join(part.sql(dialect) for part in [node.this, *node.expressions])})"
    return None
