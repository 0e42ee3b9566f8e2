"""The guardrails as they were checked, and what a person should know besides."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from custier.show.counts import counts_of
from custier.show.grid import Column, Row, grid, section
from custier.show.look import Look, styled
from custier.values import Guard, Summary

ALWAYS = ("moved_at_most", "customers_drop_at_most", "rejected_at_most", "usable_rows", "not_older_than_current")
WAIVED = {
    "small base": "over, but of too few",
    "first run": "over, in the first run",
    "as before": "over, as before",
}


def guards(summary: Summary, look: Look) -> RenderableType | None:
    """Each guardrail: what was observed, the limit, whether it holds the run, and what is behind it."""
    if not summary.guards:
        return None
    columns = [
        Column(look.told("guardrail"), folds=True),
        Column(""),
        Column(look.told("observed"), right=True),
        Column(look.told("limit"), right=True),
        Column("", right=True),
    ]
    shown = [guard for guard in summary.guards if _is_telling(guard)]
    return section(
        look.told("guardrails"),
        grid(columns, [_guard(guard, summary, look) for guard in shown], look),
        *_behind(summary, len(summary.guards) - len(shown), look),
    )


def _is_telling(guard: Guard) -> bool:
    """Those that say something, and the three that everybody looks for."""
    return guard.held or guard.near or bool(guard.waived) or guard.limit == "off" or guard.name.partition(" of ")[0] in ALWAYS


def _guard(guard: Guard, summary: Summary, look: Look) -> Row:
    observed, counts = look.sentence(guard.observed), look.sentence(counts_of(guard, summary.currency_decimals))
    return [styled(guard.name), _verdict(guard, look), styled(observed), styled(look.sentence(guard.limit)), styled(counts, "dim")]


def _verdict(guard: Guard, look: Look) -> Text:
    if guard.held:
        return styled(look.told("over the limit"), "bold yellow")
    if guard.waived:
        return styled(look.told(WAIVED[guard.waived]), "yellow")
    if guard.limit == "off":
        return styled(look.told("off"), "dim")
    return styled(look.told("near the limit"), "yellow") if guard.near else styled(look.told("ok"), "green")


def _behind(summary: Summary, more: int, look: Look) -> Iterator[Text]:
    """How many more there are; the causes, each once; and why a first run has so few checks."""
    if more:
        yield styled(look.told("and {count} more within their limits", count=more), "dim")
    for cause in dict.fromkeys(guard.cause for guard in summary.guards if guard.cause and (guard.held or guard.waived)):
        yield styled(look.warned(cause), "yellow")
    if summary.previous is None and summary.tiers:
        yield styled(look.told("there is no run before this one, so nothing was compared with the last"), "dim")


def warnings(summary: Summary, look: Look) -> RenderableType | None:
    """Each warning as one paragraph."""
    if not summary.warnings:
        return None
    return section(
        look.told("warnings"),
        *(Text.assemble((look.told("warning: "), "yellow"), styled(look.warned(warning))) for warning in summary.warnings),
    )
