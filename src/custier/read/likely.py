"""How a column's texts are likely written: what `numbers:` and `missing:` of a rubric would say of them. Proposed, never taken."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from custier.rubric.numbers import ANY_SIGN, Numbers, currency_of, same_signs
from custier.rubric.written import WIDE, below_zero, pattern, sign, zero

MOST_LOOKED_AT = 1_000
MOST_ODD = 10
"""One text in so many may be something else."""

BLANKS = frozenset(
    {"null", "na", "n/a", "#n/a", "nil", "none", "missing", "(blank)", "(null)", "\\n", "-", "--", "–", "—", "?", ".",
     "无", "空", "暂无", "缺失", "不详", "未填"}
)  # fmt: skip
"""Texts, in small letters, that people and programs write into a cell that has nothing."""

MARKS: tuple[dict[str, str], ...] = (
    {},
    {"thousands": ","},
    {"thousands": "indian"},
    {"decimal": ","},
    {"decimal": ",", "thousands": "."},
    {"thousands": " "},
    {"decimal": ",", "thousands": " "},
    {"thousands": "'"},
    {"decimal": ",", "thousands": "'"},
)
"""The usual ones first: of several that read every text alike the first is proposed."""

SIGN = re.compile(ANY_SIGN)

TYPED_MINUS = "−"
"""No hyphen; it is read wherever numbers are not plain, so that something must be said of them."""

TO_ASCII = {ord(wide): plain for wide, plain in WIDE.items()}


def likely_missing(texts: Iterable[str]) -> list[str]:
    """Those of a column's distinct texts that are likely empty cells, as they stand."""
    return sorted({bare for text in texts if (bare := text.strip()).casefold() in BLANKS})


def likely_numbers(texts: Iterable[str]) -> dict[str, Any] | None:
    """What `numbers:` would say so that a column's distinct texts are numbers: {} for plain ones; None where they are no numbers, or
    where several readings give different ones.
    """
    found = number_readings(texts)
    return found[0] if len(found) == 1 else None


def number_readings(texts: Iterable[str]) -> list[dict[str, Any]]:
    """Every reading of a column's distinct texts that fits the most of them and gives other numbers than those before it."""
    looked_at = [text for text in _first(texts) if text.strip().casefold() not in BLANKS or _is_dash(text)]
    if not any(not _is_dash(text) for text in looked_at) or len({*currencies_in(looked_at)}) > 1:
        return []
    said = _beside_marks(looked_at)
    forms = [Numbers.model_validate(marks | said) for marks in MARKS]
    values = {form: [value_of(text, form) for text in looked_at] for form in forms}
    most = max(sum(v is not None for v in found) for found in values.values())
    if (len(looked_at) - most) * MOST_ODD > len(looked_at):
        return []
    best = [form for form in forms if sum(v is not None for v in values[form]) == most]
    unlike = [form for n, form in enumerate(best) if all(values[form] != values[other] for other in best[:n])]
    return [{**form.model_dump(exclude_defaults=True), **{k: said[k] for k in ("currency",) if k in said}} for form in unlike]


def currencies_in(texts: Iterable[str]) -> set[str]:
    """The currencies whose signs stand beside numbers, each under one of its signs."""
    return {currency_of(found) for text in texts for found in _signs_of(text)}


def _first(texts: Iterable[str]) -> Iterator[str]:
    for n, text in enumerate(texts):
        if n == MOST_LOOKED_AT:
            return
        yield text


def _signs_of(text: str) -> list[str]:
    return SIGN.findall(text) if any(c.isdigit() or c in "-−–—" for c in text) else []


def _is_dash(text: str) -> bool:
    """A dash beside a sign of currency, as accounts are written; a dash alone may as well be an empty cell."""
    return bool(re.fullmatch(r"[-−–—]", SIGN.sub("", text).strip())) and bool(SIGN.search(text))


def _beside_marks(texts: list[str]) -> dict[str, Any]:
    """What the texts say themselves: signs of currency, ways to say less than zero, dashes, full-width digits."""
    found = sorted({sign for text in texts for sign in _signs_of(text)})
    signs = [s for n, s in enumerate(found) if not any(s in same_signs(other) for other in found[:n])]
    said: dict[str, Any] = {"currency": signs[0] if len(signs) == 1 else signs} if signs else {}
    if any(re.search(r"[(（].*[)）]", text) for text in texts):
        said["negative"] = "parentheses"
    elif any(re.search(r"[0-9０-９.,].*[-−]\s*$", SIGN.sub("", text)) for text in texts):
        said["negative"] = "trailing"
    if any(_is_dash(text) for text in texts):
        said["dash"] = "zero"
    if any(char in WIDE or char == TYPED_MINUS for text in texts for char in text):
        said["digits"] = "full-width"
    return said


def value_of(text: str, form: Numbers) -> Decimal | None:
    """The number that a text is in this form; None where it is none."""
    if form.dash == "zero" and re.search(zero(form), text):
        return Decimal(0)
    if not re.search(pattern(form), text):
        return None
    bare = re.sub(sign(form), "", text) if form.currency else text
    digits = re.sub(rf"[^0-9{form.decimal}]", "", bare.translate(TO_ASCII)).replace(",", ".")
    return -Decimal(digits) if re.search(below_zero(form), text) else Decimal(digits)
