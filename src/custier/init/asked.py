"""What `custier init` is asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from custier.lang import Lang
from custier.propose.mapping import Why
from custier.propose.questions import Looked
from custier.propose.source import Proposal
from custier.values import Summary


@dataclass(frozen=True)
class Asked:
    """The command line of `init`, as values."""

    looked: Looked
    now: datetime
    like: str | None = None
    out: Path | None = None
    force: bool = False
    currency: str | None = None
    lang: Lang = "en"


@dataclass(frozen=True)
class Started:
    """What was found and written. currency: its code, and
    why; trial: how the new rubric grades the same files; by_places: the command that grades by places instead,
    where amounts leave tiers empty; steps: the commands that come next.
    """

    path: Path
    name: str
    like: str
    why: Why
    proposals: tuple[Proposal, ...]
    currency: tuple[str, Why]
    trial: Summary
    by_places: str | None
    steps: tuple[str, ...]
