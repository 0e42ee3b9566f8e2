"""What went wrong in a page of a mail: a line per problem, one cure per kind, and what to do, in 25 lines at most."""

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
    lines = [line for kind in shown for line in _lines(kind)]
    lines += [f"and {more:,} more; the same command without --quiet shows more of them"] if more else []
    codes = list(dict.fromkeys(p.code for p in error.problems))[:_MOST_CODES]
    last = (counted("en", len(error.problems), "error") + ".", error.state, f"(exit {error.exit_code})")
    lines += ["", f"more: {', '.join(f'custier help {code}' for code in codes)}", " ".join(part for part in last if part)]
    return "".join(f"{safe(line)}\n" for line in lines)


def _fitting(kinds: Sequence[Sequence[Problem]]) -> list[Sequence[Problem]]:
    """So many of every kind that all kinds fit; of more kinds than fit, the first."""
    for most in range(_ROOM, 0, -1):
        shown = [kind[:most] for kind in kinds]
        if sum(len(_lines(kind)) for kind in shown) <= _ROOM:
            return shown
    return [kind[:1] for kind in kinds[: _ROOM // 2]]


def _lines(kind: Sequence[Problem]) -> list[str]:
    cure = [f"help: {kind[0].help}"] if kind[0].help else []
    return [f"{f'{p.where}: ' if p.where else ''}error[{p.code}]: {p.what}" for p in kind] + cure
