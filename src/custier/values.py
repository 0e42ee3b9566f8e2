"""The plain values that one run hands to another part: what was read, what came out, what is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

UNRATED = "unrated"
"""What stands for a tier where a customer has none."""

NO_GROUP = "-"
"""The group of a customer who is in none, where tiers are cut within groups."""

REJECTED = ("source", "file", "line", "column", "code", "message", "raw")
"""The columns of rejected rows: texts, but `line`, an Int64."""

TOUCHED = "rejected_rows"
"""Column of a graded customer: how many of its rows were rejected."""

FEW_VALUES = (
    "tier", "previous_tier", "earned_tier", "tier_before_rules", "next_tier", "retained", "change",
    "reasons", "reason_codes", "rules", "flags",
)  # fmt: skip
"""Texts of a graded customer that a rubric makes of few."""

PER = "__per"
"""A quotient's denominator stands in a column of the metric's name with this suffix."""

DAY = "__day"
"""The days since 1970-01-01 of a metric that is a date stand in a column of its name with this suffix."""


PREVIOUS_RANK, IN_FORCE = "previous_rank", "in_force"
"""Columns of a graded customer: the place of its last tier among today's, and whether that tier is still valid."""

CAPS = ("at_most", "set")
"""Effects of rules that bind a kept tier too: a customer in arrears does not stay above them because of better times."""

ACCOUNT, ACCOUNT_RANK = "account", "account_rank"
"""Columns of a customer who may belong to others: to which account, and the tier that a rule may inherit there, 0 the best."""


@dataclass(frozen=True)
class Kind:
    """How a metric is held: an integer of 10^-scale, the quotient of two integers, a text, or a date with its days since 1970-01-01."""

    scale: int = 0
    quotient: bool = False
    money: bool = False
    type: Literal["number", "text", "date"] = "number"


TWO_WAYS = "two ways of writing numbers are mixed"
"""How the warning of such a column begins."""

OTHER_UNIT = "a file is likely in another unit than the others"
"""How the warning of such a file begins."""


@dataclass(frozen=True)
class InputFile:
    """One file as it was read. `path` is as given; `name` is what rejected rows and the manifest call it."""

    source: str
    path: str
    name: str
    sha256: str
    bytes: int
    format: str  # csv | parquet | xlsx
    encoding: str | None  # utf-8 | utf-8-sig | gb18030 | what was declared or marked; None for Parquet
    separator: str | None  # one sign, or whitespace; None for Parquet
    rows: int
    sheet: str | None = None  # of a workbook


@dataclass(frozen=True)
class Account:
    """Where every row of a source went: read = used + rejected + excluded + before + after.

    The money figures (integer minor units) cover the rows whose amount could be read.
    """

    source: str
    read: int
    rejected: int  # rows that failed a check
    excluded: int  # rows that keys of the source leave out: `where`, `no_customer` …
    before_window: int  # good rows older than every window
    after_window: int  # good rows dated after the as-of date (or not settled yet)
    used: int  # good rows that at least one window covers
    money_read: int = 0
    money_rejected: int = 0
    money_excluded: int = 0
    money_before_window: int = 0
    money_after_window: int = 0
    money_used: int = 0
    size_read: int = 0  # the amounts without their signs, added up; exact below 2^53
    size_rejected: int = 0
    merged: int = 0  # good rows of customers who are counted under another id now
    excluded_for: dict[str, int] = field(default_factory=dict)  # key of the source -> rows that it leaves out; together `excluded`
    noted: dict[str, int] = field(default_factory=dict)  # key of the source -> good rows that look suspicious, and count


@dataclass(frozen=True)
class RejectedCode:
    """One kind of rejected cell, for the summary."""

    code: str
    message: str
    rows: int
    first_file: str
    first_line: int | None  # None in a table, whose rows have no order
    column: str
    source: str = ""  # empty in a run of an earlier custier


