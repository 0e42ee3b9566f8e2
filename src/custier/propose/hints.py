"""Words in headers that say what a column may hold, where the header as a whole is not a usual one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from custier.propose.seen import Seen, words_of


@dataclass(frozen=True)
class Hint:
    """words: of an English header; parts: of a Chinese one; `not_…`: what makes it something else."""

    words: str
    parts: str
    not_words: str = ""
    not_parts: str = ""


IDS = "id no number code key num"
ID_PARTS = "编号 编码 代码 卡号 号 ID id"

HINTS = {
    "customer": Hint(
        "customer cust client member buyer user account shopper subscriber",
        "客户 顾客 会员 买家 用户 经销商 客人 往来单位 往来户 购货单位 购买单位 购货方 购买方 客商",
        "type segment level grade tier age gender sex city state country region address since status count score rating group loyalty",
        "类型 类别 等级 级别 年龄 性别 城市 地区 区域 地址 状态 数 评分 分组 行业",
    ),
    "date": Hint("date time day datetime timestamp on", "日期 时间 日 年月"),
    "amount": Hint(
        "amount amounts sales sale revenue total totals value expenditure spend spent paid payment turnover net money subtotal dollars",
        "金额 销售额 消费 实收 实付 营业额 收入 货款 总价 总额 付款 款 价税合计",
        "discount tax freight shipping unit quantity qty cost profit rate percent id count units price hike growth change addon addons "
        "points hour hours",
        "折扣 优惠 税额 税率 税金 运费 单价 数量 成本 利润 率 积分 编号 次数 邮费 退款",
    ),
    "order": Hint("order invoice receipt bill transaction ticket", "订单 单号 小票 流水 交易号 单据", "date time status amount type total"),
}


TAXED = re.compile("不?含税(?=金额|总[价额])")
"""Says of an amount that the tax is in it, or not: it is no amount of tax (税金)."""


def is_hinted(column: str, seen: Seen) -> bool:
    """Whether the words of a header speak for a column."""
    hint = HINTS.get(column)
    if hint is None:
        return False
    words, header = set(words_of(seen.header)), TAXED.sub("", seen.header)
    if words & set(hint.not_words.split()) or any(part in header for part in hint.not_parts.split()):
        return False
    return bool(words & set(hint.words.split())) or any(part in header for part in hint.parts.split())


def is_an_id(seen: Seen) -> bool:
    """Whether a header says that it holds numbers or codes that stand for something."""
    words = words_of(seen.header)
    return bool(set(words) & set(IDS.split())) or any(seen.header.rstrip().endswith(part) for part in ID_PARTS.split())
