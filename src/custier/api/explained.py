"""custier.explain_customer: as quick as the command, since it loads no more."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from custier.explain import explain_customer as explained
from custier.values import Explanation


def explain_customer(
    customer_id: str, *, store: str | PathLike[str] = "custier-store", rubric: str | None = None, run: str | None = None, rows: bool = False
) -> Explanation:
    """Why a customer has its tier, from a stored run alone: the current one of the store unless `run` is named.

    rubric: which one, if the store holds several. rows: also the rows behind it. Gives what `custier explain ID --json` prints, as an
    object. Raises CustierError: NotFoundError with near ids, StoreError.
    """
    return explained(Path(store), customer_id, rubric=rubric, run=run, rows=rows)