@dataclass(frozen=True)
class TierCount:
    """One tier's part of the population. Shares are fractions of 1, for showing only."""

    name: str
    title: str | None
    customers: int
    customer_share: float
    spend: Decimal | None  # None where no amount was read
    spend_share: float | None
    profit_share: float | None  # None where profit is not measured
    title_en: str | None = None


@dataclass(frozen=True)
class RuleCount:
    """One rule's part of the population: for how many it fired, and how many of them it moved."""

    name: str
    effect: str  # "at most B"
    reason: str | None
    reason_zh: str | None
    fired: int
    moved: int


@dataclass(frozen=True)
class Cut:
    """A cut of the population, or of a group in it, as it fell: who is in has `by` at the cut value or above it; or below."""

    tier: str  # "" where a criterion's points are cut
    by: str
    asked: str  # "1%", "50 customers", "80% of spend"
    ties: str
    asked_share: float | None
    realised_share: float
    customers: int  # how many the cut lets in
    value: Decimal | float | None  # the lowest value that is in; None when nobody is
    num: int | None = None  # the same value, exact: num / den
    den: int = 1
    last_rank: int | None = None  # the last rank that fits; None for a share of the total, and for a cut of an earlier run
    last_in: int | None = None  # the value of the last rank that fits, whoever has it; None for a share of the total
    first_out: int | None = None  # the value of the rank after it; None when there is none
    ranked: int = 0  # how many customers can be ranked, in the group or in all
    within: str | None = None  # the text by which the population is divided; None where it is not
    group: str | None = None  # the group that this cut is of
    cut_by: str | None = None  # the earlier run whose cut this is; None where this population is cut
    criterion: str = ""  # whose points are cut; "" where a tier is
    best: str = "high"  # or "low"
    points: int | None = None  # what the criterion gives to those who are in, and in no cut above
    quantile: Decimal | float | None = None  # the interpolated quantile, of which `value` is the first on the better side

    @property
    def exactly(self) -> Decimal | None:
        return None if self.num is None else Decimal(self.num) / self.den

    @property
    def edge(self) -> str:
        """`at_most 12`, or `above 254.8` of an interpolated quantile; empty when nobody is in."""
        if self.num is None:
            return ""
        on, beyond = ("at_most", "below") if self.best == "low" else ("at_least", "above")
        if self.quantile is not None:
            return f"{beyond if self.ties == 'strict' else on} {self.quantile}"
        return f"{on} {Decimal(self.num).scaleb(1 - len(str(self.den)))}"


@dataclass(frozen=True)
class ActionCount:
    """One action, and for how many customers it is to be done."""

    name: str
    text: str
    text_zh: str | None
    owner: str | None
    due: date | None
    customers: int


def cuts_of_tiers(cuts: Sequence[Cut]) -> list[Cut]:
    return [cut for cut in cuts if cut.tier]


def cuts_of_points(cuts: Sequence[Cut], criterion: str) -> list[Cut]:
    """Where the population is cut for the points of a criterion, from the best."""
    return [cut for cut in cuts if cut.criterion == criterion]


@dataclass(frozen=True)
class Guard:
    """One guardrail as it was checked."""

    name: str
    limit: str  # "20%"
    observed: str  # "31.25%"
    count: int
    of: int
    held: bool
    unit: str = ""  # what is counted: customers, rows, money (minor units), months, days
    near: bool = False  # more than three quarters of the limit
    waived: str = ""  # why it does not hold though it is above the limit: a small base, the first run, it was so before
    cause: str = ""  # what is likely behind it, or what it is about


@dataclass(frozen=True)
class Month:
    """The good rows of one calendar month up to the as-of date."""

    rows: int
    amount: int  # minor units; 0 where the source has no amounts
    days: int  # on how many days they are


@dataclass(frozen=True)
class History:
    """One source as a run saw it, for the runs after it to compare with."""

    rows: int  # used ones
    amount: int | None  # of those; None where the source has no amounts
    first: str | None  # the day of the first good row; None where there is none, or no dates
    start: str | None  # the first day that any window covers; None where one has no beginning
    months: dict[str, Month] = field(default_factory=dict)  # "2025-12" -> what it held


