"""A formula's text → its syntax tree, after caps on nesting and size."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection
from functools import lru_cache

import sqlglot
from sqlglot import TokenType, exp
from sqlglot.errors import SqlglotError

from custier.rubric.formula.exact import FormulaError
from custier.rubric.formula.slips import refuse_slips, slip_cure
from custier.rubric.formula.written import WRITTEN, shortened

MOST_WORDS = 360
MOST_PARENTHESES = 24
MOST_DEPTH = 100
PLAIN_CURE = "write an SQL expression, such as `spend / orders`"

logging.getLogger("sqlglot").setLevel(logging.CRITICAL)


def parse_formula(text: str, known: Collection[str]) -> exp.Expr:
    """The syntax tree of one SQL expression, to be read only; words that are known names are never keywords. Raises FormulaError."""
    return _parsed(text, frozenset(name for name in known if name in text))


@lru_cache(maxsize=4096)  # a check reads each formula dozens of times
def _parsed(text: str, known: frozenset[str]) -> exp.Expr:
    refuse_slips(text)
    if text.count("(") > MOST_PARENTHESES or len(re.findall(r"\w+|[^\w\s]", text)) > MOST_WORDS:
        raise _too_large()
    try:
        tokens = sqlglot.tokenize(text, read="duckdb")
        for token, following in zip(tokens, [*tokens[1:], None], strict=False):
            is_name = following is None or following.token_type not in (TokenType.L_PAREN, TokenType.STRING)
            if token.text in known and token.token_type != TokenType.STRING and is_name:
                token.token_type = TokenType.IDENTIFIER
        trees = sqlglot.Dialect.get_or_raise("duckdb").parser().parse(tokens, text)
    except (SqlglotError, RecursionError) as error:
        raise FormulaError(f"`{shortened(text)}` cannot be read", slip_cure(text) or PLAIN_CURE) from error
    if len(trees) != 1 or trees[0] is None:
        raise FormulaError("holds more or less than one formula", "write one SQL expression, such as `spend / orders`")
    nodes = list(trees[0].walk())
    if len(nodes) > MOST_WORDS or max(node.depth for node in nodes) > MOST_DEPTH:
        raise _too_large()
    trees[0].meta[WRITTEN] = text
    return trees[0]


def names_in(text: str, known: Collection[str] = ()) -> set[str]:
    """The names a formula uses."""
    return {c.name for c in parse_formula(text, known).find_all(exp.Column)}


def _too_large() -> FormulaError:
    return FormulaError("the formula is too large", "split it into several metrics")
