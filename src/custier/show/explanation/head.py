"""Who, which tier, before and now, since when, by which run."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from custier.show.explanation.parts import condition_parts
from custier.show.grid import named
from custier.show.look import Look, styled
from custier.show.words import edges_in_words, separated
from custier.values import Explanation, RankLine, RuleLine

MOST_IDS = 8
CHANGE_STYLES = {"up": "green", "down": "red"}


def head(explanation: Explanation, look: Look) -> RenderableType:
    e, dot = explanation, f" {look.glyph('·')} "
    lines = {look.told("tier"): _tier(e, look)}
    if because := _because(e, look):
        lines[look.told("because")] = styled(because)
    if e.ranks:
        lines[look.told("rank")] = styled("; ".join(_rank(line, look) for line in e.ranks))
    lines[look.told("change")] = _change(e, look)
    if e.cause:
        lines[look.told("cause")] = styled(_cause(e, look))
    if e.tier_since:
        until = look.told(", valid until {day}", day=e.valid_until) if e.valid_until else ""
        lines[look.told("since")] = Text.assemble(str(e.tier_since), (until, "dim"))
    if e.merged:
        shown = ", ".join(e.merged[:MOST_IDS])
        more = len(e.merged) - MOST_IDS
        lines[look.told("merged")] = styled(shown if more <= 0 else look.told("{ids} and {more} more", ids=shown, more=more))
    if e.rejected_rows:
        said = "{rows} of this customer were rejected and count for nothing: rejected.csv"
        lines[look.told("partial")] = styled(look.told(said, rows=look.counted(e.rejected_rows, "row")), "yellow")
    lines[look.told("as of")] = styled(str(e.as_of))
    lines[look.told("rubric")] = Text.assemble(styled(e.rubric), styled(f"{dot}{e.title}" if e.title != e.rubric else "", "dim"))
    lines[look.told("run")] = styled(e.run_id)
    if e.previous_run:
        lines[look.told("before")] = styled(e.previous_run)
    asked = condition_parts(e.tier_before_rules, e.tier_parts, look)
    who = Text.assemble((look.told("customer "), "dim"), styled(e.customer_id, "bold"), overflow="fold")
    if e.asked_for is not None:
        who.append(look.told("  into which {id} was merged", id=e.asked_for), "yellow")
    return Group(who, Text(), named(lines.items(), 9), *([Text(), *asked] if asked else []))


def _kept(e: Explanation, look: Look) -> str:
    said = look.told("kept {arrow} {tier}", arrow=look.glyph("→"), tier=e.tier)
    return f"{said} ({look.sentence(e.retained)})" if e.retained else said


def _cause(e: Explanation, look: Look) -> str:
    cause = e.cause
    for rule in e.rules:
        if rule.reason and rule.reason_zh:
            cause = cause.replace(f": {rule.reason} {rule.reason_zh})", f": {look.titled(rule.reason, rule.reason_zh)})")
    said = separated("; ".join(look.sentence(part) for part in cause.split("; ")))
    return said if look.unicode else said.replace("→", look.glyph("→"))


def _rank(line: RankLine, look: Look) -> str:
    said = "{rank:,} of {of:,} by {by}" if line.group is None else "{rank:,} of {of:,} by {by} in {group}"
    return look.told(said, rank=line.rank, of=line.of, by=line.by, group=line.group)


def _tier(e: Explanation, look: Look) -> Text:
    title = look.titled(e.tier_title_en, e.tier_title)
    return Text.assemble(styled(e.tier, "bold"), styled(f" {title}" if title and title != e.tier else ""))


def _because(e: Explanation, look: Look) -> str:
    """What the tier before the rules asked for, then every step that led from it to the tier of now."""
    arrow, why = look.glyph("→"), edges_in_words(e.tier_condition, look)
    steps = [
        look.told("rule {name} {arrow} {tier}", name=r.name, arrow=arrow, tier=r.tier_after) + _reason(r, look)
        for r in e.rules
        if r.tier_before != r.tier_after
    ]
    steps += [_kept(e, look)] if e.tier != e.earned_tier else []
    return look.told(", then ").join([f"{e.tier_before_rules}{f' ({why})' if why else ''}", *steps]) if steps else why


def _reason(rule: RuleLine, look: Look) -> str:
    reason = look.titled(rule.reason, rule.reason_zh)
    return f" ({reason})" if reason else ""


def _change(e: Explanation, look: Look) -> Text:
    if e.previous_tier is None:
        return Text.assemble((look.told(e.change), ""), (look.told(", in no run before"), "dim"))
    if e.previous_tier == e.tier:
        said = "" if e.change == "same" else f" ({look.told(e.change)})"
        return Text.assemble(styled(e.tier), (look.told(" before and now") + said, "dim"))
    change = styled(look.told(e.change), CHANGE_STYLES.get(e.change, ""))
    return Text.assemble(styled(e.previous_tier), f" {look.glyph('→')} ", styled(e.tier), " (", change, ")")
