"""What the columns of the flat copies are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from custier.lang import Lang

COLUMNS = {
    "customer_id": "客户编号",
    "tier": "等级",
    "previous_tier": "上期等级",
    "change": "变化",
    "steps": "变动级数",
    "score": "综合得分",
    "earned_tier": "应得等级",
    "next_tier": "下一目标等级",
    "reasons": "失分原因",
    "reason_codes": "失分指标",
    "rules": "触发规则",
    "flags": "标记",
    "account": "账户",
    "members": "成员数",
    "benefits": "权益",
    "actions": "行动",
    "tier_since": "等级起始日",
    "valid_until": "有效期至",
    "partial_data": "数据不全",
    "cause": "变动原因",
    "source": "来源表",
    "file": "文件",
    "line": "行号",
    "column": "列",
    "code": "代码",
    "message": "说明",
    "raw": "原值",
    "action": "行动名称",
    "text": "行动内容",
    "text_zh": "行动内容（中文）",
    "owner": "负责人",
    "due": "截止日",
    "region": "地区",
    "joined": "入会日期",
    "estimate": "评估值",
    "estimated_on": "评估日期",
    "estimated_until": "评估有效期至",
    "estimated_by": "评估人",
    "estimate_reason": "评估理由",
    "spend": "消费金额",
    "orders": "订单数",
    "categories": "品类数",
    "quantity": "数量",
    "profit": "利润",
    "average_order": "客单价",
    "margin": "利润率",
    "active_months": "活跃月数",
    "recency_days": "距上次购买天数",
    "tenure_months": "客户月龄",
    "points_earned": "期内获得积分",
    "points_lifetime": "累计积分",
    "points_redeemed": "已兑换积分",
    "points_expired": "已过期积分",
    "points_balance": "积分余额",
    "points_overdrawn": "最大透支积分",
}
POINTS = "points_"


def headings(lang: Lang, names: Iterable[str], titles: Mapping[str, str]) -> list[str]:
    """Each column's heading; titles: what the rubric calls its metrics. A column whose heading another has already keeps its name."""
    found: list[str] = []
    for name in names:
        heading = name if lang == "en" else _heading(name, titles)
        found.append(name if heading in found else heading)
    return found


def _heading(name: str, titles: Mapping[str, str]) -> str:
    if name.startswith(POINTS) and name not in COLUMNS and name not in titles:
        metric = name.removeprefix(POINTS)
        return f"{_heading(metric, titles)}得分"
    return titles.get(name) or COLUMNS.get(name, name)
