"""One run on one page: who is in which tier, what moved, what was read, what to do next."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Group, RenderableType

from custier.show.look import Look, render, unbroken
from custier.show.summary.actions import actions
from custier.show.summary.checks import guards, warnings
from custier.show.summary.cuts import cuts
from custier.show.summary.head import head
from custier.show.summary.movement import changes
from custier.show.summary.next import next_step, where
from custier.show.summary.quantiles import quantiles
from custier.show.summary.rows import accounts, files, rejected
from custier.show.summary.rules import rules
from custier.show.summary.tiers import tiers
from custier.values import Summary

Section = Callable[[Summary, Look], RenderableType | None]

SECTIONS: tuple[Section, ...] = (head, tiers, cuts, quantiles, rules, changes, actions, accounts, files, rejected, guards, warnings)
UNBROKEN: tuple[Section, ...] = (where, next_step)


def summary_text(summary: Summary, look: Look) -> str:
    """The page; a section that has nothing to say is left out."""
    return _parts(SECTIONS, summary, look) + _parts(UNBROKEN, summary, unbroken(look))


def _parts(parts: tuple[Section, ...], summary: Summary, look: Look) -> str:
    return render(Group(*(body for part in parts if (body := part(summary, look)) is not None)), look)
