"""Chinese: the warnings of a run, by their English words; what stands in them is said by itself."""

from __future__ import annotations

import re

_ONE = r"asked for (\S+) customers? and let (\S+) in, since so many are equal at (.+) (\S+)"
_SEVERAL = r"(.+) let in at least twice as many as asked in (\S+) groups of (.+?), since so many are equal: (.+)"
_STRICT, STRICT = "`ties: strict` leaves such out", "`ties: strict` 会把这样的并列者都排除"

WARNINGS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), said)
    for pattern, said in (
        (
            r"(\S+) customers? used more points than there were, up to (\S+): see points_overdrawn",
            "{0} 位客户使用的积分多于其拥有的，最多 {1} 分：见 points_overdrawn",
        ),
        (rf"(.+?) in (.+) {_ONE}; {_STRICT}", "{1} 的{0} 要求 {2} 位客户，实际进入 {3} 位，因为许多客户的 {4} 同为 {5}；{strict}"),
        (rf"(.+) {_ONE}; {_STRICT}", "{0} 要求 {1} 位客户，实际进入 {2} 位，因为许多客户的 {3} 同为 {4}；{strict}"),
        (
            rf"{_SEVERAL} and ([\d,]+) more; {_STRICT}",
            "{0}：{2} 有 {1} 组进入的客户至少是要求的两倍，因为许多客户数值相同：{3}，另有 {4} 组；{strict}",
        ),
        (rf"{_SEVERAL}; {_STRICT}", "{0}：{2} 有 {1} 组进入的客户至少是要求的两倍，因为许多客户数值相同：{3}；{strict}"),
        (
            r"the table `(.+)` was not given, so what it holds is missing for every customer",
            "没有给出表 `{0}`，所以它的内容对所有客户都缺失",
        ),
        (r"the table `(.+)` was not given, so (.+) is missing for every customer", "没有给出表 `{0}`，所以 {1} 对所有客户都缺失"),
        (
            r"(\S+) rows? of `(.+)` (?:is|are) dated (\S+), which often stands for no date; if so, name its text under `missing`",
            "`{1}` 有 {0} 行的日期是 {2}，这常常代表没有日期；若是如此，请在 `missing` 下写明这一文字",
        ),
        (
            r"(\S+) rows? of (\S+) (?:is|are) like an earlier row in every column, and count \(CT3032\): .*",
            "{1} 有 {0} 行与前面某行各列完全相同，仍然计入（CT3032）：评级规则中写 `duplicates: drop` 可将其排除",
        ),
        (
            r"(\S+) rows? of (\S+) (?:is|are) of orders that stand in several files, and count \(CT3033\): .*",
            "{1} 有 {0} 行的订单出现在多个文件中，仍然计入（CT3033）：评级规则中写 `same_order: last_file` 则以最后一个文件为准",
        ),
        (
            r"(\S+) rows? of (\S+) (?:is|are) of days that a later file holds too, and count \(CT3041\): .*",
            "{1} 有 {0} 行的日期在后一个文件中也有，仍然计入（CT3041）：评级规则中写 `overlaps: last_file` 则以最后一个文件为准",
        ),
        (
            r"(\S+) rows? of (\S+) (?:is|are) rejected for an id in scientific notation \(CT3009\): .*",
            "{1} 有 {0} 行的编号是科学计数法，末尾几位已丢失，因而被拒绝（CT3009）：请把该列设为文本后重新导出",
        ),
        (
            r"(\S+) customer ids? differs? from another only in case, width or leading zeros \(CT3036\): `ids` .*",
            "{0} 个客户编号与另一个只有大小写、全半角或前导零之别（CT3036）：评级规则中写 `ids` 可视为同一客户",
        ),
        (
            r"(\S+) customer ids? differs? from another only in case, width or leading zeros \(CT3036\): correct .*",
            "{0} 个客户编号与另一个只有大小写、全半角或前导零之别（CT3036）：请更正导出；或在评级规则中写 `ids`，"
            "并用合并表（旧编号 → 新编号）承接以前批次的记录",
        ),
        (
            r"(\S+) customer ids? (?:is|are) of earlier runs, and `ids` spells them otherwise now \(CT3036\): .*",
            "{0} 个客户编号来自以前的批次，如今被 `ids` 改写（CT3036）：合并表（旧编号 → 新编号）可保留历史；--previous none 不带历史",
        ),
        (
            r"(\S+) customer ids? differs? from another only in what a spreadsheet adds, .* \(CT3036\): .*",
            '{0} 个客户编号与另一个只差电子表格加上的符号，如 ="7"、\'7 或 7.0（CT3036）：请把该列设为文本后重新导出',
        ),
        (
            r"one customer has more than 5% of the rows, (\S+) times as many as the next \(CT3037\): .*",
            "有一位客户的行数超过全部的 5%，是第二位的 {0} 倍（CT3037）：若该编号不代表任何客户，请写 `no_customer: [编号]`",
        ),
        (
            r"(\S+) customers? gave back more than they bought, so that their spend is below 0 \(CT3038\)",
            "{0} 位客户的退货多于购买，消费额小于 0（CT3038）",
        ),
        (
            r"(\S+) order numbers? belongs? to several customers, and each counts as one order of each \(CT3040\)",
            "{0} 个订单号属于多位客户，每位客户各计一单（CT3040）",
        ),
        (
            r"(\S+) customers? (?:has|have) a refund that is dated before any purchase of the export \(CT3039\)",
            "{0} 位客户的退货早于导出数据中的任何购买（CT3039）",
        ),
        (
            r"(.+) holds the same customers, days and amounts as (.+), and all its rows count \(CT3042\): give one of them",
            "{0} 与 {1} 的客户、日期和金额完全相同，所有行都计入（CT3042）：只需给出其中一个",
        ),
        (r"the as-of date (\S+) is later than today", "截止日期 {0} 晚于今天"),
        (
            r"graded up to (\S+), the newest row; the last run was up to the end of a month, as --as-of (\S+)",
            "评级截至 {0}，即最新一行；上一批次截至月末，相当于 --as-of {1}",
        ),
        (
            r"nothing was copied to (.+): the run is not published; once it is, the same command again makes the copies",
            "没有复制到 {0}：本批次没有发布；发布之后，再次执行同一命令即可生成副本",
        ),
        (
            r"the times of `(.+)` name a time zone; they are taken as written, unless `timezone` says where a day begins",
            "`{0}` 的时间带有时区；按其字面读取，除非用 `timezone` 写明以何地的日期为准",
        ),
        (r"the times of `(.+)` name a time zone; they are taken as written", "`{0}` 的时间带有时区；按其字面读取"),
        (
            r"`(.+)` of (.+) is read as (.+), as its cells prove; `(.+)` in the rubric would say so",
            "{1} 的 `{0}` 按 {2} 读取，其内容可以证明；可在评级规则中写明 `{3}`",
        ),
        (
            r"the dates of (.+) alone fit two readings; they are read as those of the other files",
            "单看 {0} 的日期有两种读法；按其他文件的读法读取",
        ),
        (r"`(.+)` is taken as it stands; write a formula for whole units: (.+)", "`{0}` 按原数读取；若要换算成元，请写公式：{1}"),
        (
            r"([\d,]+) customers? (?:has an id|have ids) like a formula: in a spreadsheet open labels.xlsx \(.+\), not labels.csv",
            "{0} 位客户的编号形似公式：请用电子表格打开 labels.xlsx（--format xlsx），不要打开 labels.csv",
        ),
        (r"the rubric differs in (\d+) parts? from that of (\S+)", "评级规则与批次 {1} 的有 {0} 处不同"),
        (r"limits were loosened since (\S+): (.+)", "自批次 {0} 以来放宽了护栏：{1}"),
        (
            r"the rubric of (\S+) cannot be read by this custier, so changes of it are not told",
            "这个版本读不了批次 {0} 的评级规则",
        ),
        (
            r"the run (\S+) is held and not published; this run is compared with nothing",
            "批次 {0} 被拦截，没有发布；本批次无可比较",
        ),
        (r"the run (\S+) is held and not published; this run is compared with (\S+)", "批次 {0} 被拦截，没有发布；本批次与 {1} 比较"),
        (r"the files are those of (\S+), and no row is newer than (\S+)", "文件与批次 {0} 的相同，并且没有晚于 {1} 的行"),
        (
            r"amounts of (\S+) in (\S+) are about (\S+) times .+: are they in another unit, such as cents\?",
            "{0} 在 {1} 的金额约为以前各月的 {2} 倍：单位是否不同，例如分？",
        ),
        (
            r"amounts of (\S+) are about (\S+) times .+: are they in another unit, such as cents\?",
            "{0} 的金额约为平时的 {1} 倍：单位有误（分）？",
        ),
        (
            r"amounts of (\S+) in (\S+) are about (\S+) of .+: are they in another unit, such as 万元\?",
            "{0} 在 {1} 的金额约为以前各月的 {2}：单位是否不同，例如万元？",
        ),
        (
            r"amounts of (\S+) are about (\S+) of .+: are they in another unit, such as 万元\?",
            "{0} 的金额约为平时的 {1}：单位有误（万元）？",
        ),
        (r"the rubric is another than that of (\S+)", "评级规则与批次 {0} 的不同"),
        (r"(\S+) has (\S+) fewer rows than usual: is the export cut short\?", "{0} 的行数比平时少 {1}：导出是否不完整？"),
        (r"(\S+) has (\S+) more rows than usual: is anything exported twice\?", "{0} 的行数比平时多 {1}：是否有内容重复导出？"),
        (
            r"(\S+) has (\S+) rows where such a month has about (\S+): is the export cut short\?",
            "{0} 有 {1} 行，而这样的月份约有 {2} 行：导出是否不完整？",
        ),
        (
            r"(\S+) has (\S+) rows where such a month has about (\S+): is anything exported twice\?",
            "{0} 有 {1} 行，而这样的月份约有 {2} 行：是否有内容重复导出？",
        ),
        (r"the month is (\S+)", "所指月份为 {0}"),
        (r"nobody is (.+) now", "现在没有人属于 {0}"),
        (r"so many are (.+)", "这么多客户属于 {0}"),
        (r"no row in (.+)", "{0} 没有任何行"),
        (r"most in (\S+): (\S+) rows then and (\S+) now", "{0} 变化最大：当时 {1} 行，现在 {2} 行"),
        (
            r"most in (\S+): (\S+) rows then and (\S+) now, their amount changed by (.+)",
            "{0} 变化最大：当时 {1} 行，现在 {2} 行，金额变化 {3}",
        ),
        (r"the publication could not be noted in its log", "发布没能记入日志"),
    )
)
