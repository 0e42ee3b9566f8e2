"""The options that several commands share, and how their words become values."""

from __future__ import annotations

import os
import shlex
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from custier.given import day_of
from custier.given import one_of as one_of
from custier.given import usage as usage
from custier.lang import LANGUAGES
from custier.lang import Lang as Language

DEFAULT_STORE = Path("custier-store")

Store = Annotated[Path, typer.Option("--store", metavar="DIR", help="where runs are kept")]
RubricName = Annotated[
    str | None, typer.Option("--rubric", metavar="NAME", help="which rubric, if the store holds several", show_default=False)
]
Run = Annotated[str, typer.Argument(metavar="RUN", help="a run id, or the start of one", show_default=False)]
Lang = Annotated[
    str | None,
    typer.Option("--lang", metavar="en|zh", help="of pages and of headings in --out; else $CUSTIER_LANG, else en", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="print one JSON object")]


def language(word: str | None) -> Language:
    """`zh` as a language; raises UsageError."""
    where = "--lang" if word is not None else "CUSTIER_LANG"
    asked = one_of(word or os.environ.get("CUSTIER_LANG") or "en", LANGUAGES, where)
    return next(lang for lang in LANGUAGES if lang == asked)


def day(text: str | None) -> date | None:
    """`2025-12-31` as a date; raises UsageError."""
    return None if text is None else day_of(text, "--as-of")


def named_paths(pairs: list[str]) -> tuple[tuple[str, str], ...]:
    """`invoices=june.csv` as (invoices, june.csv); raises UsageError."""
    split = [pair.partition("=") for pair in pairs]
    wrong = [pair for pair, (name, _, path) in zip(pairs, split, strict=True) if not name or not path]
    if wrong:
        raise usage(f"`{wrong[0]}` is not a name and a path", "--source", "write it as invoices=june.csv")
    return tuple((name, path) for name, _, path in split)


def whole_number(text: str, option: str, at_most: int = 1_000_000) -> int:
    """`300` as a number; raises UsageError."""
    if not text.isascii() or not text.isdigit() or int(text[:9]) > at_most:
        raise usage(f"`{text}` is not a whole number of at most {at_most:,}", option, f"write it as {option} 60")
    return int(text[:9])


def words_of(text: str, known: tuple[str, ...], option: str) -> tuple[str, ...]:
    """`csv,parquet` as its words, each a known one; raises UsageError."""
    words = tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
    for word in words:
        one_of(word, known, option)
    return words or known


def as_typed(args: tuple[str, ...]) -> str:
    """The command line as one line of text, whatever bytes it had."""
    return shlex.join(["custier", *args]).encode("utf-8", "backslashreplace").decode()
