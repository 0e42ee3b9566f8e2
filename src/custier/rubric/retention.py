"""What keeps a tier that is no longer earned."""

from __future__ import annotations

import calendar
from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from custier.rubric.condition import Condition
from custier.rubric.scalars import Name, Strict, Whole
from custier.rubric.window import Length, LengthText

MONTHS = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}


class Retention(Strict):
    """For how long a tier is kept after it was last earned, and how it is lost then."""

    valid_for: LengthText | None = Field(None, description="how long a tier is valid from the as-of date at which it was last earned")
    to_end_of: Literal["month", "quarter", "half-year", "year"] | None = Field(None, description="the validity lasts to the end of this")
    max_steps_down: Whole | None = Field(None, ge=1, description="how many tiers a customer falls at most at once")
    keep: dict[Name, Condition] = Field(default_factory=dict, description="per tier, what is enough to keep it")

    @model_validator(mode="after")
    def _keeps_something(self) -> Retention:
        if self.valid_for is None and self.max_steps_down is None and not self.keep:
            raise ValueError("keeps nothing; write valid_for, max_steps_down or keep, or leave it out")
        if self.to_end_of is not None and self.valid_for is None:
            raise ValueError("has to_end_of without valid_for; write how long a tier is valid, such as valid_for: 12 months")
        if self.valid_for == Length():
            raise ValueError("has a validity of no days; write a `valid_for` such as 12 months")
        return self

    def valid_until(self, earned: date) -> date | None:
        """The last day on which a tier is valid that was earned as of a day."""
        if self.valid_for is None:
            return None
        last = self.valid_for.after(earned)
        if self.to_end_of is None:
            return last
        months = MONTHS[self.to_end_of]
        month = -(-last.month // months) * months
        return last.replace(month=month, day=calendar.monthrange(last.year, month)[1])
