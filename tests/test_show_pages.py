import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from rich.cells import cell_len

from custier.errors import InputError, NotFoundError, Problem, RubricError
from custier.show.brief import brief_text
from custier.show.explanation import explanation_text
from custier.show.look import Look
from custier.show.problems import problems_text
from custier.show.summary import summary_text
from custier.show.verdict import verdict
from custier.values import (
    Account,
    AccountLine,
    ActionCount,
    ActionLine,
    BenefitLine,
    CriterionLine,
    Cut,
    Distance,
    Explanation,
    Guard,
    InputFile,
    Member,
    RejectedCode,
    RuleLine,
    Summary,
    TierCount,
)

D = Decimal
RUN, BEFORE = "2025-12-31-7f3a9c2e41d0", "2025-11-30-1c22aa904bde"

SUMMARY = Summary(
    rubric="weighted-grade",
    title="客户综合评级",
    version=1,
    run_id=RUN,
    as_of=date(2025, 12, 31),
    as_of_from="data",
    window="2025-01-01 to 2025-12-31",
    currency="CNY",
    previous=BEFORE,
    status="published",
    exit_code=0,
    customers=990214,
    unrated=0,
    without_rows=3211,
    tiers=[
        TierCount("VIP", "贵宾", 9902, 0.01, D("812340012.50"), 0.4121, None),
        TierCount("A", "重要客户", 188140, 0.19, D("730000000.00"), 0.37, None),
        TierCount("B", None, 792172, 0.8, D("429000000.10"), 0.2179, None),
    ],
    changes={"new": 3456, "up": 12345, "down": 9876, "same": 964525, "returned": 12},
    movement={"VIP": {"VIP": 9500, "A": 321, "B": 0}, "A": {"VIP": 402, "A": 180000, "B": 7200}, "B": {"VIP": 0, "A": 8120, "B": 781203}},
    cuts=[Cut("VIP", "spend", "1%", "generous", 0.01, 0.0101, 9902, D("48123.50"))],
    accounts=[Account("transactions", 10002113, 1204, 500, 11000, 7, 9989402)],
    rejected=[
        RejectedCode("CT3001", "wrong number of fields", 6, "b.csv", 90117, ""),
        RejectedCode("CT3102", "amount is not a number", 1198, "a.csv", 48213, "金额"),
    ],
    orphans={"invoices": 1},
    guards=[Guard("moved_at_most", "20%", "2.28%", 22221, 974233, False)],
    files=[InputFile("transactions", "data/a.csv", "a.csv", "ab" * 32, 48234123, "csv", "gb18030", ",", 412310)],
    warnings=["a.csv may have been cut short"],
    directory=f"custier-store/weighted-grade/runs/{RUN}",
    out=None,
    actions=[ActionCount("call", "Call and say thank you", "电话致谢", "account manager", date(2026, 1, 14), 12034)],
)

