"""Every header of the files: how full it is, and its most frequent values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction

import polars as pl

from custier.profile.concentration import decimal_of, masked
from custier.profile.values import ColumnProfile, TopValue
from custier.propose.mapping import speaks_of_people
from custier.propose.opened import Opened
from custier.propose.seen import Seen

SHOWN_VALUES = 4
MOST_VALUES = 50
"""A column with more different values may name somebody, and says little by its most frequent ones."""


def column_profiles(opened: Opened, columns: Sequence[Seen], roles: Mapping[str, str]) -> list[ColumnProfile]:
    """roles: header → the canonical column that it is taken for."""
    repeated = [c for c in columns if roles.get(c.header) == "customer" or _repeats(c)]
    frames = [
        opened.column(c.at).group_by("text").agg(rows=pl.len()).sort(["rows", "text"], descending=[True, False]).head(SHOWN_VALUES)
        for c in repeated
    ]
    tops = {c.at: top for c, top in zip(repeated, pl.collect_all(frames, engine="streaming") if frames else [], strict=True)}
    return [_profile(c, roles.get(c.header), tops.get(c.at)) for c in columns]


def _repeats(seen: Seen) -> bool:
    return 0 < seen.distinct <= MOST_VALUES and seen.distinct * 2 <= seen.looked_at and not seen.is_date


SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪任姜范方姚谭"
    "廖邹熊陆郝孔崔康毛邱秦江史顾侯邵孟龙段雷钱汤尹黎易乔贺赖龚文欧司诸"
)
PERSON = rf"^(?:[{SURNAMES}][\u4e00-\u9fff·]{{1,3}}|[^@\s]+@[^@\s]+\.[^@\s]+|\+?[0-9][0-9 ()-]{{9,16}}[0-9Xx])$"


def _names(texts: Sequence[str]) -> bool:
    """Whether these may be names of people, addresses of mail or numbers of telephones or papers, whatever the header says."""
    return 2 * sum(bool(re.match(PERSON, text)) for text in texts) > len(texts)


def _profile(seen: Seen, role: str | None, top: pl.DataFrame | None) -> ColumnProfile:
    missing = seen.rows - seen.filled
    hidden = role == "customer" or speaks_of_people(seen) or (top is not None and _names(top["text"].to_list()))
    values = [TopValue(masked(text) if hidden else text, rows) for text, rows in top.rows()] if top is not None else []
    kind = "date" if seen.is_date else "number" if seen.is_number else "text"
    return ColumnProfile(seen.header, role, kind, seen.filled, missing, decimal_of(Fraction(missing, max(1, seen.rows))), values)
