"""The canonical columns of each source: their type, whether a cell may be blank, and the headers that exports usually give them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace

from custier.rubric.model import Column, ColumnType, Source
from custier.rubric.numbers import Numbers
from custier.rubric.scalars import MOST_DECIMALS


@dataclass(frozen=True)
class ColumnKind:
    """How a column is held: its type, the decimals of its integers (0 for text and dates), whether every cell must be filled; and
    how an export writes it: its numbers, None for plain ones, and the texts that mean an empty cell, and of
    dates the zone in which a day begins.
    """

    type: ColumnType
    scale: int
    required: bool
    numbers: Numbers | None = None
    missing: tuple[str, ...] = ()
    timezone: str | None = None

    @property
    def has_own_form(self) -> bool:
        """Whether its texts are read in a way that the rubric declares."""
        return bool(self.missing or self.timezone) or (self.numbers is not None and not self.numbers.is_plain)

    @property
    def decimals(self) -> int:
        """How many decimals its cells may have: what is counted in 10,000s has four more."""
        return self.scale + (self.numbers.shift if self.numbers else 0)


@dataclass(frozen=True)
class Usual:
    """A canonical column as exports usually have it."""

    type: ColumnType
    headers: str
    blank: bool = False

    @property
    def folded(self) -> set[str]:
        return {fold(h) for h in self.headers.split("|")}


CUSTOMER = Usual(
    "text",
    "customer|customer id|customer code|customer no|customer number|cust id|cust no|client id|client code|account id|account no"
    "|member id|member no|member number|buyer id|user id"
    "|客户|客户编号|经销商|经销商编号|经销商代码|客户代码|客户编码|客户号|客户ID|顾客编号|顾客ID|会员号|会员编号|会员卡号|会员ID|用户ID|用户编号|买家ID",
)

USUAL: dict[str, dict[str, Usual]] = {
    "transactions": {
        "customer": CUSTOMER,
        "date": Usual(
            "date",
            "date|order date|transaction date|trans date|purchase date|sale date|sales date|invoice date|order time|transaction time"
            "|日期|下单日期|订单日期|交易日期|销售日期|购买日期|消费日期|下单时间|订单时间|交易时间|成交时间|成交日期|购买时间",
        ),
        "order": Usual(
            "text",
            "order|order id|order no|order number|order code|invoice|invoice id|invoice no|invoice number|transaction id|transaction no"
            "|receipt no|订单|订单号|订单编号|订单ID|单号|单据号|发票号|交易号|流水号|小票号",
        ),
        "amount": Usual(
            "money",
            "amount|sales|sales amount|order amount|transaction amount|tran amount|net amount|revenue"
            "|total|total price|total amount|grand total|line total"
            "|金额|销售额|销售金额|订单金额|交易金额|消费金额|实付金额|支付金额|成交金额|付款金额",
        ),
        "category": Usual("text", "category|product category|product type|品类|类别|产品类别|商品类别|商品品类|产品品类|类别ID|品类名称"),
        "product": Usual(
            "text", "product|product id|product code|sku|stock code|item|item id|商品|产品|商品ID|商品编号|产品编号|商品编码|产品编码"
        ),
        "quantity": Usual("number", "quantity|qty|units|数量|销量|购买数量|销售数量|件数"),
        "price": Usual("number", "price|unit price|单价|价格"),
        "cost": Usual("money", "cost|cost amount|total cost|cogs|成本|成本金额|成本额"),
        "profit": Usual("money", "profit|gross profit|利润|毛利|毛利额|利润额"),
        "region": Usual("text", "region|area|地区|区域|大区"),
        "status": Usual("text", "status|order status|订单状态|状态|交易状态"),
    },
    "invoices": {
        "customer": CUSTOMER,
        "date": Usual("date", "due date|date due|due|payment due date|到期日|到期日期|应付日期|应收日期|应付款日|约定付款日"),
        "paid": Usual(
            "date",
            "paid|paid date|date paid|payment date|settled date|settlement date|付款日|付款日期|支付日期|回款日|回款日期|收款日期|结清日期",
            blank=True,
        ),
        "amount": Usual("money", "amount|invoice amount|amount due|应收金额|应收款|发票金额|开票金额|金额"),
        "open": Usual("money", "open|open amount|outstanding|balance due|amount open|未付金额|未收金额|欠款|未结金额|未回款金额"),
        "invoice": Usual("text", "invoice|invoice id|invoice no|invoice number|发票号|发票号码|账单号|应收单号"),
    },
    "surveys": {
        "customer": CUSTOMER,
        "date": Usual("date", "date|survey date|response date|rating date|日期|调查日期|评价日期|评分日期|回访日期"),
        "score": Usual("number", "score|rating|satisfaction|satisfaction score|csat|nps|满意度|评分|满意度评分|得分|分数"),
    },
    "customers": {
        "customer": CUSTOMER,
        "joined": Usual(
            "date", "joined|join date|joined date|registration date|signup date|注册日期|入会日期|开户日期|建档日期|注册时间", blank=True
        ),
        "name": Usual("text", "name|customer name|客户名称|姓名|客户姓名|顾客姓名|会员姓名"),
        "region": Usual("text", "region|area|地区|区域|大区"),
    },
    "events": {
        "customer": CUSTOMER,
        "date": Usual("date", "date|event date|event time|日期|事件日期|发生日期|发生时间"),
        "event": Usual("text", "event|event type|type|事件|事件类型|类型"),
        "value": Usual("number", "value|points|数值|积分", blank=True),
    },
    "balances": {
        "customer": CUSTOMER,
        "date": Usual("date", "date|balance date|as of|日期|余额日期"),
        "balance": Usual("money", "balance|account balance|余额|账户余额|资产"),
        "account": Usual("text", "account|account number|account code|账户|账号|账户编号|账户号|卡号"),
    },
    "members": {
        "customer": CUSTOMER,
        "date": Usual("date", "date|since|member since|from date|日期|生效日期|加入日期|登记日期"),
        "parent": Usual(
            "text",
            "parent|parent id|parent customer|head|head of household|household head|parent company"
            "|户主|户主编号|户主客户号|上级客户|上级编号|母公司|母公司编号|总公司编号|主客户编号",
        ),
    },
    "merges": {
        "customer": Usual(
            "text", f"{CUSTOMER.headers}|old id|old customer|old customer id|duplicate|duplicate id|原编号|旧编号|原客户编号|旧客户编号"
        ),
        "date": Usual("date", "date|merge date|merged on|日期|合并日期"),
        "into": Usual("text", "into|merged into|new id|new customer|new customer id|kept id|并入|合并到|新编号|保留编号|新客户编号"),
    },
    "estimates": {
        "customer": CUSTOMER,
        "date": Usual("date", "estimated on|estimate date|date estimated|date|评估日期|评估日|预估日期|估计日期|日期"),
        "estimate": Usual("number", "estimate|estimated value|estimated potential|potential|评估|评估值|预估|预估值|估计值|潜力|潜力评估"),
        "estimated_until": Usual(
            "date", "estimated until|valid until|valid to|expires|expiry date|有效期至|有效期|失效日期|截止日期|到期日|到期日期", blank=True
        ),
        "estimated_by": Usual("text", "estimated by|estimator|by|评估人|评估者|预估人|估计人|业务员|客户经理"),
        "reason": Usual("text", "reason|estimate reason|grounds|原因|理由|依据|评估依据|评估理由|预估依据"),
    },
}

RECORDS: dict[str, tuple[str, ...]] = {"customers": (), "estimates": ("date_us",)}
"""Sources with one record per customer, and what may tell several of them apart: of estimates the latest counts, so the moment does."""


RAW, UNREAD, CELL, DIFFERS = "__raw", "__unread", "__cell", "__differs"
"""Beside a column, under its name and this: the cell's text, whether it holds something without a value, the text untrimmed, and in
sources with one record per customer, whether another record of the customer says otherwise."""

TAKEN = re.compile(rf"source|file|line|kept|sound|customer_id|merged_from|date_us|.*_day|.*(?:{RAW}|{UNREAD}|{CELL}|{DIFFERS})")
"""Names that frames give to columns of their own."""

NOT_FINITE = r"(?i)^\s*[+-]?(?:nan|inf|infinity|[0-9.]+e\+?[0-9]{3,})\s*$"
"""Texts of numbers that are none, or too large to be one."""


UNIT = re.compile(r"(?<=.)[(\[【](?:单位:?)?(?:元|人民币元?|rmb|cny|yuan|¥)[)\]】]$")


def fold(header: str) -> str:
    """A header as it is compared: without case, spaces, `_`, `-`, full-width forms and a unit of money in brackets."""
    return UNIT.sub("", re.sub(r"[\s_\-]+", "", unicodedata.normalize("NFKC", header)).casefold())


def usual_columns(source: str) -> dict[str, Usual]:
    """The canonical columns of a source; a source of another name has the customer and the date."""
    return USUAL.get(source, {"customer": CUSTOMER, "date": USUAL["events"]["date"]})


def is_dated(source: str) -> bool:
    """Whether the rows of a source have a date, so that windows say which count."""
    return "date" in usual_columns(source)


def kind_of(source: str, name: str, column: Column | None, currency_decimals: int) -> ColumnKind:
    """The kind of a canonical column; a name that is not usual is text unless the rubric says its type."""
    usual = usual_columns(source).get(name)
    held = (column.type if column else None) or _type_when_unsaid(usual, column)
    scale = {"money": currency_decimals, "number": MOST_DECIMALS}.get(held, 0)
    blank = held == "text" or (column is not None and column.optional) or (usual is not None and usual.blank)
    return ColumnKind(held, scale, required=name == "customer" or not blank)


def as_exported(kind: ColumnKind, spec: Source, name: str) -> ColumnKind:
    """The kind of a column with how its source writes it. The unit of a source is that of its money; a formula is written nowhere."""
    if name in spec.made:
        return kind
    numbers = spec.numbers_of(name) if kind.type in ("money", "number") else None
    if numbers is not None and kind.type == "number" and not _names_unit(spec.columns.get(name)):
        numbers = numbers.in_ones
    zone = spec.columns[name].timezone if name in spec.columns and kind.type == "date" else None
    return replace(kind, numbers=numbers, missing=spec.missing_of(name), timezone=zone)


def of_header(spec: Source, header: str) -> ColumnKind:
    """How a header is read that a formula takes: as the column that has it, else as its source; never in units."""
    name = next((name for name, column in spec.columns.items() if header in (*column.header, *(column.columns or ()))), "")
    numbers = spec.numbers_of(name)
    return ColumnKind("number", MOST_DECIMALS, False, numbers.in_ones if numbers else None, spec.missing_of(name))


def _names_unit(declared: Column | None) -> bool:
    return declared is not None and declared.numbers is not None and "unit" in declared.numbers.model_fields_set


def _type_when_unsaid(usual: Usual | None, column: Column | None) -> ColumnType:
    if column and column.columns:
        return "text"
    if usual:
        return usual.type
    if column and column.format:
        return "date"
    return "number" if column and column.formula else "text"


def number_columns(kinds: Mapping[str, ColumnKind]) -> list[str]:
    """The columns that are added up."""
    return [name for name, kind in kinds.items() if kind.type in ("number", "money")]


def frame_name(name: str) -> str:
    """What frames call a canonical column."""
    return "customer_id" if name == "customer" else name