EXPLANATION = Explanation(
    customer_id="C000123-上海张三贸易",
    rubric="weighted-grade",
    title="客户综合评级",
    run_id=RUN,
    as_of=date(2025, 12, 31),
    window="2025-01-01 to 2025-12-31",
    currency="CNY",
    tier="A",
    tier_title="重要客户",
    earned_tier="A",
    tier_before_rules="B",
    previous_tier="B",
    previous_run=BEFORE,
    change="up",
    cause="spend rose",
    tier_since=date(2025, 12, 31),
    score=D("58.00"),
    criteria=[
        CriterionLine("spend", "spend", D("523400.00"), "at_least 500000", 100, 100, D(50), D("50"), D("50.00")),
        CriterionLine("late", "days_late", D("12.5"), "at_most 30", 20, 100, D(40), D("40"), D("8.00")),
        CriterionLine("satisfaction", "satisfaction", None, "missing: skipped", None, 100, D(10), D(0), D(0)),
    ],
    tier_condition="score at_least 50",
    rules=[RuleLine("arrears", "late > 60", "at most B", False, "B", "B"), RuleLine("doubled", "growth >= 1", "up 1", True, "B", "A")],
    flags={"high_frequency": True},
    segments={"region": "华东"},
    metrics={"spend": D("523400.00"), "growth": None},
    benefits=[
        BenefitLine("lounge", "Airport lounge", "机场贵宾厅", "5 a year", "two guests at most", "最多两名随同", "B"),
        BenefitLine("own manager", None, None, None, None, None, None),
    ],
    actions=[ActionLine("call", "Call and say thank you", "电话致谢", "account manager", date(2026, 1, 14), "change up and spend > 1000")],
    next_tier="VIP",
    to_next=[Distance("days_late", D("12.5"), 0, "", D("-12.5"), "VIP"), Distance("satisfaction", None, D("4.5"), "", None, "VIP")],
    to_lose=[Distance("spend", D("523400.00"), 200000, "below", D("-323400.00"), "B")],
    rows=[{"source": "transactions", "file": "a.csv", "line": 48213, "date": date(2025, 12, 1), "amount": D("12345.60")}],
)


@pytest.mark.parametrize("width", [60, 80, 100, 120])
def test_no_line_of_a_page_is_wider_than_the_screen_but_paths_and_commands(width: int) -> None:
    page = summary_text(SUMMARY, Look(width)).split("written to")[0] + explanation_text(EXPLANATION, Look(width))
    assert max(cell_len(line) for line in page.splitlines()) <= width


@pytest.mark.parametrize("width", [20, 40, 59])
def test_a_narrow_screen_gets_a_block_per_row(width: int) -> None:
    page = summary_text(SUMMARY, Look(width))
    assert "customers: 9,902" in page and "█" not in page
    assert explanation_text(EXPLANATION, Look(20)).replace("\n", "").count("C000123-上海张三贸易") == 1


def test_tiers_come_best_first_with_shares_and_a_bar() -> None:
    lines = [line for line in summary_text(SUMMARY, Look(100)).splitlines() if line.startswith(("  VIP 贵宾", "  A 重要客户", "  B  "))]
    assert lines[0].split() == ["VIP", "贵宾", "9,902", "1.0%", "▍", "812,340,012.50", "41.2%"]
    assert [line.split()[0] for line in lines[:3]] == ["VIP", "A", "B"]


def test_columns_of_chinese_text_line_up() -> None:
    lines = summary_text(SUMMARY, Look(100)).splitlines()
    ends = {
        cell_len(line[: line.index(n) + len(n)])
        for line in lines
        for n in ("9,902   ", "188,140   ")
        if line.startswith("  ") and n in line
    }
    assert len(ends) == 1


def test_an_ascii_screen_gets_no_other_character_of_ours() -> None:
    ours = replace(SUMMARY, title="weighted-grade", tiers=[replace(t, title=None) for t in SUMMARY.tiers], rejected=[], actions=[])
    page = summary_text(ours, Look(100, unicode=False))
    assert page.isascii() and "####" in page


def test_the_80_20_check_takes_the_tiers_nearest_to_a_fifth() -> None:
    assert "80/20 check: VIP and A, 20.0% of customers, hold 78.2% of spend" in summary_text(SUMMARY, Look(100))


def test_movement_is_shown_only_after_another_run() -> None:
    assert "before → now" in summary_text(SUMMARY, Look(100))
    first = summary_text(replace(SUMMARY, previous=None, movement={}), Look(100))
    assert "before → now" not in first and "changes since" not in first


def test_movement_of_many_tiers_becomes_a_list_of_moves() -> None:
    names = [f"level {n}" for n in range(16)]
    tiers = [TierCount(name, None, 10, 1 / 16, None, None, None) for name in names]
    movement = {a: {b: 1000 + i for i, b in enumerate(names)} for a in names}
    page = summary_text(replace(SUMMARY, tiers=tiers, movement=movement), Look(80))
    assert "level 0 → level 15: 1,015" in page and "and 228 smaller moves" in page


