"""What went wrong in a page of a mail: a line per problem, each cure once, and what to do, in 25 lines at most."""

from __future__ import annotations

from collections.abc import Sequence

from custier.errors import CustierError, Problem
from custier.lang import counted
from custier.show.safe import safe

MOST_LINES = 25
_BELOW = 4
"""What stands under the problems: how many more, an empty line, where to read on, the last line."""
_ROOM = MOST_LINES - _BELOW
_MOST_CODES = 5


def brief_text(error: CustierError) -> str:
    """The problems by kind, as many of each as there is room for; the last line says the state and the exit code."""
    kinds: dict[tuple[str, str], list[Problem]] = {}
    for problem in error.problems:
        kinds.setdefault((problem.code, problem.help), []).append(problem)
    shown = _fitting(list(kinds.values()))
    more = len(error.problems) - sum(len(kind) for kind in shown)
    lines = _told(shown)
    lines += [f"and {more:,} more; the same command without --quiet shows more of them"] if more else []
    codes = list(dict.fromkeys(p.code for p in error.problems))[:_MOST_CODES]
    last = (counted("en", len(error.problems), "error") + ".", error.state, f"(exit {error.exit_code})")
    lines += ["", f"more: {', '.join(f'custier help {code}' for code in codes)}", " ".join(part for part in last if part)]
    return "".join(f"{safe(line)}\n" for line in lines)


def _fitting(kinds: Sequence[Sequence[Problem]]) -> list[Sequence[Problem]]:
    """So many of every kind that all kinds fit; of more kinds than fit, the first."""
    for most in range(_ROOM, 0, -1):
        shown = [kind[:most] for kind in kinds]
        if len(_told(shown)) <= _ROOM:
            return shown
    return [kind[:1] for kind in kinds[: _ROOM // 2]]


def _told(kinds: Sequence[Sequence[Problem]]) -> list[str]:
    """A line per problem; a cure that several kinds in a row have, such as guardrails that hold one run, once below them."""
    cures = [kind[0].help for kind in kinds]
    return [
        line
        for kind, cure, below in zip(kinds, cures, [*cures[1:], ""], strict=True)
        for line in (*map(_line, kind), *([f"help: {cure}"] if cure and cure != below else []))
    ]


def _line(problem: Problem) -> str:
    return f"{f'{problem.where}: ' if problem.where else ''}error[{problem.code}]: {problem.what}"
