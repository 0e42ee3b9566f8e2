"""Pages in Chinese: nothing is left in English but names, numbers and commands."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from custier.lang import counted, sentence, told, warned
from custier.lang.headings import headings
from custier.lang.zh import SAID
from custier.read.table import MESSAGES
from custier.rubric.differences import Difference
from custier.rubric.ready import READY
from custier.show.differences import words
from custier.show.look import Look
from custier.validate import CHECKS
from custier.validate.suspects import SUSPICIONS

SHOW = Path(__file__).parents[1] / "src" / "custier" / "show"


def texts_told() -> Iterator[str]:
    """Every text that a page asks to be told in the reader's language."""
    for path in SHOW.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("told", "counted"):
                asked = node.args[0] if node.func.attr == "told" else node.args[1]
                yield from (n.value for n in ast.walk(asked) if isinstance(n, ast.Constant) and isinstance(n.value, str))


@pytest.mark.parametrize("text", sorted({t for t in texts_told() if re.search("[A-Za-z]{2}", t)}))
def test_every_text_of_a_page_is_said_in_chinese(text: str) -> None:
    assert text in SAID


@pytest.mark.parametrize("text", SAID)
def test_a_translation_keeps_the_values_of_its_text(text: str) -> None:
    def fields(said: str) -> set[tuple[str, str]]:
        return {(name, form or "") for _, name, form, _ in Formatter().parse(said) if name}

    assert fields(SAID[text]) == fields(text)


def test_what_a_run_keeps_in_words_is_said_in_chinese_with_its_names_and_numbers() -> None:
    cause = "spend 48200.00 → 52300.00 (40 → 60 points)"
    assert sentence("en", cause) == cause
    assert sentence("zh", cause) == "spend 48200.00 → 52300.00 （40 → 60 分）"
    assert (
        sentence("zh", "rule arrears (at most B) now holds: overdue_max 31 → 62") == "规则 arrears（不高于 B）现在成立: overdue_max 31 → 62"
    )
    assert (
        sentence("zh", "rule often (up 1: Loyal 忠诚) no longer applies: orders 2 → 1")
        == "规则 often（升 1 级: Loyal 忠诚）不再成立: orders 2 → 1"
    )
    assert sentence("zh", "2025-01-01 to 2025-12-31") == "2025-01-01 至 2025-12-31"
    assert sentence("zh", "top 50 customers and 19%") == "前 50 位客户 加 19%"
    assert sentence("zh", "up 1") == "升 1 级"


def test_a_text_that_the_catalogue_lacks_stays_english() -> None:
    assert told("zh", "a text of {count}", count=3) == "a text of 3"
    assert (counted("en", 1, "row"), counted("en", 1204, "row"), counted("zh", 1204, "row")) == ("1 row", "1,204 rows", "1,204 行")


def test_two_columns_never_share_a_heading() -> None:
    assert headings("zh", ["customer_id", "spend", "spend_before", "points_spend"], {"spend_before": "消费金额"}) == [
        "客户编号", "消费金额", "spend_before", "消费金额得分",
    ]  # fmt: skip
    assert headings("en", ["customer_id", "spend"], {}) == ["customer_id", "spend"]


ENGLISH = re.compile("[A-Za-z]{2}")


@pytest.mark.parametrize("message", [*(said.message for said in (*CHECKS, *SUSPICIONS)), *MESSAGES.values()])
def test_every_reason_for_a_rejected_row_is_said_in_chinese(message: str) -> None:
    said = sentence("zh", message if message in MESSAGES.values() or message.startswith("the row ") else f"金额 {message}")
    assert not ENGLISH.search(said)


def test_no_points_and_no_value_are_said_in_chinese() -> None:
    assert sentence("zh", "growth missing → 1.92 (none → 100 points)") == "growth 缺失 → 1.92 （无 → 100 分）"
    assert sentence("zh", "growth 1.92 → missing (100 → none points)") == "growth 1.92 → 缺失 （100 → 无 分）"


