"""What a rubric says, as the plain data that `explain.json` holds: read without the rubric's language, its parser or any engine."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

POLICY_FILE = "explain.json"
MERGES_FILE = "merges.parquet"
"""customer_id, into: who is counted under which other id."""

FORMAT = 6
"""Raised when what the file holds changes; a run with another format is explained from its rubric.yaml."""

Tree = Any
"""A formula: `["and", [">=", ["metric", "spend"], ["number", "500000"]], …]`; texts, true and false stand for themselves."""


class Part(TypedDict):
    """One of several conditions that are joined, how deep it stands among them, and its tree."""

    words: str
    depth: int
    test: Tree


class Asked(TypedDict):
    """A condition in the rubric's words, as a tree, and its parts where it is joined of several."""

    words: str
    test: Tree
    parts: list[Part]


class Band(TypedDict):
    words: str
    test: Tree
    points: int


class Criterion(TypedDict):
    metric: str
    weight: int  # basis points
    missing: int | str | None  # points, or what the rubric says: skip, unrated, fail
    best_points: int
    bands: list[Band]  # where the parts of the population are cut, the run says: their tests are None
    best: str | None  # high or low, where the bands are parts of the population


class Benefit(TypedDict):
    """As BenefitLine has it."""

    name: str
    title: str | None
    title_zh: str | None
    quota: str | None
    note: str | None
    note_zh: str | None
    inherited_from: str | None


class Action(TypedDict):
    name: str
    text: str
    text_zh: str | None
    owner: str | None
    due: str | None  # ISO
    because: str


class Tier(TypedDict):
    name: str
    title: str | None  # in Chinese
    title_en: NotRequired[str | None]
    benefits: list[Benefit]  # those of lower tiers included
    score: Asked | None  # over the name `score`
    when: Asked | None


class Label(TypedDict):
    """A label of a segment or an axis, and its condition; None holds always."""

    name: str
    asked: Asked | None


class Axis(TypedDict):
    """One side of a matrix: a segment, or a metric in bands with a label each."""

    name: str
    metric: str | None
    labels: list[Label]
    missing: str | None  # the label of a missing value; None: no tier


class Matrix(TypedDict):
    rows: Axis
    columns: Axis
    tiers: dict[str, dict[str, str]]


class Rule(Asked):
    name: str
    effect: str  # at_most, at_least, up, down, set, inherit
    value: str | int  # a tier, or a number of steps
    reason: str | None
    reason_zh: str | None


class Retention(TypedDict):
    max_steps_down: int | None
    keep: dict[str, Asked]  # tier -> what is enough to keep it


class PointsRule(TypedDict):
    name: str
    title: str | None
    title_zh: str | None
    words: str  # "1 per 10 of amount, when amount > 0, once"


class PointsPolicy(TypedDict):
    earn: list[PointsRule]
    redeem: str
    expire: str  # "never", "24 months", "end of year"


class Policy(TypedDict):
    format: int
    rubric: str
    title: str
    currency: str
    window: str  # "2025-01-01 to 2025-12-31"
    eligible: Asked | None
    criteria: dict[str, Criterion]
    tiers: list[Tier]  # best first
    matrix: Matrix | None
    rules: list[Rule]
    rules_apply: str  # all, first
    retention: Retention | None
    points: PointsPolicy | None
    pooled: dict[str, str] | None  # metric of the account -> the metric of each member; None without accounts
    actions: list[Action]
    flags: dict[str, Asked]
    segments: dict[str, list[Label]]
    told_in_order: list[str]  # the segments, each after those that it is made from
