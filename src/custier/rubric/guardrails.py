"""What must not happen unseen: the limits of a run."""

from __future__ import annotations

from pydantic import Field

from custier.rubric.scalars import Share, Strict


class Guardrails(Strict):
    """What must not happen unseen between two runs."""

    moved_at_most: Share = Field(2000, description="share of customers of both runs whose tier changed; above it the run is held")
    rejected_at_most: Share = Field(100, description="share of rows rejected; above it the run fails")
    customers_drop_at_most: Share = Field(
        1000, description="share of the last run's customers without any row now; above it the run is held"
    )
