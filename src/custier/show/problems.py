"""What went wrong, as a person reads it: code, sentence, place, cure, and the state things are in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.cells import cell_len
from rich.console import Group
from rich.text import Text

from custier.errors import CustierError, HeldError, Problem, RubricError
from custier.lang import counted
from custier.show.look import Look, render, styled, unbroken
from custier.show.safe import safe

EXAMPLES = 5
_MOST_BYTES = 256 * 1024


def problems_text(error: CustierError, look: Look) -> str:
    """Every problem of a rubric by line, of anything else grouped by code; the last line says the state and the exit code."""
    blocks = _in_order(error) if isinstance(error, RubricError) else _grouped(error)
    return render(Group(*blocks, _more(error), Text(), _last_line(error)), unbroken(look))


def warnings_text(warnings: Sequence[Problem], look: Look) -> str:
    """Each warning about a rubric with its place and its cure."""
    blocks = [Text("\n").join([*_head(w, "warning", "bold yellow"), *_source_lines(w), *_help(w)]).append("\n") for w in warnings]
    return render(Group(*blocks), unbroken(look)) if blocks else ""


def _in_order(error: CustierError) -> Iterator[Text]:
    for problem in error.problems:
        yield Text("\n").join([*_head(problem), *_source_lines(problem), *_help(problem)]).append("\n")


def _grouped(error: CustierError) -> Iterator[Text]:
    groups = [[p for p in error.problems if p.code == code] for code in dict.fromkeys(p.code for p in error.problems)]
    for group, below in zip(groups, [*groups[1:], []], strict=True):
        shown = group[:EXAMPLES]
        cures = {p.help for p in group}
        one_cure, told_below = len(cures) == 1, cures == {p.help for p in below}
        lines = [line for p in shown for line in (*_head(p), *(() if one_cure else _help(p)))]
        if len(group) > len(shown):
            lines.append(styled(f"  and {len(group) - len(shown):,} more of this kind", "dim"))
        close = isinstance(error, HeldError) and told_below  # where one thing went wrong many guardrails hold, so no empty lines
        yield Text("\n").join([*lines, *(_help(shown[0]) if one_cure and not told_below else ())]).append("" if close else "\n")


def _head(problem: Problem, kind: str = "error", style: str = "bold red") -> list[Text]:
    head = Text.assemble((f"{kind}[{safe(problem.code)}]", style), ": ", styled(problem.what, "bold"))
    return [head, *([Text.assemble(("  --> ", "dim"), styled(problem.where))] if problem.where else [])]


def _help(problem: Problem) -> list[Text]:
    return [Text.assemble(("help: ", "cyan"), styled(problem.help))] if problem.help else []


def _more(error: CustierError) -> Text:
    codes = dict.fromkeys(p.code for p in error.problems)
    return Text.assemble(("more: ", "dim"), styled(", ".join(f"custier help {code}" for code in codes), "dim"))


def _last_line(error: CustierError) -> Text:
    parts = (counted("en", len(error.problems), "error") + ".", error.state, f"(exit {error.exit_code})")
    return styled(" ".join(part for part in parts if part))


def _source_lines(problem: Problem) -> list[Text]:
    """The line of the rubric that the problem points at, the one before it, and a caret under the word."""
    found = re.fullmatch(r"(.+):(\d+):(\d+)", problem.where)
    lines = _lines(found[1]) if found else []
    line, column = (int(found[2]), int(found[3])) if found else (0, 0)
    if not 0 < line <= len(lines) or not 0 < column <= len(lines[line - 1]) + 1:
        return []
    gutter = len(str(line))
    before = [line - 1] if line > 1 and lines[line - 2].strip() else []
    quoted = [Text.assemble((f" {n:>{gutter}} | ", "dim"), styled(lines[n - 1])) for n in (*before, line)]
    word = re.match(r"[^\s:,{}\[\]]*", lines[line - 1][column - 1 :])
    under = " " * cell_len(safe(lines[line - 1][: column - 1])) + "^" * max(1, cell_len(safe(word[0] if word else "")))
    empty = Text(f" {'':>{gutter}} |", style="dim")
    return [empty, *quoted, Text.assemble(empty, " ", (under, "red"))]


def _lines(file: str) -> list[str]:
    path = Path(file)
    try:
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return []
        return [line.replace("\t", " ") for line in path.read_text(encoding="utf-8-sig").splitlines()]
    except (OSError, ValueError):
        return []
