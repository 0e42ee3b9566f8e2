"""What the customer is entitled to, and what is to be done next."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from custier.show.grid import Column, grid, section
from custier.show.look import Look, styled
from custier.show.words import both
from custier.values import ActionLine, BenefitLine, Explanation


def benefits(explanation: Explanation, look: Look) -> RenderableType | None:
    """One line per benefit: how often, which lower tier grants it, and what more there is to say."""
    if not explanation.benefits:
        return None
    columns = [Column("benefit", folds=True), Column("how often"), Column("", folds=True), Column("", folds=True)]
    rows = [
        [styled(_named(b), "bold"), styled(b.quota or ""), styled(_from(b), "dim"), styled(both(b.note, b.note_zh), "dim")]
        for b in explanation.benefits
    ]
    return section("benefits", grid(columns, rows, look))


def _named(benefit: BenefitLine) -> str:
    title = benefit.title if benefit.title != benefit.name else None
    return " ".join(text for text in (benefit.name, both(title, benefit.title_zh)) if text)


def _from(benefit: BenefitLine) -> str:
    return f"inherited from {benefit.inherited_from}" if benefit.inherited_from is not None else ""


def actions(explanation: Explanation, look: Look) -> RenderableType | None:
    """One line per action: what, who, until when, and why."""
    if not explanation.actions:
        return None
    columns = [Column(name, folds=name != "due") for name in ("action", "what", "owner", "due", "because")]
    return section("to do", grid(columns, [_action(a) for a in explanation.actions], look))


def _action(action: ActionLine) -> list[Text]:
    said = (both(action.text, action.text_zh), action.owner or "", str(action.due or ""))
    return [styled(action.name, "bold"), *(styled(text) for text in said), styled(action.because, "dim")]
