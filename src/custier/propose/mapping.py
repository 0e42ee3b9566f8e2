"""Which header is which canonical column: as told, by a usual header, by words in it, or as the only one with such content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from custier.propose.hints import IDS, is_an_id, is_hinted
from custier.propose.seen import Seen, words_of
from custier.read.units import multiple_in
from custier.rubric.columns import fold, usual_columns


@dataclass(frozen=True)
class Why:
    """A sentence in English with its values, told in the reader's language where it is shown."""

    text: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Choice:
    """A column and the header, headers or formula that it comes from. keys: what else the rubric says of it, such as its format."""

    column: str
    why: Why
    headers: tuple[str, ...] = ()
    formula: str | None = None
    keys: Mapping[str, Any] = field(default_factory=dict)

    @property
    def value(self) -> Any:
        """What a rubric says of the column."""
        if self.formula is not None:
            return {"formula": self.formula, **self.keys}
        if len(self.headers) > 1:
            return {"columns": list(self.headers)}
        return {"column": self.headers[0], **self.keys} if self.keys else self.headers[0]


@dataclass(frozen=True)
class Question:
    """What only a person can say. options: what could be meant, the likeliest first; flag: what says it on a command line."""

    column: str
    flag: str
    asked: Why
    options: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()


AMONG_SEVERAL = ("customer", "date", "amount")
"""Columns that are asked for where several headers fit; of any other the more usual one is taken, and that is told."""

MOST_OPTIONS = 6
LEAST_CUSTOMERS = 5
PEOPLE = "full customer client member contact person user buyer company nick account"
ANYBODY = (
    "firstname lastname surname fullname username nickname contact person buyer client member shopper subscriber phone mobile tel "
    "telephone fax email mail address street wechat passport ssn recipient consignee receiver payer payee cashier salesperson seller "
    "rep representative manager employee staff agent owner clerk consultant guide driver contactname customername"
)
THINGS = "product item goods dish sku article material brand category class type file sheet course event table channel model"
NO_GROUPS = (
    "month day weekday quarter year date time discount band status state order invoice receipt voucher document payment currency "
    "gender sex unit size color"
)
THING_PARTS = (
    "商品 产品 货品 菜 品名 品牌 品类 类别 规格 型号 月 日 季 年 时间 折扣 状态 订单 单号 单据 流水 小票 凭证 发票 支付 币种 性别 颜色"
)
ANYBODY_PARTS = (
    "姓名 名字 称呼 昵称 用户名 客户名 顾客 客人 会员名 买家 卖家 联系 收货 收件 寄件 发货人 提货 收款人 付款人 经办 签收 签字 "
    "业务员 销售员 店员 导购 收银员 营业员 员工 负责人 经理 跟进人 操作员 制单 审核人 推荐人 介绍人 法人 户主 户名 持卡人 本人 "
    "公司名 单位名 企业名 商户 "
    "电话 手机 座机 传真 邮箱 邮件 地址 住址 微信 QQ 身份证 证件 护照 车牌 抬头"
)
"""Wider than what names a customer: what nobody but the shop should read is masked wherever it is shown."""

ONLY_AMOUNTS = "the only column that holds amounts"


def find_column(source: str, column: str, columns: Sequence[Seen]) -> Choice | Question | None:
    """The header of a column by what the file says; a question where several fit, None where none does."""
    for found, why in (
        (_usual(source, column, columns), Why("a usual header")),
        (_in_units(source, column, columns), Why("a usual header, with a unit")),
        (_hinted(column, columns), Why("the only header whose words and content fit")),
        (_by_content(source, column, columns), _only(column)),
    ):
        if len(found) > 1 and column == "amount" and why.text == ONLY_AMOUNTS:
            return None  # numbers alone do not say that they are money
        if len(found) == 1 and column == "customer" and is_person(found[0]):
            return _by_name(found[0], columns)
        if len(found) == 1:
            return Choice(column, why, (found[0].header,))
        if found and column not in AMONG_SEVERAL:
            return Choice(
                column, Why("a usual header; `{others}` would fit too", {"others": ", ".join(_names(found[1:]))}), (found[0].header,)
            )
        if found:
            asked = Why("several headers may be the column `{column}`: {headers}", {"column": column, "headers": ", ".join(_names(found))})
            return Question(column, f"--{column}", asked, _names(found))
    return None


def _by_name(named: Seen, columns: Sequence[Seen]) -> Choice | Question:
    """Customers by their names, which two of them may share; a question where an id stands beside them."""
    ids = [c for c in columns if set(words_of(c.header)) <= set(IDS.split()) and c.distinct >= named.distinct]
    if not ids:
        return Choice("customer", Why("a name, for want of an id: two customers of one name count as one"), (named.header,))
    names = (ids[0].header, named.header)
    asked = Why("several headers may be the column `{column}`: {headers}", {"column": "customer", "headers": ", ".join(names)})
    return Question("customer", "--customer", asked, names)


