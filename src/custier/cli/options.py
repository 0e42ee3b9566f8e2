"""The options that several commands share, and how their words become values."""

from __future__ import annotations

import os
import shlex
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from custier.errors import Problem, UsageError
from custier.given import day_of
from custier.given import one_of as one_of
from custier.given import usage as usage
from custier.lang import LANGUAGES
from custier.lang import Lang as Language

if TYPE_CHECKING:
    from custier.pseudonyms import Key

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

Pseudonymise = Annotated[bool, typer.Option("--pseudonymise", help="in --out call customers by other names; needs --key-file")]
KeyFile = Annotated[
    Path | None, typer.Option("--key-file", metavar="FILE", help="the key of those names: 32 bytes or more, readable by you alone")
]


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


def pseudonym_key(pseudonymise: bool, key_file: Path | None, out: Path | None) -> Key | None:
    """The key for pseudonyms, if they are asked for; raises UsageError."""
    from custier.pseudonyms import MAKE_ONE, read_key

    if not pseudonymise:
        if key_file is not None:
            raise UsageError(Problem("CT1961", "a key is named and pseudonyms are not asked for", "--key-file", "add --pseudonymise"))
        return None
    if key_file is None:
        raise UsageError(Problem("CT1961", "pseudonyms need a key, since anybody can try out ids without one", "--key-file", MAKE_ONE))
    if out is None:
        cure = "add --out DIR, or use the store, which is private to you"
        raise UsageError(Problem("CT1961", "pseudonyms are for copies, and none are asked for", "--out", cure))
    return read_key(key_file)
