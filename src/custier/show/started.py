"""What `custier init` found in the files, what it wrote, and the commands that come next."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from custier.init import Started
from custier.init.yaml_text import on_one_line
from custier.propose.mapping import Why
from custier.propose.rows import undone_rows
from custier.propose.source import Proposal
from custier.show.grid import Column, Row, grid, section
from custier.show.look import Look, render, styled, unbroken
from custier.show.safe import safe
from custier.show.summary.tiers import tiers

MOST_WORDS = 60


def started_text(started: Started, look: Look) -> str:
    """The page; commands stand on lines of their own that are never broken."""
    head = Text.assemble(
        styled(str(started.path), "bold"), look.told(": written, from {like}: {why}", like=started.like, why=why(started.why, look))
    )
    found = [_found(proposal, look) for proposal in started.proposals]
    found += [_money(started, look)] if any(c.column == "amount" for p in started.proposals for c in p.choices) else []
    graded = [part for part in (tiers(started.trial, look),) if part]
    return render(Group(head, *found, *graded, *_advice(started, look)), look) + render(
        Group(*_undone(started, look), _next(started, look)), unbroken(look)
    )


def why(reason: Why, look: Look) -> str:
    return look.told(reason.text, **reason.values)


def _found(proposal: Proposal, look: Look) -> RenderableType:
    file = proposal.opened.exports[0].file
    files = (
        file.name
        if len(proposal.opened.exports) == 1
        else look.told("{file} and {more} more", file=file.name, more=len(proposal.opened.exports) - 1)
    )
    written = ", ".join(word for word in (file.encoding, _separator(file.separator)) if word)
    heading = look.told("{source} from {files}, {rows:,} rows", source=proposal.source, files=files, rows=proposal.opened.rows)
    return section(safe(heading + (f" ({written})" if written else "")), grid(COLUMNS, list(_rows(proposal, look)), look))


def _money(started: Started, look: Look) -> RenderableType:
    """The currency, which an export seldom says itself."""
    code, reason = started.currency
    return grid(COLUMNS, [[styled("currency", "bold"), styled(code), styled(why(reason, look), "dim")]], look)


COLUMNS = [Column(""), Column("", folds=True), Column("", folds=True)]


def _rows(proposal: Proposal, look: Look) -> Iterator[Row]:
    for choice in proposal.choices:
        value = choice.value
        yield [
            styled(choice.column, "bold"),
            styled(value if isinstance(value, str) else on_one_line(value)),
            styled(why(choice.why, look), "dim"),
        ]
    for key in proposal.keys:
        yield [styled(key.name, "bold"), styled(on_one_line(key.value)), styled(why(key.why, look), "dim")]


def _separator(separator: str | None) -> str:
    return {"\t": "tab", None: ""}.get(separator, separator or "")


def _undone(started: Started, look: Look) -> list[RenderableType]:
    found = [why(undone_rows(header, texts), look) for p in started.proposals for header, texts in p.undone.items()]
    return [Text(), *(styled(line, "yellow") for line in found)] if found else []


def _advice(started: Started, look: Look) -> list[RenderableType]:
    shares = {tier.name: tier.customer_share for tier in started.trial.tiers}
    empty = [name for name, share in shares.items() if share == 0]
    if not empty:
        return []
    said = "nobody here is in {tiers}: the limits are those of {like}, not of your business; write your own into the file"
    return [Text(), styled(look.told(said, tiers=", ".join(empty), like=started.like), "yellow")]


def _next(started: Started, look: Look) -> RenderableType:
    check, classify = started.steps
    if started.trial.exit_code:
        return Text()
    steps = [("to check the rubric after a change", check), ("to grade, and publish", classify)]
    steps += [("to grade by places instead of amounts, in another file", started.by_places)] if started.by_places else []
    return section(look.told("next"), *(Group(styled(f"{_step(text, look)}:", "dim"), styled(f"  {line}", "cyan")) for text, line in steps))


def _step(text: str, look: Look) -> str:
    match text:
        case "to check the rubric after a change":
            return look.told("to check the rubric after a change")
        case "to grade, and publish":
            return look.told("to grade, and publish")
    return look.told("to grade by places instead of amounts, in another file")
