"""What a rubric may say: one pydantic model per block of the YAML."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, SerializerFunctionWrapHandler, Tag, model_serializer, model_validator

from custier.rubric.accounts import Accounts, Merge
from custier.rubric.actions import Action
from custier.rubric.benefits import Benefit, BenefitName, Granted
from custier.rubric.changes import Revision
from custier.rubric.condition import Condition
from custier.rubric.edges import EDGES as EDGES
from custier.rubric.edges import Edges as Edges
from custier.rubric.edges import plain as plain
from custier.rubric.guardrails import Guardrails as Guardrails
from custier.rubric.matrix import Matrix
from custier.rubric.points import PointsPolicy
from custier.rubric.retention import Retention
from custier.rubric.scalars import (
    Flag,
    FormulaText,
    Key,
    Name,
    Points,
    ReasonText,
    RubricName,
    Share,
    Strict,
    TitleText,
    TopText,
    Weight,
    Whole,
)
from custier.rubric.source import Column as Column
from custier.rubric.source import ColumnType as ColumnType
from custier.rubric.source import Source as Source
from custier.rubric.window import Window

EFFECTS = ("at_most", "at_least", "up", "down", "set", "inherit")
AGGREGATIONS = (
    "sum", "mean", "min", "max", "count", "count_distinct", "first", "last", "weighted_mean",
    "time_weighted_mean", "active_months", "years_at_tier", "share_of_total", "sum_of_members", "mean_of_members", "formula",
)  # fmt: skip

MADE_FROM_METRICS = ("formula", "years_at_tier", "share_of_total", "sum_of_members", "mean_of_members")


class Metric(Strict):
    """A number per customer: one aggregation over a source, or a formula over other metrics."""

    sum: FormulaText | None = Field(None, description="the total of a column or formula over the rows")
    mean: FormulaText | None = Field(None, description="the average over the rows")
    min: FormulaText | None = Field(None, description="the smallest value")
    max: FormulaText | None = Field(None, description="the largest value")
    count: FormulaText | None = Field(None, description="how many rows have a value here")
    count_distinct: FormulaText | None = Field(None, description="how many different values")
    first: FormulaText | None = Field(None, description="the value of the earliest row")
    last: FormulaText | None = Field(None, description="the value of the latest row")
    weighted_mean: FormulaText | None = Field(None, description="the average weighted by `weight`")
    time_weighted_mean: FormulaText | None = Field(None, description="the average over days, each value lasting until the next row")
    active_months: FormulaText | None = Field(None, description="how many calendar months have a row")
    years_at_tier: str | None = Field(None, description="how many years in a row the customer has had this tier or a better one")
    share_of_total: str | None = Field(None, description="the customer's share of all customers' total of this metric")
    sum_of_members: str | None = Field(None, description="the total of this metric over all members of the customer's account")
    mean_of_members: str | None = Field(None, description="the same per member")
    formula: FormulaText | None = Field(None, description="exact arithmetic over other metrics")
    weight: FormulaText | None = Field(None, description="what a weighted_mean is weighted by")
    per: str | None = Field(None, description="the column that tells a customer's accounts apart, whose balances are added up")
    source: str = Field("transactions", description="the table whose rows are aggregated")
    window: Window | None = Field(None, description="instead of the rubric's window")
    where: FormulaText | None = Field(None, description="which rows count")
    title: TitleText | None = Field(None, description="what people call it")

    @model_validator(mode="after")
    def _one_aggregation(self) -> Metric:
        given = [a for a in AGGREGATIONS if getattr(self, a) is not None]
        if len(given) != 1:
            raise ValueError(f"has {' and '.join(given) or 'no aggregation'}; write exactly one of {', '.join(AGGREGATIONS)}")
        if (self.weight is not None) != (given == ["weighted_mean"]):
            raise ValueError("has one of weighted_mean and weight; write both or neither")
        if self.per is not None and given != ["time_weighted_mean"]:
            raise ValueError(f"has per beside {given[0]}; only the balances of a time_weighted_mean are told apart")
        if given[0] in MADE_FROM_METRICS and (self.where or self.window):
            raise ValueError(f"is made from other metrics with {given[0]}; move `where` and `window` to those")
        return self

    @property
    def aggregation(self) -> str:
        return next(a for a in AGGREGATIONS if getattr(self, a) is not None)

    @property
    def of_members(self) -> str | None:
        """The metric of each member of an account that this one is made from, if it is one of accounts."""
        return self.sum_of_members or self.mean_of_members

    @property
    def argument(self) -> str:
        return str(getattr(self, self.aggregation))


class Band(Edges):
    """Values that earn the same points: `{at_least: 500_000, points: 100}` or, last, `{otherwise: 40}`."""

    points: Points = Field(description="what a value in this band earns")

    @model_validator(mode="before")
    @classmethod
    def _otherwise(cls, value: Any) -> Any:
        if isinstance(value, dict) and "otherwise" in value:
            if len(value) > 1:
                raise ValueError("has `otherwise` beside other keys; write {otherwise: 40}, with the points in it")
            return {"points": value["otherwise"]}
        return value

    @model_validator(mode="before")
    @classmethod
    def _needs_an_edge(cls, value: Any) -> Any:
        if isinstance(value, dict) and "otherwise" not in value and "points" in value and not set(value) & set(EDGES):
            raise ValueError("has no edge; write at_least, above, at_most or below, or {otherwise: points}")
        return value

    @model_serializer(mode="wrap")
    def _as_written(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {"otherwise": self.points} if self.in_words == "otherwise" else dump(self)


class MissingPoints(Strict):
    """What a missing value earns, in points."""

    points: Points = Field(description="what a missing value earns")


Missing = Annotated[
    Annotated[MissingPoints, Tag("points")] | Annotated[Literal["skip", "unrated", "fail"], Tag("word")],
    Discriminator(lambda value: "points" if isinstance(value, dict | MissingPoints) else "word"),
]


class Quantiles(Strict):
    """Parts of the population, each of as many customers as equal values allow, and what each earns: `{parts: 5, best: low}`."""

    parts: Whole = Field(ge=2, le=100, description="how many parts of equally many customers: 4 for quartiles, 5 for quintiles")
    best: Literal["high", "low"] = Field("high", description="whether high or low values are the best")
    points: list[Points] | None = Field(None, description="what each part earns, the best first; from the number of parts down to 1")
    edges: Literal["ranks", "interpolated"] = Field(
        "ranks", description="where the parts meet: at a share of the ranks, or at an interpolated quantile"
    )
    ties: Literal["generous", "strict"] = Field("generous", description="equal customers at an edge: all in the better part, or none")

    @model_validator(mode="before")
    @classmethod
    def _from_parts(cls, value: Any) -> Any:
        return {"parts": value} if isinstance(value, int) and not isinstance(value, bool) else value

    @model_validator(mode="after")
    def _points_of_each_part(self) -> Quantiles:
        if self.points is not None and len(self.points) != self.parts:
            raise ValueError(f"has {len(self.points)} points for {self.parts} parts; write one for each part, the best first")
        return self

    @property
    def earned(self) -> list[int]:
        """The points of each part, the best first."""
        return self.points if self.points is not None else list(range(self.parts, 0, -1))


class _Weighed(Strict):
    """What every criterion says, however its metric is turned into points."""

    weight: Weight = Field(description="of 100; all criteria together make 100")
    missing: Missing | None = Field(None, description="what a missing value earns")
    metric: str | None = Field(None, description="the metric, where its name is not the criterion's")


class Banded(_Weighed):
    """A metric turned into points by bands, and how much those points weigh."""

    bands: list[Band] = Field(min_length=1, description="the first band that holds the value gives the points")

    @property
    def earned(self) -> list[int]:
        """The points of each band."""
        return [band.points for band in self.bands]


class Parted(_Weighed):
    """A metric turned into points by equal parts of the population, and how much those points weigh."""

    quantiles: Quantiles = Field(description="instead of bands: equal parts of the population")

    @property
    def earned(self) -> list[int]:
        """The points of each part, the best first."""
        return self.quantiles.earned


def _turned_by(value: Any) -> str:
    return "by quantiles" if isinstance(value, Parted) or (isinstance(value, dict) and "quantiles" in value) else "by bands"


Criterion = Annotated[Annotated[Banded, Tag("by bands")] | Annotated[Parted, Tag("by quantiles")], Discriminator(_turned_by)]


def possible_points(criterion: Criterion) -> list[int]:
    """All points that a value, or a missing one, can earn."""
    return [*criterion.earned, *([criterion.missing.points] if isinstance(criterion.missing, MissingPoints) else [])]


class ScoreEdges(Edges):
    """The score a tier asks for."""


class Tier(Strict):
    """A grade and what it asks for; all that it asks for must hold."""

    name: Name = Field(description="what the labels say")
    title: TitleText | None = Field(None, description="what people call it")
    score: ScoreEdges | None = Field(None, description="the score it asks for")
    when: Condition | None = Field(None, description="the condition it asks for")
    top: TopText | None = Field(None, description="the best share or number of customers, counted from the top: 1% or 50 customers")
    next: Share | None = Field(None, description="the share of customers that follows the slices above: 19%")
    cumulative_share: Share | None = Field(None, description="the best customers who together hold this share of the total: 80%")
    by: str | None = Field(None, description="the metric that a slice is cut by; that of the tier above when left out")
    within: str | None = Field(None, description="the segment or text whose every group is cut for itself: region")
    ties: Literal["generous", "strict"] = Field("generous", description="equal customers across a cut: all in, or all out")
    benefits: list[Granted] = Field(default_factory=list, description="what its customers are entitled to, beside what lower tiers grant")
    inherit_benefits: Flag = Field(True, description="false: its customers have only what this tier grants")

    @property
    def slice(self) -> str | None:
        """Which kind of population slice this tier is, if any."""
        return next((k for k in ("top", "next", "cumulative_share") if getattr(self, k) is not None), None)


def ranked_by(tier: Tier, above: tuple[str, str | None]) -> tuple[str, str | None]:
    """The metric and the groups by which the slices from this tier on are cut; a tier that names `by` says its own groups."""
    if tier.by is not None:
        return tier.by, tier.within
    return (above[0], tier.within) if tier.within is not None else above


class Rule(Strict):
    """A named condition that moves or bounds the tier."""

    name: Key = Field(description="what explanations call it")
    when: Condition = Field(description="the condition over metrics and segments")
    at_most: str | None = Field(None, description="the best tier that is left")
    at_least: str | None = Field(None, description="the worst tier that is left")
    up: Whole | None = Field(None, ge=1, description="how many tiers better")
    down: Whole | None = Field(None, ge=1, description="how many tiers worse")
    set: str | None = Field(None, description="this tier, whatever it was")
    inherit: Literal["best", "parent"] | None = Field(None, description="the tier of the account's best member or of its parent, if better")
    reason: ReasonText | None = Field(None, description="why the rule is there, for people")

    @model_validator(mode="after")
    def _one_effect(self) -> Rule:
        if sum(getattr(self, e) is not None for e in EFFECTS) != 1:
            raise ValueError("does not have one effect; write exactly one of at_most, at_least, up, down, set and inherit")
        return self

    @property
    def said(self) -> str:
        """`at most B: Overdue 逾期`."""
        return f"{self.effect_words}: {self.reason.in_full}" if self.reason else self.effect_words

    @property
    def effect_words(self) -> str:
        """`at most B`, `up 1`."""
        effect, value = self.effect
        return f"{effect.replace('_', ' ')} {value}"

    @property
    def effect(self) -> tuple[str, str | int]:
        return next((e, getattr(self, e)) for e in EFFECTS if getattr(self, e) is not None)


class Cuts(Strict):
    """Where the slices of the population are cut."""

    run: str = Field(alias="from", min_length=1, description="the run whose cuts are kept instead of new ones")


class Rubric(Strict):
    """A grading policy."""

    rubric: RubricName = Field(description="its name, also the directory of its runs")
    extends: str | None = Field(None, description="the rubric that this one starts from: the name of one that ships, or a file")
    version: Whole = Field(1, ge=1, description="counted up with each change of policy")
    title: TitleText | None = Field(None, description="what people call it")
    currency: str = Field("CNY", description="the currency of all money")
    currency_decimals: Whole = Field(2, ge=0, le=6, description="decimals of the smallest unit of money")
    sources: dict[Key, Source] = Field(default_factory=lambda: {"transactions": Source()}, description="the tables to read")
    window: Window = Field(default_factory=lambda: Window.model_validate("last 12 months"), description="which rows count, by date")
    metrics: dict[Key, Metric] = Field(default_factory=dict, description="numbers per customer, beside the ready-made ones")
    merge: Merge | None = Field(None, description="which customers turned out to be others")
    accounts: Accounts | None = Field(None, description="which customers belong together")
    points: PointsPolicy | None = Field(None, description="how points are earned, redeemed and lost")
    eligible: Condition | None = Field(None, description="who is graded; everyone else is unrated")
    score: dict[Key, Criterion] = Field(default_factory=dict, description="the criteria of the score")
    tiers: list[Tier] = Field(min_length=1, description="the grades, best first; the last takes the rest")
    matrix: Matrix | None = Field(None, description="two axes that make the tier, instead of what tiers ask for")
    cuts: Cuts | None = Field(None, description="keep the cuts of an earlier run")
    rules: list[Rule] = Field(default_factory=list, description="applied to the tier, in order")
    rules_apply: Literal["all", "first"] = Field("all", description="every rule whose condition holds, or only the first of them")
    retention: Retention | None = Field(None, description="what keeps a tier that is no longer earned")
    flags: dict[Key, Condition] = Field(default_factory=dict, description="yes/no labels by condition")
    segments: dict[Key, dict[Name, Condition]] = Field(
        default_factory=dict, description="further labels: the first condition that holds, the last otherwise"
    )
    benefits: dict[BenefitName, Benefit] = Field(default_factory=dict, description="the benefits that tiers grant, with their titles")
    actions: list[Action] = Field(default_factory=list, description="what to do next with which customers, in order")
    actions_apply: Literal["all", "first"] = Field("all", description="whether a customer gets every action that holds, or only the first")
    guardrails: Guardrails = Field(default_factory=Guardrails, description="what holds or fails a run")
    changes: list[Revision] = Field(default_factory=list, description="what changed with each version")

    @property
    def inheriting(self) -> Rule | None:
        """The rule by which customers take over a tier of their account; there is at most one."""
        return next((rule for rule in self.rules if rule.inherit), None)

    @property
    def full_title(self) -> str:
        """The title in both languages, as far as it is written; else the name."""
        if self.title is None:
            return self.rubric
        return self.title.in_full

    @property
    def rankings(self) -> dict[str, tuple[str, str | None]]:
        """Tier → the metric that its slice is cut by, and what divides the population; tiers that are no slices are left out."""
        found: dict[str, tuple[str, str | None]] = {}
        ranking: tuple[str, str | None] = ("", None)
        for tier in self.tiers:
            ranking = ranked_by(tier, ranking)
            found |= {tier.name: ranking} if tier.slice else {}
        return found

    @property
    def tier_names(self) -> list[str]:
        return [t.name for t in self.tiers]
