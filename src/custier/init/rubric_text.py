"""The rubric that `custier init` writes: what differs from the one it starts from, each line with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import east_asian_width

from custier.init.yaml_text import on_one_line
from custier.lang import Lang, told
from custier.propose.mapping import Why
from custier.propose.rows import undone_rows
from custier.propose.source import Proposal
from custier.show.safe import safe
from custier.values import TierCount

SCHEMA = """# yaml-language-server: $schema=custier.schema.json
"""
ASKED = ("when", "score", "top", "next", "cumulative_share", "share_of_total", "by", "within")
REASONS_FROM = 44


@dataclass(frozen=True)
class Draft:
    """What a rubric starts with. base_title: of the rubric it extends; currency: its code, and why."""

    name: str
    extends: str
    why: Why
    base_title: dict[str, str]
    proposals: Sequence[Proposal]
    currency: tuple[str, Why]
    decimals: int
    asked: Sequence[dict[str, Any]]  # the tiers of the rubric it extends
    lang: Lang


def rubric_text(draft: Draft, tiers: Sequence[TierCount] | None = None) -> str:
    """The file; with how many customers each tier has, once that was tried."""
    return SCHEMA + "\n".join(_lines(draft, tiers)) + "\n"


def _lines(draft: Draft, tiers: Sequence[TierCount] | None) -> Iterator[str]:
    said = draft.lang
    for proposal in draft.proposals:
        for export in proposal.opened.exports:
            yield f"# {told(said, FILE, file=_in_comment(export.file.name), rows=export.file.rows, source=proposal.source)}"
    yield ""
    yield f"rubric: {draft.name}"
    yield _with(f"extends: {on_one_line(draft.extends)}", _told(draft.why, said))
    yield "version: 1"
    yield f"title: {on_one_line(draft.base_title)}"
    yield _with(f"currency: {on_one_line(draft.currency[0])}", _told(draft.currency[1], said))
    if draft.decimals != 2:
        yield _with(f"currency_decimals: {draft.decimals}", told(said, DECIMALS, decimals=draft.decimals))
    yield ""
    yield "sources:"
    for proposal in draft.proposals:
        yield f"  {proposal.source}:"
        for key in proposal.keys:
            yield _with(f"    {key.name}: {on_one_line(key.value)}", _told(key.why, said))
        for header, texts in proposal.undone.items():
            yield f"    # {_in_comment(_told(undone_rows(header, texts), said))}"
        for choice in proposal.choices:
            yield _with(f"    {choice.column}: {on_one_line(choice.value)}", _told(choice.why, said))
    if tiers is not None:
        yield ""
        yield from _tier_lines(draft, tiers)


def _tier_lines(draft: Draft, tiers: Sequence[TierCount]) -> Iterator[str]:
    counts = {tier.name: tier for tier in tiers}
    yield f"# {told(draft.lang, TIERS, base=draft.extends)}"
    yield "# tiers:"
    for asked in draft.asked:
        count = counts.get(asked["name"])
        shown = {key: asked[key] for key in ("name", *ASKED) if key in asked}
        line = f"#   - {on_one_line(shown)}"
        yield _with(line, told(draft.lang, TIER, customers=count.customers, share=count.customer_share)) if count else line


def _told(why: Why, lang: Lang) -> str:
    return told(lang, why.text, **why.values)


def _with(line: str, reason: str) -> str:
    cells = sum(2 if east_asian_width(c) in "WF" else 1 for c in line)
    return f"{line}{' ' * (REASONS_FROM - cells)}  # {_in_comment(reason)}"


def _in_comment(text: str) -> str:
    return safe(text)


FILE = "{source} from {file}: {rows:,} rows"
DECIMALS = "the amounts have up to {decimals} decimals"
TIERS = "What each tier asks for, as in {base}, and how many of these customers have it. To change one, take away its # and that of tiers:"
TIER = "{customers:,} of these customers ({share:.1%})"
SAID = (FILE, DECIMALS, TIERS, TIER)
