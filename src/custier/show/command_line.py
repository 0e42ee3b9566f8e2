"""The lines that a person can type next, quoted for any shell."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Sequence
from pathlib import Path

from custier.values import Summary

DEFAULT_STORE = Path("custier-store")


def publish_command(summary: Summary) -> str:
    """The exact line that publishes this run as it is."""
    return command("publish", summary.run_id, "--reason", "why it is right", *options(summary))


def options(summary: Summary) -> list[str]:
    """The options that name this run's rubric and, where it is not the usual one, its store."""
    parents = Path(summary.directory).parents if summary.directory else []
    store = parents[2] if len(parents) > 2 else DEFAULT_STORE
    usual = store in (DEFAULT_STORE, Path.cwd() / DEFAULT_STORE)
    return ["--rubric", summary.rubric, *([] if usual else ["--store", str(store)])]


def said_anew(words: Sequence[str], *said: str) -> str:
    """A command line with options as given here (`--like`, `pyramid`, …), in place of what it says of them already."""
    options = {said[n] for n in range(0, len(said), 2) if said[n] != "--set"}
    return command(*without(words, options), *said)


def without(words: Sequence[str], options: Collection[str]) -> list[str]:
    """A command line without options that take a value, however they are written."""
    kept: list[str] = []
    is_value = False
    for word in words:
        drop, is_value = is_value or word in options, word in options and not is_value
        if not drop and word.partition("=")[0] not in options:
            kept.append(word)
    return kept


def command(*words: str) -> str:
    """A line for a shell: double quotes where they do, so that it works in every shell."""
    return " ".join(["custier", *(f'"{w}"' if re.fullmatch(r"[\w./-]+( [\w./-]+)+", w) else shlex.quote(w) for w in words)])
