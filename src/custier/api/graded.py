"""What a grading without a store gives back, and how it is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from custier.errors import DataError
from custier.pipeline import is_failed
from custier.pipeline.keep import Run
from custier.pipeline.tell import summarise_failed, warnings_of
from custier.pipeline.ties import tie_warnings
from custier.show.verdict import verdict
from custier.values import Cut


@dataclass(frozen=True)
class Graded:
    """labels: a frame of the kind that came in; warnings: what is no error and must not be overlooked."""

    labels: Any
    warnings: list[str]


def refuse_failed(run: Run) -> None:
    """DataError (CT3302, CT4101) when the rows of a run failed its checks."""
    if is_failed(run) and (found := verdict(summarise_failed(run))):
        raise DataError(found.problems, state="Nobody was graded; on_rejected is given the rejected cells.")


def warned(run: Run, on_rejected: Callable[[Any], object] | None, cuts: Sequence[Cut]) -> Iterator[str]:
    """The warnings of a run, with the rows that it rejected where nobody asked to see them."""
    yield from (*run.gathered.warnings, *warnings_of(run), *tie_warnings(cuts))
    for account in run.accounts if on_rejected is None else ():
        if account.rejected:
            rejected = f"{'was' if account.rejected == 1 else 'were'} rejected"
            yield f"{account.rejected} of {account.read} rows of {account.source} {rejected}; on_rejected is given their cells"
