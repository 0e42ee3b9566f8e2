"""Chinese: what `init` and `profile` say of exports, and the comments in the rubric that `init` writes."""

from __future__ import annotations

EXPORTS: dict[str, str] = {
    # why a column is taken for what it is
    "a usual header": "常用表头",
    "a usual header, with a unit": "常用表头，带单位",
    "a usual header; `{others}` would fit too": "常用表头；`{others}` 也可能是",
    "the only header whose words and content fit": "只有这一列的表头和内容都相符",
    "a name, for want of an id: two customers of one name count as one": "没有编号，用名称：同名的客户算作一位",
    "the only column that holds amounts": "只有这一列是金额",
    "the only column that holds dates": "只有这一列是日期",
    "no header for an amount; each row is its quantity times its price": "没有金额列；每行按数量乘单价计算",
    "`{header}` is the same in all rows of an order, so it is likely the order's total": "同一订单各行的 `{header}` 都相同，可能是整单金额",
    "how the numbers of `amount` are written": "`amount` 所用数字的写法",
    "taken from {like}, for the files do not say theirs; to say it: --currency CODE": "沿用 {like}，文件中没有注明；可用 --currency 说明",
    "as told": "按指定",
    "titles stand above the header": "表头上方有标题",
    "the cells are cut alike by it": "各行按它切分一致",
    "lines of totals, not purchases: {rows:,}": "合计行，不是交易：{rows:,} 行",
    "cells that say so are empty": "这样写的单元格视为空",
    "rows of nobody: {blank:,} without a customer{told}": "不属于任何客户的行：{blank:,} 行没有客户{told}",
    "the amounts have its sign": "金额带有该货币符号",
    "the amounts have up to {decimals} decimals": "金额最多有 {decimals} 位小数",
    # what to start from
    "there are amounts": "有金额列",
    "there are amounts and categories": "有金额列和品类列",
    "no column is an amount, so purchases are counted": "没有金额列，因此按购买次数",
    "it takes {table} too": "它也使用 {table} 表",
    "`{header}` holds {texts}, and such rows count as purchases; to leave them out: --where {where}": (
        "`{header}` 中有 {texts}，这些行会计为购买；如要剔除：--where {where}"
    ),
    # questions
    "several headers may be the column `{column}`: {headers}": "有几列都可能是 `{column}`：{headers}",
    "no header says that it names the customer; these look close: {headers}": "没有表头表明是客户；相近的有：{headers}",
    "no column names the customer, and without one nobody can be graded; by their content these look close: {headers}": (
        "没有客户列，无法对任何客户评级；按内容相近的有：{headers}"
    ),
    "no column names the customer, and without one nobody can be graded; the headers are {headers}": (
        "没有客户列，无法对任何客户评级；现有表头：{headers}"
    ),
    "no header seems to be the column `{column}`, which the rubric {like} needs; the headers are {headers}": (
        "没有找到评级规则 {like} 所需的 `{column}` 列；现有表头：{headers}"
    ),
    (
        "`{header}` is blank in {blank:,} of {rows:,} rows ({share:.1%}): most often cells are merged, or only the first row of an "
        "order is filled; `exclude` leaves these rows and their amounts out"
    ): (
        "`{header}` 在 {rows:,} 行中有 {blank:,} 行为空（{share:.1%}）：多半是合并单元格，或只在每张订单的首行填写；"
        "`exclude` 表示剔除这些行及其金额"
    ),
    "the cells of `{column}` are no dates, but most likely days as Excel counts them": (
        "`{column}` 的单元格不是日期，多半是 Excel 的日期序号"
    ),
    "the dates of `{column}` fit two readings": "`{column}` 的日期有两种读法",
    "the numbers of `{column}` fit two readings: the decimal mark may be a point or a comma": (
        "`{column}` 的数字有两种读法：小数点可能是点，也可能是逗号"
    ),
    # what was written
    "{source} from {file}: {rows:,} rows": "{source}：{file}，{rows:,} 行",
    "{source} from {files}, {rows:,} rows": "{source}：{files}，{rows:,} 行",
    "{file} and {more} more": "{file} 等另外 {more} 个文件",
    "What each tier asks for, as in {base}, and how many of these customers have it. To change one, take away its # and that of tiers:": (
        "各等级的条件（与 {base} 相同）及这些客户中的人数。要修改某一级，去掉该行和 tiers 行首的 #："
    ),
    "{customers:,} of these customers ({share:.1%})": "这些客户中有 {customers:,} 位（{share:.1%}）",
    ": written, from {like}: {why}": "：已写入，基于 {like}：{why}",
    "nobody here is in {tiers}: the limits are those of {like}, not of your business; write your own into the file": (
        "这里没有客户属于 {tiers}：这些门槛来自 {like}，并非贵公司的标准；请在文件中改成自己的"
    ),
    "to check the rubric after a change": "修改后检查评级规则",
    "to grade, and publish": "评级并发布",
    "to grade by places instead of amounts, in another file": "改为按名次分级（另存为一个文件）",
    # a profile
    "columns": "列",
    "taken for": "视为",
    "holds": "内容",
    "most frequent": "最常见的值",
    "dates": "日期",
    "numbers": "数字",
    "texts": "文本",
    " and {more} more": " 等另外 {more} 个",
    "and {more} more columns": "以及另外 {more} 列",
    "and {more} more kinds": "以及另外 {more} 种",
    "span": "时间跨度",
    "{months} of {of} months have no row": "{of} 个月中有 {months} 个月没有数据",
    "{rows:,} rejected": "拒收 {rows:,} 行",
    "{rows:,} excluded": "排除 {rows:,} 行",
    "odd": "异常",
    "nothing odd was found": "未发现异常",
    "rows alike in every column": "各列完全相同的行",
    "rows without a customer": "没有客户的行",
    "rows of ids that stand for nobody": "编号不代表任何客户的行",
    "rows left out by `{key}`": "被 `{key}` 排除的行",
    "cells with control or invisible characters": "含控制字符或不可见字符的单元格",
    "cells that a spreadsheet would run": "会被电子表格当作公式的单元格",
    "cells with spaces around them": "前后有空格的单元格",
    "texts that mean an empty cell": "表示空值的文字",
    "concentration": "集中度",
    "best {percent}%": "前 {percent}%",
    "80% of spend comes from {customers:,} customers ({share})": "80% 的消费额来自 {customers:,} 位客户（{share}）",
    "Gini coefficient {gini:.4f} (0: all spend alike, 1: one spends all)": "基尼系数 {gini:.4f}（0 表示人人相同，1 表示全部来自一人）",
    "the largest: {customers}": "最大的客户：{customers}",
    "{customers:,} customers got back more than they spent, and count as 0": "{customers:,} 位客户退款多于消费，按 0 计",
    "orders": "订单数",
    "days with a purchase": "有购买的天数",
    "how often they bought": "购买次数",
    # whether grading is worth it
    "is grading worth it?": "是否值得分级？",
    "cannot tell": "无法判断",
    "{observed:,} customers are more than one person can look after one by one (about {needed})": (
        "{observed:,} 位客户，超出一个人能逐一管理的数量（约 {needed} 位）"
    ),
    "{observed:,} customers are few enough to look after one by one (about {needed} a person)": (
        "只有 {observed:,} 位客户，可以逐一管理（每人约 {needed} 位）"
    ),
    "{observed} of the customers bought more than once ({needed} would do)": "{observed} 的客户购买过两次或以上（达到 {needed} 即可）",
    "only {observed} of the customers bought more than once, and one sale needs no grade ({needed} would do)": (
        "只有 {observed} 的客户购买过两次或以上；只买一次的是销售机会，不必分级（达到 {needed} 才合适）"
    ),
    "the best fifth has {observed} of spend: customers differ clearly in value ({needed} would do)": (
        "前五分之一的客户占消费额的 {observed}：客户价值差异明显（达到 {needed} 即可）"
    ),
    "the best fifth has only {observed} of spend: customers are nearly alike in value ({needed} would do)": (
        "前五分之一的客户只占消费额的 {observed}：客户价值相差不大（达到 {needed} 才算明显）"
    ),
    "no column is an amount, so nothing says how much customers differ in value": "没有金额列，无法判断客户价值的差异",
    "Grading is worth it.": "值得分级。",
    (
        "But {rows:,} rows ({share}) have no `{header}` and are in none of these figures. Most often cells are merged, or only the "
        "first row of an order is filled: fill them down in the export first."
    ): (
        "但有 {rows:,} 行（{share}）没有 `{header}`，不在以上任何数字之中。"
        "多半是合并单元格，或只在每张订单的首行填写：请先在导出文件中向下填充。"
    ),
    "Grading is hardly worth it.": "分级意义不大。",
    "Grading may be worth it; look at what speaks against it.": "可能值得分级；请考虑上面不利的一项。",
}
"""By their English text, as in `SAID`."""
