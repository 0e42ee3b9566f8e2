"""Makes docs/cli.md: what every command says of itself. Run: python tools/make_cli_docs.py"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "cli.md"
COMMANDS = [
    "", "init", "profile", "classify", "explain", "runs", "show", "publish", "rollback", "copy", "verify", "prune",
    "rubric", "rubric list", "rubric show", "rubric check", "rubric diff", "rubric schema", "export", "export sql", "demo", "help",
]  # fmt: skip
HEAD = """# The command line

What was asked for goes to stdout, talk and errors to stderr. With `--json` stdout is one JSON object, also on failure: then `ok` is
false and `error` holds `code`, `exit`, `message`, `state` and all `problems`. The colours follow `NO_COLOR` and `TERM`, the width
follows `COLUMNS`.

| exit | meaning | published? |
|---|---|---|
| 0 | done; also: this very run is already current | yes, or no change |
| 1 | the data failed its checks | no |
| 2 | the command line or the rubric is wrong; nothing was read or written | no |
| 3 | held: the run is complete, a guardrail refused to publish it | no |
| 4 | an input is missing, unreadable, cut short, lacks a column, or exceeds a limit | no |
| 5 | busy: another run holds the store: try again; or what it compared with is no longer current: classify again | no |
| 6 | the output cannot be written: disk full, no permission; try again after mending it | no, unless the last line says so |
| 7 | a stored file does not match its checksum, or is from a newer custier | no |
| 8 | there is no such customer, run or store | no |
| 70 | a bug in custier | no |
| 129, 130, 143 | hung up, interrupted, terminated | no |

Every error names a code: `custier help CODE` prints its page, offline.
"""


def page() -> str:
    """The whole page."""
    return HEAD + "".join(_sections())


def _sections() -> Iterator[str]:
    for command in COMMANDS:
        name = f"custier {command}".strip()
        yield f"\n## {name}\n\n```text\n{_help_of(command.split())}```\n"


def _help_of(words: list[str]) -> str:
    line = [sys.executable, "-m", "custier", *words, "--help"]
    env = {**os.environ, "COLUMNS": "100", "PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(PAGE.parents[1] / "src")}
    said = subprocess.run(line, env=env, capture_output=True, encoding="utf-8", check=True).stdout
    return "".join(f"{text.rstrip()}\n" for text in said.strip("\n").splitlines())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