@pytest.mark.parametrize(
    "warning",
    [
        "1 customer used more points than there were, up to 50: see points_overdrawn",
        "the table `surveys` was not given, so satisfaction is missing for every customer",
        "the table `surveys` was not given, so what it holds is missing for every customer",
        "the as-of date 2031-01-01 is later than today",
        "b.csv holds the same customers, days and amounts as a.csv, and all its rows count (CT3042): give one of them",
        "graded up to 2025-09-16, the newest row; the last run was up to the end of a month, as --as-of 2025-09-30",
        "nothing was copied to out: the run is not published; once it is, the same command again makes the copies",
        "the times of `date` name a time zone; they are taken as written",
        "`date` of transactions is read as %d/%m/%Y, as its cells prove; `format: '%d/%m/%Y'` in the rubric would say so",
        "the dates of a.csv alone fit two readings; they are read as those of the other files",
        "`金额(万元)` is taken as it stands; write a formula for whole units: amount: {formula: '\"金额(万元)\" * 10000'}",
        "the publication could not be noted in its log",
        "1 customer has an id like a formula: in a spreadsheet open labels.xlsx (--format xlsx), not labels.csv",
        "1,204 customers have ids like a formula: in a spreadsheet open labels.xlsx (--format xlsx), not labels.csv",
        "1 row of transactions is like an earlier row in every column, and count (CT3032): `duplicates: drop` in the rubric",
        "2 rows of transactions are rejected for an id in scientific notation (CT3009): its last digits are lost; export it again",
        "2 customer ids differ from another only in case, width or leading zeros (CT3036): `ids` in the rubric would make them one",
        "1 customer id differs from another only in case, width or leading zeros (CT3036): correct the export, or write `ids` in the rubric",
        "2 customer ids are of earlier runs, and `ids` spells them otherwise now (CT3036): a table of merges, old id to new, keeps",
        '1 customer id differs from another only in what a spreadsheet adds, as ="7", \'7 or 7.0 (CT3036): export that column again',
        "one customer has more than 5% of the rows, 31 times as many as the next (CT3037): `no_customer: [ID]` if it stands for nobody",
        "1 customer gave back more than they bought, so that their spend is below 0 (CT3038)",
        "2 order numbers belong to several customers, and each counts as one order of each (CT3040)",
        "3 customers have a refund that is dated before any purchase of the export (CT3039)",
        "12 rows of transactions are of days that a later file holds too, and count (CT3041): `overlaps: last_file` in the rubric",
        "12 rows of transactions are of orders that stand in several files, and count (CT3033): `same_order: last_file` in the rubric",
        "the rubric differs in 2 parts from that of 2025-12-31-0123456789ab",
        "limits were loosened since 2025-12-31-0123456789ab: moved_at_most 20% → 50%",
        "the run 2025-12-31-0123456789ab is held and not published; this run is compared with nothing",
        "the run 2025-12-31-0123456789ab is held and not published; this run is compared with 2025-11-30-0123456789ab",
        "the rubric of 2025-12-31-0123456789ab cannot be read by this custier, so changes of it are not told",
        "the files are those of 2025-12-31-0123456789ab, and no row is newer than 2025-12-31",
        "amounts of transactions are about 100 times usual on about as many rows: are they in another unit, such as cents?",
        "amounts of transactions in 2025-12 are about 1/100 of those of the months before, row by row: are they in another unit, such as 万元?",
        "the rubric is another than that of 2025-12-31-0123456789ab",
        "transactions has 40.00% fewer rows than usual: is the export cut short?",
        "transactions has 140.00% more rows than usual: is anything exported twice?",
        "nobody is 金牌 now",
        "so many are 金牌",
        "no row in 2025-07, 2025-08",
        "most in 2025-09: 1,200 rows then and 1,450 now, their amount changed by 4.55%",
        "most in 2025-09: 1,200 rows then and 1,450 now",
    ],
)
def test_a_warning_of_a_run_is_said_in_chinese(warning: str) -> None:
    said = warned("zh", warning)
    assert said != warning and not re.search("the |was |with |is |are ", said) and warned("en", warning) == warning


def test_what_a_guardrail_observed_and_allows_is_said_in_chinese() -> None:
    said = {"22 of 974,233": "974,233 中的 22", "9,000, usually 12,000": "9,000，通常 12,000", "20% or 500 customers": "20% 或 500 位客户"}
    said |= {"0 months": "0 个月", "10 days": "10 天", "10 customers": "10 位客户", "0.1% or 200 rows": "0.1% 或 200 行", "2 parts": "2 处"}
    said |= {"the files of the last run, renamed": "上一批次的文件，换了名字", "+12.50%": "+12.50%"}
    assert {text: sentence("zh", text) for text in said} == said


def test_a_difference_between_rubrics_has_its_keys_in_chinese() -> None:
    look = Look(lang="zh")
    assert words(Difference(("tiers", "VIP", "when"), "changed", "spend > 5", "spend > 6"), look) == "等级 VIP, 条件: spend > 5 → spend > 6"
    assert words(Difference(("window",), "changed", "a", "b"), look) == "统计区间: a → b"
    assert words(Difference(("guardrails", "moved_at_most"), "changed", "1%", "2%"), look) == "护栏 变动上限: 1% → 2%"
    assert words(Difference(("tiers", "when", "when"), "changed", "a", "b"), Look()) == "tier when, when: a → b"


def test_ready_columns_and_those_of_usual_tables_have_chinese_headings() -> None:
    names = ["text_zh", "account", "members", "region", "estimate", "estimated_until", "earned_tier", "valid_until", *READY]
    assert not [heading for heading in headings("zh", names, {}) if ENGLISH.search(heading)]
