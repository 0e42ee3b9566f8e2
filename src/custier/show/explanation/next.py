"""What the customer is entitled to, and what is to be done next."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from custier.show.grid import Column, grid, section
from custier.show.look import Look, styled
from custier.values import ActionLine, BenefitLine, Explanation


def benefits(explanation: Explanation, look: Look) -> RenderableType | None:
    """One line per benefit: how often, which lower tier grants it, and what more there is to say."""
    if not explanation.benefits:
        return None
    columns = [Column(look.told("benefit"), folds=True), Column(look.told("how often")), Column("", folds=True), Column("", folds=True)]
    rows = [
        [
            styled(_named(b, look), "bold"),
            styled(look.sentence(b.quota or "")),
            styled(_from(b, look), "dim"),
            styled(_note(b, look), "dim"),
        ]
        for b in explanation.benefits
    ]
    return section(look.told("benefits"), grid(columns, rows, look))


def _named(benefit: BenefitLine, look: Look) -> str:
    title = look.titled(benefit.title, benefit.title_zh)
    return f"{benefit.name} {title}" if title and title != benefit.name else benefit.name


def _note(benefit: BenefitLine, look: Look) -> str:
    return look.titled(benefit.note, benefit.note_zh) or ""


def _from(benefit: BenefitLine, look: Look) -> str:
    return look.told("inherited from {tier}", tier=benefit.inherited_from) if benefit.inherited_from is not None else ""


def actions(explanation: Explanation, look: Look) -> RenderableType | None:
    """One line per action: what, who, until when, and why."""
    if not explanation.actions:
        return None
    columns = [Column(look.told(name), folds=name != "due") for name in ("action", "what to do", "owner", "due", "because")]
    return section(look.told("to do"), grid(columns, [_action(a, look) for a in explanation.actions], look))


def _action(action: ActionLine, look: Look) -> list[Text]:
    said = (look.titled(action.text, action.text_zh) or "", action.owner or "", str(action.due or ""))
    return [styled(action.name, "bold"), *(styled(text) for text in said), styled(action.because, "dim")]