@dataclass(frozen=True)
class Past:
    """What an earlier run, published as a rule, leaves for guardrails."""

    run: str
    as_of: date
    currency: str
    decimals: int
    inputs: dict[tuple[str, str], frozenset[str]]  # source, SHA-256 -> the names of such files
    histories: dict[str, History]


@dataclass(frozen=True)
class Pseudonyms:
    """Under which key the customers of shared copies go, and which columns were left out because they could name them."""

    key_id: str
    left_out: list[str]


@dataclass(frozen=True)
class Summary:
    """What `classify` and `show` tell about a run; `summary.json` is this struct."""

    rubric: str
    title: str
    version: int
    run_id: str
    as_of: date
    as_of_from: str  # "given" or "data"
    window: str  # "2025-01-01 to 2025-12-31"
    currency: str
    previous: str | None
    status: str  # published | held | failed | unpublished | dry-run | already current
    exit_code: int
    customers: int
    unrated: int
    without_rows: int  # customers of the last run that have no row now
    tiers: list[TierCount]
    changes: dict[str, int]  # new, up, down, same, returned -> customers
    movement: dict[str, dict[str, int]]  # previous tier -> tier -> customers; empty without a previous run
    cuts: list[Cut]
    accounts: list[Account]
    rejected: list[RejectedCode]
    orphans: dict[str, int]  # source -> ids of no customer: neither transactions nor the table of customers have them
    guards: list[Guard]
    files: list[InputFile]
    warnings: list[str]
    directory: str | None = None  # where the run is; None after a dry run
    out: str | None = None
    kept: int = 0  # customers whose tier is better than earned
    currency_decimals: int = 2  # of the money in `accounts`
    actions: list[ActionCount] = field(default_factory=list)  # in the rubric's order
    rules: list[RuleCount] = field(default_factory=list)
    touched: int = 0  # customers of whom a row was rejected
    cures: dict[str, list[str]] = field(default_factory=dict)  # source → YAML that reads its rejected cells; two: one of both is meant
    pseudonyms: Pseudonyms | None = None  # of the copies; None where they have the ids as they are


@dataclass(frozen=True)
class CriterionLine:
    """One criterion of an explanation. `weighted` of all lines adds up to the score."""

    name: str
    metric: str
    value: Any  # int, Decimal or float; None when missing
    band: str  # "at_least 50000", "otherwise", "missing: 50 points", "missing: skipped"
    points: int | None
    best_points: int
    weight: Decimal  # as the rubric says
    weight_used: Decimal  # after the weight of skipped criteria is spread
    weighted: Decimal  # points x weight_used / 100


@dataclass(frozen=True)
class ConditionLine:
    """One of several joined conditions: `spend >= 100000`, or `any of` before those below it; deeper ones belong to the one above."""

    words: str
    depth: int
    held: bool


@dataclass(frozen=True)
class CellLine:
    """A customer's cell of the matrix, None where an axis leaves it unrated, and the tiers of all cells: row, column, tier."""

    rows: str
    row: str | None
    columns: str
    column: str | None
    tiers: dict[str, dict[str, str]]


@dataclass(frozen=True)
class RuleLine:
    """One rule: whether its condition held and what it did."""

    name: str
    when: str
    effect: str  # "at most B"
    fired: bool
    tier_before: str
    tier_after: str
    parts: list[ConditionLine] = field(default_factory=list)  # of a joined condition
    reason: str | None = None
    reason_zh: str | None = None
    reached: bool = True  # False where only the first rule applies, and one above did


@dataclass(frozen=True)
class BenefitLine:
    """One benefit that a customer has by its tier."""

    name: str
    title: str | None
    title_zh: str | None
    quota: str | None  # "5 a year", "at least 6 a year", "unlimited"; None where nothing is counted
    note: str | None
    note_zh: str | None
    inherited_from: str | None  # the tier below that grants it; None when it is the customer's own