def test_the_account_of_rows_adds_up_on_the_page() -> None:
    line = next(line for line in summary_text(SUMMARY, Look(100)).splitlines() if line.startswith("  transactions  10,002,113"))
    read, *parts = [int(n.replace(",", "")) for n in line.split()[1:]]
    assert read == sum(parts)


def test_rejected_rows_are_grouped_with_their_first_place_most_frequent_first() -> None:
    page = summary_text(SUMMARY, Look(100))
    assert page.index("CT3102") < page.index("CT3001")
    assert "a.csv:48213" in page and f"rejected  custier-store/weighted-grade/runs/{RUN}/rejected.csv" in page


def test_a_held_run_says_how_to_publish_it() -> None:
    held = replace(SUMMARY, status="held", exit_code=3, guards=[Guard("moved_at_most", "20%", "31.25%", 5, 16, True)])
    line = f'custier publish {RUN} --reason "why it is right" --rubric weighted-grade'
    assert line in summary_text(held, Look(60))
    error = verdict(held)
    assert error is not None and error.exit_code == 3
    assert [(p.code, p.what) for p in error.problems] == [
        ("CT4001", "the share of customers that changed tier is 31.25%; the limit is 20%")
    ]
    assert line in error.problems[0].help


TWICE = [Guard("moved_at_most", "20%", "31.25%", 5, 16, True), Guard("customers_drop_at_most", "10%", "25%", 4, 16, True)]


def test_a_run_held_by_two_guardrails_says_once_how_to_publish_it() -> None:
    error = verdict(replace(SUMMARY, status="held", exit_code=3, guards=TWICE))
    assert error is not None
    page = problems_text(error, Look())
    assert page.count("help: ") == 1 and page.index("CT4001") < page.index("CT4002") < page.index("help: ")


def test_cures_that_differ_are_all_told() -> None:
    problems = [Problem(code, "wrong", help=cure) for code, cure in (("CT2100", "one"), ("CT2101", "two"), ("CT2102", "one"))]
    assert problems_text(InputError(problems), Look()).count("help: ") == 3


@pytest.mark.parametrize("width", [60, 100])
def test_a_dry_run_that_would_be_held_offers_no_run_that_is_not_there(width: int) -> None:
    dry = replace(SUMMARY, status="dry-run", exit_code=3, guards=TWICE, directory=None)
    error = verdict(dry)
    assert error is not None and error.exit_code == 3
    page = summary_text(dry, Look(width)) + problems_text(error, Look(width))
    assert "custier publish" not in page and "complete" not in page and "is kept" not in page
    assert "to keep this run; it would be held (moved_at_most, customers_drop_at_most), not published:\n" in page
    assert "help: run the same command without --dry-run to keep the run, look at it and publish it\n" in page
    assert page.endswith("2 errors. Nothing was written; the run would be kept and held, not published. (exit 3)\n")


def test_a_dry_run_that_would_fail_names_no_file_that_is_not_there() -> None:
    dry = replace(SUMMARY, status="failed", exit_code=1, directory=None)
    error = verdict(dry)
    assert error is not None and error.exit_code == 1
    assert error.problems[0].help == "run the same command without --dry-run to have them named in rejected.csv, or leave --strict out"
    assert error.state == "Nothing was written; the run would fail and not be published."
    page = summary_text(dry, Look(100))
    assert "to have every rejected row in a file:\n    the same command without --dry-run\n" in page
    assert "--dry-run" not in summary_text(replace(dry, directory=SUMMARY.directory), Look(100))


