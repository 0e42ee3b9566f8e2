"""What must not happen unseen: the limits of a run."""

from __future__ import annotations

from pydantic import Field

from custier.rubric.limits import Customers, Limit, Rows
from custier.rubric.scalars import Strict


class Guardrails(Strict):
    """What must not happen unseen between two runs."""

    moved_at_most: Customers = Field(
        Limit(share=2000), description="customers of both runs whose tier changed: a share, a number, or both; above it the run is held"
    )
    rejected_at_most: Rows = Field(
        Limit(share=100, noun="rows"), description="rows rejected, of those read: a share, a number, or both; above it the run fails"
    )
    customers_drop_at_most: Customers = Field(
        Limit(share=1000), description="customers of the last run without any row now: a share, a number, or both; above it the run is held"
    )