def who_may_be_customers(columns: Sequence[Seen]) -> list[Seen]:
    """Headers that could name customers, the likeliest first: their values come back, and are neither dates nor amounts."""
    likely = [
        c
        for c in columns
        if not is_thing(c.header)
        and c.repeats
        and not c.is_date
        and (not c.is_number or c.whole)
        and c.filled * 2 > c.rows
        and c.distinct > 5
    ]
    return sorted(likely, key=lambda c: (-is_person(c), -is_an_id(c), -c.distinct))[:MOST_OPTIONS]


def who_together(columns: Sequence[Seen]) -> tuple[str, ...]:
    """Two headers of texts that may name customers together, as a segment and a country do; none where there are not two."""
    groups = [
        c
        for c in columns
        if not is_thing(c.header) and not c.is_date and not c.is_number and 2 < c.distinct < c.looked_at and "," not in c.header
    ]
    first = sorted(groups, key=lambda c: -c.distinct)[:2]
    return tuple(c.header for c in columns if c in first) if len(first) == 2 else ()


def is_thing(header: str) -> bool:
    """Whether a header speaks of goods, orders, times or states, which come back as customers do."""
    words = set(words_of(header))
    return bool(words & {*THINGS.split(), *NO_GROUPS.split()}) or any(part in header for part in THING_PARTS.split())


def fits(kind: str, seen: Seen) -> bool:
    """Whether the content of a column is of a type."""
    return seen.is_date if kind == "date" else seen.is_number if kind in ("money", "number") else seen.looked_at > 0


def _usual(source: str, column: str, columns: Sequence[Seen]) -> list[Seen]:
    usual = usual_columns(source).get(column)
    names = [fold(h) for h in usual.headers.split("|")] if usual else [fold(column)]
    found = sorted((c for c in columns if fold(c.header) in names), key=lambda c: names.index(fold(c.header)))
    fitting = [c for c in found if fits(usual.type if usual else "text", c)]
    return fitting or found


def _in_units(source: str, column: str, columns: Sequence[Seen]) -> list[Seen]:
    usual = usual_columns(source).get(column)
    if usual is None or usual.type != "money":
        return []
    return [c for c in columns if (unit := multiple_in(c.header)) and unit[0] in usual.folded]


def _hinted(column: str, columns: Sequence[Seen]) -> list[Seen]:
    found = [c for c in columns if is_hinted(column, c) and _may_be(column, c)]
    with_id = [c for c in found if is_an_id(c)]
    return with_id or found if column == "customer" else with_id if column == "order" else found


def _by_content(source: str, column: str, columns: Sequence[Seen]) -> list[Seen]:
    """The columns with the content of a date or an amount; of customers and all else content alone says nothing."""
    if column == "date":
        return [c for c in columns if c.is_date]
    if column == "amount" and source == "transactions":
        return [c for c in columns if c.is_number and not c.whole and not is_an_id(c) and not _is_another(c, source)]
    return []


def _may_be(column: str, seen: Seen) -> bool:
    if column == "date":
        return seen.is_date
    if column == "amount":
        return seen.is_number and not is_an_id(seen)
    return seen.looked_at > 0 and not seen.is_date and (column != "customer" or (seen.repeats and (not seen.is_number or seen.whole)))


def _is_another(seen: Seen, source: str) -> bool:
    """Whether a usual header or its words say that a number is no amount."""
    others = {f for name, usual in usual_columns(source).items() if name != "amount" for f in usual.folded}
    words = "price cost profit discount quantity qty rate freight 单价 成本 利润 折扣 税额 税率 数量 销量 运费 率 经度 纬度"
    return fold(seen.header) in others or any(word in seen.header.casefold() for word in words.split())


def is_person(seen: Seen) -> bool:
    """Whether the words of a header speak of people."""
    words = words_of(seen.header)
    called = words[-1:] == ["name"] and (len(words) == 1 or words[-2] in PEOPLE.split())  # not the name of a dish
    reached = set(words[-1:]) & {"phone", "mobile", "email", "fullname", "tel"}
    return called or bool(reached) or any(part in seen.header for part in ("电话", "手机", "姓名", "邮箱"))


def speaks_of_people(seen: Seen) -> bool:
    """Whether any word of a header may speak of somebody, be it the customer, who delivers or where they live: in doubt it does."""
    words = set(words_of(seen.header))
    called = "name" in words and not words & set(THINGS.split())
    told = words & set(ANYBODY.split()) or any(part in seen.header for part in ANYBODY_PARTS.split())
    return called or bool(told) or is_person(seen) or is_hinted("customer", seen)


def _only(column: str) -> Why:
    return Why("the only column that holds dates") if column == "date" else Why(ONLY_AMOUNTS)


def _names(columns: Sequence[Seen]) -> tuple[str, ...]:
    return tuple(c.header for c in columns[:MOST_OPTIONS])