@pytest.mark.parametrize(
    ("guard", "code"),
    [
        ("customers_drop_at_most", "CT4002"),
        ("not_older_than_current", "CT4003"),
        ("something_new", "CT4000"),
        ("top_tier_leaves_at_most", "CT4004"),
        ("new_customers_at_most", "CT4005"),
        ("emptied_tier_at_most", "CT4006"),
        ("tier_share_at_most", "CT4007"),
        ("drift_at_most", "CT4008"),
        ("rows_change_at_most of transactions", "CT4011"),
        ("amount_change_at_most of invoices", "CT4012"),
        ("missing_months_at_most", "CT4013"),
        ("silent_days_at_most", "CT4014"),
        ("restated_at_most of transactions", "CT4015"),
        ("stale_input", "CT4016"),
        ("rubric_changed", "CT4017"),
        ("month_rows_change_at_most of transactions", "CT4018"),
        ("month_amount_change_at_most of transactions", "CT4019"),
        ("not_undone", "CT4020"),
    ],
)
def test_each_guardrail_has_its_code(guard: str, code: str) -> None:
    error = verdict(replace(SUMMARY, exit_code=3, guards=[Guard(guard, "20%", "31.25%", 5, 16, True)]))
    assert error is not None and error.problems[0].code == code


def test_a_cause_of_several_guardrails_is_told_once_and_they_stand_close() -> None:
    guards = [Guard(name, "20%", "31.25%", 5, 16, True, cause="the rubric changed") for name in ("moved_at_most", "drift_at_most")]
    error = verdict(replace(SUMMARY, exit_code=3, status="held", guards=guards))
    assert error is not None
    assert [problem.what.count("the rubric changed") for problem in error.problems] == [1, 0]
    assert "\n  --> moved_at_most, 5 of 16\nerror[CT4008]" in problems_text(error, Look(100))


def test_what_several_guardrails_ask_for_is_said_once_in_a_mail_too() -> None:
    guards = [Guard(name, "20%", "31.25%", 5, 16, True) for name in ("moved_at_most", "drift_at_most", "new_customers_at_most")]
    error = verdict(replace(SUMMARY, exit_code=3, status="held", guards=guards))
    assert error is not None
    said = brief_text(error).splitlines()
    assert [line.startswith("help: ") for line in said[:4]] == [False, False, False, True] and len(said) == 7
    assert "new customers make up 31.25% of the number that the last run had" in said[2]


def test_guardrails_that_say_something_are_shown_and_the_others_counted() -> None:
    usual = Guard("new_customers_at_most", "30%", "1%", 1, 100, False, "customers")
    few = replace(usual, name="top_tier_leaves_at_most", waived="small base", cause="nobody is A now")
    off, near = replace(usual, name="drift_at_most", limit="off"), replace(usual, name="restated_at_most of transactions", near=True)
    money = Guard("amount_change_at_most of transactions", "40%", "+50%", 150_000, 100_000, True, "money")
    shown = summary_text(replace(SUMMARY, previous=None, guards=[usual, few, off, near, money]), Look(120))
    assert "new_customers_at_most" not in shown and "and 1 more within their limits" in shown
    for words in ("over, but of too few", "drift_at_most", "near the limit", "nobody is A now", "1,500.00, usually 1,000.00"):
        assert words in shown
    assert "there is no run before this one, so nothing was compared with the last" in shown


def test_a_failed_run_says_which_check_failed() -> None:
    failed = replace(SUMMARY, status="failed", exit_code=1)
    strict = verdict(failed)
    over = verdict(replace(failed, guards=[Guard("rejected_at_most of invoices", "1%", "2%", 2, 100, True)]))
    assert strict is not None and strict.problems[0].code == "CT4102"
    assert over is not None and (over.problems[0].code, over.exit_code) == ("CT4101", 1)
    assert over.problems[0].where == "rejected_at_most, invoices, 2 of 100"


def test_a_store_that_is_not_the_usual_one_is_named_in_the_next_command() -> None:
    away = summary_text(replace(SUMMARY, directory=f"/data/my store/weighted-grade/runs/{RUN}"), Look(60))
    assert 'custier explain ID --rubric weighted-grade --store "/data/my store"' in away


