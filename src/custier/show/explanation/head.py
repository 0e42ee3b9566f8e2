"""Who, which tier, before and now, since when, by which run."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from custier.show.explanation.parts import condition_parts
from custier.show.grid import named
from custier.show.look import Look, styled
from custier.show.words import edges_in_words, separated
from custier.values import Explanation

CHANGE_STYLES = {"up": "green", "down": "red"}


def head(explanation: Explanation, look: Look) -> RenderableType:
    e, dot = explanation, f" {look.glyph('·')} "
    lines = {"tier": _tier(e)}
    if because := _because(e, look):
        lines["because"] = styled(because)
    lines["change"] = _change(e, look)
    if e.cause:
        lines["cause"] = styled(separated(e.cause) if look.unicode else separated(e.cause).replace("→", look.glyph("→")))
    if e.tier_since:
        lines["since"] = styled(str(e.tier_since))
    lines["as of"] = styled(str(e.as_of))
    lines["rubric"] = Text.assemble(styled(e.rubric), styled(f"{dot}{e.title}" if e.title != e.rubric else "", "dim"))
    lines["run"] = styled(e.run_id)
    if e.previous_run:
        lines["before"] = styled(e.previous_run)
    asked = condition_parts(e.tier_before_rules, e.tier_parts, look)
    who = Text.assemble(("customer ", "dim"), styled(e.customer_id, "bold"), overflow="fold")
    return Group(who, Text(), named(lines.items(), 9), *([Text(), *asked] if asked else []))


def _tier(e: Explanation) -> Text:
    title = f" {e.tier_title}" if e.tier_title and e.tier_title != e.tier else ""
    return Text.assemble(styled(e.tier, "bold"), styled(title))


def _because(e: Explanation, look: Look) -> str:
    """What the tier before the rules asked for, then every step that led from it to the tier of now."""
    arrow, why = look.glyph("→"), edges_in_words(e.tier_condition)
    steps = [f"rule {rule.name} {arrow} {rule.tier_after}" for rule in e.rules if rule.tier_before != rule.tier_after]
    steps += [f"kept {arrow} {e.tier}"] if e.tier != e.earned_tier else []
    return ", then ".join([f"{e.tier_before_rules}{f' ({why})' if why else ''}", *steps]) if steps else why


def _change(e: Explanation, look: Look) -> Text:
    if e.previous_tier is None:
        return Text.assemble((e.change, ""), (", in no run before", "dim"))
    if e.previous_tier == e.tier:
        said = "" if e.change == "same" else f" ({e.change})"
        return Text.assemble(styled(e.tier), (f" before and now{said}", "dim"))
    change = styled(e.change, CHANGE_STYLES.get(e.change, ""))
    return Text.assemble(styled(e.previous_tier), f" {look.glyph('→')} ", styled(e.tier), " (", change, ")")
