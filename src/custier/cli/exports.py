"""The options by which `init` and `profile` are told what files hold, and the questions that they ask without them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from custier.cli.options import named_paths, one_of, usage

if TYPE_CHECKING:
    from custier.lang import Lang
    from custier.propose.mapping import Question
    from custier.propose.questions import Looked
    from custier.propose.told import Key

Customer = Annotated[str | None, typer.Option("--customer", metavar="HEADER", help="who bought")]
Date = Annotated[str | None, typer.Option("--date", metavar="HEADER", help="the day of the purchase")]
Amount = Annotated[str | None, typer.Option("--amount", metavar="HEADER|FORMULA", help="what was spent")]
Columns = Annotated[
    list[str] | None, typer.Option("--set", metavar="COLUMN=HEADER", help="any other column, such as invoices.paid=Settled; repeat it")
]
DateFormat = Annotated[str | None, typer.Option("--date-format", metavar="FORMAT", help="how dates are written, such as %d/%m/%Y")]
Decimal = Annotated[str | None, typer.Option("--decimal", metavar="MARK", help="the decimal mark of numbers: . or ,")]
Encoding = Annotated[str | None, typer.Option("--encoding", metavar="NAME", help="of texts, such as cp1252; else found")]
Sheet = Annotated[str | None, typer.Option("--sheet", metavar="NAME", help="of a workbook")]
HeaderLine = Annotated[str | None, typer.Option("--header-line", metavar="N", help="the line of the header; else found")]
Header = Annotated[str | None, typer.Option("--header", metavar="NAMES", help="the columns of a file without a header, with commas")]
NoCustomer = Annotated[
    str | None, typer.Option("--no-customer", metavar="exclude|reject", help="what becomes of rows without a customer, where they are many")
]
Where = Annotated[str | None, typer.Option("--where", metavar="FORMULA", help="which rows count, such as \"Status = 'Completed'\"")]


def looked_into(
    words: tuple[str, ...],
    inputs: Sequence[str],
    sources: Sequence[str],
    columns: Mapping[str, str | None],
    pairs: Sequence[str],
    date_format: str | None,
    decimal: str | None,
    keys: Mapping[str, str | None],
) -> Looked:
    """The files of each source with what is told of it; keys: of the transactions as a source. Raises UsageError."""
    if not inputs and not sources:
        raise usage("no export was given", "EXPORT", f"name the files: custier {words[0]} sales.csv")
    from custier.propose.questions import Looked
    from custier.propose.told import Told

    for name, text in columns.items():
        if text is not None and not text.strip():
            raise usage("an empty text names no column", f"--{name}", f"name a header of the files, or leave --{name} out")
    if date_format is not None and "%z" in date_format:
        cure = "write it in a rubric: date: {column: …, format: …, timezone: Asia/Shanghai}"
        raise usage("which day a zone falls on is not said", "--date-format", cure)
    if decimal is not None:
        one_of(decimal, (".", ","), "--decimal")
    given = {"transactions": tuple(inputs)} if inputs else {}
    for name, path in named_paths(list(sources)):
        given[name] = (*given.get(name, ()), path)
    told = _told(given, {name: text for name, text in columns.items() if text}, pairs)
    first = Told(told.pop("transactions"), date_format, decimal, tuple(_keys(keys)))
    return Looked(given, {"transactions": first, **{name: Told(said) for name, said in told.items()}}, words)


def _keys(said: Mapping[str, str | None]) -> Iterator[Key]:
    """The keys of a source as a rubric would have them; raises UsageError."""
    from custier.propose.told import Key

    for name, text in said.items():
        if text is not None:
            if name == "header_line" and not text.isdecimal():
                raise usage(f"`{text}` is not the number of a line", "--header-line", "write it as 3")
            yield Key(name, int(text) if name == "header_line" else [h.strip() for h in text.split(",")] if name == "header" else text)


def _told(given: Mapping[str, tuple[str, ...]], flags: Mapping[str, str], pairs: Sequence[str]) -> dict[str, dict[str, str]]:
    """Source → canonical column → header, from the options."""
    told: dict[str, dict[str, str]] = {"transactions": dict(flags)} | {name: {} for name in given if name != "transactions"}
    for pair in pairs:
        name, sign, header = pair.partition("=")
        source, dot, column = name.rpartition(".")
        if not sign or not column or not header:
            raise usage(f"`{pair}` is not a column and a header", "--set", "write it as category=Genre, or as invoices.paid=Settled")
        if dot and source not in given:
            raise usage(f"no file was given for the table `{source}`", "--set", f"add --source {source}=FILE")
        told[source or "transactions"][column] = header
    return told


def ask(question: Question, lang: Lang) -> str | None:
    """The answer of whoever sits at the terminal; None where nobody does."""
    if sys.stdin is None or not sys.stdin.isatty():
        return None
    from custier.show.asked import question_text
    from custier.show.out import tell

    tell(question_text(question, lang))
    options = question.options
    try:
        answer = str(typer.prompt(">", default=options[0] if options else None, err=True)).strip()
    except typer.Abort:
        raise KeyboardInterrupt from None
    return options[int(answer) - 1] if answer.isdecimal() and 0 < int(answer) <= len(options) else answer