def test_the_shown_sum_adds_up_to_the_shown_score() -> None:
    lines = explanation_text(EXPLANATION, Look(100)).split("score\n")[1].split("rules\n")[0].splitlines()
    weighted = [D(line.split()[-1]) for line in lines if line.startswith(("  spend", "  late", "  satisfaction"))]
    assert sum(weighted) == D("58.00") and any(line.split() == ["score", "58"] for line in lines)


def test_weighted_points_stand_on_their_point_with_the_decimals_they_need() -> None:
    halves = [D("30"), D("7.5"), D("6.25")]
    lines = [CriterionLine(n, n, 1, "otherwise", 100, 100, D(30), D(30), part) for n, part in zip("abc", halves, strict=True)]
    page = explanation_text(replace(EXPLANATION, criteria=lines, score=D("43.750000")), Look(100)).splitlines()
    shown = {line.split()[-1]: line for line in page if line.startswith(("  a ", "  b ", "  c ", "  score"))}
    ends = {(line + ".").index(".", line.rindex(" ")) for line in shown.values()}
    assert list(shown) == ["30", "7.5", "6.25", "43.75"] and len(ends) == 1


def test_the_way_to_the_tier_names_every_step() -> None:
    assert "because  B (score at least 50), then rule doubled → A\n" in explanation_text(EXPLANATION, Look(100))
    plain = replace(EXPLANATION, rules=[], tier_before_rules="A")
    assert "because  score at least 50\n" in explanation_text(plain, Look(100))
    kept = replace(plain, tier="VIP", earned_tier="A")
    assert "because  A (score at least 50), then kept → VIP\n" in explanation_text(kept, Look(100))


def test_a_long_cause_goes_on_under_its_own_beginning() -> None:
    page = explanation_text(replace(EXPLANATION, cause="spend 342038.12 → 61569.40; " * 4), Look(60)).splitlines()
    first = next(i for i, line in enumerate(page) if line.startswith("cause"))
    assert page[first].startswith("cause    spend 342,038.12 → 61,569.40;") and page[first + 1].startswith(" " * 9 + "61,569.40; spend")


def test_money_is_accounted_for_in_the_currency() -> None:
    account = Account("transactions", 5, 1, 0, 1, 0, 3, 1_234_567, 100, 0, 50, 17, 1_234_400)
    page = summary_text(replace(SUMMARY, accounts=[account]), Look(80)).splitlines()
    at = page.index("amounts CNY")
    assert page[at + 1].split() == ["source", "read", "=", "used", "+", "rejected", "+", "outside"]
    assert page[at + 2].split() == ["transactions", "12,345.67", "12,344.00", "1.00", "0.67"]
    assert "amounts" not in summary_text(SUMMARY, Look(80))


def test_yen_have_no_decimals() -> None:
    account = Account("transactions", 1, 0, 0, 0, 0, 1, 1_234_567, 0, 0, 0, 0, 1_234_567)
    page = summary_text(replace(SUMMARY, accounts=[account], currency="JPY", currency_decimals=0), Look(80))
    assert "  transactions  1,234,567  1,234,567\n" in page


@pytest.mark.parametrize("status", ["already current", "already published", "held", "failed", "unpublished", "dry-run"])
def test_a_run_that_was_not_published_says_so_first(status: str) -> None:
    page = summary_text(replace(SUMMARY, status=status), Look(120)).splitlines()
    assert page[0].endswith(".") and page[1] == "" and page[2].startswith("客户综合评级")


def test_rounding_is_said_where_the_shown_sum_would_not_add_up() -> None:
    third = D(100) / D(3)
    lines = [CriterionLine(n, n, 1, "otherwise", 100, 100, D(30), third, third) for n in ("a", "b", "c")]
    page = explanation_text(replace(EXPLANATION, criteria=lines, score=D(100)), Look(100))
    assert page.count("33.333333") >= 3 and "rounding" in page and "0.000001" in page


