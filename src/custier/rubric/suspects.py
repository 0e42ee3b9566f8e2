"""What becomes of rows that are suspicious: ids that stand for nobody, rows and orders that stand twice, refunds, rows in the future."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from custier.rubric.scalars import Strict

USUAL = [
    *("-", "--", "---", "–", "—", "——", ".", "..", "...", "*", "?", "??", "/", r"\n", "null", "none", "nil", "n/a", "na", "nan", "<na>"),
    *("#n/a", "#null!", "#ref!", "#value!", "#name?", "#div/0!", "<null>", "[null]", "{null}"),
    *("(null)", "(none)", "(blank)", "undefined", "missing", "anonymous", "anon", "unknown", "guest", "walk-in", "walkin"),
    *("匿名", "匿名用户", "匿名客户", "匿名会员", "散客", "散户", "游客", "访客", "路人", "过客", "未知", "未知客户", "不详"),
    *("无", "无名", "空", "空值", "非会员", "未登录", "未注册", "未登记"),
]
"""Ids that stand for nobody, in small letters; zeros alone do too."""

MOST_ZEROS = 12

MANY_WITHOUT_CUSTOMER = 0.05
"""From this share of rows on, blank customers are more likely merged or grouped cells than sales to nobody."""

Action = Literal["keep", "exclude", "reject"]


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Id = Annotated[str, BeforeValidator(_as_text, json_schema_input_type=str | int), StringConstraints(strip_whitespace=True, min_length=1)]


class NoCustomer(Strict):
    """Ids that stand for nobody, and what becomes of their rows."""

    ids: list[Id] = Field(default_factory=list, description="further ids that stand for nobody, beside the usual ones")
    allow: list[Id] = Field(default_factory=list, description="usual ones that are a customer's own id here")
    rows: Literal["reject", "exclude"] = Field("reject", description="exclude: the rows are left out and counted, those without an id too")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"ids": value} if isinstance(value, list) else {"rows": value} if isinstance(value, str) else value

    @property
    def texts(self) -> list[str]:
        """Every id that stands for nobody, folded, sorted."""
        known = {*USUAL, *("0" * n for n in range(1, MOST_ZEROS + 1)), *map(folded, self.ids)}
        return sorted(known - set(map(folded, self.allow)))

    @property
    def forms(self) -> list[str]:
        """The same with their full-width forms: what an id of nobody is in small letters, without the spaces around it."""
        return sorted({form for text in self.texts for form in (text, full_width(text))})

    @property
    def pattern(self) -> str:
        """A regular expression for a whole cell with such an id, in any case; every engine knows all it uses."""
        return rf"^\s*(?:{'|'.join(''.join(map(_either_case, form)) for form in self.forms)})\s*$"


class Ids(Strict):
    """Which spellings of an id are one customer."""

    case: Literal["exact", "ignore"] = Field("exact", description="ignore: in small letters, so that A1 is a1")
    width: Literal["exact", "ignore"] = Field("exact", description="ignore: in the usual width and composition (NFKC), so that Ａ１ is A1")
    zeros: Literal["exact", "ignore"] = Field("exact", description="ignore: numbers without leading zeros, so that 007 is 7")

    @property
    def is_exact(self) -> bool:
        return (self.case, self.width, self.zeros) == ("exact",) * 3


def folded(text: str) -> str:
    """A text as ids of nobody are compared: narrow, in small letters, without spaces around it."""
    return unicodedata.normalize("NFKC", text).lower().strip()


def full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def _either_case(sign: str) -> str:
    return f"[{_plain(sign)}{_plain(sign.upper())}]" if len(sign.upper()) == 1 else sign


def _plain(sign: str) -> str:
    return f"\\{sign}" if sign in r"\^[]-" else sign


DEFAULTS: dict[str, Action] = {
    "no_customer": "reject",
    "future": "reject",
    "duplicates": "keep",
    "same_order": "keep",
    "overlaps": "keep",
    "refunds": "keep",
    "zero_amounts": "keep",
}
"""The keys of a source that say what becomes of suspicious rows, in the order in which a row is excluded for one of them."""

ALSO: dict[str, Action] = {"drop": "exclude", "last_file": "exclude"}
"""Words of a single key that come to the same."""


def mark(key: str) -> str:
    """The column of a frame that says whether a row is suspicious so."""
    return f"{key} "


def action_of(spec: Any, key: str) -> Action:
    """What a source does with rows that are suspicious so."""
    said = getattr(spec, key) or DEFAULTS[key]
    said = said.rows if isinstance(said, NoCustomer) else said
    return ALSO.get(said, said)


def marked(names: Collection[str], spec: Any, action: Action) -> list[str]:
    """The keys with that action whose marks are among these columns."""
    return [key for key in DEFAULTS if mark(key) in names and action_of(spec, key) == action]
