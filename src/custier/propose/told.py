"""What a user says of files, and what that means for their headers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from custier.errors import Problem, UsageError, listed, nearest
from custier.propose.mapping import Choice, Why
from custier.propose.seen import Seen
from custier.rubric.columns import fold
from custier.rubric.model import Source
from custier.rubric.refused import sentence

AS_TOLD = Why("as told")
COLUMN_KEYS = ("format", "numbers")
MADE_BY_FORMULA = "*/+-("


@dataclass(frozen=True)
class Key:
    """A key of the source beside its columns, and why it is there."""

    name: str
    value: Any
    why: Why = AS_TOLD


@dataclass(frozen=True)
class Told:
    """What is known of a source. columns: canonical column → header, two headers with a comma between them, or a formula; keys: of the
    source, such as `where`, or `header_line` where titles were found above the header.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    date_format: str | None = None
    decimal: str | None = None
    keys: tuple[Key, ...] = ()

    @property
    def opening(self) -> Source:
        """The source as far as it says how its files are written."""
        return source_of({key.name: key.value for key in self.keys})


def source_of(said: Mapping[str, Any]) -> Source:
    """The source of a rubric that says so; raises UsageError (CT12xx) as `rubric check` would, at the option that says it."""
    try:
        return Source.model_validate(said)
    except ValidationError as error:
        raise UsageError([_refused(details) for details in error.errors(include_url=False)]) from None


def _refused(details: ErrorDetails) -> Problem:
    place = (details["loc"][0], *(part for part in details["loc"][1:] if part in COLUMN_KEYS))
    code, what, cure = sentence(details, place)
    name = str(place[-1])
    flag = {"format": "--date-format", "numbers": "--decimal"}.get(name, f"--{name.replace('_', '-')}")
    return Problem(code, what, flag, cure)


def as_told(column: str, said: str, columns: Sequence[Seen]) -> Choice:
    """The choice that the user made; raises UsageError (CT1900) for a header that there is not."""
    if header := _header(said, columns):
        return Choice(column, AS_TOLD, (header,))
    headers = [_header(part, columns) for part in said.split(",")]
    if column == "customer" and all(headers):
        return Choice(column, AS_TOLD, tuple(h for h in headers if h))
    if column != "customer" and any(sign in said for sign in MADE_BY_FORMULA):
        return Choice(column, AS_TOLD, formula=said)
    near = nearest(said, [c.header for c in columns])
    cure = f"the nearest is `{near}`" if near else f"the headers are {listed([c.header for c in columns], 20)}"
    raise UsageError(Problem("CT1900", f"no file has the header `{said}`", f"--{column}", cure))


def _header(said: str, columns: Sequence[Seen]) -> str | None:
    exact = (c.header for c in columns if c.header == said.strip())
    return next(exact, None) or next((c.header for c in columns if fold(c.header) == fold(said)), None)