def test_an_unrated_customer_has_no_total() -> None:
    assert "none, the customer is unrated" in explanation_text(replace(EXPLANATION, score=None), Look(100))


def test_distances_say_what_is_needed_and_how_much_is_missing() -> None:
    page = explanation_text(EXPLANATION, Look(100))
    assert "would reach VIP if:" in page and "days_late falls to 0  (now 12.5, 12.5 less)" in page
    assert "or  satisfaction is 4.5  (missing now)" in page
    assert "would fall to B if:" in page and "spend falls below 200,000  (now 523,400.00, over 323,400.00 less)" in page


def test_rules_show_their_effect_on_this_customer() -> None:
    page = explanation_text(EXPLANATION, Look(100))
    assert "does not hold" in page and "B → A" in page


def test_rows_name_their_place() -> None:
    page = explanation_text(EXPLANATION, Look(100))
    assert "a.csv:48213" in page and "12,345.60" in page


@pytest.mark.parametrize("hostile", ["\x1b]0;pwn\x07", "\x1b[2J", "\x9b2J", "[red]", "[/bold]", "[link=http://e]x[/link]", "a\u202eb"])
def test_a_hostile_id_is_only_text(hostile: str) -> None:
    page = explanation_text(replace(EXPLANATION, customer_id=hostile, tier=hostile, segments={"region": hostile}), Look(100))
    assert all(c.isprintable() or c == "\n" for c in page)
    assert page.startswith("customer " + "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in hostile))


def test_a_rubric_error_shows_its_line_with_a_caret(tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "r.yaml"
    file.write_text("tiers:\n  - {name: 贵宾, min_revenu: 100}\n", encoding="utf-8")
    error = RubricError(Problem("CT1203", "unknown key `min_revenu`", f"{file}:2:16", "the nearest known key is `min_revenue`"))
    lines = problems_text(error, Look(60)).splitlines()
    quoted, caret = lines[4], lines[5]
    assert lines[:2] == ["error[CT1203]: unknown key `min_revenu`", f"  --> {file}:2:16"]
    assert cell_len(quoted[: quoted.index("min_revenu")]) == cell_len(caret[: caret.index("^")]) and caret.count("^") == 10
    assert lines[-1] == "1 error. Nothing was read or written. (exit 2)"


def test_all_mistakes_of_a_rubric_are_shown_in_their_order() -> None:
    page = problems_text(RubricError([Problem("CT1203", f"mistake {n}", f"gone.yaml:{n}:1") for n in range(1, 13)]), Look())
    assert [int(line.split()[-1]) for line in page.splitlines() if line.startswith("error")] == list(range(1, 13))


def test_other_problems_are_grouped_by_code_five_of_each() -> None:
    problems = [Problem(f"CT210{n % 2}", f"wrong {n}", f"f{n}.csv:1:1", "one cure") for n in range(14)]
    page = problems_text(InputError(problems), Look())
    assert page.count("error[CT2100]") == 5 and page.count("and 2 more of this kind") == 2 and page.count("help: one cure") == 1
    assert page.index("error[CT2101]") > page.rindex("error[CT2100]")
    assert page.splitlines()[-1] == "14 errors. Nothing was published. (exit 4)"


def test_an_error_without_a_state_says_only_its_exit_code() -> None:
    assert problems_text(NotFoundError(Problem("CT5501", "no such run")), Look()).splitlines()[-1] == "1 error. (exit 8)"


def test_a_data_file_is_never_quoted(tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "sales.csv"
    file.write_text("id,amount\nSECRET,1\n")
    assert "SECRET" not in problems_text(InputError(Problem("CT2101", "bad", f"{file}:2:1")), Look())


NAMES = re.compile(
    r"VIP|unrated|CNY|csv|parquet|utf-8\S*|gb18030|kB|MB|GB|custier|ID|--\S+|CT\d+|/\S+|\S+\.(?:csv|parquet|json)\S*|\S*_\S*|\d{4}-\S+"
)


def left_in_english(page: str, names: set[str]) -> set[str]:
    return {word for word in re.findall(r"[A-Za-z][A-Za-z-]+", NAMES.sub(" ", page)) if word not in names}


def test_a_summary_in_chinese_has_no_english_words() -> None:
    page = summary_text(replace(SUMMARY, rejected=SUMMARY.rejected[1:], warnings=[], out="/out"), Look(width=120, lang="zh"))
    assert "等级分布" in page and "amount is not a number" in page
    commands = {"explain", "store", *(word for a in SUMMARY.actions for word in re.findall("[A-Za-z-]+", f"{a.name} {a.text} {a.owner}"))}
    names = {"transactions", "invoices", "spend", "weighted-grade"}
    assert left_in_english(page, commands | names | {"amount", "is", "not", "a", "number"}) == set()


FAMILY = replace(
    EXPLANATION,
    account=AccountLine(
        "C000001",
        12,
        [Member(EXPLANATION.customer_id, "A", {"spend": D("48200.00")}), Member("C000001", "VIP", {"spend": None})],
        {"per_head": D("4016.67"), "together": D("48200.00")},
    ),
    asked_for="C000009",
    merged=[f"C{n}" for n in range(11)],
)


@pytest.mark.parametrize("width", [60, 120])
def test_an_explanation_shows_the_account_and_who_was_merged(width: int) -> None:
    page = explanation_text(FAMILY, Look(width=width))
    assert "account C000001: 12 members" in page and "and 10 members more" in page and "together 48,200.00" in page
    assert "into which C000009 was merged" in page.replace("\n", " ") and "C7 and 3 more" in page.replace("\n", " ")
    assert all(cell_len(line) <= width for line in page.splitlines())


def test_an_account_is_told_in_chinese() -> None:
    page = explanation_text(FAMILY, Look(width=120, lang="zh"))
    assert "账户 C000001：12 位成员" in page and "（C000009 已合并至此）" in page and "以及另外 3 个" in page


def test_a_summary_says_how_many_rows_are_counted_under_another_id() -> None:
    merged = replace(SUMMARY, accounts=[replace(SUMMARY.accounts[0], merged=1204)])
    assert "transactions: 1,204 rows counted under the id that their customer was merged into" in summary_text(merged, Look(width=120))


def test_an_explanation_in_chinese_has_no_english_words() -> None:
    e = EXPLANATION
    named = [e.rubric, *e.metrics, *e.flags, *e.segments, *e.segments.values(), *(c.name for c in e.criteria)]
    named += [word for rule in e.rules for word in (rule.name, rule.when)] + [str(name) for row in e.rows for name in (*row, row["source"])]
    named += [text or "" for b in e.benefits for text in (b.name, b.title, b.inherited_from)]
    named += [text or "" for a in e.actions for text in (a.name, a.text, a.owner, a.because)]
    page = explanation_text(replace(e, cause="spend 1 → 2 (40 → 60 points)"), Look(width=120, lang="zh"))
    assert "得分" in page and "怎样会改变等级" in page
    assert left_in_english(page, {word for text in named for word in re.findall("[A-Za-z-]+", text)}) == set()


def test_a_rule_s_reason_stands_in_a_cause_in_the_language_of_the_page() -> None:
    rule = RuleLine("often", "orders > 2", "up 1", True, "B", "A", reason="Loyal", reason_zh="忠诚")
    explanation = replace(EXPLANATION, rules=[rule], cause="rule often (up 1: Loyal 忠诚) now holds: orders 1 → 3")
    assert "rule often (up 1: Loyal) now holds: orders 1 → 3" in explanation_text(explanation, Look(width=120))
    assert "规则 often（升 1 级: 忠诚）现在成立: orders 1 → 3" in explanation_text(explanation, Look(width=120, lang="zh"))
