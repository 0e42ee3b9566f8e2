"""Who, which tier, before and now, since when, by which run."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from custier.show.look import Look, styled
from custier.show.words import edges_in_words
from custier.values import Explanation

CHANGE_STYLES = {"up": "green", "down": "red"}


def head(explanation: Explanation, look: Look) -> RenderableType:
    e, dot = explanation, f" {look.glyph('·')} "
    lines = {"tier": _tier(e), "change": _change(e, look)}
    if e.cause:
        lines["cause"] = styled(e.cause)
    if e.tier_since:
        lines["since"] = styled(str(e.tier_since))
    lines["as of"] = styled(str(e.as_of))
    lines["rubric"] = Text.assemble(styled(e.rubric), styled(f"{dot}{e.title}" if e.title != e.rubric else "", "dim"))
    lines["run"] = styled(e.run_id)
    if e.previous_run:
        lines["before"] = styled(e.previous_run)
    named = (Text.assemble((f"{name:<8}", "dim"), text) for name, text in lines.items())
    return Group(Text.assemble(("customer ", "dim"), styled(e.customer_id, "bold"), overflow="fold"), Text(), *named)


def _tier(e: Explanation) -> Text:
    title = f" {e.tier_title}" if e.tier_title and e.tier_title != e.tier else ""
    why = edges_in_words(e.tier_condition)
    return Text.assemble(styled(e.tier, "bold"), styled(title), ("  because " if why else "", "dim"), styled(why))


def _change(e: Explanation, look: Look) -> Text:
    if e.previous_tier is None:
        return Text.assemble((e.change, ""), (", in no run before", "dim"))
    change = styled(e.change, CHANGE_STYLES.get(e.change, ""))
    return Text.assemble(styled(e.previous_tier), f" {look.glyph('→')} ", styled(e.tier), " (", change, ")")