@dataclass(frozen=True)
class ActionLine:
    """One action that is to be done for a customer."""

    name: str
    text: str
    text_zh: str | None
    owner: str | None
    due: date | None
    because: str  # "change up and spend > 1000"


@dataclass(frozen=True)
class RankLine:
    """A customer's rank, 1 the best, by a metric among all who are ranked by it, or among those of its group."""

    by: str
    within: str | None
    group: str | None
    rank: int
    of: int


@dataclass(frozen=True)
class Distance:
    """How far one metric, alone, is from another tier."""

    metric: str
    value: Any
    needed: Any  # the metric's value that would do it
    side: str  # "" when `needed` itself does it; "above" or "below" when only a value beyond it does
    change: Any  # needed - value; None when the value is missing
    tier: str  # the tier it would lead to


@dataclass(frozen=True)
class Member:
    """A customer of an account, and what it brings to the numbers of the account."""

    customer_id: str
    tier: str
    values: dict[str, Any]  # metric -> value


@dataclass(frozen=True)
class AccountLine:
    """Whom a customer belongs to, the first of the members, and what they have together."""

    account: str
    members: int
    shown: list[Member]
    together: dict[str, Any]  # metric of the account -> value


@dataclass(frozen=True)
class PointsLine:
    """What one earning rule gave a customer in a lifetime."""

    name: str
    title: str | None
    title_zh: str | None
    words: str  # "1 per 10 of amount, when amount > 0, once"
    points: int | None  # None when missing


@dataclass(frozen=True)
class PointsStatement:
    """A customer's points: Σ earned = lifetime; lifetime - redeemed - expired = balance. None is missing."""

    earned: list[PointsLine]
    redeemed_words: str
    expire: str  # "never", "24 months", "end of year"
    lifetime: int | None
    redeemed: int | None
    expired: int | None
    balance: int | None
    overdrawn: int | None  # the most by which the balance was ever below zero


@dataclass(frozen=True)
class Explanation:
    """Why one customer has this tier; `explain --json` is this struct."""

    customer_id: str
    rubric: str
    title: str
    run_id: str
    as_of: date
    window: str  # "2025-01-01 to 2025-12-31"
    currency: str
    tier: str
    tier_title: str | None
    earned_tier: str
    tier_before_rules: str
    previous_tier: str | None
    previous_run: str | None
    change: str
    cause: str
    tier_since: date | None
    score: Decimal | None
    criteria: list[CriterionLine]
    tier_condition: str  # why this tier in words: "score at_least 70", "spend >= 500000", "top 1% by profit"
    rules: list[RuleLine]
    flags: dict[str, bool]
    segments: dict[str, str]
    metrics: dict[str, Any]
    benefits: list[BenefitLine]
    next_tier: str | None
    to_next: list[Distance]  # each reaches a better tier on this metric alone
    to_lose: list[Distance]  # each loses this tier on this metric alone
    actions: list[ActionLine] = field(default_factory=list)
    ranks: list[RankLine] = field(default_factory=list)  # one per ranking that tiers are cut by; none for the unrated
    tier_title_en: str | None = None
    account: AccountLine | None = None  # None where the rubric has no accounts, or nobody else belongs to it
    asked_for: str | None = None  # the id that was asked for, where its customer is counted under another now
    merged: list[str] = field(default_factory=list)  # the ids that are counted under this one
    valid_until: date | None = None  # the last day on which the tier is valid
    rejected_rows: int = 0  # rows of the customer that were rejected, and count for nothing
    retained: str | None = None  # why the tier is better than earned
    reason_codes: list[str] = field(default_factory=list)  # the criteria that lost points, the most first
    rows: list[dict[str, Any]] = field(default_factory=list)  # source, file, line, date, …; only with --rows
    points: PointsStatement | None = None  # where the rubric has points
    cell: CellLine | None = None  # where the rubric has a matrix
    tier_parts: list[ConditionLine] = field(default_factory=list)  # of the tier's joined condition
    label_parts: dict[str, list[ConditionLine]] = field(default_factory=dict)  # flag, or segment and label → its joined condition
