"""What must not happen unseen: the limits of a run."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from pydantic import Field, model_validator

from custier.rubric.limits import OFF, Amounts, CustomerCount, Customers, Days, Drift, DriftText, Growth, Limit, Months, PartOf, Rows
from custier.rubric.scalars import Strict

USUAL_AMOUNTS = 500


class Change(Strict):
    """How far a figure may fall and rise; `40%` alone stands for both. A side that is left out is not looked at."""

    down: Growth = Field(Limit(noun="rows"), description="how far it may fall, such as 30%")
    up: Growth = Field(Limit(noun="rows"), description="how far it may rise, such as 100%")

    @model_validator(mode="before")
    @classmethod
    def _of_both(cls, value: Any) -> Any:
        if not isinstance(value, str | dict | Change):
            raise ValueError("is not a limit; write a share such as 40%, one for each side as {down: 30%, up: 100%}, or off")
        return {"down": value, "up": value} if isinstance(value, str) else value

    def __str__(self) -> str:
        sides = [f"{sign}{limit}" for sign, limit in (("-", self.down), ("+", self.up)) if not limit.is_off]
        return " ".join(sides) or OFF


def _share(basis_points: int, noun: str = "customers") -> Limit:
    return Limit(share=basis_points, noun=noun)


class Guardrails(Strict):
    """What must not happen unseen between two runs."""

    moved_at_most: Customers = Field(_share(2000), description="customers of both runs whose tier changed")
    rejected_at_most: Rows = Field(
        _share(100, "rows"), description="rows rejected, of those read: a share, a number, or both; above it the run fails"
    )
    rejected_amount_at_most: Amounts | None = Field(
        None, description="amounts of rejected rows, without their signs, of all that could be read: a share; above it the run fails"
    )
    min_base: CustomerCount = Field(
        Limit(count=200), description="of fewer customers (or rows) a share holds only from a quarter of this number on"
    )
    top_tier_leaves_at_most: Customers = Field(_share(1000), description="customers of the best tier of the last run who left it")
    customers_drop_at_most: Customers = Field(_share(1000), description="customers of the last run who had rows then and have none now")
    new_customers_at_most: Customers = Field(_share(3000), description="new customers, of as many as the last run had")
    emptied_tier_at_most: CustomerCount = Field(Limit(count=10), description="customers of a tier in the last run that nobody has now")
    tier_share_at_most: PartOf = Field(_share(9500), description="all customers in one tier, where it was not so in the last run")
    drift_at_most: DriftText = Field(Drift(Decimal("0.25")), description="how far the shares of tiers moved: population stability index")
    rows_change_at_most: Change = Field(
        Change(down=_share(3000, "rows"), up=_share(10_000, "rows")), description="used rows against the median of the last three runs"
    )
    amount_change_at_most: Change = Field(
        Change(down=_share(4000, "rows"), up=_share(4000, "rows")), description="their amounts against the median of the last three runs"
    )
    month_rows_change_at_most: Change = Field(
        Change(down=_share(5000, "rows"), up=_share(30_000, "rows")),
        description="rows of each whole month since the last run against the median of the months before it",
    )
    month_amount_change_at_most: Change = Field(
        Change(down=_share(5000, "rows"), up=_share(30_000, "rows")), description="amounts of such a month, likewise"
    )
    missing_months_at_most: Months = Field(Limit(count=0, noun="months"), description="whole months without any row in the window")
    silent_days_at_most: Days = Field(
        Limit(count=10, noun="days"), description="days of the as-of month without a row, more than such a month usually has"
    )
    restated_at_most: PartOf = Field(_share(100), description="rows or amounts of the last run's time that are others now")
    stale_input: Literal["hold", "off"] = Field("hold", description="the very files of the last run, and nothing newer in them")
    rubric_changed: Literal["warn", "hold", "off"] = Field("warn", description="another rubric than that of the last run")

    @property
    def rejected_amount_limit(self) -> Limit:
        """Where nothing is said, 5%, or as much as of the rows where that is more; off where that is off."""
        if self.rejected_amount_at_most is not None:
            return self.rejected_amount_at_most
        rows = self.rejected_at_most
        return Limit(noun="amounts") if rows.is_off else Limit(share=max(USUAL_AMOUNTS, rows.share or 0), noun="amounts")
