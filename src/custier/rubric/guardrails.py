"""What must not happen unseen: the limits of a run."""

from __future__ import annotations

from pydantic import Field

from custier.rubric.limits import Amounts, Customers, Limit, Rows
from custier.rubric.scalars import Strict

USUAL_AMOUNTS = 500


class Guardrails(Strict):
    """What must not happen unseen between two runs."""

    moved_at_most: Customers = Field(
        Limit(share=2000), description="customers of both runs whose tier changed: a share, a number, or both; above it the run is held"
    )
    rejected_at_most: Rows = Field(
        Limit(share=100, noun="rows"), description="rows rejected, of those read: a share, a number, or both; above it the run fails"
    )
    rejected_amount_at_most: Amounts | None = Field(
        None, description="amounts of rejected rows, without their signs, of all that could be read: a share; above it the run fails"
    )
    customers_drop_at_most: Customers = Field(
        Limit(share=1000), description="customers of the last run without any row now: a share, a number, or both; above it the run is held"
    )

    @property
    def rejected_amount_limit(self) -> Limit:
        """Where nothing is said, 5%, or as much as of the rows where that is more; off where that is off."""
        if self.rejected_amount_at_most is not None:
            return self.rejected_amount_at_most
        rows = self.rejected_at_most
        return Limit(noun="amounts") if rows.is_off else Limit(share=max(USUAL_AMOUNTS, rows.share or 0), noun="amounts")
