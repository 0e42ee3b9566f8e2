"""Parts of a formula as its author wrote them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

WRITTEN = "written"
"""Where the root of a syntax tree keeps the text it was made from."""

SAID = "said"
"""Where a node keeps its part of it, once it was asked for."""

MOST_QUOTED = 120


def as_written(node: exp.Expr) -> str:
    """The part of the text that a node was made from; the whole text where the node reads differently."""
    if SAID not in node.meta:  # a check builds each formula many times, and finding the part takes longest
        node.meta[SAID] = _found_in_text(node)
    return str(node.meta[SAID])


def _found_in_text(node: exp.Expr) -> str:
    sql = node.sql("duckdb")
    text = node.root().meta.get(WRITTEN, sql)
    marks = [n for n, sign in enumerate(text) if _counts(sign)]
    wanted = _folded(filter(_counts, sql))
    at = _folded(text[n] for n in marks).find(wanted)
    if at < 0 or not wanted:
        return shortened(text)
    start, end = marks[at], marks[at + len(wanted) - 1] + 1
    return shortened(text[start - text.count('"', 0, start) % 2 : end + text.count('"', 0, end) % 2])


def shortened(text: str) -> str:
    """A text for a message, at most 120 characters of it."""
    return text if len(text) <= MOST_QUOTED else f"{text[:MOST_QUOTED]}…"


def _counts(sign: str) -> bool:
    """Whether a sign tells texts apart; blanks and the quotes around names may be added or left out."""
    return not sign.isspace() and sign != '"'


def _folded(signs: Iterable[str]) -> str:
    """Without case, sign by sign, so that places stay the same."""
    return "".join(sign.lower()[:1] for sign in signs)
